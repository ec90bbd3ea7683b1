package stack_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestDeliver: what each answer of the upper layer comes to (H-03).
func TestDeliver(t *testing.T) {
	conform.Row(t, "H-03")
	conform.Row(t, "E-14")
	d := datagram(t, ip.Header4{Src: hostB, Dst: hostA, Proto: ip.ProtoUDP, TTL: 9, TOS: 0x28, Options: []byte{1, 1, 1, 0}}, udp(5, 7, 4))
	for _, c := range []struct {
		answer    stack.Acceptance
		code      icmp4.Code
		says      bool
		drop      mib.Drop
		delivered uint64
	}{
		{stack.Accepted, 0, false, mib.None, 1},
		{stack.NoProtocol, icmp4.CodeProtocolUnreachable, true, mib.UnknownProtocol, 0},
		{stack.NoPort, icmp4.CodePortUnreachable, true, mib.UnknownPort, 1},
		{stack.Discarded, 0, false, mib.EndpointFull, 0},
		{stack.Malformed, 0, false, mib.TransportShort, 1},
		{stack.BadChecksum, 0, false, mib.TransportChecksum, 1},
	} {
		w := newWorld(t, hostConfig())
		w.up.protocols[ip.ProtoUDP] = c.answer
		out := w.receive(0, d)
		if c.says {
			_, m := w.isError(out, hostB, unreachable(c.code))
			if q := m.(icmp4.DestUnreachable).Quote; !bytes.Equal(q, d) {
				t.Errorf("%v: quotes %x", c.answer, q)
			}
			if out[0].Origin.Kind != event.Error || out[0].Origin.Rule() != "H-03" {
				t.Errorf("%v: origin %+v", c.answer, out[0].Origin)
			}
		} else if why := w.none(out); why != c.drop {
			t.Errorf("%v: silent because %v, want %v", c.answer, why, c.drop)
		}
		n := w.node.Counters()
		if n.IP[0][mib.InDelivers] != c.delivered || c.drop != mib.None && n.Dropped(c.drop) != 1 {
			t.Errorf("%v: %d delivered, %d %v", c.answer, n.IP[0][mib.InDelivers], n.Dropped(c.drop), c.drop)
		}
		p := w.up.packets[0]
		if p.Src != hostB || p.Dst != hostA || p.Proto != ip.ProtoUDP || p.TTL != 9 || p.TOS != 0x28 || p.Iface != 0 || p.Group ||
			!bytes.Equal(p.Options, []byte{1, 1, 1, 0}) || !bytes.Equal(p.Payload, udp(5, 7, 4)) {
			t.Errorf("delivered %+v", p)
		}
	}
}

// A node without an upper layer has no protocol but ICMP.
func TestNoUpper(t *testing.T) {
	conform.Row(t, "H-03")
	n, err := stack.New(hostConfig())
	if err != nil {
		t.Fatal(err)
	}
	n.Receive(epoch, stack.Datagram{Octets: datagram(t, ip.Header4{Src: gateway, Dst: hostA, Proto: ip.ProtoTCP}, make([]byte, 20))})
	b, _, ok := n.Poll(epoch, nil)
	if !ok {
		t.Fatal("nothing leaves")
	}
	if _, m := icmp(t, b); m.Kind() != unreachable(icmp4.CodeProtocolUnreachable) {
		t.Errorf("sent %v", m)
	}
	n.Receive(epoch, stack.Datagram{Octets: message(t, gateway, hostA, icmp4.TimeExceeded{Quote: echo(t, hostA, hostB, 1, 8)})})
	c := n.Counters()
	if c.Dropped(mib.QuoteUnrecognised) != 1 {
		t.Error("an error was believed that nobody knows")
	}
}

