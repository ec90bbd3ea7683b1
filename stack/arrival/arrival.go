// Package arrival reads a datagram that has come in, once: everything that a
// node's rules ask of it, in both families, and what is wrong with it.
package arrival

import (
	"errors"
	"net/netip"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// Datagram is a datagram that has come in. Its slices alias Octets.
type Datagram struct {
	Octets   []byte // from the IP header on, link padding left out once it is read
	Iface    int    // it came in by
	Cast     report.Cast
	V        mib.Version
	Src, Dst netip.Addr
	Proto    ip.Proto // of the upper layer
	TTL      ip.TTL
	TOS      uint8  // traffic class in IPv6
	Options  []byte // IPv4
	Payload  []byte // of the upper layer
	Fragment bool
	Cut      bool       // Octets may end before the datagram does
	Largest  int        // octets of the largest fragment that it came in, all its headers included; 0: it came whole
	First    bool       // Payload begins with the upper layer's header
	Group    bool       // Dst is a broadcast or multicast address; the node says so
	Source   ip.Option4 // the source route option that is not spent; Type 0: none, or not for this node

	H4 ip.Header4 // of IPv4
	H6 ip.Header6 // of IPv6
	Up ip.Upper6  // of IPv6: what stands behind the extension headers, once [Datagram.Upper6] has read them

	// Translated is what is sent on in place of Octets after address
	// translation, whose fields the others then are; nil: Octets.
	Translated []byte
}

// Reset makes m a datagram that has not been read yet. What reading fills in
// whatever arrives is left as it was.
func (m *Datagram) Reset(octets []byte, iface int, cast report.Cast, v mib.Version) {
	m.Octets, m.Iface, m.Cast, m.V = octets, iface, cast, v
	m.Src, m.Dst, m.Proto, m.TTL, m.TOS = netip.Addr{}, netip.Addr{}, 0, 0, 0
	m.Options, m.Payload, m.Translated, m.Largest = nil, nil, nil, 0
	m.Fragment, m.Cut, m.First, m.Group = false, false, false, false
	m.Source = ip.Option4{}
}

// Fault is what is wrong with a datagram: why it is dropped, and what is to be
// reported about it, nothing when the Cause is 0. The zero Fault is none.
type Fault struct {
	Drop   mib.Drop
	Report report.Report
}

// HeaderFault is the reason to drop a datagram whose IP header does not parse.
func HeaderFault(err error) mib.Drop {
	var e *wire.ParseError
	if !errors.As(err, &e) {
		return mib.HeaderLength
	}
	switch e.Reason {
	case wire.Truncated:
		return mib.Truncated
	case wire.Short:
		return mib.HeaderShort
	case wire.Version:
		return mib.HeaderVersion
	case wire.Checksum:
		return mib.HeaderChecksum
	case wire.Length:
		if e.Offset == 2 {
			return mib.TotalLength
		}
	}
	return mib.HeaderLength
}

// Read4 reads the IPv4 header of m.Octets.
func (m *Datagram) Read4() mib.Drop {
	h, payload, err := ip.Parse4(m.Octets)
	if err != nil {
		return HeaderFault(err)
	}
	m.V, m.Octets = mib.IPv4, m.Octets[:h.TotalLen]
	m.H4, m.Payload = h, payload
	m.Src, m.Dst, m.Proto, m.TTL, m.TOS, m.Options = h.Src, h.Dst, h.Proto, h.TTL, h.TOS, h.Options
	m.Fragment, m.First = h.IsFragment(), h.First()
	return mib.None
}

// Read6 reads the IPv6 header of m.Octets, and leaves the extension headers to
// [Datagram.Upper6].
func (m *Datagram) Read6() mib.Drop {
	h, payload, err := ip.Parse6(m.Octets)
	if err != nil {
		return HeaderFault(err)
	}
	m.V, m.Octets, m.Options = mib.IPv6, m.Octets[:ip.HeaderLen6+len(payload)], nil
	m.H6, m.Payload = h, payload
	m.Src, m.Dst, m.Proto, m.TTL, m.TOS = h.Src, h.Dst, h.NextHeader, h.HopLimit, h.TrafficClass
	m.First = true
	return mib.None
}

// Whole takes the datagram that fragments were put together to.
func (m *Datagram) Whole(octets []byte) mib.Drop {
	m.Octets = octets
	if m.V == mib.IPv6 {
		return m.Read6()
	}
	return m.Read4()
}

// Options4 checks the IPv4 options and finds the source route. A fault is a
// parameter problem at its exact octet (H-11, G-07). A timestamp whose overflow
// count is at its end is one: whoever handles the datagram has to add to it (RFC
// 791 §3.1, RFC 1122 §3.2.1.8).
func (m *Datagram) Options4() Fault {
	if err := option.Check(m.Options); err != nil {
		return OptionFault(err)
	}
	for o, err := range ip.Options4(m.Options) {
		if err != nil {
			break // Check has told
		}
		switch o.Type {
		case ip.OptLSRR, ip.OptSSRR:
			if r, err := option.ParseRoute(o); err == nil && !r.Full() {
				m.Source = o
			}
		case ip.OptTimestamp:
			if s, err := option.ParseTimestamps(o); err == nil && overflown(&s) {
				return Fault{mib.OptionFault, report.Report{Cause: report.BadField, Pointer: uint32(o.Offset + overflowAt)}}
			}
		}
	}
	return Fault{}
}

// The overflow count of a timestamp option: the octet that it is in, and its
// end.
const (
	overflowAt  = 3
	overflowEnd = 15
)

// overflown reports whether nobody can count any more that there was no room.
func overflown(s *option.Timestamps) bool {
	return s.Full() && s.Overflow == overflowEnd && s.Flag != option.StampsPrespecified
}

// OptionFault is the fault of an IPv4 option that could not be read or filled
// in.
func OptionFault(err error) Fault {
	f := Fault{Drop: mib.OptionFault}
	var e *wire.ParseError
	if errors.As(err, &e) {
		f.Report = report.Report{Cause: report.BadField, Pointer: uint32(e.Offset)}
	}
	return f
}

// SourceRouted reports whether the datagram has a source route, spent or not.
func (m *Datagram) SourceRouted() bool {
	for o, err := range ip.Options4(m.Options) {
		if err == nil && (o.Type == ip.OptLSRR || o.Type == ip.OptSSRR) {
			return true
		}
	}
	return false
}

// Upper6 walks the extension headers of an IPv6 datagram that is for this node,
// to the upper layer (H-17).
func (m *Datagram) Upper6() Fault {
	for e, err := range m.H6.Extensions(m.Payload) {
		if err != nil {
			break // Upper says it again, and how far it came
		}
		if e.Type == ip.ProtoHopByHop || e.Type == ip.ProtoDestOpts {
			if f := m.options6(e); f.Drop != mib.None {
				return f
			}
		}
		// No routing type is known here: with segments left the datagram is for
		// somebody else, and nobody can say for whom (RFC 8200 §4.4, RFC 5095 §3).
		if _, left, ok := e.Routing(); ok && left > 0 {
			return Fault{mib.ExtensionFault, report.Report{Cause: report.BadField, Pointer: uint32(e.Offset + routingTypeAt)}}
		}
	}
	up, err := m.H6.Upper(m.Payload)
	if err != nil {
		return chainFault(up, err)
	}
	if up.IsFragment && up.Fragment.MF && up.First() && len(up.Payload) < leastHeader(up.Proto) {
		return Fault{mib.HeaderChainSplit, report.Report{Cause: report.IncompleteChain}}
	}
	m.Up = up
	m.Proto, m.Payload, m.First = up.Proto, up.Payload, up.First()
	m.Fragment = up.IsFragment && !up.Fragment.Atomic()
	return Fault{}
}

// routingTypeAt is where the routing type stands in its header.
const routingTypeAt = 2

// leastHeader is how much of the upper layer a first fragment has to have, in
// octets: its whole header (RFC 7112 §5), one octet where this is unknown.
func leastHeader(p ip.Proto) int {
	switch p {
	case ip.ProtoICMPv6, ip.ProtoUDP:
		return 8
	case ip.ProtoTCP:
		return 20
	case ip.ProtoNoNext:
		return 0
	}
	return 1
}

// options6 finds an option that nobody here knows and that may not be skipped;
// what is said about it is in the two highest bits of its type (RFC 8200 §4.2).
func (m *Datagram) options6(e ip.Extension6) Fault {
	o, found, err := e.Unrecognized(func(t ip.OptionType6) bool { return t == ip.Opt6RouterAlert })
	if err != nil {
		return chainFault(ip.Upper6{}, err)
	}
	if !found {
		return Fault{}
	}
	f := Fault{Drop: mib.OptionUnknown, Report: report.Report{Cause: report.BadOption, Pointer: uint32(o.Offset)}}
	if a := o.Type.Action(); a == ip.ActionDiscard || a == ip.ActionReportUnicast && m.Group {
		f.Report.Cause = 0
	}
	return f
}

// chainFault is the parameter problem that [ip.Header6.Extensions] asks for.
func chainFault(up ip.Upper6, err error) Fault {
	f := Fault{Drop: mib.ExtensionFault, Report: report.Report{Cause: report.BadField}}
	var e *wire.ParseError
	if !errors.As(err, &e) {
		return f
	}
	f.Report.Pointer = uint32(e.Offset)
	switch {
	case e.Reason == wire.Mismatch:
		f.Report.Cause = report.BadNextHeader
	case e.Reason == wire.Value:
		f.Report.Cause = report.TooManyHeaders
	case up.IsFragment && up.Fragment.MF && (e.Reason == wire.Short || e.Reason == wire.Length):
		f = Fault{mib.HeaderChainSplit, report.Report{Cause: report.IncompleteChain}} // the pointer is zero: RFC 8200 §4.5
	}
	return f
}

// Transport reads protocol and payload of the upper layer of a datagram that is
// being forwarded, whose extension headers are nobody's business on the way; ok
// is false when they hide it, and for every fragment but the first.
func (m *Datagram) Transport() (proto ip.Proto, payload []byte, ok bool) {
	if m.V == mib.IPv4 {
		return m.Proto, m.Payload, m.First
	}
	up, err := m.H6.Upper(m.Payload)
	if err != nil {
		return m.Proto, m.Payload, false
	}
	return up.Proto, up.Payload, up.First()
}

// Flow fills f with what tells the datagram's flow from others (G-11).
func (m *Datagram) Flow(f *route.Flow, seed uint64) *route.Flow {
	*f = route.Flow{Seed: seed, Src: m.Src, Dst: m.Dst, Proto: uint8(m.Proto)}
	if m.V == mib.IPv4 {
		if !m.Fragment {
			f.Transport = m.Payload
		}
		return f
	}
	f.Label = m.H6.FlowLabel
	if up, err := m.H6.Upper(m.Payload); err == nil {
		f.Proto = uint8(up.Proto)
		if !up.IsFragment {
			f.Transport = up.Payload
		}
	}
	return f
}
