package multipath

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/rewrite"
	"github.com/sonde-net/sonde/wire/ip"
)

// Vertex is a gateway, or the destination, at its distance. Those that do not
// answer are one vertex at each distance, without an address.
type Vertex struct {
	TTL     ip.TTL        `json:"ttl"`
	Addr    netip.Addr    `json:"addr,omitzero"` // the zero Addr: silence
	Flows   int           `json:"flows"`         // that are known to come through it
	Best    time.Duration `json:"best_ns,omitzero"`
	Reached bool          `json:"reached,omitzero"` // it is the destination
	// PerPacket says that one flow, sent again, went from here another way.
	PerPacket bool `json:"per_packet,omitzero"`
	// Claim is what it says, when that is not that the time to live ran out. The
	// octets of its extension are not kept.
	Claim probe.Claim `json:"claim,omitzero"`
	// Shown is what it quotes of a probe otherwise than it was sent, where the prober
	// tells of that ([probe.Config.Rewritten]): of the first such probe.
	Shown *probe.Shown `json:"shown,omitzero"`
	// Sure says that by the confidence asked for there are no further ways from
	// here; without it, the flows did not suffice.
	Sure bool `json:"sure"`
}

// Edge is a link over which flows were seen to go: from a vertex to one that is
// one hop farther, by their places in [Graph.Vertices].
type Edge struct {
	From  int `json:"from"` // -1: from the source
	To    int `json:"to"`
	Flows int `json:"flows"`
}

// Diamond is a part of a graph where ways divide and come together again.
type Diamond struct {
	From  int `json:"from"` // the vertex where they divide; -1: the source
	To    int `json:"to"`   // that where they are one again; -1: they are not, as far as is known
	Width int `json:"width"`
	// Length is how many hops it has from the one to the other.
	Length int `json:"length"`
	// Unequal says that ways of it divide again, or meet only in part.
	Unequal   bool `json:"unequal,omitzero"`
	PerPacket bool `json:"per_packet,omitzero"`
}

// Graph is the ways that were found.
type Graph struct {
	Confidence float64   `json:"confidence"`
	Vertices   []Vertex  `json:"vertices"` // nearest first, at one distance in the order in which they were found
	Edges      []Edge    `json:"edges"`
	Diamonds   []Diamond `json:"diamonds"`
	Reached    bool      `json:"reached"` // a way leads to the destination
	Probes     int       `json:"probes"`  // that it took
	Flows      int       `json:"flows"`   // that were tried
	// Rewritten is where on the ways probes begin to be seen otherwise than they were
	// sent, where the prober tells of that: somebody translates addresses.
	Rewritten []rewrite.Change `json:"rewritten,omitzero"`
}

// Hop returns the places of the vertices at a distance.
func (g *Graph) Hop(ttl ip.TTL) (places []int) {
	for i := range g.Vertices {
		if g.Vertices[i].TTL == ttl {
			places = append(places, i)
		}
	}
	return places
}

// Next returns the edges that lead from a vertex, -1 for the source.
func (g *Graph) Next(from int) (edges []Edge) {
	for _, e := range g.Edges {
		if e.From == from {
			edges = append(edges, e)
		}
	}
	return edges
}

// Graph returns what is known of the ways so far.
func (m *Trace) Graph() Graph {
	g := Graph{Confidence: m.cfg.Confidence, Probes: m.sent, Flows: m.flows, Rewritten: rewrite.Changes(m.seen)}
	place := make([][]int, len(m.hops)) // of each vertex of each hop
	for h := range m.hops {
		hop := &m.hops[h]
		for v := range hop.vertices {
			x := hop.vertices[v].Vertex
			x.Sure = x.Sure || hop.final(v)
			place[h] = append(place[h], len(g.Vertices))
			g.Vertices = append(g.Vertices, x)
			g.Reached = g.Reached || x.Reached
		}
	}
	for h := range m.hops {
		count := map[[2]int]int{}
		var order [][2]int
		for f := range m.flows {
			to := m.hops[h].vertex(f)
			from, known := m.from(h, f)
			if to < 0 || !known {
				continue
			}
			e := [2]int{-1, place[h][to]}
			if from >= 0 {
				e[0] = place[h-1][from]
			}
			if count[e] == 0 {
				order = append(order, e)
			}
			count[e]++
		}
		for _, e := range order {
			g.Edges = append(g.Edges, Edge{From: e[0], To: e[1], Flows: count[e]})
		}
	}
	g.diamonds()
	return g
}

// from returns the vertex one hop nearer through which a flow comes to hop h; -1:
// the source.
func (m *Trace) from(h, f int) (v int, known bool) {
	if h == 0 {
		return -1, true
	}
	if m.single(h - 1) {
		return 0, !m.hops[h-1].final(0)
	}
	v = m.hops[h-1].vertex(f)
	return v, v >= 0 && !m.hops[h-1].final(v)
}

// single reports whether a hop has one vertex alone, by the confidence that is
// asked for: then all flows come through it, and need not be asked about there.
func (m *Trace) single(h int) bool { return h < len(m.hops)-1 && len(m.hops[h].vertices) == 1 }

// diamonds finds where ways divide and come together: between two hops that have
// one vertex there are hops that have several.
func (g *Graph) diamonds() {
	if len(g.Vertices) == 0 {
		return
	}
	first, last := g.Vertices[0].TTL, g.Vertices[len(g.Vertices)-1].TTL
	open := Diamond{From: -1, To: -1}
	wide := false
	for ttl := first; ttl <= last; ttl++ {
		hop := g.Hop(ttl)
		switch {
		case len(hop) > 1:
			if wide && !g.even(ttl) {
				open.Unequal = true
			}
			open.Width = max(open.Width, len(hop))
			open.Length++
			wide = true
		case len(hop) == 1:
			if wide {
				open.To = hop[0]
				open.Length++
				g.Diamonds = append(g.Diamonds, g.divided(open))
			}
			open, wide = Diamond{From: hop[0], To: -1}, false
		}
	}
	if wide {
		g.Diamonds = append(g.Diamonds, g.divided(open))
	}
}

// divided notes how the first vertex of a diamond divides.
func (g *Graph) divided(d Diamond) Diamond {
	d.PerPacket = d.From >= 0 && g.Vertices[d.From].PerPacket
	for i := range g.Vertices {
		v := &g.Vertices[i]
		if d.From >= 0 && v.TTL > g.Vertices[d.From].TTL && (d.To < 0 || v.TTL < g.Vertices[d.To].TTL) {
			d.PerPacket = d.PerPacket || v.PerPacket
		}
	}
	return d
}

// even reports whether each vertex at a distance is reached by one edge, from
// one that has no other.
func (g *Graph) even(ttl ip.TTL) bool {
	for _, v := range g.Hop(ttl) {
		in := 0
		for _, e := range g.Edges {
			if e.To == v {
				in++
				if len(g.Next(e.From)) > 1 {
					return false
				}
			}
		}
		if in > 1 {
			return false
		}
	}
	return true
}
