package golden_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

func ipCapture(t *testing.T) *capture {
	c := &capture{t: t}
	c.options4()
	c.fragments4()
	c.headers6()
	c.fragments6()
	return c
}

// options4 are echo requests with IP options of all forms.
func (c *capture) options4() {
	stamp, full := option.StampOf(time.Date(2000, 1, 1, 13, 4, 5, 6e6, time.UTC)), uint32(47045006)
	hops := c.must(option.AppendSourceRoute(nil, ip.OptLSRR, here4, there4))
	strict := c.must(option.AppendSourceRoute(nil, ip.OptSSRR, here4, there4))
	strict[2] = 8 // the first hop is behind it
	recorded := c.filled(c.must(option.AppendRecordRoute(nil, 3)), func(o ip.Option4) { _, _, _ = option.Record(o, router4) })
	stamped := func(b []byte) []byte {
		return c.filled(b, func(o ip.Option4) { _, _ = option.AddStamp(o, router4, nil, stamp) })
	}
	overflown := stamped(c.must(option.AppendTimestamps(nil, option.StampsOnly, 1)))
	overflown = stamped(overflown)
	for _, o := range []struct {
		name   string
		octets []byte
		shows  say
	}{
		{"record route, empty", c.must(option.AppendRecordRoute(nil, 2)), say{
			"ip.opt.type", 7, "ip.opt.len", 11, "ip.opt.ptr", 4, "ip.empty_rt", "0.0.0.0", "ip.empty_rt", "0.0.0.0",
		}},
		{"record route, one recorded", recorded, say{
			"ip.opt.type", 7, "ip.opt.len", 15, "ip.opt.ptr", 8, "ip.rec_rt", router4, "ip.empty_rt", "0.0.0.0", "ip.empty_rt", "0.0.0.0",
		}},
		{"loose source route", hops, say{
			"ip.opt.type", 131, "ip.opt.len", 11, "ip.opt.ptr", 4, "ip.src_rt", here4,
		}},
		{"strict source route, half way", strict, say{
			"ip.opt.type", 137, "ip.opt.len", 11, "ip.opt.ptr", 8, "ip.rec_rt", here4,
		}},
		{"timestamps", stamped(c.must(option.AppendTimestamps(nil, option.StampsOnly, 2))), say{
			"ip.opt.type", 68, "ip.opt.len", 12, "ip.opt.ptr", 9, "ip.opt.overflow", 0, "ip.opt.flag", hex8(0),
			"ip.opt.time_stamp", full, "ip.opt.time_stamp", 0,
		}},
		{"timestamps, one overflown", overflown, say{
			"ip.opt.type", 68, "ip.opt.len", 8, "ip.opt.ptr", 9, "ip.opt.overflow", 1, "ip.opt.flag", hex8(0), "ip.opt.time_stamp", full,
		}},
		{"timestamps and addresses", stamped(c.must(option.AppendTimestamps(nil, option.StampsAndAddrs, 2))), say{
			"ip.opt.type", 68, "ip.opt.len", 20, "ip.opt.ptr", 13, "ip.opt.overflow", 0, "ip.opt.flag", hex8(1),
			"ip.opt.time_stamp_addr", router4, "ip.opt.time_stamp", full, "ip.opt.time_stamp_addr", "0.0.0.0", "ip.opt.time_stamp", 0,
		}},
		{"timestamps of prespecified addresses", stamped(c.must(option.AppendTimestamps(nil, option.StampsPrespecified, 0, router4, there4))), say{
			"ip.opt.type", 68, "ip.opt.len", 20, "ip.opt.ptr", 13, "ip.opt.overflow", 0, "ip.opt.flag", hex8(3),
			"ip.opt.time_stamp_addr", router4, "ip.opt.time_stamp", full, "ip.opt.time_stamp_addr", there4, "ip.opt.time_stamp", 0,
		}},
		{"router alert", option.AppendRouterAlert(nil, 0), say{"ip.opt.type", 148, "ip.opt.len", 4, "ip.opt.ra", 0}},
		{"security", c.must(ip.Option4{Type: ip.OptSecurity, Data: []byte{0xab, 0x80}}.AppendBinary(nil)), say{
			"ip.opt.type", 130, "ip.opt.len", 4, "ip.opt.sec_cl", hex8(0xab),
		}},
		{"stream", c.must(ip.Option4{Type: ip.OptStreamID, Data: []byte{1, 2}}.AppendBinary(nil)), say{
			"ip.opt.type", 136, "ip.opt.len", 4, "ip.opt.sid", 258,
		}},
		{"unknown", c.must(ip.Option4{Type: 0x5e, Data: []byte{1, 2, 3, 4}}.AppendBinary(nil)), say{}}, // tshark has no field for it
		{"no operation", []byte{1, 1, 1}, say{"ip.opt.type", 1, "ip.opt.type", 1, "ip.opt.type", 1}},
	} {
		h := head4()
		h.Options = ip.PadOptions(o.octets)
		shows := o.shows
		if len(h.Options) > len(o.octets) {
			shows = append(shows, "ip.opt.type", 0) // the end of the list, padding behind it
		}
		p := c.v4in(o.name, h, icmp4.Echo{ID: 1, Seq: 2}, none, say{"icmp.ident", 1, "icmp.seq", 2}, shows)
		if t := ip.OptionType(o.octets[0]); t == ip.OptLSRR || t == ip.OptSSRR {
			p.routed(there4)
		}
	}
}

// routed is for a datagram with a source route that ends at last.
func (p *packet) routed(last netip.Addr) {
	p.want["ip.cur_rt"] = p.want["ip.dst"]
	p.except("ip.dst", []any{last}, "RFC 791 p. 18: the destination field is the next address of the route; here it is the current route, "+
		"and the last address of the option the destination")
}

