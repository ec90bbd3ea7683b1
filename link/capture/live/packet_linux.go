package live

import (
	"encoding/binary"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/link/internal/blocks"
)

// headroom is how many octets before each packet are for what is put in front of
// it.
const headroom = 32

// take makes a packet of what the kernel wrote; false: it is not wanted.
func (c *Capture) take(b []byte) bool {
	h := (*unix.Tpacket3Hdr)(unsafe.Pointer(&b[0]))
	from := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&b[blocks.AddressAt]))
	// The loopback device shows each packet on its way out and in.
	if from.Pkttype == unix.PACKET_OUTGOING && from.Ifindex == c.loopback {
		return false
	}
	p := &c.packet
	begin, end := int(h.Mac), int(h.Mac)+int(h.Snaplen)
	switch {
	case c.link == frame.Cooked2:
		begin = cook(b, begin, h, from)
	case h.Status&unix.TP_STATUS_VLAN_VALID != 0 && c.link == frame.Ethernet && h.Snaplen >= 12:
		begin -= 4
		copy(b[begin:], b[begin+4:][:12])
		binary.BigEndian.PutUint16(b[begin+12:], tpid(h))
		binary.BigEndian.PutUint16(b[begin+14:], uint16(h.Hv1.Vlan_tci))
	}
	p.Data = b[begin:end:end]
	p.Length = max(int(h.Len)+int(h.Mac)-begin, len(p.Data))
	p.Time = time.Unix(int64(h.Sec), int64(h.Nsec)).UTC()
	p.Link = c.link
	if p.Interface != int(from.Ifindex) || p.Number == 0 {
		p.Interface, p.Name = int(from.Ifindex), c.nameOf(from.Ifindex)
	}
	p.Direction = direction(from.Pkttype)
	return c.filter == nil || c.filter.Match(p.Link, p.Data, p.Length)
}

// tpid returns what announces the tag that the kernel took off.
func tpid(h *unix.Tpacket3Hdr) uint16 {
	if h.Status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		return h.Hv1.Vlan_tpid
	}
	return unix.ETH_P_8021Q
}

// cook writes a cooked header, version 2, in front of a packet, and returns
// where it begins. A VLAN tag goes between.
func cook(b []byte, at int, h *unix.Tpacket3Hdr, from *unix.RawSockaddrLinklayer) int {
	const length = 20
	o := binary.BigEndian
	proto := htons(from.Protocol)
	if h.Status&unix.TP_STATUS_VLAN_VALID != 0 {
		at -= 4
		o.PutUint16(b[at:], uint16(h.Hv1.Vlan_tci))
		o.PutUint16(b[at+2:], proto)
		proto = tpid(h)
	}
	at -= length
	s := *from // it may lie where the header goes
	head := b[at:][:length]
	o.PutUint16(head, proto)
	o.PutUint16(head[2:], 0)
	o.PutUint32(head[4:], uint32(s.Ifindex))
	o.PutUint16(head[8:], s.Hatype)
	head[10], head[11] = s.Pkttype, s.Halen
	copy(head[12:], s.Addr[:])
	return at
}

func direction(kind uint8) frame.Direction {
	switch kind {
	case unix.PACKET_HOST:
		return frame.Inbound
	case unix.PACKET_BROADCAST:
		return frame.Broadcast
	case unix.PACKET_MULTICAST:
		return frame.Multicast
	case unix.PACKET_OTHERHOST:
		return frame.Foreign
	case unix.PACKET_OUTGOING:
		return frame.Outbound
	}
	return frame.Unknown
}

// nameOf returns the name of an interface, asked once; "" for one that has gone.
func (c *Capture) nameOf(index int32) string {
	name, ok := c.names[index]
	if ok {
		return name
	}
	req, err := unix.NewIfreq("")
	if err == nil {
		req.SetUint32(uint32(index))
		if unix.IoctlIfreq(c.fd, unix.SIOCGIFNAME, req) == nil {
			name = req.Name()
		}
	}
	const most = 4096
	if len(c.names) < most {
		c.names[index] = name
	}
	return name
}
