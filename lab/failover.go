package lab

import (
	"slices"
	"time"

	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/stack/route/failover"
)

// way is a hop of a node's routes that the node watches.
type way struct {
	host            *Host
	hop             route.Hop
	up              bool      // as the node believes
	next            bool      // as it will believe
	at              time.Time // from when on
	detect, restore time.Duration
}

// watch has a node keep the best of its routes in its table, where it has a
// choice or an interface of it says so.
func (n *Network) watch(t *topology.Node, h *Host, rs []route.Route) (err error) {
	var all []failover.Route
	asked := false
	for i, p := range h.parties {
		asked = asked || t.Interfaces[i].Detect != nil
		for _, a := range p.addrs {
			r := route.Route{Prefix: a.Masked(), Hops: []route.Hop{{Iface: i}}}
			// Where two interfaces are on one network, the table has the last.
			all = slices.DeleteFunc(all, func(x failover.Route) bool { return x.Prefix == r.Prefix })
			all = append(all, failover.Route{Route: r})
		}
	}
	for i, r := range rs { // those of the file come before the node's own, as in its table
		all = slices.Insert(all, i, failover.Route{Route: r, Metric: t.Routes[i].Metric})
	}
	choice := failover.Contested(all)
	if !choice && !asked {
		return nil
	}
	if h.keeper, err = failover.New(h.Node.Routes(), all); err != nil {
		return err
	}
	for _, hop := range h.keeper.Hops() {
		f := &t.Interfaces[hop.Iface]
		if f.Detect == nil && !choice {
			continue
		}
		w := &way{host: h, hop: hop, up: true, next: true}
		if f.Detect != nil {
			w.detect = *f.Detect
		}
		if w.restore = w.detect; f.Restore != nil {
			w.restore = *f.Restore
		}
		h.ways = append(h.ways, w)
	}
	return nil
}

// open reports whether a datagram gets to the other end of a way.
func (w *way) open() bool {
	p := w.host.parties[w.hop.Iface]
	to := p.on.byAddr[w.hop.Via]
	return !p.on.down && !p.down && (to == nil || !to.down)
}

// turned has the nodes on a link find out what has become of it, each in its
// time.
func (n *Network) turned(s *segment) {
	for _, h := range n.hosts {
		for _, w := range h.ways {
			p := h.parties[w.hop.Iface]
			up := w.open()
			if p.on != s || up == w.next {
				continue
			}
			wait := w.restore
			if !up {
				wait = w.detect
			}
			if p.down {
				wait = 0
			}
			w.next, w.at = up, n.now.Add(wait)
			if wait == 0 {
				n.notice(w)
				continue
			}
			n.enter(item{at: w.at, kind: act, do: func() { n.notice(w) }})
		}
	}
}

// notice is when a node finds out about a way, unless it has changed again.
func (n *Network) notice(w *way) {
	if w.up == w.next || n.now.Before(w.at) {
		return
	}
	w.up = w.next
	for _, c := range w.host.keeper.Set(w.hop, w.up) {
		n.records.Put(record.Record{Time: n.now, Node: w.host.Name, Change: record.Change{Kind: record.Route, To: c.Prefix, Hops: c.Hops}})
	}
}

// unaware reports whether the host sends to a neighbour that cannot be reached,
// and does not know yet.
func (h *Host) unaware(hop route.Hop) bool {
	for _, w := range h.ways {
		if w.hop.Iface == hop.Iface && (w.hop == hop || w.hop.OnLink()) && w.up && !w.next {
			return true
		}
	}
	return false
}

// plan turns a link at a time, and again every so often.
func (n *Network) plan(s *segment, at time.Time, up bool, every time.Duration) {
	n.enter(item{at: at, kind: act, do: func() {
		s.down = !up
		k := record.LinkDown
		if up {
			k = record.LinkUp
		}
		n.records.Put(record.Record{Time: n.now, Change: record.Change{Kind: k, Link: s.name}})
		n.turned(s)
		if every > 0 {
			n.plan(s, at.Add(every), up, every)
		}
	}})
}

// cuts plans those of a link. One from the start on is there before anything is
// sent.
func (n *Network) cuts(s *segment, cs []topology.Cut) {
	for _, c := range cs {
		from := n.now.Add(c.From)
		if c.From == 0 {
			s.down = true
			from = from.Add(c.Every)
		}
		if c.From > 0 || c.Every > 0 {
			n.plan(s, from, false, c.Every)
		}
		if c.To > 0 {
			n.plan(s, n.now.Add(c.To), true, c.Every)
		}
	}
}
