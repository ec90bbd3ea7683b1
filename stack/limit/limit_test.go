package limit_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/limit"
)

var (
	start = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	off   = limit.Rate{Every: -1}
)

// at returns the time d after the start.
func at(d time.Duration) time.Time { return start.Add(d) }

func host4(i uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)})
}

// host6 returns the first address of the i-th prefix of 64 bits.
func host6(i uint32) netip.Addr {
	return netip.AddrFrom16([16]byte{0x20, 0x01, 4: byte(i >> 24), 5: byte(i >> 16), 6: byte(i >> 8), 7: byte(i), 15: 1})
}

func made(tb testing.TB, c limit.Config) *limit.Limiter {
	tb.Helper()
	l, err := limit.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

const unreachable = 3

// admitted returns how many of n errors at one time are allowed.
func admitted(l *limit.Limiter, now time.Time, dst netip.Addr, n int) (sum int) {
	for range n {
		if l.Error(now, dst, unreachable) == limit.Allowed {
			sum++
		}
	}
	return sum
}

func TestVerdictText(t *testing.T) {
	for v, want := range map[limit.Verdict]string{
		limit.Allowed: "allowed", limit.Destination: "too many to this destination", limit.Global: "too many in all", 3: "verdict 3",
	} {
		if v.String() != want {
			t.Errorf("%d: %q, want %q", v, v, want)
		}
	}
}

// One destination: a burst, then one message each Every, to the nanosecond.
func TestPrefixBucket(t *testing.T) {
	conform.Row(t, "E-12")
	for _, row := range []struct {
		name  string
		rate  limit.Rate
		every time.Duration
		burst int
	}{
		{"default", limit.Rate{}, 100 * time.Millisecond, 10},
		{"default burst", limit.Rate{Every: time.Second}, time.Second, 10},
		{"default rate", limit.Rate{Burst: 3}, 100 * time.Millisecond, 3},
		{"as Linux", limit.Rate{Every: time.Second, Burst: 6}, time.Second, 6},
		{"three a second", limit.Rate{Every: time.Second / 3, Burst: 1}, 333333333, 1},
		{"one a day", limit.Rate{Every: 24 * time.Hour, Burst: 2}, 24 * time.Hour, 2},
		{"each nanosecond", limit.Rate{Every: 1, Burst: 1}, 1, 1},
	} {
		for _, a := range []netip.Addr{host4(1), host6(1)} {
			l := made(t, limit.Config{Prefix: row.rate, Global: off})
			if got := admitted(l, start, a, 2*row.burst+5); got != row.burst {
				t.Errorf("%s: %d at once, want %d", row.name, got, row.burst)
			}
			for i := range 3 {
				due := time.Duration(i+1) * row.every
				if v := l.Error(at(due-1), a, unreachable); v != limit.Destination {
					t.Errorf("%s: %v before %v", row.name, v, due)
				}
				if v := l.Error(at(due), a, unreachable); v != limit.Allowed {
					t.Errorf("%s: %v at %v", row.name, v, due)
				}
			}
			// Silence fills it, and no further.
			silence := time.Duration(row.burst+3) * row.every
			if got := admitted(l, at(silence), a, 2*row.burst+5); got != row.burst {
				t.Errorf("%s: %d at once after silence, want %d", row.name, got, row.burst)
			}
		}
	}
}

func TestUnlimited(t *testing.T) {
	l := made(t, limit.Config{Prefix: off, Global: off})
	if got := admitted(l, start, host4(1), 5000); got != 5000 {
		t.Errorf("without limits %d of 5000", got)
	}
	l = made(t, limit.Config{})
	for range 5000 {
		if !l.Reply(start, host4(1)) {
			t.Fatal("replies are limited by default")
		}
	}
	// What is not limited takes no token either.
	for range 100 {
		if l.Error(start, host4(1), 0) != limit.Allowed {
			t.Fatal("an echo reply is limited as an error")
		}
	}
	if got := admitted(l, start, host4(1), 100); got != 10 {
		t.Errorf("errors after replies: %d, want 10", got)
	}
}

func TestPrefixLength(t *testing.T) {
	conform.Row(t, "E-12")
	for _, row := range []struct {
		c    limit.Config
		a, b string
		same bool
	}{
		{limit.Config{}, "192.0.2.0", "192.0.2.1", false},
		{limit.Config{Len4: 31}, "192.0.2.0", "192.0.2.1", true},
		{limit.Config{Len4: 24}, "192.0.2.0", "192.0.2.255", true},
		{limit.Config{Len4: 24}, "192.0.2.255", "192.0.3.0", false},
		{limit.Config{Len4: 1}, "0.0.0.0", "127.255.255.255", true},
		{limit.Config{Len4: 1}, "127.255.255.255", "128.0.0.0", false},
		{limit.Config{}, "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", true},
		{limit.Config{}, "2001:db8::", "2001:db8:0:1::", false},
		{limit.Config{Len6: 65}, "2001:db8::", "2001:db8::8000:0:0:0", false},
		{limit.Config{Len6: 65}, "2001:db8::", "2001:db8::7fff:ffff:ffff:ffff", true},
		{limit.Config{Len6: 63}, "2001:db8::", "2001:db8:0:1::", true},
		{limit.Config{Len6: 63}, "2001:db8::", "2001:db8:0:2::", false},
		{limit.Config{Len6: 128}, "2001:db8::", "2001:db8::1", false},
		{limit.Config{Len6: 1}, "::", "7fff::", true},
		{limit.Config{Len6: 1}, "::", "8000::", false},
		{limit.Config{Len4: 24}, "2001:db8::", "2001:db8:0:1::", false},
		{limit.Config{Len6: 32}, "192.0.2.0", "192.0.2.1", false},
		{limit.Config{}, "fe80::1%a", "fe80::1%b", true},
	} {
		row.c.Prefix = limit.Rate{Every: time.Hour, Burst: 1}
		l := made(t, row.c)
		if v := l.Error(start, netip.MustParseAddr(row.a), unreachable); v != limit.Allowed {
			t.Errorf("%s: %v", row.a, v)
		}
		if v := l.Error(start, netip.MustParseAddr(row.b), unreachable); (v == limit.Destination) != row.same {
			t.Errorf("/%d /%d: %s, then %s: %v", row.c.Len4, row.c.Len6, row.a, row.b, v)
		}
	}
}

// ledger is the oracle: a bucket for each prefix, credit in nanoseconds.
type ledger struct {
	every, burst int64
	credit       map[netip.Prefix]int64
	last         map[netip.Prefix]time.Time
}

func (o *ledger) take(now time.Time, p netip.Prefix) bool {
	full := o.every * o.burst
	c, known := o.credit[p]
	if !known {
		c = full
	} else {
		c = min(full, c+int64(now.Sub(o.last[p])))
	}
	ok := c >= o.every
	if ok {
		c -= o.every
	}
	o.credit[p], o.last[p] = c, now
	return ok
}

// compare runs steps of random length to random hosts through a limiter and
// the oracle.
func compare(t *testing.T, rate limit.Rate, steps int, next func() (time.Duration, uint32)) {
	t.Helper()
	l := made(t, limit.Config{Prefix: rate, Global: off, Len4: 24})
	o := ledger{int64(rate.Every), int64(rate.Burst), map[netip.Prefix]int64{}, map[netip.Prefix]time.Time{}}
	now := start
	for range steps {
		d, host := next()
		now = now.Add(d)
		a := host4(host)
		p, err := a.Prefix(24)
		if err != nil {
			t.Fatal(err)
		}
		want := limit.Destination
		if o.take(now, p) {
			want = limit.Allowed
		}
		if got := l.Error(now, a, unreachable); got != want {
			t.Fatalf("%v to %v after %v: %v, want %v", rate, a, now.Sub(start), got, want)
		}
	}
}

func TestDifferential(t *testing.T) {
	conform.Row(t, "E-12")
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 3))
		rate := limit.Rate{Every: time.Duration(1 + r.IntN(1000)), Burst: 1 + r.IntN(20)}
		compare(t, rate, 3000, func() (time.Duration, uint32) {
			return time.Duration(r.IntN(int(rate.Every)/2 + 1)), r.Uint32N(16) << 7
		})
	}
}

