// Package redirect is what a host has learnt from redirects.
package redirect

import (
	"net/netip"
	"slices"
	"unsafe"

	"github.com/sonde-net/sonde/stack/route"
)

// Max is how many destinations a host remembers another first hop for.
const Max = 256

// An entry takes its place in the map and one in the order.
const entry = int(unsafe.Sizeof(route.Hop{}) + 2*unsafe.Sizeof(netip.Addr{}))

// Limit is how many octets the entries of a full table take.
const Limit = Max * entry

// Table is destinations and the first hops that redirects gave for them. When it
// is full, the oldest goes. The zero Table is empty.
type Table struct {
	to    map[netip.Addr]route.Hop
	order []netip.Addr // oldest first
}

// Hop returns the first hop for dst, if a redirect gave one.
func (r *Table) Hop(dst netip.Addr) (route.Hop, bool) {
	if len(r.to) == 0 {
		return route.Hop{}, false
	}
	h, ok := r.to[dst]
	return h, ok
}

// Learn takes a first hop for dst in.
func (r *Table) Learn(dst netip.Addr, h route.Hop) {
	if r.to == nil {
		r.to = map[netip.Addr]route.Hop{}
	}
	if _, known := r.to[dst]; !known {
		if len(r.order) == Max {
			delete(r.to, r.order[0])
			r.order = append(r.order[:0], r.order[1:]...)
		}
		r.order = append(r.order, dst)
	}
	r.to[dst] = h
}

// Drop drops what was learnt for dst, and reports whether anything was.
func (r *Table) Drop(dst netip.Addr) bool {
	if _, known := r.to[dst]; !known {
		return false
	}
	delete(r.to, dst)
	r.order = slices.DeleteFunc(r.order, func(a netip.Addr) bool { return a == dst })
	return true
}

// Size returns how many octets the entries take.
func (r *Table) Size() int { return len(r.to) * entry }

// Forget drops everything that was learnt.
func (r *Table) Forget() { *r = Table{} }
