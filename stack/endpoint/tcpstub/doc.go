// Package tcpstub stands in for a TCP where the rules about ICMP errors are to
// be seen at work. It is not a TCP: it opens connections, keeps sequence
// windows, sends octets at a given rate, acknowledges and resends them, and
// that is all. Connections have no end but an abort.
//
//	t, err := tcpstub.New(tcpstub.Config{})
//	e.Handle(ip.ProtoTCP, t) // e is the node's endpoint
//	t.Attach(n)
//	c, err := t.Connect(now, peer, 100_000) // octets a second
//	c.Stats().Acked                         // what has arrived
//
// What it does about errors is all there (RFC 1122 §4.2.3.9, RFC 5927):
//
//   - a quote is recognised when ports and addresses are those of a connection
//     and the sequence number is of something sent and not yet acknowledged
//     (H-05);
//   - a hard error aborts a connection that is not synchronised yet; on one that
//     is, the node makes it a soft one (H-06), which is counted;
//   - too big lowers the segment size, and what is in flight is sent again;
//   - source quench (LEGACY) spaces segments out as package quench does.
//
// With Credulous set in its [Config], the stub is as hosts were before RFC 5927:
// addresses and ports are proof enough, and every hard error aborts. The two
// beside each other show what the attacks do: a connection that dies, a rate
// that falls, segments that shrink, as numbers in [Stats].
package tcpstub
