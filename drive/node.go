package drive

import (
	"time"

	"github.com/sonde-net/sonde/stack"
)

// Node is a node whose only interface, the first, is the link. The kernel on
// the other end of a TUN device is the only neighbour, whatever the next hop.
type Node struct{ *stack.Node }

// Inject implements [Machine].
func (n Node) Inject(now time.Time, datagram []byte) {
	n.Receive(now, stack.Datagram{Octets: datagram})
}

// Poll implements [Machine].
func (n Node) Poll(now time.Time, b []byte) ([]byte, bool) {
	b, _, ok := n.Node.Poll(now, b)
	return b, ok
}
