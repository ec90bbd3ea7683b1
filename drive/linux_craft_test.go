//go:build linux

package drive_test

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
)

// Datagrams for stimuli, right and wrong ones. Nothing here uses the codec
// under test to build what is to be wrong.

// A dgram is an IPv4 datagram. Zero fields stand for what is usual.
type dgram struct {
	src, dst string
	proto    uint8
	tos      uint8
	ttl      int    // 0: 64; -1: 0
	id       uint16 // 0: 0x1234
	flags    uint8  // 4 reserved, 2 DF, 1 MF
	off      int    // octets
	opts     []byte
	body     []byte
}

const (
	reserved = 4
	df       = 2
	mf       = 1
)

func (d dgram) octets() []byte {
	opts := pad(d.opts)
	b := make([]byte, ip.MinHeaderLen4, ip.MinHeaderLen4+len(opts)+len(d.body))
	b[0] = 4<<4 | byte(5+len(opts)/4)
	b[1] = d.tos
	binary.BigEndian.PutUint16(b[2:], uint16(cap(b)))
	id := d.id
	if id == 0 {
		id = 0x1234
	}
	binary.BigEndian.PutUint16(b[4:], id)
	binary.BigEndian.PutUint16(b[6:], uint16(d.flags)<<13|uint16(d.off/8))
	switch {
	case d.ttl == 0:
		b[8] = 64
	case d.ttl > 0:
		b[8] = byte(d.ttl)
	}
	b[9] = d.proto
	copy(b[12:], netip.MustParseAddr(d.src).AsSlice())
	copy(b[16:], netip.MustParseAddr(d.dst).AsSlice())
	b = append(b, opts...)
	return append(seal4(b), d.body...)
}

// pad fills options up to whole words.
func pad(opts []byte) []byte {
	out := append([]byte(nil), opts...)
	for len(out)%4 != 0 {
		out = append(out, 0)
	}
	return out
}

// cut sends the datagram as fragments of at most n octets of body each.
func (d dgram) cut(n int) [][]byte {
	var out [][]byte
	body, at := d.body, d.off
	for {
		f := d
		f.off = at
		f.body = body[:min(n, len(body))]
		if body = body[len(f.body):]; len(body) > 0 {
			f.flags |= mf
		}
		out = append(out, f.octets())
		if at += len(f.body); len(body) == 0 {
			return out
		}
	}
}

// A dgram6 is an IPv6 datagram: next and body are what stands behind the header.
type dgram6 struct {
	src, dst string
	next     uint8
	class    uint8
	flow     uint32
	hops     int // 0: 64; -1: 0
	body     []byte
}

func (d dgram6) octets() []byte {
	b := make([]byte, ip.HeaderLen6)
	binary.BigEndian.PutUint32(b, 6<<28|uint32(d.class)<<20|d.flow)
	binary.BigEndian.PutUint16(b[4:], uint16(len(d.body)))
	b[6] = d.next
	switch {
	case d.hops == 0:
		b[7] = 64
	case d.hops > 0:
		b[7] = byte(d.hops)
	}
	copy(b[8:], netip.MustParseAddr(d.src).AsSlice())
	copy(b[24:], netip.MustParseAddr(d.dst).AsSlice())
	return append(b, d.body...)
}

// message4 is an ICMPv4 message with its checksum.
func message4(typ, code uint8, rest ...byte) []byte {
	return sum(append([]byte{typ, code, 0, 0}, rest...), 0)
}

// sum fills the checksum of an ICMP message in.
func sum(m []byte, initial uint16) []byte {
	m[2], m[3] = 0, 0
	binary.BigEndian.PutUint16(m[2:], ^checksum.Sum(m, initial))
	return m
}

// message6 is an ICMPv6 message with its checksum.
func message6(src, dst string, typ, code uint8, rest ...byte) []byte {
	m := append([]byte{typ, code, 0, 0}, rest...)
	return sum(m, pseudo6(src, dst, 58, len(m)))
}

func pseudo6(src, dst string, proto uint8, n int) uint16 {
	return checksum.Pseudo6(netip.MustParseAddr(src), netip.MustParseAddr(dst), proto, uint32(n))
}

// ramp is n octets that are all different, as far as octets can be.
func ramp(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8)
	}
	return b
}

// ping4 is an echo request with n octets of data.
func ping4(n int) []byte { return message4(8, 0, append([]byte{0xbe, 0xef, 0, 7}, ramp(n)...)...) }

// udp4 is a UDP datagram to a port where nobody listens.
func udp4(src, dst string, n int) []byte {
	a, b := netip.MustParseAddr(src), netip.MustParseAddr(dst)
	u := udpHeader(n)
	binary.BigEndian.PutUint16(u[6:], ^checksum.Sum(u, checksum.Pseudo4(a, b, 17, uint16(len(u)))))
	return u
}

func udp6(src, dst string, n int) []byte {
	u := udpHeader(n)
	binary.BigEndian.PutUint16(u[6:], ^checksum.Sum(u, pseudo6(src, dst, 17, len(u))))
	return u
}

func udpHeader(n int) []byte {
	u := make([]byte, 8, 8+n)
	binary.BigEndian.PutUint16(u[0:], 40000)
	binary.BigEndian.PutUint16(u[2:], 33434)
	binary.BigEndian.PutUint16(u[4:], uint16(8+n))
	return append(u, ramp(n)...)
}

// set changes octets of a datagram and mends the header checksum.
func set(b []byte, at int, v ...byte) []byte {
	out := append([]byte(nil), b...)
	copy(out[at:], v)
	return seal4(out)
}

// raw changes octets and leaves the checksum as it was.
func raw(b []byte, at int, v ...byte) []byte {
	out := append([]byte(nil), b...)
	copy(out[at:], v)
	return out
}

// one is a stimulus of one datagram, by port 0.
func one(name string, b []byte) stimulus {
	return stimulus{name: name, in: []arrival{{0, b}}}
}

// train is a stimulus of several, by port 0.
func train(name string, bs ...[]byte) stimulus {
	s := stimulus{name: name}
	for _, b := range bs {
		s.in = append(s.in, arrival{0, b})
	}
	return s
}

// by sends the stimulus by another port.
func (s stimulus) by(port int) stimulus {
	for i := range s.in {
		s.in[i].port = port
	}
	return s
}

// wants says what the node must do.
func (s stimulus) wants(kinds string) stimulus {
	s.want = kinds
	return s
}
