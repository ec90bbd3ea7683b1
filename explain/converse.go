package explain

import (
	"net/netip"
	"strconv"
	"sync"

	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/explain/field"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// services are the ports that need no look-up.
var services = sync.OnceValue(func() map[uint16]string {
	return map[uint16]string{
		20: "FTP", 21: "FTP", 22: "SSH", 23: "Telnet", 25: "SMTP", 53: "DNS", 67: "DHCP", 68: "DHCP", 69: "TFTP",
		80: "HTTP", 110: "POP3", 123: "NTP", 143: "IMAP", 161: "SNMP", 179: "BGP", 389: "LDAP", 443: "HTTPS",
		445: "SMB", 500: "IKE", 514: "syslog", 546: "DHCPv6", 547: "DHCPv6", 853: "DNS/TLS", 993: "IMAPS",
		1194: "OpenVPN", 3389: "RDP", 4500: "IKE/NAT", 4789: "VXLAN", 5060: "SIP", 5353: "mDNS", 51820: "WireGuard",
	}
})

// The ports that traceroute sends to begin here (traceroute(8)).
const traceFirst, traceLast = 33434, 33534

// quoted writes a name that a peer has sent.
func quoted(b []byte) string { return strconv.Quote(string(b)) }

// converse says about which conversation a quote is.
func (x *explainer) converse(q *quote.Quote) {
	c := &Conversation{
		Src: q.Src, Dst: q.Dst, SrcPort: q.SrcPort, DstPort: q.DstPort, ID: q.ID, TTL: uint8(q.TTL), Octets: q.TotalLen,
		DF: q.DF, TCPSeq: q.TCPSeq, ICMPType: q.ICMPType, ICMPCode: q.ICMPCode, ICMPID: q.ICMPID, ICMPSeq: q.ICMPSeq,
	}
	x.out.Conversation = c
	c.Protocol = "?"
	if q.Has(quote.Proto) {
		c.Protocol = q.Proto.String()
	}
	if q.Has(quote.Addrs) {
		x.about("a.quote", c.Protocol, end(q.Src, q.SrcPort, q.Has(quote.SrcPort)), end(q.Dst, q.DstPort, q.Has(quote.DstPort)))
	} else {
		x.about("a.short")
	}
	switch {
	case !q.Has(quote.TTL | quote.TotalLen):
	case q.Version == 6:
		x.about("a.hop", field.Dec(uint8(q.TTL)), field.Dec(q.TotalLen))
	default:
		x.about("a.id", field.Dec(q.ID), field.Dec(uint8(q.TTL)), field.Dec(q.TotalLen))
	}
	if q.FragOffset > 0 {
		x.about("a.fragment", field.Dec(q.FragOffset))
	}
	switch {
	case q.Has(quote.DstPort) && q.Proto == ip.ProtoUDP && q.DstPort >= traceFirst && q.DstPort <= traceLast:
		x.about("a.trace")
	case q.Has(quote.DstPort) && services()[q.DstPort] != "":
		x.about("a.service", field.Dec(q.DstPort), services()[q.DstPort])
	case q.Has(quote.SrcPort) && services()[q.SrcPort] != "":
		x.about("a.service", field.Dec(q.SrcPort), services()[q.SrcPort])
	}
	if q.Has(quote.TCPSeq) {
		x.about("a.tcp", field.Dec(q.TCPSeq))
	}
	x.inner(q)
	x.missing(q)
}

// end writes one end of a conversation.
func end(a netip.Addr, port uint16, has bool) string {
	switch {
	case !a.IsValid():
		return "?"
	case has:
		return netip.AddrPortFrom(a, port).String()
	}
	return a.String()
}

// inner says what a quoted ICMP message is.
func (x *explainer) inner(q *quote.Quote) {
	if !q.Has(quote.ICMPType) {
		return
	}
	k := catalogue.Kind{Family: catalogue.ICMPv4, Type: q.ICMPType, Code: q.ICMPCode}
	if q.Proto == ip.ProtoICMPv6 {
		k.Family = catalogue.ICMPv6
	}
	x.about("a.icmp", k.String()+" "+catalogue.Of(k, x.lang).Title(x.lang))
	if k.IsError() {
		x.about("a.icmp.error")
	}
	if q.Has(quote.ICMPID | quote.ICMPSeq) {
		x.about("a.icmp.id", field.Dec(q.ICMPID), field.Dec(q.ICMPSeq))
	}
}

// missing says what the quote lacks.
func (x *explainer) missing(q *quote.Quote) {
	miss := func(key string, args ...string) {
		x.out.Conversation.Missing = append(x.out.Conversation.Missing, x.Say(key, args...))
	}
	switch {
	case !q.Has(quote.Addrs):
		miss("miss.addrs")
	case !q.Has(quote.Header):
		miss("miss.header")
	case q.FragOffset > 0:
	case (q.Proto == ip.ProtoTCP || q.Proto == ip.ProtoUDP) && !q.Has(quote.Ports):
		miss("miss.ports")
	case q.Proto == ip.ProtoTCP && !q.Has(quote.TCPSeq):
		miss("miss.seq")
	case (q.Proto == ip.ProtoICMP || q.Proto == ip.ProtoICMPv6) && !q.Has(quote.ICMPType):
		miss("miss.icmp")
	}
	if n := int(q.TotalLen) - int(q.HeaderLen) - len(q.Payload); n > 0 && q.Has(quote.Header) {
		miss("miss.payload", field.Dec(n))
	}
	if m := x.out.Conversation.Missing; len(m) > 0 {
		all := m[0]
		for _, s := range m[1:] {
			all += ", " + s
		}
		x.about("a.missing", all)
	}
}

// sender says who sent the message.
func (x *explainer) sender() {
	from, to, c, k := x.out.From, x.out.To, x.out.Conversation, x.kind()
	if !from.IsValid() {
		x.who("w.unknown")
		if c == nil {
			x.about("a.unknown")
		}
		return
	}
	switch {
	case c != nil && c.Dst.IsValid():
		x.role(c)
	case k.IsError():
		x.who("w.says", from.String(), to.String())
	default:
		x.who(x.verb(), from.String(), to.String())
		x.about("a.direct", from.String(), to.String())
	}
	x.distance()
}

// role says what the sender of an error is in the conversation.
func (x *explainer) role(c *Conversation) {
	from, to := x.out.From, x.out.To
	switch {
	case from == to && to == c.Src:
		x.who("w.self", from.String())
	case from == c.Dst:
		x.who("w.target", from.String(), to.String())
	default:
		x.who("w.router", from.String(), to.String(), c.Dst.String())
		if x.targetOnly() {
			x.who("w.proxy")
		}
	}
	if c.Src.IsValid() && to.IsValid() && to != c.Src {
		x.who("w.other", to.String(), c.Src.String())
	}
}

// targetOnly reports whether the message is one that only a destination sends.
func (x *explainer) targetOnly() bool {
	k := x.kind()
	if x.family == catalogue.ICMPv6 {
		t := icmp6.Kind{Type: icmp6.Type(k.Type), Code: icmp6.Code(k.Code)}
		return t == icmp6.Kind{Type: icmp6.TypeDestUnreachable, Code: icmp6.CodePortUnreachable} ||
			t == icmp6.Kind{Type: icmp6.TypeTimeExceeded, Code: icmp6.CodeReassembly}
	}
	switch t := (icmp4.Kind{Type: icmp4.Type(k.Type), Code: icmp4.Code(k.Code)}); t.Type {
	case icmp4.TypeDestUnreachable:
		return t.Code == icmp4.CodePortUnreachable || t.Code == icmp4.CodeProtocolUnreachable
	case icmp4.TypeTimeExceeded:
		return t.Code == icmp4.CodeReassembly
	}
	return false
}

// questions and answers are the types that are that; all others announce.
var (
	questions = map[catalogue.Family][]uint8{4: {8, 10, 13, 15, 17, 33, 35, 37, 42}, 6: {128, 130, 133, 135, 139, 141, 144, 146, 148, 152, 157, 160}}
	answers   = map[catalogue.Family][]uint8{4: {0, 14, 16, 18, 34, 36, 38, 43}, 6: {129, 140, 142, 145, 158, 161}}
)

func (x *explainer) verb() string {
	for _, t := range questions[x.family] {
		if t == x.msg[0] {
			return "w.asks"
		}
	}
	for _, t := range answers[x.family] {
		if t == x.msg[0] {
			return "w.answers"
		}
	}
	return "w.tells"
}

// distance says what the TTL of the packet tells.
func (x *explainer) distance() {
	t := x.msg[0]
	if x.family == catalogue.ICMPv6 {
		switch icmp6.Type(t) {
		case icmp6.TypeRouterSolicitation, icmp6.TypeRouterAdvertisement, icmp6.TypeNeighborSolicitation,
			icmp6.TypeNeighborAdvertisement, icmp6.TypeRedirect, icmp6.TypeInverseNDSolicitation, icmp6.TypeInverseNDAdvertisement:
			if x.ttl == 255 {
				x.who("w.onlink")
			} else if x.ttl >= 0 {
				x.who("w.offlink", field.Dec(x.ttl))
			}
			if (icmp6.Type(t) == icmp6.TypeRouterAdvertisement || icmp6.Type(t) == icmp6.TypeRedirect) && !x.out.From.IsLinkLocalUnicast() {
				x.who("w.linklocal", x.out.From.String())
			}
			return
		case icmp6.TypeMLDQuery, icmp6.TypeMLDReport, icmp6.TypeMLDDone, icmp6.TypeMLDv2Report:
			if x.ttl >= 0 && x.ttl != 1 {
				x.who("w.mldhop", field.Dec(x.ttl))
			}
			return
		}
	}
	for _, start := range []int{64, 128, 255} {
		switch {
		case x.ttl < 0 || x.ttl > start:
		case x.ttl == start:
			x.who("w.ttl.none", field.Dec(x.ttl))
			return
		case x.ttl == start-1:
			x.who("w.ttl.one", field.Dec(x.ttl), field.Dec(start))
			return
		default:
			x.who("w.ttl", field.Dec(x.ttl), field.Dec(start), field.Dec(start-x.ttl))
			return
		}
	}
}
