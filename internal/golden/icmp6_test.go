package golden_test

import (
	"fmt"
	"testing"

	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/mld"
)

func icmp6Capture(t *testing.T) *capture {
	c := &capture{t: t}
	c.echoes6()
	c.errors6()
	c.extensions6()
	c.probe6()
	c.listeners6()
	c.neighbors6()
	c.others6()
	return c
}

func (c *capture) echoes6() {
	data := []byte("let down into what cannot be seen")
	for _, reply := range []bool{false, true} {
		name := map[bool]string{false: "echo request", true: "echo reply"}[reply]
		ids := say{"icmpv6.echo.identifier", hex16(0x0102), "icmpv6.echo.sequence_number", 0xfffe}
		m := icmp6.Echo{EchoType: icmp6.EchoType{Reply: reply}, ID: 0x0102, Seq: 0xfffe, Data: data}
		c.v6(name, m, none, ids, say{"data.data", data, "data.len", len(data)})
		m.Data = nil
		c.v6(name+" without data", m, none, ids)
	}
	p := c.v6("echo, bad checksum", icmp6.Echo{ID: 1, Seq: 2}, none, say{"icmpv6.echo.identifier", hex16(1), "icmpv6.echo.sequence_number", 2})
	p.octets[42] ^= 1
	p.want["icmpv6.checksum.status"] = []string{text(sumBad)}
	p = c.v6("echo, other address", icmp6.Echo{ID: 1, Seq: 3}, none, say{"icmpv6.echo.identifier", hex16(1), "icmpv6.echo.sequence_number", 3})
	p.octets[39] ^= 1
	p.want["icmpv6.checksum.status"] = []string{text(sumBad)}
	p.want["ipv6.dst"] = []string{"2001:db8:1::"}
	p = c.v6("echo, padded by the link", icmp6.Echo{ID: 1, Seq: 4}, none, say{"icmpv6.echo.identifier", hex16(1), "icmpv6.echo.sequence_number", 4})
	p.octets = append(p.octets, 0xa5, 0xa5, 0xa5)
}

// quotes6 are quotes of all sorts.
func (c *capture) quotes6() []quoted {
	udp, showsUDP := c.udp(here6, there6, 20)
	tcp, showsTCP := c.tcp(here6, there6)
	echo, showsEcho := c.echo6(20)
	return []quoted{
		c.quote6(ours6(ip.ProtoUDP), udp, len(udp), showsUDP, zeros(20)),
		c.quote6(ours6(ip.ProtoTCP), tcp, len(tcp), showsTCP),
		c.quote6(ours6(ip.ProtoICMPv6), echo, 8, showsEcho),
	}
}

// errors6 are the errors of RFC 4443, each code.
func (c *capture) errors6() {
	quotes := c.quotes6()
	for code := range icmp6.Code(10) {
		q := quotes[code%3]
		c.v6(fmt.Sprint("unreachable ", code), icmp6.DestUnreachable{Code: code, Quote: q.octets}, q)
	}
	for i, mtu := range []uint32{0, 1280, 9000, 1<<32 - 1} {
		q := quotes[i%3]
		c.v6(fmt.Sprint("packet too big, MTU ", mtu), icmp6.PacketTooBig{MTU: mtu, Quote: q.octets}, q, say{"icmpv6.mtu", mtu})
	}
	for code := range icmp6.Code(2) {
		q := quotes[code]
		c.v6(fmt.Sprint("time exceeded ", code), icmp6.TimeExceeded{Code: code, Quote: q.octets}, q)
	}
	for code := range icmp6.Code(11) {
		q, pointer := quotes[code%3], uint32(code)<<24|6
		c.v6(fmt.Sprint("parameter problem ", code), icmp6.ParameterProblem{Code: code, Pointer: pointer, Quote: q.octets}, q,
			say{"icmpv6.pointer", pointer})
	}

	// Extension headers in the quote.
	udp, showsUDP := c.udp(here6, there6, 20)
	chain, showsChain := c.chain(ip.ProtoUDP)
	q := c.quote6(ours6(ip.ProtoHopByHop), append(chain, udp...), len(chain)+8, showsChain, showsUDP)
	c.v6("time exceeded, extension headers quoted", icmp6.TimeExceeded{Quote: q.octets}, q)
	// A fragment from the middle, without ports.
	f := ip.Fragment6{Next: ip.ProtoUDP, Offset: 1232, MF: true, ID: 0xcafe0001}
	q = c.quote6(ours6(ip.ProtoFragment), append(c.must(f.AppendBinary(nil)), make([]byte, 32)...), 8+16, showsFragment(f), zeros(16))
	c.v6("time exceeded, fragment quoted", icmp6.TimeExceeded{Code: icmp6.CodeReassembly, Quote: q.octets}, q)
}

// extensions6 are errors with extensions, at the end of a length attribute, and
// one behind 128 octets without it.
func (c *capture) extensions6() {
	udp, shows := c.udp(here6, there6, 200)
	short, long := c.quote6(ours6(ip.ProtoUDP), udp, 8, shows), c.quote6(ours6(ip.ProtoUDP), udp, 101, shows)
	for _, x := range c.structures() {
		add := func(name string, m icmp6.Message, q quoted, shows ...say) {
			p := c.v6(name+", "+x.name, m, q, append(shows, x.shows)...)
			x.except(p, x)
			p.beyond(40+8+40+8, len(p.octets)-len(x.octets), len(x.octets))
		}
		length := say{"icmpv6.length", 16}
		add("time exceeded", icmp6.TimeExceeded{Quote: short.octets, Ext: x.octets}, short, length)
		add("unreachable", icmp6.DestUnreachable{Code: icmp6.CodeAddrUnreachable, Quote: short.octets, Ext: x.octets}, short, length)
		add("time exceeded, long quote", icmp6.TimeExceeded{Quote: long.octets, Ext: x.octets}, long, say{"icmpv6.length", 18})
	}
	x := c.structures()[0]
	p := c.v6("time exceeded, no length, "+x.name, icmp6.TimeExceeded{Quote: short.octets, Ext: x.octets, Legacy: true}, short)
	p.beyond(40+8+40+8, len(p.octets)-len(x.octets), len(x.octets))
	p.except("icmp.ext.version", nil, "RFC 4884 §5.5: an extension without a length attribute begins behind 128 octets, in ICMPv6 too")
}

