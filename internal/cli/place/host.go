package place

import (
	"context"
	"net/netip"

	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/vantage"
)

// HostError says why a host has no address.
type HostError struct {
	Host string
	Err  error // of [vantage.Point.Lookup]
}

// Error implements error.
func (e *HostError) Error() string { return e.Host + ": " + e.Err.Error() }

// Unwrap returns what the look-up said.
func (e *HostError) Unwrap() error { return e.Err }

// Address returns the address that a host is measured by, as it is seen from a
// place: an IPv4 address where it has one. The error is a [HostError].
func Address(ctx context.Context, at vantage.Point, host string, f vantage.Family) (netip.Addr, error) {
	all, err := at.Lookup(ctx, host, f)
	if err != nil {
		return netip.Addr{}, &HostError{host, err}
	}
	for _, a := range all {
		if a.Is4() {
			return a, nil
		}
	}
	return all[0], nil
}

// Owners returns who tells whose an address is: a file, see [names.OpenDatabase],
// or without one the origin.asn DNS service. The file is open until the program
// ends.
func Owners(file string) (names.Owners, error) {
	if file == "" {
		return &names.Origin{}, nil
	}
	d, err := names.OpenDatabase(file)
	if err != nil {
		return nil, err
	}
	return d, nil
}
