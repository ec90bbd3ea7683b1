package sweep_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe/sweep"
	"github.com/sonde-net/sonde/probe/sweep/space"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// TestEvery: each target is asked once, by whatever kind, and each answer is
// credited, with its round trip where there is one.
func TestEvery(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    sweep.Config
		rtt  time.Duration
	}{
		{"echo", sweep.Config{Targets: set(t, "10.0.0.0/22", "fd00::/118")}, 5 * ms},
		{"echo with a word", sweep.Config{Targets: set(t, "10.0.0.0/24", "fd00::/120"), Payload: []byte("who@example.net")}, 5 * ms},
		{"timestamp", sweep.Config{Targets: set(t, "10.0.0.0/22"), Kind: sweep.Timestamp}, 5 * ms},
		{"udp", sweep.Config{Targets: set(t, "10.0.0.0/22", "fd00::/118"), Kind: sweep.UDP, Port: 53}, 5 * ms},
		{"udp with a word", sweep.Config{Targets: set(t, "10.0.0.0/24", "fd00::/120"), Kind: sweep.UDP, Port: 53, Payload: []byte("x")}, 5 * ms},
		{"tcp", sweep.Config{Targets: set(t, "10.0.0.0/22", "fd00::/118"), Kind: sweep.TCP, Port: 443}, 5 * ms},
		{"twice", sweep.Config{Targets: set(t, "10.0.0.0/24"), Repeat: 2}, 5 * ms},
	} {
		s := newSweep(t, tt.c)
		asked := map[netip.Addr]int{}
		ds := polls(s, start)
		for _, d := range ds {
			p := read(t, d)
			asked[p.dst]++
			if p.ttl != 64 || p.dst.Is4() && p.src != src4 || p.dst.Is6() && p.src != src6 {
				t.Errorf("%s: %+v", tt.name, p)
			}
		}
		each := max(tt.c.Repeat, 1)
		for i := range tt.c.Targets.Len() {
			if a := tt.c.Targets.At(i); asked[a] != each {
				t.Errorf("%s: %v was asked %d times", tt.name, a, asked[a])
			}
		}
		for _, d := range ds {
			s.Inject(start.Add(5*ms), reply(t, d))
		}
		n := uint64(0)
		for _, r := range results(s) {
			if !r.Duplicate {
				n++
			}
			if r.Kind != sweep.Reply || r.From != r.Target || r.RTT != tt.rtt || r.TTL != 57 || !r.Time.Equal(start.Add(5*ms)) {
				t.Fatalf("%s: %+v", tt.name, r)
			}
		}
		c := s.Counters()
		want := sweep.Counters{Sent: uint64(len(ds)), Answered: tt.c.Targets.Len(), Duplicates: uint64(len(ds)) - tt.c.Targets.Len()}
		if c != want || n != want.Answered || len(ds) != each*int(tt.c.Targets.Len()) {
			t.Errorf("%s: %+v, %d results", tt.name, c, n)
		}
	}
}

// TestEnd: a sweep waits for what comes late, and is done then.
func TestEnd(t *testing.T) {
	s := newSweep(t, sweep.Config{Targets: set(t, "10.0.0.0/30"), Rate: 10, Wait: 500 * ms})
	if d := s.Deadline(); d.After(start) {
		t.Errorf("at first: deadline %v", d)
	}
	now := start
	var last []byte
	for n := range 4 {
		ds := polls(s, now)
		if len(ds) != 1 {
			t.Fatalf("%d left at once", len(ds))
		}
		last = ds[0]
		if d := s.Deadline(); !d.Equal(start.Add(time.Duration(n+1) * 100 * ms)) {
			t.Fatalf("deadline %v after %d", d.Sub(start), n+1)
		}
		if more := polls(s, s.Deadline().Add(-1)); len(more) > 0 {
			t.Fatal("one left too early")
		}
		now = s.Deadline()
	}
	if ds := polls(s, now); len(ds) > 0 || s.Done() {
		t.Errorf("%d left after all, done %v", len(ds), s.Done())
	}
	end := now.Add(500 * ms)
	if d := s.Deadline(); !d.Equal(end) {
		t.Errorf("deadline %v", d)
	}
	s.Inject(end.Add(-1), reply(t, last))
	if c := s.Counters(); c.Answered != 1 || s.Done() {
		t.Errorf("%+v, done %v", c, s.Done())
	}
	polls(s, end)
	if !s.Done() || !s.Deadline().IsZero() || s.Position() != s.Size() {
		t.Errorf("at the end: done %v, deadline %v", s.Done(), s.Deadline())
	}
	s = newSweep(t, sweep.Config{Targets: set(t, "10.0.0.0/24")})
	s.Poll(start, nil)
	s.Stop(start.Add(ms))
	if ds := polls(s, start.Add(ms)); len(ds) > 0 || s.Done() {
		t.Errorf("stopped: %d left, done %v", len(ds), s.Done())
	}
	s.Stop(start.Add(time.Minute))
	polls(s, start.Add(ms+2*time.Second))
	if !s.Done() {
		t.Error("a sweep that was stopped does not end")
	}
}

