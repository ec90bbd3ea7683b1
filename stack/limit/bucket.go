package limit

import (
	"unsafe"
)

// A pace is a rate in nanoseconds. The zero pace has no limit.
type pace struct {
	every int64 // what a message costs
	span  int64 // what a full bucket holds
}

func (r Rate) pace() pace {
	if r.Every < 0 {
		return pace{}
	}
	return pace{int64(r.Every), int64(r.Every) * int64(r.Burst)}
}

func (p pace) unlimited() bool { return p.every == 0 }

// take returns when a bucket that would be full at the time full will be so
// after a message has taken a token from it now, and whether it has one.
func (p pace) take(full, now int64) (after int64, ok bool) {
	after = max(full, now) + p.every
	return after, after <= now+p.span
}

// ways is the number of buckets in a set; a set fills one cache line.
const ways = 4

// A bucket belongs to the prefix whose hash it has, all 64 bits of it: that two
// prefixes share a bucket will not be seen. The zero bucket is full.
type bucket struct {
	tag  uint64
	full int64 // when it will be full, in nanoseconds after the limiter's first message
}

type set [ways]bucket

const setLen = int(unsafe.Sizeof(set{}))

// find returns the bucket with the tag or, where there is none, the one that
// gives way to it: the fullest.
func (s *set) find(tag uint64) *bucket {
	fullest := &s[0]
	for i := range s {
		b := &s[i]
		if b.tag == tag {
			return b
		}
		if b.full < fullest.full {
			fullest = b
		}
	}
	return fullest
}
