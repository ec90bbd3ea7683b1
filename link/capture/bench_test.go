package capture_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// many is a pcap file of n packets with so many octets each.
func many(n, octets int) []byte {
	b := classic(binary.LittleEndian, 0xa1b2c3d4, frame.Ethernet)
	data := bytes.Repeat([]byte{7}, octets)
	for i := range n {
		b = record(binary.LittleEndian, b, uint32(i), 5, data, octets)
	}
	return b
}

// manyNG is the same as pcapng.
func manyNG(tb testing.TB, n, octets int) []byte {
	var b bytes.Buffer
	w := capture.NewWriter(&b, "")
	p := capture.Packet{Link: frame.Ethernet, Data: bytes.Repeat([]byte{7}, octets), Length: octets}
	for i := range n {
		p.Time = time.Unix(int64(i), 5)
		if err := w.Write(&p, ""); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// endless reads a file again and again, without its beginning from the second
// time on.
type endless struct {
	b    []byte
	head int
	at   int
}

func (e *endless) Read(b []byte) (int, error) {
	if e.at == len(e.b) {
		e.at = e.head
	}
	n := copy(b, e.b[e.at:])
	e.at += n
	return n, nil
}

// TestNextAllocates nothing.
func TestNextAllocates(t *testing.T) {
	ng := manyNG(t, 500, 98)
	for name, from := range map[string]io.Reader{
		"pcap":   &endless{b: many(1000, 98), head: 24},
		"pcapng": &endless{b: ng, head: len(ng)},
	} {
		if name == "pcapng" {
			from = bytes.NewReader(ng)
		}
		r, err := capture.NewReader(from)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		wiretest.NoAllocs(t, name, func() {
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func BenchmarkNext(b *testing.B) {
	const octets = 98
	for _, f := range []struct {
		name string
		file []byte
	}{{"pcap", many(100_000, octets)}, {"pcapng", manyNG(b, 100_000, octets)}} {
		b.Run("format="+f.name, func(b *testing.B) {
			b.SetBytes(octets)
			b.ReportAllocs()
			r, _ := capture.NewReader(bytes.NewReader(f.file))
			for b.Loop() {
				if _, err := r.Next(); err != nil {
					r, _ = capture.NewReader(bytes.NewReader(f.file))
				}
			}
		})
	}
}

// BenchmarkPcapgo is the same with gopacket's readers, to compare.
func BenchmarkPcapgo(b *testing.B) {
	const octets = 98
	b.Run("format=pcap", func(b *testing.B) {
		file := many(100_000, octets)
		b.SetBytes(octets)
		b.ReportAllocs()
		r, _ := pcapgo.NewReader(bytes.NewReader(file))
		for b.Loop() {
			if _, _, err := r.ZeroCopyReadPacketData(); err != nil {
				r, _ = pcapgo.NewReader(bytes.NewReader(file))
			}
		}
	})
	b.Run("format=pcapng", func(b *testing.B) {
		file := manyNG(b, 100_000, octets)
		b.SetBytes(octets)
		b.ReportAllocs()
		r, _ := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.DefaultNgReaderOptions)
		for b.Loop() {
			if _, _, err := r.ZeroCopyReadPacketData(); err != nil {
				r, _ = pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.DefaultNgReaderOptions)
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	p := capture.Packet{Link: frame.Ethernet, Data: make([]byte, 98), Length: 98, Time: time.Unix(1, 2)}
	w := capture.NewWriter(io.Discard, "")
	b.SetBytes(98)
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(&p, "a comment"); err != nil {
			b.Fatal(err)
		}
	}
}
