package bench

import (
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

func parseEcho(n int) Contest {
	b := echoOctets(n)
	return Contest{
		Name: fmt.Sprintf("parse echo, %d octets of data", n), Octets: len(b), Pairs: parsePairs,
		Contestants: []Contestant{
			echoSonde(Sonde, b, true), echoSonde(SondeUnverified, b, false),
			echoGVisor(GVisorVerified, b, true), echoGVisor(GVisor, b, false),
			echoXNet(b), echoNewPacket(b),
			echoParser(Parser, b, false), echoParser(ParserVerified, b, true),
		},
	}
}

func echoSonde(name string, b []byte, verify bool) Contestant {
	var m icmp4.Echo
	var err error
	return Contestant{name, func(n int) {
		for range n {
			if verify {
				m, err = icmp4.ParseEcho(b)
			} else {
				m, err = icmp4.DecodeEcho(b)
			}
		}
	}, func() any {
		if err != nil {
			return err
		}
		k := m.Kind()
		return Echo{uint8(k.Type), uint8(k.Code), m.ID, m.Seq, string(m.Data)}
	}}
}

func echoGVisor(name string, b []byte, verify bool) Contestant {
	var m struct {
		typ     header.ICMPv4Type
		code    header.ICMPv4Code
		id, seq uint16
		data    []byte
	}
	var ok bool
	return Contestant{name, func(n int) {
		for range n {
			v := header.ICMPv4(b)
			if verify {
				if ok = checksum.Checksum(v, 0) == 0xffff; !ok {
					return
				}
			}
			m.typ, m.code, m.id, m.seq, m.data = v.Type(), v.Code(), v.Ident(), v.Sequence(), v.Payload()
		}
	}, func() any {
		if ok != verify {
			return "checksum"
		}
		return Echo{uint8(m.typ), uint8(m.code), m.id, m.seq, string(m.data)}
	}}
}

func echoXNet(b []byte) Contestant {
	var m *icmp.Message
	var e *icmp.Echo
	var err error
	return Contestant{XNet, func(n int) {
		for range n {
			if m, err = icmp.ParseMessage(protoICMP, b); err == nil {
				e = m.Body.(*icmp.Echo)
			}
		}
	}, func() any {
		if err != nil {
			return err
		}
		return Echo{uint8(m.Type.(ipv4.ICMPType)), uint8(m.Code), uint16(e.ID), uint16(e.Seq), string(e.Data)}
	}}
}

func echoLayer(m *layers.ICMPv4) any {
	return Echo{m.TypeCode.Type(), m.TypeCode.Code(), m.Id, m.Seq, string(m.Payload)}
}

func echoNewPacket(b []byte) Contestant {
	var m *layers.ICMPv4
	return Contestant{NewPacket, func(n int) {
		for range n {
			p := gopacket.NewPacket(b, layers.LayerTypeICMPv4, gopacket.DecodeOptions{NoCopy: true})
			m = p.Layer(layers.LayerTypeICMPv4).(*layers.ICMPv4)
		}
	}, func() any { return echoLayer(m) }}
}

// newParser is a DecodingLayerParser with the fastest of its containers.
func newParser(first gopacket.LayerType, l ...gopacket.DecodingLayer) *gopacket.DecodingLayerParser {
	p := gopacket.NewDecodingLayerParser(first)
	p.SetDecodingLayerContainer(gopacket.DecodingLayerSparse(nil))
	for _, l := range l {
		p.AddDecodingLayer(l)
	}
	return p
}

func echoParser(name string, b []byte, verify bool) Contestant {
	m := new(layers.ICMPv4)
	p := newParser(layers.LayerTypeICMPv4, m, new(gopacket.Payload))
	var decoded []gopacket.LayerType
	var err error
	return Contestant{name, func(n int) {
		for range n {
			if err = p.DecodeLayers(b, &decoded); err != nil {
				return
			}
			if verify {
				if err = verifyLayer(m); err != nil {
					return
				}
			}
		}
	}, func() any {
		if err != nil {
			return err
		}
		return echoLayer(m)
	}}
}

func verifyLayer(m *layers.ICMPv4) error {
	if _, r := m.VerifyChecksum(); !r.Valid {
		return fmt.Errorf("checksum: %+v", r)
	}
	return nil
}

func buildEcho(n int) Contest {
	data := echoData(n)
	return Contest{
		Name: fmt.Sprintf("build echo, %d octets of data", n), Octets: 8 + n, Pairs: buildPairs,
		Contestants: []Contestant{
			buildEchoSonde(data),
			buildEchoGVisor(data),
			buildXNet(icmp.Message{Type: ipv4.ICMPTypeEcho}, func() icmp.MessageBody {
				return &icmp.Echo{ID: echoID, Seq: echoSeq, Data: data}
			}),
			serialize(Serialize, 8, 0, echoID, echoSeq, data),
			serialize(SerializeReused, 8, 0, echoID, echoSeq, data),
		},
	}
}

func buildEchoSonde(data []byte) Contestant {
	buf := make([]byte, 0, 2048)
	var err error
	return Contestant{Sonde, func(n int) {
		for range n {
			m := icmp4.Echo{ID: echoID, Seq: echoSeq, Data: data}
			buf, err = m.AppendBinary(buf[:0])
		}
	}, func() any { return built(buf, err) }}
}

func built(b []byte, err error) any {
	if err != nil {
		return err
	}
	return string(b)
}

func buildEchoGVisor(data []byte) Contestant {
	buf := make([]byte, 2048)
	var v header.ICMPv4
	return Contestant{GVisor, func(n int) {
		for range n {
			v = header.ICMPv4(buf[:header.ICMPv4MinimumSize+len(data)])
			v.SetType(header.ICMPv4Echo)
			v.SetCode(header.ICMPv4UnusedCode)
			v.SetChecksum(0)
			v.SetIdent(echoID)
			v.SetSequence(echoSeq)
			copy(v.Payload(), data)
			v.SetChecksum(^checksum.Checksum(v, 0))
		}
	}, func() any { return built(v, nil) }}
}

func buildXNet(m icmp.Message, body func() icmp.MessageBody) Contestant {
	var b []byte
	var err error
	return Contestant{XNet, func(n int) {
		for range n {
			m.Body = body()
			b, err = m.Marshal(nil)
		}
	}, func() any { return built(b, err) }}
}

// serialize builds a message by gopacket, in a buffer of its own each time or
// in one that is reused.
func serialize(name string, typ, code uint8, id, seq uint16, data []byte) Contestant {
	kept := gopacket.NewSerializeBuffer()
	buf := kept
	opts := gopacket.SerializeOptions{ComputeChecksums: true}
	var m layers.ICMPv4
	var err error
	return Contestant{name, func(n int) {
		for range n {
			if name == Serialize {
				buf = gopacket.NewSerializeBuffer()
				l := &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(typ, code), Id: id, Seq: seq}
				err = gopacket.SerializeLayers(buf, opts, l, gopacket.Payload(data))
				continue
			}
			m = layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(typ, code), Id: id, Seq: seq}
			if err = buf.Clear(); err != nil {
				return
			}
			var payload []byte
			if payload, err = buf.PrependBytes(len(data)); err != nil {
				return
			}
			copy(payload, data)
			err = m.SerializeTo(buf, opts)
		}
	}, func() any { return built(buf.Bytes(), err) }}
}
