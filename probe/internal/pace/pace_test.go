package pace_test

import (
	"slices"
	"testing"

	"github.com/sonde-net/sonde/probe/internal/pace"
)

const second = 1_000_000_000

// passes lets one go whenever it may, at these times and as often as it may.
func passes(b *pace.Bucket, times ...int64) (out []int64) {
	for _, now := range times {
		for range 10 {
			if now < b.Next() {
				break
			}
			b.Take(now)
			out = append(out, now)
		}
	}
	return out
}

func TestBucket(t *testing.T) {
	for _, c := range []struct {
		name        string
		rate, burst int
		times, want []int64
	}{
		{"one a second", 1, 0, []int64{0, 1, second - 1, second, second + 1, 2 * second}, []int64{0, second, 2 * second}},
		{"a pause earns nothing", 1, 1, []int64{0, 10 * second, 10*second + 1, 11 * second}, []int64{0, 10 * second, 11 * second}},
		{"a burst of two", 1, 2, []int64{0, second - 1, second, 9 * second}, []int64{0, 0, second, 9 * second, 9 * second}},
		// A third of a second is 333,333,334 ns, not …33.
		{"rounded up", 3, 1, []int64{0, 333_333_333, 333_333_334}, []int64{0, 333_333_334}},
		{"each nanosecond", second, 1, []int64{0, 1, 2}, []int64{0, 1, 2}},
	} {
		b := pace.New(c.rate, c.burst)
		if got := passes(&b, c.times...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestNoLimit(t *testing.T) {
	for _, b := range []pace.Bucket{{}, pace.New(0, 5)} {
		for now := range int64(3) {
			if got := passes(&b, now); len(got) != 10 {
				t.Errorf("%d went at once", len(got))
			}
		}
	}
}
