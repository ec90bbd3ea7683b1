package capture_test

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/filter"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// Example reads a capture that breaks off, and writes what matters of it with a
// comment.
func Example() {
	f, err := filter.Parse("icmp[icmptype] == icmp-echo")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := capture.NewReader(trouble())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	var out bytes.Buffer
	w := capture.NewWriter(&out, "an example")
	for p, err := range r.All() {
		if errors.Is(err, capture.Cut) {
			fmt.Println(err)
			break
		}
		if err != nil || !f.Match(p.Link, p.Data, p.Length) {
			continue
		}
		datagram, _, err := frame.Decode(p.Link, p.Data)
		if err != nil {
			continue
		}
		fmt.Printf("packet %d: %v, %d octets of IP\n", p.Number, p.Link, len(datagram))
		if err := w.Write(p, "somebody asks"); err != nil {
			fmt.Println(err)
		}
	}
	if err := w.Flush(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// packet 1: raw IP, 28 octets of IP
	// capture: packet 3, octet 180: the capture is cut off here; the 2 packets before are good
}

// trouble is a capture of an echo request, an echo reply and half a packet.
func trouble() *bytes.Buffer {
	var b bytes.Buffer
	w := capture.NewWriter(&b, "")
	for _, kind := range []byte{8, 0, 8} {
		d := []byte{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, kind, 0, 0, 0, 0, 1, 0, 1}
		if err := w.Write(&capture.Packet{Link: frame.Raw, Data: d, Time: time.Unix(1, 0)}, ""); err != nil {
			fmt.Println(err)
		}
	}
	if err := w.Flush(); err != nil {
		fmt.Println(err)
	}
	b.Truncate(b.Len() - 10)
	return &b
}
