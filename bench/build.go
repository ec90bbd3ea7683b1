package bench

import (
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/icmp"
)

// bufLen holds every message that is built here.
const bufLen = 2048

// foundOctets is where a contestant leaves what it has built.
type foundOctets struct {
	b   []byte
	err error
}

func (f *foundOctets) result() any {
	if f.err != nil {
		return f.err
	}
	return string(f.b)
}

// buildXNet builds a message of x/net, whose body is made anew each time.
func buildXNet(typ icmp.Type, code int, body func() icmp.MessageBody) Contestant {
	f := new(foundOctets)
	return Contestant{XNet, func(n int) {
		for range n {
			m := icmp.Message{Type: typ, Code: code, Body: body()}
			f.b, f.err = m.Marshal(nil)
		}
	}, f.result}
}

// serialize builds a message by gopacket in a buffer of its own.
func serialize(typ, code uint8, id, seq uint16, data []byte) Contestant {
	f := new(foundOctets)
	opts := gopacket.SerializeOptions{ComputeChecksums: true}
	return Contestant{Serialize, func(n int) {
		for range n {
			buf := gopacket.NewSerializeBuffer()
			m := &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(typ, code), Id: id, Seq: seq}
			f.err = gopacket.SerializeLayers(buf, opts, m, gopacket.Payload(data))
			f.b = buf.Bytes()
		}
	}, f.result}
}

// serializeReused is serialize as cheap as gopacket lets it be: buffer and layer
// are kept, and the payload does not go through an interface.
func serializeReused(typ, code uint8, id, seq uint16, data []byte) Contestant {
	f, m := new(foundOctets), new(layers.ICMPv4)
	opts := gopacket.SerializeOptions{ComputeChecksums: true}
	buf := gopacket.NewSerializeBuffer()
	return Contestant{SerializeReused, func(n int) {
		for range n {
			if f.err = buf.Clear(); f.err != nil {
				return
			}
			payload, err := buf.PrependBytes(len(data))
			if err != nil {
				f.err = err
				return
			}
			copy(payload, data)
			m.TypeCode, m.Id, m.Seq = layers.CreateICMPv4TypeCode(typ, code), id, seq
			f.err = m.SerializeTo(buf, opts)
			f.b = buf.Bytes()
		}
	}, f.result}
}
