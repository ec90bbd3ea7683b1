package space

import "net/netip"

// reserved are blocks that no host on the internet or in a private network has:
// the registries of special-purpose addresses (RFC 6890 and what followed), and
// multicast.
var reserved = prefixes(
	"0.0.0.0/8",         // this network, RFC 791
	"127.0.0.0/8",       // loopback, RFC 1122 §3.2.1.3
	"192.0.0.0/24",      // protocol assignments, RFC 6890
	"192.0.2.0/24",      // documentation, RFC 5737
	"192.88.99.0/24",    // 6to4 relays, deprecated by RFC 7526
	"198.51.100.0/24",   // documentation, RFC 5737
	"203.0.113.0/24",    // documentation, RFC 5737
	"224.0.0.0/4",       // multicast, RFC 5771
	"240.0.0.0/4",       // reserved, RFC 1112 §4; limited broadcast, RFC 919
	"::/128",            // unspecified, RFC 4291
	"::1/128",           // loopback, RFC 4291
	"::ffff:0.0.0.0/96", // IPv4-mapped, RFC 4291
	"100::/64",          // discard, RFC 6666
	"100:0:0:1::/64",    // dummy, RFC 9780
	"2001::/32",         // Teredo, RFC 4380
	"2001:2::/48",       // benchmarking, RFC 5180
	"2001:10::/28",      // ORCHID, RFC 4843, given back
	"2001:db8::/32",     // documentation, RFC 3849
	"3fff::/20",         // documentation, RFC 9637
	"5f00::/16",         // segment routing, RFC 9602
	"ff00::/8",          // multicast, RFC 4291
)

// private are blocks that many networks have for themselves, and nobody on the
// internet.
var private = prefixes(
	"10.0.0.0/8",     // RFC 1918
	"100.64.0.0/10",  // between a provider and its customers, RFC 6598
	"127.0.0.0/8",    // loopback
	"169.254.0.0/16", // link-local, RFC 3927
	"172.16.0.0/12",  // RFC 1918
	"192.168.0.0/16", // RFC 1918
	"198.18.0.0/15",  // benchmarking, RFC 2544
	"::1/128",        // loopback
	"64:ff9b:1::/48", // translation, RFC 8215
	"fc00::/7",       // unique local, RFC 4193
	"fe80::/10",      // link-local, RFC 4291
)

func prefixes(all ...string) []Range {
	out := make([]Range, len(all))
	for i, s := range all {
		out[i] = RangeOf(netip.MustParsePrefix(s))
	}
	return out
}

// Reserved returns the blocks that a sweep has no business in: nobody there
// could be meant.
func Reserved() []Range { return append([]Range(nil), reserved...) }

// Public returns how many addresses of the set are those of the internet:
// neither reserved nor of a private network.
func (s *Set) Public() uint64 {
	t := Set{ranges: s.ranges, before: s.before, n: s.n}
	t.Remove(reserved...)
	t.Remove(private...)
	return t.n
}

// Edges returns the lowest and the highest address of an IPv4 prefix, its number
// and its broadcast address (RFC 1122 §3.2.1.3), which no host has; of a prefix
// of 31 or 32 bits (RFC 3021), and of IPv6, there is none.
func Edges(p netip.Prefix) []Range {
	if !p.Addr().Is4() || p.Bits() > 30 {
		return nil
	}
	r := RangeOf(p)
	return []Range{{r.First, r.First}, {r.Last, r.Last}}
}