// TestMillion reconciles every number of a sweep of a million hosts, of which
// some do not answer, some twice, and some through a router that refuses.
func TestMillion(t *testing.T) {
	targets := set(t, "10.0.0.0/12")
	s := newSweep(t, sweep.Config{Targets: targets, Rate: 1_000_000})
	dice := rand.New(rand.NewPCG(1, 2))
	router := addr("10.255.255.254")
	var want sweep.Counters
	var got struct{ replies, duplicates, errors uint64 }
	var buf []byte
	for now := start; !s.Done(); now = s.Deadline() {
		for {
			d, ok := s.Poll(now, buf[:0])
			buf = d
			if !ok {
				break
			}
			want.Sent++
			switch n := dice.IntN(100); {
			case n < 10: // lost
			case n < 20:
				want.Errors++
				s.Inject(now, exceeded(t, router, d))
			case n < 25:
				want.Duplicates++
				s.Inject(now, reply(t, d))
				fallthrough
			default:
				want.Answered++
				s.Inject(now, reply(t, d))
			}
		}
		for r, ok := s.NextResult(); ok; r, ok = s.NextResult() {
			switch {
			case r.Kind == sweep.Error:
				got.errors++
				if r.From != router || r.Type != 11 || r.Code != 0 || !targets.Contains(r.Target) {
					t.Fatalf("%+v", r)
				}
			case r.Duplicate:
				got.duplicates++
			default:
				got.replies++
			}
		}
	}
	if c := s.Counters(); c != want || got.replies != want.Answered || got.duplicates != want.Duplicates || got.errors != want.Errors || want.Sent != 1<<20 {
		t.Errorf("%+v\nwant %+v\n got %+v", c, want, got)
	}
}

// TestForged: what is no answer is told from what pretends to be one, and changes
// nothing.
func TestForged(t *testing.T) {
	for _, kind := range []sweep.Kind{sweep.Echo, sweep.Timestamp, sweep.UDP, sweep.TCP} {
		c := sweep.Config{Targets: set(t, "10.0.0.0/24"), Kind: kind, Port: 99}
		s := newSweep(t, c)
		ds := polls(s, start)
		other := newSweep(t, sweep.Config{Targets: c.Targets, Kind: kind, Port: 99, Seed: 8})
		alike := newSweep(t, sweep.Config{Targets: set(t, "10.0.0.0/24", "10.0.1.0/24"), Kind: kind, Port: 99})
		var want sweep.Counters
		want.Sent = uint64(len(ds))
		for _, d := range polls(other, start) { // of another seed
			s.Inject(start, reply(t, d))
			want.Forged++
		}
		for _, d := range polls(other, start) {
			s.Inject(start, exceeded(t, addr("10.9.9.9"), d))
			want.Forged++
		}
		for _, d := range polls(alike, start) { // of hosts that were not asked
			if p := read(t, d); !c.Targets.Contains(p.dst) {
				s.Inject(start, reply(t, d))
				want.Foreign++
				s.Inject(start, exceeded(t, addr("10.9.9.9"), d))
				want.Foreign++
			}
		}
		for i, d := range ds {
			r := reply(t, d)
			p := read(t, r)
			// In the name of another; to another; cut anywhere; with any bit another.
			elsewhere := enclose(t, p.src, addr("10.255.0.2"), p.proto, p.payload)
			s.Inject(start, elsewhere)
			want.Foreign++
			cut := r[:len(r)-1-i%20]
			s.Inject(start, cut)
			want.Foreign++
			broken := append([]byte(nil), r...)
			broken[i%len(broken)] ^= 1 << (i % 8)
			s.Inject(start, broken)
			want.Foreign++
			s.Inject(start, d) // the probe itself
			want.Foreign++
		}
		s.Inject(start, nil)
		s.Inject(start, []byte{0x60})
		want.Foreign += 2
		if got := s.Counters(); got != want {
			t.Errorf("%v: %+v, want %+v", kind, got, want)
		}
		if rs := results(s); len(rs) > 0 {
			t.Errorf("%v: %+v", kind, rs[0])
		}
	}
}

