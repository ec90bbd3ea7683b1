// Package ring is an interface as a link that carries IP datagrams as fast as the
// kernel lets a program, with its own hands on both ends: for sweeps.
//
//	way, err := ring.Find(targets.Ranges(), ring.RouteOptions{})
//	l, err := ring.Open(ring.Options{Way: way, Kind: ring.ICMP})
//	defer l.Close()
//	err = drive.Apart(ctx, s, l, nil)
//
// # Sending
//
// There are three engines, the best of which that works is chosen by Open and
// named by [Link.Engine]:
//
//   - xdp: an AF_XDP socket in copy mode. Frames are written where the kernel reads
//     them, and one call takes 32. No program is loaded into the interface, which
//     receives as before.
//   - packet: an AF_PACKET socket past the queueing discipline
//     (PACKET_QDISC_BYPASS), 64 frames a call.
//   - raw: IP sockets, 64 datagrams a call. The kernel finds the way of each and
//     resolves neighbours.
//
// The first two write the Ethernet header themselves, so they need all targets to
// be behind one gateway by one interface: [Find] says whether they are. What they
// send is not seen by captures on this machine, nor by its firewall: it is on the
// wire without having passed either.
//
// # Receiving
//
// Arrivals come through a ring (package blocks) with a filter in the kernel that
// lets through what may be an answer, stamped by the kernel. What finds no room in
// the ring is counted ([Link.Counters]).
//
// Linux only; elsewhere Open returns [errors.ErrUnsupported]. It needs the
// capability CAP_NET_RAW.
package ring
