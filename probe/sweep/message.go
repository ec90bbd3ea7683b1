package sweep

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// dataLen is how many octets of data are the sweep's own: the cookie, and the
// number of the probe. Behind them are two octets that make the checksum what it
// is to be, where there is a trace, and two that are zero.
const (
	dataLen   = 16
	balanceAt = dataLen
	traceLen  = dataLen + 4
)

// firstPort and ports are which source ports probes have.
const (
	firstPort = 32768
	ports     = 28232
)

// hopBits is how many bits of the sequence number tell the time to live.
const hopBits = 6

// datagram appends the datagram of probe i, the given turn of the target's.
func (s *Sweep) datagram(b []byte, i uint64, dst netip.Addr, turn uint8) []byte {
	src, ttl := s.cfg.Src4, s.cfg.TTL
	if dst.Is6() {
		src = s.cfg.Src6
	}
	if s.cfg.Hops > 0 {
		ttl = ip.TTL(turn + 1)
	}
	x, y, z := s.numbers(dst)
	m := s.message[:0]
	proto := ip.ProtoICMP
	var err error
	switch s.cfg.Kind {
	case Echo:
		if dst.Is6() {
			proto = ip.ProtoICMPv6
		}
		m, err = s.echo(m, i, src, dst, x, s.sequence(y, turn))
	case Timestamp:
		m, err = icmp4.TimestampMessage{ID: x, Seq: y + uint16(turn), Originate: icmp4.Timestamp(z)}.AppendBinary(m)
	case UDP:
		proto = ip.ProtoUDP
		var data [8]byte
		binary.BigEndian.PutUint64(data[:], s.cookie(dst, 0))
		payload := s.cfg.Payload
		if len(payload) == 0 {
			payload = data[:]
		}
		m, err = transport.UDP{SrcPort: port(x), DstPort: s.cfg.Port}.AppendPacket(m, src, dst, payload)
	case TCP:
		proto = ip.ProtoTCP
		m, err = transport.TCP{
			SrcPort: port(x), DstPort: s.cfg.Port, Seq: z, Flags: transport.SYN, Window: 1024,
		}.AppendPacket(m, src, dst, nil)
	}
	if err != nil {
		panic(err) // the configuration was checked
	}
	s.message = m
	if dst.Is4() {
		// One probe cannot be in fragments, so any identification does (RFC 6864).
		b, err = ip.Header4{TOS: s.cfg.TOS, ID: y, TTL: ttl, Proto: proto, Src: src, Dst: dst}.AppendPacket(b, m)
	} else {
		b, err = ip.Header6{TrafficClass: s.cfg.TOS, HopLimit: ttl, NextHeader: proto, Src: src, Dst: dst}.AppendPacket(b, m)
	}
	if err != nil {
		panic(err) // likewise
	}
	return b
}

func port(x uint16) uint16 { return firstPort + x%ports }

// sequence returns the sequence number of a turn: the target's own, or in a
// trace its upper bits with the time to live below them.
func (s *Sweep) sequence(y uint16, turn uint8) uint16 {
	if s.cfg.Hops > 0 {
		return y&^(1<<hopBits-1) | uint16(turn+1)
	}
	return y + uint16(turn)
}

// echo appends the echo request.
func (s *Sweep) echo(b []byte, i uint64, src, dst netip.Addr, id, seq uint16) ([]byte, error) {
	var own [traceLen]byte
	binary.BigEndian.PutUint64(own[:], s.cookie(dst, i))
	binary.BigEndian.PutUint64(own[8:], s.tag|i)
	n := dataLen
	if s.cfg.Hops > 0 {
		n = traceLen
	}
	data := own[:n]
	if len(s.cfg.Payload) > 0 {
		s.data = append(append(s.data[:0], own[:n]...), s.cfg.Payload...)
		data = s.data
	}
	start := len(b)
	var err error
	if dst.Is4() {
		b, err = icmp4.Echo{ID: id, Seq: seq, Data: data}.AppendBinary(b)
	} else {
		b, err = icmp6.Echo{ID: id, Seq: seq, Data: data}.Append(b, src, dst)
	}
	if err == nil && s.cfg.Hops > 0 {
		balance(b[start:], id)
	}
	return b, err
}

// balance makes the checksum of a message what it is to be.
func balance(m []byte, want uint16) {
	const at = 2
	if want == 0 || want == 0xffff {
		want = 1 // the zero has two forms
	}
	sum := binary.BigEndian.Uint16(m[at:])
	// With x in place of the two octets, which are 0, the checksum is
	// ^(^sum + x): so x is ^want + sum, in ones' complement.
	binary.BigEndian.PutUint16(m[icmp4.HeaderLen+balanceAt:], checksum.Combine(^want, sum))
	binary.BigEndian.PutUint16(m[at:], want)
}

// Ports returns the first and the last of the ports that probes of UDP and TCP
// leave from.
func Ports() (first, last uint16) { return firstPort, firstPort + ports - 1 }