// TestCast: a datagram for one host in a frame for all is dropped without a word
// (RFC 1122 §3.3.6), in both families, before its fragments are kept.
func TestCast(t *testing.T) {
	conform.Row(t, "E-03")
	for _, cast := range []report.Cast{report.Broadcast, report.Multicast} {
		w := newWorld(t, hostConfig())
		w.up.protocols[ip.ProtoUDP] = stack.Accepted
		for _, d := range [][]byte{
			echo(t, gateway, hostA, 64, 8),
			datagram(t, ip.Header4{Src: gateway, Dst: hostA, Proto: ip.ProtoUDP, MF: true}, udp(1, 2, 8)),
			message6(t, gate6, hostA6, icmp6.Echo{ID: 1}),
		} {
			if why := w.none(w.receiveCast(0, d, cast)); why != mib.LinkBroadcast {
				t.Errorf("%x: %v", d, why)
			}
		}
		if !w.node.Deadline().IsZero() || len(w.up.packets) != 0 {
			t.Error("something was kept or delivered")
		}
		w.none(w.receiveCast(0, datagram(t, ip.Header4{Src: gateway, Dst: addr("255.255.255.255"), Proto: ip.ProtoUDP}, udp(1, 2, 8)), cast))
		if len(w.up.packets) != 1 || !w.up.packets[0].Group {
			t.Error("the broadcast was not delivered")
		}
	}
}

// parts cuts a datagram into fragments for an MTU.
func parts(t testing.TB, d []byte, mtu int) [][]byte {
	t.Helper()
	var f ip.Fragmenter
	var err error
	if d[0]>>4 == 6 {
		f, err = ip.NewFragmenter6(d, mtu, 77)
	} else {
		f, err = ip.NewFragmenter4(d, mtu)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for {
		p, ok := f.Next(nil)
		if !ok {
			return all
		}
		all = append(all, p)
	}
}

// TestReassemblyTimeout: 11/1 goes out 60 seconds after the first fragment came,
// and only when fragment zero did.
func TestReassemblyTimeout(t *testing.T) {
	conform.Row(t, "H-10")
	conform.Row(t, "H-17")
	whole := datagram(t, ip.Header4{ID: 5, Src: hostB, Dst: hostA, Proto: ip.ProtoUDP}, udp(1, 2, 2000))
	whole6, err := ip.Header6{HopLimit: 64, NextHeader: ip.ProtoUDP, Src: hostB6, Dst: hostA6}.AppendPacket(nil, udp(1, 2, 3000))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		d      []byte
		skip   int // the fragment that is lost
		reply  bool
		config time.Duration
	}{
		{"the last is lost", whole, 1, true, 0},
		{"the first is lost", whole, 0, false, 0},
		{"another time", whole, 1, true, 7 * time.Second},
		{"IPv6, the last is lost", whole6, 2, true, 0},
		{"IPv6, the first is lost", whole6, 0, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := hostConfig()
			cfg.Reassembly = reassembly.Config{Timeout: c.config}
			w := newWorld(t, cfg)
			wait := 60 * time.Second
			if c.config != 0 {
				wait = c.config
			}
			fs := parts(t, c.d, 1500)
			for i, f := range fs {
				if i != c.skip {
					w.none(w.receive(0, f))
				}
				w.now = w.now.Add(time.Millisecond)
			}
			first := epoch
			if c.skip == 0 {
				first = epoch.Add(time.Millisecond)
			}
			if d := w.node.Deadline(); !d.Equal(first.Add(wait)) {
				t.Fatalf("due %v after the first fragment", d.Sub(first))
			}
			w.now = first.Add(wait - 1)
			if len(w.poll()) != 0 {
				t.Fatal("sent before its time")
			}
			w.now = first.Add(wait)
			out := w.poll()
			w.dropped(mib.FragmentTimeout)
			switch {
			case !c.reply:
				if len(out) != 0 {
					t.Errorf("%d sent", len(out))
				}
			case c.d[0]>>4 == 6:
				h, m := icmpv6(t, w.one(out).octets)
				e, ok := m.(icmp6.TimeExceeded)
				if !ok || e.Code != icmp6.CodeReassembly || h.Dst != hostB6 || h.Src != hostA6 || !bytes.HasPrefix(fs[0], e.Quote) || len(e.Quote) != 1280-48 {
					t.Errorf("sent %v", m)
				}
			default:
				h, m := w.isError(out, hostB, kind(icmp4.TypeTimeExceeded, icmp4.CodeReassembly))
				if q := m.(icmp4.TimeExceeded).Quote; !bytes.Equal(q, fs[0][:576-28]) || h.Src != hostA {
					t.Errorf("quotes %x", q)
				}
			}
			if w.now = w.now.Add(time.Hour); len(w.poll()) != 0 || !w.node.Deadline().IsZero() {
				t.Error("something is left")
			}
		})
	}
}

