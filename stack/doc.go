// Package stack is a node: one host or gateway that lives by RFC 792, 1122,
// 1812 and 4443. It takes datagrams, delivers, forwards, answers and reports,
// and hands out the datagrams that this makes.
//
// # The machine
//
// A [Node] has no goroutine, no lock, no clock and no socket. The caller has
// them:
//
//	n, err := stack.New(stack.Config{
//		Interfaces: []stack.Interface{{Addrs: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}}},
//	})
//	n.Receive(now, stack.Datagram{Octets: in})
//	for {
//		out, where, ok := n.Poll(now, buf[:0])
//		if !ok {
//			break
//		}
//		// send out on interface where.Iface to where.NextHop
//	}
//
// [Node.Deadline] says when to call Poll though nothing has arrived.
// [Node.NextEvent] tells what happened and by which rule, [Node.Counters] how
// often, under the names of the IP-MIB (RFC 4293).
//
// # The rules
//
// The rows of docs/requirements.md that begin with E, H and G are this package.
// A datagram's way through it:
//
//	input.go     read it, judge its addresses and options
//	forward.go   for someone else: route, time to live, filter, redirect, size
//	local.go     for this node: reassembly, then ICMP or the upper layer
//	icmp4.go     queries to answer.go and probe.go, errors to believe.go
//	report.go    whatever is wrong with it: may an error be sent, may it now, which
//
// Hostile input is never an error of the node: it is dropped, counted, and an
// [Event] says why. Every table is bounded in octets, whatever arrives.
//
// # The upper layer
//
// An [Upper] is asked two things: take this datagram, and: is this quoted
// header of something of yours (RFC 5927)? Package endpoint has one with UDP
// and ICMP sockets; a TCP sits on a node in the same way.
//
// # Not here
//
// Neighbour discovery and ARP: links without them, or whose driver does it,
// and says so by [Node.Unresolved] when nobody answers. Multicast routing and
// IGMP: a node is in the all-hosts group, and in the all-routers group when it
// forwards. Errors about datagrams that came by a source route go back by the
// routing table, not by the reversed route.
package stack
