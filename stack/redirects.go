package stack

import (
	"net/netip"

	"github.com/sonde-net/sonde/stack/route"
)

// maxRedirects is how many destinations a host remembers another first hop for.
const maxRedirects = 256

// redirects is what redirects have taught: destinations and their first hops.
// When it is full, the oldest goes.
type redirects struct {
	to    map[netip.Addr]route.Hop
	order []netip.Addr // oldest first
}

func (r *redirects) hop(dst netip.Addr) (route.Hop, bool) {
	if len(r.to) == 0 {
		return route.Hop{}, false
	}
	h, ok := r.to[dst]
	return h, ok
}

func (r *redirects) learn(dst netip.Addr, h route.Hop) {
	if r.to == nil {
		r.to = map[netip.Addr]route.Hop{}
	}
	if _, known := r.to[dst]; !known {
		if len(r.order) == maxRedirects {
			delete(r.to, r.order[0])
			r.order = append(r.order[:0], r.order[1:]...)
		}
		r.order = append(r.order, dst)
	}
	r.to[dst] = h
}

// forget drops everything that was learnt.
func (r *redirects) forget() { *r = redirects{} }

// Redirected returns the first hop that a redirect has given for dst, if any.
func (n *Node) Redirected(dst netip.Addr) (route.Hop, bool) { return n.redirects.hop(dst) }

// ForgetRedirects goes back to the routing table for every destination.
func (n *Node) ForgetRedirects() { n.redirects.forget() }
