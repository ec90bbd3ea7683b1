package probe_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/stats"
)

// world is a prober that asks many targets once a second, and an internet that
// answers after some time.
type world struct {
	tb    testing.TB
	p     *probe.Prober
	addrs []netip.Addr
	rtts  []stats.RTT
	now   time.Time
	delay time.Duration
	way   []reply // on its way, in the order of time
	first int
	most  int // that left at one time
}

type reply struct {
	at     time.Time
	target int
	octets [64]byte
}

func newWorld(tb testing.TB, targets int, burst int) *world {
	w := &world{
		tb: tb, now: noon, delay: 83 * ms, rtts: make([]stats.RTT, targets),
		p: newProber(tb, probe.Config{Rate: targets, Burst: burst, Each: time.Second}),
	}
	for i := range targets {
		w.addrs = append(w.addrs, netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	return w
}

// run lets time pass. Each target is asked once a second.
func (w *world) run(d time.Duration) {
	end := w.now.Add(d)
	second := w.now
	q := probe.Probe{Src: us4, Size: 56}
	buf := make([]byte, 0, 64)
	for w.now.Before(end) {
		if !w.now.Before(second) {
			for i, a := range w.addrs {
				q.Target, q.Dst = i, a
				if _, err := w.p.Send(w.now, &q); err != nil {
					w.tb.Fatal(err)
				}
			}
			second = second.Add(time.Second)
		}
		for n := 0; ; n++ {
			b, tx, ok := w.p.Poll(w.now, buf[:0])
			if !ok {
				w.most = max(w.most, n)
				break
			}
			r := reply{at: w.now.Add(w.delay), target: tx.Target}
			copy(r.octets[:], b)
			r.octets[0] = 0
			w.way = append(w.way, r)
		}
		next := second
		if t := w.p.Deadline(); !t.IsZero() && t.Before(next) {
			next = t
		}
		if w.first < len(w.way) && w.way[w.first].at.Before(next) {
			next = w.way[w.first].at
		}
		w.now = next
		w.arrive()
	}
	w.now = end.Add(w.delay)
	w.arrive()
}

func (w *world) arrive() {
	for w.first < len(w.way) && !w.way[w.first].at.After(w.now) {
		r := &w.way[w.first]
		a := probe.Arrival{From: w.addrs[r.target], To: us4, Proto: 1, TTL: 60, Payload: r.octets[:], Verified: true, At: r.at}
		w.p.Receive(w.now, &a)
		w.first++
	}
	if w.first == len(w.way) {
		w.way, w.first = w.way[:0], 0
	} else if w.first > 4096 {
		w.way = w.way[:copy(w.way, w.way[w.first:])]
		w.first = 0
	}
	for e, ok := w.p.NextEvent(); ok; e, ok = w.p.NextEvent() {
		if e.Kind == probe.Reply {
			w.rtts[e.Target].Add(e.RTT)
		}
	}
}

// BenchmarkTargets asks 10,000 targets once a second for 30 seconds of virtual
// time, answers and statistics included; what is told is the time that a second
// of that takes, and what the tables hold.
func BenchmarkTargets(b *testing.B) {
	for _, targets := range []int{1000, 10_000} {
		b.Run("targets="+itoa(targets)+"/seconds=30", func(b *testing.B) {
			b.ReportAllocs()
			var w *world
			for b.Loop() {
				w = newWorld(b, targets, 1)
				w.run(30 * time.Second)
				if c := w.p.Counters(); c.Replies != uint64(30*targets) {
					b.Fatalf("%+v", c)
				}
			}
			b.ReportMetric(float64(w.p.Octets())/(1<<20), "MiB")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(30*targets), "ns/probe")
		})
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// BenchmarkRoundTrip is one probe and what comes back.
func BenchmarkRoundTrip(b *testing.B) {
	for _, k := range []probe.Kind{probe.Echo, probe.UDP} {
		b.Run("probe="+k.String()+"/data=56", func(b *testing.B) {
			p := newProber(b, probe.Config{})
			q := ask(k, false, 56)
			buf, now := make([]byte, 0, 128), noon
			b.SetBytes(64)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Send(now, &q); err != nil {
					b.Fatal(err)
				}
				out, _, ok := p.Poll(now, buf[:0])
				a := probe.Arrival{From: them4, To: us4, Proto: 1, Payload: out, Verified: true}
				if k == probe.UDP {
					// An echo service.
					out[0], out[1], out[2], out[3] = out[2], out[3], out[0], out[1]
					a.Proto = 17
				} else {
					out[0] = 0
				}
				if v := p.Receive(now, &a); !ok || v != probe.Credited {
					b.Fatal(v)
				}
				p.NextEvent()
				now = now.Add(10 * time.Microsecond)
			}
		})
	}
}

// BenchmarkForeign is what somebody else's packets cost.
func BenchmarkForeign(b *testing.B) {
	p := newProber(b, probe.Config{})
	x := sent(b, p, noon, ask(probe.Echo, false, 56))
	a := x.echoed()
	a.Payload[4] ^= 0x80
	b.SetBytes(64)
	b.ReportAllocs()
	for b.Loop() {
		p.Receive(noon, &a)
	}
}
