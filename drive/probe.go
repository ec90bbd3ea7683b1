package drive

import (
	"context"
	"errors"
	"time"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/probe"
)

// batch is how many probes are handed to a link at a time.
const batch = 32

// How long a probe waits for room to be sent: at first, at most between two
// tries, and in all, before it is given up.
const (
	firstPause = 100 * time.Microsecond
	longPause  = 5 * time.Millisecond
	patience   = time.Second
)

// Probe lets the strategy s of p ask over c until it is done or ctx is, and
// returns nil then, or until the link fails. After whatever happens it calls
// turn, which may be nil. It uses the goroutine it is called on; when it returns,
// nobody uses the link any more, and it may be called again.
//
// What c has no room for is tried again, and the probe's time of sending is when
// it has left; after a second, and when it cannot be sent at all, the strategy is
// told of a probe that was not sent (P-12).
func Probe(ctx context.Context, p *probe.Prober, s probe.Strategy, c link.Conn, turn func(now time.Time)) error {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		c.Interrupt()
	})
	defer func() {
		if !stop() {
			<-interrupted
		}
	}()
	if turn == nil {
		turn = func(time.Time) {}
	}
	out := outgoing{prober: p, conn: c}
	defer out.giveUp()
	for {
		now := time.Now()
		got, err := c.Receive(now, p)
		if err != nil {
			return ended(ctx, err)
		}
		p.Turn(now, s)
		sent := 0
		if ctx.Err() == nil {
			if sent, err = out.send(); err != nil {
				return ended(ctx, err)
			}
		}
		p.Turn(now, s) // what has timed out, and could not be sent
		turn(now)
		if s.Done() || ctx.Err() != nil {
			return nil
		}
		if got > 0 || sent > 0 {
			continue // there may be more
		}
		if err := wait(&out, p, s); err != nil {
			return ended(ctx, err)
		}
	}
}

// wait waits until something is due.
func wait(out *outgoing, p *probe.Prober, s probe.Strategy) error {
	t := p.Deadline()
	if d := s.Deadline(); t.IsZero() || !d.IsZero() && d.Before(t) {
		t = d
	}
	if out.waiting() && (t.IsZero() || t.After(out.again) || !t.After(time.Now())) {
		t = out.again // until then, nothing else leaves either
	}
	if !t.IsZero() && !t.After(time.Now()) {
		return nil
	}
	return out.conn.Wait(t)
}

// outgoing is what was polled and has not left yet.
type outgoing struct {
	prober *probe.Prober
	conn   link.Conn

	txs      [batch]probe.Transmit
	payloads [batch][]byte
	first, n int       // those from first to n wait
	since    time.Time // since when the first of them does; zero: it is new
	again    time.Time // when it is tried again
	pause    time.Duration
}

func (o *outgoing) waiting() bool { return o.first < o.n }

// send sends what is due, and returns how many probes have left, or could not.
func (o *outgoing) send() (int, error) {
	now := time.Now()
	if o.waiting() {
		if now.Before(o.again) {
			return 0, nil
		}
	} else {
		o.poll(now)
	}
	total := 0
	for o.waiting() {
		n, err := o.conn.Send(o.txs[o.first:o.n], o.payloads[o.first:o.n])
		if !o.since.IsZero() && n > 0 {
			o.late(n)
		}
		total += n
		o.first += n
		switch {
		case err == nil:
		case errors.Is(err, link.ErrClosed):
			return total, err
		case errors.Is(err, link.ErrBusy) && !o.impatient(now, n > 0):
			return total, nil
		default:
			o.prober.Unsent(now, o.txs[o.first].Handle, err)
			o.first++
			total++
			o.since = time.Time{}
		}
	}
	o.since = time.Time{}
	return total, nil
}

// poll takes what the prober has to send.
func (o *outgoing) poll(now time.Time) {
	o.first, o.n = 0, 0
	for o.n < batch {
		b, tx, ok := o.prober.Poll(now, o.payloads[o.n][:0])
		if !ok {
			break
		}
		o.txs[o.n], o.payloads[o.n] = tx, b
		o.n++
	}
}

// late says of the first n of those that had to wait when they have left.
func (o *outgoing) late(n int) {
	now := time.Now()
	for _, tx := range o.txs[o.first : o.first+n] {
		o.prober.Sent(tx.Handle, now, probe.Program)
	}
}

// impatient decides what becomes of a probe that there is no room for: another
// try later, or none.
func (o *outgoing) impatient(now time.Time, moved bool) bool {
	if o.since.IsZero() || moved {
		o.since, o.pause = now, firstPause
	} else {
		o.pause = min(2*o.pause, longPause)
	}
	o.again = now.Add(o.pause)
	return now.Sub(o.since) >= patience
}

// giveUp tells the prober of what has not left when the driving ends.
func (o *outgoing) giveUp() {
	now := time.Now()
	for ; o.waiting(); o.first++ {
		o.prober.Unsent(now, o.txs[o.first].Handle, context.Canceled)
	}
}
