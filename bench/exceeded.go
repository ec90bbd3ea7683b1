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
		Contestants: []Contestant{exceededSonde(b), exceededSondeUnverified(b), exceededXNet(b)},
	}
}

// foundExceeded is where a contestant leaves what it has read.
type foundExceeded struct {
	typ, code uint8
	quote     []byte
	labels    [2]Label
	err       error
}

func (f *foundExceeded) result() any {
	if f.err != nil {
		return f.err
	}
	return TimeExceeded{f.typ, f.code, string(f.quote), f.labels}
}

func exceededSonde(b []byte) Contestant {
	f := new(foundExceeded)
	return Contestant{Sonde, func(n int) {
		for range n {
			m, err := icmp4.ParseTimeExceeded(b)
			if err != nil {
				f.err = err
				return
			}
			f.typ, f.code, f.quote = uint8(icmp4.TypeTimeExceeded), uint8(m.Code), m.Quote
			f.err = f.stack(m.Ext)
		}
	}, f.result}
}

// exceededSondeUnverified does not verify the checksum of the message; that of
// the extension is verified by all.
func exceededSondeUnverified(b []byte) Contestant {
	f := new(foundExceeded)
	return Contestant{SondeUnverified, func(n int) {
		for range n {
			m, err := icmp4.DecodeTimeExceeded(b)
			if err != nil {
				f.err = err
				return
			}
			f.typ, f.code, f.quote = uint8(icmp4.TypeTimeExceeded), uint8(m.Code), m.Quote
			f.err = f.stack(m.Ext)
		}
	}, f.result}
}

// stack reads the labels of an extension structure.
func (f *foundExceeded) stack(ext []byte) error {
	s, err := extension.Parse(ext)
	if err != nil {
		return err
	}
	for o, err := range s.All() {
		if err != nil {
			return err
		}
		i := 0
		for l, err := range extension.Labels(o) {
			if err != nil {
				return err
			}
			f.labels[i] = Label{l.Label, l.TC, l.TTL, l.Bottom}
			i++
		}
	}
	return nil
}

func exceededXNet(b []byte) Contestant {
	f := new(foundExceeded)
	return Contestant{XNet, func(n int) {
		for range n {
			m, err := icmp.ParseMessage(protoICMP, b)
			if err != nil {
				f.err = err
				return
			}
			e := m.Body.(*icmp.TimeExceeded)
			f.typ, f.code, f.quote = uint8(m.Type.(ipv4.ICMPType)), uint8(m.Code), e.Data
			for i, l := range e.Extensions[0].(*icmp.MPLSLabelStack).Labels {
				f.labels[i] = Label{uint32(l.Label), uint8(l.TC), uint8(l.TTL), l.S}
			}
		}
	}, f.result}
}

func buildTimeExceeded() Contest {
	q := quoteOctets()
	return Contest{
		Name: "build time exceeded with an MPLS label stack", Octets: len(timeExceededOctets()),
		Pairs: []Pair{{Sonde, XNet, ""}},
		Contestants: []Contestant{
			buildExceededSonde(q),
			buildXNet(ipv4.ICMPTypeTimeExceeded, 0, func() icmp.MessageBody {
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
	f, buf := new(foundOctets), make([]byte, 0, bufLen)
	objects, ext := make([]byte, 0, 64), make([]byte, 0, 64)
	return Contestant{Sonde, func(n int) {
		for range n {
			var s [2]extension.Label
			for i, l := range labels {
				s[i] = extension.Label{Label: l.Label, TC: l.TC, Bottom: l.Bottom, TTL: l.TTL}
			}
			o, err := extension.AppendLabels(objects, s[:]...)
			if err != nil {
				f.err = err
				return
			}
			e, err := extension.Structure{Objects: o}.AppendBinary(ext)
			if err != nil {
				f.err = err
				return
			}
			f.b, f.err = icmp4.TimeExceeded{Quote: q, Ext: e}.AppendBinary(buf)
		}
	}, f.result}
}
