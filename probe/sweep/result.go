package sweep

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire/ip"
)

// ResultKind is what a result is.
type ResultKind uint8

// The kinds of results.
const (
	Reply ResultKind = iota + 1 // the target has answered
	Error                       // somebody says why it does not, or did not get the probe
)

// String returns the kind in a word.
func (k ResultKind) String() string {
	switch k {
	case Reply:
		return "reply"
	case Error:
		return "error"
	}
	return "unknown"
}

// MarshalText implements encoding.TextMarshaler.
func (k ResultKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Result is what came of a probe. What does not apply is zero.
type Result struct {
	Kind      ResultKind    `json:"result"`
	Time      time.Time     `json:"time"`
	Target    netip.Addr    `json:"target"`
	From      netip.Addr    `json:"from"` // who says so
	RTT       time.Duration `json:"rtt_ns,omitzero"`
	TTL       ip.TTL        `json:"ttl"`          // of the answer
	Hop       uint8         `json:"hop,omitzero"` // of a trace: the time to live that the probe had
	Duplicate bool          `json:"duplicate,omitzero"`
	Closed    bool          `json:"closed,omitzero"` // the host is there, and nobody listens on the port
	Type      uint8         `json:"type,omitzero"`   // of an error
	Code      uint8         `json:"code,omitzero"`
	MTU       int           `json:"mtu,omitzero"` // octets
}

// ring holds results until they are read.
type ring struct {
	limit int
	lost  uint64
	buf   []Result
	first int
	n     int
}

func (r *ring) put(x *Result) {
	if r.n == len(r.buf) {
		if r.n == r.limit {
			r.first = (r.first + 1) % r.limit
			r.n--
			r.lost++
		} else {
			grown := make([]Result, min(max(2*r.n, 64), r.limit))
			for i := range r.n {
				grown[i] = r.buf[(r.first+i)%r.n]
			}
			r.buf, r.first = grown, 0
		}
	}
	r.buf[(r.first+r.n)%len(r.buf)] = *x
	r.n++
}

func (r *ring) get() (Result, bool) {
	if r.n == 0 {
		return Result{}, false
	}
	x := r.buf[r.first]
	r.first = (r.first + 1) % len(r.buf)
	r.n--
	return x, true
}

// seen remembers who has answered.
type seen struct {
	bits []uint64 // of each target one; nil: there are too many
	// The last who have answered, each in one of the places that its number has.
	last []uint64
	salt uint64
}

// maxBits is how many targets there may be for each to have a bit, and lastSeen
// how many are remembered when there are more.
const (
	maxBits  = 1 << 27
	lastSeen = 1 << 20
)

func newSeen(n, seed uint64) seen {
	if n <= maxBits {
		return seen{bits: make([]uint64, (n+63)/64)}
	}
	return seen{last: make([]uint64, lastSeen), salt: seed | 1}
}

// again reports whether target i has been seen, and notes that it has.
func (s *seen) again(i uint64) bool {
	if s.bits != nil {
		bit := uint64(1) << (i % 64)
		was := s.bits[i/64]&bit != 0
		s.bits[i/64] |= bit
		return was
	}
	// Two places, by a multiplicative hash; the newer goes first.
	at := (i*0x9e3779b97f4a7c15 ^ s.salt) >> 45 << 1
	switch i + 1 {
	case s.last[at], s.last[at+1]:
		return true
	}
	s.last[at+1], s.last[at] = s.last[at], i+1
	return false
}