// probe6 are the messages of RFC 8335.
func (c *capture) probe6() {
	for i, x := range c.identifications() {
		local := i%2 == 0
		p := c.v6("extended echo request, "+x.name, icmp6.ExtendedEchoRequest{ID: 0x0102, Seq: 200, Local: local, Ext: x.octets}, none,
			say{"icmpv6.echo.identifier", hex16(0x0102), "icmpv6.ext.echo.seq", 200, "icmpv6.ext.echo.req.res", hex8(0), "icmpv6.ext.echo.req.local", local}, x.shows)
		x.except(p, x)
	}
	for code := range icmp6.Code(5) {
		m := icmp6.ExtendedEchoReply{Code: code, ID: 0x0102, Seq: 200, State: icmp6.NeighborState(code + 2), Active: code%2 == 0, IPv4: code%2 == 1, IPv6: code > 2}
		c.v6(fmt.Sprint("extended echo reply ", code), m, none, say{
			"icmpv6.echo.identifier", hex16(0x0102), "icmpv6.ext.echo.seq", 200, "icmpv6.ext.echo.rsp.state", uint8(m.State),
			"icmpv6.ext.echo.rsp.res", hex8(0), "icmpv6.ext.echo.rsp.active", m.Active, "icmpv6.ext.echo.rsp.ipv4", m.IPv4, "icmpv6.ext.echo.rsp.ipv6", m.IPv6,
		})
	}
}

// listeners6 are the messages of multicast listener discovery.
func (c *capture) listeners6() {
	group, other := addr("ff02::1:ff00:42"), addr("ff3e::8000:1")
	for _, m := range []icmp6.MLD{
		{Type: icmp6.TypeMLDQuery, MaxResponse: 10000, Group: group},
		{Type: icmp6.TypeMLDReport, Group: group},
		{Type: icmp6.TypeMLDDone, Group: group},
	} {
		c.v6(m.String(), m, none, say{"icmpv6.mld.maximum_response_delay", m.MaxResponse, "icmpv6.mld.multicast_address", group})
	}
	sources := c.must(mld.AppendAddrs(nil, here6, there6))
	q := icmp6.MLDv2Query{MaxResponse: 0x8123, Group: other, Suppress: true, QRV: 5, QQIC: 0x9a, Sources: sources}
	c.v6("query, version 2", q, none, say{
		"icmpv6.mld.maximum_response_code", mld.ResponseDelay(q.MaxResponse).Milliseconds(), "icmpv6.mld.multicast_address", other,
		"icmpv6.mld.flag.s", true, "icmpv6.mld.flag.qrv", 5, "icmpv6.mld.flag.reserved", 0, "icmpv6.mld.qqi", int(mld.QueryInterval(q.QQIC).Seconds()),
		"icmpv6.mld.nb_sources", 2, "icmpv6.mld.source_address", here6, "icmpv6.mld.source_address", there6,
	})
	var records []byte
	shows := say{"icmpv6.mldr.nb_mcast_records", 6}
	for typ := mld.ModeIsInclude; typ <= mld.BlockOldSources; typ++ {
		r := mld.Record{Type: typ, Group: group, Sources: sources[:16*(int(typ)%3)]}
		if typ == mld.AllowNewSources {
			r.Aux = []byte{1, 2, 3, 4}
		}
		records = c.must(r.AppendBinary(records))
		shows = append(shows, "icmpv6.mldr.mar.record_type", uint8(typ), "icmpv6.mldr.mar.aux_data_len", len(r.Aux)/4,
			"icmpv6.mldr.mar.nb_sources", len(r.Sources)/16, "icmpv6.mldr.mar.multicast_address", group)
		for a := range mld.Addrs(r.Sources) {
			shows = append(shows, "icmpv6.mldr.mar.source_address", a)
		}
		if r.Aux != nil {
			shows = append(shows, "icmpv6.mldr.mar.auxiliary_data", r.Aux)
		}
	}
	c.v6("report, version 2", icmp6.MLDv2Report{Records: records}, none, shows)
}

// others6 are the messages that have no form of their own here: type, code and
// checksum.
func (c *capture) others6() {
	body := make([]byte, 60) // tshark knows more of some types, and would find fault with this
	seen := map[icmp6.Kind]bool{}
	for _, p := range c.packets {
		var k icmp6.Kind
		_, _ = fmt.Sscan(p.want["icmpv6.type"][0], &k.Type)
		_, _ = fmt.Sscan(p.want["icmpv6.code"][0], &k.Code)
		seen[k] = true
	}
	for k := range icmp6.Kinds() {
		if !seen[k] {
			c.v6(fmt.Sprintf("raw %d/%d", k.Type, k.Code), icmp6.Raw{Type: k.Type, Code: k.Code, Body: body}, none).raw = true
		}
	}
	for _, typ := range []icmp6.Type{0, 5, 99, 102, 127, 162, 199, 202, 255} {
		c.v6(fmt.Sprintf("raw %d", typ), icmp6.Raw{Type: typ, Body: body}, none).raw = true
	}
}
