package explain

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sonde-net/sonde/explain/field"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// message4 explains an ICMPv4 message.
func (x *explainer) message4() {
	s := x.Sheet("layer.icmp4", x.at, x.msg)
	x.head(s)
	t, c := icmp4.Type(x.msg[0]), icmp4.Code(x.msg[1])
	end := s.Layout(field.Columns4(t, c))
	m, err := icmp4.DecodeCut(x.msg, x.wireLen)
	if err != nil {
		octet, why := x.reason(err)
		x.Faults = append(x.Faults, Fault{Octet: x.at + octet, Text: why})
		s.Tail(end, "f.data")
	} else {
		x.rest4(s, end, m)
	}
	x.trailer()
}

// rest4 says what a message says, and enters the fields behind its fixed part.
func (x *explainer) rest4(s field.Sheet, end int, m icmp4.Message) {
	switch m := m.(type) {
	case icmp4.Echo:
		x.echo(m.ID, m.Seq, len(m.Data), x.wireLen-icmp4.HeaderLen)
		s.Tail(end, "f.data")
	case icmp4.DestUnreachable:
		x.errorBody(s, bodyOf(m.Quote, m.Ext, m.Length, m.Legacy), extension.Unit4)
		x.unreachable4(m)
	case icmp4.SourceQuench:
		x.errorBody(s, extension.Body{Quote: m.Quote}, 0)
		x.says("s.quench")
	case icmp4.Redirect:
		x.errorBody(s, extension.Body{Quote: m.Quote}, 0)
		x.redirect4(m)
	case icmp4.TimeExceeded:
		x.errorBody(s, bodyOf(m.Quote, m.Ext, m.Length, m.Legacy), extension.Unit4)
		x.exceeded(m.Code == icmp4.CodeTTLExceeded, m.Code == icmp4.CodeReassembly)
	case icmp4.ParameterProblem:
		x.errorBody(s, bodyOf(m.Quote, m.Ext, m.Length, m.Legacy), extension.Unit4)
		if m.Code == icmp4.CodeMissingOption {
			x.says("s.option", x.Name(field.OptionName(m.Pointer)), field.Dec(m.Pointer))
		} else {
			x.pointer(m.Quote, int64(m.Pointer))
		}
	case icmp4.ConversionError:
		x.errorBody(s, extension.Body{Quote: m.Quote}, 0)
		x.pointer(m.Quote, int64(m.Pointer))
	case icmp4.MobileRedirect:
		x.errorBody(s, extension.Body{Quote: m.Quote}, 0)
		x.says("s.address", m.Address.String())
	case icmp4.Photuris:
		x.errorBody(s, extension.Body{Quote: m.Quote}, 0)
		if m.Pointer != 0 {
			x.says("s.spi", field.Dec(m.Pointer))
		}
	case icmp4.AlternateAddress:
		x.says("s.address", m.Address.String())
		s.Tail(end, "f.data")
	case icmp4.ExtendedEchoRequest:
		x.probeRequest(s, m.ID, m.Seq, m.Local, m.Ext)
	case icmp4.ExtendedEchoReply:
		x.probeReply(s, m.ID, m.Seq, m.Code == icmp4.CodeNoError, m.Active, m.IPv4, m.IPv6, m.State.String(), m.State != 0)
	default:
		x.query4(s, end, m)
	}
}

// query4 is rest4 for questions, answers and announcements.
func (x *explainer) query4(s field.Sheet, end int, m icmp4.Message) {
	switch m := m.(type) {
	case icmp4.RouterAdvertisement:
		var all []netip.Addr
		size := 4 * max(2, int(m.EntrySize))
		for r := range m.Routers() {
			text := ""
			if r.Preference == icmp4.NotDefault {
				text = x.Say("m.default")
			}
			s.Addr(end, 4, "f.router")
			s.Put(end+4, 4, "f.preference", field.Dec(r.Preference), text)
			if size > 8 {
				s.Put(end+8, size-8, "f.data", "", "")
			}
			end += size
			all = append(all, r.Addr)
		}
		x.says("s.routers", x.Span(m.Lifetime), list(all))
		s.Tail(end, "f.rest")
	case icmp4.RouterSolicitation:
		s.Tail(end, "f.rest")
	case icmp4.TimestampMessage:
		x.says("s.query", field.Dec(m.ID), field.Dec(m.Seq))
		x.times(m)
		s.Tail(end, "f.rest")
	case icmp4.AddressMask:
		x.says("s.query", field.Dec(m.ID), field.Dec(m.Seq))
		if m.Reply {
			x.says("s.mask", m.Mask.String()+" ("+x.MaskText(m.Mask)+")")
		}
		s.Tail(end, "f.rest")
	case icmp4.Info:
		x.says("s.query", field.Dec(m.ID), field.Dec(m.Seq))
		s.Tail(end, "f.rest")
	case icmp4.DomainNameRequest:
		x.says("s.query", field.Dec(m.ID), field.Dec(m.Seq))
		s.Tail(end, "f.rest")
	case icmp4.DomainNameReply:
		var names []string
		for n, err := range m.All() {
			if err != nil {
				octet, why := x.reason(err)
				x.Faults = append(x.Faults, Fault{Octet: x.at + end + octet, Text: why})
				break
			}
			names = append(names, n)
		}
		if len(names) == 0 {
			x.says("s.names.none")
		} else {
			x.says("s.names", strings.Join(names, ", "))
		}
		s.Tail(end, "f.names")
	case icmp4.Traceroute:
		x.says("s.traceroute", field.Dec(m.OutboundHops), field.Dec(m.ReturnHops))
		s.Tail(end, "f.rest")
	default:
		s.Tail(end, "f.data")
	}
	if x.out.Text.Deprecated {
		x.says("s.empty")
	}
}

