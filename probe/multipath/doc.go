// Package multipath finds all the ways to an address, where gateways divide the
// load among equal ones: the multipath detection algorithm (Augustin, Friedman,
// Teixeira 2007; Veitch et al. 2009), with a stated confidence (P-09). It is a
// strategy of package probe.
//
//	m, err := multipath.New(p, multipath.Config{Src: src, Dst: dst, Kind: probe.UDP})
//	for !m.Done() { … } // as every strategy
//	g := m.Graph()
//
// # How
//
// A gateway that divides the load by flow sends all datagrams of one flow the
// same way, so each probe is of a chosen flow: a source port, in ICMP a checksum.
// From each vertex, a gateway at its distance, flows that are known to come
// through it are sent one hop farther. When k next gateways were seen, and n
// flows have shown no other, that there are k+1 which equally share the load has
// become less likely than one minus the confidence: [Enough] says which n. Where
// too few flows come through a vertex, others are tried one hop nearer until
// enough do.
//
// The confidence is that of each vertex by itself, and rests on equal shares.
//
// # Per packet
//
// A gateway that divides the load without regard to flows shows when one flow
// is sent again and goes another way. Behind it flows say nothing any more, and
// all vertices at a distance are taken together.
//
// # Bounds
//
// At most [Config.Flows] flows, and so many probes for each hop that it can be
// said beforehand ([MaxProbes]).
package multipath