func FuzzDifferential(f *testing.F) {
	f.Add(uint32(100), uint8(3), []byte{0, 1, 0, 1, 0, 1, 0, 1, 50, 1, 200, 2})
	f.Fuzz(func(t *testing.T, every uint32, burst uint8, b []byte) {
		rate := limit.Rate{Every: time.Duration(every) + 1, Burst: int(burst) + 1}
		compare(t, rate, len(b)/2, func() (time.Duration, uint32) {
			d, host := time.Duration(b[0])*rate.Every/16, uint32(b[1])<<6
			b = b[2:]
			return d, host
		})
	})
}

// The global bucket: the rate that was set over time, and about the burst at
// once; never the same twice.
func TestGlobal(t *testing.T) {
	conform.Row(t, "E-12")
	for _, row := range []struct {
		rate  limit.Rate
		every time.Duration
		burst int
	}{
		{limit.Rate{}, time.Millisecond, 50},
		{limit.Rate{Every: 10 * time.Millisecond, Burst: 200}, 10 * time.Millisecond, 200},
	} {
		var sum, least, most int
		const runs = 400
		for seed := range uint64(runs) {
			l := made(t, limit.Config{Seed: seed, Global: row.rate})
			n := 0
			for i := range uint32(1000) {
				switch v := l.Error(start, host4(i), unreachable); v {
				case limit.Allowed:
					n++
				case limit.Destination:
					t.Fatalf("host %d was sent one message: %v", i, v)
				}
			}
			sum += n
			if seed == 0 {
				least, most = n, n
			}
			least, most = min(least, n), max(most, n)
		}
		// The last message may leave a debt of a token, so half a message more
		// than the burst is meant.
		if mean := float64(sum) / runs; math.Abs(mean-float64(row.burst)) > 0.04*float64(row.burst) {
			t.Errorf("burst %d: %.1f on average", row.burst, mean)
		}
		if most-least < row.burst/5 {
			t.Errorf("burst %d: from %d to %d, hardly random", row.burst, least, most)
		}

		l := made(t, limit.Config{Global: row.rate})
		n := 0
		const messages = 100_000 // four for each token
		for i := range messages {
			if l.Error(at(time.Duration(i)*row.every/4), host4(uint32(i)), unreachable) == limit.Allowed {
				n++
			}
		}
		if want := messages/4 + row.burst; math.Abs(float64(n-want)) > 0.02*float64(want) {
			t.Errorf("rate %v: %d messages in the time of %d", row.every, n, want)
		}
		// Silence fills the bucket, and no further.
		n = 0
		for i := range uint32(2000) {
			if l.Error(at(24*time.Hour), host4(i), unreachable) == limit.Allowed {
				n++
			}
		}
		if n < row.burst/3 || n > 3*row.burst {
			t.Errorf("burst %d: %d after silence", row.burst, n)
		}
	}
}

