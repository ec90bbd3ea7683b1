package stack

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/pmtu"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/quote"
)

// believe4 judges a received error and acts on it: the quote must be of
// something that this node has sent and that its transport still has in flight
// (H-04, H-05). Anyone can forge an error; few can see what is in flight.
func (n *Node) believe4(now time.Time, in *inbound) mib.Drop {
	e := &n.trouble
	*e = Trouble{From: in.src, Type: in.payload[0], Code: in.payload[1]}
	k := icmp4.Kind{Type: icmp4.Type(e.Type), Code: icmp4.Code(e.Code)}
	var body []byte
	var mtu int
	switch k.Type {
	case icmp4.TypeSourceQuench:
		if !n.cfg.QuenchReceived {
			return mib.SourceQuenchIgnored
		}
		m, err := icmp4.DecodeSourceQuench(in.payload)
		if err != nil {
			return mib.ICMPShort
		}
		body, e.Severity = m.Quote, Slow
	case icmp4.TypeParameterProblem:
		m, err := icmp4.DecodeParameterProblem(in.payload)
		if err != nil {
			return mib.ICMPShort
		}
		body, e.Ext, e.Pointer = m.Quote, m.Ext, uint32(m.Pointer)
	case icmp4.TypeTimeExceeded:
		m, err := icmp4.DecodeTimeExceeded(in.payload)
		if err != nil {
			return mib.ICMPShort
		}
		body, e.Ext = m.Quote, m.Ext
	default:
		m, err := icmp4.DecodeDestUnreachable(in.payload)
		if err != nil {
			return mib.ICMPShort
		}
		body, e.Ext, mtu = m.Quote, m.Ext, int(m.MTU)
		switch m.Code {
		case icmp4.CodeFragNeeded:
			e.Severity = TooBig
		case icmp4.CodeProtocolUnreachable, icmp4.CodePortUnreachable:
			e.Severity = Hard
		}
	}
	e.Cause, _ = report.Cause4(k)
	return n.believe(now, in, body, mtu)
}

// believe6 is [Node.believe4] for ICMPv6.
func (n *Node) believe6(now time.Time, in *inbound) mib.Drop {
	e := &n.trouble
	*e = Trouble{From: in.src, Type: in.payload[0], Code: in.payload[1]}
	var body []byte
	var mtu int
	switch icmp6.Type(e.Type) {
	case icmp6.TypeDestUnreachable:
		m, err := icmp6.DecodeDestUnreachable(in.payload)
		if err != nil {
			return mib.ICMPShort
		}
		body, e.Ext = m.Quote, m.Ext
		if m.Code == icmp6.CodePortUnreachable {
			e.Severity = Hard
		}
	case icmp6.TypePacketTooBig:
		m, err := icmp6.DecodePacketTooBig(in.payload)
		if err != nil {
			return mib.ICMPShort
		}
		body, mtu, e.Severity = m.Quote, int(m.MTU), TooBig
	case icmp6.TypeTimeExceeded:
		m, err := icmp6.DecodeTimeExceeded(in.payload)
		if err != nil {
			return mib.ICMPShort
		}
		body, e.Ext = m.Quote, m.Ext
	case icmp6.TypeParameterProblem:
		m, err := icmp6.DecodeParameterProblem(in.payload)
		if err != nil {
			return mib.ICMPShort
		}
		body, e.Pointer = m.Quote, m.Pointer
		if m.Code == icmp6.CodeUnknownNextHeader {
			e.Severity = Hard
		}
	default:
		// E-13: an unknown error goes to the upper layer all the same.
		body = in.payload[icmp6.HeaderLen:]
	}
	e.Cause, _ = report.Cause6(icmp6.Kind{Type: icmp6.Type(e.Type), Code: icmp6.Code(e.Code)})
	return n.believe(now, in, body, mtu)
}

// believe does what both families have in common with n.trouble: read the
// quote, ask the transport, lower the path MTU, report.
func (n *Node) believe(now time.Time, in *inbound, body []byte, mtu int) mib.Drop {
	e := &n.trouble
	q, why := n.quoted(body)
	if why != mib.None {
		return why
	}
	standing := n.recognise(now, q)
	if standing == Unrecognised {
		if e.Severity == TooBig {
			return mib.PTBUnrecognised
		}
		return mib.QuoteUnrecognised
	}
	if e.Severity == TooBig {
		if why := n.lowerMTU(now, in, q, mtu); why != mib.None {
			return why
		}
	}
	// H-06: only its peer may end a synchronised connection.
	if e.Severity == Hard && standing == Synchronised {
		e.Severity = Soft
	}
	e.Quote = q
	n.note(now, in, Event{Kind: EventTrouble, Cause: e.Cause, MTU: e.MTU, Rule: "H-04"})
	n.cfg.Upper.Report(now, e)
	return mib.None
}

