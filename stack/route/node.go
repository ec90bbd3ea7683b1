package route

import (
	"math/bits"
	"slices"
)

// stride is the number of address bits that one node decides. Six make each
// bitmap of a node one word.
const stride = 6

// A key is an address as a number of 128 bits, the first bit the highest. IPv4
// fills the first 32.
type key struct{ hi, lo uint64 }

// chunk returns the first six bits.
func (k key) chunk() uint64 { return k.hi >> (64 - stride) }

// after returns the key behind its first n bits.
func (k key) after(n uint) key {
	return key{k.hi<<n | k.lo>>(64-n) | k.lo<<(n-64), k.lo << n}
}

// shares reports whether k and p have the same first n bits.
func (k key) shares(p key, n int) bool {
	if n <= 64 {
		return (k.hi^p.hi)>>(64-n) == 0
	}
	return k.hi == p.hi && (k.lo^p.lo)>>(128-n) == 0
}

// A node is one level of the tree. It holds the prefixes that end within its
// six bits, and what lies below: for each chunk, the value of all six bits,
// another node, or a leaf when there is only one prefix. So no chain of nodes
// leads to a prefix that is alone.
//
// A prefix that ends behind the first n bits of a chunk, n from 0 to 5, has
// the position 2ⁿ-1 plus the value of those bits: the positions of a binary
// tree in breadth-first order, 0 to 62. The bitmap own says which positions are
// taken, the bitmaps down and leaf for which chunks there is a node or a leaf.
// The slices hold only what is there, in the order of the bits. Each element of
// routes is one prefix, a list of its routes.
type node struct {
	own    uint64
	down   uint64
	leaf   uint64
	nodes  []node
	routes []*Route // of own, then of leaf
}

// covers gives for each chunk the positions of the prefixes that cover it. The
// highest of them is the longest prefix.
var covers = func() (c [1 << stride]uint64) {
	for chunk := range c {
		for n := range stride {
			c[chunk] |= 1 << position(uint64(chunk), n)
		}
	}
	return c
}()

// position returns the position of the prefix made of the first n bits of a
// chunk.
func position(chunk uint64, n int) int { return 1<<n - 1 + int(chunk>>(stride-n)) }

// below returns how many bits of m stand below bit i.
func below(m uint64, i int) int { return bits.OnesCount64(m & (1<<i - 1)) }

// own and leaf of one position and one chunk: where routes has them.
func (n *node) ownAt(at int) int { return below(n.own, at) }
func (n *node) leafAt(c int) int { return bits.OnesCount64(n.own) + below(n.leaf, c) }

// longest returns the routes of the longest prefix that covers k, nil when none
// does.
func (n *node) longest(k key) *Route {
	var best *node
	var at int
	for rest := k; ; rest = rest.after(stride) {
		c := rest.chunk()
		if m := n.own & covers[c]; m != 0 {
			best, at = n, 63-bits.LeadingZeros64(m)
		}
		if n.down>>c&1 == 1 {
			n = &n.nodes[below(n.down, int(c))]
			continue
		}
		if n.leaf>>c&1 == 1 {
			if r := n.routes[n.leafAt(int(c))]; k.shares(r.key, r.Prefix.Bits()) {
				return r
			}
		}
		break
	}
	if best == nil {
		return nil
	}
	return best.routes[best.ownAt(at)]
}

// slot returns where the routes of a prefix are kept, nil there when the prefix
// is new. The pointer holds until the tree changes.
func (n *node) slot(k key, length int) **Route {
	for deep := 0; ; deep += stride {
		rest := k.after(uint(deep))
		if length-deep < stride {
			return n.place(rest, length-deep)
		}
		c := int(rest.chunk())
		switch {
		case n.leaf>>c&1 == 1:
			p := &n.routes[n.leafAt(c)]
			if (*p).Prefix.Bits() == length && k.shares((*p).key, length) {
				return p
			}
			n.split(c, deep+stride)
		case n.down>>c&1 == 0:
			return n.place(rest, length-deep)
		}
		n = &n.nodes[below(n.down, c)]
	}
}

