package golden_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// none is the quote of a message that quotes nothing.
var none quoted

func icmp4Capture(t *testing.T) *capture {
	c := &capture{t: t}
	c.queries4()
	c.errors4()
	c.routers4()
	c.extensions4()
	c.probe4()
	c.legacy4()
	return c
}

// queries4 are the questions and answers.
func (c *capture) queries4() {
	data := []byte("let down into what cannot be seen")
	for _, reply := range []bool{false, true} {
		name := map[bool]string{false: "", true: " reply"}[reply]
		ids := say{"icmp.ident", 0x0102, "icmp.seq", 0xfffe}
		echo := icmp4.Echo{EchoType: icmp4.EchoType{Reply: reply}, ID: 0x0102, Seq: 0xfffe, Data: data}
		c.v4("echo"+name, echo, none, ids, say{"data.data", data, "data.len", len(data)})
		echo.Data = nil
		c.v4("echo without data"+name, echo, none, ids)

		stamps := icmp4.TimestampMessage{Reply: reply, ID: 0x0102, Seq: 0xfffe, Originate: 47045006}
		if reply {
			stamps.Receive, stamps.Transmit = 86399999, icmp4.NonStandard(7)
		}
		c.v4("timestamp"+name, stamps, none, ids, say{
			"icmp.originate_timestamp", uint32(stamps.Originate), "icmp.receive_timestamp", uint32(stamps.Receive),
			"icmp.transmit_timestamp", uint32(stamps.Transmit),
		})
		c.v4("information"+name, icmp4.Info{Reply: reply, ID: 0x0102, Seq: 0xfffe}, none, ids)
		mask := icmp4.AddressMask{Reply: reply, ID: 0x0102, Seq: 0xfffe}
		if reply {
			mask.Mask = 0xffffff80
		}
		c.v4("address mask"+name, mask, none, ids, say{"icmp.address_mask", mask.Mask})
	}
}

// errors4 are the errors of RFC 792, each code, with quotes of all sorts.
func (c *capture) errors4() {
	udp, showsUDP := c.udp(here4, there4, 20)
	tcp, showsTCP := c.tcp(here4, there4)
	echo, showsEcho := c.echo4(20)
	quotes := []quoted{
		c.quote4(ours4(ip.ProtoUDP), udp, 8, showsUDP),
		c.quote4(ours4(ip.ProtoTCP), tcp, 8, showsTCP),
		c.quote4(ours4(ip.ProtoICMP), echo, 8, showsEcho),
	}
	for code := range icmp4.Code(16) {
		m := icmp4.DestUnreachable{Code: code, Quote: quotes[code%3].octets}
		if code != icmp4.CodeFragNeeded {
			c.v4(fmt.Sprint("unreachable ", code), m, quotes[code%3])
			continue
		}
		for _, mtu := range []uint16{0, 68, 1492, 65535} {
			m.MTU = mtu
			c.v4(fmt.Sprint("fragmentation needed, MTU ", mtu), m, quotes[code%3], say{"icmp.mtu", mtu})
		}
	}
	for i, q := range quotes {
		c.v4(fmt.Sprint("source quench ", i), icmp4.SourceQuench{Quote: q.octets}, q)
	}
	for code := range icmp4.Code(4) {
		c.v4(fmt.Sprint("redirect ", code), icmp4.Redirect{Code: code, Gateway: router4, Quote: quotes[code%3].octets},
			quotes[code%3], say{"icmp.redir_gw", router4})
	}
	for code := range icmp4.Code(2) {
		c.v4(fmt.Sprint("time exceeded ", code), icmp4.TimeExceeded{Code: code, Quote: quotes[code].octets}, quotes[code])
	}
	for code := range icmp4.Code(3) {
		m := icmp4.ParameterProblem{Code: code, Quote: quotes[code].octets}
		if code == icmp4.CodePointer {
			m.Pointer = 20
		}
		p := c.v4(fmt.Sprint("parameter problem ", code), m, quotes[code])
		p.want.add(say{"icmp.pointer", m.Pointer})
		if code != icmp4.CodePointer {
			p.except("icmp.pointer", []any{0}, "RFC 792 p. 8: a pointer only with code 0")
		}
	}

	// The whole datagram.
	q := c.quote4(ours4(ip.ProtoUDP), udp, len(udp), showsUDP, zeros(20))
	c.v4("unreachable, all quoted", icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: q.octets}, q)
	// With options in its header.
	h := ours4(ip.ProtoUDP)
	h.Options = c.must(option.AppendRecordRoute(nil, 2))
	h.Options = ip.PadOptions(h.Options)
	q = c.quote4(h, udp, 8, showsUDP, say{"ip.opt.type", 7, "ip.opt.len", 11, "ip.opt.ptr", 4, "ip.empty_rt", "0.0.0.0", "ip.empty_rt", "0.0.0.0"}, say{"ip.opt.type", 0})
	c.v4("time exceeded, options quoted", icmp4.TimeExceeded{Quote: q.octets}, q)
	// A fragment from the middle, without ports.
	h = ours4(ip.ProtoUDP)
	h.DF, h.MF, h.FragOffset = false, true, 1480
	q = c.quote4(h, make([]byte, 24), 8, zeros(8))
	c.v4("time exceeded, fragment quoted", icmp4.TimeExceeded{Code: icmp4.CodeReassembly, Quote: q.octets}, q)

	// A checksum that does not hold, and one of the other zero.
	p := c.v4("echo, bad checksum", icmp4.Echo{ID: 1, Seq: 2}, none, say{"icmp.ident", 1, "icmp.seq", 2})
	p.octets[22] ^= 1
	p.want["icmp.checksum.status"] = []string{text(sumBad)}
	// A header whose checksum does not hold.
	p = c.v4("echo, bad header checksum", icmp4.Echo{ID: 1, Seq: 3}, none, say{"icmp.ident", 1, "icmp.seq", 3})
	p.octets[10] ^= 1
	p.want["ip.checksum.status"] = []string{text(sumBad)}
	// Padding of the link behind the datagram.
	p = c.v4("echo, padded by the link", icmp4.Echo{ID: 1, Seq: 4}, none, say{"icmp.ident", 1, "icmp.seq", 4})
	p.octets = append(p.octets, 0xa5, 0xa5, 0xa5)
	// A capture that has not taken all of it.
	p = c.v4("echo, cut by the capture", icmp4.Echo{ID: 1, Seq: 5, Data: make([]byte, 64)}, none,
		say{"icmp.ident", 1, "icmp.seq", 5}, zeros(24))
	p.cut = 40
	p.want["icmp.checksum.status"] = []string{text(sumUnverified)}
}

