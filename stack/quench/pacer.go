package quench

import (
	"math"
	"time"

	"github.com/sonde-net/sonde/wire"
)

// What a zero [Config] stands for. All but the last are those of RFC 1016.
const (
	DefaultK   = 20 * time.Millisecond
	DefaultI   = 75 * time.Millisecond
	DefaultE   = 2 * time.Second
	DefaultJ   = time.Millisecond
	DefaultS   = time.Second
	DefaultMax = time.Second
)

// Config is how a [Pacer] reacts. Each zero field stands for its default.
type Config struct {
	K time.Duration // what the delay grows by when source quench comes
	I time.Duration // the least delay after source quench
	E time.Duration // all source quench within so much time counts as one
	J time.Duration // what the delay shrinks by
	S time.Duration // how long a delay lasts before it shrinks
	// Max is the longest delay.
	//
	// Deviation: RFC 1016 has no limit. Without one, whoever can forge a source
	// quench every other second can silence a sender.
	Max time.Duration
}

func (c *Config) fill() error {
	for _, f := range []struct {
		name  string
		value *time.Duration
		def   time.Duration
	}{
		{"K", &c.K, DefaultK},
		{"I", &c.I, DefaultI},
		{"E", &c.E, DefaultE},
		{"J", &c.J, DefaultJ},
		{"S", &c.S, DefaultS},
		{"Max", &c.Max, DefaultMax},
	} {
		switch {
		case *f.value < 0:
			return &wire.FieldError{Type: "quench.Config", Field: f.name, Want: "no negative duration"}
		case *f.value == 0:
			*f.value = f.def
		}
	}
	return nil
}

// A Pacer spaces out the datagrams to one destination. Make one with [New].
type Pacer struct {
	c       Config
	delay   time.Duration
	raised  time.Time // when the current period E began
	lowered time.Time // when the delay was last changed downwards, or first set
	last    time.Time // when the last datagram was let go
}

// New makes a pacer that does not delay yet. The error is a [*wire.FieldError]
// about c.
func New(c Config) (*Pacer, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	return &Pacer{c: c}, nil
}

// Quench takes note of a source quench and reports whether the delay has grown.
// It does not when another came less than E ago: a gateway sends one for each
// datagram that it drops.
//
// Reading: the period E begins with the source quench that raises the delay,
// and the time S begins anew with it, so that a delay lasts S at least.
func (p *Pacer) Quench(now time.Time) bool {
	if !p.raised.IsZero() && now.Sub(p.raised) < p.c.E {
		return false
	}
	p.raised, p.lowered = now, now
	before := p.delay
	p.delay = min(max(p.delay+p.c.K, p.c.I), p.c.Max)
	return p.delay > before
}

// Next returns when the next datagram may leave: now, or a time to come. Ask
// only when there is a datagram to send, for that is when the delay shrinks:
// once in S, and not at all while there is nothing to send.
func (p *Pacer) Next(now time.Time) time.Time {
	if p.delay > 0 && now.Sub(p.lowered) >= p.c.S {
		p.delay, p.lowered = max(p.delay-p.c.J, 0), now
	}
	if p.delay == 0 || p.last.IsZero() {
		return now
	}
	if t := p.last.Add(p.delay); t.After(now) {
		return t
	}
	return now
}

// Allow reports whether a datagram may leave now, and takes it for sent if so.
func (p *Pacer) Allow(now time.Time) bool {
	if p.Next(now).After(now) {
		return false
	}
	p.last = now
	return true
}

// Delay returns the time between datagrams; 0: there is none.
func (p *Pacer) Delay() time.Duration { return p.delay }

// Rate returns how many datagrams a second may leave; +Inf without delay.
func (p *Pacer) Rate() float64 {
	if p.delay == 0 {
		return math.Inf(1)
	}
	return float64(time.Second) / float64(p.delay)
}
