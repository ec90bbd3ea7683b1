package scenario

import (
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/ask"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// series is when the datagrams of a step are sent.
type schedule struct {
	count    int
	interval time.Duration
	sent     int
	next     time.Time
}

func newSchedule(now time.Time, s *topology.Series) schedule {
	c := schedule{count: max(s.Count, 1), interval: s.Interval, next: now}
	if c.interval == 0 {
		c.interval = time.Second
	}
	return c
}

// due reports whether a datagram is to be sent now, and takes it for sent.
func (c *schedule) due(now time.Time) bool {
	if c.sent == c.count || now.Before(c.next) {
		return false
	}
	c.sent++
	c.next = c.next.Add(c.interval)
	return true
}

func (c *schedule) over() bool { return c.sent == c.count }

// many is from how many datagrams on a step is measured.
const many = 20

func (r *runner) send(p *topology.Send) error {
	h, err := r.host(p.From)
	if err != nil {
		return err
	}
	to, _ := r.t.Addr(p.To)
	o, first, err := ask.Header(r.t, &p.Header, to)
	if err != nil {
		return err
	}
	x := &sending{p: p, h: h, to: to, first: first, opts: o, schedule: newSchedule(r.n.Now(), &p.Series), size: p.Size}
	if p.UDP != 0 {
		if x.socket, err = h.Endpoint.Listen(p.Port); err != nil {
			return err
		}
	}
	x.told.Node, x.told.Dst = h.Name, to
	var m *meter
	if p.Count >= many {
		m = r.meter(h.Name, to)
	}
	r.add(x, func(time.Time) {
		if m != nil {
			m.over = true
		}
	})
	return nil
}

// sending is a step that sends datagrams.
type sending struct {
	p         *topology.Send
	h         *lab.Host
	socket    *endpoint.UDP // nil: another protocol
	to, first netip.Addr
	opts      endpoint.Options
	schedule
	size  int       // of the next, in octets, header included; 0: as the data ask
	until time.Time // how long an error is waited for
	told  narration.Sent
}

// trust is how long a datagram has to go without an error before its size is
// taken for one that fits.
const trust = time.Second

// Poll implements [ask.Strategy].
func (x *sending) Poll(now time.Time) ([]narration.Item, time.Time, bool) {
	x.listen(now)
	for x.due(now) {
		x.transmit(now)
	}
	switch {
	case !x.over():
		return nil, x.next, false
	case x.p.Discover && now.Before(x.until):
		return nil, x.until, false
	case x.socket != nil && x.h.Endpoint.Held() > 0:
		return nil, time.Time{}, false // source quench holds some of them back
	}
	if x.socket != nil {
		x.socket.Close()
	}
	if x.told.Refused == 0 && x.told.Count < many && !x.p.Discover {
		return nil, time.Time{}, true
	}
	x.told.Moment = narration.At(now)
	return []narration.Item{x.told}, time.Time{}, true
}

// listen reads what ICMP says about what was sent.
func (x *sending) listen(now time.Time) {
	if x.socket == nil {
		return
	}
	for {
		t, ok := x.socket.NextTrouble()
		if !ok {
			break
		}
		if x.p.Discover && t.Severity == stack.TooBig && t.MTU < x.length() {
			x.size = t.MTU
			x.transmit(now)
		}
	}
	for ok := true; ok; {
		_, ok = x.socket.Receive()
	}
}

// headers is what is before the data of a datagram, in octets.
func (x *sending) headers() int {
	n := ip.MinHeaderLen4 + len(x.opts.IPOptions)
	if x.to.Is6() {
		n = ip.HeaderLen6
	}
	if x.socket != nil {
		n += transport.UDPLen
	}
	return n
}

// length is how long the next datagram is, header included.
func (x *sending) length() int { return max(x.size, x.headers()+len(x.p.Data)*btoi(x.size == 0)) }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// transmit sends a datagram; one that is too big for the path as the node knows
// it is sent again in that size, when that is asked for.
func (x *sending) transmit(now time.Time) {
	err := x.try(now)
	var big *stack.TooBigError
	for x.p.Discover && errors.As(err, &big) && big.MTU < x.length() {
		x.size = big.MTU
		err = x.try(now)
	}
	x.until = now.Add(trust)
	if err != nil {
		x.told.Refused++
		x.told.Why = narration.Reason(err)
		return
	}
	x.told.Count++
	x.told.Size = x.length()
}

func (x *sending) try(now time.Time) error {
	data := make([]byte, x.length()-x.headers())
	copy(data, x.p.Data)
	if x.socket != nil {
		return x.socket.SendTo(now, netip.AddrPortFrom(x.first, x.p.UDP), data, x.opts)
	}
	return x.h.Node.Send(now, &stack.Outgoing{
		Src: x.opts.Src, Dst: x.first, Proto: ip.Proto(x.p.Proto), TTL: x.opts.TTL, TOS: x.opts.TOS, DF: x.opts.DF,
		Options: x.opts.IPOptions, Payload: data,
	})
}
