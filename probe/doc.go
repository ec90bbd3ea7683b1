// Package probe asks: it sends probes, recognises what comes back, and tells
// what came of each, at whatever rate and to however many targets. Ping and trace
// are strategies on it (P-01 to P-03, P-05, P-11, P-12).
//
//	p, err := probe.New(probe.Config{Seed: seed, Rate: 1000})
//	_, err = p.Send(now, &probe.Probe{Src: src, Dst: dst, Size: 56})
//	for {
//		b, tx, ok := p.Poll(now, buf[:0]) // b is the payload, tx how it leaves
//		…
//	}
//	p.Receive(now, &probe.Arrival{From: from, To: to, Proto: proto, Payload: payload})
//	for e, ok := p.NextEvent(); ok; e, ok = p.NextEvent() { … }
//
// # The machine
//
// A [Prober] knows no socket: it has no goroutine, lock or clock, and the same
// calls give the same octets and events. Whoever drives it calls [Prober.Poll]
// until it has nothing more, whenever something was handed over or has arrived,
// and at [Prober.Deadline]; and reads the events after each [Prober.Receive] and
// Poll. Time that goes back counts as standing still. One prober serves any
// number of targets, of both families, over one socket each.
//
// # What is credited
//
// An arrival is credited to a probe when all that it shows agrees, and otherwise
// only counted, by reason ([Verdict]):
//
//   - a reply: the kind, code 0, the checksum, identifier and sequence number (in
//     TCP ports and acknowledgment number), who it is from, whom it is to, and the
//     cookie: the first eight octets of the data, a keyed hash of target and
//     number; a timestamp reply has the originate timestamp for one;
//   - an error: its checksum, and of what it quotes addresses, protocol, ports or
//     identifier and sequence number, code, checksum, length of UDP, sequence
//     number and flags of TCP, as much of the cookie as there is, and the IP
//     identification where it was ours to set. Too short a quote is not believed.
//
// Identifiers, ports and cookies come from the seed, which nobody else is to
// know. Times of sending stay here; nothing that a peer returns is a clock.
//
// The key of a probe has the target's address in it, so sequence numbers are
// each target's own and begin at 1, as people expect. When the next one of 65,536
// (of 256 in extended echo) is still in flight, the target goes on with another
// identifier, of sixteen. TCP probes are told apart by sequence numbers of 32
// bits, UDP probes by their checksums, which the cookie makes different also
// where the ports are all the same.
//
// What a host says that answers UDP with data of its own shows the flow and no
// more. It is taken to be about the oldest probe of the flow that waits, and the
// event says Guessed when there was a choice.
//
// # What is told
//
// Each probe ends in exactly one of: [Reply], [Error], [Timeout], [Unsent]. What
// comes after that, while it is remembered ([Config.Linger]), is a [Duplicate],
// or [Late] after a timeout. A reply after an error is still a first reply; a
// redirect or source quench is [Advice] and ends nothing. Replies say whether
// they are reordered, truncated or altered, and at which octet.
//
// Port unreachable from the target itself is the reply to a UDP probe; it has a
// Claim like an error.
//
// # Translated
//
// A translator of addresses that does not turn back what errors quote has a probe
// quoted under another header than was sent. Such an error is credited to nothing
// (P-01). With [Config.Rewritten] it is told of, as [Rewritten], when it is tied
// to one probe in flight by what no translator changes, and what nobody can guess
// who has not seen the probe. [Event.Shown] says what is other. A redirect or source
// quench, which ends nothing, is not told of. So much it takes, thirty bits in all:
//
//   - TCP: the sequence number, which is the cookie, 32 bits; the flags of a SYN
//     where they are quoted. Eight octets behind the header show it. A translator
//     that has sequence numbers of its own is not seen through;
//   - UDP, UDP-Lite: the length, and something that the cookie is in: octets of
//     it, eight bits each, or the checksum, 16 bits, as it was sent or mended for
//     what else has changed (RFC 1624), and both together no more than all of the
//     cookie that was sent. With the source port (14) or the IP identification (16)
//     the checksum suffices, and so do eight octets;
//   - ICMP echo: type, code and sequence number, and of the same sort octets of the
//     cookie or the checksum (16; 14 where [Probe.Checksum] is one of the prober's
//     ports, else 0), with the IP identification, or the identifier (12) and a
//     little of the cookie.
//
// Ports, identifier and IP identification alone are never enough, nor is what
// quotes data or a sequence number that was not sent. Where two probes fit, it is
// the one whose destination is quoted; else neither. IPv6 has no IP identification
// to go by, and its errors quote all of the cookie. The other kinds of probes, and
// those with a source route, are not sought.
//
// # Pacing
//
// Probes leave in the order in which they were handed over, no more of them than
// [Config.Rate], one at a time unless [Config.Burst] says otherwise, and to one
// target no closer together than [Config.Each]. A strategy that wants to send
// at a time hands over at that time.
//
// # Bounds
//
// The table of probes, that of targets and the ring of events have limits. A
// full table forgets first what is over; then Send says [ErrFull]. In the steady
// state nothing is allocated, but for probes with IP options or an extension.
// The work for each call is bounded, except that one Poll tells of all that has
// timed out.
//
// # The packages
//
// Package question has the words of what is asked, event of what is told; both
// have their names here, too. Package claim reads errors, stats sums up
// round-trip times, offset reads the clock in a timestamp reply.
//
// # Not here
//
// Finding the source address (the system's routing knows it), resolving names,
// fragmenting, reassembling. TCP beyond the first segment: the system's own TCP,
// which knows nothing of the SYN, resets what answers it.
package probe
