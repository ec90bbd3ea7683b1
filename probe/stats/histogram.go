package stats

import (
	"math"
	"math/bits"
	"time"
)

// The buckets of a [Histogram]: up to 16 µs one each microsecond, and from there
// on 16 for each doubling.
const (
	subBits = 4
	sub     = 1 << subBits
	octaves = 31
	buckets = sub * (1 + octaves)
)

// Histogram tells percentiles of round-trip times, each right to a sixteenth:
// from a microsecond to nine hours, in two kilobytes. The zero Histogram is
// empty. A bucket counts to 2³²−1 and then stays there.
type Histogram struct {
	counts [buckets]uint32
}

// Add adds a round-trip time. What is longer than nine hours counts as that.
func (h *Histogram) Add(d time.Duration) {
	if c := &h.counts[bucket(max(0, d.Microseconds()))]; *c < math.MaxUint32 {
		*c++
	}
}

// bucket returns the bucket that a number of microseconds belongs to.
func bucket(us int64) int {
	if us < sub {
		return int(us)
	}
	octave := bits.Len64(uint64(us)) - subBits // 1: from sub to twice that
	return min(octave*sub+int(us>>(octave-1))-sub, buckets-1)
}

// bounds returns the least number of microseconds of a bucket, and how many
// there are in it.
func bounds(i int) (least, width int64) {
	if i < sub {
		return int64(i), 1
	}
	shift := i/sub - 1
	return int64(sub+i%sub) << shift, 1 << shift
}

// Count returns how many times were added.
func (h *Histogram) Count() int {
	n := 0
	for _, c := range h.counts {
		n += int(c)
	}
	return n
}

// Percentile returns the time within which p percent of the times lie: that of
// the smallest bucket with as many times up to its end, its middle. P is at
// least 0, which is the shortest time, and at most 100, the longest; without
// times it is 0.
func (h *Histogram) Percentile(p float64) time.Duration {
	n := h.Count()
	if n == 0 {
		return 0
	}
	want := max(1, int(math.Ceil(min(max(p, 0), 100)/100*float64(n))))
	i, seen := 0, int(h.counts[0])
	for seen < want {
		i++
		seen += int(h.counts[i])
	}
	least, width := bounds(i)
	return micro(least + width/2)
}

// Merge adds what o has.
func (h *Histogram) Merge(o *Histogram) {
	for i, c := range o.counts {
		h.counts[i] += min(c, math.MaxUint32-h.counts[i])
	}
}
