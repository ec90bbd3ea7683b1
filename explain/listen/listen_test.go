package listen_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/explain/listen"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

func listener(t *testing.T, c listen.Config) *listen.Listener {
	t.Helper()
	l, err := listen.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func packet(n int, link frame.LinkType, data []byte) *capture.Packet {
	return &capture.Packet{
		Number: n, Time: traffic.Epoch.Add(time.Duration(n) * time.Millisecond), Link: link, Data: data, Length: len(data),
	}
}

// ether puts a datagram into a frame.
func ether(dst byte, datagram []byte) []byte {
	return append([]byte{dst, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0}, datagram...)
}

func TestFragmentsArePutTogether(t *testing.T) {
	var w traffic.Writer
	whole := w.Echo("10.0.0.1", "10.0.0.2", false, 1, 2, traffic.Data(2000))
	cut, err := ip.NewFragmenter4(whole, 1000)
	if err != nil {
		t.Fatal(err)
	}
	l := listener(t, listen.Config{})
	n, calls := 0, 0
	var last conversation.Seen
	for {
		b, ok := cut.Next(nil)
		if !ok {
			break
		}
		n++
		l.Packet(packet(n, frame.Raw, b), func(s *conversation.Seen) { calls++; last = *s })
	}
	if n != 3 || calls != 4 || !last.ICMP || !last.Whole || last.Number != 3 || last.MessageLen != 2008 ||
		!slices.Equal(l.Packets(), []int{1, 2, 3}) {
		t.Errorf("%d fragments, %d calls, %+v in %v", n, calls, last, l.Packets())
	}
	sum := l.Summary(0)
	if sum.Frames.Rebuilt != 1 || sum.Fragments != 3 || sum.Datagrams != 3 || sum.Messages != 1 {
		t.Errorf("%+v %+v", sum.Frames, sum.Totals)
	}
}

func TestFrames(t *testing.T) {
	var w traffic.Writer
	d := w.Echo("10.0.0.1", "10.0.0.2", false, 1, 2, nil)
	l := listener(t, listen.Config{})
	var seen []conversation.Seen
	each := func(s *conversation.Seen) { seen = append(seen, *s) }
	l.Packet(packet(1, frame.Ethernet, ether(2, d)), each)
	l.Packet(packet(2, frame.Ethernet, ether(0xff, d)), each)
	arp := ether(2, d)
	arp[13] = 6
	l.Packet(packet(3, frame.Ethernet, arp), each)
	l.Packet(packet(4, frame.Ethernet, arp[:9]), each)
	l.Packet(packet(5, 9999, d), each)
	l.Packet(packet(1, frame.Raw, d), each)
	cut := packet(7, frame.Ethernet, ether(2, d)[:40])
	cut.Length = 14 + len(d)
	l.Packet(cut, each)
	if len(seen) != 4 {
		t.Fatalf("%d datagrams", len(seen))
	}
	if s := seen[0]; !s.HasMAC || s.SrcMAC != [6]byte{2, 0, 0, 0, 0, 1} || s.Group || s.Fault != 0 {
		t.Errorf("%+v", s.Datagram)
	}
	if !seen[1].Group || seen[2].HasMAC || seen[3].Fault != conversation.Cut {
		t.Errorf("%v %v %v", seen[1].Group, seen[2].HasMAC, seen[3].Fault)
	}
	if f := l.Summary(0).Frames; f != (listen.Frames{Read: 7, NotIP: 1, Cut: 1, Unknown: 1, Backwards: 1}) {
		t.Errorf("%+v", f)
	}
}

func TestFindings(t *testing.T) {
	for _, off := range []bool{false, true} {
		var w traffic.Writer
		d := w.ICMP("10.0.0.9", "10.0.0.1", icmp4.SourceQuench{Quote: make([]byte, 28)})
		l := listener(t, listen.Config{NoFindings: off})
		l.Packet(packet(1, frame.Raw, d), func(*conversation.Seen) {
			if len(l.Fresh()) != 1 != off || slices.Contains(l.Touched(), finding.SourceQuench) == off {
				t.Errorf("off %v: %v", off, l.Fresh())
			}
		})
		l.Close()
		if len(l.Summary(0).Findings) != 1 != off {
			t.Errorf("off %v: %v", off, l.Summary(0).Findings)
		}
	}
}

func TestNoAllocs(t *testing.T) {
	l := listener(t, listen.Config{})
	all := traffic.Day(2)[:5000]
	all = slices.DeleteFunc(all, func(d conversation.Datagram) bool { return d.Octets[0]>>4 == 4 && d.Octets[6]&0x3f != 0 })
	each := func(*conversation.Seen) {}
	n := 0
	round := func() {
		for i := range all {
			n++
			p := capture.Packet{Number: n, Time: all[i].Time.Add(time.Duration(n) * time.Second), Link: frame.Raw, Data: all[i].Octets, Length: len(all[i].Octets)}
			l.Packet(&p, each)
		}
	}
	round()
	wiretest.NoAllocs(t, "packets", round)
}

// TestLinks: a capture on all interfaces says of each frame which it was.
func TestLinks(t *testing.T) {
	var w traffic.Writer
	d := w.Echo("10.0.0.1", "10.0.0.2", false, 1, 2, nil)
	cooked := func(index byte) []byte {
		return append([]byte{8, 0, 0, 0, 0, 0, 0, index, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, d...)
	}
	l := listener(t, listen.Config{})
	var links []int
	each := func(s *conversation.Seen) { links = append(links, s.Link) }
	for i, index := range []byte{3, 7, 0} {
		p := packet(i+1, frame.Cooked2, cooked(index))
		p.Interface = 9
		l.Packet(p, each)
	}
	if !slices.Equal(links, []int{3, 7, 9}) {
		t.Errorf("%v", links)
	}
}
