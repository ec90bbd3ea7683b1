// Package names tells who an address is: its name, and whose it is.
//
// Names come from reverse DNS ([DNS]), by the system's resolver or a given
// [Server]. Owners come from a file ([Database]), without a network, or from the
// origin.asn DNS service ([Origin]), which tells who announces an address. A
// [Book] asks them in the background and remembers:
//
//	book := names.New(names.Config{
//		Source: names.DNS{},
//		Owners: []names.Owners{database, &names.Origin{}},
//	})
//	defer book.Close()
//	who, all := book.Look(addr) // what is known now; it never waits
//
// Whatever others wrote, names and organisations, is harmless to a terminal: one
// line, and question marks in place of what is not printed.
package names

import (
	"context"
	"errors"
	"net/netip"
)

// ErrUnknown says that an address has no name, or no owner, as far as a source
// knows.
var ErrUnknown = errors.New("names: unknown")

// Source tells names of addresses, as reverse DNS does.
type Source interface {
	// Name returns the name of an address, without the dot behind it. The error
	// is [ErrUnknown] when it has none, and otherwise says why there is no
	// telling.
	Name(ctx context.Context, a netip.Addr) (string, error)
}

// Owners tells who has an address, as the registers do.
type Owners interface {
	// Owner returns the owner of an address; errors as those of a Source.
	Owner(ctx context.Context, a netip.Addr) (Owner, error)
}

// Owner is who has an address. What is not known is zero.
type Owner struct {
	ASN          uint32       `json:"asn,omitzero"`          // autonomous system that announces it
	Organisation string       `json:"organisation,omitzero"` // as people know it
	Country      string       `json:"country,omitzero"`      // two letters, ISO 3166
	Prefix       netip.Prefix `json:"prefix,omitzero"`       // as it is announced
}
