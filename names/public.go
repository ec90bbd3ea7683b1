package names

import "net/netip"

// special are the networks of the special-purpose address registries that
// nobody in the routing tables of the internet has, as far as [netip.Addr] does
// not know them by itself.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // RFC 791: this network
	netip.MustParsePrefix("100.64.0.0/10"),   // RFC 6598: shared by customers of a provider
	netip.MustParsePrefix("192.0.0.0/24"),    // RFC 6890: protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // RFC 5737: documentation
	netip.MustParsePrefix("198.18.0.0/15"),   // RFC 2544: benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // RFC 5737
	netip.MustParsePrefix("203.0.113.0/24"),  // RFC 5737
	netip.MustParsePrefix("240.0.0.0/4"),     // RFC 1112: reserved, and the limited broadcast

	netip.MustParsePrefix("2001:2::/48"),   // RFC 5180: benchmarks
	netip.MustParsePrefix("2001:10::/28"),  // RFC 4843: identifiers, no locators
	netip.MustParsePrefix("2001:20::/28"),  // RFC 7343: the same again
	netip.MustParsePrefix("2001:db8::/32"), // RFC 3849: documentation
	netip.MustParsePrefix("3fff::/20"),     // RFC 9637: documentation
}

// global is the part of IPv6 that is given out as global unicast (RFC 4291
// §2.4, IANA's registry).
var global = netip.MustParsePrefix("2000::/3")

// Public reports whether an address is one that the registers of the internet
// know: unicast, and neither private nor of a special purpose.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !global.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