// TestEchoFields: each field that an echo reply shows has to be right, with a
// checksum that is.
func TestEchoFields(t *testing.T) {
	s := newSweep(t, sweep.Config{Targets: set(t, "10.0.0.1")})
	d := polls(s, start)[0]
	p := read(t, reply(t, d))
	e, err := icmp4.ParseEcho(p.payload)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(e *icmp4.Echo){
		"identifier": func(e *icmp4.Echo) { e.ID++ },
		"sequence":   func(e *icmp4.Echo) { e.Seq++ },
		"before":     func(e *icmp4.Echo) { e.Seq-- },
		"cookie":     func(e *icmp4.Echo) { e.Data[0]++ },
		"tag":        func(e *icmp4.Echo) { e.Data[11] ^= 2 },
		"number":     func(e *icmp4.Echo) { e.Data[15]++ },
		"length":     func(e *icmp4.Echo) { e.Data = e.Data[:15] },
		"code":       func(e *icmp4.Echo) { e.Code = 1 },
	} {
		m := e
		m.Data = append([]byte(nil), e.Data...)
		change(&m)
		b, err := m.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		before := s.Counters()
		s.Inject(start, enclose(t, p.src, p.dst, p.proto, b))
		if c := s.Counters(); c.Forged != before.Forged+1 || c.Answered != 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	e.Data = append(e.Data, "more"...) // which is behind what is ours
	b, _ := e.AppendBinary(nil)
	s.Inject(start, enclose(t, p.src, p.dst, p.proto, b))
	if c := s.Counters(); c.Answered != 1 {
		t.Errorf("%+v", c)
	}
}

// TestTag: all probes of a sweep have its tag, and another sweep's have another.
// There is none where the number of a probe has no room for it, and none of
// another kind.
func TestTag(t *testing.T) {
	tags := map[uint32]bool{}
	for seed := range uint64(20) {
		c := sweep.Config{Targets: set(t, "10.0.0.0/28", "fd00::/124"), Seed: seed + 1, Repeat: 2}
		tag := c.Tag()
		tags[tag] = true
		for _, d := range polls(newSweep(t, c), start) {
			if got := binary.BigEndian.Uint32(read(t, d).payload[16:]); got != tag || tag == 0 {
				t.Fatalf("seed %d: tag %x, want %x", seed, got, tag)
			}
		}
	}
	if len(tags) != 20 {
		t.Errorf("%d tags of 20 sweeps", len(tags))
	}
	for _, c := range []struct {
		prefix string
		kind   sweep.Kind
		repeat int
		has    bool
	}{
		{"fd00::/96", sweep.Echo, 1, true},
		{"fd00::/96", sweep.Echo, 2, false},
		{"fd00::/97", sweep.Echo, 2, true},
		{"fd00::/95", sweep.Echo, 0, false},
		{"10.0.0.0/28", sweep.UDP, 1, false},
		{"10.0.0.0/28", sweep.Timestamp, 1, false},
	} {
		config := sweep.Config{Targets: set(t, c.prefix), Kind: c.kind, Repeat: c.repeat, Seed: 1}
		if got := config.Tag() != 0; got != c.has {
			t.Errorf("%s, %v, %d times: a tag: %v", c.prefix, c.kind, c.repeat, got)
		}
	}
	if new(sweep.Config).Tag() != 0 {
		t.Error("no targets have a tag")
	}
}

// TestErrors: an error says who sent it, about whom; port unreachable from the
// target is its answer.
func TestErrors(t *testing.T) {
	for _, c := range []sweep.Config{
		{Targets: set(t, "10.0.0.0/28", "fd00::/124")},
		{Targets: set(t, "10.0.0.0/28"), Kind: sweep.Timestamp},
		{Targets: set(t, "10.0.0.0/28", "fd00::/124"), Kind: sweep.UDP, Port: 53},
		{Targets: set(t, "10.0.0.0/28", "fd00::/124"), Kind: sweep.TCP, Port: 53},
		{Targets: set(t, "10.0.0.0/28"), Repeat: 3},
	} {
		s := newSweep(t, c)
		for _, d := range polls(s, start) {
			router := addr("10.9.9.9")
			p := read(t, d)
			if p.dst.Is6() {
				router = addr("fd00:9::9")
			}
			s.Inject(start.Add(ms), exceeded(t, router, d))
			rs := results(s)
			if len(rs) != 1 || rs[0].Kind != sweep.Error || rs[0].From != router || rs[0].Target != p.dst || rs[0].TTL != 57 {
				t.Fatalf("%v: %+v", c.Kind, rs)
			}
		}
	}
	s := newSweep(t, sweep.Config{Targets: set(t, "10.0.0.1"), Kind: sweep.UDP, Port: 53})
	d := polls(s, start)[0]
	for i, from := range []string{"10.0.0.1", "10.0.0.2"} {
		b, err := icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: d}.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		s.Inject(start, enclose(t, addr(from), src4, ip.ProtoICMP, b))
		rs := results(s)
		if want := []sweep.ResultKind{sweep.Reply, sweep.Error}[i]; len(rs) != 1 || rs[0].Kind != want || rs[0].Closed != (i == 0) || rs[0].Type != 3 || rs[0].Code != 3 {
			t.Errorf("%+v", rs)
		}
	}
	s = newSweep(t, sweep.Config{Targets: set(t, "10.0.0.1"), Kind: sweep.TCP, Port: 53})
	p := read(t, polls(s, start)[0])
	u, _, err := transport.DecodeTCP(p.payload)
	if err != nil || u.Flags != transport.SYN || u.DstPort != 53 {
		t.Fatalf("%+v, %v", u, err)
	}
	for _, flags := range []transport.TCPFlags{transport.ACK, transport.RST | transport.ACK} {
		b, _ := transport.TCP{SrcPort: 53, DstPort: u.SrcPort, Ack: u.Seq + 1, Flags: flags}.AppendPacket(nil, p.dst, p.src, nil)
		s.Inject(start, enclose(t, p.dst, p.src, p.proto, b))
	}
	if rs := results(s); len(rs) != 1 || !rs[0].Closed || rs[0].Kind != sweep.Reply {
		t.Errorf("%+v", rs)
	}
}

