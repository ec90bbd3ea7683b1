package stack_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/pmtu"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// flying is a datagram of hostA's to hostB, as a gateway quotes it.
func flying(t testing.TB, n int) []byte {
	t.Helper()
	return datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: ip.ProtoTCP, DF: true, TTL: 60}, make([]byte, n))
}

// TestTrouble: which errors are hard, which soft, and what becomes of them when
// nobody knows the quote (H-04 to H-06).
func TestTrouble(t *testing.T) {
	q := flying(t, 40)
	for _, c := range []struct {
		m    icmp4.Message
		want stack.Severity
		sync stack.Severity // with a synchronised connection
	}{
		{icmp4.DestUnreachable{Code: icmp4.CodeNetUnreachable, Quote: q}, stack.Soft, stack.Soft},
		{icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: q}, stack.Soft, stack.Soft},
		{icmp4.DestUnreachable{Code: icmp4.CodeProtocolUnreachable, Quote: q}, stack.Hard, stack.Soft},
		{icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: q}, stack.Hard, stack.Soft},
		{icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: flying(t, 1480)}, stack.TooBig, stack.TooBig},
		{icmp4.DestUnreachable{Code: icmp4.CodeSourceRouteFailed, Quote: q}, stack.Soft, stack.Soft},
		{icmp4.DestUnreachable{Code: icmp4.CodeAdminProhibited, Quote: q}, stack.Soft, stack.Soft},
		{icmp4.DestUnreachable{Code: 99, Quote: q}, stack.Soft, stack.Soft},
		{icmp4.TimeExceeded{Code: icmp4.CodeTTLExceeded, Quote: q}, stack.Soft, stack.Soft},
		{icmp4.TimeExceeded{Code: icmp4.CodeReassembly, Quote: q}, stack.Soft, stack.Soft},
		{icmp4.ParameterProblem{Pointer: 20, Quote: q}, stack.Soft, stack.Soft},
	} {
		t.Run(c.m.String(), func(t *testing.T) {
			for _, row := range []string{"H-04", "H-05", "H-06", "H-11"} {
				conform.Row(t, row)
			}
			for standing, want := range map[stack.Standing]stack.Severity{stack.InFlight: c.want, stack.Synchronised: c.sync} {
				w := newWorld(t, hostConfig())
				w.up.standing = standing
				w.none(w.receive(0, message(t, gateway, hostA, c.m)))
				if len(w.up.troubles) != 1 || w.up.asked != 1 {
					t.Fatalf("%d troubles, asked %d times", len(w.up.troubles), w.up.asked)
				}
				e := w.up.troubles[0]
				if e.Severity != want || e.From != gateway || e.Type != uint8(c.m.Kind().Type) || e.Code != uint8(c.m.Kind().Code) ||
					e.Quote.Src != hostA || e.Quote.Dst != hostB || e.Quote.Proto != ip.ProtoTCP {
					t.Errorf("standing %d: %+v", standing, e)
				}
				if p, ok := c.m.(icmp4.ParameterProblem); ok && e.Pointer != uint32(p.Pointer) {
					t.Errorf("pointer %d", e.Pointer)
				}
			}
			w := newWorld(t, hostConfig())
			why := w.none(w.receive(0, message(t, gateway, hostA, c.m)))
			want := mib.QuoteUnrecognised
			if c.want == stack.TooBig {
				want = mib.PTBUnrecognised
			}
			if why != want || len(w.up.troubles) != 0 {
				t.Errorf("nobody knows it: %v, %d troubles", why, len(w.up.troubles))
			}
		})
	}
}