// place returns where the prefix of the first length bits of rest is kept in n
// itself, as one of its own or as a leaf, and makes room where there is none.
func (n *node) place(rest key, length int) **Route {
	if length >= stride {
		c := int(rest.chunk())
		i := n.leafAt(c)
		n.leaf |= 1 << c
		n.routes = slices.Insert(n.routes, i, nil)
		return &n.routes[i]
	}
	at := position(rest.chunk(), length)
	i := n.ownAt(at)
	if n.own>>at&1 == 0 {
		n.own |= 1 << at
		n.routes = slices.Insert(n.routes, i, nil)
	}
	return &n.routes[i]
}

// split turns the leaf at chunk c into a node that holds it. The node lies
// behind deep bits of the address.
func (n *node) split(c, deep int) {
	i := n.leafAt(c)
	r := n.routes[i]
	n.routes = slices.Delete(n.routes, i, i+1)
	n.leaf &^= 1 << c
	i = below(n.down, c)
	n.nodes = slices.Insert(n.nodes, i, node{})
	n.down |= 1 << c
	*n.nodes[i].place(r.key.after(uint(deep)), r.Prefix.Bits()-deep) = r
}

// join turns the node at chunk c into a leaf where it holds one prefix only.
func (n *node) join(c int) {
	i := below(n.down, c)
	m := &n.nodes[i]
	if m.down != 0 || len(m.routes) > 1 {
		return
	}
	r := m.routes[0]
	n.nodes = slices.Delete(n.nodes, i, i+1)
	n.down &^= 1 << c
	i = n.leafAt(c)
	n.leaf |= 1 << c
	n.routes = slices.Insert(n.routes, i, r)
}

// remove takes one route of the prefix out, which begins deep bits above n,
// and reports whether it was there.
func (n *node) remove(k key, length, deep int, tos uint8) bool {
	rest := k.after(uint(deep))
	c := int(rest.chunk())
	if length-deep < stride {
		at := position(rest.chunk(), length-deep)
		if n.own>>at&1 == 0 {
			return false
		}
		removed, empty := n.drop(n.ownAt(at), tos)
		if empty {
			n.own &^= 1 << at
		}
		return removed
	}
	switch {
	case n.down>>c&1 == 1:
		if !n.nodes[below(n.down, c)].remove(k, length, deep+stride, tos) {
			return false
		}
		n.join(c)
		return true
	case n.leaf>>c&1 == 1:
		i := n.leafAt(c)
		if r := n.routes[i]; r.Prefix.Bits() != length || !k.shares(r.key, length) {
			return false
		}
		removed, empty := n.drop(i, tos)
		if empty {
			n.leaf &^= 1 << c
		}
		return removed
	}
	return false
}

// drop takes the route of the TOS out of the list at routes[i], and the list
// itself when it is empty then.
func (n *node) drop(i int, tos uint8) (removed, empty bool) {
	p := &n.routes[i]
	for *p != nil && (*p).TOS != tos {
		p = &(*p).next
	}
	if *p == nil {
		return false, false
	}
	*p = (*p).next
	if n.routes[i] != nil {
		return true, false
	}
	n.routes = slices.Delete(n.routes, i, i+1)
	return true, true
}

// walk yields the routes at position at and beneath it, in the order of
// [Table.All], and reports whether more are wanted. Past the last position
// there are the chunks: two for each position of the last row.
func (n *node) walk(at int, yield func(Route) bool) bool {
	const chunks = 1<<stride - 1
	if at < chunks {
		if n.own>>at&1 == 1 && !n.routes[n.ownAt(at)].walk(yield) {
			return false
		}
		return n.walk(2*at+1, yield) && n.walk(2*at+2, yield)
	}
	c := at - chunks
	if n.down>>c&1 == 1 {
		return n.nodes[below(n.down, c)].walk(0, yield)
	}
	return n.leaf>>c&1 == 0 || n.routes[n.leafAt(c)].walk(yield)
}

// walk yields the routes of the list.
func (r *Route) walk(yield func(Route) bool) bool {
	for ; r != nil; r = r.next {
		if !yield(*r) {
			return false
		}
	}
	return true
}
