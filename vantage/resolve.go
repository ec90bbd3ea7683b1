package vantage

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// ErrTemporary says that nobody could be asked for a name now.
var ErrTemporary = errors.New("Temporary failure in name resolution")

// resolver is the part of [net.Resolver] that is needed.
type resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// resolve looks a name up. Numbers are addresses, in all the ways in which the
// system's own library reads them.
func resolve(ctx context.Context, r resolver, host string, f Family) ([]netip.Addr, error) {
	if a, ok := number(host); ok {
		switch {
		case !f.Is(a):
			return nil, ErrFamily
		case a.Zone() != "" && !isZone(a.Zone()):
			return nil, ErrHost
		}
		return []netip.Addr{a}, nil
	}
	if host == "" || strings.ContainsAny(host, " /%") {
		return nil, ErrHost
	}
	found, err := r.LookupNetIP(ctx, [...]string{Any: "ip", IPv4: "ip4", IPv6: "ip6"}[f], host)
	if err != nil && f != Any && notFound(err) {
		if other, err := r.LookupNetIP(ctx, "ip", host); err == nil && len(other) > 0 {
			return nil, ErrFamily
		}
	}
	if err != nil {
		return nil, classic(ctx, err)
	}
	for i, a := range found {
		found[i] = a.Unmap()
	}
	found = slices.DeleteFunc(found, func(a netip.Addr) bool { return !f.Is(a) })
	if len(found) == 0 {
		return nil, ErrFamily
	}
	return found, nil
}

func notFound(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.IsNotFound
}

// classic turns the error of the resolver into one that people know.
func classic(ctx context.Context, err error) error {
	var d *net.DNSError
	var other *net.AddrError // the name has addresses, but none of the family
	switch {
	case ctx.Err() != nil:
		return interrupted{ctx.Err()}
	case errors.As(err, &other):
		return ErrFamily
	case notFound(err):
		return ErrHost
	case errors.As(err, &d) && (d.IsTemporary || d.IsTimeout):
		return ErrTemporary
	}
	return err
}

// interrupted is the end of a context in a word that people know.
type interrupted struct{ error }

func (interrupted) Error() string { return "interrupted" }

// Unwrap returns the error of the context.
func (i interrupted) Unwrap() error { return i.error }

// isZone reports whether there is an interface of that name or number.
func isZone(zone string) bool {
	if n, err := strconv.Atoi(zone); err == nil {
		_, err := net.InterfaceByIndex(n)
		return err == nil
	}
	_, err := net.InterfaceByName(zone)
	return err == nil
}

// number reads an address, IPv4 also in the ways of inet_aton(3): 127.1,
// 0x7f000001, 0177.0.0.1.
func number(host string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap(), true
	}
	parts := strings.Split(host, ".")
	if len(parts) > net.IPv4len {
		return netip.Addr{}, false
	}
	var v uint64
	for i, p := range parts {
		if p == "" || strings.ContainsAny(p, "_+-") || strings.ContainsAny(p, "oObB") && !strings.HasPrefix(strings.ToLower(p), "0x") {
			return netip.Addr{}, false
		}
		n, err := strconv.ParseUint(p, 0, 32)
		last := i == len(parts)-1
		limit := uint64(0xff)
		if last {
			limit = 1<<(8*(net.IPv4len-i)) - 1
		}
		if err != nil || n > limit {
			return netip.Addr{}, false
		}
		if last {
			v |= n
		} else {
			v |= n << (8 * (net.IPv4len - 1 - i))
		}
	}
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), true
}