// A fragment that comes too late begins anew, one in time completes, whatever
// the order.
func TestReassemblyOrder(t *testing.T) {
	conform.Row(t, "H-10")
	whole := datagram(t, ip.Header4{ID: 5, Src: hostB, Dst: hostA, Proto: ip.ProtoUDP, TOS: 4}, udp(1, 2, 3000))
	fs := parts(t, whole, 1500)
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 1, 2, 2, 0}} {
		w := newWorld(t, hostConfig())
		w.up.protocols[ip.ProtoUDP] = stack.Accepted
		for _, i := range order {
			w.none(w.receive(0, fs[i]))
		}
		if len(w.up.packets) != 1 || !bytes.Equal(w.up.packets[0].Payload, udp(1, 2, 3000)) || w.up.packets[0].TOS != 4 {
			t.Errorf("%v: %d packets", order, len(w.up.packets))
		}
		if w.receive(0, parts(t, whole, 9000)[0]); w.up.packets[0].Largest != 1500 || w.up.packets[1].Largest != len(whole) {
			t.Errorf("%v: largest %d, and whole %d", order, w.up.packets[0].Largest, w.up.packets[1].Largest)
		}
		if n := w.node.Counters(); n.IP[0][mib.ReasmOKs] != 1 || n.IP[0][mib.ReasmReqds] != uint64(len(order)) || n.IP[0][mib.InDelivers] != 2 {
			t.Errorf("%v: counted %v", order, n.IP[0])
		}
	}
}

// TestFragmentAttacks: each ends in silence, and the next datagram is answered.
func TestFragmentAttacks(t *testing.T) {
	conform.Row(t, "H-10")
	frag := func(off, n int, more bool) []byte {
		return datagram(t, ip.Header4{ID: 9, Src: hostB, Dst: hostA, Proto: ip.ProtoICMP, MF: more, FragOffset: uint16(off)}, make([]byte, n))
	}
	for _, c := range []struct {
		name  string
		parts [][]byte
		want  mib.Drop
	}{
		{"ping of death", [][]byte{frag(0, 1480, true), frag(65528, 64, false)}, mib.FragmentOversize},
		{"teardrop", [][]byte{frag(0, 40, true), frag(24, 4, false)}, mib.FragmentEnd},
		{"overlap", [][]byte{frag(0, 48, true), frag(40, 48, true)}, mib.FragmentOverlap},
		{"beyond the end", [][]byte{frag(48, 8, false), frag(56, 8, true)}, mib.FragmentEnd},
		{"no multiple of 8", [][]byte{frag(0, 47, true)}, mib.FragmentLength},
		{"empty", [][]byte{frag(0, 0, true)}, mib.FragmentEmpty},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, hostConfig())
			for _, p := range c.parts {
				w.none(w.receive(0, p))
			}
			w.dropped(c.want)
			w.one(w.receive(0, echo(t, hostB, hostA, 64, 8)))
			if w.now = w.now.Add(time.Hour); len(w.poll()) != 0 {
				t.Error("an error about it was sent")
			}
		})
	}
}

// Memory for fragments has a ceiling, and what is given up for it is counted.
func TestFragmentMemory(t *testing.T) {
	conform.Row(t, "H-10")
	cfg := hostConfig()
	cfg.Reassembly = reassembly.Config{Datagrams: 4}
	w := newWorld(t, cfg)
	for i := range 10 {
		w.none(w.receive(0, datagram(t, ip.Header4{ID: uint16(i), Src: addr(fmt.Sprintf("10.8.0.%d", i+1)), Dst: hostA, Proto: ip.ProtoUDP, MF: true}, udp(1, 2, 8))))
	}
	if n := w.node.Counters(); n.Dropped(mib.FragmentMemory) != 6 || n.IP[0][mib.ReasmFails] != 6 {
		t.Errorf("%d given up, want 6", n.Dropped(mib.FragmentMemory))
	}
	cfg.Reassembly = reassembly.Config{Share: 1}
	w = newWorld(t, cfg)
	for i := range 300 {
		w.none(w.receive(0, datagram(t, ip.Header4{ID: uint16(i), Src: hostB, Dst: hostA, Proto: ip.ProtoUDP, MF: true}, udp(1, 2, 1000))))
	}
	if n := w.node.Counters(); n.Dropped(mib.FragmentShare) == 0 || n.Dropped(mib.FragmentMemory) != 0 {
		t.Errorf("%d over their share, %d for want of memory", n.Dropped(mib.FragmentShare), n.Dropped(mib.FragmentMemory))
	}
}
