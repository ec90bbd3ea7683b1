// Package mtr watches the way to an address: it asks every hop again and again,
// and keeps for each what mtr(8) shows: loss, times, deviation, jitter, who has
// answered. It is a strategy of package probe.
//
//	m, err := mtr.New(p, mtr.Config{Src: src, Dst: dst})
//	for !m.Done() { … } // as every strategy
//	for _, h := range m.Hops() {
//		fmt.Printf("%d %v %.1f%% %v\n", h.TTL, h.Hosts, h.Loss(), h.Avg())
//	}
//
// # Rounds
//
// Each round asks every hop once, from the first to the destination, the probes
// evenly over [Config.Interval]; the first round is faster. Where the
// destination does not answer, it goes as far behind the last hop that does as
// [Config.Unknown] says.
//
// All probes are one flow, so that one way is watched. With [Config.Flows] the
// rounds take turns with so many flows, and where the load is divided each may
// have a way of its own.
//
// # A way that changes
//
// When another answers at a distance than did before in the same flow, the way
// has changed: there is an event ([Monitor.Next]), and both ways are kept with
// what came of the probes on each ([Monitor.Paths]).
//
// The rows are those of the way as it is. Who was not at his distance before
// begins with nothing, and finds what he had when the way comes back to him. A
// probe that is lost is counted for who was there when it was sent: so the loss
// until the gateways have found another way is that of the old one, and of the
// destination, whose row goes with it wherever it moves. Nothing is asked beyond
// the destination, and what was asked there does not count. When it keeps silent,
// it is looked for farther away.
//
// Hosts that answer at one distance within a few rounds of each other take turns.
// They share a row.
//
// # Translated
//
// Who quotes a probe under another header than was sent, and is tied to it all the
// same ([probe.Config.Rewritten]), has answered: [Rewritten] has where that begins.
//
// # Loss that is none
//
// A gateway writes errors when it finds the time, and no more of them than its
// limit allows. So where hops behind it lose less than it does, what it lost were
// answers and no datagrams that it forwards: [Hop.Limited] says so.
package mtr
