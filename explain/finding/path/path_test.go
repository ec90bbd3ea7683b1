package path_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

const (
	inner = "10.0.0.5"
	outer = "198.51.100.1"
)

func u16(n int) uint16 { return uint16(n) } //nolint:gosec // few

// pass enters a datagram n times on the same link, each with so much less to live.
func pass(n, less int) *traffic.Writer {
	w := &traffic.Writer{}
	b := w.UDP(inner, outer, 5, 6, 7)
	for range n - 1 {
		w.Wait(time.Millisecond)
		b = slices.Clone(b)
		b[8] -= byte(less) //nolint:gosec // few
		ip.Seal4(b)
		w.Put(b)
	}
	return w
}

func TestLoopOnTheLink(t *testing.T) {
	f := traffic.One(t, detect.Config{}, pass(5, 2), finding.RoutingLoop)
	if f == nil || f.Number(finding.FactSameDatagram) != 5 || f.Severity != finding.Alarm || f.From.String() != inner || f.To.String() != outer ||
		!slices.Equal(f.Packets, []int{1, 3, 4, 5}) {
		t.Errorf("%+v", f)
	}
	for name, w := range map[string]*traffic.Writer{"twice": pass(2, 2), "copies": pass(9, 0)} {
		if f := traffic.One(t, detect.Config{}, w, finding.RoutingLoop); f != nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
	// A bridge shows each pass twice: these are two passes.
	w := pass(2, 2)
	w.All = []conversation.Datagram{w.All[0], w.All[0], w.All[1], w.All[1]}
	if f := traffic.One(t, detect.Config{}, w, finding.RoutingLoop); f != nil {
		t.Errorf("bridged: %+v", f)
	}
}

// trace asks hop by hop; hop i is answered by router(i), "" is nobody.
func trace(n int, gap time.Duration, router func(ttl int) string) *traffic.Writer {
	w := &traffic.Writer{}
	for ttl := 1; ttl <= n; ttl++ {
		w.TTL = ip.TTL(ttl) //nolint:gosec // few
		probe := w.UDP(inner, outer, 5, u16(33433+ttl), 7)
		w.Wait(gap)
		if from := router(ttl); from != "" {
			w.TTL = 64
			w.ICMP(from, inner, icmp4.TimeExceeded{Quote: probe})
		}
	}
	return w
}

func TestLoopOfATrace(t *testing.T) {
	between := func(first, period int) func(int) string {
		return func(ttl int) string {
			if ttl < first {
				return fmt.Sprintf("10.1.%d.1", ttl)
			}
			return fmt.Sprintf("10.2.%d.1", (ttl-first)%period)
		}
	}
	for period := 2; period <= 5; period++ {
		// Three routers again: the third repetition is at first+period+2.
		n := 4 + period + 2
		f := traffic.One(t, detect.Config{}, trace(n, time.Millisecond, between(4, period)), finding.RoutingLoop)
		if (f != nil) != (period <= 4) || f != nil && (!f.Has(finding.FactAlternating) || f.To.String() != outer || f.From.String() != inner) {
			t.Errorf("period %d: %+v", period, f)
		}
		if f := traffic.One(t, detect.Config{}, trace(n-1, time.Millisecond, between(4, period)), finding.RoutingLoop); f != nil {
			t.Errorf("period %d, one probe less: %+v", period, f)
		}
	}
	// The third repetition is at the last hop that a probe is for, or behind it.
	for first, want := range map[int]bool{28: true, 29: false} {
		if f := traffic.One(t, detect.Config{}, trace(33, time.Millisecond, between(first, 2)), finding.RoutingLoop); (f != nil) != want {
			t.Errorf("from hop %d on: %+v", first, f)
		}
	}
	for gap, want := range map[time.Duration]bool{time.Minute: true, time.Minute + 1: false} {
		if f := traffic.One(t, detect.Config{}, trace(12, gap, between(4, 2)), finding.RoutingLoop); (f != nil) != want {
			t.Errorf("a hop in %v: %+v", gap, f)
		}
	}
	for name, w := range map[string]*traffic.Writer{
		"one router at the end": trace(20, time.Millisecond, between(4, 1)),
		"slowly":                trace(12, 61*time.Second, between(4, 2)),
		"silence between": trace(20, time.Millisecond, func(ttl int) string {
			if ttl%2 == 0 {
				return ""
			}
			return "10.1.1.1"
		}),
	} {
		if f := traffic.One(t, detect.Config{}, w, finding.RoutingLoop); f != nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestLoopOfWhatExpires(t *testing.T) {
	w := &traffic.Writer{TTL: 50}
	for i := range 3 {
		b := w.UDP(inner, outer, 5, u16(100+i), 7)
		w.Wait(time.Millisecond)
		w.ICMP(fmt.Sprintf("10.1.%d.1", i%2), inner, icmp4.TimeExceeded{Quote: b})
	}
	f := traffic.One(t, detect.Config{}, w, finding.RoutingLoop)
	if f == nil || f.Number(finding.FactHopsLeft) != 50 || f.Number(finding.FactRouters) != 2 || f.From.String() != inner || f.To.String() != outer ||
		!slices.Equal(f.Packets, []int{1, 2, 3, 4, 5, 6}) {
		t.Errorf("%+v", f)
	}
	w = &traffic.Writer{TTL: 50}
	b := w.UDP(inner, outer, 5, 6, 7)
	w.ICMP("10.1.1.1", inner, icmp4.TimeExceeded{Code: icmp4.CodeReassembly, Quote: b})
	if f := traffic.One(t, detect.Config{}, w, finding.RoutingLoop); f != nil {
		t.Errorf("fragments: %+v", f)
	}
}

// echoes are requests of so many octets with DF, and whether each is answered.
func echoes(df bool, all ...int) *traffic.Writer {
	w := &traffic.Writer{DF: df}
	for i, n := range all {
		answered := n < 0
		n = max(n, -n)
		w.Echo(inner, outer, false, 1, u16(i), traffic.Data(n-28))
		if answered {
			w.Wait(20 * time.Millisecond)
			w.Echo(outer, inner, true, 1, u16(i), traffic.Data(n-28))
		}
		w.Wait(time.Second)
	}
	return w
}

func TestBlackHoleOfEcho(t *testing.T) {
	f := traffic.One(t, detect.Config{}, echoes(true, 1500, 1500, 1400, -900), finding.MTUBlackHole)
	if f == nil || f.Number(finding.FactLength) != 1400 || f.Number(finding.FactPassed) != 900 || f.Number(finding.FactRetransmitted) != 3 ||
		f.Count != 3 || f.Packets[0] != 1 || f.From.String() != inner || f.To.String() != outer || f.Severity != finding.Alarm {
		t.Errorf("%+v", f)
	}
	if f := traffic.One(t, detect.Config{}, echoes(true, 1000, 1000, 1000, -999), finding.MTUBlackHole); f == nil || f.Number(finding.FactPassed) != 999 {
		t.Errorf("1000 octets: %+v", f)
	}
	// A search: one passes that is large, too.
	f = traffic.One(t, detect.Config{}, echoes(true, 1500, 1400, 1500, 1500, -1200), finding.MTUBlackHole)
	if f == nil || f.Number(finding.FactLength) != 1500 || f.Number(finding.FactPassed) != 1200 || f.Number(finding.FactRetransmitted) != 3 || f.Packets[0] != 1 {
		t.Errorf("search: %+v", f)
	}
	for name, w := range map[string]*traffic.Writer{
		"a search, two":       echoes(true, 1500, 1400, 1400, 1500, -1200),
		"two":                 echoes(true, 1500, 1500, -1200),
		"may be fragmented":   echoes(false, 1500, 1500, 1500, -1200),
		"not large":           echoes(true, 999, 999, 999, -500),
		"nothing passes":      echoes(true, 1500, 1500, 1500, 1200),
		"as large passes":     echoes(true, 1500, 1500, 1500, -1500, -100),
		"large passed before": echoes(true, -1500, 1500, 1500, 1500, -100),
	} {
		if f := traffic.One(t, detect.Config{}, w, finding.MTUBlackHole); f != nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
	// The sender hears why.
	w := echoes(true, 1500, 1500, 1500)
	big := w.All[2].Octets
	w.ICMP("10.1.1.1", inner, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: big[:28]})
	w.Echo(inner, outer, false, 1, 90, traffic.Data(100))
	w.Echo(outer, inner, true, 1, 90, traffic.Data(100))
	if f := traffic.One(t, detect.Config{}, w, finding.MTUBlackHole); f != nil {
		t.Errorf("told: %+v", f)
	}
}

// TestBlackHoleOfTCP6: IPv6 needs no flag.
func TestBlackHoleOfTCP6(t *testing.T) {
	const a, b = "2001:db8::1", "2001:db8::2"
	for n, want := range map[int]bool{939: false, 940: true} { // 60 octets of headers
		w := &traffic.Writer{}
		up := transport.TCP{SrcPort: 4000, DstPort: 80, Seq: 100, Flags: transport.SYN}
		w.TCP(a, b, up, 0)
		w.TCP(b, a, transport.TCP{SrcPort: 80, DstPort: 4000, Seq: 900, Ack: 101, Flags: transport.SYN | transport.ACK}, 0)
		up.Flags, up.Seq, up.Ack = transport.ACK, 101, 901
		w.TCP(a, b, up, 0)
		for range 4 {
			w.Wait(time.Second)
			w.TCP(a, b, up, n)
		}
		f := traffic.One(t, detect.Config{}, w, finding.MTUBlackHole)
		if (f != nil) != want || f != nil && (f.Number(finding.FactLength) != 1000 || f.Number(finding.FactRetransmitted) != 4 || f.From.String() != a || f.Count != 3 || f.Packets[0] != 5) {
			t.Errorf("%d octets: %+v", n, f)
		}
	}
}

// mtr asks six hops n times; the third answers if it likes.
func mtr(n int, third, last func(i int) bool) *traffic.Writer {
	w := &traffic.Writer{}
	for i := range n {
		for ttl := 1; ttl <= 6; ttl++ {
			w.TTL = ip.TTL(ttl) //nolint:gosec // few
			seq := u16(i*6 + ttl)
			probe := w.Echo(inner, outer, false, 7, seq, make([]byte, 20))
			w.Wait(10 * time.Millisecond)
			w.TTL = 60
			switch {
			case ttl == 3 && !third(i), ttl == 6 && !last(i):
			case ttl == 6:
				w.Echo(outer, inner, true, 7, seq, make([]byte, 20))
			default:
				w.ICMP(fmt.Sprintf("10.%d.0.1", ttl), inner, icmp4.TimeExceeded{Quote: probe})
			}
		}
		w.Wait(time.Second)
	}
	return w
}

func TestLimited(t *testing.T) {
	always := func(int) bool { return true }
	of := func(n, of int) func(int) bool { return func(i int) bool { return i%of < n } }
	f := traffic.One(t, detect.Config{}, mtr(40, of(1, 2), always), finding.RateLimitedHop)
	if f == nil || f.Number(finding.FactHop) != 3 || f.Number(finding.FactShare) < 45 || f.Number(finding.FactShare) > 55 || f.Count != 40 || f.Packets[0] != 5 ||
		f.Severity != finding.Notice || f.From.String() != inner || f.To.String() != outer || f.Addresses[0].String() != "10.3.0.1" {
		t.Errorf("%+v", f)
	}
	for name, tt := range map[string]struct {
		w    *traffic.Writer
		want bool
	}{
		"19 probes": {mtr(19, of(1, 2), always), false},
		"20 probes": {mtr(20, of(1, 2), always), true},
		"14 of 20":  {mtr(20, of(14, 20), always), true},
		"15 of 20":  {mtr(20, of(15, 20), always), false},
		"never":     {mtr(40, of(0, 2), always), false},
	} {
		if f := traffic.One(t, detect.Config{}, tt.w, finding.RateLimitedHop); (f != nil) != tt.want {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func mac(n byte) [6]byte { return [6]byte{2, 0, 0, 0, 0, n} }

// TestDuplicate: there and back within a minute, in frames that passed no router.
func TestDuplicate(t *testing.T) {
	said := func(ttl ip.TTL, every time.Duration, macs ...byte) *traffic.Writer {
		w := &traffic.Writer{TTL: ttl}
		for i, m := range macs {
			w.SrcMAC = mac(m)
			w.UDP(inner, outer, 5, u16(i), 7)
			w.Wait(every)
		}
		return w
	}
	for ttl, want := range map[ip.TTL]bool{64: true, 128: true, 255: true, 63: false, 65: false, 127: false, 254: false} {
		f := traffic.One(t, detect.Config{}, said(ttl, time.Second, 1, 2, 1), finding.DuplicateAddress)
		if (f != nil) != want || f != nil && (f.From.String() != inner || traffic.Text(f, finding.FactMACs) != "02:00:00:00:00:02, 02:00:00:00:00:01" ||
			!slices.Equal(f.Packets, []int{2, 3}) || f.Severity != finding.Alarm || f.Has(finding.FactDAD)) {
			t.Errorf("%d: %+v", ttl, f)
		}
	}
	for name, tt := range map[string]struct {
		w    *traffic.Writer
		want bool
	}{
		"in a minute":    {said(64, time.Minute, 1, 2, 1), true},
		"in more":        {said(64, time.Minute+1, 1, 2, 1), false},
		"moves on":       {said(64, time.Second, 1, 2, 3, 4), false},
		"on, and back":   {said(64, time.Second, 1, 2, 3, 2), true},
		"never back":     {said(64, time.Second, 1, 1, 2, 2, 2), false},
		"one of nothing": {said(64, time.Second, 0, 0), false},
	} {
		if f := traffic.One(t, detect.Config{}, tt.w, finding.DuplicateAddress); (f != nil) != tt.want {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestDuplicate6: what neighbour advertisements say, and the defence of an address
// that somebody asks whether it is free.
func TestDuplicate6(t *testing.T) {
	advertise := func(w *traffic.Writer, to string, m byte) {
		o := []byte{2, 1, 2, 0, 0, 0, 0, m}
		w.ICMP6("fe80::7", to, icmp6.NeighborAdvertisement{Flags: 0x20, Target: traffic.Addr("fe80::7"), Options: o})
		w.Wait(time.Second)
	}
	w := &traffic.Writer{TTL: 255}
	for _, m := range []byte{1, 2, 1} {
		advertise(w, "fe80::1", m)
	}
	if f := traffic.One(t, detect.Config{}, w, finding.DuplicateAddress); f == nil || f.From.String() != "fe80::7" || traffic.Text(f, finding.FactMACs) != "02:00:00:00:00:02, 02:00:00:00:00:01" {
		t.Errorf("%+v", f)
	}
	for after, want := range map[time.Duration]bool{0: true, 949 * time.Millisecond: true, 950 * time.Millisecond: false, 3 * time.Second: false} {
		w := &traffic.Writer{TTL: 255}
		w.ICMP6("::", "ff02::1:ff00:7", icmp6.NeighborSolicitation{Target: traffic.Addr("fe80::7")})
		w.Wait(after)
		advertise(w, "ff02::1", 1)
		f := traffic.One(t, detect.Config{}, w, finding.DuplicateAddress)
		if (f != nil) != want || f != nil && (!f.Has(finding.FactDAD) || f.Count != 2 || !slices.Equal(f.Packets, []int{1, 2})) {
			t.Errorf("after %v: %+v", after, f)
		}
	}
	// What answers goes to all nodes, and once.
	for to, want := range map[string]bool{"ff02::1": true, "fe80::1": false} {
		w := &traffic.Writer{TTL: 255}
		w.ICMP6("::", "ff02::1:ff00:7", icmp6.NeighborSolicitation{Target: traffic.Addr("fe80::7")})
		w.Wait(time.Millisecond)
		advertise(w, to, 1)
		w.Now = w.Now.Add(-999 * time.Millisecond)
		advertise(w, to, 1)
		if f := traffic.One(t, detect.Config{}, w, finding.DuplicateAddress); (f != nil) != want || f != nil && f.Count != 2 {
			t.Errorf("to %s: %+v", to, f)
		}
	}
	// Options before that of the link address are passed over; what is no option, or
	// is cut, tells nothing.
	mtu := []byte{5, 1, 0, 0, 0, 0, 5, 220}
	for name, tt := range map[string]struct {
		before, after []byte
		want          bool
	}{
		"another before": {mtu, nil, true},
		"two before":     {slices.Concat(mtu, mtu), nil, true},
		"a long one":     {slices.Concat([]byte{6, 2, 0, 0, 0, 0, 0, 0}, mtu), nil, true},
		"one behind":     {nil, mtu, true},
	} {
		w := &traffic.Writer{TTL: 255}
		for _, m := range []byte{1, 2, 1} {
			o := slices.Concat(tt.before, []byte{2, 1, 2, 0, 0, 0, 0, m}, tt.after)
			w.ICMP6("fe80::7", "fe80::1", icmp6.NeighborAdvertisement{Flags: 0x20, Target: traffic.Addr("fe80::7"), Options: o})
			w.Wait(time.Second)
		}
		if f := traffic.One(t, detect.Config{}, w, finding.DuplicateAddress); (f != nil) != tt.want || f != nil && traffic.Text(f, finding.FactMACs) != "02:00:00:00:00:02, 02:00:00:00:00:01" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	// Whoever has an address already asks for others, and not whether they are free.
	w = &traffic.Writer{TTL: 255}
	w.ICMP6("fe80::1", "ff02::1:ff00:7", icmp6.NeighborSolicitation{Target: traffic.Addr("fe80::7")})
	advertise(w, "ff02::1", 1)
	if f := traffic.One(t, detect.Config{}, w, finding.DuplicateAddress); f != nil {
		t.Errorf("an ordinary question: %+v", f)
	}
}

// TestOneHostOnTwoLinks: a host sends from one address on several links, each with
// its own link address; two hosts are on the same link.
func TestOneHostOnTwoLinks(t *testing.T) {
	w := &traffic.Writer{}
	for i := range 8 {
		w.Link, w.SrcMAC = i%2, mac(byte(1+i%2))
		w.UDP(inner, outer, 5, u16(i), 7)
		w.Wait(time.Second)
	}
	if f := traffic.One(t, detect.Config{}, w, finding.DuplicateAddress); f != nil {
		t.Errorf("%+v", f)
	}
	for i := range w.All {
		w.All[i].Link = 3
	}
	if f := traffic.One(t, detect.Config{}, w, finding.DuplicateAddress); f == nil || f.From.String() != inner {
		t.Errorf("on the same link: %+v", f)
	}
}
