package lab_test

import (
	"bytes"
	"fmt"
	"math/bits"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/stack/event"
)

// volley sends that many echo requests from a to b, every so often, and returns
// what was recorded of their way there.
func volley(t *testing.T, link string, count int, every time.Duration) []record.Record {
	t.Helper()
	n := network(t, pair(link))
	for i := range count {
		send(t, n, "a", echo(t, "10.0.0.1", "10.0.0.2", 64, uint16(i)))
		n.Run(n.Now().Add(every), nil)
	}
	n.Run(n.Now().Add(time.Minute), nil)
	var out []record.Record
	for _, r := range records(n) {
		if !r.IsEvent() && r.Node == "a" {
			out = append(out, r)
		}
	}
	return out
}

func count(rs []record.Record, what func(record.Record) bool) (n int) {
	for _, r := range rs {
		if what(r) {
			n++
		}
	}
	return n
}

// between fails when a share of many throws is far from what it ought to be:
// over five standard deviations, and the seed is fixed.
func between(t *testing.T, what string, got, least, most int) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s: %d, want %d to %d", what, got, least, most)
	}
}

func TestLoss(t *testing.T) {
	rs := volley(t, "delay: 1ms, loss: 25%", 2000, time.Millisecond)
	lost := count(rs, func(r record.Record) bool { return r.Fate == record.Lost })
	between(t, "lost", lost, 400, 600)
	if len(rs) != 2000 {
		t.Errorf("%d records", len(rs))
	}
	for _, r := range rs {
		if (r.Fate == record.Lost) != r.Arrive.IsZero() {
			t.Fatalf("%v arrives at %v", r.Fate, r.Arrive)
		}
	}
	rs = volley(t, "delay: 1ms, loss: 100%", 50, time.Millisecond)
	if lost := count(rs, func(r record.Record) bool { return r.Fate == record.Lost }); lost != 50 {
		t.Errorf("%d of 50 lost", lost)
	}
}

func TestDuplicate(t *testing.T) {
	rs := volley(t, "delay: 1ms, duplicate: 25%", 1000, time.Millisecond)
	twice := count(rs, func(r record.Record) bool { return r.Duplicate })
	between(t, "twice", twice, 180, 320)
	if len(rs) != 1000+twice {
		t.Errorf("%d records, %d of them copies", len(rs), twice)
	}
	for i, r := range rs {
		if r.Duplicate && (r.Seq != rs[i-1].Seq || !r.Arrive.Equal(rs[i-1].Arrive) || !bytes.Equal(r.Octets, rs[i-1].Octets)) {
			t.Fatalf("copy %d is not like the other", i)
		}
		if !r.Duplicate && i > 0 && r.Seq == rs[i-1].Seq {
			t.Fatalf("two transmissions have the number %d", r.Seq)
		}
	}
}

func TestCorrupt(t *testing.T) {
	rs := volley(t, "delay: 1ms, corrupt: 25%", 1000, time.Millisecond)
	flipped := 0
	places := map[int]bool{}
	for i, r := range rs {
		want := echo(t, "10.0.0.1", "10.0.0.2", 64, uint16(i))
		diff := 0
		for j := range want {
			d := bits.OnesCount8(want[j] ^ r.Octets[j])
			if diff += d; d > 0 {
				places[j*8+bits.LeadingZeros8(want[j]^r.Octets[j])] = true
			}
		}
		if r.Corrupt != (diff == 1) || diff > 1 {
			t.Fatalf("corrupt %v, %d bits are another", r.Corrupt, diff)
		}
		flipped += diff
	}
	between(t, "flipped", flipped, 180, 320)
	between(t, "places", len(places), 150, 8*84)
}

