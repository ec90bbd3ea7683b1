// Package live captures from an interface while packets come and go.
//
//	c, err := live.Open("eth0", live.Config{Filter: f})
//	defer c.Close()
//	for p, err := range c.All(ctx) { … }
//
// The kernel filters, stamps to the nanosecond and writes into a ring that is
// read in place (packet(7), TPACKET_V3), so a packet costs neither a call nor an
// allocation. What finds no room in the ring is lost, and counted
// ([Capture.Stats]).
//
// "any" is all interfaces together. They, and those that are no Ethernet, are
// captured as Linux cooked frames, version 2; a device of bare IP (TUN) as raw
// IP. A VLAN tag that the kernel took off a frame is put back.
//
// Linux only; elsewhere [Open] returns [errors.ErrUnsupported]. It needs the
// capability CAP_NET_RAW.
package live

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/filter"
	"github.com/sonde-net/sonde/wire"
)

// Any is the name for all interfaces together.
const Any = "any"

// Limits and defaults of a Config, in octets.
const (
	DefaultBuffer = 32 << 20
	MinBuffer     = 1 << 20
	MaxBuffer     = 1 << 30
)

// Config says what to capture. Its zero value captures all of every packet that
// the interface takes.
type Config struct {
	Filter      *filter.Filter // nil: everything passes
	Promiscuous bool           // what is for other machines, too; not with [Any]
	SnapLen     int            // the most octets of a packet; 0: all
	// Buffer is how large the ring is, in octets; 0: [DefaultBuffer]. The kernel
	// keeps that much memory for it.
	Buffer int
}

// check refuses what makes no sense.
func (c *Config) check() error {
	switch {
	case c.SnapLen < 0 || c.SnapLen > capture.MaxPacket:
		return &wire.FieldError{Type: "live.Config", Field: "SnapLen", Value: c.SnapLen, Limit: capture.MaxPacket}
	case c.Buffer > MaxBuffer:
		return &wire.FieldError{Type: "live.Config", Field: "Buffer", Value: c.Buffer, Limit: MaxBuffer}
	case c.Buffer != 0 && c.Buffer < MinBuffer:
		return &wire.FieldError{Type: "live.Config", Field: "Buffer", Want: fmt.Sprintf("at least %d octets", MinBuffer)}
	}
	return nil
}

// Stats counts what passed the filter in the kernel, and what came not even to it.
type Stats struct {
	Received uint64 // packets, those dropped included
	Dropped  uint64 // for want of room in the ring
	// Missed is packets of any kind that were lost before: the device or the queue
	// behind it had no room. 0 with [Any]. It is what the interface counts: where a
	// program stands at its entrance (TCX, tc), that has frames among them which
	// were captured, and which the kernel itself has no use for.
	Missed uint64
}

var (
	// ErrClosed says that a capture was closed.
	ErrClosed = errors.New("live: capture is closed")
	// ErrInterrupted says that [Capture.Interrupt] was called.
	ErrInterrupted = errors.New("live: interrupted")
)

// All iterates over the packets as they come, each valid until the next one,
// until ctx is done, which ends it at once. An error comes last, and be it that
// of ctx.
func (c *Capture) All(ctx context.Context) iter.Seq2[*capture.Packet, error] {
	return func(yield func(*capture.Packet, error) bool) {
		stop := context.AfterFunc(ctx, c.Interrupt)
		defer stop()
		for {
			p, err := c.Next()
			if errors.Is(err, ErrInterrupted) && ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}
