package kernel

import (
	"encoding/binary"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Control is what came with a datagram.
type Control struct {
	Stamp, Device time.Time // by the kernel, and by the interface; zero: none
	TTL, TOS      int       // -1: not known
	To            netip.Addr
	Interface     int
	Options       []byte // IPv4
	Largest       int    // octets of the largest fragment that it came in; 0: it was none
	Drops         uint32 // since the socket was opened
	HasDrops      bool

	HasErr   bool
	Err      unix.SockExtendedErr
	Offender netip.Addr // who reports it; the zero Addr: this host
	Zone     int        // number of the offender's zone; 0: none
	ExtAt    int        // RFC 4884: where in the data the extension begins; 0: there is none
}

// Parse reads control messages. Options alias b.
func (c *Control) Parse(b []byte) {
	*c = Control{TTL: -1, TOS: -1}
	for len(b) >= unix.SizeofCmsghdr {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
		n := int(h.Len)
		if n < unix.SizeofCmsghdr || n > len(b) {
			return
		}
		data := b[unix.CmsgLen(0):n]
		switch h.Level {
		case unix.SOL_SOCKET:
			c.socket(int(h.Type), data)
		case unix.IPPROTO_IP:
			c.ip4(int(h.Type), data)
		case unix.IPPROTO_IPV6:
			c.ip6(int(h.Type), data)
		}
		b = b[min(unix.CmsgSpace(len(data)), len(b)):]
	}
}

func (c *Control) socket(t int, b []byte) {
	const timespec = int(unsafe.Sizeof(unix.Timespec{}))
	at := func(i int) (t time.Time) {
		ts := (*unix.Timespec)(unsafe.Pointer(&b[i*timespec]))
		if ts.Sec != 0 || ts.Nsec != 0 {
			t = time.Unix(int64(ts.Sec), int64(ts.Nsec)) //nolint:unconvert // 32 bits on some systems
		}
		return t
	}
	switch {
	case t == unix.SCM_TIMESTAMPING && len(b) >= 3*timespec:
		c.Stamp, c.Device = at(0), at(2)
	case t == unix.SCM_TIMESTAMPNS && len(b) >= timespec:
		c.Stamp = at(0)
	case t == unix.SO_RXQ_OVFL && len(b) >= 4:
		c.Drops, c.HasDrops = binary.NativeEndian.Uint32(b), true
	}
}

func (c *Control) ip4(t int, b []byte) {
	switch {
	case t == unix.IP_TTL && len(b) >= 4:
		c.TTL = int(binary.NativeEndian.Uint32(b))
	case t == unix.IP_TOS && len(b) >= 1:
		c.TOS = int(b[0])
	case t == unix.IP_PKTINFO && len(b) >= unix.SizeofInet4Pktinfo:
		p := (*unix.Inet4Pktinfo)(unsafe.Pointer(&b[0]))
		c.To, c.Interface = netip.AddrFrom4(p.Addr), int(p.Ifindex)
	case t == unix.IP_RECVOPTS || t == unix.IP_RETOPTS:
		c.Options = b
	case t == unix.IP_RECVFRAGSIZE && len(b) >= 4:
		c.Largest = int(binary.NativeEndian.Uint32(b))
	case t == unix.IP_RECVERR:
		c.fault(b)
	}
}

func (c *Control) ip6(t int, b []byte) {
	switch {
	case t == unix.IPV6_HOPLIMIT && len(b) >= 4:
		c.TTL = int(binary.NativeEndian.Uint32(b))
	case t == unix.IPV6_TCLASS && len(b) >= 4:
		c.TOS = int(binary.NativeEndian.Uint32(b))
	case t == unix.IPV6_PKTINFO && len(b) >= unix.SizeofInet6Pktinfo:
		p := (*unix.Inet6Pktinfo)(unsafe.Pointer(&b[0]))
		c.To, c.Interface = netip.AddrFrom16(p.Addr), int(p.Ifindex)
	case t == unix.IPV6_RECVFRAGSIZE && len(b) >= 4:
		c.Largest = int(binary.NativeEndian.Uint32(b))
	case t == unix.IPV6_RECVERR:
		c.fault(b)
	}
}

// rfc4884 is where in a SockExtendedErr the length of the quote stands, and its
// flags; the library has the octets as Data.
const invalidExt = 1

func (c *Control) fault(b []byte) {
	size := int(unsafe.Sizeof(unix.SockExtendedErr{}))
	if len(b) < size {
		return
	}
	c.Err, c.HasErr = *(*unix.SockExtendedErr)(unsafe.Pointer(&b[0])), true
	if b[size-2]&invalidExt == 0 {
		c.ExtAt = int(binary.NativeEndian.Uint16(b[size-4:]))
	}
	switch b = b[size:]; {
	case len(b) >= unix.SizeofSockaddrInet6 && binary.NativeEndian.Uint16(b) == unix.AF_INET6,
		len(b) >= unix.SizeofSockaddrInet4 && binary.NativeEndian.Uint16(b) == unix.AF_INET:
		var sa unix.RawSockaddrInet6
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&sa)), unix.SizeofSockaddrInet6), b)
		c.Offender, _, c.Zone = Addr(&sa)
	}
}

// Addr reads the address in a socket address, the port, and the zone's number.
func Addr(sa *unix.RawSockaddrInet6) (a netip.Addr, port uint16, zone int) {
	p := (*[2]byte)(unsafe.Pointer(&sa.Port))
	port = binary.BigEndian.Uint16(p[:])
	switch sa.Family {
	case unix.AF_INET:
		return netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(sa)).Addr), port, 0
	case unix.AF_INET6:
		return netip.AddrFrom16(sa.Addr), port, int(sa.Scope_id)
	}
	return netip.Addr{}, 0, 0
}

// PutAddr writes a socket address and returns its length.
func PutAddr(sa *unix.RawSockaddrInet6, a netip.Addr, port uint16, zone int) int {
	*sa = unix.RawSockaddrInet6{}
	p := (*[2]byte)(unsafe.Pointer(&sa.Port))
	binary.BigEndian.PutUint16(p[:], port)
	if a.Is4() {
		s4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		s4.Family, s4.Addr = unix.AF_INET, a.As4()
		return unix.SizeofSockaddrInet4
	}
	sa.Family, sa.Addr, sa.Scope_id = unix.AF_INET6, a.As16(), uint32(zone)
	return unix.SizeofSockaddrInet6
}

// AppendControl appends a control message.
func AppendControl(b []byte, level, typ int, data []byte) []byte {
	start := len(b)
	space := unix.CmsgSpace(len(data))
	b = b[:start+space]
	clear(b[start:])
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[start]))
	h.Level, h.Type = int32(level), int32(typ)
	h.SetLen(unix.CmsgLen(len(data)))
	copy(b[start+unix.CmsgLen(0):], data)
	return b
}

// AppendInt appends a control message that is a number.
func AppendInt(b []byte, level, typ int, v uint32) []byte {
	var x [4]byte
	binary.NativeEndian.PutUint32(x[:], v)
	return AppendControl(b, level, typ, x[:])
}
