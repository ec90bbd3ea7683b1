package stack

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/believe"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/pmtu"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/quote"
)

// believe4 judges a received error and acts on it (H-04, H-05).
func (n *Node) believe4(now time.Time, in *arrival.Datagram) mib.Drop {
	if icmp4.Type(in.Payload[0]) == icmp4.TypeSourceQuench && !n.cfg.QuenchReceived {
		return mib.SourceQuenchIgnored
	}
	if n.trouble.Set4(in.Src, in.Payload) != nil {
		return mib.ICMPShort
	}
	return n.believe(now, in)
}

// believe6 is [Node.believe4] for ICMPv6. An unknown error goes to the upper
// layer all the same (E-13).
func (n *Node) believe6(now time.Time, in *arrival.Datagram) mib.Drop {
	if n.trouble.Set6(in.Src, in.Payload) != nil {
		return mib.ICMPShort
	}
	return n.believe(now, in)
}

// believe does what both families have in common with n.trouble: judge it,
// lower the path MTU, report.
func (n *Node) believe(now time.Time, in *arrival.Datagram) mib.Drop {
	e := &n.trouble
	n.now = now
	if why := e.Judge(n.ours, n.knows); why != mib.None {
		return why
	}
	if e.Severity == TooBig {
		if why := n.lowerMTU(now, in); why != mib.None {
			return why
		}
	}
	n.note(now, in, Event{Kind: event.Trouble, Cause: e.Cause, MTU: e.MTU, Rule: "H-04"})
	n.cfg.Upper.Report(now, e)
	return mib.None
}

// recognise asks the upper layer about a quoted header.
func (n *Node) recognise(q *quote.Quote) Standing {
	if n.cfg.Upper == nil {
		return Unrecognised
	}
	return n.cfg.Upper.Recognise(n.now, q)
}

// lowerMTU lowers the path MTU to the quoted destination (H-15): never without
// a recognised quote (H-16), never upwards.
func (n *Node) lowerMTU(now time.Time, in *arrival.Datagram) mib.Drop {
	e := &n.trouble
	h, ok := n.hop(e.Quote.Dst, 0, 0)
	if !ok {
		return mib.QuoteForeign
	}
	got, why := n.paths.Lower(now, pmtu.Report{
		Dst: e.Quote.Dst, MTU: e.MTU, LinkMTU: n.ifaces[h.Iface].MTU,
		QuotedLen: int(e.Quote.TotalLen), HeaderLen: int(e.Quote.HeaderLen),
	})
	e.MTU = got
	if why == mib.None {
		n.note(now, in, Event{Kind: event.PMTU, MTU: got, Via: e.Quote.Dst, Rule: "H-15"})
	}
	return why
}

// redirected judges a redirect (H-07). When it is accepted, the next datagram
// for that destination uses the new gateway. Codes 0 and 2, for networks, count
// as 1 and 3, for hosts.
func (n *Node) redirected(now time.Time, in *arrival.Datagram) mib.Drop {
	e := &n.trouble
	switch err := e.Set4(in.Src, in.Payload); {
	case err != nil:
		return mib.ICMPShort
	case icmp4.Code(e.Code) > icmp4.CodeRedirectTOSHost:
		return mib.ICMPUnknownCode
	case n.cfg.Forward:
		return mib.RedirectToGateway
	case n.cfg.Redirects == RedirectIgnore:
		return mib.RedirectIgnored
	case e.Quote == nil || !n.book.IsOwn(e.Quote.Src):
		return mib.RedirectQuote
	}
	switch dst := e.Quote.Dst; {
	case n.book.IsOwn(dst) || dst.IsLoopback():
		return mib.RedirectOwnAddress
	case dst.IsMulticast() || n.book.IsBroadcast(dst):
		return mib.RedirectNotUnicast
	}
	to, why := n.betterHop(e.Gateway)
	if why != mib.None {
		return why
	}
	if n.cfg.Redirects == RedirectSecure {
		n.now = now
		cur, known := n.hop(e.Quote.Dst, e.Quote.TOS, 0)
		switch {
		case !known || cur.Via != in.Src || cur.Iface != in.Iface:
			return mib.RedirectNotFirstHop
		case to.Iface != in.Iface:
			return mib.RedirectOffLink
		case n.recognise(e.Quote) == Unrecognised:
			return mib.QuoteUnrecognised
		}
	}
	n.redirects.Learn(e.Quote.Dst, to)
	n.note(now, in, Event{Kind: event.Redirect, Cause: report.RedirectHost, Via: e.Gateway, Rule: "H-07"})
	if n.cfg.Upper != nil {
		n.cfg.Upper.Report(now, e)
	}
	return mib.None
}

// betterHop finds the connected network that a redirect's gateway is on.
func (n *Node) betterHop(g netip.Addr) (route.Hop, mib.Drop) {
	switch {
	case n.book.IsOwn(g):
		return route.Hop{}, mib.RedirectOwnAddress
	case !g.IsGlobalUnicast() || n.book.IsBroadcast(g):
		return route.Hop{}, mib.RedirectNotUnicast
	}
	for i := range n.ifaces {
		if _, ok := n.ifaces[i].addrs.On(g); ok {
			return route.Hop{Iface: i, Via: g}, mib.None
		}
	}
	return route.Hop{}, mib.RedirectOffLink
}

// What the upper layer is told, and says, is in the words of package believe.
type (
	Trouble  = believe.Claim    // an error that concerns the upper layer
	Standing = believe.Standing // how a transport stands to a quoted header
	Severity = believe.Severity // what kind of trouble an error is
)

// The words of package believe.
const (
	Unrecognised = believe.Unrecognised
	InFlight     = believe.InFlight
	Synchronised = believe.Synchronised

	Soft     = believe.Soft
	Hard     = believe.Hard
	TooBig   = believe.TooBig
	Slow     = believe.Slow
	Rerouted = believe.Rerouted
)
