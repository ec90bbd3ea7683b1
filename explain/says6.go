package explain

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/explain/field"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/mld"
	"github.com/sonde-net/sonde/wire/ndp"
)

// message6 explains an ICMPv6 message.
func (x *explainer) message6() {
	s := x.Sheet("layer.icmp6", x.at, x.msg)
	x.head(s)
	end := s.Layout(field.Columns6(icmp6.Type(x.msg[0])))
	m, err := icmp6.DecodeCut(x.msg, x.wireLen)
	if err != nil {
		octet, why := x.reason(err)
		x.Faults = append(x.Faults, Fault{Octet: x.at + octet, Text: why})
		s.Tail(end, "f.data")
	} else {
		x.rest6(s, end, m)
	}
	x.trailer()
}

// rest6 says what a message says, and enters the fields behind its fixed part.
func (x *explainer) rest6(s field.Sheet, end int, m icmp6.Message) {
	switch m := m.(type) {
	case icmp6.Echo:
		x.echo(m.ID, m.Seq, len(m.Data), x.wireLen-icmp6.HeaderLen)
		s.Tail(end, "f.data")
	case icmp6.DestUnreachable:
		x.errorBody(s, bodyOf(m.Quote, m.Ext, m.Length, m.Legacy), extension.Unit6)
		x.undelivered()
	case icmp6.PacketTooBig:
		x.errorBody(s, extension.Body{Quote: m.Quote}, 0)
		x.undelivered()
		x.mtu(m.MTU)
	case icmp6.TimeExceeded:
		x.errorBody(s, bodyOf(m.Quote, m.Ext, m.Length, m.Legacy), extension.Unit6)
		x.exceeded(m.Code == icmp6.CodeHopLimitExceeded, m.Code == icmp6.CodeReassembly)
	case icmp6.ParameterProblem:
		x.errorBody(s, extension.Body{Quote: m.Quote}, 0)
		x.pointer(m.Quote, int64(m.Pointer))
	case icmp6.ExtendedEchoRequest:
		x.probeRequest(s, m.ID, m.Seq, m.Local, m.Ext)
	case icmp6.ExtendedEchoReply:
		x.probeReply(s, m.ID, m.Seq, m.Code == icmp6.CodeNoError, m.Active, m.IPv4, m.IPv6, m.State.String(), m.State != 0)
	case icmp6.MLD, icmp6.MLDv2Query, icmp6.MLDv2Report:
		x.listeners(s, end, m)
	case icmp6.Raw:
		x.raw6(s, end)
	default:
		x.neighbours(s, end, m)
	}
}

// listeners is rest6 for multicast listener discovery.
func (x *explainer) listeners(s field.Sheet, end int, m icmp6.Message) {
	switch m := m.(type) {
	case icmp6.MLD:
		switch m.Type {
		case icmp6.TypeMLDQuery:
			x.queried(m.Group, m.MaxResponseDelay())
		case icmp6.TypeMLDReport:
			x.says("s.mld.report", m.Group.String())
		default:
			x.says("s.mld.done", m.Group.String())
		}
		s.Tail(end, "f.rest")
	case icmp6.MLDv2Query:
		x.queried(m.Group, mld.ResponseDelay(m.MaxResponse))
		text := ""
		if m.Suppress {
			text = x.Say("m.suppress")
		}
		s.Put(24, 1, "f.mldflags", field.Hex(s.Get(24, 1), 2), text)
		s.Num(25, 1, "f.qqic", x.Span(mld.QueryInterval(m.QQIC)))
		s.Num(26, 2, "f.nsources", "")
		off := 28
		for a := range mld.Addrs(m.Sources) {
			s.Put(off, mld.AddrLen, "f.sources", a.String(), "")
			off += mld.AddrLen
		}
		s.Tail(off, "f.rest")
	case icmp6.MLDv2Report:
		for r, err := range mld.Records(m.Records) {
			if err != nil {
				break
			}
			s.Put(end, r.Len(), "f.record", r.Group.String(), x.Line(r.String()))
			x.record(r)
			end += r.Len()
		}
		s.Tail(end, "f.rest")
	}
}

