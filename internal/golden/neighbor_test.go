package golden_test

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/ndp"
)

// options are options of neighbor discovery on their way into a message, and
// what they show.
type options struct {
	c      *capture
	octets []byte
	shows  say
}

func (o *options) add(option interface {
	AppendBinary(b []byte) ([]byte, error)
}, typ ndp.Type, shows ...any,
) {
	before := len(o.octets)
	o.octets = o.c.must(option.AppendBinary(o.octets))
	o.shows = append(append(o.shows, "icmpv6.opt.type", uint8(typ), "icmpv6.opt.length", (len(o.octets)-before)/8), shows...)
}

// neighbors6 are the messages of neighbor discovery, each option once.
func (c *capture) neighbors6() {
	mac, target := []byte{2, 0, 0x5e, 0x10, 0, 1}, addr("fe80::42")
	source := options{c: c}
	source.add(ndp.LinkLayerAddress{Addr: mac}, ndp.TypeSourceLinkLayerAddress,
		"icmpv6.opt.linkaddr", "02:00:5e:10:00:01", "icmpv6.opt.src_linkaddr", "02:00:5e:10:00:01")

	withNonce := source
	withNonce.add(ndp.Nonce{Value: []byte{1, 2, 3, 4, 5, 6}}, ndp.TypeNonce, "icmpv6.opt.nonce", []byte{1, 2, 3, 4, 5, 6})
	c.v6("router solicitation", icmp6.RouterSolicitation{Options: withNonce.octets}, none, withNonce.shows)
	c.v6("neighbor solicitation", icmp6.NeighborSolicitation{Target: target, Options: withNonce.octets}, none,
		say{"icmpv6.nd.ns.target_address", target}, withNonce.shows)

	adv := source
	adv.add(ndp.MTU{MTU: 1492}, ndp.TypeMTU, "icmpv6.opt.mtu", 1492)
	prefix := netip.MustParsePrefix("2001:db8:77::/64")
	adv.add(ndp.PrefixInformation{
		Prefix: prefix, Flags: ndp.PrefixOnLink | ndp.PrefixAutonomous, Valid: ndp.Infinity, Preferred: 7 * 24 * time.Hour,
	}, ndp.TypePrefixInformation,
		"icmpv6.opt.prefix.length", 64, "icmpv6.opt.prefix.flag", hex8(0xc0), "icmpv6.opt.prefix.flag.l", true, "icmpv6.opt.prefix.flag.a", true,
		"icmpv6.opt.prefix.flag.r", false, "icmpv6.opt.prefix.valid_lifetime", uint32(1<<32-1),
		"icmpv6.opt.prefix.preferred_lifetime", 604800, "icmpv6.opt.prefix", prefix.Addr())
	route := netip.MustParsePrefix("2001:db8:99::/48")
	adv.add(ndp.RouteInformation{Prefix: route, Preference: ndp.PreferenceHigh, Lifetime: 1800 * time.Second}, ndp.TypeRouteInformation,
		"icmpv6.opt.prefix.length", 48, "icmpv6.opt.route_info.flag", hex8(0x08), "icmpv6.opt.route_info.flag.route_preference", 1,
		"icmpv6.opt.route_info.flag.reserved", 0, "icmpv6.opt.route_lifetime", 1800, "icmpv6.opt.prefix", route.Addr())
	servers := c.must(ndp.AppendServer(nil, here6))
	servers = c.must(ndp.AppendServer(servers, there6))
	adv.add(ndp.RDNSS{Lifetime: 600 * time.Second, Servers: servers}, ndp.TypeRDNSS,
		"icmpv6.opt.rdnss.lifetime", 600, "icmpv6.opt.rdnss", here6, "icmpv6.opt.rdnss", there6)
	names := c.must(ndp.AppendName(nil, "lab.example"))
	names = c.must(ndp.AppendName(names, "example.net"))
	adv.add(ndp.DNSSL{Lifetime: 601 * time.Second, Names: names}, ndp.TypeDNSSL,
		"icmpv6.opt.dnssl.lifetime", 601, "icmpv6.opt.dnssl", "lab.example", "icmpv6.opt.dnssl", "example.net")
	pref64 := netip.MustParsePrefix("64:ff9b::/96")
	adv.add(ndp.PREF64{Prefix: pref64, Lifetime: 1600 * time.Second}, ndp.TypePREF64,
		"icmpv6.opt.pref64.scaled_lifetime", 1600/8, "icmpv6.opt.pref64.plc", hex16(0), "icmpv6.opt.pref64.prefix", pref64.Addr())
	flags := (ndp.RouterManaged | ndp.RouterOther).WithPreference(ndp.PreferenceLow)
	c.v6("router advertisement", icmp6.RouterAdvertisement{
		HopLimit: 64, Flags: flags, Lifetime: 9000 * time.Second,
		Reachable: 30 * time.Second, Retrans: 1001 * time.Millisecond, Options: adv.octets,
	}, none, say{
		"icmpv6.nd.ra.cur_hop_limit", 64, "icmpv6.nd.ra.flag", hex8(0xd8), "icmpv6.nd.ra.flag.m", true, "icmpv6.nd.ra.flag.o", true,
		"icmpv6.nd.ra.flag.h", false, "icmpv6.nd.ra.flag.prf", 3, "icmpv6.nd.ra.flag.p", false,
		"icmpv6.nd.ra.router_lifetime", 9000, "icmpv6.nd.ra.reachable_time", 30000, "icmpv6.nd.ra.retrans_timer", 1001,
	}, adv.shows)

	found := options{c: c}
	found.add(ndp.LinkLayerAddress{Target: true, Addr: mac}, ndp.TypeTargetLinkLayerAddress,
		"icmpv6.opt.linkaddr", "02:00:5e:10:00:01", "icmpv6.opt.target_linkaddr", "02:00:5e:10:00:01")
	c.v6("neighbor advertisement", icmp6.NeighborAdvertisement{
		Flags: ndp.NeighborRouter | ndp.NeighborOverride, Target: target, Options: found.octets,
	}, none, say{
		"icmpv6.nd.na.flag.r", true, "icmpv6.nd.na.flag.s", false, "icmpv6.nd.na.flag.o", true, "icmpv6.nd.na.flag.rsv", 0,
		"icmpv6.nd.na.target_address", target,
	}, found.shows)

	udp, showsUDP := c.udp(here6, there6, 20)
	q := c.quote6(ours6(ip.ProtoUDP), udp, 8+16, showsUDP, zeros(16))
	moved := found
	moved.add(ndp.RedirectedHeader{Quote: q.octets}, ndp.TypeRedirectedHeader)
	c.v6("redirect", icmp6.Redirect{Target: target, Dst: there6, Options: moved.octets}, q,
		say{"icmpv6.nd.rd.target_address", target, "icmpv6.rd.na.destination_address", there6}, moved.shows)
}
