package sock

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/link/sock/internal/kernel"
	"github.com/sonde-net/sonde/link/sock/internal/ledger"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// fault hands on an error that came by the error queue.
func (c *Conn) fault(s *socket, i int, now time.Time, to link.Receiver) {
	x := &c.control
	data, _ := c.in.Message(i)
	dst, port, _ := kernel.Addr(c.in.Name(i))
	from := c.zoned(x.Offender, x.Zone)
	a := &c.arrival
	*a = probe.Arrival{From: from, To: x.To, Proto: icmp(s.v6), Err: &c.claim, TTL: ip.TTL(max(x.TTL, 0)), TOS: uint8(max(x.TOS, 0))}
	a.At, a.Stamp = when(x)
	c.claim = claim.Claim{From: from, Type: x.Err.Type, Code: x.Err.Code}
	k := &c.claim
	if x.ExtAt > 0 && x.ExtAt < len(data) {
		data, k.Ext = data[:x.ExtAt], data[x.ExtAt:]
	}
	switch {
	case !s.v6 && icmp4.Type(k.Type) == icmp4.TypeDestUnreachable && icmp4.Code(k.Code) == icmp4.CodeFragNeeded,
		s.v6 && icmp6.Type(k.Type) == icmp6.TypePacketTooBig:
		k.MTU = int(min(x.Err.Info, ip.MaxLen))
	case !s.v6 && icmp4.Type(k.Type) == icmp4.TypeParameterProblem, s.v6 && icmp6.Type(k.Type) == icmp6.TypeParameterProblem:
		k.Pointer = x.Err.Info
	}
	q := &k.Quote
	*q = quote.Quote{Version: 4, Src: x.To, Dst: dst.WithZone(""), Proto: s.proto, Present: quote.Addrs | quote.Proto}
	if s.v6 {
		q.Version = 6
	}
	if !q.Src.IsValid() || !x.Offender.IsValid() {
		return
	}
	if s.role == carries && c.quoteUDP(s, q, netip.AddrPortFrom(q.Dst, port), data) || s.role != carries && quoteICMP(q, data) {
		to.Receive(now, a)
	}
	*a = probe.Arrival{}
}

// quoteICMP fills in what an ICMP socket knows: the message, as far as it was
// quoted.
func quoteICMP(q *quote.Quote, m []byte) bool {
	if len(m) < icmp4.HeaderLen {
		return false
	}
	q.ICMPType, q.ICMPCode, q.Checksum = m[0], m[1], binary.BigEndian.Uint16(m[2:])
	q.ICMPID, q.ICMPSeq = binary.BigEndian.Uint16(m[4:]), binary.BigEndian.Uint16(m[6:])
	q.Payload = m
	q.Present |= quote.ICMPType | quote.ICMPCode | quote.ICMPID | quote.ICMPSeq | quote.Checksum
	return true
}

// quoteUDP fills in what the ledger knows.
func (c *Conn) quoteUDP(s *socket, q *quote.Quote, peer netip.AddrPort, data []byte) bool {
	sum, ok := c.ledger.Find(ledger.Flow{Proto: s.proto, Own: s.port, Peer: peer}, data)
	if !ok {
		return false
	}
	q.SrcPort, q.DstPort, q.Checksum = s.port, peer.Port(), sum
	c.scratch = append(c.scratch[:0], make([]byte, transport.UDPLen)...)
	c.scratch = append(c.scratch, data...)
	q.Payload = c.scratch
	q.Present |= quote.Ports | quote.Checksum
	return true
}

// wrap puts the header back before what came to a UDP socket.
func (c *Conn) wrap(s *socket, port uint16) {
	a := &c.arrival
	var err error
	if s.proto == ip.ProtoUDPLite {
		c.scratch, err = transport.UDPLite{SrcPort: port, DstPort: s.port}.AppendPacket(c.scratch[:0], a.From, a.To, a.Payload)
	} else {
		c.scratch, err = transport.UDP{SrcPort: port, DstPort: s.port}.AppendPacket(c.scratch[:0], a.From, a.To, a.Payload)
	}
	a.Payload, a.Verified = c.scratch, err == nil // the kernel has looked at it
}
