// Package trace finds the way to an address: who lets a probe's time to live run
// out, hop by hop, until the destination answers or somebody says that it cannot
// be reached (P-08, P-09). It is a strategy of package probe.
//
//	t, err := trace.New(p, trace.Config{Src: src, Dst: dst, Kind: probe.UDP})
//	for !t.Done() {
//		… // p.Turn(now, t), p.Poll, p.Receive
//		for r, ok := t.Next(); ok; r, ok = t.Next() {
//			fmt.Println(r.TTL, r.From, r.RTT, r.Mark())
//		}
//	}
//
// # One way, or all
//
// Gateways with several equal ways choose by addresses, protocol and ports, in
// ICMP by the checksum. All probes of a trace have these in common, so that they
// go one way (Paris). With [Config.Classic] each probe is a flow of its own, as
// the first traceroutes had it, and the hops are those of several ways mixed.
//
// # All hops at once
//
// Up to [Config.Parallel] probes are under way at a time, in the order of hops;
// when the destination has answered, nothing goes beyond it any more. So no more
// than that are wasted.
//
// # How long to wait
//
// At most [Config.Wait], and less where replies of others tell how long one
// takes; the factors are Here and Near:
//
//   - the same hop has answered: Here times the longest of its times. Where a
//     probe was overtaken by a later one, the gateway takes its time with some of
//     its errors, and half a second is waited at least;
//   - a farther hop has: Near times the longest time of the nearest one;
//   - only nearer hops have: Near times the longest time of the nearest one, and
//     a second at least, for the next link may be a slow one; right behind that
//     hop four fifths of Wait at least, which leaves its gateway time to find out
//     that a neighbour is not there, and to say so;
//   - nobody has: four fifths of Wait, for the system's own neighbour.
//
// A millisecond is added to each time first, and ten are waited in any case. A probe for which a quarter of a
// second is too long (or twice the longest time so far, if that is more) does
// not count as one of those under way any more, though it is waited for: so a
// silent hop holds up nothing. What comes after its time, and before it was told
// that there was nothing, still counts.
//
// # Asked again
//
// A destination that gets many probes at once may answer only some. So the last
// hops before the first answer of the destination are asked once more, one probe
// at a time, when they were silent. With TCP and a constant flow, the connection
// that the first SYN has half opened stands in the way of the others; they are
// asked again as soon as it was answered.
//
// # Translated
//
// Behind a translator of addresses that leaves alone what errors quote, nothing that
// comes back quotes the probe that was sent, so that the prober credits none of it
// (P-01). When it is tied to the probe all the same ([probe.Config.Rewritten]) it is
// taken for the answer, and [Result.Shown] says what is other. [Trace.Changes] has
// where that begins.
//
// # What is told
//
// [Trace.Next] tells results in the order of hops and probes, each as soon as
// nothing can change it. [Trace.Hops] has all that is known.
package trace