// filled lets fill write into the option b.
func (c *capture) filled(b []byte, fill func(ip.Option4)) []byte {
	for o, err := range ip.Options4(b) {
		if err != nil {
			c.t.Fatal(err)
		}
		fill(o)
	}
	return b
}

// fragments4 is an echo request in fragments, which tshark puts together when
// the last has come.
func (c *capture) fragments4() {
	data := make([]byte, 1200)
	h := head4()
	h.Options = c.must(option.AppendSourceRoute([]byte{byte(ip.OptNOP)}, ip.OptLSRR, here4))
	whole := c.must(ip.Enclose4(nil, h, icmp4.Echo{ID: 7, Seq: 8, Data: data}))
	f, err := ip.NewFragmenter4(whole, 576)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; ; i++ {
		b, ok := f.Next(nil)
		if !ok {
			return
		}
		h, payload, err := ip.Parse4(b)
		if err != nil {
			c.t.Fatal(err)
		}
		shows := []say{header4(h, len(b), sumGood), {"ip.opt.len", 7, "ip.opt.ptr", 4}}
		if h.First() {
			shows = append(shows, say{"ip.opt.type", 1, "ip.opt.type", 131})
		} else {
			shows = append(shows, say{"ip.opt.type", 131, "ip.opt.type", 0}) // no operation is not copied
		}
		if h.MF {
			shows = append(shows, say{"data.data", payload, "data.len", len(payload)})
		} else {
			shows = append(shows, say{
				"ip.fragment.count", 3, "icmp.type", 8, "icmp.code", 0, "icmp.checksum.status", sumGood,
				"icmp.ident", 7, "icmp.seq", 8,
			}, zeros(len(data)))
		}
		c.packet(fmt.Sprint("fragment ", i), b, shows...).routed(here4)
	}
}

// chain is a chain of IPv6 extension headers before the upper layer: hop-by-hop
// options with a router alert, a routing header of an experimental type, an
// authentication header, destination options.
func (c *capture) chain(upper ip.Proto) ([]byte, say) {
	alert := c.must(ip.Option6{Type: ip.Opt6RouterAlert, Data: []byte{0, 2}}.AppendBinary(nil))
	b := c.must(ip.AppendOptions6(nil, ip.ProtoRouting, alert))
	b = append(b, byte(ip.ProtoAH), 0, 253, 0, 9, 8, 7, 6)
	b = append(b, byte(ip.ProtoDestOpts), 4, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
	b = c.must(ip.AppendOptions6(b, upper, nil))
	return b, say{
		"ipv6.hopopts.nxt", 43, "ipv6.hopopts.len", 0, "ipv6.opt.type", hex8(5), "ipv6.opt.length", 2, "ipv6.opt.router_alert", 2,
		"ipv6.opt.type", hex8(1), "ipv6.opt.length", 0,
		"ipv6.routing.nxt", 51, "ipv6.routing.len", 0, "ipv6.routing.type", 253, "ipv6.routing.segleft", 0,
		"ah.next_header", 60, "ah.length", 4, "ah.spi", hex32(0x0102), "ah.sequence", 3, "ah.icv", b[8+8+12 : 8+8+24],
		"ipv6.dstopts.nxt", uint8(upper), "ipv6.dstopts.len", 0, "ipv6.opt.type", hex8(1), "ipv6.opt.length", 4,
	}
}

// headers6 is an echo request behind extension headers.
func (c *capture) headers6() {
	echo := icmp6.Echo{ID: 7, Seq: 8}
	chain, shows := c.chain(ip.ProtoICMPv6)
	h := head6()
	h.NextHeader = ip.ProtoHopByHop
	m := c.must(echo.Append(nil, h.Src, h.Dst))
	payload := append(chain, m...)
	b := c.must(h.AppendPacket(nil, payload))
	c.packet("echo behind extension headers", b, header6(h, len(payload)), shows, shows6(echo),
		say{"icmpv6.echo.identifier", hex16(7), "icmpv6.echo.sequence_number", 8})
}

func showsFragment(f ip.Fragment6) say {
	return say{
		"ipv6.fraghdr.nxt", uint8(f.Next), "ipv6.fraghdr.offset", f.Offset / 8, "ipv6.fraghdr.more", f.MF,
		"ipv6.fraghdr.ident", hex32(f.ID), "ipv6.fraghdr.reserved_octet", hex8(f.Reserved), "ipv6.fraghdr.reserved_bits", f.Reserved2,
	}
}

// fragments6 is fragments4 for IPv6.
func (c *capture) fragments6() {
	data := make([]byte, 3000)
	echo := icmp6.Echo{ID: 7, Seq: 8, Data: data}
	h := head6()
	f, err := ip.NewFragmenter6(c.must(ip.Enclose6(nil, h, echo)), 1280, 0xcafe0002)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; ; i++ {
		b, ok := f.Next(nil)
		if !ok {
			return
		}
		h, payload, err := ip.Parse6(b)
		if err != nil {
			c.t.Fatal(err)
		}
		frag, rest, err := ip.ParseFragment6(payload)
		if err != nil {
			c.t.Fatal(err)
		}
		shows := []say{header6(h, len(payload)), showsFragment(frag)}
		if frag.MF {
			shows = append(shows, say{"data.data", rest, "data.len", len(rest)})
		} else {
			shows = append(shows, say{"ipv6.fragment.count", 3}, shows6(echo),
				say{"icmpv6.echo.identifier", hex16(7), "icmpv6.echo.sequence_number", 8}, zeros(len(data)))
		}
		c.packet(fmt.Sprint("fragment ", i), b, shows...)
	}
}
