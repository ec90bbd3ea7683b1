package bench

import (
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"

	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// gopacket and gVisor know no extensions, so x/net is alone here.

func parseTimeExceeded() Contest {
	b := timeExceededOctets()
	return Contest{
		Name: "parse time exceeded with an MPLS label stack", Octets: len(b),
		Pairs:       []Pair{{Sonde, XNet, "ours"}, {SondeUnverified, XNet, "neither"}},
		Contestants: []Contestant{exceededSonde(Sonde, b, true), exceededSonde(SondeUnverified, b, false), exceededXNet(b)},
	}
}

// exceededSonde verifies the checksum of the message or does not; that of the
// extension, as x/net does, in any case.
func exceededSonde(name string, b []byte, verify bool) Contestant {
	var m icmp4.TimeExceeded
	var stack [2]extension.Label
	var err error
	return Contestant{name, func(n int) {
		for range n {
			if verify {
				m, err = icmp4.ParseTimeExceeded(b)
			} else {
				m, err = icmp4.DecodeTimeExceeded(b)
			}
			if err == nil {
				stack, err = readStack(m.Ext)
			}
		}
	}, func() any {
		if err != nil {
			return err
		}
		k := m.Kind()
		r := TimeExceeded{Type: uint8(k.Type), Code: uint8(k.Code), Quote: string(m.Quote)}
		for i, l := range stack {
			r.Labels[i] = Label{l.Label, l.TC, l.TTL, l.Bottom}
		}
		return r
	}}
}

// readStack reads the labels of an extension structure.
func readStack(ext []byte) (stack [2]extension.Label, err error) {
	s, err := extension.Parse(ext)
	if err != nil {
		return stack, err
	}
	for o, err := range s.All() {
		if err != nil {
			return stack, err
		}
		i := 0
		for l, err := range extension.Labels(o) {
			if err != nil {
				return stack, err
			}
			stack[i] = l
			i++
		}
	}
	return stack, nil
}

func exceededXNet(b []byte) Contestant {
	var m *icmp.Message
	var err error
	return Contestant{XNet, func(n int) {
		for range n {
			m, err = icmp.ParseMessage(protoICMP, b)
		}
	}, func() any {
		if err != nil {
			return err
		}
		e := m.Body.(*icmp.TimeExceeded)
		r := TimeExceeded{Type: uint8(m.Type.(ipv4.ICMPType)), Code: uint8(m.Code), Quote: string(e.Data)}
		for i, l := range e.Extensions[0].(*icmp.MPLSLabelStack).Labels {
			r.Labels[i] = Label{uint32(l.Label), uint8(l.TC), uint8(l.TTL), l.S}
		}
		return r
	}}
}

func buildTimeExceeded() Contest {
	q := quoteOctets()
	return Contest{
		Name: "build time exceeded with an MPLS label stack", Octets: len(timeExceededOctets()),
		Pairs: []Pair{{Sonde, XNet, ""}},
		Contestants: []Contestant{
			buildExceededSonde(q),
			buildXNet(icmp.Message{Type: ipv4.ICMPTypeTimeExceeded}, func() icmp.MessageBody {
				s := make([]icmp.MPLSLabel, len(labels))
				for i, l := range labels {
					s[i] = icmp.MPLSLabel{Label: int(l.Label), TC: int(l.TC), S: l.Bottom, TTL: int(l.TTL)}
				}
				return &icmp.TimeExceeded{Data: q, Extensions: []icmp.Extension{&icmp.MPLSLabelStack{Class: 1, Type: 1, Labels: s}}}
			}),
		},
	}
}

func buildExceededSonde(q []byte) Contestant {
	buf := make([]byte, 0, 2048)
	objects, ext := make([]byte, 0, 64), make([]byte, 0, 64)
	var err error
	build := func() error {
		var s [2]extension.Label
		for i, l := range labels {
			s[i] = extension.Label{Label: l.Label, TC: l.TC, Bottom: l.Bottom, TTL: l.TTL}
		}
		if objects, err = extension.AppendLabels(objects[:0], s[:]...); err != nil {
			return err
		}
		if ext, err = (extension.Structure{Objects: objects}).AppendBinary(ext[:0]); err != nil {
			return err
		}
		buf, err = icmp4.TimeExceeded{Quote: q, Ext: ext}.AppendBinary(buf[:0])
		return err
	}
	return Contestant{Sonde, func(n int) {
		for range n {
			err = build()
		}
	}, func() any { return built(buf, err) }}
}