// record says what one record of a report says.
func (x *explainer) record(r mld.Record) {
	if r.Type < mld.ModeIsInclude || r.Type > mld.BlockOldSources {
		x.says("s.extension", x.Line(r.String()))
		return
	}
	sources := x.Say("m.none")
	if all := slices.Collect(mld.Addrs(r.Sources)); len(all) > 0 {
		sources = list(all)
	}
	x.says("s.mld.record", x.Say("m.rec."+field.Dec(uint8(r.Type)), r.Group.String(), sources))
}

// queried says what a query asks for.
func (x *explainer) queried(group netip.Addr, within time.Duration) {
	if group.IsUnspecified() {
		x.says("s.mld.general", x.Span(within))
		return
	}
	x.says("s.mld.group", group.String(), x.Span(within))
}

// neighbours is rest6 for neighbor discovery.
func (x *explainer) neighbours(s field.Sheet, end int, m icmp6.Message) {
	switch m := m.(type) {
	case icmp6.RouterSolicitation:
		x.options(s, end, m.Options)
	case icmp6.RouterAdvertisement:
		if m.Lifetime == 0 {
			x.says("s.ra.none")
		} else {
			x.says("s.ra.default", x.Span(m.Lifetime))
		}
		for _, f := range []struct {
			bit ndp.RouterFlags
			key string
		}{{ndp.RouterManaged, "m.ra.m"}, {ndp.RouterOther, "m.ra.o"}, {ndp.RouterHomeAgent, "m.ra.h"}, {ndp.RouterProxy, "m.ra.p"}} {
			if m.Flags&f.bit != 0 {
				x.says(f.key)
			}
		}
		if p := m.Flags.Preference(); p != ndp.PreferenceMedium {
			x.says("m.pref", x.Name(p.String()))
		}
		x.options(s, end, m.Options)
	case icmp6.NeighborSolicitation:
		if x.out.From.IsValid() && x.out.From.IsUnspecified() {
			x.says("s.ns.dad", m.Target.String())
		} else {
			x.says("s.ns", m.Target.String())
		}
		x.options(s, end, m.Options)
	case icmp6.NeighborAdvertisement:
		if a := linkLayer(m.Options); a != "" {
			x.says("s.na", m.Target.String(), a)
		} else {
			x.says("s.na.plain", m.Target.String())
		}
		for _, f := range []struct {
			bit ndp.NeighborFlags
			key string
		}{{ndp.NeighborRouter, "m.na.r"}, {ndp.NeighborSolicited, "m.na.s"}, {ndp.NeighborOverride, "m.na.o"}} {
			if m.Flags&f.bit != 0 {
				x.says(f.key)
			}
		}
		x.options(s, end, m.Options)
	case icmp6.Redirect:
		if m.Target == m.Dst {
			x.says("s.redirect.onlink", m.Dst.String())
		} else {
			x.says("s.redirect", m.Dst.String(), m.Target.String())
			x.gateway(m.Target)
		}
		x.options(s, end, m.Options)
	default:
		s.Tail(end, "f.data")
	}
}

// linkLayer returns the target link-layer address among options.
func linkLayer(options []byte) string {
	for o, err := range ndp.Options(options) {
		if err != nil {
			break
		}
		if o.Type == ndp.TypeTargetLinkLayerAddress {
			if l, err := ndp.ParseLinkLayerAddress(o); err == nil {
				return macText(l.Addr)
			}
		}
	}
	return ""
}

