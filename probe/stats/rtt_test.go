package stats_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/probe/stats"
)

func of(us ...int64) *stats.RTT {
	r := new(stats.RTT)
	for _, x := range us {
		r.Add(time.Duration(x) * time.Microsecond)
	}
	return r
}

func micro(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

// TestDocument sums up the ping of the document. It shows the five times cut to
// a tenth of a millisecond, so the digits behind are chosen within that; the
// line below them is its own.
func TestDocument(t *testing.T) {
	shown := []string{"84.1", "83.6", "82.9", "83.2", "83.1"}
	for _, us := range [][]int64{
		{84157, 83600, 82926, 83260, 83162},
		{84157, 83600, 82926, 83262, 83160},
	} {
		for i, x := range us {
			if s := micro(x / 100 * 100).String(); s != shown[i]+"ms" {
				t.Fatalf("time %d is shown as %s, not %sms", i, s, shown[i])
			}
		}
		r := of(us...)
		if r.Min() != micro(82926) || r.Avg() != micro(83421) || r.Max() != micro(84157) || r.Mdev() != micro(427) {
			t.Errorf("min/avg/max/mdev of %d = %v/%v/%v/%v", us, r.Min(), r.Avg(), r.Max(), r.Mdev())
		}
		if r.Count() != 5 {
			t.Errorf("count %d", r.Count())
		}
	}
	if l := stats.Loss(5, 5); l != 0 {
		t.Errorf("loss %v", l)
	}
}

// TestRTT holds the summary to lines that are computed by hand after the source
// of iputils.
func TestRTT(t *testing.T) {
	for _, c := range []struct {
		name                      string
		us                        []int64
		min, avg, max, mdev, ewma int64
	}{
		{"nothing", nil, 0, 0, 0, 0, 0},
		{"one", []int64{1500}, 1500, 1500, 1500, 0, 1500},
		{"zero", []int64{0, 0}, 0, 0, 0, 0, 0},
		{"negative", []int64{-7, 5}, 0, 2, 5, 2, 5},
		{"average cut", []int64{1, 2}, 1, 1, 2, 0, 1},
		// (1+9-16/2)/2 = 1
		{"two", []int64{1, 3}, 1, 2, 3, 1, 1},
		// Variance 3: the square root goes 3, 2, 1, 2.
		{"one too large", []int64{0, 3, 0, 3, 5}, 0, 2, 5, 2, 3},
		// Variance 2: 2, 1, 1.
		{"variance of two", []int64{1, 1, 5, 3}, 1, 2, 5, 1, 1},
		{"descending", []int64{4000, 3000, 1000}, 1000, 2666, 4000, 1247, 3515},
	} {
		r := of(c.us...)
		got := [5]time.Duration{r.Min(), r.Avg(), r.Max(), r.Mdev(), r.EWMA()}
		want := [5]time.Duration{micro(c.min), micro(c.avg), micro(c.max), micro(c.mdev), micro(c.ewma)}
		if got != want {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
	if r := new(stats.RTT); r.Count() != 0 {
		t.Error("the zero RTT has times")
	}
	r := of()
	r.Add(1999 * time.Nanosecond)
	if r.Max() != time.Microsecond {
		t.Errorf("1999 ns are %v", r.Max())
	}
}

// oracle is what iputils computes, from all times at once, in the words of its
// types: sums in double, the variance cut to long long.
func oracle(us []int64) (avg, mdev, ewma int64) {
	var sum, squares float64
	for _, x := range us {
		sum += float64(x)
		squares += float64(x * x)
		if ewma == 0 {
			ewma = x * 8
		} else {
			ewma += x - ewma/8
		}
	}
	n := float64(len(us))
	avg = int64(sum / n)
	s2 := float64(sum * sum)
	v := int64((squares - s2/n) / n)
	if sum >= math.MaxInt32 {
		v = int64(squares/n - float64(avg*avg))
	}
	prev, x := int64(math.MaxInt64), v
	if x > 0 {
		for x < prev {
			prev, x = x, (x+v/x)/2
		}
	}
	return avg, x, ewma / 8
}

func TestOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		us := make([]int64, 1+rng.IntN(40))
		scale := int64(1) << rng.IntN(30)
		for i := range us {
			us[i] = rng.Int64N(scale)
		}
		r := of(us...)
		avg, mdev, ewma := oracle(us)
		if r.Avg() != micro(avg) || r.Mdev() != micro(max(0, mdev)) || r.EWMA() != micro(ewma) {
			t.Fatalf("%d: avg %v mdev %v ewma %v, want %d %d %d", us, r.Avg(), r.Mdev(), r.EWMA(), avg, mdev, ewma)
		}
	}
}

// TestLargeSums crosses the sum from which on iputils computes otherwise.
func TestLargeSums(t *testing.T) {
	const half = math.MaxInt32 / 2
	for _, us := range [][]int64{{half, half}, {half, half + 1}, {half, half + 2_000_001}} {
		r := of(us...)
		if _, want, _ := oracle(us); r.Mdev() != micro(max(0, want)) {
			t.Errorf("%d: %v, want %d", us, r.Mdev(), want)
		}
	}
	// The two ways differ here: the cut average makes the variance larger.
	below, above := of(1, 2), of(half, half+1)
	if below.Mdev() != 0 || above.Mdev() != micro(root(oracleVariance(half, half+1))) || above.Mdev() == 0 {
		t.Errorf("mdev %v and %v", below.Mdev(), above.Mdev())
	}
}

func oracleVariance(a, b int64) int64 {
	avg := (a + b) / 2
	return int64((float64(a*a)+float64(b*b))/2 - float64(avg*avg))
}

func root(a int64) int64 {
	return int64(math.Sqrt(float64(a)))
}

func TestMerge(t *testing.T) {
	a, b := of(100, 300, 200), of(50, 900)
	ewma := a.EWMA()
	a.Merge(b)
	all := of(100, 300, 200, 50, 900)
	if a.Count() != 5 || a.Min() != all.Min() || a.Avg() != all.Avg() || a.Max() != all.Max() || a.Mdev() != all.Mdev() {
		t.Errorf("merged %v, all %v", a.LogValue(), all.LogValue())
	}
	if a.EWMA() != ewma {
		t.Errorf("moving average %v, want that of the larger, %v", a.EWMA(), ewma)
	}
	c := of(7)
	c.Merge(all)
	if c.EWMA() != all.EWMA() || c.Min() != micro(7) || c.Max() != micro(900) || c.Count() != 6 {
		t.Errorf("merged %v", c.LogValue())
	}
	// Of two with as many times the first keeps its own.
	d := of(10)
	d.Merge(of(2000))
	if d.EWMA() != micro(10) {
		t.Errorf("moving average %v", d.EWMA())
	}
	e := of(5)
	e.Merge(of())
	if *e != *of(5) {
		t.Errorf("merged with nothing: %v", e.LogValue())
	}
	f := of()
	f.Merge(of(5, 6))
	if *f != *of(5, 6) {
		t.Errorf("nothing merged: %v", f.LogValue())
	}
}

func TestLoss(t *testing.T) {
	for _, c := range []struct {
		sent, received int
		want           float64
	}{{0, 0, 0}, {5, 5, 0}, {5, 0, 100}, {3, 2, 100.0 / 3}, {4, 1, 75}, {1, 2, -100}} {
		if got := stats.Loss(c.sent, c.received); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%d sent, %d received: %v, want %v", c.sent, c.received, got, c.want)
		}
	}
}

func TestLogValue(t *testing.T) {
	want := "[count=2 min=1ms avg=2ms max=3ms mdev=1ms ewma=1.25ms]"
	if got := of(1000, 3000).LogValue().String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestNoAllocs(t *testing.T) {
	var r stats.RTT
	var h stats.Histogram
	wiretest.NoAllocs(t, "add", func() { r.Add(time.Second); h.Add(time.Second) })
	wiretest.NoAllocs(t, "read", func() { _, _ = r.Mdev(), h.Percentile(99) })
}

func BenchmarkAdd(b *testing.B) {
	b.ReportAllocs()
	var r stats.RTT
	for b.Loop() {
		r.Add(83421 * time.Microsecond)
	}
}

// TestLong: times of hours have a deviation, too.
func TestLong(t *testing.T) {
	var r stats.RTT
	for range 4 {
		r.Add(20 * time.Hour)
		r.Add(22 * time.Hour)
	}
	if d := r.Mdev() - time.Hour; r.Avg() != 21*time.Hour || d.Abs() > time.Second {
		t.Errorf("%v, %v", r.Avg(), r.Mdev())
	}
}
