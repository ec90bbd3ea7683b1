package bench

import (
	"errors"
	"fmt"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/sonde-net/sonde/wire/icmp4"
)

const protoICMP = 1

var errChecksum = errors.New("checksum")

func parseEcho(n int) Contest {
	b := echoOctets(n)
	return Contest{
		Name: fmt.Sprintf("parse echo, %d octets of data", n), Octets: len(b), Pairs: parsePairs,
		Contestants: []Contestant{
			echoSonde(b), echoSondeUnverified(b), echoGVisor(b), echoGVisorUnverified(b),
			echoXNet(b), echoNewPacket(b), echoParser(b), echoParserVerified(b),
		},
	}
}

// foundEcho is where a contestant leaves what it has read, field by field as a
// program reads them.
type foundEcho struct {
	typ, code uint8
	id, seq   uint16
	data      []byte
	err       error
}

func (f *foundEcho) result() any {
	if f.err != nil {
		return f.err
	}
	return Echo{f.typ, f.code, f.id, f.seq, string(f.data)}
}

func echoSonde(b []byte) Contestant {
	f := new(foundEcho)
	return Contestant{Sonde, func(n int) {
		for range n {
			m, err := icmp4.ParseEcho(b)
			if err != nil {
				f.err = err
				return
			}
			k := m.Kind()
			f.typ, f.code, f.id, f.seq, f.data = uint8(k.Type), uint8(k.Code), m.ID, m.Seq, m.Data
		}
	}, f.result}
}

func echoSondeUnverified(b []byte) Contestant {
	f := new(foundEcho)
	return Contestant{SondeUnverified, func(n int) {
		for range n {
			m, err := icmp4.DecodeEcho(b)
			if err != nil {
				f.err = err
				return
			}
			k := m.Kind()
			f.typ, f.code, f.id, f.seq, f.data = uint8(k.Type), uint8(k.Code), m.ID, m.Seq, m.Data
		}
	}, f.result}
}

func echoGVisor(b []byte) Contestant {
	f := new(foundEcho)
	return Contestant{GVisorVerified, func(n int) {
		for range n {
			v := header.ICMPv4(b)
			if checksum.Checksum(v, 0) != 0xffff {
				f.err = errChecksum
				return
			}
			f.typ, f.code, f.id, f.seq, f.data = uint8(v.Type()), uint8(v.Code()), v.Ident(), v.Sequence(), v.Payload()
		}
	}, f.result}
}

func echoGVisorUnverified(b []byte) Contestant {
	f := new(foundEcho)
	return Contestant{GVisor, func(n int) {
		for range n {
			v := header.ICMPv4(b)
			f.typ, f.code, f.id, f.seq, f.data = uint8(v.Type()), uint8(v.Code()), v.Ident(), v.Sequence(), v.Payload()
		}
	}, f.result}
}

func echoXNet(b []byte) Contestant {
	f := new(foundEcho)
	return Contestant{XNet, func(n int) {
		for range n {
			m, err := icmp.ParseMessage(protoICMP, b)
			if err != nil {
				f.err = err
				return
			}
			e := m.Body.(*icmp.Echo)
			f.typ, f.code = uint8(m.Type.(ipv4.ICMPType)), uint8(m.Code)
			f.id, f.seq, f.data = uint16(e.ID), uint16(e.Seq), e.Data
		}
	}, f.result}
}

// layer reads the fields of gopacket's layer.
func (f *foundEcho) layer(m *layers.ICMPv4) {
	f.typ, f.code, f.id, f.seq, f.data = m.TypeCode.Type(), m.TypeCode.Code(), m.Id, m.Seq, m.Payload
}

func echoNewPacket(b []byte) Contestant {
	f := new(foundEcho)
	return Contestant{NewPacket, func(n int) {
		for range n {
			p := gopacket.NewPacket(b, layers.LayerTypeICMPv4, gopacket.DecodeOptions{NoCopy: true})
			f.layer(p.Layer(layers.LayerTypeICMPv4).(*layers.ICMPv4))
		}
	}, f.result}
}

func echoParser(b []byte) Contestant {
	f, m := new(foundEcho), new(layers.ICMPv4)
	p := gopacket.NewDecodingLayerParser(layers.LayerTypeICMPv4, m, new(gopacket.Payload))
	var decoded []gopacket.LayerType
	return Contestant{Parser, func(n int) {
		for range n {
			if err := p.DecodeLayers(b, &decoded); err != nil {
				f.err = err
				return
			}
			f.layer(m)
		}
	}, f.result}
}

func echoParserVerified(b []byte) Contestant {
	f, m := new(foundEcho), new(layers.ICMPv4)
	p := gopacket.NewDecodingLayerParser(layers.LayerTypeICMPv4, m, new(gopacket.Payload))
	var decoded []gopacket.LayerType
	return Contestant{ParserVerified, func(n int) {
		for range n {
			if err := p.DecodeLayers(b, &decoded); err != nil {
				f.err = err
				return
			}
			if _, r := m.VerifyChecksum(); !r.Valid {
				f.err = errChecksum
				return
			}
			f.layer(m)
		}
	}, f.result}
}

func buildEcho(n int) Contest {
	data := echoData(n)
	return Contest{
		Name: fmt.Sprintf("build echo, %d octets of data", n), Octets: 8 + n, Pairs: buildPairs,
		Contestants: []Contestant{
			buildEchoSonde(data), buildEchoGVisor(data),
			buildXNet(ipv4.ICMPTypeEcho, 0, func() icmp.MessageBody {
				return &icmp.Echo{ID: echoID, Seq: echoSeq, Data: data}
			}),
			serialize(8, 0, echoID, echoSeq, data), serializeReused(8, 0, echoID, echoSeq, data),
		},
	}
}

func buildEchoSonde(data []byte) Contestant {
	f, buf := new(foundOctets), make([]byte, 0, bufLen)
	return Contestant{Sonde, func(n int) {
		for range n {
			m := icmp4.Echo{ID: echoID, Seq: echoSeq, Data: data}
			f.b, f.err = m.AppendBinary(buf)
		}
	}, f.result}
}

func buildEchoGVisor(data []byte) Contestant {
	f, buf := new(foundOctets), make([]byte, bufLen)
	return Contestant{GVisor, func(n int) {
		for range n {
			v := header.ICMPv4(buf[:header.ICMPv4MinimumSize+len(data)])
			v.SetType(header.ICMPv4Echo)
			v.SetCode(header.ICMPv4UnusedCode)
			v.SetChecksum(0)
			v.SetIdent(echoID)
			v.SetSequence(echoSeq)
			copy(v.Payload(), data)
			v.SetChecksum(^checksum.Checksum(v, 0))
			f.b = v
		}
	}, f.result}
}
