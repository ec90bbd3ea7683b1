package proof

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/wire/checksum"
)

// Ports of the conversation that the messages quote, and of the one that there
// is not.
const (
	portClient = 40001
	portServer = 50001
	portNobody = 49999
)

// mark is what our messages are known by.
const mark = "sonde-guard-proof"

// packet writes a whole IP datagram with a message of that kind: 8 octets of
// header, a quoted datagram of UDP where it is an error, then the mark, the
// number of the way, type and code.
type packet struct {
	way      int
	kind     kind.Kind
	src, dst netip.Addr
	hops     uint8
	belongs  bool
	back     bool // the conversation was begun from the other side
	id       uint16
}

func (p *packet) append(b []byte) []byte {
	at := len(b)
	b = p.header(b)
	message := len(b)
	b = append(b, p.kind.Type, p.kind.Code, 0, 0)
	switch {
	case p.kind.Error():
		b = append(b, 0, 0, 0x05, 0x78) // as an MTU, 1400
		b = p.quote(b)
	default:
		b = binary.BigEndian.AppendUint16(b, p.id)
		b = append(b, 0, 1)
	}
	b = append(b, mark...)
	b = append(b, byte(p.way), p.kind.Type, p.kind.Code)
	length := len(b) - message
	if p.kind.Family == kind.V6 {
		binary.BigEndian.PutUint16(b[at+4:], uint16(length))
		sum := checksum.Pseudo6(p.src, p.dst, p.kind.Family.Proto(), uint32(length))
		binary.BigEndian.PutUint16(b[message+2:], ^checksum.Sum(b[message:], sum))
		return b
	}
	binary.BigEndian.PutUint16(b[at+2:], uint16(len(b)-at))
	binary.BigEndian.PutUint16(b[at+10:], checksum.Of(b[at:message]))
	binary.BigEndian.PutUint16(b[message+2:], checksum.Of(b[message:]))
	return b
}

// header writes the IP header, its length and checksum still zero.
func (p *packet) header(b []byte) []byte {
	return header(b, p.src, p.dst, p.kind.Family.Proto(), p.hops, 0)
}

func header(b []byte, src, dst netip.Addr, proto, hops uint8, payload int) []byte {
	if src.Is4() {
		b = append(b, 0x45, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(payload+20))
		b = append(b, 0, 0, 0, 0, hops, proto, 0, 0)
	} else {
		b = append(b, 0x60, 0, 0, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(payload))
		b = append(b, proto, hops)
	}
	b = append(b, src.AsSlice()...)
	return append(b, dst.AsSlice()...)
}

// quote writes the beginning of a datagram of UDP from whom the message is to, of
// the conversation that there is, or of one that there is not.
func (p *packet) quote(b []byte) []byte {
	const udp, payload = 17, 8
	at := len(b)
	b = header(b, p.dst, p.src, udp, unicast, payload)
	if p.src.Is4() {
		binary.BigEndian.PutUint16(b[at+10:], checksum.Of(b[at:]))
	}
	from, to := uint16(portClient), uint16(portServer)
	switch {
	case !p.belongs:
		from, to = portNobody, portNobody
	case p.back:
		from, to = to, from
	}
	b = binary.BigEndian.AppendUint16(b, from)
	b = binary.BigEndian.AppendUint16(b, to)
	return append(b, 0, payload, 0, 0)
}

// read returns which of our messages a datagram is; with ip, its IP header is
// there. What the kernel says about a message of ours is none.
func read(b []byte, f kind.Family, ip bool) (way int, k kind.Kind, ok bool) {
	if ip {
		n := 40
		if f == kind.V4 {
			if len(b) < 20 {
				return 0, k, false
			}
			n = int(b[0]&15) * 4
		}
		if len(b) < n || b[0]>>4 != byte(f) || f == kind.V4 && b[9] != f.Proto() || f == kind.V6 && b[6] != f.Proto() {
			return 0, k, false
		}
		b = b[n:]
	}
	tail := len(mark) + 3
	if len(b) < 8+tail {
		return 0, k, false
	}
	end := b[len(b)-tail:]
	if string(end[:len(mark)]) != mark || end[tail-2] != b[0] || end[tail-1] != b[1] {
		return 0, k, false
	}
	return int(end[tail-3]), kind.Kind{Family: f, Type: b[0], Code: b[1]}, true
}