// TestTrace: every target is asked with every time to live, by one flow, and the
// error shows which it was.
func TestTrace(t *testing.T) {
	targets := set(t, "10.0.0.0/26", "fd00::/122")
	s := newSweep(t, sweep.Config{Targets: targets, Hops: 12, TTL: 99})
	type pair struct {
		dst netip.Addr
		ttl ip.TTL
	}
	asked := map[pair]bool{}
	flow := map[netip.Addr][2]uint16{}
	for _, d := range polls(s, start) {
		p := read(t, d)
		if asked[pair{p.dst, p.ttl}] || p.ttl < 1 || p.ttl > 12 {
			t.Fatalf("%v with ttl %d", p.dst, p.ttl)
		}
		asked[pair{p.dst, p.ttl}] = true
		f := [2]uint16{uint16(p.payload[2])<<8 | uint16(p.payload[3]), uint16(p.payload[4])<<8 | uint16(p.payload[5])}
		if was, ok := flow[p.dst]; ok && was != f {
			t.Fatalf("%v: checksum and identifier %x, before %x", p.dst, f, was)
		}
		flow[p.dst] = f
		router := addr("10.9.9.0")
		if p.dst.Is6() {
			router = addr("fd00:9::")
		}
		if p.ttl < 12 {
			s.Inject(start.Add(ms), exceeded(t, router, d))
		} else {
			s.Inject(start.Add(ms), reply(t, d))
		}
		rs := results(s)
		if len(rs) != 1 || ip.TTL(rs[0].Hop) != p.ttl || rs[0].Target != p.dst || (rs[0].Kind == sweep.Reply) != (p.ttl == 12) {
			t.Fatalf("%+v, ttl %d", rs, p.ttl)
		}
	}
	if len(asked) != 12*128 {
		t.Errorf("%d pairs", len(asked))
	}
}

