// Package failover keeps several routes to a network and puts the best of those
// that can be used into a forwarding table. It does what a routing protocol and
// a router's own watch over its interfaces do together, as far as forwarding sees
// it (RFC 1812 §5.2.4.3, rule 4), and leaves out how they find anything out:
// whoever owns a [Keeper] says which hops are down.
//
//	k, err := failover.New(&table, []failover.Route{
//		{Route: route.Route{Prefix: p, Hops: []route.Hop{main}}},
//		{Route: route.Route{Prefix: p, Hops: []route.Hop{backup}}, Metric: 10},
//	})
//	…
//	for _, c := range k.Set(main, false) { … } // p is now reached by backup
//
// Nothing here has a lock, a clock or a source of randomness.
package failover

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/sonde-net/sonde/stack/route"
)

// Route is one of several to a network.
type Route struct {
	route.Route
	Metric int // the least is taken that has a hop left; of those that are alike the first
}

// Change is what has become of the way to a network.
type Change struct {
	Prefix netip.Prefix
	TOS    uint8
	Hops   []route.Hop // those of now; none: there is no route any more
}

// Keeper keeps routes. Make one with [New].
type Keeper struct {
	table    *route.Table
	networks []network
	down     map[route.Hop]bool
}

// network is what is known of one destination, and of one type of service.
type network struct {
	prefix netip.Prefix
	tos    uint8
	routes []Route     // by metric
	now    []route.Hop // in the table
}

// New makes a keeper whose hops are all up, and puts the best routes into the
// table, in the place of what it has for these networks. The routes are copied.
// The error is that of [route.Table.Add].
func New(t *route.Table, rs []Route) (*Keeper, error) {
	k := &Keeper{table: t, down: map[route.Hop]bool{}}
	for _, r := range rs {
		r.Hops = slices.Clone(r.Hops)
		i := slices.IndexFunc(k.networks, func(n network) bool { return n.prefix == r.Prefix && n.tos == r.TOS })
		if i < 0 {
			i = len(k.networks)
			k.networks = append(k.networks, network{prefix: r.Prefix, tos: r.TOS})
		}
		n := &k.networks[i]
		n.routes = append(n.routes, r)
		slices.SortStableFunc(n.routes, func(a, b Route) int { return cmp.Compare(a.Metric, b.Metric) })
	}
	for i := range k.networks {
		n := &k.networks[i]
		for j := len(n.routes) - 1; j >= 0; j-- { // all of them, so that each is looked at
			if err := t.Add(n.routes[j].Route); err != nil {
				return nil, err
			}
		}
		n.now = n.routes[0].Hops
	}
	return k, nil
}

// Contested reports whether there is a network that more than one of the routes
// leads to.
func Contested(rs []Route) bool {
	for i, r := range rs {
		if slices.ContainsFunc(rs[:i], func(x Route) bool { return x.Prefix == r.Prefix && x.TOS == r.TOS }) {
			return true
		}
	}
	return false
}

// Hops returns every hop of the routes once, in their order.
func (k *Keeper) Hops() (out []route.Hop) {
	for i := range k.networks {
		for _, r := range k.networks[i].routes {
			for _, h := range r.Hops {
				if !slices.Contains(out, h) {
					out = append(out, h)
				}
			}
		}
	}
	return out
}

// Set says that a hop is up, or down, changes the table as it has to be, and
// returns which networks that has moved. A route whose hops are not all down
// goes on with those that are left.
func (k *Keeper) Set(h route.Hop, up bool) (out []Change) {
	if k.down[h] == !up {
		return nil
	}
	if k.down[h] = !up; up {
		delete(k.down, h)
	}
	for i := range k.networks {
		n := &k.networks[i]
		r := n.best(k.down)
		if slices.Equal(r.Hops, n.now) {
			continue
		}
		if n.now = r.Hops; len(r.Hops) == 0 {
			k.table.Remove(n.prefix, n.tos)
		} else if k.table.Add(r) != nil {
			continue // New has added the same
		}
		out = append(out, Change{n.prefix, n.tos, n.now})
	}
	return out
}

// best returns the best route with the hops that are up; without hops: there is
// none.
func (n *network) best(down map[route.Hop]bool) route.Route {
	for _, r := range n.routes {
		left := slices.DeleteFunc(slices.Clone(r.Hops), func(h route.Hop) bool { return down[h] })
		if len(left) > 0 {
			r.Hops = left
			return r.Route
		}
	}
	return route.Route{}
}