// TestReorder: what is held back is overtaken by what comes within the gap, and
// by nothing else.
func TestReorder(t *testing.T) {
	rs := volley(t, "delay: 2ms, reorder: 25%, gap: 5ms", 1000, time.Millisecond)
	late := 0
	for _, r := range rs {
		want := 2 * time.Millisecond
		if r.Late {
			late++
			want = 7 * time.Millisecond
		}
		if got := r.Arrive.Sub(r.Time); got != want {
			t.Fatalf("late %v: %v on its way, want %v", r.Late, got, want)
		}
	}
	between(t, "late", late, 180, 320)
	rs = volley(t, "delay: 2ms, reorder: 100%", 3, time.Second)
	if got := rs[0].Arrive.Sub(rs[0].Time); got != 12*time.Millisecond {
		t.Errorf("by default %v on its way, want 12 ms", got)
	}
}

// TestJitter: it is added to the delay, within its bounds, and puts nothing out
// of order.
func TestJitter(t *testing.T) {
	for _, tt := range []struct {
		spread         string
		most           time.Duration
		leastSd, mostM time.Duration // of the values: the least spread, the greatest mean
		leastM         time.Duration
	}{
		{"uniform", 8 * time.Millisecond, 0, 4400 * time.Microsecond, 3600 * time.Microsecond},
		{"normal", 32 * time.Millisecond, 0, 7000 * time.Microsecond, 5800 * time.Microsecond},
	} {
		rs := volley(t, "delay: 1ms, jitter: 8ms, spread: "+tt.spread, 1000, 50*time.Millisecond)
		sum, last := time.Duration(0), time.Time{}
		over := 0
		for _, r := range rs {
			j := r.Arrive.Sub(r.Time) - time.Millisecond
			if j < 0 || j > tt.most {
				t.Fatalf("%s: jitter of %v", tt.spread, j)
			}
			if j > 8*time.Millisecond {
				over++
			}
			sum += j
			if r.Arrive.Before(last) {
				t.Fatal("out of order")
			}
			last = r.Arrive
		}
		// The mean of the uniform one is 4 ms; of the normal one 8 ms · √(2/π).
		if mean := sum / 1000; mean < tt.leastM || mean > tt.mostM {
			t.Errorf("%s: mean %v", tt.spread, mean)
		}
		if (over > 0) != (tt.spread == "normal") {
			t.Errorf("%s: %d over the jitter", tt.spread, over)
		}
	}
	// Close together, they wait for each other.
	rs := volley(t, "delay: 1ms, jitter: 8ms", 200, 100*time.Microsecond)
	for i := 1; i < len(rs); i++ {
		if rs[i].Arrive.Before(rs[i-1].Arrive) {
			t.Fatal("out of order")
		}
	}
}

// TestRate: a datagram of 84 octets takes 672 µs at 1 Mbit/s, and the next waits
// for it.
func TestRate(t *testing.T) {
	n := network(t, pair("delay: 1ms, rate: 1Mbit"))
	start := n.Now()
	for i := range 3 {
		send(t, n, "a", echo(t, "10.0.0.1", "10.0.0.2", 64, uint16(i)))
	}
	n.Run(start.Add(time.Second), nil)
	for i, r := range arrivals(records(n), "b") {
		want := time.Duration(i+1)*672*time.Microsecond + time.Millisecond
		if got := r.Arrive.Sub(start); got != want {
			t.Errorf("datagram %d arrives after %v, want %v", i, got, want)
		}
	}
}

// TestQueue: what is over the queue is dropped by the node.
func TestQueue(t *testing.T) {
	n := network(t, pair("rate: 8kbit, queue: 840"))
	h := host(t, n, "a")
	sent := 0
	for i := range 20 {
		if h.Node.SendDatagram(n.Now(), echo(t, "10.0.0.1", "10.0.0.2", 64, uint16(i))) == nil {
			sent++
		}
	}
	if sent != 10 {
		t.Errorf("%d of 84 octets fit into 840", sent)
	}
}

