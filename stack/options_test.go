package stack_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// ping makes an echo request with options.
func ping(t testing.TB, src, dst netip.Addr, options []byte) []byte {
	t.Helper()
	d, err := ip.Enclose4(nil, ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: src, Dst: dst, Options: ip.PadOptions(options)}, echoRequest(1, 1, 8))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// noonStamp is the time of epoch in milliseconds, as four octets.
var noonStamp = []byte{0x02, 0x93, 0x2e, 0x00}

func join(bs ...[]byte) []byte { return bytes.Join(bs, nil) }

func octets(a string) []byte { b := addr(a).As4(); return b[:] }

// TestOptionsForwarded: what a gateway writes into options on the way.
func TestOptionsForwarded(t *testing.T) {
	out := "10.0.2.1" // its address where they leave
	for _, c := range []struct {
		name     string
		in, want []byte
	}{
		{"record route", []byte{7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0}, join([]byte{7, 11, 8}, octets(out), []byte{0, 0, 0, 0, 0})},
		{"record route, second", join([]byte{7, 11, 8}, octets("10.9.9.9"), []byte{0, 0, 0, 0, 0}), join([]byte{7, 11, 12}, octets("10.9.9.9"), octets(out), []byte{0})},
		{"record route, full", join([]byte{7, 7, 8}, octets("10.9.9.9"), []byte{0}), join([]byte{7, 7, 8}, octets("10.9.9.9"), []byte{0})},
		{"timestamps", []byte{0x44, 8, 5, 0, 0, 0, 0, 0}, join([]byte{0x44, 8, 9, 0}, noonStamp)},
		{"timestamps with addresses", []byte{0x44, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0}, join([]byte{0x44, 12, 13, 1}, octets(out), noonStamp)},
		{"timestamps of prespecified gateways, this one", join([]byte{0x44, 12, 5, 3}, octets("10.0.1.1"), make([]byte, 4)), join([]byte{0x44, 12, 13, 3}, octets("10.0.1.1"), noonStamp)},
		{"timestamps of prespecified gateways, another", join([]byte{0x44, 12, 5, 3}, octets("10.9.9.9"), make([]byte, 4)), join([]byte{0x44, 12, 5, 3}, octets("10.9.9.9"), make([]byte, 4))},
		{"timestamps, full", join([]byte{0x44, 8, 9, 0x70}, noonStamp), join([]byte{0x44, 8, 9, 0x80}, noonStamp)},
		{"unknown, router alert, no operation", []byte{0x1e, 4, 9, 9, 0x94, 4, 0, 0, 1, 1, 1, 0}, []byte{0x1e, 4, 9, 9, 0x94, 4, 0, 0, 1, 1, 1, 0}},
		{"a source route for others", join([]byte{0x83, 7, 4}, octets("10.9.9.9"), []byte{0}), join([]byte{0x83, 7, 4}, octets("10.9.9.9"), []byte{0})},
	} {
		t.Run(c.name, func(t *testing.T) {
			conform.Row(t, "E-15")
			conform.Row(t, "G-03")
			w := newWorld(t, gatewayConfig())
			h, p, err := ip.Parse4(w.one(w.receive(0, ping(t, hostA, hostB, c.in))).octets)
			if err != nil || !bytes.Equal(h.Options, c.want) || h.Dst != hostB || h.TTL != 63 {
				t.Fatalf("%v, options %x, want %x", err, h.Options, c.want)
			}
			if _, err := icmp4.Parse(p); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOptionsAnswered: record route and timestamp go back in the reply, filled in,
// and a source route goes back reversed (E-15).
func TestOptionsAnswered(t *testing.T) {
	for _, c := range []struct {
		name     string
		in, want []byte
		hop      string
	}{
		{"record route", []byte{7, 7, 4, 0, 0, 0, 0}, join([]byte{7, 7, 8}, octets("10.0.1.10"), []byte{0}), ""},
		{"record route, full", join([]byte{7, 7, 8}, octets("10.9.9.9")), join([]byte{7, 7, 8}, octets("10.9.9.9"), []byte{0}), ""},
		{"timestamps", []byte{0x44, 8, 5, 0, 0, 0, 0, 0}, join([]byte{0x44, 8, 9, 0}, noonStamp), ""},
		{"timestamps with addresses", []byte{0x44, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0}, join([]byte{0x44, 12, 13, 1}, octets("10.0.1.10"), noonStamp), ""},
		{"timestamps that count", join([]byte{0x44, 8, 9, 0xe0}, noonStamp), join([]byte{0x44, 8, 9, 0xf0}, noonStamp), ""},
		{"both", []byte{7, 7, 4, 0, 0, 0, 0, 0x44, 8, 5, 0, 0, 0, 0, 0}, join([]byte{7, 7, 8}, octets("10.0.1.10"), []byte{0x44, 8, 9, 0}, noonStamp, []byte{0}), ""},
		{
			"a source route that has come to its end", join([]byte{0x83, 11, 12}, octets("10.0.1.5"), octets("10.0.1.6")),
			join([]byte{0x83, 11, 4}, octets("10.0.1.5"), octets("10.0.2.100"), []byte{0}), "10.0.1.6",
		},
		{
			"a strict one", join([]byte{0x89, 7, 8}, octets("10.0.1.5")),
			join([]byte{0x89, 7, 4}, octets("10.0.2.100"), []byte{0}), "10.0.1.5",
		},
		{"others are left out", []byte{0x1e, 4, 9, 9, 0x94, 4, 0, 0}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			conform.Row(t, "E-15")
			w := newWorld(t, hostConfig())
			s := w.one(w.receive(0, ping(t, hostB, hostA, c.in)))
			h, m := icmp(t, s.octets)
			dst, hop := hostB, gateway
			if c.hop != "" {
				dst = addr(c.hop)
				hop = dst
			}
			if !bytes.Equal(h.Options, c.want) || h.Dst != dst || s.NextHop != hop || h.Src != hostA {
				t.Errorf("options %x to %v by %v, want %x to %v by %v", h.Options, h.Dst, s.NextHop, c.want, dst, hop)
			}
			if e, ok := m.(icmp4.Echo); !ok || !e.Reply || e.Seq != 1 {
				t.Errorf("answered %v", m)
			}
		})
	}
	// Fixed by the clock's node, not by the asker: a broken clock writes what it has.
	cfg := hostConfig()
	cfg.Clock.Offset = 1_000_000 // nanoseconds
	w := newWorld(t, cfg)
	h, _ := icmp(t, w.one(w.receive(0, ping(t, hostB, hostA, []byte{0x44, 8, 5, 0, 0, 0, 0, 0}))).octets)
	if h.Options[7] != 1 {
		t.Errorf("stamp %x", h.Options[4:])
	}
}

// TestOptionFaults: 12/0, the pointer at the very octet (H-11, G-07).
func TestOptionFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		options []byte
		pointer uint8
	}{
		{"length beyond the header", []byte{1, 7, 8, 4}, 22},
		{"length of one", []byte{7, 1, 0, 0}, 21},
		{"a type without length", []byte{1, 1, 1, 7}, 23},
		{"record route with pointer 3", []byte{7, 7, 3, 0, 0, 0, 0, 0}, 22},
		{"record route with half a slot left", []byte{7, 5, 4, 0, 0, 0, 0, 0}, 22},
		{"second record route", []byte{7, 3, 4, 7, 3, 4, 0, 0}, 23},
		{"source routes of both kinds", []byte{0x83, 3, 4, 0x89, 3, 4, 0, 0}, 23},
		{"timestamp of an unknown form", []byte{0x44, 8, 5, 2, 0, 0, 0, 0}, 23},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, row := range []string{"H-11", "G-07"} {
				conform.Row(t, row)
			}
			for dst, cfg := range map[netip.Addr]stack.Config{hostA: hostConfig(), hostB: gatewayConfig()} {
				w := newWorld(t, cfg)
				src := addr("10.0.1.77")
				d := ping(t, src, dst, nil)
				h := ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: src, Dst: dst, Options: c.options}
				d, err := h.AppendPacket(nil, d[20:])
				if err != nil {
					t.Fatal(err)
				}
				_, m := w.isError(w.receive(0, d), src, kind(icmp4.TypeParameterProblem, icmp4.CodePointer))
				if p := m.(icmp4.ParameterProblem); p.Pointer != c.pointer || !bytes.Equal(p.Quote, d) {
					t.Errorf("to %v: pointer %d, want %d", dst, p.Pointer, c.pointer)
				}
				w.dropped(mib.OptionFault)
			}
		})
	}
	// A timestamp option whose overflow count is at its end is told on the way.
	w := newWorld(t, gatewayConfig())
	full := join([]byte{0x44, 8, 9, 0xf0}, noonStamp)
	_, m := w.isError(w.receive(0, ping(t, hostA, hostB, full)), hostA, kind(icmp4.TypeParameterProblem, icmp4.CodePointer))
	if p := m.(icmp4.ParameterProblem); p.Pointer != 23 || !bytes.Equal(p.Quote[20:28], full) {
		t.Errorf("pointer %d", p.Pointer)
	}
	// And E-01 to E-07 win.
	w = newWorld(t, hostConfig())
	d, err := ip.Header4{TTL: 64, Proto: ip.ProtoUDP, Src: gateway, Dst: addr("10.0.1.255"), Options: []byte{7, 1, 0, 0}}.AppendPacket(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if why := w.none(w.receive(0, d)); why != mib.ErrorAboutBroadcast {
		t.Errorf("%v", why)
	}
}