// The attack behind CVE-2020-25705. Fifty datagrams under foreign addresses
// go to fifty UDP ports, then one under the attacker's own. If all fifty were
// closed, the bucket of fifty is empty and the attacker gets no answer; if one
// was open, one token is left for him. He must not be able to tell.
func TestSideChannel(t *testing.T) {
	conform.Row(t, "E-12")
	const trials = 2000
	var answered [2]float64
	for open := range answered {
		for seed := range uint64(trials) {
			l := made(t, limit.Config{Seed: seed + uint64(open)*trials})
			for i := range uint32(limit.DefaultGlobalBurst - open) {
				l.Error(start, host4(i), unreachable)
			}
			if l.Error(start, host4(1000), unreachable) == limit.Allowed {
				answered[open]++
			}
		}
	}
	closed, one := answered[0]/trials, answered[1]/trials
	t.Logf("answered %.3f of the time when all ports are closed, %.3f when one is open", closed, one)
	if one-closed > 0.15 || closed < 0.3 || one > 0.8 {
		t.Errorf("answered %.2f of the time when all ports are closed, %.2f when one is open", closed, one)
	}
}

// What one bucket refuses costs the other nothing, and what the global one
// refuses leaves no trace in the table.
func TestRefusalIsFree(t *testing.T) {
	conform.Row(t, "E-12")
	c := limit.Config{Seed: 5, Prefix: limit.Rate{Every: time.Hour, Burst: 2}, Global: limit.Rate{Every: time.Hour, Burst: 30}}
	quiet, flooded := made(t, c), made(t, c)
	count := func(l *limit.Limiter, flood int) (verdicts []limit.Verdict) {
		for i := range uint32(100) {
			verdicts = append(verdicts, l.Error(start, host4(i), unreachable))
			if i == 0 {
				verdicts = append(verdicts, l.Error(start, host4(0), unreachable))
			}
			for range flood {
				if v := l.Error(start, host4(0), unreachable); v != limit.Destination {
					t.Fatalf("the flooded host: %v", v)
				}
			}
		}
		return verdicts
	}
	a, b := count(quiet, 0), count(flooded, 20)
	if !slices.Equal(a, b) {
		t.Error("a host over its own limit changes what others get")
	}
	refused := slices.Index(a, limit.Global)
	if refused < 10 {
		t.Fatalf("the global bucket refuses message %d", refused)
	}

	// A host that only the global bucket refused has its two messages still.
	c.Global = limit.Rate{Every: time.Minute, Burst: 1}
	l := made(t, c)
	for l.Error(start, host4(1), unreachable) == limit.Allowed {
		l.Error(start, host4(2), unreachable)
	}
	n := 0
	for i := range 60 { // minute after minute the global bucket has one at most
		now := at(time.Duration(i) * time.Minute)
		switch l.Error(now, host4(7), unreachable) {
		case limit.Allowed:
			n++
		case limit.Destination:
			if n != 2 {
				t.Fatalf("over the limit of its own after %d messages", n)
			}
			return
		}
	}
	t.Errorf("%d messages in an hour, and no limit", n)
}