// TestRate: on average exactly the rate, never before the schedule; what was
// missed by more than a moment is not made good.
func TestRate(t *testing.T) {
	for _, tt := range []struct {
		c    sweep.Config
		late time.Duration // with which each wake-up comes
		want int           // in ten seconds
	}{
		{sweep.Config{Rate: 10}, 0, 100},
		{sweep.Config{Rate: 10}, 3 * ms, 100},
		{sweep.Config{Rate: 999}, ms, 9990},
		{sweep.Config{Rate: 300_000}, ms, 3_000_000},
		{sweep.Config{Bits: 36_000 * 8}, ms, 5000},            // 44 octets, and 28 of the link
		{sweep.Config{Bits: 40_000 * 8, Least: 80}, ms, 5000}, // a short one takes no less
		{sweep.Config{Bits: 36_000 * 8, Least: 71}, ms, 5000},
		{sweep.Config{Rate: 1000}, 20 * ms, 6371}, // of each 20 ms 10 are made good, and a quarter
	} {
		tt.c.Targets, tt.c.Overhead = set(t, "10.0.0.0/9"), 28
		s := newSweep(t, tt.c)
		n := 0
		var buf []byte
		for now := start; now.Before(start.Add(10 * time.Second)); now = s.Deadline().Add(tt.late) {
			for {
				d, ok := s.Poll(now, buf[:0])
				buf = d
				if !ok {
					break
				}
				n++
			}
			if limit := float64(max(tt.c.Rate, tt.want/10))*now.Sub(start).Seconds() + 1; float64(n) > limit+1e-6*limit {
				t.Fatalf("%+v: %d after %v", tt.c, n, now.Sub(start))
			}
		}
		if n < tt.want*99/100 || n > tt.want*101/100 {
			t.Errorf("rate %d, bits %d, late by %v: %d in ten seconds, want %d", tt.c.Rate, tt.c.Bits, tt.late, n, tt.want)
		}
	}
}

// TestBothFamilies: the limit is one of bits, whatever length the datagrams have.
func TestBothFamilies(t *testing.T) {
	const bits = 8_000_000
	s := newSweep(t, sweep.Config{Targets: set(t, "10.0.0.0/14", "fd00::/110"), Bits: bits, Overhead: 38})
	octets, kinds := 0, map[int]int{}
	var buf []byte
	for now := start; now.Before(start.Add(10 * time.Second)); now = s.Deadline() {
		for {
			d, ok := s.Poll(now, buf[:0])
			buf = d
			if !ok {
				break
			}
			octets += len(d) + 38
			kinds[len(d)]++
		}
		if most := bits/8*now.Sub(start).Seconds() + 102; float64(octets) > most*(1+1e-6) {
			t.Fatalf("%d octets after %v", octets, now.Sub(start))
		}
	}
	if want := bits / 8 * 10; len(kinds) != 2 || octets < want*999/1000 || octets > want*1001/1000 {
		t.Errorf("%d octets in ten seconds, want %d; %v", octets, want, kinds)
	}
}

// TestStall: what a stall of a second has missed is made good in four, a quarter
// faster than the rate; of one of ten seconds, five.
func TestStall(t *testing.T) {
	for _, tt := range []struct{ stall, after, want time.Duration }{
		{time.Second, 3 * time.Second, 3760 * ms}, // 10 ms at once, and 1.25 times the rate
		{time.Second, 5 * time.Second, 6 * time.Second},
		{10 * time.Second, 30 * time.Second, 35 * time.Second},
	} {
		s := newSweep(t, sweep.Config{Targets: set(t, "10.0.0.0/9"), Rate: 1000})
		n := 0
		var buf []byte
		from := start.Add(tt.stall)
		if _, ok := s.Poll(start, nil); !ok {
			t.Fatal("nothing")
		}
		for now := from; now.Before(from.Add(tt.after)); now = s.Deadline() {
			for ok := true; ok; n++ {
				buf, ok = s.Poll(now, buf[:0])
			}
			n--
			if now.Equal(from) && n != 13 {
				t.Errorf("%d leave at once", n)
			}
		}
		if want := int(tt.want / ms); n < want-4 || n > want+4 {
			t.Errorf("%v after %v: %d, want %d", tt.after, tt.stall, n, want)
		}
	}
}