// quoted reads what an error is about, and refuses what this node cannot have
// sent.
func (n *Node) quoted(body []byte) (*quote.Quote, mib.Drop) {
	q, err := quote.Parse(body)
	if err != nil || !q.Has(quote.Addrs|quote.Proto) {
		return nil, mib.QuoteUnreadable
	}
	if !n.isOwn(q.Src) {
		return nil, mib.QuoteForeign
	}
	n.quote = q
	return &n.quote, mib.None
}

func (n *Node) recognise(now time.Time, q *quote.Quote) Standing {
	if n.cfg.Upper == nil {
		return Unrecognised
	}
	return n.cfg.Upper.Recognise(now, q)
}

// lowerMTU lowers the path MTU to the quoted destination (H-15): never without
// a recognised quote (H-16), never upwards.
func (n *Node) lowerMTU(now time.Time, in *inbound, q *quote.Quote, mtu int) mib.Drop {
	h, ok := n.hop(q.Dst, 0, 0)
	if !ok {
		return mib.QuoteForeign
	}
	got, why := n.paths.Lower(now, pmtu.Report{
		Dst: q.Dst, MTU: mtu, QuotedLen: int(q.TotalLen), HeaderLen: int(q.HeaderLen), LinkMTU: n.ifaces[h.Iface].MTU,
	})
	n.trouble.MTU = got
	if why != mib.None {
		return why
	}
	n.note(now, in, Event{Kind: EventPMTU, MTU: got, Via: q.Dst, Rule: "H-15"})
	return mib.None
}

// redirected judges a redirect (H-07). When it is accepted, the next datagram
// for that destination uses the new gateway. Codes 0 and 2, for networks, count
// as 1 and 3, for hosts.
func (n *Node) redirected(now time.Time, in *inbound) mib.Drop {
	m, err := icmp4.DecodeRedirect(in.payload)
	switch {
	case err != nil:
		return mib.ICMPShort
	case m.Code > icmp4.CodeRedirectTOSHost:
		return mib.ICMPUnknownCode
	case n.cfg.Forward:
		return mib.RedirectToGateway
	case n.cfg.Redirects == RedirectIgnore:
		return mib.RedirectIgnored
	}
	q, why := n.quoted(m.Quote)
	if why != mib.None {
		return mib.RedirectQuote
	}
	cur, known := n.hop(q.Dst, 0, 0)
	to, why := n.betterHop(m.Gateway)
	if why != mib.None {
		return why
	}
	if n.cfg.Redirects == RedirectSecure {
		switch {
		case !known || cur.Via != in.src || cur.Iface != in.iface:
			return mib.RedirectNotFirstHop
		case to.Iface != in.iface:
			return mib.RedirectOffLink
		case n.recognise(now, q) == Unrecognised:
			return mib.QuoteUnrecognised
		}
	}
	n.redirects.learn(q.Dst, to)
	n.note(now, in, Event{Kind: EventRedirect, Via: m.Gateway, Rule: "H-07"})
	if n.cfg.Upper != nil {
		n.trouble = Trouble{From: in.src, Type: in.payload[0], Code: in.payload[1], Cause: report.RedirectHost, Severity: Rerouted, Quote: q}
		n.cfg.Upper.Report(now, &n.trouble)
	}
	return mib.None
}

// betterHop finds the connected network that a redirect's gateway is on.
func (n *Node) betterHop(g netip.Addr) (route.Hop, mib.Drop) {
	switch {
	case n.isOwn(g):
		return route.Hop{}, mib.RedirectOwnAddress
	case !g.IsGlobalUnicast() || n.isBroadcast(g):
		return route.Hop{}, mib.RedirectNotUnicast
	}
	for i := range n.ifaces {
		for _, p := range n.ifaces[i].Addrs {
			if p.Contains(g) {
				return route.Hop{Iface: i, Via: g}, mib.None
			}
		}
	}
	return route.Hop{}, mib.RedirectOffLink
}
