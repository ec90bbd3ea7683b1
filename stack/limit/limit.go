package limit

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"time"

	"github.com/sonde-net/sonde/stack/internal/keyhash"
)

// Verdict is what the limiter says about one message.
type Verdict uint8

// The verdicts. Where both buckets are empty, it is the destination's that
// refuses.
const (
	Allowed     Verdict = iota
	Destination         // too many to this prefix
	Global              // too many in all
)

// String returns "allowed", "too many to this destination" or "too many in
// all".
func (v Verdict) String() string {
	switch v {
	case Allowed:
		return "allowed"
	case Destination:
		return "too many to this destination"
	case Global:
		return "too many in all"
	}
	return "verdict " + strconv.Itoa(int(v))
}

// A Limiter holds the buckets of one node. Make it with [New].
type Limiter struct {
	errors, replies class
	types4, types6  Mask
	maskHi, maskLo  [2]uint64 // of an IPv4-mapped and an IPv6 address: the bits of the prefix
	key             keyhash.Key
	rng             *rand.Rand
	last            time.Time // of the message before; unset before the first
	started         bool
	clock           int64 // nanoseconds from the first message to the last
}

// A class is the buckets of errors, or those of replies.
type class struct {
	prefix, global pace
	full           int64 // of the global bucket, as in [bucket]
	sets           int   // a power of two
	table          []set // made with the first message that needs it
}

// New makes a limiter with all buckets full. The error is a
// *[wire.FieldError] about c.
func New(c Config) (*Limiter, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	l := &Limiter{
		errors:  class{prefix: c.Prefix.pace(), global: c.Global.pace(), sets: c.Buckets / ways},
		replies: class{prefix: c.ReplyPrefix.pace(), global: c.ReplyGlobal.pace(), sets: c.Buckets / ways},
		types4:  c.Types4,
		types6:  c.Types6,
		rng:     rand.New(rand.NewPCG(c.Seed, 0x6c696d6974)),
	}
	l.key = keyhash.New(l.rng.Uint64())
	for i, n := range []int{128 - 32 + c.Len4, c.Len6} {
		l.maskHi[i] = ^uint64(0) << max(64-n, 0)
		l.maskLo[i] = ^uint64(0) << min(128-n, 64)
	}
	return l, nil
}

// Error decides about an ICMP error of the type to dst, and takes the tokens
// when it says [Allowed]. The family of dst says whether it is a type of ICMP or
// ICMPv6. A type that is not limited is allowed and takes nothing.
//
// Only the time from one call to the next counts. Where now is before that of
// the last call, no time has passed.
func (l *Limiter) Error(now time.Time, dst netip.Addr, typ uint8) Verdict {
	types := &l.types6
	if dst.Is4() {
		types = &l.types4
	}
	if !types.Has(typ) {
		return Allowed
	}
	return l.admit(&l.errors, now, dst)
}

// Reply reports whether a reply to dst may be sent now, an echo reply or
// whatever else answers a query, and takes the tokens if so. Time is as for
// [Limiter.Error].
func (l *Limiter) Reply(now time.Time, dst netip.Addr) bool {
	return l.admit(&l.replies, now, dst) == Allowed
}

// Octets returns the size of the tables in octets when all of them are in use.
// There is no more, whatever arrives.
func (l *Limiter) Octets() int { return l.errors.octets() + l.replies.octets() }

func (c *class) octets() int {
	if c.prefix.unlimited() {
		return 0
	}
	return c.sets * setLen
}

// admit asks both buckets and takes from both or from none.
func (l *Limiter) admit(c *class, now time.Time, dst netip.Addr) Verdict {
	if c.prefix.unlimited() && c.global.unlimited() {
		return Allowed
	}
	t := l.tick(now)
	var b *bucket
	var mine bucket
	if !c.prefix.unlimited() {
		mine.tag = l.tag(dst)
		b = c.find(mine.tag)
		full := t
		if b.tag == mine.tag {
			full = b.full
		}
		var ok bool
		if mine.full, ok = c.prefix.take(full, t); !ok {
			return Destination
		}
	}
	if !c.global.unlimited() {
		full, ok := c.global.take(c.full, t)
		if !ok {
			return Global
		}
		// None, one or two tokens instead of the one.
		c.full = full + c.global.every*(int64(l.rng.Uint32N(3))-1)
	}
	if b != nil {
		*b = mine
	}
	return Allowed
}

// find returns the bucket for the tag, see set.find.
func (c *class) find(tag uint64) *bucket {
	if c.table == nil {
		c.table = make([]set, c.sets)
	}
	return c.table[tag&uint64(c.sets-1)].find(tag)
}

// tag returns the hash of the prefix of dst. The zero Addr counts as "::".
func (l *Limiter) tag(dst netip.Addr) uint64 {
	family := 1
	if dst.Is4() {
		family = 0
	}
	b := dst.As16()
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	return l.key.Words(hi&l.maskHi[family], lo&l.maskLo[family])
}

// tick returns now on the clock of the buckets: nanoseconds after the first
// message, standing still while the caller's clock goes back. A leap forward
// counts no more than fills every bucket.
func (l *Limiter) tick(now time.Time) int64 {
	if l.started {
		l.clock += int64(min(max(now.Sub(l.last), 0), 2*MaxSpan))
	}
	l.last, l.started = now, true
	return l.clock
}
