// Package pace keeps a rate: a token bucket that says when the next may go.
package pace

// Bucket lets one pass at a time, no more of them than its rate allows. Times
// are nanoseconds since some moment of the caller's. The zero Bucket has no
// limit.
type Bucket struct {
	every int64 // ns between two
	span  int64 // how much earlier than that one may go
	full  int64 // when the bucket will be full
}

const second = 1_000_000_000

// New makes a bucket for rate a second, of which burst may go at once after a
// pause; a rate of 0 is none, a burst of 0 is 1. The time between two is rounded
// up, so that the rate is never exceeded.
func New(rate, burst int) Bucket {
	if rate == 0 {
		return Bucket{}
	}
	every := (second + int64(rate) - 1) / int64(rate)
	return Bucket{every: every, span: every * int64(max(burst, 1)-1)}
}

// Next returns the time from which on the next may go.
func (b *Bucket) Next() int64 { return b.full - b.span }

// Take lets one go now, which is not before Next.
func (b *Bucket) Take(now int64) { b.full = max(b.full, now) + b.every }