// TestForeignQuotes: what was not sent from here, or cannot be read, is not even
// asked about.
func TestForeignQuotes(t *testing.T) {
	conform.Row(t, "H-05")
	w := newWorld(t, hostConfig())
	w.up.standing = stack.InFlight
	for _, c := range []struct {
		quote []byte
		want  mib.Drop
	}{
		{datagram(t, ip.Header4{Src: hostB, Dst: hostA, Proto: ip.ProtoTCP}, make([]byte, 20)), mib.QuoteForeign},
		{datagram(t, ip.Header4{Src: gateway, Dst: hostB, Proto: ip.ProtoTCP}, make([]byte, 20)), mib.QuoteForeign},
		{nil, mib.QuoteUnreadable},
		{flying(t, 8)[:19], mib.QuoteUnreadable},
		{append([]byte{0x95}, flying(t, 8)[1:]...), mib.QuoteUnreadable},
	} {
		if why := w.none(w.receive(0, message(t, gateway, hostA, icmp4.DestUnreachable{Quote: c.quote}))); why != c.want {
			t.Errorf("%x: %v, want %v", c.quote, why, c.want)
		}
	}
	if w.up.asked != 0 || len(w.up.troubles) != 0 {
		t.Errorf("asked %d times, %d troubles", w.up.asked, len(w.up.troubles))
	}
}

// TestPathMTU follows the example of RFC 1191 §5: down to what is reported, never
// up, never below the floor, and forgotten after ten minutes.
func TestPathMTU(t *testing.T) {
	conform.Row(t, "H-15")
	conform.Row(t, "H-16")
	tooBig := func(mtu, n int) []byte {
		return message(t, gateway, hostA, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: uint16(mtu), Quote: flying(t, n-20)})
	}
	w := newWorld(t, hostConfig())
	mtu := func() int {
		n, ok := w.node.PathMTU(w.now, hostB)
		if !ok {
			t.Fatal("no path")
		}
		return n
	}
	if w.none(w.receive(0, tooBig(1000, 1500))) != mib.PTBUnrecognised || mtu() != 1500 {
		t.Errorf("unrecognised, and the path MTU is %d", mtu())
	}
	w.up.standing = stack.InFlight
	for _, c := range []struct {
		mtu, n int
		want   int
		why    mib.Drop
	}{
		{1400, 1500, 1400, mib.None},
		{1400, 1500, 1400, mib.PTBNotLower},
		{1450, 1500, 1400, mib.PTBNotLower},
		{1000, 1400, 1000, mib.None},
		{0, 1000, 552, mib.None}, // the plateau is 508, the floor 552
		{67, 552, 552, mib.PTBTooLow},
		{68, 552, 552, mib.PTBNotLower},
	} {
		w.lastDrop()
		if why := w.none(w.receive(0, tooBig(c.mtu, c.n))); why != c.why || mtu() != c.want {
			t.Errorf("told %d about %d: %v, path MTU %d; want %v, %d", c.mtu, c.n, why, mtu(), c.why, c.want)
		}
	}
	if n := len(w.up.troubles); n != 3 || w.up.troubles[1].MTU != 1000 || w.up.troubles[2].MTU != 552 {
		t.Errorf("troubles %+v", w.up.troubles)
	}
	if n, _ := w.node.PathMTU(w.now, addr("10.0.2.101")); n != 1500 {
		t.Errorf("another destination: %d", n)
	}
	// What is sent obeys.
	payload := make([]byte, 1000)
	err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: ip.ProtoTCP, Payload: payload})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range w.poll() {
		if len(s.octets) > 552 {
			t.Errorf("%d octets left", len(s.octets))
		}
	}
	// Ten minutes after the last word about it, higher is tried again.
	w.now = w.now.Add(pmtu.DefaultAge)
	if mtu() != 1500 {
		t.Errorf("after ten minutes: %d", mtu())
	}
}

func TestPathMTUPlateau(t *testing.T) {
	conform.Row(t, "H-15")
	cfg := hostConfig()
	cfg.PMTU.Floor = 68
	w := newWorld(t, cfg)
	w.up.standing = stack.InFlight
	for _, want := range []int{1492, 1006, 508, 296, 68} {
		n, _ := w.node.PathMTU(w.now, hostB)
		w.none(w.receive(0, message(t, gateway, hostA, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, Quote: flying(t, n-20)})))
		if got, _ := w.node.PathMTU(w.now, hostB); got != want {
			t.Errorf("from %d to %d, want %d", n, got, want)
		}
	}
}