// bodyOf is the part that carries quote and extension.
func bodyOf(q, ext []byte, length uint8, legacy bool) extension.Body {
	return extension.Body{Quote: q, Ext: ext, Length: length, Legacy: legacy}
}

// echo says what an echo says; have and were are the octets of its data.
func (x *explainer) echo(id, seq uint16, have, were int) {
	x.says("s.echo", field.Dec(id), field.Dec(seq), field.Dec(max(have, were)))
	if to := x.out.To; to.IsValid() && (to.IsMulticast() || to == netip.AddrFrom4([4]byte{255, 255, 255, 255})) {
		x.says("s.broadcast", to.String())
	}
}

func (x *explainer) unreachable4(m icmp4.DestUnreachable) {
	x.undelivered()
	if m.Code == icmp4.CodeFragNeeded {
		x.mtu(uint32(m.MTU))
	}
}

// undelivered says whose datagram was lost.
func (x *explainer) undelivered() {
	if c := x.out.Conversation; c != nil && c.Src.IsValid() && c.Dst.IsValid() {
		x.says("s.undelivered", c.Src.String(), c.Dst.String())
	}
}

// exceeded says what ran out.
func (x *explainer) exceeded(ttl, reassembly bool) {
	c := x.out.Conversation
	switch {
	case c == nil:
	case ttl && c.TTL <= 1:
		x.says("s.ttl", field.Dec(c.TTL))
	case ttl:
		x.says("s.ttl.odd", field.Dec(c.TTL))
	case reassembly:
		x.says("s.reassembly", field.Dec(c.ID))
	}
}

// pointer says at which field of the quoted datagram a pointer points.
func (x *explainer) pointer(quoted []byte, at int64) {
	name, ok := "", false
	if at < 1<<16 {
		name, ok = x.NameAt(quoted, int(at))
	}
	switch {
	case !ok:
		x.says("s.pointer.far", strconv.FormatInt(at, 10))
	case at < int64(len(quoted)):
		x.says("s.pointer", field.Dec(int(at)), name)
		x.says("s.pointer.value", field.Hex(uint32(quoted[at]), 2))
	default:
		x.says("s.pointer", field.Dec(int(at)), name)
		x.says("s.pointer.beyond")
	}
}

func (x *explainer) redirect4(m icmp4.Redirect) {
	dst := "?"
	if c := x.out.Conversation; c != nil && c.Dst.IsValid() {
		dst = c.Dst.String()
	}
	key := "s.redirect"
	if m.Code == icmp4.CodeRedirectNet || m.Code == icmp4.CodeRedirectTOSNet {
		key = "s.redirect.net"
	}
	x.says(key, dst, m.Gateway.String())
	x.gateway(m.Gateway)
}

// gateway says what is odd about the gateway of a redirect.
func (x *explainer) gateway(g netip.Addr) {
	switch {
	case !g.IsValid() || g.IsUnspecified() || g.IsLoopback() || g.IsMulticast() || g == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		x.says("s.redirect.bad", g.String())
	case g == x.out.From:
		x.says("s.redirect.self")
	}
}

// times says the times of a timestamp message.
func (x *explainer) times(m icmp4.TimestampMessage) {
	asked, got := "s.time.asked", "s.time.got"
	if !field.Standard(m.Originate) {
		asked = "s.time.asked.odd"
	}
	x.says(asked, x.Clock(m.Originate))
	if !m.Reply {
		return
	}
	if !field.Standard(m.Receive) || !field.Standard(m.Transmit) {
		got = "s.time.got.odd"
	}
	x.says(got, x.Clock(m.Receive), x.Clock(m.Transmit))
	if field.Standard(m.Originate) && field.Standard(m.Receive) && field.Standard(m.Transmit) {
		x.says("s.time.diff", x.signed(m.Originate, m.Receive), x.signed(m.Receive, m.Transmit))
	}
}

// signed is the time from a to b, the shorter way round midnight.
func (x *explainer) signed(a, b icmp4.Timestamp) string {
	const day = 24 * time.Hour
	d := time.Duration(int64(b)-int64(a)) * time.Millisecond
	switch {
	case d > day/2:
		d -= day
	case d < -day/2:
		d += day
	}
	if d > 0 {
		return "+" + x.Span(d)
	}
	return x.Span(d)
}
