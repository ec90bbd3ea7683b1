//go:build !linux

package portable

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// path is a socket with its header fields: one of p4 and p6.
type path struct {
	p4 *ipv4.PacketConn
	p6 *ipv6.PacketConn
	v6 bool
	// What it is set to; -1: never.
	ttl, tos int
}

const (
	defaultTTL  = 64
	maxDatagram = 65535
)

// send sends a datagram with the header fields of tx.
func (p *path) send(tx *probe.Transmit, payload []byte, to net.Addr) error {
	ttl, tos := int(tx.TTL), int(tx.TOS)
	if ttl == 0 {
		ttl = defaultTTL
	}
	if p.v6 {
		if ttl != p.ttl {
			if err := p.p6.SetHopLimit(ttl); err != nil {
				return err
			}
		}
		if tos != p.tos && tos != 0 {
			if err := p.p6.SetTrafficClass(tos); err != nil {
				return err
			}
		}
		p.ttl, p.tos = ttl, tos
		_, err := p.p6.WriteTo(payload, nil, to)
		return err
	}
	if ttl != p.ttl {
		if err := p.p4.SetTTL(ttl); err != nil {
			return err
		}
	}
	if tos != p.tos && (tos != 0 || p.tos > 0) {
		if err := p.p4.SetTOS(tos); err != nil {
			return err
		}
	}
	p.ttl, p.tos = ttl, tos
	_, err := p.p4.WriteTo(payload, nil, to)
	return err
}

// receive reads a datagram, and what there is of its header.
func (p *path) receive(b []byte, a *probe.Arrival) (n int, from net.Addr, err error) {
	if p.v6 {
		var cm *ipv6.ControlMessage
		if n, cm, from, err = p.p6.ReadFrom(b); cm != nil {
			a.TTL, a.TOS = ip.TTL(cm.HopLimit), uint8(cm.TrafficClass)
			a.To, _ = netip.AddrFromSlice(cm.Dst)
		}
		return n, from, err
	}
	var cm *ipv4.ControlMessage
	if n, cm, from, err = p.p4.ReadFrom(b); cm != nil {
		a.TTL = ip.TTL(cm.TTL)
		a.To, _ = netip.AddrFromSlice(cm.Dst.To4())
	}
	return n, from, err
}

// listen asks for what is to come with each datagram. What the system has not is
// not there.
func (p *path) listen() {
	if p.v6 {
		_ = p.p6.SetControlMessage(ipv6.FlagHopLimit|ipv6.FlagDst|ipv6.FlagTrafficClass, true)
		return
	}
	_ = p.p4.SetControlMessage(ipv4.FlagTTL|ipv4.FlagDst, true)
}

// family is the ICMP socket of a family.
type family struct {
	path
	conn *icmp.PacketConn
}

func (c *Conn) openFamily(v6 bool) (*family, error) {
	raw, plain, local, proto := "ip4:icmp", "udp4", "0.0.0.0", ip.ProtoICMP
	if v6 {
		raw, plain, local, proto = "ip6:ipv6-icmp", "udp6", "::", ip.ProtoICMPv6
	}
	if c.o.Source.IsValid() {
		local = c.o.Source.String()
	}
	conn, err := icmp.ListenPacket(raw, local)
	if c.o.Unprivileged || denied(err) {
		if err == nil {
			_ = conn.Close()
		}
		c.plain = true
		if conn, err = icmp.ListenPacket(plain, local); err != nil {
			program, _ := os.Executable()
			return nil, &link.PrivilegeError{What: "ICMP sockets", Program: program, Err: err}
		}
	}
	if err != nil {
		return nil, err
	}
	f := &family{conn: conn, path: path{v6: v6, p4: conn.IPv4PacketConn(), p6: conn.IPv6PacketConn(), ttl: -1, tos: -1}}
	f.listen()
	go c.read(&f.path, proto, 0)
	return f, nil
}

// patience is how many errors in a row a reader takes.
const patience = 64

// read hands on what arrives, until the socket is closed.
func (c *Conn) read(p *path, proto ip.Proto, port uint16) {
	b := make([]byte, maxDatagram)
	for failed := 0; failed < patience; {
		d := &datagram{}
		n, from, err := p.receive(b, &d.arrival)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			failed++ // of an earlier datagram, on some systems
			continue
		}
		failed = 0
		a := &d.arrival
		a.At, a.Proto = time.Now(), proto
		other := uint16(0)
		switch x := from.(type) {
		case *net.IPAddr:
			a.From, _ = netip.AddrFromSlice(x.IP)
			a.From = a.From.Unmap().WithZone(x.Zone)
		case *net.UDPAddr:
			a.From, other = x.AddrPort().Addr().Unmap(), x.AddrPort().Port()
		}
		if proto != ip.ProtoUDP {
			d.octets = append(d.octets, b[:n]...)
			a.Verified = p.v6
		} else if d.octets, err = (transport.UDP{SrcPort: other, DstPort: port}).AppendPacket(nil, a.From, a.To, b[:n]); err != nil {
			// Where it was sent to is not known, and so not its checksum.
			d.octets, _ = transport.UDP{SrcPort: other, DstPort: port, Length: uint16(transport.UDPLen + n)}.AppendBinary(nil)
			d.octets = append(d.octets, b[:n]...)
			a.Verified = true
		}
		a.Payload = d.octets
		c.arrived(d)
	}
}

// carrier is a UDP socket.
type carrier struct {
	path
	conn net.PacketConn
}

// maxCarriers is how many there are at one time.
const maxCarriers = 64

// carrier returns the UDP socket with that port of its own.
func (c *Conn) carrier(port uint16, v6 bool) (*carrier, error) {
	if u, ok := c.udp[port]; ok && u.v6 == v6 {
		return u, nil
	}
	network, local := "udp4", netip.IPv4Unspecified()
	if v6 {
		network, local = "udp6", netip.IPv6Unspecified()
	}
	if c.o.Source.IsValid() {
		local = c.o.Source
	}
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, port)))
	if err != nil {
		return nil, err
	}
	u := &carrier{conn: conn, path: path{v6: v6, ttl: -1, tos: -1}}
	if v6 {
		u.p6 = ipv6.NewPacketConn(conn)
	} else {
		u.p4 = ipv4.NewPacketConn(conn)
	}
	u.listen()
	if old, ok := c.udp[port]; ok {
		_ = old.conn.Close()
	} else if c.order = append(c.order, port); len(c.order) > maxCarriers {
		_ = c.udp[c.order[0]].conn.Close()
		delete(c.udp, c.order[0])
		c.order = c.order[1:]
	}
	c.udp[port] = u
	go c.read(&u.path, ip.ProtoUDP, port)
	return u, nil
}
