package nat

import (
	"math/bits"
	"time"
	"unsafe"

	"github.com/sonde-net/sonde/stack/internal/keyhash"
	"github.com/sonde-net/sonde/wire/ip"
)

// fragmentWays is how many lines a datagram may stand in.
const fragmentWays = 4

// fragments remembers where the first fragment of a datagram went.
type fragments struct {
	key   keyhash.Key
	age   time.Duration
	lines [][fragmentWays]fragment
}

// datagramID is what tells a datagram in fragments from others (RFC 791 §3.2).
type datagramID struct {
	src, dst uint32
	id       uint16
	proto    ip.Proto
}

type fragment struct {
	datagramID
	inside uint32 // the address inside; 0: the datagram is not translated
	at     time.Time
}

func newFragments(c *Config) fragments {
	sets := 1 << bits.Len(uint(c.Fragments-1)/fragmentWays)
	return fragments{key: keyhash.New(c.Seed + 1), age: c.Fragment, lines: make([][fragmentWays]fragment, sets)}
}

func (f *fragments) octets() int { return len(f.lines) * int(unsafe.Sizeof(f.lines[0])) }

func (f *fragments) set(d datagramID) *[fragmentWays]fragment {
	h := f.key.Words(uint64(d.src)<<32|uint64(d.dst), uint64(d.id)<<8|uint64(d.proto))
	return &f.lines[h&uint64(len(f.lines)-1)]
}

// put remembers the datagram, in the place of the oldest of its set.
func (f *fragments) put(now time.Time, d datagramID, inside uint32) {
	set := f.set(d)
	oldest := &set[0]
	for i := range set {
		e := &set[i]
		if e.datagramID == d {
			oldest = e
			break
		}
		if e.at.Before(oldest.at) {
			oldest = e
		}
	}
	*oldest = fragment{d, inside, now}
}

// get returns the address inside of the datagram; known is false when its first
// fragment was not seen, or too long ago.
func (f *fragments) get(now time.Time, d datagramID) (inside uint32, known bool) {
	set := f.set(d)
	for i := range set {
		e := &set[i]
		if e.datagramID == d && !e.at.IsZero() && now.Sub(e.at) < f.age {
			return e.inside, true
		}
	}
	return 0, false
}
