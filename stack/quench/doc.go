// Package quench is what a sender does about source quench: the Source Quench
// Introduced Delay of RFC 1016 (SQuID), which fills in what RFC 792 p. 10 asks
// for, to cut the rate back until no more source quench comes and then to raise
// it gradually. LEGACY: RFC 6633 has deprecated the message, and a node hands it
// to its transport only when that is switched on.
//
// A [Pacer] stands for one destination. It keeps a delay D that separates the
// datagrams sent there:
//
//	p, err := quench.New(quench.Config{})
//	p.Quench(now)      // a source quench has come: D goes up
//	if p.Allow(now) {  // is D over since the last datagram?
//		// send one
//	}
//	p.Next(now)        // when it will be
//
// RFC 1016 calls its parameters by letters, and so does [Config]. A Pacer has no
// clock; the same times give the same answers.
package quench
