// Package mtu finds the path MTU to a target, and where on the way it shrinks
// (RFC 1191, 4821, 8201, 8899; P-10).
//
//	s, err := mtu.New(p, mtu.Config{Src: src, Dst: dst})
//	… // drive it until s.Done()
//	r := s.Result()
//	fmt.Println(r.MTU, r.Reductions, r.Hole)
//
// # How it asks
//
// A small probe shows that the target answers at all, by echo or, when that is
// filtered, by UDP. Then one as large as the link takes, which must not be cut.
//
//   - It is answered: that is the path MTU.
//   - A router says that it is too big, and what would fit. That size is tried,
//     together with one octet more, which the router has to refuse again, and with
//     the large one so short-lived that it has to expire at that router: three
//     probes a router, one round trip.
//   - A router says something that cannot be: no size at all, one that is no
//     smaller, one smaller than the protocol has, one that passes with an octet
//     more, one that does not pass. The size is searched for, and the report says
//     what was wrong with what the router said (Fault).
//   - Silence, or another error: the size is searched for. A size is taken for
//     silent only when several of its probes were lost, one after the other and
//     waited for longer each time, while smaller ones are answered. Then it is a
//     black hole, and it is looked for: large probes that expire on the way are
//     answered by the routers before the hole and not by those behind. Whether it
//     is on the way there or the way back, a large UDP probe can tell, whose
//     answer is small; in IPv4 also a large echo that may be cut on the way, when
//     it is answered in one piece. Where it is on the way back, what the way there
//     takes is asked by UDP.
//
// The search tries several sizes at once, those that links commonly have first.
//
// Reading: RFC 4821 §7.6.2 counts on the retransmissions of a transport to tell
// a black hole from loss. Here there is none, so a size is tried as often as
// Config.Tries says.
//
// # The way back
//
// The reply to an echo is as large as the echo, and how it came shows what the way
// back takes: whole, or in fragments, the largest of which is at most 7 octets
// smaller than what passes (WayBack). Sizes in between are asked; those that do not
// pass in one piece on the way there, without don't fragment. Where the target, or
// the system here, does not tell, nothing is concluded.
//
// An honest path with one reduction takes six probes, and two more for the way back
// when it is the same; with the one reduction on the way back it takes eleven. For
// the way back alone there are at most four rounds of eight sizes; no path takes
// more than Config.Limit in all.
//
// # A walk
//
// A Walk asks hop by hop, as tracepath does, with the largest datagram that has
// passed so far.
//
// # What is believed
//
// Errors are those that the prober credits: they quote our probe, cookie and all.
// A router on the way that lies is found out, as above; a lie that keeps passing
// and refusing as it says is the truth.
package mtu
