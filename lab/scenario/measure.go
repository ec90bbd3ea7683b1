package scenario

import (
	"math"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/stack/event"
)

// meter measures how much a node sends to a destination, second by second.
type meter struct {
	rate  narration.Rate // of the second under way
	since time.Time      // it began
	last  float64        // bits a second when they were last told; NaN: never
	over  bool           // nothing more is sent on purpose
}

const (
	second = time.Second
	// news is how much a rate has to change to be told again.
	news = 0.2
)

// meter returns the one that measures what a node sends to a destination.
func (r *runner) meter(node string, dst netip.Addr) *meter {
	for _, c := range r.meters {
		if c.rate.Node == node && c.rate.Dst == dst {
			c.over = false
			return c
		}
	}
	c := &meter{rate: narration.Rate{Node: node, Dst: dst}, since: r.n.Now(), last: math.NaN()}
	r.meters = append(r.meters, c)
	return c
}

// count takes a message in, when it is one that is measured.
func (c *meter) count(m *narration.Message) {
	if m.From == c.rate.Node && m.Dst == c.rate.Dst && m.Origin.Kind == event.Send && !m.Duplicate {
		c.rate.Datagrams++
		c.rate.Octets += m.Octets
	}
}

// measure tells the rates of a second that has ended, and returns when the next
// one ends.
func (r *runner) measure(now time.Time) (next time.Time) {
	left := r.meters[:0]
	for _, c := range r.meters {
		end := c.since.Add(second)
		if now.Before(end) {
			next = sooner(next, end)
			left = append(left, c)
			continue
		}
		x := c.rate
		x.Moment, x.Interval = narration.At(now), now.Sub(c.since)
		_, bits := x.PerSecond()
		if math.IsNaN(c.last) || math.Abs(bits-c.last) > news*c.last {
			r.tell(x)
			c.last = bits
		}
		if c.over && x.Datagrams == 0 {
			continue
		}
		c.since, c.rate.Datagrams, c.rate.Octets = now, 0, 0
		next = sooner(next, now.Add(second))
		left = append(left, c)
	}
	r.meters = left
	return next
}

// watched is a connection whose changes are told.
type watched struct {
	h     *lab.Host
	c     *tcpstub.Conn
	state tcpstub.State
	mss   int
}

// watch tells what has become of the connections.
func (r *runner) watch(now time.Time) {
	for _, w := range r.conns {
		state, mss := w.c.State(), w.c.Stats().MSS
		if state == w.state && mss == w.mss {
			continue
		}
		w.state, w.mss = state, mss
		r.tell(connection(now, w.h, w.c))
	}
}

func connection(now time.Time, h *lab.Host, c *tcpstub.Conn) narration.Connection {
	s := c.Stats()
	x := narration.Connection{
		Moment: narration.At(now), Node: h.Name, Local: c.Local(), Remote: c.Remote(),
		State: c.State().String(), MSS: s.MSS, Acked: s.Acked,
	}
	if err := c.Err(); err != nil {
		x.Why = narration.Reason(err)
	}
	return x
}