// TestSourceRoute: off by default, followed when on, 3/5 when it leads nowhere.
func TestSourceRoute(t *testing.T) {
	on := gatewayConfig()
	on.SourceRouting = true
	on.Routes = []route.Route{{Prefix: prefix("10.5.0.0/16"), Hops: []route.Hop{{Iface: 1, Via: addr("10.0.2.5")}}}}
	lsrr := func(t ip.OptionType, hops ...string) []byte {
		o := []byte{byte(t), byte(3 + 4*len(hops)), 4}
		for _, h := range hops {
			o = append(o, octets(h)...)
		}
		return o
	}
	for _, c := range []struct {
		name    string
		cfg     stack.Config
		options []byte
		hop     string // "": an error with code
		code    icmp4.Code
		why     mib.Drop
	}{
		{"off", gatewayConfig(), lsrr(ip.OptLSRR, "10.0.2.100"), "", icmp4.CodeSourceRouteFailed, mib.SourceRouteOff},
		{"loose", on, lsrr(ip.OptLSRR, "10.5.1.1", "10.0.2.100"), "10.0.2.5", 0, 0},
		{"loose, to a neighbour", on, lsrr(ip.OptLSRR, "10.0.2.100"), "10.0.2.100", 0, 0},
		{"strict, to a neighbour", on, lsrr(ip.OptSSRR, "10.0.2.100"), "10.0.2.100", 0, 0},
		{"strict, to no neighbour", on, lsrr(ip.OptSSRR, "10.5.1.1"), "", icmp4.CodeSourceRouteFailed, mib.SourceRouteFailed},
		{"no route", on, lsrr(ip.OptLSRR, "192.0.2.1"), "", icmp4.CodeSourceRouteFailed, mib.SourceRouteFailed},
		{"to a broadcast address", on, lsrr(ip.OptLSRR, "10.0.2.255"), "", icmp4.CodeSourceRouteFailed, mib.SourceRouteFailed},
		{"to a group", on, lsrr(ip.OptLSRR, "224.0.0.1"), "", icmp4.CodeSourceRouteFailed, mib.SourceRouteFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			conform.Row(t, "E-15")
			conform.Row(t, "G-04")
			w := newWorld(t, c.cfg)
			d := ping(t, hostA, gateway, c.options)
			out := w.receive(0, d)
			if c.hop == "" {
				w.isError(out, hostA, unreachable(c.code))
				w.dropped(c.why)
				return
			}
			s := w.one(out)
			h, _ := icmp(t, s.octets)
			want := bytes.Clone(ip.PadOptions(c.options))
			next := netip.AddrFrom4([4]byte(want[3:7]))
			want[2] = 8
			copy(want[3:], octets("10.0.2.1"))
			if s.NextHop != addr(c.hop) || h.Dst != next || h.TTL != 63 || !bytes.Equal(h.Options, want) {
				t.Errorf("by %v to %v, options %x, want by %s to %v, options %x", s.NextHop, h.Dst, h.Options, c.hop, next, want)
			}
		})
	}
	conform.Row(t, "E-15")
	w := newWorld(t, on)
	if why := w.none(w.receiveCast(0, ping(t, hostA, gateway, lsrr(ip.OptLSRR, "10.0.2.100")), report.Broadcast)); why != mib.LinkBroadcast {
		t.Errorf("in a broadcast frame: %v", why)
	}
	dying := ping(t, hostA, gateway, lsrr(ip.OptLSRR, "10.0.2.100"))
	dying[8] = 1
	ip.Seal4(dying)
	w.isError(w.receive(0, dying), hostA, kind(icmp4.TypeTimeExceeded, 0))
	// Out by the interface it came in by: forwarded, and no redirect (G-05).
	if s := w.one(w.receive(0, ping(t, hostA, gateway, lsrr(ip.OptLSRR, "10.0.1.77")))); s.NextHop != addr("10.0.1.77") {
		t.Errorf("by %v", s.NextHop)
	}
	// Two addresses of this node after each other, then on.
	s := w.one(w.receive(0, ping(t, hostA, gateway, lsrr(ip.OptLSRR, "10.0.2.1", "10.0.2.100"))))
	h, _ := icmp(t, s.octets)
	if s.NextHop != hostB || h.Dst != hostB || h.TTL != 62 || h.Options[2] != 12 {
		t.Errorf("by %v to %v, options %x", s.NextHop, h.Dst, h.Options)
	}
	// One that ends here is answered, and the answer goes back by it.
	s = w.one(w.receive(0, ping(t, hostA, gateway, lsrr(ip.OptLSRR, "10.0.2.1"))))
	h, m := icmp(t, s.octets)
	if h.Src != addr("10.0.2.1") || h.Dst != hostA || !bytes.Equal(h.Options, join([]byte{0x83, 7, 8}, octets("10.0.1.1"), []byte{0})) {
		t.Errorf("%v from %v to %v, options %x", m, h.Src, h.Dst, h.Options)
	}
}