func (c *capture) routers4() {
	for i, code := range []icmp4.Code{icmp4.CodeNormalRouter, icmp4.CodeNoCommonTraffic} {
		m := icmp4.RouterAdvertisement{Code: code, Lifetime: time.Duration(1800-i) * time.Second}
		m.Entries = c.must(icmp4.AppendRouter(m.Entries, icmp4.Router{Addr: router4, Preference: 17}))
		m.Entries = c.must(icmp4.AppendRouter(m.Entries, icmp4.Router{Addr: there4, Preference: icmp4.NotDefault}))
		c.v4(fmt.Sprint("router advertisement ", code), m, none, say{
			"icmp.num_addrs", 2, "icmp.addr_entry_size", 2, "icmp.lifetime", 1800 - i,
			"icmp.router_address", router4, "icmp.pref_level", 17,
			"icmp.router_address", there4, "icmp.pref_level", -1 << 31,
		})
	}
	c.v4("router solicitation", icmp4.RouterSolicitation{}, none)
}

// legacy4 are the messages that tshark does not look into, or that have no form
// of their own here: type, code and checksum.
func (c *capture) legacy4() {
	udp, _ := c.udp(here4, there4, 20)
	q := c.quote4(ours4(ip.ProtoUDP), udp, 8)
	body := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	c.v4("alternate address", icmp4.AlternateAddress{Address: router4}, none)
	c.v4("traceroute", icmp4.Traceroute{ID: 1, OutboundHops: 2, ReturnHops: 0xffff, Speed: 3, MTU: 1500}, none)
	c.v4("traceroute, no route", icmp4.Traceroute{Code: icmp4.CodeNoRoute, ID: 1}, none)
	for _, code := range []icmp4.Code{0, 11} {
		c.v4(fmt.Sprint("conversion error ", code), icmp4.ConversionError{Code: code, Pointer: 9, Quote: q.octets}, none)
	}
	c.v4("mobile redirect", icmp4.MobileRedirect{Address: router4, Quote: q.octets}, none)
	c.v4("domain name request", icmp4.DomainNameRequest{ID: 1, Seq: 2}, none)
	c.v4("domain name reply", icmp4.DomainNameReply{
		ID: 1, Seq: 2, TTL: time.Hour, Names: c.must(icmp4.AppendName(nil, "host.example")),
	}, none)
	for code := range icmp4.Code(6) {
		c.v4(fmt.Sprint("photuris ", code), icmp4.Photuris{Code: code, Pointer: 20, Quote: q.octets}, none)
	}
	for _, typ := range []icmp4.Type{1, 2, 7, 19, 20, 29, 33, 34, 35, 36, 39, 41, 44, 252, 253, 254, 255} {
		c.v4(fmt.Sprint("raw ", uint8(typ)), icmp4.Raw{Type: typ, Body: body}, none)
	}
}