// TestMTU: the interface has the link's, and the link loses what is larger.
func TestMTU(t *testing.T) {
	n := network(t, `
links: {wire: {mtu: 600}}
nodes:
  a: {interfaces: [{link: wire, address: 10.0.0.1/24, mtu: 1500}]}
  b: {interfaces: [{link: wire, address: 10.0.0.2/24}]}
`)
	for _, tt := range []struct {
		from string
		size int
		fate record.Fate
	}{{"a", 600, record.Delivered}, {"a", 601, record.TooBig}} {
		d := make([]byte, 0, 700)
		d = append(d, echo(t, "10.0.0.1", "10.0.0.2", 64, 1)...)
		d = append(d, make([]byte, tt.size-len(d))...)
		d[2], d[3] = byte(tt.size>>8), byte(tt.size)
		reseal(d)
		send(t, n, tt.from, d)
		n.Run(n.Now().Add(time.Second), nil)
		rs := records(n)
		at := 0
		for rs[at].IsEvent() {
			at++
		}
		if rs[at].Fate != tt.fate || len(rs[at].Octets) != tt.size {
			t.Errorf("%d octets: %v", tt.size, rs[at].Fate)
		}
	}
	if got, _ := host(t, n, "b").Node.PathMTU(n.Now(), addr("10.0.0.1")); got != 600 {
		t.Errorf("b has an MTU of %d", got)
	}
}

// TestUnresolved: a next hop that nobody has is asked for, and then 3/1 says so
// (G-02): to whoever sent the datagram.
func TestUnresolved(t *testing.T) {
	conform.Row(t, "G-02")
	for _, tt := range []struct {
		link string
		wait time.Duration
	}{{"delay: 1ms", time.Second}, {"delay: 1ms, resolve: 3s", 3 * time.Second}} {
		n := network(t, fmt.Sprintf(`
links: {lan: {delay: 1ms}, wire: {%s}}
nodes:
  a: {interfaces: [{link: lan, address: 10.0.1.10/24}], routes: [{to: default, via: 10.0.1.1}]}
  r: {kind: gateway, interfaces: [{link: lan, address: 10.0.1.1/24}, {link: wire, address: 10.0.0.1/24}]}
`, tt.link))
		start := n.Now()
		send(t, n, "a", echo(t, "10.0.1.10", "10.0.0.9", 64, 1))
		n.Run(start.Add(time.Minute), nil)
		got := arrivals(records(n), "a")
		if len(got) != 1 || kind(t, got[0].Octets) != "3/1" {
			t.Fatalf("%d arrivals", len(got))
		}
		if took := got[0].Arrive.Sub(start); took != tt.wait+2*time.Millisecond {
			t.Errorf("after %v, want %v", took, tt.wait+2*time.Millisecond)
		}
		if got[0].Origin.Kind != event.Error || got[0].Origin.Rule() != "G-02" {
			t.Errorf("made by %v, rule %s", got[0].Origin.Kind, got[0].Origin.Rule())
		}
	}
}

// TestDown: a link that is cut carries nothing, an interface that is down
// answers nobody; up again, both do.
func TestDown(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(n *lab.Network, up bool) bool
		fate record.Fate
	}{
		{"link", func(n *lab.Network, up bool) bool { return n.SetLink("wire", up) }, record.Cut},
		{"peer", func(n *lab.Network, up bool) bool { return n.SetInterface("b", "wire", up) }, record.Unresolved},
	} {
		n := network(t, pair("delay: 1ms"))
		for i, up := range []bool{true, false, true} {
			if !tt.set(n, up) {
				t.Fatalf("%s: not found", tt.name)
			}
			send(t, n, "a", echo(t, "10.0.0.1", "10.0.0.2", 64, uint16(i)))
			n.Run(n.Now().Add(time.Minute), nil)
			all := records(n)
			if got := len(arrivals(all, "a")) == 1; got != up {
				t.Errorf("%s up %v: an answer %v", tt.name, up, got)
			}
			if c := count(all, func(r record.Record) bool { return r.Fate == tt.fate }); (c == 1) == up {
				t.Errorf("%s up %v: %d %v", tt.name, up, c, tt.fate)
			}
		}
	}
	n := network(t, pair("down: true"))
	if n.SetLink("none", true) || n.SetInterface("none", "wire", true) || n.SetInterface("a", "none", true) {
		t.Error("set what there is not")
	}
	send(t, n, "a", echo(t, "10.0.0.1", "255.255.255.255", 64, 1))
	n.Run(n.Now().Add(time.Minute), nil)
	if rs := records(n); len(rs) != 1 || rs[0].Fate != record.Cut || !rs[0].Group {
		t.Errorf("broadcast on a cut link: %+v", rs)
	}
}