// TestOverflownTimestamp: a timestamp option that cannot even count any more is an
// error, whoever the datagram is for (RFC 791 §3.1), and the pointer is at the
// count (H-11, G-07).
func TestOverflownTimestamp(t *testing.T) {
	conform.Row(t, "H-11")
	conform.Row(t, "G-07")
	for _, c := range []struct {
		name   string
		option []byte
		fault  bool
	}{
		{"full", join([]byte{1, 1, 1, 1, 0x44, 8, 9, 0xf0}, noonStamp), true},
		{"with addresses", join([]byte{1, 1, 1, 1, 0x44, 12, 13, 0xf1}, octets("10.9.9.9"), noonStamp), true},
		{"room left", join([]byte{1, 1, 1, 1, 0x44, 8, 5, 0xf0}, noonStamp), false},
		{"prespecified", join([]byte{1, 1, 1, 1, 0x44, 12, 13, 0xf3}, octets("10.9.9.9"), noonStamp), false},
	} {
		for _, n := range []struct {
			name string
			cfg  stack.Config
			dst  string
		}{{"host", hostConfig(), "10.0.1.10"}, {"gateway", gatewayConfig(), "10.0.2.100"}} {
			t.Run(c.name+", "+n.name, func(t *testing.T) {
				w := newWorld(t, n.cfg)
				out := w.receive(0, ping(t, addr("10.0.1.20"), addr(n.dst), c.option))
				if !c.fault {
					w.one(out)
					return
				}
				_, m := w.isError(out, addr("10.0.1.20"), kind(icmp4.TypeParameterProblem, icmp4.CodePointer))
				if p := m.(icmp4.ParameterProblem).Pointer; p != 27 {
					t.Errorf("pointer %d, want 27", p)
				}
			})
		}
	}
}
