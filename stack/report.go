package stack

import (
	"time"

	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/extension"
)

// refuse drops the datagram being received and reports the cause, if there is
// one.
func (n *Node) refuse(now time.Time, in *arrival.Datagram, why mib.Drop, r report.Report) {
	n.drop(now, in, why)
	if r.Cause != 0 {
		n.report(now, in, r)
	}
}

var refusals = [...]mib.Drop{
	report.AboutError:    mib.ErrorAboutError,
	report.ToGroup:       mib.ErrorAboutBroadcast,
	report.LinkCast:      mib.ErrorAboutLinkBroadcast,
	report.LaterFragment: mib.ErrorAboutFragment,
	report.BadSource:     mib.ErrorAboutSource,
	report.BadHeader:     mib.ErrorAboutHeader,
}

// report sends an error about the datagram being received, if one may be sent
// at all (E-01 to E-07) and now (E-12). All errors of a node come through here.
func (n *Node) report(now time.Time, in *arrival.Datagram, r report.Report) {
	if n.cfg.Mute {
		n.withhold(now, in, mib.ErrorOff, r.Cause)
		return
	}
	about := report.About{Octets: in.Octets, Cut: in.Cut, Cast: in.Cast, IsBroadcast: n.broadcasts}
	if why := report.May(about, r.Cause); why != 0 {
		n.withhold(now, in, refusals[why], r.Cause)
		return
	}
	typ, ok := n.errorType(in, r.Cause)
	if !ok {
		return
	}
	src, h := n.errorSource(in)
	if !src.IsValid() {
		n.withhold(now, in, mib.ErrorNoSource, r.Cause)
		return
	}
	switch n.limiter.Error(now, in.Src, typ) {
	case limit.Destination:
		n.withhold(now, in, mib.RateDestination, r.Cause)
		return
	case limit.Global:
		n.withhold(now, in, mib.RateGlobal, r.Cause)
		return
	}
	if in.Iface >= 0 {
		r.Ext = n.ifaces[in.Iface].ext
	}
	n.id++
	out, err := r.Append(n.out[:0], in.Octets, report.Origin{
		Src: src, TTL: n.cfg.TTL, ID: n.id, Gateway: n.cfg.Forward,
		Limit: n.cfg.ErrorLimit, Quote: n.cfg.ErrorQuote,
	})
	if err != nil {
		n.withhold(now, in, mib.ErrorNoSource, r.Cause)
		return
	}
	n.out = out
	n.counters.ICMPOut(in.V, typ)
	n.counters.Inc(in.V, mib.OutRequests)
	if n.events.On() {
		n.note(now, in, Event{Kind: event.Error, Cause: r.Cause, Rule: r.Cause.Rule(), Via: r.Gateway, MTU: int(r.MTU)})
	}
	n.translateError(now, in, &n.ifaces[h.Iface])
	n.dispatch(now, in.Src, h, event.Origin{Kind: event.Error, Cause: r.Cause})
}

// withhold says that an error was due and is not sent.
func (n *Node) withhold(now time.Time, in *arrival.Datagram, why mib.Drop, c report.Cause) {
	n.counters.Drop(in.V, why)
	if n.events.On() {
		n.note(now, in, Event{Kind: event.Withheld, Drop: why, Cause: c, Rule: why.Rule()})
	}
}

// errorType returns the type octet of the error that reports the cause.
func (n *Node) errorType(in *arrival.Datagram, c report.Cause) (uint8, bool) {
	if in.V == mib.IPv4 {
		k, ok := c.Kind4()
		return uint8(k.Type), ok
	}
	k, ok := c.Kind6()
	return uint8(k.Type), ok
}

// extension builds the RFC 4884 structure of errors about what arrives by
// interface i, nil when there is nothing to say (G-12).
func (n *Node) extension(i int) ([]byte, error) {
	f := &n.ifaces[i]
	var objects []byte
	var err error
	if len(f.Labels) > 0 {
		labels := make([]extension.Label, len(f.Labels))
		for j, l := range f.Labels {
			labels[j] = extension.Label{Label: l.Value, TC: l.TC, Bottom: j == len(labels)-1, TTL: 1}
		}
		if objects, err = extension.AppendLabels(objects, labels...); err != nil {
			return nil, err
		}
	}
	if n.cfg.InterfaceInfo {
		info := extension.InterfaceInfo{
			Role: extension.RoleIncoming, Index: uint32(i + 1), Addr: f.addrs.Any(), Name: []byte(f.Name), MTU: uint32(f.MTU),
		}
		if objects, err = info.AppendBinary(objects); err != nil {
			return nil, err
		}
	}
	if len(objects) == 0 {
		return nil, nil
	}
	return extension.Structure{Objects: objects}.AppendBinary(nil)
}
