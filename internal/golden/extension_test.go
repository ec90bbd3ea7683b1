package golden_test

import (
	"fmt"
	"slices"

	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// An extended structure: its octets, what is to be seen in them, and what
// tshark makes of them otherwise.
type extended struct {
	name   string
	octets []byte
	shows  say
	except func(p *packet, x extended)
}

// structure makes objects a structure.
func (c *capture) structure(name string, objects []byte, shows ...any) extended {
	return extended{
		name:   name,
		octets: c.must(extension.Structure{Objects: objects}.AppendBinary(nil)),
		shows:  append(say{"icmp.ext.version", 2, "icmp.ext.res", hex16(0), "icmp.ext.checksum.status", sumGood}, shows...),
		except: func(*packet, extended) {},
	}
}

// nameIsLast is for structures that end with the name of an interface.
func nameIsLast(p *packet, _ extended) {
	p.except("icmp.int_info.name", nil, "RFC 5837 §4.3: the length of a name counts its own octet, so a name may be the last in its object")
}

// addressIsPadded is for identifications by an address that does not fill
// whole words.
func addressIsPadded(p *packet, x extended) {
	p.except("icmp.int_ident.address", []any{x.octets[12:]}, "RFC 8335 §2.1: the address is as long as its length octet says, zeros behind it are padding")
}

// object says what the header of an object shows.
func object(length int, class extension.Class, ctype extension.CType) say {
	return say{"icmp.ext.length", length, "icmp.ext.class", uint8(class), "icmp.ext.ctype", uint8(ctype)}
}

// structures are the structures that errors carry.
func (c *capture) structures() []extended {
	labels := c.must(extension.AppendLabels(nil,
		extension.Label{Label: 24001, TC: 5, TTL: 254}, extension.Label{Label: extension.MaxLabel, Bottom: true, TTL: 1}))
	showsLabels := append(object(len(labels), 1, 1),
		"icmp.mpls.label", 24001, "icmp.mpls.exp", 5, "icmp.mpls.s", false, "icmp.mpls.ttl", 254,
		"icmp.mpls.label", 0xfffff, "icmp.mpls.exp", 0, "icmp.mpls.s", true, "icmp.mpls.ttl", 1)

	infos := []extension.InterfaceInfo{
		{Role: extension.RoleIncoming, Index: 7, Addr: router4, Name: []byte("ge-0/0/1"), MTU: 1500},
		{Role: extension.RoleOutgoing, Index: 4000000000, Addr: router6, Name: []byte("xe-1"), MTU: 9000},
		{Role: extension.RoleIncomingSub, Name: []byte("ae0.7")},
		{Role: extension.RoleNextHop, Addr: there4},
	}
	all := []extended{c.structure("MPLS", labels, showsLabels...)}
	for _, info := range infos {
		b := c.must(info.AppendBinary(nil))
		all = append(all, c.structure("interface "+info.Role.String(), b, showsInfo(info, len(b), b[3])...))
	}
	all[3].except = nameIsLast

	other := extension.Object{Class: 200, CType: 9, Payload: []byte{1, 2, 3, 4, 5, 6, 7, 8}}
	unknown := c.must(other.AppendBinary(nil))
	showsUnknown := append(object(12, 200, 9), "icmp.ext.data", other.Payload)
	info := c.must(infos[0].AppendBinary(nil))
	return append(all,
		c.structure("unknown object", unknown, showsUnknown...),
		c.structure("three objects", slices.Concat(labels, unknown, info),
			slices.Concat(showsLabels, showsUnknown, showsInfo(infos[0], len(info), info[3]))...))
}

// showsInfo says what an interface information shows.
func showsInfo(i extension.InterfaceInfo, length int, ctype byte) say {
	s := append(object(length, 2, extension.CType(ctype)), "icmp.int_info.role", uint8(i.Role), "icmp.int_info.reserved", 0,
		"icmp.int_info.ifindex", i.Index != 0, "icmp.int_info.ipaddr", i.Addr.IsValid(),
		"icmp.int_info.name_present", len(i.Name) > 0, "icmp.int_info.mtu_present", i.MTU != 0)
	if i.Index != 0 {
		s = append(s, "icmp.int_info.index", i.Index)
	}
	switch {
	case i.Addr.Is4():
		s = append(s, "icmp.int_info.afi", 1, "icmp.int_info.ipv4", i.Addr)
	case i.Addr.Is6():
		s = append(s, "icmp.int_info.afi", 2, "icmp.int_info.ipv6", i.Addr)
	}
	if n := len(i.Name); n > 0 {
		s = append(s, "icmp.int_info.name_length", (n+1+3)/4*4, "icmp.int_info.name", string(i.Name))
	}
	if i.MTU != 0 {
		s = append(s, "icmp.int_info.mtu", i.MTU)
	}
	return s
}

// extensions4 are errors with extensions, at the end of a length attribute and
// behind 128 octets without one.
func (c *capture) extensions4() {
	udp, shows := c.udp(here4, there4, 200)
	short, long := c.quote4(ours4(ip.ProtoUDP), udp, 8, shows), c.quote4(ours4(ip.ProtoUDP), udp, 125, shows)
	for _, x := range c.structures() {
		length := say{"icmp.length", 32, "icmp.length.original_datagram", 128}
		add := func(name string, m icmp4.Message, q quoted, shows ...say) {
			p := c.v4(name+", "+x.name, m, q, append(shows, x.shows)...)
			x.except(p, x)
			much := 20 // behind the end
			if p.want["icmp.length"] == nil {
				much = 0
			}
			p.beyond(20+8+20+8, len(p.octets)-len(x.octets), much)
		}
		add("time exceeded", icmp4.TimeExceeded{Quote: short.octets, Ext: x.octets}, short, length)
		add("unreachable", icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: short.octets, Ext: x.octets}, short, length)
		add("parameter problem", icmp4.ParameterProblem{Pointer: 1, Quote: short.octets, Ext: x.octets}, short, length, say{"icmp.pointer", 1})
		add("time exceeded, long quote", icmp4.TimeExceeded{Quote: long.octets, Ext: x.octets}, long,
			say{"icmp.length", 37, "icmp.length.original_datagram", 148})
		add("fragmentation needed", icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: short.octets, Ext: x.octets}, short,
			length, say{"icmp.mtu", 1400})
		add("time exceeded, no length", icmp4.TimeExceeded{Quote: short.octets, Ext: x.octets, Legacy: true}, short)
	}
}

