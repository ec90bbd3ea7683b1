package diagnose

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/stats"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/transport"
)

// gather makes facts of what the strategies know.
func (q *inquiry) gather(f *facts.Facts) {
	f.Left = q.left
	q.gatherPing(&f.Ping)
	for _, t := range q.traces {
		f.Traces = append(f.Traces, traceOf(t))
	}
	q.gatherPath(f)
	q.gatherMoved(f)
	r := q.mtu.Result()
	f.MTU = &r
	if q.clock != nil {
		r := q.clock.Result()
		f.Clock = &r
	}
	for _, t := range q.ports {
		f.Ports = append(f.Ports, portOf(t))
	}
}

func (q *inquiry) gatherPing(p *facts.Ping) {
	var rtt stats.RTT
	for _, s := range q.pings {
		x := s.Stats(0)
		p.Sent += x.Sent
		p.Received += x.Received
		p.Duplicates += x.Duplicates
		p.Late += x.Late
		p.Reordered += x.Reordered
		p.Truncated += x.Truncated
		p.Altered += x.Altered
		p.Unsent += x.Unsent
		rtt.Merge(&x.RTT)
	}
	p.Min, p.Avg, p.Max, p.Mdev = rtt.Min(), rtt.Avg(), rtt.Max(), rtt.Mdev()
	p.TTL = int(q.ttl)
	if q.ttl > 0 {
		p.Back = back(int(q.ttl))
	}
	p.Errors, p.Advice, p.Why, p.AlteredAt = q.said, q.advice, q.why, q.byte
}

// mostBack is how many hops an answer comes at most.
const mostBack = 60

// back returns how many hops an answer has come that began with one of the times
// to live that systems begin with.
func back(ttl int) int {
	for _, from := range [...]int{64, 128, 255} {
		if ttl <= from {
			if n := from - ttl + 1; n <= mostBack {
				return n
			}
			return 0
		}
	}
	return 0
}

func traceOf(t *trace.Trace) facts.Trace {
	c := t.Config()
	x := facts.Trace{
		Probe: c.Kind, Port: c.Port, Flow: c.Flow, Reached: t.Reached(), Length: int(t.Length()),
	}
	if c.Kind == probe.Echo {
		x.Port = 0
	}
	if l, ok := t.Loop(); ok {
		x.Loop = &facts.Loop{From: int(l.From), To: int(l.To), Period: l.Period}
	}
	if err := t.Err(); err != nil {
		x.Why = err.Error()
	}
	hops := t.Hops()
	for i := range hops {
		h := &hops[i]
		y := facts.TraceHop{TTL: int(h.TTL), Reached: h.Reached()}
		for j := range h.Probes {
			r := &h.Probes[j]
			if r.Status == trace.Answered {
				stop(&x, r)
			}
			if !here(r) {
				continue
			}
			y.Sent += 1 + r.Again
			if r.Status == trace.Answered {
				y.Answered++
				if !slices.Contains(y.Addrs, r.From) {
					y.Addrs = append(y.Addrs, r.From)
				}
			}
		}
		x.Hops = append(x.Hops, y)
	}
	return x
}

// here reports whether what came of a probe tells of its hop: not so the error of
// a gateway before it, which does not let it pass.
func here(r *trace.Result) bool {
	return r.Status == trace.Silent || r.Status == trace.Answered && (r.Reached || !r.Final())
}

// hopOf returns how far away it is that an error comes from: as far as the time
// to live in its quote has counted down.
func hopOf(r *trace.Result) int {
	if q := r.Claim.QuoteTTL; q > 0 && q <= r.TTL {
		return int(r.TTL-q) + 1
	}
	return int(r.TTL)
}

// stop takes note of an answer that ends a trace.
func stop(x *facts.Trace, r *trace.Result) {
	switch {
	case r.Flags&transport.RST != 0:
		x.Answer = "RST"
	case r.Flags&transport.SYN != 0:
		x.Answer = "SYN ACK"
	case r.Final() && r.Claim.Present && !(r.Reached && portUnreachable(&r.Claim)):
		if x.Stop == nil {
			x.Stop, x.StopHop = &facts.Said{From: r.From, Claim: r.Claim}, hopOf(r)
			x.Stop.Claim.Ext = nil
		}
		x.Stop.Count++
	}
}

func portUnreachable(c *probe.Claim) bool {
	if c.V6 {
		return icmp6.Type(c.Type) == icmp6.TypeDestUnreachable && icmp6.Code(c.Code) == icmp6.CodePortUnreachable
	}
	return icmp4.Type(c.Type) == icmp4.TypeDestUnreachable && icmp4.Code(c.Code) == icmp4.CodePortUnreachable
}

func portOf(t *trace.Trace) facts.Port {
	p := facts.Port{Port: t.Config().Port, State: facts.Filtered}
	x := traceOf(t)
	switch {
	case x.Answer == "SYN ACK":
		p.State = facts.Open
	case x.Answer == "RST":
		p.State = facts.Closed
	case x.Stop != nil:
		p.State, p.Said = facts.Rejected, x.Stop
	}
	return p
}

// gatherPath puts the traces together, hop by hop.
func (q *inquiry) gatherPath(f *facts.Facts) {
	last := 0
	for i := range f.Traces {
		if n, _ := f.Traces[i].Last(); n > last {
			last = n
		}
	}
	if n := f.Length(); n > 0 {
		last = n
	}
	f.Path = make([]facts.Hop, last)
	for i := range f.Path {
		f.Path[i].TTL = i + 1
	}
	for _, t := range q.traces {
		hops := t.Hops()
		for i := range hops {
			if at := int(hops[i].TTL) - 1; at < last {
				gatherHop(&f.Path[at], &hops[i], q.cfg.Dst)
			}
		}
	}
	for i := range f.Path {
		for j := range f.Path[i].Nodes {
			n := &f.Path[i].Nodes[j]
			n.Avg /= time.Duration(n.Answered)
		}
		slices.SortStableFunc(f.Path[i].Nodes, func(a, b facts.Node) int { return b.Answered - a.Answered })
	}
}

func gatherHop(to *facts.Hop, h *trace.Hop, dst netip.Addr) {
	for j := range h.Probes {
		r := &h.Probes[j]
		if !here(r) {
			continue
		}
		to.Sent += 1 + r.Again
		if r.Status == trace.Answered {
			to.Answered++
			to.Target = to.Target || r.From == dst
			n := node(to, r.From)
			if n.Answered == 0 || r.RTT < n.Min {
				n.Min = r.RTT
			}
			n.Answered++
			n.Max = max(n.Max, r.RTT)
			n.Avg += r.RTT // the sum, as yet
			if b := r.Back(); b > 0 {
				n.Back = b
			}
			n.MPLS = n.MPLS || labelled(r.Claim.Ext)
		}
	}
}

func node(h *facts.Hop, a netip.Addr) *facts.Node {
	for i := range h.Nodes {
		if h.Nodes[i].Addr == a {
			return &h.Nodes[i]
		}
	}
	h.Nodes = append(h.Nodes, facts.Node{Addr: a})
	return &h.Nodes[len(h.Nodes)-1]
}

// labelled reports whether an extension structure has a label stack.
func labelled(b []byte) bool {
	s, err := extension.Parse(b)
	if len(b) == 0 || err != nil {
		return false
	}
	for o, err := range s.All() {
		if err == nil && o.Class == extension.ClassMPLS {
			return true
		}
	}
	return false
}