// TestSendDF: a datagram that must not be cut is refused before it leaves.
func TestSendDF(t *testing.T) {
	conform.Row(t, "H-15")
	w := newWorld(t, hostConfig())
	w.up.standing = stack.InFlight
	w.none(w.receive(0, message(t, gateway, hostA, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1000, Quote: flying(t, 1480)})))
	err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: 99, DF: true, Payload: make([]byte, 981)})
	if e, ok := err.(*stack.TooBigError); !ok || e.Len != 1001 || e.MTU != 1000 {
		t.Errorf("1001 octets: %v", err)
	}
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: 99, DF: true, Payload: make([]byte, 980)}); err != nil {
		t.Errorf("1000 octets: %v", err)
	}
	if h, _, err := ip.Parse4(w.one(w.poll()).octets); err != nil || !h.DF {
		t.Errorf("sent %v, %v", h, err)
	}
	c := w.node.Counters()
	if c.IP[0][mib.OutFragFails] != 1 || c.IP[0][mib.OutFragReqds] != 1 || c.IP[0][mib.OutRequests] != 2 {
		t.Errorf("counted %v", c.IP[0])
	}
}

func TestPathMTU6(t *testing.T) {
	conform.Row(t, "H-15")
	conform.Row(t, "H-17")
	w := newWorld(t, hostConfig())
	w.up.standing = stack.InFlight
	q, err := ip.Header6{HopLimit: 60, NextHeader: ip.ProtoTCP, Src: hostA6, Dst: hostB6}.AppendPacket(nil, make([]byte, 1100))
	if err != nil {
		t.Fatal(err)
	}
	q[4], q[5] = 1500>>8, 1500&0xff // of a longer datagram
	for _, c := range []struct {
		mtu  uint32
		want int
		why  mib.Drop
	}{
		{1279, 1500, mib.PTBTooLow},
		{0, 1500, mib.PTBTooLow},
		{1400, 1400, mib.None},
		{1280, 1280, mib.None},
		{1_000_000, 1280, mib.PTBNotLower},
	} {
		w.lastDrop()
		why := w.none(w.receive(0, message6(t, gate6, hostA6, icmp6.PacketTooBig{MTU: c.mtu, Quote: q})))
		if got, _ := w.node.PathMTU(w.now, hostB6); why != c.why || got != c.want {
			t.Errorf("told %d: %v, path MTU %d; want %v, %d", c.mtu, why, got, c.why, c.want)
		}
	}
	w.up.standing = stack.Unrecognised
	if why := w.none(w.receive(0, message6(t, gate6, hostA6, icmp6.PacketTooBig{MTU: 1300, Quote: q}))); why != mib.PTBUnrecognised {
		t.Errorf("unrecognised: %v", why)
	}
}

// TestSourceQuenchReceived: dropped and counted; LEGACY: told to the transport.
func TestSourceQuenchReceived(t *testing.T) {
	conform.Row(t, "H-09")
	d := message(t, gateway, hostA, icmp4.SourceQuench{Quote: flying(t, 40)})
	w := newWorld(t, hostConfig())
	w.up.standing = stack.InFlight
	if why := w.none(w.receive(0, d)); why != mib.SourceQuenchIgnored || len(w.up.troubles) != 0 || w.up.asked != 0 {
		t.Errorf("%v, %d troubles", why, len(w.up.troubles))
	}
	cfg := hostConfig()
	cfg.QuenchReceived = true
	w = newWorld(t, cfg)
	if why := w.none(w.receive(0, d)); why != mib.QuoteUnrecognised {
		t.Errorf("unrecognised: %v", why)
	}
	w.up.standing = stack.InFlight
	w.none(w.receive(0, d))
	if len(w.up.troubles) != 1 || w.up.troubles[0].Severity != stack.Slow {
		t.Errorf("troubles %+v", w.up.troubles)
	}
}

