// Package sweep asks very many addresses one question each, and keeps nothing of
// what it has asked: which address comes next is arithmetic (package cycle), and
// whether a reply is one is told by a keyed hash of the address that it comes
// from, as in zmap. Errors are told by what they quote, and attributed to the
// router that sent them.
//
//	var targets space.Set
//	_, err := targets.Parse("10.0.0.0/16")
//	s, err := sweep.New(sweep.Config{Targets: &targets, Src4: src, Rate: 10000, Seed: seed})
//	for !s.Done() {
//		for d, ok := s.Poll(now, buf[:0]); ok; d, ok = s.Poll(now, buf[:0]) { … } // d is an IP datagram
//		s.Inject(now, datagram)
//		for r, ok := s.NextResult(); ok; r, ok = s.NextResult() { … }
//	}
//
// A Sweep is a machine like the others of this floor: no goroutine, lock or
// clock; the same calls give the same datagrams. Package drive can run it.
//
// # What is believed
//
// An echo reply counts when identifier, sequence number and the first sixteen
// octets of the data are those that the address was sent: a hash that nobody can
// know who has not seen the probe. A SYN with ACK, or a RST, counts by its
// acknowledgment number and ports; a timestamp reply by identifier, sequence
// number and originate timestamp; a UDP reply, which shows no more, by its ports
// alone. An error counts when it quotes the destination together with the
// identifier and sequence number, or ports and sequence number, of the probe.
//
// # Round trips
//
// An echo carries the number of the probe, which the hash covers, and the time
// at which the last quarter million probes left is remembered by that number. So
// nothing that comes back is a clock here either; a reply to a probe longer ago
// has no round trip.
//
// # Traces
//
// With Hops, each address is asked with each of so many times to live, all
// scattered in one order (Yarrp, Beverly 2016); the errors that come back are the
// paths, which are to be put together afterwards. The checksum of all echoes to
// an address is the same, so that they take one path of several (RFC 2992).
//
// # Bounds
//
// A bit for each address tells who has answered already, as long as there are no
// more than 2^27 (16 MiB); above that, the last million who have answered are
// remembered. Nothing else grows.
package sweep
