package ping_test

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

const ms = time.Millisecond

var (
	start = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	us    = netip.MustParseAddr("10.0.0.1")
	them  = netip.MustParseAddr("10.0.0.2")
	r1    = netip.MustParseAddr("10.0.0.254")
)

// sent is a probe that left.
type sent struct {
	at     time.Duration // since start
	target int
	tx     probe.Transmit
	m      []byte
}

// back is what comes back for a probe.
type back struct {
	after time.Duration
	probe.Arrival
}

// world is a prober with a strategy, the time, and somebody who answers.
type world struct {
	t      *testing.T
	p      *probe.Prober
	s      *ping.Ping
	now    time.Time
	answer func(i int, x sent) []back // i counts probes from 1
	refuse func(i int, x sent) error

	sent    []sent
	coming  []back // after: since start
	results []ping.Result
}

func newWorld(t *testing.T, c ping.Config, pc probe.Config) *world {
	t.Helper()
	pc.Seed = 792
	p, err := probe.New(pc)
	if err != nil {
		t.Fatal(err)
	}
	if c.Targets == nil {
		c.Targets = []ping.Target{{Src: us, Dst: them}}
	}
	s, err := ping.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, p: p, s: s, now: start, answer: echo(10 * ms)}
}

// replyTo is the reply to a probe, from whom it was sent to.
func replyTo(tb testing.TB, x sent, after time.Duration, change func(m *icmp4.Echo, a *back)) back {
	m, err := icmp4.ParseEcho(x.m)
	if err != nil {
		tb.Fatal(err)
	}
	m.Data = bytes.Clone(m.Data)
	b := back{after: after, Arrival: probe.Arrival{
		From: x.tx.Dst, To: x.tx.Src, Proto: ip.ProtoICMP, TTL: 63, TOS: 4, Stamp: probe.Kernel,
	}}
	if change != nil {
		change(&m, &b)
	}
	if b.Payload == nil {
		m.EchoType = icmp4.EchoType{Reply: true}
		b.Payload, err = m.AppendBinary(nil)
		if err != nil {
			tb.Fatal(err)
		}
	}
	return b
}

// echo answers each probe after d.
func echo(d time.Duration) func(int, sent) []back {
	return func(_ int, x sent) []back { return []back{replyTo(nil, x, d, nil)} }
}

// but answers as f does, but for the probes with these numbers.
func but(f func(int, sent) []back, lost ...int) func(int, sent) []back {
	return func(i int, x sent) []back {
		if slices.Contains(lost, i) {
			return nil
		}
		return f(i, x)
	}
}

// unreachable is an error of r1 about a probe.
func unreachable(tb testing.TB, x sent, after time.Duration, code icmp4.Code) back {
	tb.Helper()
	quoted, err := ip.Header4{TTL: 1, Proto: ip.ProtoICMP, Src: x.tx.Src, Dst: x.tx.Dst, Options: x.tx.Options}.AppendPacket(nil, x.m)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := icmp4.DestUnreachable{Code: code, Quote: quoted}.AppendBinary(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return back{after: after, Arrival: probe.Arrival{From: r1, To: x.tx.Src, Proto: ip.ProtoICMP, TTL: 64, Payload: m}}
}

// run lets time pass until the strategy is done, or until.
func (w *world) run(until time.Duration) {
	w.t.Helper()
	for steps := 0; ; steps++ {
		w.turn()
		if w.s.Done() {
			return
		}
		at := w.next()
		if at.IsZero() || at.Sub(start) > until {
			w.now = start.Add(until)
			return
		}
		if at.After(w.now) {
			w.now, steps = at, 0
		}
		if steps > 1_000_000 {
			w.t.Fatalf("time stands still at %v", w.now.Sub(start))
		}
	}
}

func (w *world) turn() {
	w.p.Turn(w.now, w.s)
	for {
		b, tx, ok := w.p.Poll(w.now, nil)
		if !ok {
			break
		}
		x := sent{at: w.now.Sub(start), target: tx.Target, tx: tx, m: b}
		w.sent = append(w.sent, x)
		if w.refuse != nil {
			if err := w.refuse(len(w.sent), x); err != nil {
				w.p.Unsent(w.now, tx.Handle, err)
				continue
			}
		}
		for _, c := range w.answer(len(w.sent), x) {
			c.after += x.at
			w.coming = append(w.coming, c)
		}
	}
	w.arrive()
	w.p.Turn(w.now, w.s)
	for r, ok := w.s.Next(); ok; r, ok = w.s.Next() {
		r.Options = bytes.Clone(r.Options)
		w.results = append(w.results, r)
	}
}

func (w *world) arrive() {
	slices.SortStableFunc(w.coming, func(a, b back) int { return int(a.after - b.after) })
	for len(w.coming) > 0 && w.coming[0].after <= w.now.Sub(start) {
		c := w.coming[0]
		w.coming = w.coming[1:]
		w.p.Receive(w.now, &c.Arrival)
	}
}

func (w *world) next() time.Time {
	at := w.p.Deadline()
	sooner := func(t time.Time) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	sooner(w.s.Deadline())
	if len(w.coming) > 0 {
		slices.SortStableFunc(w.coming, func(a, b back) int { return int(a.after - b.after) })
		sooner(start.Add(w.coming[0].after))
	}
	return at
}

// times are when probes left.
func (w *world) times() (all []time.Duration) {
	for _, x := range w.sent {
		all = append(all, x.at)
	}
	return all
}

// kinds are those of the results, with their numbers.
func (w *world) kinds() (all []string) {
	for _, r := range w.results {
		all = append(all, r.Kind.String()+" "+string(rune('0'+r.N)))
	}
	return all
}

func (w *world) elapsed() time.Duration { return w.now.Sub(start) }

func same[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}
