// Package route is the forwarding table of a node: the longest prefix that
// covers a destination, the type of service among the routes of that prefix, and
// one of several equal-cost next hops (RFC 1812 §5.2.4.3, RFC 2992).
//
// The table is a tree bitmap of six bits a level (Eatherton, Varghese and
// Dittia, 2004), one for IPv4 and one for IPv6, where a prefix that is alone
// hangs from the first node that it shares with no other. A look-up descends at
// most 6 nodes for IPv4 and 22 for IPv6, never goes back, and allocates nothing.
// Adding and removing touch the nodes on that way only, and the shape depends on
// what the table holds, not on what it held. The table grows by what [Table.Add]
// is given and by nothing that a datagram says.
//
// Nothing here has a lock, a clock or a source of randomness: the same routes
// and the same datagrams give the same hops.
//
//	var t route.Table
//	err := t.Add(route.Route{
//		Prefix: netip.MustParsePrefix("192.0.2.0/24"),
//		Hops:   []route.Hop{{Iface: 1, Via: a}, {Iface: 2, Via: b}},
//	})
//	…
//	r, found := t.LookupTOS(dst, tos)
//	if found == route.Found {
//		hop := r.Pick(&route.Flow{Seed: seed, Src: src, Dst: dst, Proto: proto, Transport: payload})
//		…
//	}
//
// Not here: route metrics, which a routing protocol compares before it adds what
// is best, and any such protocol.
package route
