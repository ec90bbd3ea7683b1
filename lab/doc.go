// Package lab is a laboratory: hosts and gateways of package stack, joined by
// links that delay, lose, double, reorder and damage what they carry, all as a
// topology file says (package topology).
//
//	t, err := topology.Load("triangle.yaml")
//	n, err := lab.New(t, lab.Options{Records: 1000})
//	a, _ := n.Host("a")
//	err = a.Node.SendDatagram(n.Now(), ping)
//	n.Run(n.Now().Add(time.Second), nil)
//	for r, ok := n.NextRecord(); ok; r, ok = n.NextRecord() {
//		fmt.Println(r.Time, r.Comment())
//	}
//
// # Time
//
// A [Network] is a machine like the nodes in it: no goroutine, no lock, no
// clock. [Network.Advance] makes everything happen that is due, each thing at
// its own time; [Network.Deadline] says when the next is. A caller who jumps
// from deadline to deadline has a virtual clock, on which an hour of silence
// takes no time ([Network.Run] is that caller); one who waits for them has the
// real one (package drive).
//
// Times are exact to the nanosecond. What happens at one time happens in a
// fixed order, and everything random comes from the seed: the same topology,
// seed and calls give the same run, octet for octet. Each direction of a link
// and each node has a random source of its own, so a change in one place does
// not change the dice of another.
//
// # Outside
//
// A [Port] is a party on a link that is not in the file: the kernel behind a
// TUN device, a prober. A port is a machine too, and runs the whole network.
//
// # Bounds
//
// What is in flight, what is recorded, what waits at a port are bounded in
// octets and in number. A link takes a microsecond at least, so that no loop
// stands still in time.
package lab
