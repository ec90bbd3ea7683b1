package stats

import (
	"log/slog"
	"math"
	"time"
)

// RTT is a summary of round-trip times. The zero RTT is empty.
type RTT struct {
	count    int64
	min, max int64 // µs
	sum      float64
	squares  float64
	ewma     int64 // eighths of a µs; 0: none yet
}

// Add adds a round-trip time. Ping adds those of duplicates, too.
func (r *RTT) Add(d time.Duration) {
	us := max(0, d.Microseconds())
	if r.count == 0 || us < r.min {
		r.min = us
	}
	r.max = max(r.max, us)
	r.count++
	r.sum += float64(us)
	r.squares += float64(float64(us) * float64(us)) // the conversion keeps it apart from the sum
	if r.ewma == 0 {
		r.ewma = us * weight
	} else {
		r.ewma += us - r.ewma/weight
	}
}

// weight is how many of the latest times the moving average is of, more or less.
const weight = 8

// Count returns how many times were added.
func (r *RTT) Count() int { return int(r.count) }

// Min returns the least time; 0: there is none.
func (r *RTT) Min() time.Duration { return micro(r.min) }

// Max returns the most.
func (r *RTT) Max() time.Duration { return micro(r.max) }

// Avg returns the average, what is less than a microsecond cut off.
func (r *RTT) Avg() time.Duration { return micro(r.avg()) }

func (r *RTT) avg() int64 {
	if r.count == 0 {
		return 0
	}
	return int64(r.sum / float64(r.count))
}

// Mdev returns the deviation from the average as iputils computes it: the
// standard deviation over all times (not the mean deviation that its name
// promises), in whole microseconds.
//
// Reading: once the times sum up to 2³¹ µs iputils squares the average that it
// has already cut, and its square root may be one too large; both are so here.
func (r *RTT) Mdev() time.Duration {
	if r.count == 0 {
		return 0
	}
	n := float64(r.count)
	// The conversions keep the products apart from the sums: fused, they would
	// be rounded otherwise on some processors.
	square := float64(r.sum * r.sum)
	variance := (r.squares - square/n) / n
	if r.sum >= math.MaxInt32 {
		avg := float64(r.avg())
		variance = r.squares/n - float64(avg*avg)
	}
	if variance >= math.MaxInt64 {
		return micro(int64(math.Sqrt(variance))) // of hours
	}
	return micro(root(int64(variance)))
}

// root is the square root by Newton's method as iputils takes it: that of a, or
// of a+1 where that is a square.
func root(a int64) int64 {
	prev, x := int64(math.MaxInt64), a
	for x > 0 && x < prev {
		prev = x
		x = (x + a/x) / 2
	}
	return max(x, 0)
}

// EWMA returns the moving average, in which each new time counts an eighth.
func (r *RTT) EWMA() time.Duration { return micro(r.ewma / weight) }

func micro(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

// Merge adds what o has. The result is that of adding all times of o behind
// those of r, but for the moving average, which no longer knows their order: it
// is that of whichever had more times.
func (r *RTT) Merge(o *RTT) {
	if o.count == 0 {
		return
	}
	if r.count == 0 {
		*r = *o
		return
	}
	if o.count > r.count {
		r.ewma = o.ewma
	}
	r.min = min(r.min, o.min)
	r.max = max(r.max, o.max)
	r.count += o.count
	r.sum += o.sum
	r.squares += o.squares
}

// LogValue implements [slog.LogValuer].
func (r RTT) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int64("count", r.count), slog.Duration("min", r.Min()), slog.Duration("avg", r.Avg()),
		slog.Duration("max", r.Max()), slog.Duration("mdev", r.Mdev()), slog.Duration("ewma", r.EWMA()))
}

// Loss returns how much of what was sent did not come back, in percent; 0 when
// nothing was sent. It is negative when more came back than was sent.
func Loss(sent, received int) float64 {
	if sent == 0 {
		return 0
	}
	return float64(sent-received) * 100 / float64(sent)
}