// redirectOf makes a redirect of hostA's traffic to dst.
func redirectOf(t testing.TB, from, to, dst netip.Addr, code icmp4.Code) []byte {
	t.Helper()
	p, err := transport.UDP{SrcPort: 5, DstPort: 7}.AppendPacket(nil, hostA, dst, []byte("data"))
	if err != nil {
		t.Fatal(err)
	}
	return message(t, from, hostA, icmp4.Redirect{Code: code, Gateway: to, Quote: datagram(t, ip.Header4{Src: hostA, Dst: dst, Proto: ip.ProtoUDP}, p)})
}

// TestRedirectReceived: each check of H-07, and each forgery.
func TestRedirectReceived(t *testing.T) {
	better := addr("10.0.1.2")
	good := redirectOf(t, gateway, better, hostB, icmp4.CodeRedirectHost)
	own := message(t, gateway, hostA, icmp4.Redirect{Code: 1, Gateway: better, Quote: datagram(t, ip.Header4{Src: hostB, Dst: hostA, Proto: 17}, udp(1, 2, 0))})
	unread := message(t, gateway, hostA, icmp4.Redirect{Code: 1, Gateway: better, Quote: []byte{1, 2, 3}})
	for _, c := range []struct {
		name   string
		policy stack.RedirectPolicy
		d      []byte
		known  bool
		want   mib.Drop
	}{
		{"ignored by default", stack.RedirectIgnore, good, true, mib.RedirectIgnored},
		{"for a host", stack.RedirectSecure, good, true, mib.None},
		{"for a network, taken for a host", stack.RedirectSecure, redirectOf(t, gateway, better, hostB, icmp4.CodeRedirectNet), true, mib.None},
		{"for a TOS and network", stack.RedirectSecure, redirectOf(t, gateway, better, hostB, icmp4.CodeRedirectTOSNet), true, mib.None},
		{"for a TOS and host", stack.RedirectSecure, redirectOf(t, gateway, better, hostB, icmp4.CodeRedirectTOSHost), true, mib.None},
		{"unknown code", stack.RedirectSecure, redirectOf(t, gateway, better, hostB, 4), true, mib.ICMPUnknownCode},
		{"not in flight", stack.RedirectSecure, good, false, mib.QuoteUnrecognised},
		{"not from the first hop", stack.RedirectSecure, redirectOf(t, addr("10.0.1.3"), better, hostB, 1), true, mib.RedirectNotFirstHop},
		{"from the new gateway itself", stack.RedirectSecure, redirectOf(t, better, better, hostB, 1), true, mib.RedirectNotFirstHop},
		{"for a neighbour", stack.RedirectSecure, redirectOf(t, gateway, better, addr("10.0.1.77"), 1), true, mib.RedirectNotFirstHop},
		{"to another network", stack.RedirectSecure, redirectOf(t, gateway, addr("10.0.3.1"), hostB, 1), true, mib.RedirectOffLink},
		{"to this host", stack.RedirectSecure, redirectOf(t, gateway, hostA, hostB, 1), true, mib.RedirectOwnAddress},
		{"of this host", stack.RedirectSecure, redirectOf(t, gateway, better, hostA, 1), true, mib.RedirectOwnAddress},
		{"of the loopback address", stack.RedirectUnchecked, redirectOf(t, gateway, better, addr("127.0.0.1"), 1), true, mib.RedirectOwnAddress},
		{"of a group", stack.RedirectUnchecked, redirectOf(t, gateway, better, addr("224.1.1.1"), 1), true, mib.RedirectNotUnicast},
		{"of a broadcast", stack.RedirectUnchecked, redirectOf(t, gateway, better, addr("10.0.1.255"), 1), true, mib.RedirectNotUnicast},
		{"to the broadcast address", stack.RedirectSecure, redirectOf(t, gateway, addr("10.0.1.255"), hostB, 1), true, mib.RedirectNotUnicast},
		{"to a group", stack.RedirectUnchecked, redirectOf(t, gateway, addr("224.0.0.1"), hostB, 1), true, mib.RedirectNotUnicast},
		{"to nobody", stack.RedirectUnchecked, redirectOf(t, gateway, addr("0.0.0.0"), hostB, 1), true, mib.RedirectNotUnicast},
		{"about what others sent", stack.RedirectUnchecked, own, true, mib.RedirectQuote},
		{"about nothing", stack.RedirectUnchecked, unread, true, mib.RedirectQuote},
		{"unchecked, forged", stack.RedirectUnchecked, redirectOf(t, addr("10.0.1.3"), better, hostB, 1), false, mib.None},
		{"unchecked, to another network", stack.RedirectUnchecked, redirectOf(t, gateway, addr("10.0.3.1"), hostB, 1), true, mib.RedirectOffLink},
	} {
		t.Run(c.name, func(t *testing.T) {
			conform.Row(t, "H-07")
			cfg := hostConfig()
			cfg.Redirects = c.policy
			w := newWorld(t, cfg)
			if c.known {
				w.up.standing = stack.InFlight
			}
			if why := w.none(w.receive(0, c.d)); why != c.want {
				t.Errorf("%v, want %v", why, c.want)
			}
			via := gateway
			if c.want == mib.None {
				via = better
				if len(w.up.troubles) != 1 || w.up.troubles[0].Severity != stack.Rerouted || w.up.troubles[0].Gateway != better {
					t.Errorf("troubles %+v", w.up.troubles)
				}
			}
			if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: 99}); err != nil {
				t.Fatal(err)
			}
			if s := w.one(w.poll()); s.NextHop != via {
				t.Errorf("the next datagram goes by %v, want %v", s.NextHop, via)
			}
			if h, ok := w.node.Redirected(hostB); ok != (c.want == mib.None) || ok && h != (route.Hop{Iface: 0, Via: better}) {
				t.Errorf("redirected to %v, %v", h, ok)
			}
			w.node.ForgetRedirects()
			if _, ok := w.node.Redirected(hostB); ok {
				t.Error("not forgotten")
			}
		})
	}
}

