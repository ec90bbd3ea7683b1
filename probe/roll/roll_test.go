package roll_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/roll"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var (
	src   = netip.MustParseAddr("10.0.0.1")
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

const ms = time.Millisecond

// world answers probes: how late, by the target's number and which of its probes
// it is; negative: not at all.
type world struct {
	t       *testing.T
	p       *probe.Prober
	s       *roll.Roll
	late    func(target, n int) time.Duration
	fail    map[int]error // of targets that cannot be sent to
	double  bool
	count   map[int]int
	waiting []answer
	sent    []string
	log     []string
}

type answer struct {
	at time.Time
	a  probe.Arrival
}

func newWorld(t *testing.T, n int, c roll.Config) *world {
	t.Helper()
	p, err := probe.New(probe.Config{Seed: 1, Linger: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		c.Targets = append(c.Targets, roll.Target{Src: src, Dst: netip.AddrFrom4([4]byte{10, 1, 0, byte(i)})})
	}
	s, err := roll.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, p: p, s: s, count: map[int]int{}, late: func(int, int) time.Duration { return ms }}
}

// run runs until it is done, or for a time.
func (w *world) run(most time.Duration) time.Duration {
	now := start
	var buf []byte
	for range 1_000_000 {
		for len(w.waiting) > 0 && !w.waiting[0].at.After(now) {
			w.p.Receive(now, &w.waiting[0].a)
			w.waiting = w.waiting[1:]
		}
		for again := true; again; {
			w.p.Turn(now, w.s)
			b, tx, ok := w.p.Poll(now, buf[:0])
			again, buf = ok, b
			if ok {
				w.leave(now, b, &tx)
			}
		}
		w.p.Turn(now, w.s)
		w.read()
		if w.s.Done() {
			return now.Sub(start)
		}
		next := w.s.Deadline()
		for _, t := range []time.Time{w.p.Deadline(), w.first()} {
			if !t.IsZero() && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
		if next.IsZero() {
			w.t.Fatal("nothing is due, and it is not done")
		}
		if next.After(now) {
			now = next
		}
		if now.Sub(start) > most {
			w.s.Stop()
		}
	}
	w.t.Fatal("no end")
	return 0
}

func (w *world) first() time.Time {
	if len(w.waiting) == 0 {
		return time.Time{}
	}
	return w.waiting[0].at
}

func (w *world) leave(now time.Time, b []byte, tx *probe.Transmit) {
	i := int(tx.Dst.As4()[3])
	n := w.count[i]
	w.count[i]++
	if err := w.fail[i]; err != nil {
		w.p.Unsent(now, tx.Handle, err)
		return
	}
	w.sent = append(w.sent, fmt.Sprintf("%d@%d", i, now.Sub(start)/ms))
	late := w.late(i, n)
	if late < 0 {
		return
	}
	e, err := icmp4.ParseEcho(b)
	if err != nil {
		w.t.Fatal(err)
	}
	e.Reply = true
	m, _ := e.AppendBinary(nil)
	a := answer{now.Add(late), probe.Arrival{From: tx.Dst, To: src, Proto: 1, TTL: 60, Payload: m}}
	w.waiting = append(w.waiting, a)
	if w.double {
		w.waiting = append(w.waiting, a)
	}
	slices.SortStableFunc(w.waiting, func(a, b answer) int { return a.at.Compare(b.at) })
}

var words = map[roll.Kind]string{roll.Reply: "reply", roll.Duplicate: "again", roll.Timeout: "timeout", roll.Error: "error", roll.Unsent: "unsent"}

func (w *world) read() {
	for r, ok := w.s.Next(); ok; r, ok = w.s.Next() {
		w.log = append(w.log, fmt.Sprintf("%s %d/%d@%d", words[r.Kind], r.Target, r.N, r.Time.Sub(start)/ms))
	}
}

func (w *world) want(sent, log string) {
	w.t.Helper()
	if got := strings.Join(w.sent, " "); got != sent {
		w.t.Errorf("sent %s\nwant %s", got, sent)
	}
	if got := strings.Join(w.log, ", "); got != log {
		w.t.Errorf("told %s\nwant %s", got, log)
	}
}

// TestAlive: who has not answered is asked again, later each time, and one probe
// leaves each interval.
func TestAlive(t *testing.T) {
	w := newWorld(t, 3, roll.Config{Interval: 10 * ms, Retries: 2, Timeout: 100 * ms, Backoff: 1.5})
	w.late = func(i, n int) time.Duration {
		if i == 1 || i == 2 && n == 0 {
			return -1
		}
		return ms
	}
	took := w.run(time.Minute)
	w.want("0@0 1@10 2@20 1@110 2@120 1@260",
		"reply 0/0@1, timeout 1/0@110, timeout 2/0@120, reply 2/1@121, timeout 1/1@260, timeout 1/2@485")
	if took != 485*ms || w.s.Alive() != 2 {
		t.Errorf("%v, %d alive", took, w.s.Alive())
	}
	if s := w.s.Stats(1); s.Sent != 3 || s.Received != 0 || s.Pending != 0 || s.Avg() != 0 {
		t.Errorf("%+v", s)
	}
	if s := w.s.Stats(2); s.Sent != 2 || s.Received != 1 || s.Min != ms || s.Max != ms || s.Avg() != ms {
		t.Errorf("%+v", s)
	}
}

// TestCount: each is asked as often as it is to be, and the end is when the last
// answer is there, or was waited for.
func TestCount(t *testing.T) {
	w := newWorld(t, 2, roll.Config{Interval: 10 * ms, Count: 3, Period: 100 * ms, Timeout: 250 * ms})
	w.late = func(i, n int) time.Duration {
		return [][]time.Duration{{ms, 3 * ms, 2 * ms}, {-1, 5 * ms, -1}}[i][n]
	}
	took := w.run(time.Minute)
	w.want("0@0 1@10 0@100 1@110 0@200 1@210",
		"reply 0/0@1, reply 0/1@103, reply 1/1@115, reply 0/2@202, timeout 1/0@260, timeout 1/2@460")
	if took != 460*ms {
		t.Errorf("%v", took)
	}
	if s := w.s.Stats(0); s.Min != ms || s.Max != 3*ms || s.Avg() != 2*ms || s.Received != 3 {
		t.Errorf("%+v", s)
	}
}

// TestLate: what comes after it was given up counts; what comes twice is told.
func TestLate(t *testing.T) {
	w := newWorld(t, 1, roll.Config{Count: 2, Period: 100 * ms, Timeout: 50 * ms})
	w.double = true
	w.late = func(_, n int) time.Duration { return []time.Duration{70 * ms, ms}[n] }
	w.run(time.Minute)
	w.want("0@0 0@100", "timeout 0/0@50, reply 0/0@70, again 0/0@70, reply 0/1@101, again 0/1@101")
	if s := w.s.Stats(0); s.Received != 2 || s.Sent != 2 {
		t.Errorf("%+v", s)
	}
}

// TestLoop: without an end, it is asked until it is stopped.
func TestLoop(t *testing.T) {
	w := newWorld(t, 1, roll.Config{Count: -1, Period: 100 * ms, Timeout: 100 * ms})
	w.run(time.Second - 1)
	if len(w.sent) != 10 || len(w.log) != 10 {
		t.Errorf("%v %v", w.sent, w.log)
	}
}

// TestEnough: when enough have answered, it is over.
func TestEnough(t *testing.T) {
	w := newWorld(t, 5, roll.Config{Interval: 10 * ms, Timeout: 100 * ms, Enough: 2})
	if took := w.run(time.Minute); took != 11*ms || w.s.Alive() != 2 {
		t.Errorf("%v, %d", took, w.s.Alive())
	}
}

// TestUnsent: what cannot be sent is not waited for.
func TestUnsent(t *testing.T) {
	why := errors.New("no way")
	for _, count := range []int{0, 2} {
		w := newWorld(t, 2, roll.Config{Timeout: 100 * ms, Retries: 3, Count: count, Period: 200 * ms})
		w.fail = map[int]error{1: why}
		took := w.run(time.Minute)
		log := "unsent 1/0@0, reply 0/0@1"
		if count > 0 {
			log += ", unsent 1/1@200, reply 0/1@201"
		}
		w.want(map[int]string{0: "0@0", 2: "0@0 0@200"}[count], log)
		if took > 201*ms {
			t.Errorf("%v", took)
		}
	}
}

// TestMany: without an interval thousands are asked, all answer, none is forgotten.
func TestMany(t *testing.T) {
	w := newWorld(t, 256, roll.Config{Timeout: 100 * ms})
	if took := w.run(time.Minute); took != ms || w.s.Alive() != 256 || len(w.log) != 256 {
		t.Errorf("%v, %d alive, %d told", took, w.s.Alive(), len(w.log))
	}
}

func TestConfig(t *testing.T) {
	one := []roll.Target{{Src: src, Dst: src}}
	for field, c := range map[string]roll.Config{
		"Targets":  {Timeout: 1},
		"Interval": {Targets: one, Timeout: 1, Interval: -1},
		"Timeout":  {Targets: one},
		"Period":   {Targets: one, Timeout: 1, Count: 1},
		"Retries":  {Targets: one, Timeout: 1, Retries: -1},
		"Backoff":  {Targets: one, Timeout: 1, Backoff: -1},
		"Size":     {Targets: one, Timeout: 1, Size: 65508},
		"Enough":   {Targets: one, Timeout: 1, Enough: -1},
	} {
		_, err := roll.New(nil, c)
		var f *wire.FieldError
		if !errors.As(err, &f) || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := roll.New(nil, roll.Config{Targets: one, Timeout: 1, Size: 65507}); err != nil {
		t.Error(err)
	}
}
