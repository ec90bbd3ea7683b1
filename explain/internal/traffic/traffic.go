// Package traffic makes captures for tests: of the laboratory, and by hand. The
// product does not use it.
package traffic

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// Epoch is when captures made by hand begin.
var Epoch = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// Scenario runs a scenario of the laboratory, or the topology file that text is,
// and returns what went over the links with these names; without names, all.
func Scenario(t testing.TB, text string, links ...string) []conversation.Datagram {
	t.Helper()
	return Read(t, run(t, text), links...)
}

// Frames is Scenario with a link address for each node on each link, which the
// laboratory has not.
func Frames(t testing.TB, text string, links ...string) []conversation.Datagram {
	t.Helper()
	return read(t, run(t, text), true, links)
}

func run(t testing.TB, text string) *bytes.Buffer {
	t.Helper()
	top, err := scenario.Load(text)
	if err != nil {
		if top, err = topology.Parse("test.yaml", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if _, err := scenario.Run(top, narration.NewText(io.Discard, narration.TextOptions{}), scenario.Options{Capture: &file}); err != nil {
		t.Fatal(err)
	}
	return &file
}

// Read returns the datagrams of a capture of raw IP.
func Read(t testing.TB, file io.Reader, links ...string) []conversation.Datagram {
	t.Helper()
	return read(t, file, false, links)
}

func read(t testing.TB, file io.Reader, frames bool, links []string) (all []conversation.Datagram) {
	t.Helper()
	r, err := capture.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		wanted := len(links) == 0
		for _, l := range links {
			wanted = wanted || l == p.Name
		}
		if !wanted {
			continue
		}
		n++
		d := conversation.Datagram{
			Time: p.Time, Number: n, Octets: bytes.Clone(p.Data), Length: p.Length, Link: p.Interface,
		}
		if frames {
			// Who sends to whom stands in the comment.
			parties, _, _ := strings.Cut(p.Comment(), ";")
			from, to, _ := strings.Cut(parties, " to ")
			d.SrcMAC, d.DstMAC, d.HasMAC = linkAddress(from, p.Interface), linkAddress(to, p.Interface), true
		}
		all = append(all, d)
	}
}

// linkAddress is the one that a node has on a link; of nobody, it is that of all.
func linkAddress(node string, link int) [6]byte {
	if node == "" {
		return [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	}
	sum := crc32.ChecksumIEEE([]byte(node))
	return [6]byte{2, byte(link), byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}
}

// Find has all detectors look at a capture.
func Find(c detect.Config, all []conversation.Datagram) []*finding.Finding {
	m, d := conversation.New(conversation.Config{}), detect.New(c)
	for i := range all {
		d.Observe(m.Receive(&all[i]))
	}
	d.Close()
	return d.Findings()
}

// One has all detectors look at a capture that shows one thing at most, and returns
// it; nil: it shows nothing.
func One(t testing.TB, c detect.Config, w *Writer, kind finding.Kind) *finding.Finding {
	t.Helper()
	all := Find(c, w.All)
	switch {
	case len(all) == 0:
		return nil
	case len(all) > 1 || all[0].Kind != kind:
		t.Fatalf("%d findings, the first %v", len(all), all[0].Kind)
	}
	return all[0]
}

// Text returns a fact of a finding in words; "": it does not state it.
func Text(f *finding.Finding, name finding.FactName) string {
	for _, x := range f.Facts {
		if x.Name == name {
			return x.Value()
		}
	}
	return ""
}

// Writer makes a capture by hand. Set what the next datagrams are to have, and
// call what makes them. The zero Writer begins at [Epoch].
type Writer struct {
	All    []conversation.Datagram
	Now    time.Time
	TTL    ip.TTL // 0: 64
	DF     bool
	Link   int
	SrcMAC [6]byte
	DstMAC [6]byte
	id     uint16
}

// Wait lets time pass.
func (w *Writer) Wait(d time.Duration) {
	if w.Now.IsZero() {
		w.Now = Epoch
	}
	w.Now = w.Now.Add(d)
}

// Put enters a datagram as it is, and returns it.
func (w *Writer) Put(octets []byte) []byte {
	w.Wait(0)
	w.All = append(w.All, conversation.Datagram{
		Time: w.Now, Number: len(w.All) + 1, Octets: octets, Link: w.Link,
		SrcMAC: w.SrcMAC, DstMAC: w.DstMAC, HasMAC: w.SrcMAC != [6]byte{},
	})
	return octets
}

// Addr is an address from its text.
func Addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// IP enters a datagram with that payload.
func (w *Writer) IP(src, dst string, proto ip.Proto, payload []byte) []byte {
	ttl := w.TTL
	if ttl == 0 {
		ttl = 64
	}
	s, d := Addr(src), Addr(dst)
	if s.Is6() {
		return w.Put(must(ip.Header6{Src: s, Dst: d, NextHeader: proto, HopLimit: ttl}.AppendPacket(nil, payload)))
	}
	w.id++
	return w.Put(must(ip.Header4{Src: s, Dst: d, Proto: proto, TTL: ttl, ID: w.id, DF: w.DF}.AppendPacket(nil, payload)))
}

// ICMP enters an ICMPv4 message.
func (w *Writer) ICMP(src, dst string, m icmp4.Message) []byte {
	return w.IP(src, dst, ip.ProtoICMP, must(m.AppendBinary(nil)))
}

// ICMP6 enters an ICMPv6 message.
func (w *Writer) ICMP6(src, dst string, m icmp6.Message) []byte {
	return w.IP(src, dst, ip.ProtoICMPv6, must(m.Append(nil, Addr(src), Addr(dst))))
}

// Echo enters an echo request, or the reply to one.
func (w *Writer) Echo(src, dst string, reply bool, id, seq uint16, data []byte) []byte {
	if Addr(src).Is6() {
		return w.ICMP6(src, dst, icmp6.Echo{EchoType: icmp6.EchoType{Reply: reply}, ID: id, Seq: seq, Data: data})
	}
	return w.ICMP(src, dst, icmp4.Echo{EchoType: icmp4.EchoType{Reply: reply}, ID: id, Seq: seq, Data: data})
}

// Ping enters a request and, that much later, its reply.
func (w *Writer) Ping(src, dst string, id, seq uint16, data []byte, rtt time.Duration) {
	w.Echo(src, dst, false, id, seq, data)
	w.Wait(rtt)
	w.Echo(dst, src, true, id, seq, data)
}

// UDP enters a UDP datagram with that many octets of data.
func (w *Writer) UDP(src, dst string, sport, dport uint16, n int) []byte {
	u := transport.UDP{SrcPort: sport, DstPort: dport, Length: uint16(transport.UDPLen + n)} //nolint:gosec // a test's
	return w.IP(src, dst, ip.ProtoUDP, must(u.AppendPacket(nil, Addr(src), Addr(dst), make([]byte, n))))
}

// TCP enters a segment with that many octets of data.
func (w *Writer) TCP(src, dst string, t transport.TCP, n int) []byte {
	return w.IP(src, dst, ip.ProtoTCP, must(t.AppendPacket(nil, Addr(src), Addr(dst), make([]byte, n))))
}

// Data returns n octets as ping of iputils fills them.
func Data(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}
