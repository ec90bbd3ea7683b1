package endpoint

import (
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// The services of [Config], and the ports below which services live. What
// comes from such a port is not echoed: two echo services would never stop.
const (
	portEcho    = 7
	portDiscard = 9
	services    = 1024
)

// The ports that [Endpoint.Listen] chooses from (RFC 6335 §6).
const (
	firstDynamic = 49152
	numDynamic   = 1<<16 - firstDynamic
)

// UDP is a socket on one port, for all addresses of the node in both families.
type UDP struct {
	e    *Endpoint
	box  mailbox
	port uint16
}

// Listen opens the port; 0: a free one from 49152 up, by chance. The error is
// [ErrInUse] or [ErrSockets].
func (e *Endpoint) Listen(port uint16) (*UDP, error) {
	if e.sockets() >= e.cfg.Sockets {
		return nil, ErrSockets
	}
	if port == 0 {
		port = e.freePort()
	}
	if e.ports[port] != nil || port == 0 {
		return nil, ErrInUse
	}
	s := &UDP{e: e, port: port}
	s.box.open(&e.cfg)
	e.ports[port] = s
	return s, nil
}

// freePort returns a port that nobody has, the first from a random one on; 0:
// there is none.
func (e *Endpoint) freePort() uint16 {
	at := e.rng.IntN(numDynamic)
	for i := range numDynamic {
		port := uint16(firstDynamic + (at+i)%numDynamic)
		if e.ports[port] == nil {
			return port
		}
	}
	return 0
}

// Port returns the local port.
func (s *UDP) Port() uint16 { return s.port }

// SendTo sends a datagram with the payload to dst, checksum filled in. The
// payload is copied. The errors are those of [stack.Node.Send], [ErrSlow],
// [ErrClosed] and [ErrDetached].
func (s *UDP) SendTo(now time.Time, dst netip.AddrPort, payload []byte, o Options) error {
	if s.box.closed {
		return ErrClosed
	}
	return s.e.sendUDP(now, s.port, netip.AddrPortFrom(dst.Addr().Unmap(), dst.Port()), payload, &o, &s.box)
}

func (e *Endpoint) sendUDP(now time.Time, port uint16, dst netip.AddrPort, payload []byte, o *Options, box *mailbox) error {
	if err := e.prepare(dst.Addr(), ip.ProtoUDP, o); err != nil {
		return err
	}
	var err error
	u := transport.UDP{SrcPort: port, DstPort: dst.Port()}
	if e.buf, err = u.AppendPacket(e.buf[:0], e.out.Src, dst.Addr(), payload); err != nil {
		return err
	}
	if o.NoChecksum && dst.Addr().Is4() {
		e.buf[6], e.buf[7] = 0, 0
	}
	e.out.Payload = e.buf
	f := flow{src: e.out.Src, dst: dst.Addr(), proto: ip.ProtoUDP, a: port, b: dst.Port()}
	if held, err := e.hold(now, &e.out, f, box); held {
		return err
	}
	return e.transmit(now, f, box)
}

// Receive returns the oldest datagram that was not read yet.
func (s *UDP) Receive() (Datagram, bool) { return s.box.receive() }

// NextTrouble returns the oldest error that was not read yet.
func (s *UDP) NextTrouble() (Trouble, bool) { return s.box.troubles.get() }

// Close gives the port back. What waits is lost.
func (s *UDP) Close() {
	if !s.box.closed {
		delete(s.e.ports, s.port)
		s.box.close()
	}
}

func (e *Endpoint) deliverUDP(now time.Time, p *stack.Packet) stack.Acceptance {
	u, data, err := transport.ParseUDP(p.Payload, p.Src, p.Dst)
	switch {
	case errors.Is(err, wire.Checksum):
		return stack.BadChecksum
	case err != nil:
		return stack.Malformed
	}
	s := e.ports[u.DstPort]
	switch {
	case s != nil:
		if !s.box.put(received(now, p, u.SrcPort, u.DstPort, data)) {
			return stack.Discarded
		}
		return stack.Accepted
	case u.DstPort == portEcho && e.cfg.Echo:
		e.echo(now, p, u.SrcPort, data)
		return stack.Accepted
	case u.DstPort == portDiscard && e.cfg.Discard:
		return stack.Accepted
	}
	return stack.NoPort
}

// echo sends the data back, from the address that they were sent to (RFC 862).
// Nothing is sent back that came to a group, or from a service.
func (e *Endpoint) echo(now time.Time, p *stack.Packet, port uint16, data []byte) {
	if p.Group || port < services {
		return
	}
	o := Options{Src: p.Dst}
	if e.sendUDP(now, portEcho, netip.AddrPortFrom(p.Src, port), data, &o, nil) != nil {
		e.unsent++
	}
}

func received(now time.Time, p *stack.Packet, src, dst uint16, payload []byte) Datagram {
	return Datagram{
		Time: now, Iface: p.Iface, Src: netip.AddrPortFrom(p.Src, src), Dst: netip.AddrPortFrom(p.Dst, dst),
		TTL: p.TTL, TOS: p.TOS, Group: p.Group, Payload: payload,
	}
}
