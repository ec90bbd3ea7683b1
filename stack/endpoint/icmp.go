package endpoint

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// ICMP is a raw socket: it is shown every ICMP and ICMPv6 message that comes to
// the node with a good checksum, whatever the node does about it itself, and
// sends messages or whole datagrams.
type ICMP struct {
	e      *Endpoint
	box    mailbox
	filter func(p *stack.Packet) bool
}

// OpenICMP opens a raw socket for the messages that filter says true about; nil:
// all. The packet is lent to filter, its Payload the message. The error is
// [ErrSockets].
func (e *Endpoint) OpenICMP(filter func(p *stack.Packet) bool) (*ICMP, error) {
	if e.sockets() >= e.cfg.Sockets {
		return nil, ErrSockets
	}
	s := &ICMP{e: e, filter: filter}
	s.box.open(&e.cfg)
	e.raw = append(e.raw, s)
	return s, nil
}

// minMessage is how much of a message there must be for its checksum.
const minMessage = 4

// SendTo sends an ICMP message, or ICMPv6 where dst is IPv6, with its checksum
// computed here: what stands in its field does not count. The message is
// copied. The errors are those of [stack.Node.Send], [ErrClosed], [ErrDetached],
// and a [*wire.FieldError] when the message has no checksum field.
func (s *ICMP) SendTo(now time.Time, dst netip.Addr, message []byte, o Options) error {
	e := s.e
	if s.box.closed {
		return ErrClosed
	}
	if len(message) < minMessage {
		return &wire.FieldError{Type: "endpoint.ICMP", Field: "message", Want: "at least four octets"}
	}
	dst = dst.Unmap()
	proto := ip.ProtoICMP
	if dst.Is6() {
		proto = ip.ProtoICMPv6
	}
	if err := e.prepare(dst, proto, &o); err != nil {
		return err
	}
	q, err := e.enclose(message)
	if err != nil {
		return err
	}
	f, ok := flowOf(&q)
	m := e.buf[len(e.buf)-len(message):]
	initial := uint16(0)
	if proto == ip.ProtoICMPv6 {
		initial = checksum.Pseudo6(e.out.Src, dst, uint8(proto), uint32(len(m)))
	}
	m[2], m[3] = 0, 0
	binary.BigEndian.PutUint16(m[2:], ^checksum.Sum(m, initial))
	e.out.Payload = m
	if err := e.node.Send(now, &e.out); err != nil {
		return err
	}
	if ok {
		e.recent.add(now, f, &s.box)
	}
	return nil
}

// enclose puts the message behind a header in e.buf, and reads both as an error
// would quote them.
func (e *Endpoint) enclose(message []byte) (q quote.Quote, err error) {
	if e.out.Dst.Is4() {
		h := ip.Header4{Proto: e.out.Proto, Src: e.out.Src, Dst: e.out.Dst}
		e.buf, err = h.AppendPacket(e.buf[:0], message)
	} else {
		h := ip.Header6{NextHeader: e.out.Proto, Src: e.out.Src, Dst: e.out.Dst}
		e.buf, err = h.AppendPacket(e.buf[:0], message)
	}
	if err != nil {
		return q, err
	}
	return quote.Parse(e.buf)
}

// SendDatagram sends a whole datagram as it stands, of any protocol; see
// [stack.Node.SendDatagram]. Errors about it come to this socket.
func (s *ICMP) SendDatagram(now time.Time, d []byte) error {
	switch {
	case s.box.closed:
		return ErrClosed
	case s.e.node == nil:
		return ErrDetached
	}
	if err := s.e.node.SendDatagram(now, d); err != nil {
		return err
	}
	if q, err := quote.Parse(d); err == nil {
		if f, ok := flowOf(&q); ok {
			s.e.recent.add(now, f, &s.box)
		}
	}
	return nil
}

// Receive returns the oldest message that was not read yet.
func (s *ICMP) Receive() (Datagram, bool) { return s.box.receive() }

// NextTrouble returns the oldest error that was not read yet about something
// that this socket has sent.
func (s *ICMP) NextTrouble() (Trouble, bool) { return s.box.troubles.get() }

// Close closes the socket. What waits is lost.
func (s *ICMP) Close() {
	for i, o := range s.e.raw {
		if o == s {
			s.e.raw = append(s.e.raw[:i], s.e.raw[i+1:]...)
			s.box.close()
			return
		}
	}
}

// deliverICMP shows the message to all that want it.
func (e *Endpoint) deliverICMP(now time.Time, p *stack.Packet) stack.Acceptance {
	answer := stack.NoProtocol
	for _, s := range e.raw {
		if s.filter != nil && !s.filter(p) {
			continue
		}
		switch {
		case s.box.put(received(now, p, 0, 0, p.Payload)):
			answer = stack.Accepted
		case answer == stack.NoProtocol:
			answer = stack.Discarded
		}
	}
	return answer
}
