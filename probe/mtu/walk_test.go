package mtu_test

import (
	"errors"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// walk walks a path, and returns the steps without what they claim, and when it
// was over.
func (b *path) walk(c mtu.WalkConfig) ([]mtu.Step, *mtu.Walk, time.Duration) {
	b.t.Helper()
	var err error
	if b.p, err = probe.New(probe.Config{Seed: 1191, IPID: true}); err != nil {
		b.t.Fatal(err)
	}
	if c.Src = here; c.Dst.Is6() {
		c.Src = here6
	}
	w, err := mtu.NewWalk(b.p, c)
	if err != nil {
		b.t.Fatal(err)
	}
	var steps []mtu.Step
	for i := 0; !w.Done(); i++ {
		if i > 10_000 {
			b.t.Fatalf("no end: %+v", steps)
		}
		for len(b.flying) > 0 && !b.flying[0].at.After(b.now) {
			b.arrive(b.flying[0], c.Src)
			b.flying = b.flying[1:]
		}
		b.p.Turn(b.now, w)
		flying := 0
		for m, x, ok := b.p.Poll(b.now, nil); ok; m, x, ok = b.p.Poll(b.now, nil) {
			if !x.Discover || !x.DF {
				b.t.Error("it may be cut")
			}
			b.send(m, &x)
			flying++
		}
		if flying > 1 {
			b.t.Errorf("%d at once", flying)
		}
		b.p.Turn(b.now, w)
		for s, ok := w.Next(); ok; s, ok = w.Next() {
			if (s.Kind == mtu.Narrower || s.Kind == mtu.Hop || s.Kind == mtu.Reached) != s.Claim.Present || s.From.IsValid() != s.Claim.Present {
				b.t.Errorf("%+v", s)
			}
			s.Claim = probe.Claim{}
			steps = append(steps, s)
		}
		next := b.p.Deadline()
		if len(b.flying) > 0 && (next.IsZero() || b.flying[0].at.Before(next)) {
			next = b.flying[0].at
		}
		if !w.Done() && next.After(b.now) && w.Deadline().IsZero() {
			b.now = next
		}
	}
	if !w.Deadline().IsZero() {
		b.t.Error("done, and due")
	}
	return steps, w, b.now.Sub(noon)
}

// TestWalk: each hop once, and each time that the way gets narrower, with what was
// found of it from then on.
func TestWalk(t *testing.T) {
	conform.Row(t, "P-10")
	both(t, func(t *testing.T, v6 bool) {
		mtus := []int{1500, 1400, 1400, 1280}
		dst := last(mtus, v6)
		steps, w, took := newPath(t, mtus).walk(mtu.WalkConfig{Dst: dst})
		want := []mtu.Step{
			{Kind: mtu.Link, Hop: 1, MTU: 1500},
			{Kind: mtu.Hop, Hop: 1, From: router(1, v6), RTT: 2 * ms, Back: 1},
			{Kind: mtu.Narrower, Hop: 2, From: router(1, v6), RTT: 2 * ms, MTU: 1400, Back: 1},
			{Kind: mtu.Hop, Hop: 2, From: router(2, v6), RTT: 4 * ms, Back: 2},
			{Kind: mtu.Hop, Hop: 3, From: router(3, v6), RTT: 6 * ms, Back: 3},
			{Kind: mtu.Narrower, Hop: 4, From: router(3, v6), RTT: 6 * ms, MTU: 1280, Back: 3},
			{Kind: mtu.Reached, Hop: 4, From: dst, RTT: 8 * ms, Back: 4},
		}
		if !reflect.DeepEqual(steps, want) || w.MTU() != 1280 || w.Err() != nil || took != 28*ms {
			t.Errorf("%v\n%+v", took, steps)
		}
		// No further than asked for.
		steps, w, _ = newPath(t, mtus).walk(mtu.WalkConfig{Dst: dst, Hops: 2, Size: 1400})
		if want = []mtu.Step{want[1], want[3]}; !reflect.DeepEqual(steps, want) || w.MTU() != 1400 {
			t.Errorf("%+v", steps)
		}
	})
}

// TestWalkQuiet: a hop that says nothing is asked three times, a second each.
func TestWalkQuiet(t *testing.T) {
	mtus := []int{1500, 1500, 1400}
	b := newPath(t, mtus, 2) // nobody says that 1500 is too much
	steps, w, took := b.walk(mtu.WalkConfig{Dst: last(mtus, false), Hops: 4, Size: 1500})
	want := []mtu.Step{
		{Kind: mtu.Hop, Hop: 1, From: router(1, false), RTT: 2 * ms, Back: 1},
		{Kind: mtu.Hop, Hop: 2, From: router(2, false), RTT: 4 * ms, Back: 2},
		{Kind: mtu.Quiet, Hop: 3},
		{Kind: mtu.Quiet, Hop: 4},
	}
	if !reflect.DeepEqual(steps, want) || took != 6*time.Second+6*ms || w.MTU() != 1500 {
		t.Errorf("%v\n%+v", took, steps)
	}
	_, _, took = newPath(t, mtus, 2).walk(mtu.WalkConfig{Dst: last(mtus, false), Hops: 4, Size: 1500, Tries: 1, Wait: 100 * ms})
	if took != 206*ms {
		t.Error(took)
	}
}

// stroll is a walk whose probes the test answers itself.
type stroll struct {
	t   *testing.T
	w   *mtu.Walk
	p   *probe.Prober
	v6  bool
	now time.Time
}

func newStroll(t *testing.T, v6 bool, c mtu.WalkConfig) *stroll {
	t.Helper()
	s := &stroll{t: t, v6: v6, now: noon}
	var err error
	if s.p, err = probe.New(probe.Config{Seed: 7, IPID: true}); err != nil {
		t.Fatal(err)
	}
	if c.Src, c.Dst = here, there; v6 {
		c.Src, c.Dst = here6, there6
	}
	if s.w, err = mtu.NewWalk(s.p, c); err != nil {
		t.Fatal(err)
	}
	return s
}

// probe returns the one that leaves now, and how many octets it has.
func (s *stroll) probe() ([]byte, probe.Transmit, int) {
	s.t.Helper()
	s.p.Turn(s.now, s.w)
	b, x, ok := s.p.Poll(s.now, nil)
	if !ok { // what has timed out is told by now
		s.p.Turn(s.now, s.w)
		b, x, ok = s.p.Poll(s.now, nil)
	}
	if !ok {
		s.t.Fatal("nothing is sent")
	}
	n := len(b) + 20
	if s.v6 {
		n += 20
	}
	return append([]byte(nil), b...), x, n
}

// hear hands an error in, and returns the step that it makes.
func (s *stroll) hear(m []byte, ttl ip.TTL) mtu.Step {
	s.t.Helper()
	proto, from, to := ip.ProtoICMP, gate, here
	if s.v6 {
		proto, from, to = ip.ProtoICMPv6, gate6, here6
	}
	if v := s.p.Receive(s.now, &probe.Arrival{From: from, To: to, Proto: proto, TTL: ttl, Payload: m}); v != probe.Credited {
		s.t.Fatal(v)
	}
	s.p.Turn(s.now, s.w)
	x, ok := s.w.Next()
	if !ok {
		return mtu.Step{Kind: mtu.Quiet}
	}
	return x
}

func (s *stroll) quote(x probe.Transmit, b []byte) []byte {
	return (&world{t: s.t, v6: s.v6}).quote(x, b)
}

// TestWalkSaid: what a router says that cannot be is not taken at its word.
func TestWalkSaid(t *testing.T) {
	for _, x := range []struct {
		v6               bool
		size, said, next int
		kind             mtu.StepKind
	}{
		{false, 1500, 1499, 1499, mtu.Narrower},
		{false, 1500, 1500, 1492, mtu.Narrower},
		{false, 1500, 1501, 1492, mtu.Narrower},
		{false, 1500, 0, 1492, mtu.Narrower},
		{false, 1500, 68, 68, mtu.Narrower},
		{false, 1500, 67, 1492, mtu.Narrower},
		{false, 297, 0, 296, mtu.Narrower},
		{false, 296, 0, 68, mtu.Narrower},
		{false, 69, 0, 68, mtu.Narrower},
		{false, 68, 0, 68, mtu.Stopped},
		{true, 1500, 1280, 1280, mtu.Narrower},
		{true, 1500, 1279, 1492, mtu.Narrower},
		{true, 1300, 1200, 1280, mtu.Narrower},
		{true, 1281, 0, 1280, mtu.Narrower},
		{true, 1280, 1279, 1280, mtu.Stopped},
	} {
		s := newStroll(t, x.v6, mtu.WalkConfig{Size: x.size})
		b, tx, n := s.probe()
		from := gate
		if x.v6 {
			from = gate6
		}
		step := s.hear(tooBigOf(t, x.v6, x.said, from, tx.Src, s.quote(tx, b)), 200)
		if n != x.size || step.Kind != x.kind || step.MTU != x.next || step.Back != 56 || step.Claim.MTU != x.said || s.w.Done() != (x.kind == mtu.Stopped) || s.w.MTU() != x.next {
			t.Errorf("%+v: %d octets, %+v", x, n, step)
		}
		if x.kind == mtu.Narrower {
			if _, tx, n := s.probe(); n != x.next || tx.TTL != 1 {
				t.Errorf("%+v: then %d octets, ttl %d", x, n, tx.TTL)
			}
		}
	}
}

// TestWalkLate: an answer that is late is of its own hop, and of its own size.
func TestWalkLate(t *testing.T) {
	s := newStroll(t, false, mtu.WalkConfig{Size: 1500, Tries: 2})
	one, txOne, _ := s.probe()
	var two []byte
	var txTwo probe.Transmit
	for range 2 {
		s.now = s.now.Add(time.Second)
		two, txTwo, _ = s.probe()
	}
	if x, _ := s.w.Next(); x.Kind != mtu.Quiet || x.Hop != 1 || txTwo.TTL != 2 {
		t.Fatalf("%+v, ttl %d", x, txTwo.TTL)
	}
	if x := s.hear(expired(t, false, gate, here, s.quote(txOne, one)), 128); x.Kind != mtu.Hop || x.Hop != 1 || x.RTT != 2*time.Second || x.Back != 1 {
		t.Errorf("%+v", x)
	}
	if _, _, ok := s.p.Poll(s.now, nil); ok {
		t.Error("it goes on by what is late")
	}
	s.now = s.now.Add(time.Second)
	again, txAgain, _ := s.probe() // hop 2 once more
	if x := s.hear(tooBigOf(t, false, 1400, gate, here, s.quote(txTwo, two)), 64); x.Kind != mtu.Narrower || x.Hop != 2 || x.MTU != 1400 {
		t.Errorf("%+v", x)
	}
	if _, tx, n := s.probe(); n != 1400 || tx.TTL != 2 {
		t.Errorf("%d octets, ttl %d", n, tx.TTL)
	}
	// The same of the other that was as large tells nothing new.
	if x := s.hear(tooBigOf(t, false, 1400, gate, here, s.quote(txAgain, again)), 64); x.Kind != mtu.Quiet || s.w.MTU() != 1400 {
		t.Errorf("%+v", x)
	}
	// Nor does its time that runs out count for the one that took its place.
	s.now = s.now.Add(time.Second)
	if _, tx, _ := s.probe(); tx.TTL != 2 {
		t.Errorf("ttl %d", tx.TTL)
	}
}

// TestWalkTwice: who answers two probes is told of once.
func TestWalkTwice(t *testing.T) {
	s := newStroll(t, false, mtu.WalkConfig{Size: 1500, Tries: 1})
	one, txOne, _ := s.probe()
	s.now = s.now.Add(time.Second)
	two, txTwo, _ := s.probe() // of hop 2; the first is late
	if x, _ := s.w.Next(); x.Kind != mtu.Quiet || txTwo.TTL != 2 {
		t.Fatalf("%+v, ttl %d", x, txTwo.TTL)
	}
	if x := s.hear(tooBigOf(t, false, 1400, gate, here, s.quote(txOne, one)), 64); x.Kind != mtu.Narrower || x.Hop != 1 || x.MTU != 1400 {
		t.Errorf("%+v", x)
	}
	three, txThree, n := s.probe() // hop 2 with less, while the other is on its way
	if txThree.TTL != 2 || n != 1400 {
		t.Fatalf("%d octets, ttl %d", n, txThree.TTL)
	}
	if x := s.hear(expired(t, false, gate, here, s.quote(txTwo, two)), 64); x.Kind != mtu.Hop || x.Hop != 2 {
		t.Errorf("%+v", x)
	}
	if _, tx, _ := s.probe(); tx.TTL != 3 {
		t.Errorf("ttl %d", tx.TTL)
	}
	if x := s.hear(expired(t, false, gate, here, s.quote(txThree, three)), 64); x.Kind != mtu.Quiet {
		t.Errorf("told twice: %+v", x)
	}
	if _, _, ok := s.p.Poll(s.now, nil); ok {
		t.Error("it goes on twice")
	}
}

// TestWalkStopped: what ends it, and how.
func TestWalkStopped(t *testing.T) {
	for code, want := range map[icmp4.Code]mtu.StepKind{icmp4.CodeHostUnreachable: mtu.Stopped, icmp4.CodeAdminProhibited: mtu.Stopped} {
		s := newStroll(t, false, mtu.WalkConfig{Size: 100})
		b, tx, _ := s.probe()
		m, err := icmp4.DestUnreachable{Code: code, Quote: s.quote(tx, b)}.AppendBinary(nil)
		if x := s.hear(must(t, m, err), 65); x.Kind != want || x.Claim.Code != uint8(code) || x.Back != 64 || !s.w.Done() || s.w.MTU() != 100 {
			t.Errorf("%v: %+v", code, x)
		}
	}
	// A time that has run out at the target is no hop.
	s := newStroll(t, true, mtu.WalkConfig{Size: 1280})
	b, tx, _ := s.probe()
	m, err := icmp6.TimeExceeded{Code: icmp6.CodeReassembly, Quote: s.quote(tx, b)[:100]}.Append(nil, gate6, here6)
	if x := s.hear(must(t, m, err), 0); x.Kind != mtu.Stopped || x.Back != 0 || !s.w.Done() {
		t.Errorf("%+v", x)
	}
	// Nothing can be sent, or nothing that is so small.
	for _, err := range []error{errors.New("no"), tooBig(1500), tooBig(0)} {
		s := newStroll(t, false, mtu.WalkConfig{Size: 68})
		_, tx, _ := s.probe()
		s.p.Unsent(s.now, tx.Handle, err)
		s.p.Turn(s.now, s.w)
		x, ok := s.w.Next()
		if limit := errors.As(err, new(tooBig)); !s.w.Done() || ok != limit || limit && x.Kind != mtu.Stopped || !limit && !errors.Is(s.w.Err(), err) {
			t.Errorf("%v: %+v, %v, %v", err, x, s.w.Done(), s.w.Err())
		}
	}
}

// TestWalkConfig: the bounds of each field.
func TestWalkConfig(t *testing.T) {
	p, err := probe.New(probe.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		c     mtu.WalkConfig
		field string
	}{
		{mtu.WalkConfig{}, ""},
		{mtu.WalkConfig{First: -1}, "First"},
		{mtu.WalkConfig{Dst: there6}, "Src"},
		{mtu.WalkConfig{Hops: 255}, ""},
		{mtu.WalkConfig{Hops: 256}, "Hops"},
		{mtu.WalkConfig{Hops: -1}, "Hops"},
		{mtu.WalkConfig{Size: 28}, ""},
		{mtu.WalkConfig{Size: 27}, "Size"},
		{mtu.WalkConfig{Size: 65535}, ""},
		{mtu.WalkConfig{Size: 65536}, "Size"},
		{mtu.WalkConfig{Tries: 10}, ""},
		{mtu.WalkConfig{Tries: 11}, "Tries"},
		{mtu.WalkConfig{Tries: -1}, "Tries"},
		{mtu.WalkConfig{Wait: time.Minute}, ""},
		{mtu.WalkConfig{Wait: time.Minute + 1}, "Wait"},
		{mtu.WalkConfig{Wait: -1}, "Wait"},
	} {
		x.c.Src = here
		if !x.c.Dst.IsValid() {
			x.c.Dst = there
		}
		_, err := mtu.NewWalk(p, x.c)
		var field *wire.FieldError
		if errors.As(err, &field) != (x.field != "") || err != nil && field.Field != x.field {
			t.Errorf("%+v: %v", x.c, err)
		}
	}
	if _, err := mtu.NewWalk(p, mtu.WalkConfig{Src: here, Dst: netip.Addr{}}); err == nil {
		t.Error("nowhere")
	}
	if _, err := mtu.NewWalk(p, mtu.WalkConfig{Src: here6, Dst: there6, Size: 47}); err == nil {
		t.Error("less than the headers")
	}
}
