// Package ring is an interface as a link that carries IP datagrams as fast as the
// kernel lets a program, with its own hands on both ends: for sweeps.
//
//	way, err := ring.Find([]ring.Range{{First: first, Last: last}}, ring.RouteOptions{})
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
//     them, and one call takes a batch where the kernel can (Linux 6.17), else 32.
//   - packet: an AF_PACKET socket past the queueing discipline
//     (PACKET_QDISC_BYPASS), a batch a call.
//   - raw: IP sockets, a batch a call. The kernel finds the way of each and
//     resolves neighbours.
//
// The first two write the Ethernet header themselves, so they need all targets to
// be behind one gateway by one interface: [Find] says whether they are. What they
// send is not seen by captures on this machine, nor by its firewall: it is on the
// wire without having passed either.
//
// What a datagram costs is mostly the kernel's work, on the processor that sends it.
// So there are several lanes, each an engine of the same kind and a goroutine: whole
// batches go by them in turn, and what is less than a batch leaves on the goroutine
// that flushes.
//
// # Receiving
//
// Arrivals come through a ring (package blocks) with a filter in the kernel that
// lets through what may be an answer, stamped by the kernel. What finds no room in
// the ring is counted ([Link.Counters]). Of echo replies that are known by a tag
// ([Options.Tag]) nothing goes on into the kernel: a program at the entrance of the
// interface (TCX, Linux 6.6, CAP_BPF and CAP_NET_ADMIN) takes them off once they are
// in the ring. Other replies, a ping's beside it, go their way, and without the
// program all do.
//
// Linux only; elsewhere Open returns [errors.ErrUnsupported]. It needs the
// capability CAP_NET_RAW.
package ring