// TestResume: what is left of a sweep is what was not sent, and shards have
// nothing in common.
func TestResume(t *testing.T) {
	c := sweep.Config{Targets: set(t, "10.0.0.0/24"), Shards: 3}
	asked := map[netip.Addr]int{}
	for shard := range uint64(3) {
		c.Shard, c.Position = shard, 0
		s := newSweep(t, c)
		for range 20 {
			d, _ := s.Poll(start, nil)
			asked[read(t, d).dst]++
		}
		c.Position = s.Position()
		for _, d := range polls(newSweep(t, c), start) {
			asked[read(t, d).dst]++
		}
	}
	if len(asked) != 256 {
		t.Errorf("%d were asked", len(asked))
	}
	for a, n := range asked {
		if n != 1 {
			t.Errorf("%v was asked %d times", a, n)
		}
	}
}

// TestMany: with more targets than there are bits for, those who answer twice at
// once are told all the same, and memory is bounded.
func TestMany(t *testing.T) {
	var targets space.Set
	if _, err := targets.Parse("0.0.0.0/0"); err != nil {
		t.Fatal(err)
	}
	s := newSweep(t, sweep.Config{Targets: &targets, Results: 10})
	for now := start; now.Before(start.Add(time.Second)); now = now.Add(ms) {
		d, _ := s.Poll(now, nil)
		s.Inject(now, reply(t, d))
		s.Inject(now.Add(ms/2), reply(t, d))
	}
	if c := s.Counters(); c.Answered != 1000 || c.Duplicates != 1000 || c.Lost != 1990 {
		t.Errorf("%+v", c)
	}
	if rs := results(s); len(rs) != 10 || rs[9].RTT != ms/2 || !rs[9].Duplicate || rs[8].Duplicate {
		t.Errorf("%+v", rs)
	}
}

// TestForgotten: a probe that left too long ago has no round trip, and is an
// answer all the same.
func TestForgotten(t *testing.T) {
	s := newSweep(t, sweep.Config{Targets: set(t, "10.0.0.0/11")})
	first, _ := s.Poll(start, nil)
	first = reply(t, first)
	var buf []byte
	for range 1 << 20 {
		buf, _ = s.Poll(start, buf[:0])
	}
	s.Inject(start.Add(ms), first)
	s.Inject(start.Add(ms), reply(t, buf))
	rs := results(s)
	if len(rs) != 2 || rs[0].RTT != 0 || rs[1].RTT != ms {
		t.Errorf("%+v", rs)
	}
}

func TestConfig(t *testing.T) {
	good := sweep.Config{Targets: set(t, "10.0.0.0/24"), Src4: src4, Src6: src6}
	for field, change := range map[string]func(c *sweep.Config){
		"Targets":  func(c *sweep.Config) { c.Targets = nil },
		"Targets2": func(c *sweep.Config) { c.Targets = &space.Set{} },
		"Shard":    func(c *sweep.Config) { c.Shards, c.Shard = 3, 3 },
		"Kind":     func(c *sweep.Config) { c.Kind = 4 },
		"Kind6":    func(c *sweep.Config) { c.Kind = sweep.Timestamp; c.Targets = set(t, "fd00::1") },
		"Rate":     func(c *sweep.Config) { c.Rate = -1 },
		"Rate2":    func(c *sweep.Config) { c.Rate = sweep.MaxRate + 1 },
		"Bits":     func(c *sweep.Config) { c.Bits = -1 },
		"Bits2":    func(c *sweep.Config) { c.Bits, c.Rate = 1, 1 },
		"Overhead": func(c *sweep.Config) { c.Overhead = -1 },
		"Least":    func(c *sweep.Config) { c.Least = -1 },
		"Least2":   func(c *sweep.Config) { c.Least = 65536 },
		"Payload":  func(c *sweep.Config) { c.Payload = make([]byte, sweep.MaxPayload+1) },
		"Payload2": func(c *sweep.Config) { c.Payload = []byte("x"); c.Kind = sweep.TCP },
		"Repeat":   func(c *sweep.Config) { c.Repeat = sweep.MaxRepeat + 1 },
		"Hops":     func(c *sweep.Config) { c.Hops = sweep.MaxHops + 1 },
		"Hops2":    func(c *sweep.Config) { c.Hops = 3; c.Kind = sweep.UDP },
		"Hops3":    func(c *sweep.Config) { c.Hops = 3; c.Repeat = 2 },
		"Wait":     func(c *sweep.Config) { c.Wait = -1 },
		"Results":  func(c *sweep.Config) { c.Results = -1 },
		"Src4":     func(c *sweep.Config) { c.Src4 = src6 },
		"Src6":     func(c *sweep.Config) { c.Targets = set(t, "fd00::1"); c.Src6 = src4 },
		"Src62":    func(c *sweep.Config) { c.Targets = set(t, "fd00::1"); c.Src6 = addr("fe80::1%x") },
	} {
		c := good
		change(&c)
		_, err := sweep.New(c)
		name := field
		for name[len(name)-1] == '2' || name[len(name)-1] == '3' || name == "Kind6" || name == "Src62" {
			name = name[:len(name)-1]
		}
		wantField(t, err, name)
	}
	for _, c := range []sweep.Config{
		{Targets: set(t, "10.0.0.1"), Src4: src4},
		{Targets: set(t, "fd00::1"), Src6: src6, Payload: make([]byte, sweep.MaxPayload)},
		{Targets: set(t, "10.0.0.1"), Src4: src4, Repeat: sweep.MaxRepeat, Rate: sweep.MaxRate},
		{Targets: set(t, "10.0.0.1"), Src4: src4, Hops: sweep.MaxHops, Payload: []byte("x")},
	} {
		s, err := sweep.New(c)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		for _, d := range polls(s, start) {
			read(t, d)
		}
	}
}

