package narration

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// Describe reads a datagram: whose it is, what it is in words, and what the
// messages of its kind in its flow have in common.
func Describe(d []byte) (src, dst netip.Addr, what, flow string) {
	if len(d) > 0 && d[0]>>4 == 6 {
		return describe6(d)
	}
	h, payload, err := ip.Decode4(d)
	if err != nil {
		return src, dst, fmt.Sprintf("%d octets: %v", len(d), err), "unreadable"
	}
	var more []string
	if h.IsFragment() {
		more = append(more, fmt.Sprintf("fragment %d at %d of %d octets", h.ID, h.FragOffset, len(payload)))
	}
	more = append(more, fmt.Sprintf("ttl %d", h.TTL))
	if h.TOS != 0 {
		more = append(more, fmt.Sprintf("tos %#02x", h.TOS))
	}
	if h.DF {
		more = append(more, "df")
	}
	for o, err := range ip.Options4(h.Options) {
		if err == nil && o.Type != ip.OptEnd && o.Type != ip.OptNOP {
			more = append(more, o.Type.String())
		}
	}
	body, kind := h.Proto.String(), h.Proto.String()
	if h.First() {
		body, kind = upper(h.Proto, payload, h.MF, int(h.TotalLen)-h.HeaderLen())
	}
	return h.Src, h.Dst, body + ", " + strings.Join(more, ", "), key(h.Src, h.Dst, kind, h.IsFragment())
}

func describe6(d []byte) (src, dst netip.Addr, what, flow string) {
	h, payload, err := ip.Parse6(d)
	if err != nil {
		return src, dst, fmt.Sprintf("%d octets: %v", len(d), err), "unreadable"
	}
	body, kind := h.NextHeader.String(), h.NextHeader.String()
	more := ""
	if u, err := h.Upper(payload); err == nil {
		if !u.First() {
			body, kind = u.Proto.String(), u.Proto.String()
			more = ", later fragment"
		} else {
			body, kind = upper(u.Proto, u.Payload, false, len(u.Payload))
		}
	}
	return h.Src, h.Dst, fmt.Sprintf("%s%s, ttl %d", body, more, h.HopLimit), key(h.Src, h.Dst, kind, more != "")
}

func key(src, dst netip.Addr, kind string, fragment bool) string {
	return fmt.Sprintf("%v>%v %s %v", src, dst, kind, fragment)
}

// upper reads what an IP datagram carries; whole is how long it was before it
// was cut. kind is what it has in common with others.
func upper(p ip.Proto, b []byte, cut bool, whole int) (what, kind string) {
	what = fmt.Sprintf("%v, %d octets", p, whole)
	kind = p.String()
	switch {
	case p == ip.ProtoICMP && len(b) >= 2:
		k := icmp4.Kind{Type: icmp4.Type(b[0]), Code: icmp4.Code(b[1])}
		what, kind = k.String(), k.String()
		decode := icmp4.Decode
		if cut {
			decode = func(b []byte) (icmp4.Message, error) { return icmp4.DecodeCut(b, whole) }
		}
		if m, err := decode(b); err == nil {
			what = m.String() + about(m)
		}
	case p == ip.ProtoICMPv6 && len(b) >= 2:
		k := icmp6.Kind{Type: icmp6.Type(b[0]), Code: icmp6.Code(b[1])}
		what, kind = k.String(), k.String()
		if m, err := icmp6.Decode(b); err == nil {
			what = m.String()
		}
	case p == ip.ProtoUDP:
		if u, _, err := transport.DecodeUDP(b); err == nil {
			what = u.String()
		} else if src, dst, err := transport.ParsePorts(b); err == nil {
			what = fmt.Sprintf("UDP %d > %d", src, dst)
		}
	case p == ip.ProtoTCP:
		if t, data, err := transport.DecodeTCP(b); err == nil {
			what = fmt.Sprintf("%v, %d octets", t, len(data))
		}
	}
	return what, kind
}

// about says whose datagram an error quotes.
func about(m icmp4.Message) string {
	var b []byte
	switch m := m.(type) {
	case icmp4.DestUnreachable:
		b = m.Quote
	case icmp4.TimeExceeded:
		b = m.Quote
	case icmp4.ParameterProblem:
		b = m.Quote
	case icmp4.Redirect:
		b = m.Quote
	case icmp4.SourceQuench:
		b = m.Quote
	}
	q, err := quote.Parse(b)
	if err != nil || !q.Has(quote.Addrs|quote.Proto) {
		return ""
	}
	if src, dst, ok := q.Flow(); ok && q.Has(quote.Ports) {
		return fmt.Sprintf(", about %v %v > %v", q.Proto, src, dst)
	}
	return fmt.Sprintf(", about %v %v > %v", q.Proto, q.Src, q.Dst)
}