// Both empty: the destination's bucket refuses, so the global one is not asked.
func TestDestinationFirst(t *testing.T) {
	one := limit.Rate{Every: time.Hour, Burst: 1}
	l := made(t, limit.Config{Prefix: limit.Rate{Every: time.Hour, Burst: 100}, Global: one, Seed: 1})
	for range 100 {
		l.Error(start, host4(1), unreachable)
	}
	if v := l.Error(start, host4(1), unreachable); v != limit.Global {
		t.Errorf("with tokens of its own left: %v", v)
	}
	l = made(t, limit.Config{Prefix: one, Global: one, Seed: 1})
	l.Error(start, host4(1), unreachable)
	for i := range uint32(20) {
		l.Error(start, host4(2+i), unreachable)
	}
	if v := l.Error(start, host4(1), unreachable); v != limit.Destination {
		t.Errorf("both empty: %v", v)
	}
	if v := l.Error(start, host4(99), unreachable); v != limit.Global {
		t.Errorf("the global one empty: %v", v)
	}
}

func TestReply(t *testing.T) {
	conform.Row(t, "E-12")
	replies := func(l *limit.Limiter, now time.Time, dst netip.Addr) (n int) {
		for range 500 {
			if l.Reply(now, dst) {
				n++
			}
		}
		return n
	}
	l := made(t, limit.Config{ReplyPrefix: limit.Rate{Every: time.Second}})
	if got := replies(l, start, host4(1)); got != 10 {
		t.Errorf("default burst of replies: %d, want 10", got)
	}
	if got := replies(l, start, host4(2)); got != 10 {
		t.Errorf("another host: %d replies, want 10", got)
	}
	if got := replies(l, at(3*time.Second), host4(1)); got != 3 {
		t.Errorf("three seconds later: %d, want 3", got)
	}
	// Errors have buckets of their own, and so have replies.
	if got := admitted(l, at(3*time.Second), host4(1), 100); got != 10 {
		t.Errorf("errors after replies: %d, want 10", got)
	}
	if got := replies(l, at(4*time.Second), host4(1)); got != 1 {
		t.Errorf("replies after errors: %d, want 1", got)
	}

	sum := 0
	for seed := range uint64(100) {
		l := made(t, limit.Config{Seed: seed, ReplyGlobal: limit.Rate{Every: time.Second}})
		for i := range uint32(300) {
			if l.Reply(start, host6(i)) {
				sum++
			}
		}
	}
	if sum < 4500 || sum > 5500 {
		t.Errorf("default burst of all replies: %d in a hundred runs, want about 5000", sum)
	}
}