// TestNoAllocs: nothing is allocated for a probe, nor for its answer.
func TestNoAllocs(t *testing.T) {
	for _, kind := range []sweep.Kind{sweep.Echo, sweep.Timestamp, sweep.UDP, sweep.TCP} {
		s := newSweep(t, sweep.Config{Targets: set(t, "10.0.0.0/16"), Kind: kind, Port: 53})
		buf := make([]byte, 0, 2048)
		d, _ := s.Poll(start, buf)
		answer := reply(t, d)
		fault := exceeded(t, addr("10.9.9.9"), d)
		s.Inject(start, answer)
		for range 100 {
			s.Inject(start, fault)
		}
		results(s)
		if n := testing.AllocsPerRun(500, func() {
			if _, ok := s.Poll(start, buf[:0]); !ok {
				t.Fatal("nothing left")
			}
			s.Inject(start, answer)
			s.Inject(start, fault)
			s.NextResult()
			s.NextResult()
		}); n != 0 {
			t.Errorf("%v: %v allocations", kind, n)
		}
	}
}

func FuzzInject(f *testing.F) {
	s := newSweep(f, sweep.Config{Targets: set(f, "10.0.0.0/28", "fd00::/124")})
	for _, d := range polls(s, start) {
		f.Add(reply(f, d))
		f.Add(exceeded(f, map[bool]netip.Addr{true: addr("fd00:9::9"), false: addr("10.9.9.9")}[d[0]>>4 == 6], d))
	}
	f.Fuzz(func(t *testing.T, d []byte) {
		before := s.Counters()
		s.Inject(start, d)
		after := s.Counters()
		told := after.Answered + after.Duplicates + after.Errors + after.Foreign + after.Forged
		if was := before.Answered + before.Duplicates + before.Errors + before.Foreign + before.Forged; told != was+1 {
			t.Errorf("counted %d times: % x", told-was, d)
		}
		results(s)
	})
}

func BenchmarkPoll(b *testing.B) {
	for _, kind := range []sweep.Kind{sweep.Echo, sweep.TCP} {
		b.Run("kind="+kind.String(), func(b *testing.B) {
			b.ReportAllocs()
			s := newSweep(b, sweep.Config{Targets: set(b, "0.0.0.0/0"), Kind: kind, Port: 80})
			buf := make([]byte, 0, 2048)
			for b.Loop() {
				s.Poll(start, buf)
			}
		})
	}
}

func BenchmarkInject(b *testing.B) {
	b.ReportAllocs()
	s := newSweep(b, sweep.Config{Targets: set(b, "10.0.0.0/8")})
	var ds [][]byte
	for range 1024 {
		d, _ := s.Poll(start, nil)
		ds = append(ds, reply(b, d))
	}
	i := 0
	for b.Loop() {
		s.Inject(start, ds[i%len(ds)])
		s.NextResult()
		i++
	}
}