// options enters the options of neighbor discovery that begin at off, and says
// what they say.
func (x *explainer) options(s field.Sheet, off int, options []byte) {
	end := off
	for o, err := range ndp.Options(options) {
		if err != nil {
			octet, why := x.reason(err)
			x.Fault(s.Base+off+octet, "e.option", why)
			break
		}
		at := off + o.Offset
		if r, err := ndp.ParseRedirectedHeader(o); err == nil {
			s.Put(at, 8, "f.ndopt", field.Dec(uint8(o.Type)), x.Name(o.Type.String()))
			x.quote(s.Base+at+8, r.Quote)
		} else {
			s.Put(at, o.Len(), "f.ndopt", field.Dec(uint8(o.Type)), x.Line(o.String()))
			x.option(o)
		}
		end = at + o.Len()
	}
	s.Tail(end, "f.rest")
}

// option says what an option of neighbor discovery says.
func (x *explainer) option(o ndp.Option) {
	switch o.Type {
	case ndp.TypeSourceLinkLayerAddress, ndp.TypeTargetLinkLayerAddress:
		if l, err := ndp.ParseLinkLayerAddress(o); err == nil {
			key := "s.nd.source"
			if l.Target {
				key = "s.nd.target"
			}
			x.says(key, macText(l.Addr))
			return
		}
	case ndp.TypePrefixInformation:
		if p, err := ndp.ParsePrefixInformation(o); err == nil {
			x.says(
				"s.nd.prefix", p.Prefix.String(), x.yes(p.Flags&ndp.PrefixOnLink != 0), x.yes(p.Flags&ndp.PrefixAutonomous != 0),
				x.lasting(p.Valid), x.lasting(p.Preferred),
			)
			return
		}
	case ndp.TypeMTU:
		if m, err := ndp.ParseMTU(o); err == nil {
			x.says("s.nd.mtu", field.Dec(m.MTU))
			return
		}
	case ndp.TypeRDNSS:
		if r, err := ndp.ParseRDNSS(o); err == nil {
			x.says("s.nd.dns", x.lasting(r.Lifetime), list(slices.Collect(r.All())))
			return
		}
	}
	x.says("s.option.nd", x.Line(o.String()))
}

// lasting writes a lifetime.
func (x *explainer) lasting(d time.Duration) string {
	if d == ndp.Infinity {
		return "∞"
	}
	return x.Span(d)
}

// raw6 enters what is behind the fixed part of messages that have no family of
// their own.
func (x *explainer) raw6(s field.Sheet, end int) {
	switch icmp6.Type(s.Octets[0]) {
	case icmp6.TypeInverseNDSolicitation, icmp6.TypeInverseNDAdvertisement, icmp6.TypeCertPathSolicitation,
		icmp6.TypeCertPathAdvertisement, icmp6.TypeMobilePrefixAdvertisement:
		x.options(s, end, s.Octets[min(end, len(s.Octets)):])
	case icmp6.TypeDuplicateAddressRequest, icmp6.TypeDuplicateAddressConfirmation:
		size := max(1, int(s.Octets[1]&15)) * 8
		s.Put(end, size, "f.rovr", "", "")
		a := s.Addr(end+size, 16, "f.address")
		if a.IsValid() {
			x.says("s.dar", a.String())
		}
		if status := "m.status." + field.Dec(s.Get(4, 1)); s.Get(4, 1) <= 2 && icmp6.Type(s.Octets[0]) == icmp6.TypeDuplicateAddressConfirmation {
			x.says(status)
		}
		s.Tail(end+size+16, "f.rest")
	case icmp6.TypeNodeInfoQuery, icmp6.TypeNodeInfoResponse:
		if q := s.Get(4, 2); q == 0 || q >= 2 && q <= 4 {
			x.says("m.qtype." + field.Dec(q))
		}
		s.Tail(end, "f.data")
	default:
		s.Tail(end, "f.data")
	}
}

// macText writes a link-layer address.
func macText(b []byte) string {
	const digits = "0123456789abcdef"
	s := make([]byte, 0, 3*len(b))
	for i, c := range b {
		if i > 0 {
			s = append(s, ':')
		}
		s = append(s, digits[c>>4], digits[c&15])
	}
	return string(s)
}
