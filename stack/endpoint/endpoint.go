package endpoint

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// Sender is what an [Endpoint] asks of its node: [*stack.Node] is one.
type Sender interface {
	Send(now time.Time, o *stack.Outgoing) error
	SendDatagram(now time.Time, d []byte) error
	Source(dst netip.Addr) (netip.Addr, error)
}

// Ticker is a protocol that has something to do by itself.
type Ticker interface {
	Tick(now time.Time)
	// Deadline returns when Tick is to be called; zero: never.
	Deadline() time.Time
}

// The errors of sockets, beside those of [stack.Node.Send].
var (
	ErrDetached = errors.New("endpoint: not attached to a node")
	ErrClosed   = errors.New("endpoint: socket is closed")
	ErrInUse    = errors.New("endpoint: port is in use")
	ErrSockets  = errors.New("endpoint: too many sockets")
	ErrSlow     = errors.New("endpoint: too much waits because of source quench")
)

// Endpoint is the upper layer of one node. It is not safe for concurrent use.
// Make one with [New].
type Endpoint struct {
	cfg    Config
	node   Sender
	ports  map[uint16]*UDP
	raw    []*ICMP
	upper  [256]stack.Upper // by protocol
	tick   []Ticker
	recent recent
	slow   []*slowed
	unsent uint64
	rng    *rand.Rand

	out stack.Outgoing // being sent
	buf []byte         // its payload
}

// New makes an endpoint without sockets. The error is a [*wire.FieldError] that
// says which field of the configuration is wrong.
func New(c Config) (*Endpoint, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	return &Endpoint{
		cfg: c, ports: map[uint16]*UDP{}, recent: newRecent(&c), rng: rand.New(rand.NewPCG(c.Seed, 0x656e64)),
	}, nil
}

// Attach gives the endpoint its node, whose Config.Upper it is. Nothing can be
// sent before.
func (e *Endpoint) Attach(n Sender) { e.node = n }

// Handle gives a protocol to another upper layer; nil takes it back. UDP and
// ICMP stay with the endpoint. When u is a [Ticker], it is called with the
// endpoint. A quote that u does not recognise may still be that of a datagram of
// a raw socket; u.Report is then called all the same, and has to ignore it.
func (e *Endpoint) Handle(p ip.Proto, u stack.Upper) {
	if old, ok := e.upper[p].(Ticker); ok {
		for i, t := range e.tick {
			if t == old {
				e.tick = append(e.tick[:i], e.tick[i+1:]...)
				break
			}
		}
	}
	e.upper[p] = u
	if t, ok := u.(Ticker); ok {
		e.tick = append(e.tick, t)
	}
}

// Deliver implements [stack.Upper].
func (e *Endpoint) Deliver(now time.Time, p *stack.Packet) stack.Acceptance {
	switch p.Proto {
	case ip.ProtoUDP:
		return e.deliverUDP(now, p)
	case ip.ProtoICMP, ip.ProtoICMPv6:
		if p.Dst.Is4() != (p.Proto == ip.ProtoICMP) {
			return stack.NoProtocol // one family's ICMP in the other: nobody has verified it
		}
		return e.deliverICMP(now, p)
	}
	if u := e.upper[p.Proto]; u != nil {
		return u.Deliver(now, p)
	}
	return stack.NoProtocol
}

// Recognise implements [stack.Upper].
func (e *Endpoint) Recognise(now time.Time, q *quote.Quote) stack.Standing {
	if u := e.upper[q.Proto]; u != nil {
		if s := u.Recognise(now, q); s != stack.Unrecognised {
			return s
		}
	}
	if e.cfg.Credulous || e.recent.find(now, q) != nil {
		return stack.InFlight
	}
	return stack.Unrecognised
}

// Report implements [stack.Upper].
func (e *Endpoint) Report(now time.Time, t *stack.Trouble) {
	if u := e.upper[t.Quote.Proto]; u != nil {
		u.Report(now, t)
	}
	if t.Quote.Proto == ip.ProtoUDP && t.Severity == stack.Slow {
		e.quenched(now, t.Quote.Dst)
	}
	var box *mailbox
	if s := e.recent.find(now, t.Quote); s != nil {
		box = s.box
	} else if s := e.ports[t.Quote.SrcPort]; e.cfg.Credulous && t.Quote.Proto == ip.ProtoUDP && s != nil {
		box = &s.box
	}
	if box != nil && !box.closed {
		box.note(now, t)
	}
}

// Tick sends what has waited for its turn, and lets the protocols that are
// plugged in do what is due.
func (e *Endpoint) Tick(now time.Time) {
	e.release(now)
	for _, t := range e.tick {
		t.Tick(now)
	}
}

// Deadline returns when Tick is to be called; zero: never. A time that has
// passed means now.
func (e *Endpoint) Deadline() time.Time {
	var at time.Time
	for _, s := range e.slow {
		if s.waiting.count > 0 {
			at = sooner(at, s.due)
		}
	}
	for _, t := range e.tick {
		at = sooner(at, t.Deadline())
	}
	return at
}

// sooner returns the earlier of two times, where zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Octets returns the size in octets of the table of what was sent. There is no
// more, whatever is sent.
func (e *Endpoint) Octets() int { return e.recent.octets() }

// sockets returns how many are open.
func (e *Endpoint) sockets() int { return len(e.ports) + len(e.raw) }

// Options are how a datagram is sent. The zero value is the usual way.
type Options struct {
	Src        netip.Addr // the zero Addr: the node chooses
	TTL        ip.TTL     // 0: that of the node
	TOS        uint8      // traffic class in IPv6
	DF         bool       // do not fragment: too long is then a [*stack.TooBigError]
	IPOptions  []byte     // IPv4, padded to a multiple of 4
	NoChecksum bool       // UDP over IPv4 without checksum
}

// prepare sets e.out up for a datagram to dst, its payload still to come.
func (e *Endpoint) prepare(dst netip.Addr, p ip.Proto, o *Options) error {
	if e.node == nil {
		return ErrDetached
	}
	src := o.Src
	if !src.IsValid() {
		var err error
		if src, err = e.node.Source(dst); err != nil {
			return err
		}
	}
	e.out = stack.Outgoing{
		Src: src, Dst: dst, Proto: p, TTL: o.TTL, TOS: o.TOS, DF: o.DF, Options: o.IPOptions,
	}
	return nil
}

// transmit sends e.out and remembers it when it has left.
func (e *Endpoint) transmit(now time.Time, f flow, box *mailbox) error {
	err := e.node.Send(now, &e.out)
	if err == nil {
		e.recent.add(now, f, box)
	}
	return err
}
