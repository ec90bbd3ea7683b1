// Package address knows which addresses are a node's own, which are the
// broadcast addresses of its networks, and which of them to speak from.
package address

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Kind is what an address is to a node.
type Kind uint8

// The kinds. The zero Kind is somebody else's.
const (
	Foreign   Kind = iota
	Own            // one of the node's unicast addresses
	Broadcast      // the broadcast address of a network that the node is on
)

// A Book holds the addresses of a node. The zero Book is empty.
type Book struct {
	slots []slot // IPv4: open addressing, a power of two of them
	shift uint8
	used  int
	v6    map[netip.Addr]int32
}

type slot struct {
	key   uint32
	iface int32
	kind  Kind
}

// Add enters an address of an interface. The first entry for an address counts,
// but an own address wins over a broadcast address.
func (b *Book) Add(a netip.Addr, iface int, k Kind) {
	if !a.Is4() {
		if b.v6 == nil {
			b.v6 = map[netip.Addr]int32{}
		}
		if _, ok := b.v6[a]; !ok && k == Own {
			b.v6[a] = int32(iface)
		}
		return
	}
	if 2*(b.used+1) > len(b.slots) {
		b.grow()
	}
	s := b.find(key4(a))
	switch {
	case s.kind == Foreign:
		b.used++
	case s.kind == Own || k == Broadcast:
		return
	}
	*s = slot{key4(a), int32(iface), k}
}

func (b *Book) grow() {
	old := b.slots
	b.slots = make([]slot, max(16, 2*len(old)))
	b.shift = uint8(32 - bits.TrailingZeros(uint(len(b.slots))))
	for _, s := range old {
		if s.kind != Foreign {
			*b.find(s.key) = s
		}
	}
}

// find returns the slot of the key, or the free one where it would go. There is
// always a free one: the table is never more than half full.
func (b *Book) find(key uint32) *slot {
	const golden = 0x9e3779b1 // 2^32 divided by the golden ratio
	for i := key * golden >> b.shift; ; i++ {
		s := &b.slots[i&uint32(len(b.slots)-1)]
		if s.kind == Foreign || s.key == key {
			return s
		}
	}
}

func key4(a netip.Addr) uint32 {
	o := a.As4()
	return binary.BigEndian.Uint32(o[:])
}

// AddNetwork enters an address with its network: the address as the node's own,
// and, in IPv4, the two broadcast addresses of the network: all ones, and the
// network's own number, which is the older form (RFC 1122 §3.3.6). Networks of
// 31 bits and more have none (RFC 3021).
func (b *Book) AddNetwork(p netip.Prefix, iface int) {
	b.Add(p.Addr(), iface, Own)
	if p.Addr().Is4() && p.Bits() <= 30 {
		b.Add(p.Masked().Addr(), iface, Broadcast)
		b.Add(Last4(p), iface, Broadcast)
	}
}

// Last4 returns the last address of an IPv4 prefix.
func Last4(p netip.Prefix) netip.Addr {
	o := p.Masked().Addr().As4()
	binary.BigEndian.PutUint32(o[:], binary.BigEndian.Uint32(o[:])|uint32(uint64(1)<<(32-p.Bits())-1))
	return netip.AddrFrom4(o)
}

// Lookup returns what an address is, and the interface that it belongs to.
func (b *Book) Lookup(a netip.Addr) (iface int, k Kind) {
	if a.Is4() {
		if len(b.slots) == 0 {
			return 0, Foreign
		}
		s := b.find(key4(a))
		return int(s.iface), s.kind
	}
	if i, ok := b.v6[a]; ok {
		return int(i), Own
	}
	return 0, Foreign
}

// IsOwn reports whether a is one of the node's unicast addresses.
func (b *Book) IsOwn(a netip.Addr) bool {
	_, k := b.Lookup(a)
	return k == Own
}

// AllOnes4 is the limited broadcast address.
var AllOnes4 = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// IsBroadcast reports whether a is a broadcast address here.
func (b *Book) IsBroadcast(a netip.Addr) bool {
	_, k := b.Lookup(a)
	return k == Broadcast || a == AllOnes4
}

// A Set is the addresses of one interface, each with its network.
type Set struct {
	Prefixes []netip.Prefix
	First4   netip.Addr // the primary IPv4 address; zero: there is none
	First6   netip.Addr
}

// NewSet returns the set of the prefixes, which it keeps.
func NewSet(prefixes []netip.Prefix) Set {
	s := Set{Prefixes: prefixes}
	for _, p := range prefixes {
		switch a := p.Addr(); {
		case a.Is4() && !s.First4.IsValid():
			s.First4 = a
		case a.Is6() && !s.First6.IsValid():
			s.First6 = a
		}
	}
	return s
}

// On returns the address whose network a is on.
func (s *Set) On(a netip.Addr) (netip.Prefix, bool) {
	for _, p := range s.Prefixes {
		if p.Contains(a) {
			return p, true
		}
	}
	return netip.Prefix{}, false
}

// Neighbours reports whether a and b are on one of the networks together.
func (s *Set) Neighbours(a, b netip.Addr) bool {
	for _, p := range s.Prefixes {
		if p.Contains(a) && p.Contains(b) {
			return true
		}
	}
	return false
}

// Like returns the primary address of the family that a is of; zero: none.
func (s *Set) Like(a netip.Addr) netip.Addr {
	if a.Is4() {
		return s.First4
	}
	return s.First6
}

// For returns the address to speak to peer from: the one on the same network,
// else the primary one of the family (RFC 1122 §3.3.4.3); zero: none.
func (s *Set) For(peer netip.Addr) netip.Addr {
	if p, ok := s.On(peer); ok {
		return p.Addr()
	}
	return s.Like(peer)
}

// Any returns the primary IPv4 address, or the IPv6 one where there is none.
func (s *Set) Any() netip.Addr {
	if s.First4.IsValid() {
		return s.First4
	}
	return s.First6
}