// TestRedirectDead: a gateway that a redirect named and that does not answer is
// given up for the one of the routing table.
func TestRedirectDead(t *testing.T) {
	conform.Row(t, "H-07")
	cfg := hostConfig()
	cfg.Redirects = stack.RedirectSecure
	w := newWorld(t, cfg)
	w.up.standing = stack.InFlight
	other := addr("10.0.2.101")
	for _, dst := range []netip.Addr{hostB, other} {
		w.none(w.receive(0, redirectOf(t, gateway, addr("10.0.1.2"), dst, icmp4.CodeRedirectHost)))
	}
	for _, via := range []netip.Addr{addr("10.0.1.2"), gateway} {
		if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: ip.ProtoUDP, Payload: udp(1, 2, 0)}); err != nil {
			t.Fatal(err)
		}
		s := w.one(w.poll())
		if s.NextHop != via {
			t.Errorf("by %v, want %v", s.NextHop, via)
		}
		w.node.Unresolved(w.now, s.Iface, s.octets)
	}
	if _, ok := w.node.Redirected(other); !ok {
		t.Error("another destination is forgotten too")
	}
}

// TestRedirectTOS: the current first hop is that of the quoted datagram's type
// of service.
func TestRedirectTOS(t *testing.T) {
	conform.Row(t, "H-07")
	fast := addr("10.0.1.3")
	cfg := hostConfig()
	cfg.Redirects = stack.RedirectSecure
	cfg.Routes = append(cfg.Routes, route.Route{Prefix: prefix("0.0.0.0/0"), TOS: 0x10, Hops: []route.Hop{{Via: fast}}})
	quoted := datagram(t, ip.Header4{TOS: 0x10, Src: hostA, Dst: hostB, Proto: ip.ProtoUDP}, udp(1, 2, 0))
	for from, want := range map[netip.Addr]mib.Drop{fast: mib.None, gateway: mib.RedirectNotFirstHop} {
		w := newWorld(t, cfg)
		w.up.standing = stack.InFlight
		m := icmp4.Redirect{Code: icmp4.CodeRedirectTOSHost, Gateway: addr("10.0.1.2"), Quote: quoted}
		if why := w.none(w.receive(0, message(t, from, hostA, m))); why != want {
			t.Errorf("from %v: %v, want %v", from, why, want)
		}
	}
}