// TestBroadcast: everybody on the segment gets it but the sender, marked as a
// broadcast of the link, so nobody sends an error about it.
func TestBroadcast(t *testing.T) {
	conform.Row(t, "E-03")
	for _, dst := range []string{"255.255.255.255", "10.0.0.255", "224.0.0.1"} {
		n := network(t, `
links: {lan: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: lan, address: 10.0.0.1/24}]}
  b: {interfaces: [{link: lan, address: 10.0.0.2/24}], answer_broadcast: true}
  c: {interfaces: [{link: lan, address: 10.0.0.3/24}], answer_broadcast: true}
  d: {interfaces: [{link: lan, address: 10.0.0.4/24}]}
  e: {interfaces: [{link: lan, address: 10.0.0.5/24, down: true}]}
`)
		send(t, n, "a", echo(t, "10.0.0.1", dst, 64, 1))
		n.Run(n.Now().Add(time.Second), nil)
		all := records(n)
		var to string
		var seq uint64
		for _, r := range all {
			if !r.IsEvent() && r.Node == "a" {
				to += r.To
				if seq = or(seq, r.Seq); !r.Group || r.Seq != seq {
					t.Errorf("%s: transmission %d, group %v", dst, r.Seq, r.Group)
				}
			}
		}
		if to != "bcd" {
			t.Errorf("%s went to %q", dst, to)
		}
		if got := arrivals(all, "a"); len(got) != 2 {
			t.Errorf("%s: %d answers", dst, len(got))
		}
	}
}

// TestTransmit: an interface's own path holds for what leaves there, the link's
// for the other direction.
func TestTransmit(t *testing.T) {
	n := network(t, `
links: {wire: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: wire, address: 10.0.0.1/24, transmit: {delay: 7ms}}]}
  b: {interfaces: [{link: wire, address: 10.0.0.2/24}]}
`)
	start := n.Now()
	send(t, n, "a", echo(t, "10.0.0.1", "10.0.0.2", 64, 1))
	n.Run(start.Add(time.Second), nil)
	all := records(n)
	if got := arrivals(all, "b")[0].Arrive.Sub(start); got != 7*time.Millisecond {
		t.Errorf("there: %v", got)
	}
	if got := arrivals(all, "a")[0].Arrive.Sub(start); got != 8*time.Millisecond {
		t.Errorf("and back: %v", got)
	}
}

// TestMinDelay: without a delay a link takes a microsecond.
func TestMinDelay(t *testing.T) {
	for _, link := range []string{"delay: 0s", "delay: 999ns", "mtu: 1500", "delay: 1us"} {
		rs := volley(t, link, 1, time.Second)
		if got := rs[0].Arrive.Sub(rs[0].Time); got != lab.MinDelay {
			t.Errorf("%s: %v", link, got)
		}
	}
}

// TestCrowded: what is in flight is bounded.
func TestCrowded(t *testing.T) {
	n := network(t, pair("delay: 1h"))
	h := host(t, n, "a")
	d := echo(t, "10.0.0.1", "10.0.0.2", 64, 1)
	crowded := 0
	for range 70_000 {
		if err := h.Node.SendDatagram(n.Now(), d); err != nil {
			t.Fatal(err)
		}
		n.Advance(n.Now())
		for r, ok := n.NextRecord(); ok; r, ok = n.NextRecord() {
			if r.Fate == record.Crowded {
				crowded++
			}
		}
	}
	if crowded != 70_000-1<<16 {
		t.Errorf("%d of 70,000 found no room", crowded)
	}
}

func or(a, b uint64) uint64 {
	if a == 0 {
		return b
	}
	return a
}
