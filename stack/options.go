package stack

import (
	"time"

	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/stack/stamp"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// sourceRoute sends on a datagram that has come to one of the addresses that
// its source route names (RFC 791 §3.1, RFC 1122 §3.3.5). Off by default
// (RFC 7126 §4.3): it is then dropped, and 3/5 says so (G-04).
func (n *Node) sourceRoute(now time.Time, in *arrival.Datagram) {
	if !n.cfg.SourceRouting {
		n.refuse(now, in, mib.SourceRouteOff, report.Report{Cause: report.SourceRouteFailed})
		return
	}
	if in.Cast != report.Unicast {
		n.drop(now, in, mib.LinkBroadcast)
		return
	}
	r, err := option.ParseRoute(in.Source)
	if err != nil {
		n.drop(now, in, mib.OptionFault)
		return
	}
	next, _ := r.Next()
	rt, outcome := n.table.LookupTOS(next, in.TOS)
	strict := in.Source.Type == ip.OptSSRR
	if outcome != route.Found || n.book.IsBroadcast(next) || next.IsMulticast() || strict && !rt.OnLink() {
		n.count(in, mib.InForwDatagrams, 1)
		n.refuse(now, in, mib.SourceRouteFailed, report.Report{Cause: report.SourceRouteFailed})
		return
	}
	if in.TTL <= 1 {
		n.refuse(now, in, mib.TTLExceeded, report.Report{Cause: report.TTLExceeded})
		return
	}
	in.Dst = next
	n.forwardTo(now, in, n.pick(rt, in))
}

// writer is who fills in options of what leaves by interface i.
func (n *Node) writer(now time.Time, i int) stamp.Writer {
	return stamp.Writer{
		Own:  n.ifaces[i].addrs.First4,
		Mine: n.ours,
		Time: func() option.Stamp { return n.cfg.Clock.Stamp(now, n.began) },
	}
}

// stamp fills in the options of the datagram in n.out, which is about to leave
// through interface i: record route, timestamp, and the source route whose next
// stop becomes the destination.
func (n *Node) stamp(now time.Time, in *arrival.Datagram, i int) bool {
	if in.Source.Type != 0 {
		ip.SetDst4(n.out, in.Dst)
	}
	w := n.writer(now, i)
	if err := w.Fill(n.out[ip.MinHeaderLen4:in.H4.HeaderLen()], in.Source.Type != 0); err != nil {
		f := arrival.OptionFault(err)
		n.refuse(now, in, f.Drop, f.Report)
		return false
	}
	ip.Seal4(n.out)
	return true
}
