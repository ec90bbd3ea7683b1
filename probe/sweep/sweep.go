package sweep

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe/internal/siphash"
	"github.com/sonde-net/sonde/probe/sweep/cycle"
)

// Sweep asks many addresses. It is a machine, not safe for concurrent use. Make
// one with [New].
type Sweep struct {
	cfg   Config
	key   siphash.Key
	tag   uint64 // above the number of a probe
	order cycle.Order
	walk  *cycle.Walk

	begun   bool
	first   time.Time // when it began
	start   time.Time // of the schedule
	next    time.Time // before which no packet leaves, however late it is
	due     uint64    // packets of the schedule that have left, or bits
	ended   bool      // nothing more is to be sent
	end     time.Time // when that was
	now     time.Time
	rate    float64     // packets, or bits, a second; 0: no limit
	left    []departure // of probes, by number
	origin  time.Time
	message []byte
	data    []byte
	seen    seen
	results ring
	counts  Counters
}

// Counters count what a sweep has done.
type Counters struct {
	Sent       uint64 `json:"sent"`       // probes
	Unsent     uint64 `json:"unsent"`     // … that could not be sent
	Answered   uint64 `json:"answered"`   // targets that have answered themselves, each once
	Duplicates uint64 `json:"duplicates"` // further answers
	Errors     uint64 `json:"errors"`     // by routers, and by targets about others than themselves
	Foreign    uint64 `json:"foreign"`    // what is no answer to anything that was asked
	Forged     uint64 `json:"forged"`     // what would be one, but for the hash
	Lost       uint64 `json:"lost"`       // results that nobody read in time
}

// departure is when a probe left.
type departure struct {
	probe uint64 // its number + 1; 0: none has left
	at    int64  // in nanoseconds since the origin
}

// remembered is how many probes are remembered with the time they left at.
const remembered = 1 << 18

// behind is how far a sweep may be behind its schedule and still catch up with
// it; what is missed beyond that is not made good. It catches up a quarter faster
// than the rate, but for what was missed within burst, which leaves at once.
const (
	behind  = 5 * time.Second
	burst   = 10 * time.Millisecond
	quicker = 0.8 // of the interval between packets
)

// New makes a sweep. The error is a [*wire.FieldError] that says which field of
// the configuration is wrong.
func New(c Config) (*Sweep, error) {
	c.setDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	n := c.Targets.Len() * c.each()
	s := &Sweep{
		cfg: c, key: siphash.Derive(c.Seed), tag: uint64(c.Tag()) << numberBits, order: cycle.New(n, c.Seed),
		left: make([]departure, ceil2(n)), results: ring{limit: c.Results},
	}
	s.walk = s.order.Shard(c.Shard, c.Shards)
	s.walk.Seek(c.Position)
	s.seen = newSeen(c.Targets.Len(), c.Seed)
	return s, nil
}

// ceil2 returns the least power of two that is at least n, and no more than
// remembered.
func ceil2(n uint64) uint64 {
	p := uint64(1)
	for p < n && p < remembered {
		p <<= 1
	}
	return p
}

// Position returns how far the sweep has come: [Config.Position] of one that goes
// on from here.
func (s *Sweep) Position() uint64 { return s.walk.Position() }

// Size returns the position at which the sweep is at its end.
func (s *Sweep) Size() uint64 { return s.walk.Size() }

// Counters returns the counters as they are.
func (s *Sweep) Counters() Counters {
	c := s.counts
	c.Lost = s.results.lost
	return c
}

// Done reports whether everything was asked, and all have answered or were waited
// for.
func (s *Sweep) Done() bool {
	return s.ended && (s.complete() || !s.now.Before(s.end.Add(s.cfg.Wait)))
}

// complete reports whether nobody is left to answer: each probe is another
// target's, and so many targets have answered.
func (s *Sweep) complete() bool {
	return s.cfg.each() == 1 && s.seen.bits != nil && s.counts.Answered == s.counts.Sent
}

// Stop ends the sending; what comes until [Config.Wait] is over still counts.
func (s *Sweep) Stop(now time.Time) {
	if !s.ended {
		s.ended, s.end = true, now
	}
	s.tick(now)
}

// Unsent says that the datagram which was polled last could not be sent.
func (s *Sweep) Unsent() {
	s.counts.Sent--
	s.counts.Unsent++
}

