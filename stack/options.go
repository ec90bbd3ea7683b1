package stack

import (
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// sourceRoute sends on a datagram that has come to one of the addresses that
// its source route names (RFC 791 §3.1, RFC 1122 §3.3.5). Off by default
// (RFC 7126 §4.3): it is then dropped, and 3/5 says so (G-04).
func (n *Node) sourceRoute(now time.Time, in *inbound) {
	if !n.cfg.SourceRouting {
		n.refuse(now, in, mib.SourceRouteOff, report.Report{Cause: report.SourceRouteFailed})
		return
	}
	if in.cast != report.Unicast {
		n.drop(now, in, mib.LinkBroadcast)
		return
	}
	r, err := option.ParseRoute(in.source)
	if err != nil {
		n.drop(now, in, mib.OptionFault)
		return
	}
	next, _ := r.Next()
	rt, outcome := n.table.LookupTOS(next, in.tos)
	strict := in.source.Type == ip.OptSSRR
	if outcome != route.Found || !next.Is4() || n.isBroadcast(next) || next.IsMulticast() || strict && !rt.OnLink() {
		n.refuse(now, in, mib.SourceRouteFailed, report.Report{Cause: report.SourceRouteFailed})
		return
	}
	if in.ttl <= 1 {
		n.refuse(now, in, mib.TTLExceeded, report.Report{Cause: report.TTLExceeded})
		return
	}
	in.dst = next
	n.forwardTo(now, in, rt.Pick(n.flow(in)))
}

// routedOptions returns the source route of the datagram, spent or not; a
// redirect is not sent about one.
func (n *Node) routedOptions(in *inbound) []byte {
	for o, err := range ip.Options4(in.options) {
		if err == nil && (o.Type == ip.OptLSRR || o.Type == ip.OptSSRR) {
			return o.Data
		}
	}
	return nil
}

// stamp fills in the options of the datagram in n.out, which is about to leave
// through interface i: record route, timestamp, and the source route whose next
// stop becomes the destination. A timestamp option whose overflow count is full
// is a parameter problem (RFC 791 §3.1).
func (n *Node) stamp(now time.Time, in *inbound, i int) bool {
	if in.v != mib.IPv4 {
		return true
	}
	own := n.ifaces[i].primary4
	if in.source.Type != 0 {
		ip.SetDst4(n.out, in.dst)
	}
	options := n.out[ip.MinHeaderLen4:in.h4.HeaderLen()]
	if err := n.fill(now, options, own, in.source.Type != 0); err != nil {
		n.optionFault(now, in, err)
		return false
	}
	ip.Seal4(n.out)
	return true
}

// optionFault drops the datagram for an option that could not be filled in.
func (n *Node) optionFault(now time.Time, in *inbound, err error) {
	var e *wire.ParseError
	if !errors.As(err, &e) {
		n.drop(now, in, mib.OptionFault)
		return
	}
	n.refuse(now, in, mib.OptionFault, report.Report{Cause: report.BadField, Pointer: uint32(e.Offset)})
}

// fill writes what a node adds to options in place.
func (n *Node) fill(now time.Time, options []byte, own netip.Addr, source bool) error {
	for o, err := range ip.Options4(options) {
		if err != nil {
			return err
		}
		switch o.Type {
		case ip.OptRecordRoute:
			_, _, err = option.Record(o, own)
		case ip.OptLSRR, ip.OptSSRR:
			if source {
				_, _, err = option.Record(o, own)
			}
		case ip.OptTimestamp:
			_, err = option.AddStamp(o, own, n.isOwn, option.Stamp(n.clock(now)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isOwn reports whether a is one of the node's own addresses.
func (n *Node) isOwn(a netip.Addr) bool {
	o, ok := n.own[a]
	return ok && !o.broadcast
}

// replyOptions builds the options of the reply to an ICMP request, and says
// where it goes first: record route and timestamp go back with this node
// entered, a source route goes back reversed (E-15, RFC 1122 §3.2.2.6). An
// option that cannot be filled in is left out.
func (n *Node) replyOptions(now time.Time, in *inbound, own netip.Addr) ([]byte, netip.Addr) {
	dst := in.src
	b := n.options[:0]
	for o, err := range ip.Options4(in.options) {
		if err != nil {
			break
		}
		switch o.Type {
		case ip.OptRecordRoute, ip.OptTimestamp:
			if grown, err := o.AppendBinary(b); err == nil {
				b = grown
			}
		case ip.OptLSRR, ip.OptSSRR:
			r, err := option.ParseRoute(o)
			if err != nil {
				continue
			}
			if grown, first, err := option.AppendReturnRoute(b, r, in.src); err == nil {
				b, dst = grown, first
			}
		}
	}
	b = ip.PadOptions(b)
	n.options = b
	if n.fill(now, b, own, false) != nil {
		return nil, dst
	}
	return b, dst
}
