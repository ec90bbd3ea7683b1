// Package narration tells what happens in a laboratory, as a sequence diagram in
// words and arrows, or as JSON.
//
// What is told is an [Item]: a datagram on its way over a link, something that a
// node did and by which rule, a line of a ping or a trace, a rate. A [Sink]
// takes items: [Text] writes them for people, in English or French, [JSON] one
// object a line for programs, [Items] keeps them.
//
//	    time  a         r1        b
//	0.000 ms  |-------->|         |  10.0.1.10 > 10.0.2.100 8/0 Echo, id 1, seq 1, 56 octets, ttl 64
//	1.000 ms  |         *         |  dropped: no route (G-02)
//	1.000 ms  |<--------|         |  10.0.1.1 > 10.0.1.10 3/0 Destination Unreachable: …; G-02 no route
package narration