func (s *Sweep) tick(now time.Time) {
	if s.origin.IsZero() {
		s.origin = now
	}
	if now.After(s.now) {
		s.now = now
	}
}

// Poll appends an IP datagram that is to leave now to b, if there is one.
func (s *Sweep) Poll(now time.Time, b []byte) ([]byte, bool) {
	s.tick(now)
	if s.ended || !s.permits() {
		return b, false
	}
	i, ok := s.walk.Next()
	if !ok {
		s.ended, s.end = true, s.now
		return b, false
	}
	each := s.cfg.each()
	turn := uint8(i % each)
	out := s.datagram(b, i, s.cfg.Targets.At(i/each), turn)
	s.left[i%uint64(len(s.left))] = departure{i + 1, int64(s.now.Sub(s.origin))}
	s.counts.Sent++
	s.spaced(s.weight(len(out) - len(b)))
	return out, true
}

// weight is what a datagram counts in the schedule: one, or where bits are limited
// how many it has on the wire.
func (s *Sweep) weight(octets int) uint64 {
	if s.cfg.Bits == 0 {
		return 1
	}
	return uint64(8 * max(octets+s.cfg.Overhead, s.cfg.Least))
}

// permits reports whether the schedule permits one more now.
func (s *Sweep) permits() bool {
	if !s.begun {
		s.begun, s.first, s.start, s.rate = true, s.now, s.now, max(float64(s.cfg.Rate), float64(s.cfg.Bits))
	}
	if s.rate == 0 {
		return true
	}
	late := s.now.Sub(s.dueAt(s.due))
	if late > behind {
		s.start = s.start.Add(late - behind)
	}
	return late >= 0 && !s.now.Before(s.next)
}

// spaced takes note that a packet of a weight has left: the next may not before a
// while, unless there is less to make good than a burst.
func (s *Sweep) spaced(weight uint64) {
	s.due += weight
	if s.rate == 0 {
		return
	}
	if least := s.now.Add(-burst); s.next.Before(least) {
		s.next = least
	}
	s.next = s.next.Add(time.Duration(quicker * float64(weight) / s.rate * float64(time.Second)))
}

// dueAt returns when the packet is due before which so many, or so many bits, have
// left.
func (s *Sweep) dueAt(n uint64) time.Time {
	return s.start.Add(time.Duration(float64(n) / s.rate * float64(time.Second)))
}

// Deadline returns when Poll is to be called though nothing has come; zero:
// never. A time that has passed means now.
func (s *Sweep) Deadline() time.Time {
	switch {
	case s.Done():
		return time.Time{}
	case s.ended:
		return s.end.Add(s.cfg.Wait)
	case s.now.IsZero():
		return time.Unix(0, 0) // at once: the zero time would be never
	case !s.begun || s.rate == 0:
		return s.now
	}
	if due := s.dueAt(s.due); due.After(s.next) {
		return due
	}
	return s.next
}

// NextResult returns the oldest result that was not read yet.
func (s *Sweep) NextResult() (Result, bool) { return s.results.get() }

// numbers returns what an address is known by: sixteen bits for each of two
// fields, and thirty-two more.
func (s *Sweep) numbers(a netip.Addr) (x, y uint16, z uint32) {
	hi, lo := words(a)
	h := s.key.Sum3(hi, lo, forNumbers)
	return uint16(h >> 48), uint16(h >> 32), uint32(h)
}

// cookie returns the hash of an address and the number of a probe.
func (s *Sweep) cookie(a netip.Addr, i uint64) uint64 {
	hi, lo := words(a)
	return s.key.Sum3(hi, lo, i)
}

// forNumbers and forTag are no numbers of probes.
const (
	forNumbers = 1<<63 + iota
	forTag
)

func words(a netip.Addr) (hi, lo uint64) {
	b := a.As16()
	return binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
}

// Sending returns for how long probes have been sent.
func (s *Sweep) Sending() time.Duration {
	switch {
	case !s.begun:
		return 0
	case s.ended:
		return s.end.Sub(s.first)
	}
	return s.now.Sub(s.first)
}

// Answered says that a target has answered already, in an earlier run. It reports
// whether that is news.
func (s *Sweep) Answered(target netip.Addr) bool {
	i, ok := s.cfg.Targets.Index(target)
	return ok && !s.seen.again(i)
}
