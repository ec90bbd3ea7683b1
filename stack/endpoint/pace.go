package endpoint

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/quench"
	"github.com/sonde-net/sonde/stack/queue"
	"github.com/sonde-net/sonde/wire/ip"
)

// slowed is a destination that source quench has come about, and what waits to
// be sent there. LEGACY.
type slowed struct {
	dst     netip.Addr
	pacer   *quench.Pacer
	due     time.Time // when the first of what waits may leave
	octets  queue.Queue
	waiting ring[letter]
}

// letter is a datagram without its payload.
type letter struct {
	out     stack.Outgoing
	options [maxOptions]byte // of out, whose slices are nil
	n       int
	flow    flow
	box     *mailbox
}

const maxOptions = ip.MaxOptionsLen

func (e *Endpoint) slowed(dst netip.Addr) *slowed {
	for _, s := range e.slow {
		if s.dst == dst {
			return s
		}
	}
	return nil
}

// quenched slows down what goes to dst. When too many are slowed down already,
// one that nothing waits for takes its place, the least slow of them.
func (e *Endpoint) quenched(now time.Time, dst netip.Addr) {
	s := e.slowed(dst)
	if s == nil {
		p, err := quench.New(e.cfg.Quench)
		if err != nil {
			return // New has tried it
		}
		s = &slowed{dst: dst, pacer: p}
		s.octets.Limit, s.waiting.limit = e.cfg.Octets, e.cfg.Datagrams
		if len(e.slow) < e.cfg.Destinations {
			e.slow = append(e.slow, s)
		} else if i := e.leastSlow(); i >= 0 {
			e.slow[i] = s
		} else {
			return
		}
	}
	s.pacer.Quench(now)
	if s.waiting.count > 0 {
		s.due = s.pacer.Next(now)
	}
}

func (e *Endpoint) leastSlow() int {
	found := -1
	for i, s := range e.slow {
		if s.waiting.count == 0 && (found < 0 || s.pacer.Delay() < e.slow[found].pacer.Delay()) {
			found = i
		}
	}
	return found
}

// hold keeps o back when its destination is slowed down and it is not its turn.
func (e *Endpoint) hold(now time.Time, o *stack.Outgoing, f flow, box *mailbox) (held bool, err error) {
	s := e.slowed(o.Dst)
	if s == nil || s.waiting.count == 0 && s.pacer.Allow(now) {
		return false, nil
	}
	l := letter{out: *o, flow: f, box: box}
	l.n = copy(l.options[:], o.Options)
	l.out.Options, l.out.Payload = nil, nil
	if s.waiting.count == s.waiting.limit || !s.octets.Push(o.Payload, queue.Tag{}) {
		return true, ErrSlow
	}
	s.waiting.put(l)
	if s.waiting.count == 1 {
		s.due = s.pacer.Next(now)
	}
	return true, nil
}

// release sends what waits and is due. A destination that is no longer slowed
// down is forgotten.
func (e *Endpoint) release(now time.Time) {
	kept := e.slow[:0]
	for _, s := range e.slow {
		for s.waiting.count > 0 && !now.Before(s.due) && s.pacer.Allow(now) {
			l := s.waiting.peek()
			e.out = l.out
			e.out.Options = l.options[:l.n]
			e.out.Payload, _, _ = s.octets.Peek()
			if e.transmit(now, l.flow, l.box) != nil {
				e.unsent++
			}
			s.octets.Pop()
			s.waiting.get()
			s.due = s.pacer.Next(now)
		}
		if s.pacer.Delay() > 0 { // without delay nothing waits
			kept = append(kept, s)
		}
	}
	clear(e.slow[len(kept):])
	e.slow = kept
}

// Delay returns the time that separates UDP datagrams to dst since source quench
// has come; 0: none.
func (e *Endpoint) Delay(dst netip.Addr) time.Duration {
	if s := e.slowed(dst); s != nil {
		return s.pacer.Delay()
	}
	return 0
}

// Held returns how many UDP datagrams wait because of source quench.
func (e *Endpoint) Held() int {
	n := 0
	for _, s := range e.slow {
		n += s.waiting.count
	}
	return n
}

// Unsent returns how many of the datagrams that had to wait the node did not
// take when their turn came.
func (e *Endpoint) Unsent() uint64 { return e.unsent }
