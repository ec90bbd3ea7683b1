package topology

import (
	"net/netip"
	"strconv"
	"strings"
)

// Link returns the link of that name, nil when there is none.
func (t *Topology) Link(name string) *Link {
	for i := range t.Links {
		if t.Links[i].Name == name {
			return &t.Links[i]
		}
	}
	return nil
}

// Node returns the node of that name, nil when there is none.
func (t *Topology) Node(name string) *Node {
	for i := range t.Nodes {
		if t.Nodes[i].Name == name {
			return &t.Nodes[i]
		}
	}
	return nil
}

// Interface returns the interface of that name and its index; nil when there is
// none.
func (n *Node) Interface(name string) (*Interface, int) {
	for i := range n.Interfaces {
		if n.InterfaceName(i) == name {
			return &n.Interfaces[i], i
		}
	}
	return nil, -1
}

// InterfaceName returns the name of interface i: its own, or eth0, eth1, ….
func (n *Node) InterfaceName(i int) string {
	if name := n.Interfaces[i].Name; name != "" {
		return name
	}
	return "eth" + strconv.Itoa(i)
}

// Addr returns the address that a target stands for: itself, or the first of a
// node, or the first of an interface, written as node/interface.
func (t *Topology) Addr(target Target) (netip.Addr, bool) {
	if a, ok := address(string(target), nil); ok {
		return a, true
	}
	name, iface, one := strings.Cut(string(target), "/")
	n := t.Node(name)
	if n == nil {
		return netip.Addr{}, false
	}
	for i := range n.Interfaces {
		if one && n.InterfaceName(i) != iface {
			continue
		}
		for _, p := range n.Interfaces[i].Addrs() {
			return p.Addr(), true
		}
	}
	return netip.Addr{}, false
}
