// Package conversation reads the datagrams of a capture in their order and tells
// how they belong together: which reply answers which request and how long it
// took, which datagram an error is about, what was never answered.
//
//	m := conversation.New(conversation.Config{})
//	for … {
//		s := m.Receive(&conversation.Datagram{Time: t, Number: n, Octets: ip})
//		if s.ICMP && s.Relation == conversation.Answers {
//			fmt.Println(s.Request.Number, s.Took)
//		}
//	}
//	sum := m.Summary(10)
//
// # Contract
//
// A [Machine] is one: no goroutine, clock, socket or chance; the time is that of
// the datagrams. Nothing that it is given makes it fail or grow: every table has
// a limit, what was not used for the longest time goes first, and once the
// tables are full nothing allocates.
//
// Octets are read with wire/quote, which reads what there is of a datagram and
// refuses next to nothing: captures are cut as quotes are. What is wrong with a
// datagram stands in [Seen.Fault].
//
// Fragments are counted, not read. Whoever puts them together gives the whole
// datagram too, with [Datagram.Whole] set.
//
// To add a kind of request: a class and its name in class.go, its types in the
// two tables there.
package conversation
