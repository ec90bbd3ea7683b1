package explain

import (
	"strings"

	"github.com/sonde-net/sonde/explain/field"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/quote"
)

// errorBody enters the quote of an error and the extension behind it, and says
// about which conversation it is. Unit is that of the length attribute; 0: there
// is none.
func (x *explainer) errorBody(s field.Sheet, b extension.Body, unit int) {
	if n := int(b.Length) * unit; n > len(b.Quote)+len(b.Ext) && x.whole {
		x.Fault(x.at+icmp4.HeaderLen-3, "e.attr", field.Dec(n), field.Dec(len(b.Quote)+len(b.Ext)))
	}
	x.quote(x.at+icmp4.HeaderLen, b.Quote)
	if len(b.Ext) > 0 {
		x.extensions(x.at+icmp4.HeaderLen+len(b.Quote), b.Ext)
	}
	if end := icmp4.HeaderLen + len(b.Quote) + len(b.Ext); end < len(s.Octets) {
		s.Tail(end, "f.rest")
	}
}

// quote enters the fields of a quoted datagram, and says what it was.
func (x *explainer) quote(at int, b []byte) {
	if len(b) == 0 {
		x.about("a.none")
		return
	}
	s := x.Sheet("layer.quote", at, b)
	q, err := quote.Parse(b)
	if err != nil {
		octet, why := x.reason(err)
		x.about("a.unreadable", field.Dec(at+octet), why)
		x.Faults = append(x.Faults, Fault{Octet: at + octet, Text: why})
		s.Tail(0, "f.data")
		return
	}
	s.Quoted(q)
	x.converse(&q)
	if n := len(b) - int(q.HeaderLen); q.Version == 4 && n < 8 && x.whole && int(q.TotalLen) >= int(q.HeaderLen)+8 {
		x.Fault(at+len(b), "e.smallquote", field.Dec(max(n, 0)))
	}
}

// extensions enters the fields of an extension structure, and says what it says.
func (x *explainer) extensions(at int, b []byte) {
	s := x.Sheet("layer.ext", at, b)
	st, err := extension.Parse(b)
	if err != nil {
		if x.whole {
			octet, why := x.reason(err)
			x.Fault(at+octet, "e.ext", why)
		}
		if st, err = extension.Decode(b); err != nil {
			s.Tail(0, "f.data")
			return
		}
	}
	s.Put(0, 2, "f.extver", field.Dec(b[0]>>4), "")
	s.Put(2, 2, "f.extsum", field.Hex(s.Get(2, 2), 4), "")
	end := extension.HeaderLen
	for o, err := range st.All() {
		if err != nil {
			octet, why := x.reason(err)
			if x.whole {
				x.Fault(at+octet, "e.ext", why)
			}
			break
		}
		x.object(s, o)
		end = o.Offset + o.Len()
	}
	s.Tail(end, "f.data")
}

// object enters one extension object.
func (x *explainer) object(s field.Sheet, o extension.Object) {
	s.Num(o.Offset, 2, "f.objlen", x.Say("m.octets", field.Dec(s.Get(o.Offset, 2))))
	s.Num(o.Offset+2, 1, "f.objclass", x.Name(o.Class.String()))
	s.Num(o.Offset+3, 1, "f.objtype", x.Name(o.CType.Name(o.Class)))
	body := o.Offset + extension.ObjectHeaderLen
	switch o.Class {
	case extension.ClassMPLS:
		var labels []extension.Label
		n := 0
		for l, err := range extension.Labels(o) {
			if err != nil {
				break
			}
			s.Put(body+n, extension.LabelLen, "f.label", field.Dec(l.Label), x.Line(l.String()))
			labels = append(labels, l)
			n += extension.LabelLen
		}
		if rest := len(o.Payload) - n; rest > 0 {
			s.Put(body+n, rest, "f.object", "", x.Line(o.String()))
		}
		if len(labels) > 0 {
			all := make([]string, len(labels))
			for i, l := range labels {
				all[i] = x.Say("m.label", field.Dec(l.Label), field.Dec(l.TC), field.Dec(l.TTL))
			}
			x.says("s.mpls", strings.Join(all, x.Say("m.semi")))
		}
		return
	case extension.ClassInterfaceInfo:
		if i, err := extension.ParseInterfaceInfo(o); err == nil {
			x.says("s.interface", x.where(i))
		}
	case extension.ClassInterfaceID:
		x.identified(o)
	default:
		x.says("s.extension", x.Line(o.String()))
	}
	if len(o.Payload) > 0 {
		s.Put(body, len(o.Payload), "f.object", "", x.Line(o.String()))
	}
}

// where is what interface information says.
func (x *explainer) where(i extension.InterfaceInfo) string {
	var parts []string
	if i.Has(extension.PartName) {
		parts = append(parts, quoted(i.Name))
	}
	if i.Has(extension.PartAddr) {
		parts = append(parts, i.Addr.String())
	}
	if i.Has(extension.PartIndex) {
		parts = append(parts, x.Say("m.index", field.Dec(i.Index)))
	}
	if i.Has(extension.PartMTU) {
		parts = append(parts, x.Say("m.ifmtu", field.Dec(i.MTU)))
	}
	return x.Say("m.role."+field.Dec(uint8(i.Role))) + " " + strings.Join(parts, ", ")
}

// identified says which interface a PROBE asks for.
func (x *explainer) identified(o extension.Object) {
	i, err := extension.ParseInterfaceID(o)
	if err != nil {
		x.says("s.extension", x.Line(o.String()))
		return
	}
	switch i.CType {
	case extension.CTypeName:
		x.says("s.probe.name", quoted(i.Name))
	case extension.CTypeIndex:
		x.says("s.probe.index", field.Dec(i.Index))
	default:
		if i.Addr.IsValid() {
			x.says("s.probe.addr", i.Addr.String())
		} else {
			x.says("s.probe.addr", x.Line(i.String()))
		}
	}
}

// probeRequest explains an extended echo request of either family.
func (x *explainer) probeRequest(s field.Sheet, id uint16, seq uint8, local bool, ext []byte) {
	x.says("s.query", field.Dec(id), field.Dec(seq))
	text := x.Say("m.remote")
	if local {
		text = x.Say("m.local")
	}
	s.Put(7, 1, "f.local", field.Hex(s.Get(7, 1), 2), text)
	if len(ext) == 0 {
		x.says("s.probe.none")
		return
	}
	x.extensions(x.at+icmp4.HeaderLen, ext)
}

// probeReply explains an extended echo reply of either family.
func (x *explainer) probeReply(s field.Sheet, id uint16, seq uint8, found, active, v4, v6 bool, state string, hasState bool) {
	x.says("s.query", field.Dec(id), field.Dec(seq))
	s.Put(7, 1, "f.state", field.Hex(s.Get(7, 1), 2), x.Name(state))
	switch {
	case !found:
	case hasState:
		x.says("s.probe.state", x.Name(strings.TrimPrefix(state, "state "))) // one without a name is a number
	case active:
		x.says("s.probe.up", x.yes(v4), x.yes(v6))
	default:
		x.says("s.probe.down")
	}
	s.Tail(icmp4.HeaderLen, "f.rest")
}

func (x *explainer) yes(b bool) string {
	if b {
		return x.Say("yes")
	}
	return x.Say("no")
}

// list writes addresses, or whatever has a String, one behind the other.
func list[T interface{ String() string }](all []T) string {
	s := ""
	for i, a := range all {
		if i > 0 {
			s += ", "
		}
		s += a.String()
	}
	return s
}
