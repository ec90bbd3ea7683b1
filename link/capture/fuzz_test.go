package capture_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// FuzzReader reads any octets: it ends, packets are within their bounds, and
// what was read is written and read again the same.
func FuzzReader(f *testing.F) {
	f.Add(ng()[:300])
	f.Add(record(little, classic(little, 0xa1b2c3d4, frame.Ethernet), 1, 2, []byte{1, 2, 3}, 9))
	f.Add(record(big, classic(big, 0xa1b23c4d, frame.Raw), 1, 2, []byte{1, 2, 3}, 9))
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	g.Write(ng()[:300])
	g.Close()
	f.Add(z.Bytes())
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x58\x09\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := capture.NewReader(bytes.NewReader(b))
		var e *capture.Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		var out bytes.Buffer
		w := capture.NewWriter(&out, "")
		n := 0
		var packets []*capture.Packet
		for p, err := range r.All() {
			if err != nil {
				if !errors.As(err, &e) || e.Packet != n+1 {
					t.Fatalf("after %d packets: %v", n, err)
				}
				break
			}
			if n++; p.Number != n || len(p.Data) > capture.MaxPacket || p.Length < len(p.Data) || p.Interface >= len(r.Interfaces()) {
				t.Fatalf("%s", text(p))
			}
			if _, err := p.Time.MarshalText(); err != nil {
				t.Fatal(err)
			}
			if err := w.Write(p, p.Comment()); err != nil {
				t.Fatal(err)
			}
			if len(packets) < 1000 {
				packets = append(packets, p.Clone())
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		again := mustRead(t, out.Bytes())
		if len(again) != n {
			t.Fatalf("%d packets written, %d read", n, len(again))
		}
		for i, p := range packets {
			if q := again[i]; !bytes.Equal(p.Data, q.Data) || p.Length != q.Length || p.Link != q.Link || p.Direction != q.Direction {
				t.Fatalf("%s\n%s", text(p), text(q))
			}
		}
		r.Close()
		if _, err := r.Next(); err == nil || errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
	})
}
