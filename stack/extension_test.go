package stack_test

import (
	"fmt"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// packet6 makes an IPv6 datagram of what stands behind the header.
func packet6(t *testing.T, next ip.Proto, parts ...[]byte) []byte {
	t.Helper()
	b, err := ip.Header6{NextHeader: next, HopLimit: 64, Src: hostB6, Dst: hostA6}.AppendPacket(nil, join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// frag6 makes a fragment header.
func frag6(next ip.Proto, off int, more bool, id byte) []byte {
	b := []byte{byte(next), 0, byte(off >> 8), byte(off), 0, 0, 0, id}
	if more {
		b[3] |= 1
	}
	return b
}

// problem6 fails unless the node answers with a parameter problem.
func (w *world) problem6(b []byte, code icmp6.Code, pointer uint32) {
	w.Helper()
	_, m := icmpv6(w.T, w.one(w.receive(0, b)).octets)
	if p, ok := m.(icmp6.ParameterProblem); !ok || p.Code != code || p.Pointer != pointer {
		w.Errorf("answered %v, want a parameter problem of code %d at %d", m, code, pointer)
	}
}

// echo6 is an echo request without its IPv6 header.
func echo6(t *testing.T) []byte {
	t.Helper()
	return message6(t, hostB6, hostA6, icmp6.Echo{ID: 7, Seq: 1, Data: make([]byte, 16)})[ip.HeaderLen6:]
}

// TestRoutingHeader: with no segments left a routing header is passed over, and
// with some it is a parameter problem at the routing type, for no type is known
// here (RFC 8200 §4.4).
func TestRoutingHeader(t *testing.T) {
	conform.Row(t, "H-17")
	for _, kind := range []byte{0, 2, 4, 253} {
		for _, left := range []byte{0, 1, 255} {
			t.Run(fmt.Sprintf("type %d, %d left", kind, left), func(t *testing.T) {
				w := newWorld(t, hostConfig())
				head := []byte{byte(ip.ProtoRouting), 0, 1, 4, 0, 0, 0, 0}
				b := packet6(t, ip.ProtoDestOpts, head, []byte{byte(ip.ProtoICMPv6), 0, kind, left, 0, 0, 0, 0}, echo6(t))
				if left > 0 {
					w.problem6(b, icmp6.CodeErroneousHeader, 40+8+2)
					return
				}
				if _, m := icmpv6(t, w.one(w.receive(0, b)).octets); m.Kind().Type != icmp6.TypeEchoReply {
					t.Errorf("answered %v", m)
				}
			})
		}
	}
}

// TestFragmentFaults6: a fragment whose length or end cannot be is reported, at
// the payload length and at the fragment offset (RFC 8200 §4.5).
func TestFragmentFaults6(t *testing.T) {
	conform.Row(t, "H-17")
	for _, c := range []struct {
		name    string
		b       []byte
		pointer uint32
	}{
		{"first of 30 octets", packet6(t, ip.ProtoFragment, frag6(200, 0, true, 1), make([]byte, 30)), 4},
		{"later of 30 octets", packet6(t, ip.ProtoFragment, frag6(200, 8, true, 2), make([]byte, 30)), 4},
		{"behind the end", packet6(t, ip.ProtoFragment, frag6(200, 65528, false, 3), make([]byte, 8)), 42},
		{"behind the end, with options", packet6(t, ip.ProtoDestOpts, []byte{44, 0, 1, 4, 0, 0, 0, 0}, frag6(200, 65528, false, 4), make([]byte, 8)), 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			newWorld(t, hostConfig()).problem6(c.b, icmp6.CodeErroneousHeader, c.pointer)
		})
	}
	w := newWorld(t, hostConfig())
	w.none(w.receive(0, packet6(t, ip.ProtoFragment, frag6(200, 65528, false, 5), make([]byte, 7))))
	w.none(w.receive(0, packet6(t, ip.ProtoFragment, frag6(200, 8, false, 6), make([]byte, 30))))
}

// TestIncompleteChain: a first fragment has all headers, that of the upper layer
// among them (RFC 7112 §5).
func TestIncompleteChain(t *testing.T) {
	conform.Row(t, "H-17")
	options := []byte{byte(ip.ProtoICMPv6), 2, 1, 20, 0, 0, 0, 0}
	for _, c := range []struct {
		name string
		next ip.Proto
		rest []byte
		ok   bool
	}{
		{"UDP, nothing", ip.ProtoUDP, nil, false},
		{"ICMP", ip.ProtoICMPv6, make([]byte, 8), true},
		{"UDP", ip.ProtoUDP, make([]byte, 8), true},
		{"TCP, not all", ip.ProtoTCP, make([]byte, 16), false},
		{"TCP", ip.ProtoTCP, make([]byte, 24), true},
		{"unknown", 200, make([]byte, 8), true},
		{"unknown, nothing", 200, nil, false},
		{"options that go on", ip.ProtoDestOpts, options, false},
		{"options cut off", ip.ProtoDestOpts, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, hostConfig())
			b := packet6(t, ip.ProtoFragment, frag6(c.next, 0, true, 9), c.rest)
			if c.ok {
				w.none(w.receive(0, b))
				return
			}
			w.problem6(b, icmp6.CodeIncompleteChain, 0)
		})
	}
	w := newWorld(t, hostConfig())
	w.problem6(packet6(t, ip.ProtoDestOpts, options), icmp6.CodeErroneousHeader, 41)
}