// beyond says that tshark takes octets of the extension, which begins at octet
// end, for data of the datagram that is quoted: up to much of them. The data
// begin at octet at.
func (p *packet) beyond(at, end, much int) {
	if much == 0 {
		p.want.add(say{"data.data", p.octets[at:end], "data.len", end - at})
		return
	}
	data := p.octets[at:min(end+much, len(p.octets))]
	why := "RFC 4884 §4: the quote ends where the length attribute says"
	p.except("data.data", []any{data}, why)
	p.except("data.len", []any{len(data)}, why)
}

// identifications are the three ways to ask for an interface, with two forms of
// the third.
func (c *capture) identifications() []extended {
	var all []extended
	for _, id := range []struct {
		id    extension.InterfaceID
		shows say
	}{
		{extension.IdentifyName([]byte("eth0")), say{"icmp.int_ident.name", "eth0"}},
		{extension.IdentifyIndex(70000), say{"icmp.int_ident.index", 70000}},
		{extension.IdentifyAddr(there4), say{"icmp.int_ident.afi", 1, "icmp.int_ident.addr_length", 4, "icmp.int_ident.ipv4", there4}},
		{extension.IdentifyAddr(there6), say{"icmp.int_ident.afi", 2, "icmp.int_ident.addr_length", 16, "icmp.int_ident.ipv6", there6}},
		{
			extension.InterfaceID{CType: extension.CTypeAddress, AFI: 16389, Address: []byte{2, 0, 0x5e, 0, 0, 1}},
			say{"icmp.int_ident.afi", 16389, "icmp.int_ident.addr_length", 6, "icmp.int_ident.address", []byte{2, 0, 0x5e, 0, 0, 1}},
		},
	} {
		b := c.must(id.id.AppendBinary(nil))
		all = append(all, c.structure(id.id.String(), b, append(object(len(b), 3, id.id.CType), id.shows...)...))
	}
	all[4].except = addressIsPadded
	return all
}

// probe4 are the messages of RFC 8335.
func (c *capture) probe4() {
	for i, x := range c.identifications() {
		local := i%2 == 0
		p := c.v4("extended echo request, "+x.name, icmp4.ExtendedEchoRequest{ID: 0x0102, Seq: 200, Local: local, Ext: x.octets}, none,
			say{"icmp.ident", 0x0102, "icmp.ext.echo.seq", 200, "icmp.ext.echo.req.res", hex8(0), "icmp.ext.echo.req.local", local}, x.shows)
		x.except(p, x)
	}
	for code := range icmp4.Code(5) {
		m := icmp4.ExtendedEchoReply{Code: code, ID: 0x0102, Seq: 200, State: icmp4.NeighborState(code + 2), Active: code%2 == 0, IPv4: code%2 == 1, IPv6: code > 2}
		c.v4(fmt.Sprint("extended echo reply ", code), m, none, say{
			"icmp.ident", 0x0102, "icmp.ext.echo.seq", 200, "icmp.ext.echo.rsp.state", uint8(m.State), "icmp.ext.echo.rsp.res", hex8(0),
			"icmp.ext.echo.rsp.active", m.Active, "icmp.ext.echo.rsp.ipv4", m.IPv4, "icmp.ext.echo.rsp.ipv6", m.IPv6,
		})
	}
}
