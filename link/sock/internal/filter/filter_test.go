package filter_test

import (
	"net/netip"
	"testing"

	"golang.org/x/net/bpf"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/link/sock/internal/filter"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

var own = filter.Own{ID: 0x1230, Mask: 0xfff0, First: 40000, Last: 40063, Ports: []uint16{999, 7}}

var (
	a4, b4 = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	a6, b6 = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
)

func machine(t *testing.T, code []bpf.Instruction) *bpf.VM {
	t.Helper()
	if _, err := bpf.Assemble(code); err != nil {
		t.Fatal(err)
	}
	vm, err := bpf.NewVM(code)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

func passes(t *testing.T, vm *bpf.VM, b []byte) bool {
	t.Helper()
	n, err := vm.Run(b)
	if err != nil {
		t.Fatal(err)
	}
	if n != 0 && n < len(b) {
		t.Errorf("%d of %d octets get through", n, len(b))
	}
	return n != 0
}

func be(v uint16) []byte { return []byte{byte(v >> 8), byte(v)} }

// query is an ICMP message with an identifier.
func query(typ uint8, id uint16) []byte {
	return append([]byte{typ, 0, 0, 0}, append(be(id), 0, 9, 1, 2)...)
}

// packet is one with ports.
func packet(src, dst uint16) []byte { return append(append(be(src), be(dst)...), 0, 8, 0, 0) }

func in4(t *testing.T, options int, p ip.Proto, payload []byte) []byte {
	t.Helper()
	b, err := ip.Header4{TTL: 9, Proto: p, Src: a4, Dst: b4, Options: make([]byte, options)}.AppendPacket(nil, payload)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func in6(t *testing.T, p ip.Proto, payload []byte) []byte {
	t.Helper()
	b, err := ip.Header6{HopLimit: 9, NextHeader: p, Src: a6, Dst: b6}.AppendPacket(nil, payload)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// identifiers and ports, and whether they are ours.
var (
	ids   = map[uint16]bool{0x1230: true, 0x123f: true, 0x1240: false, 0x122f: false, 0x0230: false, 0x1330: false, 0: false}
	ports = map[uint16]bool{39999: false, 40000: true, 40063: true, 40064: false, 999: true, 7: true, 998: false, 0: false, 65535: false}
)

func TestICMP4(t *testing.T) {
	conform.Row(t, "P-05")
	vm := machine(t, filter.ICMP4(&own))
	for options := 0; options <= ip.MaxOptionsLen; options += 20 {
		for typ := range 256 {
			for id, ours := range ids {
				answers := false
				switch icmp4.Type(typ) {
				case icmp4.TypeEchoReply, icmp4.TypeTimestampReply, icmp4.TypeMaskReply, icmp4.TypeInfoReply, icmp4.TypeExtendedEchoReply:
					answers = true
				}
				if got := passes(t, vm, in4(t, options, ip.ProtoICMP, query(uint8(typ), id))); got != (ours && answers) {
					t.Errorf("type %d, identifier %#x: %t", typ, id, got)
				}
			}
		}
		for quoted := 0; quoted <= ip.MaxOptionsLen; quoted += 20 {
			for typ := range 256 {
				quotes := false
				switch icmp4.Type(typ) {
				case icmp4.TypeDestUnreachable, icmp4.TypeSourceQuench, icmp4.TypeRedirect, icmp4.TypeTimeExceeded, icmp4.TypeParameterProblem:
					quotes = true
				}
				fault := func(p ip.Proto, payload []byte) bool {
					m := append([]byte{uint8(typ), 1, 0, 0, 0, 0, 0, 0}, in4(t, quoted, p, payload)...)
					return passes(t, vm, in4(t, options, ip.ProtoICMP, m))
				}
				if typ == int(icmp4.TypeEchoReply) {
					continue // an identifier of 0 is not ours
				}
				for id, ours := range ids {
					if got := fault(ip.ProtoICMP, query(8, id)); got != (ours && quotes) {
						t.Errorf("type %d quotes identifier %#x: %t", typ, id, got)
					}
				}
				for port, ours := range ports {
					for _, p := range []ip.Proto{ip.ProtoUDP, ip.ProtoTCP, ip.ProtoUDPLite} {
						if got := fault(p, packet(port, 40001)); got != (ours && quotes) {
							t.Errorf("type %d quotes %v from port %d: %t", typ, p, port, got)
						}
					}
					if fault(ip.ProtoSCTP, packet(port, 40001)) {
						t.Errorf("type %d quotes another protocol", typ)
					}
				}
			}
		}
	}
	for n := range 56 {
		m := append([]byte{3, 1, 0, 0, 0, 0, 0, 0}, in4(t, 0, ip.ProtoICMP, query(8, own.ID))...)
		if b := in4(t, 0, ip.ProtoICMP, m); n < 54 && passes(t, vm, b[:n]) {
			t.Errorf("%d octets get through", n)
		}
	}
}

func TestICMP6(t *testing.T) {
	conform.Row(t, "P-05")
	vm := machine(t, filter.ICMP6(&own))
	for typ := range 256 {
		for id, ours := range ids {
			answers := typ == int(icmp6.TypeEchoReply) || typ == int(icmp6.TypeExtendedEchoReply)
			if got := passes(t, vm, query(uint8(typ), id)); got != (ours && answers) {
				t.Errorf("type %d, identifier %#x: %t", typ, id, got)
			}
		}
		quotes := typ < 128
		if !quotes && typ != 128 {
			continue
		}
		for _, cut := range []bool{false, true} {
			fault := func(p ip.Proto, payload []byte) bool {
				if cut {
					head, err := ip.Fragment6{Next: p, MF: true, ID: 7}.AppendBinary(nil)
					if err != nil {
						t.Fatal(err)
					}
					p, payload = ip.ProtoFragment, append(head, payload...)
				}
				return passes(t, vm, append([]byte{uint8(typ), 1, 0, 0, 0, 0, 0, 0}, in6(t, p, payload)...))
			}
			for id, ours := range ids {
				if got := fault(ip.ProtoICMPv6, query(128, id)); got != (ours && quotes) {
					t.Errorf("type %d quotes identifier %#x, cut %t: %t", typ, id, cut, got)
				}
				if fault(ip.ProtoICMP, query(128, id)) {
					t.Errorf("type %d quotes ICMP", typ)
				}
			}
			for port, ours := range ports {
				for _, p := range []ip.Proto{ip.ProtoUDP, ip.ProtoTCP, ip.ProtoUDPLite} {
					if got := fault(p, packet(port, 40001)); got != (ours && quotes) {
						t.Errorf("type %d quotes %v from port %d, cut %t: %t", typ, p, port, cut, got)
					}
				}
			}
		}
	}
}

func TestPorts(t *testing.T) {
	four, six := machine(t, filter.Ports4(&own)), machine(t, filter.Ports6(&own))
	for port, ours := range ports {
		for _, options := range []int{0, 4, 40} {
			if got := passes(t, four, in4(t, options, ip.ProtoUDP, packet(40001, port))); got != ours {
				t.Errorf("IPv4 to port %d: %t", port, got)
			}
		}
		if got := passes(t, six, packet(40001, port)); got != ours {
			t.Errorf("IPv6 to port %d: %t", port, got)
		}
	}
	if passes(t, machine(t, filter.Nothing()), packet(40001, 40001)) {
		t.Error("something gets through nothing")
	}
}

// TestAdd: so many ports as there can be, and then the oldest goes.
func TestAdd(t *testing.T) {
	o := filter.Own{First: 40000, Last: 40063}
	for i := range filter.MaxPorts + 1 {
		o.Add(uint16(1000 + i))
	}
	if o.Has(1000) || !o.Has(1001) || !o.Has(1000+filter.MaxPorts) || len(o.Ports) != filter.MaxPorts {
		t.Errorf("%v", o.Ports)
	}
	o.MarkMask = 0xff00
	for i := range filter.MaxPeers + 1 {
		if o.Meet(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})) != (i < filter.MaxPeers) {
			t.Errorf("destination %d", i)
		}
	}
	for _, code := range [][]bpf.Instruction{filter.ICMP4(&o), filter.ICMP6(&o), filter.Ports4(&o), filter.Ports6(&o)} {
		machine(t, code)
	}
	// The longest program: what is first in it, and what is last.
	long := machine(t, filter.ICMP4(&o))
	for id, want := range map[uint16]bool{0x0042: true, 0x0142: false} {
		m := append([]byte{11, 0, 0, 0, 0, 0, 0, 0}, datagram(t, 0, id, ip.ProtoUDP, "10.0.0.15", packet(2, 2))...)
		if passes(t, long, in4(t, 0, ip.ProtoICMP, m)) != want {
			t.Errorf("identification %#x", id)
		}
	}
	for _, x := range []byte{1, 2, 5, 8, 13} {
		if passes(t, long, in4(t, 0, ip.ProtoICMP, query(x, 0x4444))) {
			t.Errorf("type %d", x)
		}
	}
	vm := machine(t, filter.Ports6(&o))
	for port, want := range map[uint16]bool{1000: false, 1001: true, 1000 + filter.MaxPorts: true, 1001 + filter.MaxPorts: false, 40000: true} {
		if passes(t, vm, packet(1, port)) != want {
			t.Errorf("port %d: want %t", port, want)
		}
	}
}

// TestRouters: advertisements get through when somebody solicits, and nothing else
// more than before.
func TestRouters(t *testing.T) {
	with := own
	with.Routers = true
	before4, after4 := machine(t, filter.ICMP4(&own)), machine(t, filter.ICMP4(&with))
	before6, after6 := machine(t, filter.ICMP6(&own)), machine(t, filter.ICMP6(&with))
	for typ := range 256 {
		m := query(uint8(typ), 0x4444)
		if b := in4(t, 0, ip.ProtoICMP, m); passes(t, before4, b) || passes(t, after4, b) != (typ == 9) {
			t.Errorf("type %d", typ)
		}
		if passes(t, before6, m) || passes(t, after6, m) != (typ == 134) {
			t.Errorf("type %d of IPv6", typ)
		}
	}
}

// datagram is one to be quoted.
func datagram(t *testing.T, options int, id uint16, p ip.Proto, to string, payload []byte) []byte {
	t.Helper()
	b, err := ip.Header4{TTL: 1, ID: id, Proto: p, Src: a4, Dst: netip.MustParseAddr(to), Options: make([]byte, options)}.AppendPacket(nil, payload)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTranslated: an error gets through that quotes others' ports or identifier, when
// it has our mark and is about a datagram to whom we ask; nothing else does more than
// before.
func TestTranslated(t *testing.T) {
	conform.Row(t, "P-05")
	with := own
	with.Mark, with.MarkMask = 0x5a00, 0xff00
	bare := machine(t, filter.ICMP4(&with)) // nobody is asked yet
	for _, a := range []string{"192.0.2.7", "192.0.2.9"} {
		if !with.Meet(netip.MustParseAddr(a)) || with.Meet(netip.MustParseAddr(a)) || with.Meet(a6) {
			t.Errorf("%s: %v", a, with.Peers)
		}
	}
	if o := own; o.Meet(a4) {
		t.Error("without a mark, somebody is met")
	}
	before, after := machine(t, filter.ICMP4(&own)), machine(t, filter.ICMP4(&with))
	for typ := range 256 {
		quotes := false
		switch icmp4.Type(typ) {
		case icmp4.TypeDestUnreachable, icmp4.TypeSourceQuench, icmp4.TypeRedirect, icmp4.TypeTimeExceeded, icmp4.TypeParameterProblem:
			quotes = true
		}
		for _, p := range []ip.Proto{ip.ProtoICMP, ip.ProtoUDP, ip.ProtoUDPLite, ip.ProtoTCP, ip.ProtoSCTP} {
			for id, marked := range map[uint16]bool{0x5a00: true, 0x5aff: true, 0x5b00: false, 0x59ff: false, 0x0001: false} {
				for to, known := range map[string]bool{"192.0.2.7": true, "192.0.2.9": true, "192.0.2.8": false, "193.0.2.7": false} {
					for options := 0; options <= ip.MaxOptionsLen; options += 20 {
						payload := packet(20000, 40001)
						if p == ip.ProtoICMP {
							payload = query(8, 0x4444)
						}
						m := append([]byte{uint8(typ), 1, 0, 0, 0, 0, 0, 0}, datagram(t, options, id, p, to, payload)...)
						b := in4(t, 40-options, ip.ProtoICMP, m)
						if got, want := passes(t, after, b), quotes && marked && known && p != ip.ProtoSCTP; got != want {
							t.Errorf("type %d quotes %v with %#x to %s: %t", typ, p, id, to, got)
						}
						if passes(t, before, b) || passes(t, bare, b) {
							t.Errorf("type %d quotes %v with %#x to %s, and nobody wants it", typ, p, id, to)
						}
					}
				}
			}
		}
		// Answers are ours or not as they were.
		for id, ours := range ids {
			m := query(uint8(typ), id)
			if passes(t, before, in4(t, 0, ip.ProtoICMP, m)) != passes(t, after, in4(t, 0, ip.ProtoICMP, m)) {
				t.Errorf("type %d, identifier %#x, %t", typ, id, ours)
			}
		}
	}
}