// A redirect that comes by another interface than the traffic leaves, or names a
// gateway on another network of the host's.
func TestRedirectMultihomed(t *testing.T) {
	conform.Row(t, "H-07")
	cfg := hostConfig()
	cfg.Redirects = stack.RedirectSecure
	cfg.Interfaces = append(cfg.Interfaces, stack.Interface{Addrs: []netip.Prefix{prefix("10.0.9.10/24")}})
	w := newWorld(t, cfg)
	w.up.standing = stack.InFlight
	if why := w.none(w.receive(1, redirectOf(t, gateway, addr("10.0.1.2"), hostB, 1))); why != mib.RedirectNotFirstHop {
		t.Errorf("by the other interface: %v", why)
	}
	if why := w.none(w.receive(0, redirectOf(t, gateway, addr("10.0.9.2"), hostB, 1))); why != mib.RedirectOffLink {
		t.Errorf("to the other network: %v", why)
	}
}

// A gateway heeds no redirect.
func TestRedirectGateway(t *testing.T) {
	conform.Row(t, "H-07")
	cfg := hostConfig()
	cfg.Redirects, cfg.Forward = stack.RedirectUnchecked, true
	w := newWorld(t, cfg)
	w.up.standing = stack.InFlight
	if why := w.none(w.receive(0, redirectOf(t, gateway, addr("10.0.1.2"), hostB, 1))); why != mib.RedirectToGateway {
		t.Errorf("%v", why)
	}
}

// What a redirect has taught, the next redirect may change: the new gateway is
// the first hop now.
func TestRedirectChain(t *testing.T) {
	conform.Row(t, "H-07")
	cfg := hostConfig()
	cfg.Redirects = stack.RedirectSecure
	w := newWorld(t, cfg)
	w.up.standing = stack.InFlight
	second, third := addr("10.0.1.2"), addr("10.0.1.3")
	w.none(w.receive(0, redirectOf(t, gateway, second, hostB, 1)))
	if why := w.none(w.receive(0, redirectOf(t, gateway, third, hostB, 1))); why != mib.RedirectNotFirstHop {
		t.Errorf("the first gateway again: %v", why)
	}
	w.none(w.receive(0, redirectOf(t, second, third, hostB, 1)))
	if h, _ := w.node.Redirected(hostB); h.Via != third {
		t.Errorf("goes by %v", h.Via)
	}
}

// TestBelieveEvents: what is believed is told with its rule.
func TestBelieveEvents(t *testing.T) {
	conform.Row(t, "H-04")
	w := newWorld(t, hostConfig())
	w.up.standing = stack.InFlight
	w.now = w.now.Add(time.Second)
	w.node.Receive(w.now, stack.Datagram{Octets: message(t, gateway, hostA, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: flying(t, 1480)})})
	var rules []string
	for {
		e, ok := w.node.NextEvent()
		if !ok {
			break
		}
		rules = append(rules, e.Kind.String()+" "+e.Rule)
		if e.Kind == event.PMTU && (e.Via != hostB || e.MTU != 1400 || !e.Time.Equal(w.now) || e.Src != gateway) {
			t.Errorf("%+v", e)
		}
	}
	if len(rules) != 2 || rules[0] != "pmtu H-15" || rules[1] != "trouble H-04" {
		t.Errorf("events %q", rules)
	}
}
