// Package endpoint is an upper layer for a node: UDP sockets and raw ICMP
// sockets, echo and discard to talk to, and a place to plug further protocols
// in.
//
//	e, err := endpoint.New(endpoint.Config{Echo: true})
//	n, err := stack.New(stack.Config{Upper: e, …})
//	e.Attach(n)
//	s, err := e.Listen(0)
//	err = s.SendTo(now, peer, payload, endpoint.Options{})
//	d, ok := s.Receive()
//	t, ok := s.NextTrouble() // what ICMP says about what was sent
//
// # The machine
//
// An [Endpoint] has no goroutine, lock or clock, as the node has none. Whoever
// drives the node calls [Endpoint.Tick] before [stack.Node.Poll], and when
// [Endpoint.Deadline] has come: senders that obey source quench, and the
// protocols that are plugged in, have something to do by themselves.
//
// # Errors
//
// The endpoint remembers what its sockets have sent lately, in a table of fixed
// size. An ICMP error is recognised when what it quotes is in it: addresses and
// ports of UDP, type, identifier and sequence number of ICMP (RFC 5927, H-05).
// It is then kept for the socket that has sent it, until [UDP.NextTrouble]
// reads it. UDP has no connections, so nothing is ever aborted.
//
// Source quench is LEGACY: a node hands it on only when QuenchReceived is set.
// UDP datagrams to where it came about are then paced as package quench does
// it; they wait in a queue, and SendTo says [ErrSlow] when that is full.
//
// # Limits
//
// Queues are bounded in datagrams and octets, the number of sockets and
// everything else too. What does not fit is dropped and counted by the node, as
// of an upper layer whose queue is full.
//
// # Other protocols
//
// [Endpoint.Handle] gives a protocol to another [stack.Upper], package tcpstub
// for one. It gets what arrives, and is asked about quotes of that protocol
// first.
//
// # Not here
//
// Sockets for one local address or peer, multicast membership, UDP-Lite.
package endpoint