// In a full set the fullest bucket gives way, and a refused message takes no
// one's place.
func TestEviction(t *testing.T) {
	conform.Row(t, "E-12")
	rate := limit.Rate{Every: time.Hour, Burst: 9}
	l := made(t, limit.Config{Prefix: rate, Global: off, Buckets: 4})
	used := []int{6, 3, 9, 4}
	for i, n := range used {
		admitted(l, start, host4(uint32(i)), n)
	}
	// Each is known: host 2 has nothing left, and asking changes nothing.
	for range 3 {
		if v := l.Error(start, host4(2), unreachable); v != limit.Destination {
			t.Fatalf("host 2: %v", v)
		}
	}
	// A fifth one takes the place of host 1, which had used least.
	if got := admitted(l, start, host4(9), 20); got != 9 {
		t.Errorf("host 9: %d, want 9", got)
	}
	for i, n := range used {
		if i == 1 {
			continue
		}
		if got := admitted(l, start, host4(uint32(i)), 20); got != 9-n {
			t.Errorf("host %d: %d left, want %d", i, got, 9-n)
		}
	}
	if got := admitted(l, start, host4(1), 20); got != 9 {
		t.Errorf("host 1: %d, want 9 since it was forgotten", got)
	}
}

// A million sources: the table stays as large as it was, and the destination
// that is over its limit stays so.
func TestBounded(t *testing.T) {
	conform.Row(t, "E-12")
	hold := limit.Rate{Every: time.Hour, Burst: 5}
	for _, row := range []struct {
		c       limit.Config
		sources uint32
	}{
		{limit.Config{}, 1_000_000},
		{limit.Config{Prefix: hold, Global: off, ReplyPrefix: hold}, 1_000_000},
		{limit.Config{Buckets: 4, Global: off, ReplyPrefix: hold, ReplyGlobal: limit.Rate{Every: time.Second}}, 100_000},
	} {
		l := made(t, row.c)
		ceiling := l.Octets()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for i := range row.sources {
			now := at(time.Duration(i) * time.Microsecond)
			l.Error(now, host4(i*2654435761), unreachable)
			l.Error(now, host6(i), 1)
			l.Reply(now, host4(i))
		}
		runtime.ReadMemStats(&after)
		grown := after.TotalAlloc - before.TotalAlloc
		t.Logf("%d sources of each kind: %d octets allocated, ceiling %d", row.sources, grown, ceiling)
		if grown > uint64(ceiling)+64<<10 {
			t.Errorf("%d octets allocated, over the ceiling of %d", grown, ceiling)
		}
		if l.Octets() != ceiling {
			t.Errorf("the ceiling is %d now, was %d", l.Octets(), ceiling)
		}
	}

	// With the defaults the global limit keeps the flood out of the table: who
	// has used his ten stays limited while a hundred thousand others knock.
	l := made(t, limit.Config{})
	victim := host4(0xc0000201)
	if got := admitted(l, start, victim, 100); got != 10 {
		t.Fatalf("%d, want 10", got)
	}
	for i := range uint32(100_000) {
		now := at(time.Duration(i) * time.Second / 100_000 / 11)
		l.Error(now, host4(i), unreachable)
		if i%1000 == 0 {
			if v := l.Error(now, victim, unreachable); v != limit.Destination {
				t.Fatalf("after %d others: %v", i, v)
			}
		}
	}
}

// The same seed and input give the same verdicts, another seed others.
func TestSameInputSameOutput(t *testing.T) {
	conform.Row(t, "E-17")
	run := func(seed uint64, at time.Time) (v []limit.Verdict) {
		l := made(t, limit.Config{Seed: seed})
		for i := range uint32(3000) {
			v = append(v, l.Error(at.Add(time.Duration(i)*100*time.Microsecond), host4(i%500), unreachable))
		}
		return v
	}
	if !slices.Equal(run(1, start), run(1, start)) {
		t.Error("the same seed, and other verdicts")
	}
	if slices.Equal(run(1, start), run(2, start)) {
		t.Error("another seed, and the same verdicts")
	}
	// Only differences of times count, and the zero time is a time.
	if !slices.Equal(run(1, start), run(1, time.Time{})) || !slices.Equal(run(1, start), run(1, at(-1e6*time.Hour))) {
		t.Error("the verdicts depend on the date")
	}
}

