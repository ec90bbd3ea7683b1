// Package extecho answers extended echo requests (PROBE, RFC 8335): is this
// interface of yours up, and which IP does it run?
package extecho

import (
	"net/netip"

	"github.com/sonde-net/sonde/wire/extension"
)

// The codes of an extended echo reply (RFC 8335 §3), the same in both families.
const (
	NoError            = 0
	Malformed          = 1
	NoInterface        = 2
	NoTableEntry       = 3
	MultipleInterfaces = 4
)

// Interface is an interface that may be asked about.
type Interface struct {
	Name  string
	Index uint32 // ifIndex
	Addrs []netip.Prefix
	Up    bool
}

// Answer is what an extended echo reply says. Active, IPv4 and IPv6 are only
// true with [NoError].
type Answer struct {
	Code               uint8
	Active, IPv4, IPv6 bool
}

// Ask answers the query with the extension structure ext, about one of the
// interfaces that all yields; those that policy hides from the asker do not
// exist for it (RFC 8335 §8). Without the L bit the query is about a neighbour,
// to be named by its address (RFC 8335 §4): a node whose links resolve addresses
// has no table of them, and says so.
func Ask(ext []byte, local bool, all func(yield func(*Interface) bool)) Answer {
	id, ok := identification(ext)
	switch {
	case !ok, !local && id.CType != extension.CTypeAddress:
		return Answer{Code: Malformed}
	case !local:
		return Answer{Code: NoTableEntry}
	}
	a, hits := Answer{Code: NoInterface}, 0
	for i := range all {
		if !i.is(&id) {
			continue
		}
		if hits++; hits > 1 {
			return Answer{Code: MultipleInterfaces}
		}
		a = Answer{Active: i.Up}
		for _, p := range i.Addrs {
			a.IPv4 = a.IPv4 || i.Up && p.Addr().Is4()
			a.IPv6 = a.IPv6 || i.Up && p.Addr().Is6()
		}
	}
	return a
}

// identification reads the one interface identification object that a query has
// to have, and no other object (RFC 8335 §2).
func identification(ext []byte) (id extension.InterfaceID, ok bool) {
	s, err := extension.Parse(ext)
	if err != nil {
		return id, false
	}
	for o, err := range s.All() {
		if err != nil || ok || o.Class != extension.ClassInterfaceID {
			return id, false
		}
		if id, err = extension.ParseInterfaceID(o); err != nil {
			return id, false
		}
		ok = true
	}
	return id, ok
}

// is reports whether the interface is the one that id names.
func (i *Interface) is(id *extension.InterfaceID) bool {
	switch id.CType {
	case extension.CTypeName:
		return string(id.Name) == i.Name
	case extension.CTypeIndex:
		return id.Index == i.Index
	}
	for _, p := range i.Addrs {
		if p.Addr() == id.Addr {
			return true
		}
	}
	return false
}
