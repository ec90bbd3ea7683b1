// Package drive runs a machine of the pure floors over a real link, by the real
// clock: a node on a TUN device, a whole laboratory beside the kernel.
package drive

import (
	"context"
	"time"
)

// A Machine is what package drive runs: it takes datagrams, hands out
// datagrams, and says when it has something to do without either. A node is one
// by way of [Node], a port of the laboratory is one as it is.
type Machine interface {
	// Inject takes a datagram that has arrived on the link.
	Inject(now time.Time, datagram []byte)
	// Poll appends the next datagram that is to leave now to b.
	Poll(now time.Time, b []byte) ([]byte, bool)
	// Deadline returns when Poll is to be called though nothing arrives; zero:
	// never; a time that has passed: now.
	Deadline() time.Time
}

// A Link carries datagrams; [tun.Device] is one.
type Link interface {
	// Receive reads a datagram into b; ok is false when none waits.
	Receive(b []byte) (n int, ok bool, err error)
	Send(b []byte) error
	// Wait returns when a datagram waits, at the time until (zero: never), or
	// when it is interrupted. It may return for no reason.
	Wait(until time.Time) error
	// Interrupt ends the Wait that is going on, or else the next one. It is
	// called on a goroutine of its own.
	Interrupt()
}

// maxDatagram is the longest datagram there is, in octets.
const maxDatagram = 65535

// burst is how many datagrams are received before what they cause is sent: so
// many that the time is not asked for each, so few that nothing waits.
const burst = 32

// Run runs m over l until ctx is done, and returns nil then, or until the link
// fails. It uses the goroutine it is called on; when it returns, nobody uses the
// link any more.
func Run(ctx context.Context, m Machine, l Link) error {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		l.Interrupt()
	})
	defer func() {
		if !stop() {
			<-interrupted
		}
	}()
	in, out := make([]byte, maxDatagram), make([]byte, 0, maxDatagram)
	for ctx.Err() == nil {
		now := time.Now()
		got, err := receive(m, l, in, now)
		if err != nil {
			return ended(ctx, err)
		}
		if err := send(ctx, m, l, out, now); err != nil {
			return ended(ctx, err)
		}
		if got == burst {
			continue // there may be more
		}
		if t := m.Deadline(); t.IsZero() || t.After(now) {
			if err := l.Wait(t); err != nil {
				return ended(ctx, err)
			}
		}
	}
	return nil
}

// ended is the error of a link, which is none when the context is done.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func receive(m Machine, l Link, b []byte, now time.Time) (int, error) {
	for n := range burst {
		size, ok, err := l.Receive(b)
		if err != nil || !ok {
			return n, err
		}
		m.Inject(now, b[:size])
	}
	return burst, nil
}

func send(ctx context.Context, m Machine, l Link, b []byte, now time.Time) error {
	for ctx.Err() == nil {
		d, ok := m.Poll(now, b[:0])
		if !ok {
			return nil
		}
		if err := l.Send(d); err != nil {
			return err
		}
	}
	return nil
}
