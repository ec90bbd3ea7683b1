// Package egress is the way out of an interface: datagrams are cut to fit,
// wait in a bounded queue, and leave at the rate of the link.
package egress

import (
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/queue"
	"github.com/sonde-net/sonde/wire/ip"
)

// Egress is one way out. The zero Egress has no rate limit and a queue of the
// default size.
type Egress struct {
	Rate  int64 // bits a second; 0: as fast as it is polled
	Queue queue.Queue

	free time.Time // when the link takes the next datagram
	part []byte    // a fragment being built
	id6  uint32    // identification of the IPv6 datagrams cut here
}

// Identify sets the identification of the next IPv6 datagram that is cut; it is
// to be random at first (RFC 7739).
func (e *Egress) Identify(id uint32) { e.id6 = id }

// Push queues the datagram d with its tag, in fragments when it is over mtu octets,
// all of them or none, and counts what is cut. It returns [mib.QueueFull], or [mib.TooBig] when d is
// not to be cut, or [mib.None].
func (e *Egress) Push(c *mib.Counters, d []byte, tag queue.Tag, mtu int) mib.Drop {
	if len(d) <= mtu {
		if !e.Queue.Push(d, tag) {
			return mib.QueueFull
		}
		return mib.None
	}
	return e.cut(c, d, tag, mtu)
}

func (e *Egress) cut(c *mib.Counters, d []byte, tag queue.Tag, mtu int) mib.Drop {
	v := mib.IPv4
	var f ip.Fragmenter
	var err error
	if d[0]>>4 == 6 {
		v = mib.IPv6
		e.id6++
		f, err = ip.NewFragmenter6(d, mtu, e.id6)
	} else {
		f, err = ip.NewFragmenter4(d, mtu)
	}
	if err != nil {
		c.Inc(v, mib.OutFragReqds)
		return mib.TooBig
	}
	for parts := 0; ; parts++ {
		part, ok := f.Next(e.part[:0])
		if !ok {
			c.Inc(v, mib.OutFragReqds)
			c.Inc(v, mib.OutFragOKs)
			c.Add(v, mib.OutFragCreates, uint64(parts))
			return mib.None
		}
		e.part = part
		if !e.Queue.Push(part, tag) {
			e.Queue.Retract(parts)
			return mib.QueueFull
		}
	}
}

// Poll appends the datagram that leaves now to b, and returns its tag.
func (e *Egress) Poll(now time.Time, b []byte) ([]byte, queue.Tag, bool) {
	d, tag, ok := e.Queue.Peek()
	if !ok || now.Before(e.free) {
		return b, queue.Tag{}, false
	}
	b = append(b, d...)
	if e.Rate > 0 {
		if e.free.Before(now) {
			e.free = now
		}
		e.free = e.free.Add(time.Duration(int64(len(d)) * 8 * int64(time.Second) / e.Rate))
	}
	e.Queue.Pop()
	return b, tag, true
}

// Deadline returns when the link takes the next datagram, which may be past;
// ok is false when none waits.
func (e *Egress) Deadline() (t time.Time, ok bool) { return e.free, e.Queue.Len() > 0 }

// Drain drops all that waits, and counts it under why.
func (e *Egress) Drain(c *mib.Counters, why mib.Drop) {
	for {
		d, _, ok := e.Queue.Peek()
		if !ok {
			return
		}
		v := mib.IPv4
		if d[0]>>4 == 6 {
			v = mib.IPv6
		}
		c.Drop(v, why)
		e.Queue.Pop()
	}
}