// A clock that goes back stands still: it gives no tokens and blocks nobody. One
// that leaps fills the buckets and does not overflow.
func TestClock(t *testing.T) {
	c := limit.Config{Prefix: limit.Rate{Every: time.Second, Burst: 3}, Global: off}
	l := made(t, c)
	if got := admitted(l, start, host4(1), 100); got != 3 {
		t.Fatalf("%d at once, want 3", got)
	}
	back := start.Add(-time.Hour)
	for _, row := range []struct {
		now  time.Time
		want int
	}{
		{back, 0},
		{back.Add(time.Second - 1), 0},
		{back.Add(time.Second), 1},
		{back.Add(3 * time.Second), 2},
		{back.Add(2 * time.Second), 0},
		{back.Add(3 * time.Second), 1},
		{time.Unix(1<<40, 0), 3},
		{time.Unix(1<<40+1, 0), 1},
		{time.Unix(-1<<40, 0), 0},
		{time.Unix(-1<<40+2, 0), 2},
		{time.Time{}, 3},
		{start, 3},
		{start, 0},
	} {
		if got := admitted(l, row.now, host4(1), 100); got != row.want {
			t.Errorf("%v: %d, want %d", row.now, got, row.want)
		}
	}

	// A leap of more than a year fills the slowest bucket there is.
	l = made(t, limit.Config{Prefix: limit.Rate{Every: limit.MaxSpan, Burst: 1}, Global: off})
	l.Error(start, host4(1), unreachable)
	for _, row := range []struct {
		after time.Duration
		want  limit.Verdict
	}{
		{limit.MaxSpan - 1, limit.Destination},
		{limit.MaxSpan, limit.Allowed},
		{2*limit.MaxSpan - 1, limit.Destination},
		{200 * limit.MaxSpan, limit.Allowed},
	} {
		if v := l.Error(at(row.after), host4(1), unreachable); v != row.want {
			t.Errorf("after %v: %v, want %v", row.after, v, row.want)
		}
	}
}

// Anything goes in without a panic.
func TestZeroAddr(t *testing.T) {
	l := made(t, limit.Config{})
	if got := admitted(l, start, netip.Addr{}, 100); got != 10 {
		t.Errorf("the zero Addr: %d, want 10", got)
	}
	if v := l.Error(start, netip.MustParseAddr("::1"), 3); v != limit.Destination {
		t.Errorf("the zero Addr is not of the prefix of ::1: %v", v)
	}
}

func TestNoAllocs(t *testing.T) {
	l := made(t, limit.Config{ReplyPrefix: limit.Rate{Every: time.Second}, ReplyGlobal: limit.Rate{Every: time.Second}})
	now, i := start, uint32(0)
	for what, f := range map[string]func(){
		"allowed":             func() { now = now.Add(time.Second); i++; l.Error(now, host4(i), unreachable) },
		"allowed, IPv6":       func() { now = now.Add(time.Second); i++; l.Error(now, host6(i), 1) },
		"refused":             func() { i++; l.Error(now, host4(1), unreachable) },
		"refused by all":      func() { i++; l.Error(now, host4(i), unreachable) },
		"not limited":         func() { l.Error(now, host4(i), 0) },
		"reply":               func() { now = now.Add(time.Second); i++; l.Reply(now, host4(i)) },
		"reply, refused":      func() { l.Reply(now, host4(1)) },
		"text of the verdict": func() { _ = limit.Global.String() },
	} {
		wiretest.NoAllocs(t, what, f)
	}
}

func BenchmarkError(b *testing.B) {
	for _, row := range []struct {
		name string
		step time.Duration
		host uint32 // so many hosts in turn
		typ  uint8
	}{
		{"verdict=allowed/hosts=1", time.Second, 1, unreachable},
		{"verdict=allowed/hosts=1000", time.Second, 1000, unreachable},
		{"verdict=allowed/hosts=1000000", time.Second, 1_000_000, unreachable},
		{"verdict=destination/hosts=1", 0, 1, unreachable},
		{"verdict=global/hosts=1000000", 0, 1_000_000, unreachable},
		{"verdict=unlimited/hosts=1", 0, 1, 0},
	} {
		b.Run(row.name, func(b *testing.B) {
			l := made(b, limit.Config{})
			now, i := start, uint32(0)
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(row.step)
				l.Error(now, host4(i), row.typ)
				if i++; i == row.host {
					i = 0
				}
			}
		})
	}
}

func BenchmarkReply(b *testing.B) {
	for _, c := range []limit.Config{{}, {ReplyPrefix: limit.Rate{Every: 1}, ReplyGlobal: limit.Rate{Every: 1}}} {
		b.Run(fmt.Sprintf("limited=%v", c.ReplyPrefix.Every > 0), func(b *testing.B) {
			l := made(b, c)
			now := start
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(time.Microsecond)
				l.Reply(now, host4(1))
			}
		})
	}
}
