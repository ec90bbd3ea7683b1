package kernel_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link/sock/internal/kernel"
)

func room() []byte { return make([]byte, 0, 512) }

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// octets is the memory of a value.
func octets[T any](v *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v))
}

// TestControl writes control messages and reads them back.
func TestControl(t *testing.T) {
	stamps := [3]unix.Timespec{{Sec: 1_800_000_000, Nsec: 5}, {}, {Sec: 7, Nsec: 9}}
	info4 := unix.Inet4Pktinfo{Ifindex: 3, Addr: [4]byte{192, 0, 2, 1}, Spec_dst: [4]byte{192, 0, 2, 9}}
	b := kernel.AppendControl(room(), unix.SOL_SOCKET, unix.SCM_TIMESTAMPING, octets(&stamps))
	b = kernel.AppendInt(b, unix.IPPROTO_IP, unix.IP_TTL, 61)
	b = kernel.AppendControl(b, unix.IPPROTO_IP, unix.IP_TOS, []byte{0xb8})
	b = kernel.AppendControl(b, unix.IPPROTO_IP, unix.IP_PKTINFO, octets(&info4))
	b = kernel.AppendControl(b, unix.IPPROTO_IP, unix.IP_RECVOPTS, []byte{7, 3, 4, 0})
	b = kernel.AppendInt(b, unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 12)
	b = kernel.AppendInt(b, unix.IPPROTO_IP, unix.IP_RECVFRAGSIZE, 1396)
	var c kernel.Control
	c.Parse(b)
	if !c.Stamp.Equal(time.Unix(1_800_000_000, 5)) || !c.Device.Equal(time.Unix(7, 9)) || c.TTL != 61 || c.TOS != 0xb8 ||
		c.To != netip.MustParseAddr("192.0.2.1") || c.Interface != 3 || string(c.Options) != "\x07\x03\x04\x00" ||
		c.Drops != 12 || !c.HasDrops || c.HasErr || c.Largest != 1396 {
		t.Errorf("%+v", c)
	}

	info6 := unix.Inet6Pktinfo{Addr: netip.MustParseAddr("2001:db8::1").As16(), Ifindex: 4}
	b = kernel.AppendInt(room(), unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT, 254)
	b = kernel.AppendInt(b, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, 0x20)
	b = kernel.AppendControl(b, unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, octets(&info6))
	b = kernel.AppendInt(b, unix.IPPROTO_IPV6, unix.IPV6_RECVFRAGSIZE, 1296)
	b = kernel.AppendControl(b, unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, octets(&stamps[0]))
	c.Parse(b)
	if c.TTL != 254 || c.TOS != 0x20 || c.To != netip.MustParseAddr("2001:db8::1") || c.Interface != 4 ||
		!c.Stamp.Equal(time.Unix(1_800_000_000, 5)) || !c.Device.IsZero() || c.HasDrops || c.Options != nil || c.Largest != 1296 {
		t.Errorf("%+v", c)
	}

	// Nothing, and what is cut or lies about its length, leaves nothing behind.
	for _, bad := range [][]byte{nil, b[:8], b[:15], make([]byte, 64)} {
		c.Parse(bad)
		if c.TTL != -1 || c.TOS != -1 || c.To.IsValid() || !c.Stamp.IsZero() || c.HasErr || c.Largest != 0 {
			t.Errorf("%x: %+v", bad, c)
		}
	}
	long := kernel.AppendInt(room(), unix.IPPROTO_IP, unix.IP_TTL, 61)
	binary.NativeEndian.PutUint64(long, uint64(len(long)+1))
	if c.Parse(long); c.TTL != -1 {
		t.Errorf("longer than what there is: %+v", c)
	}
	for _, short := range []struct{ level, typ, n int }{
		{unix.IPPROTO_IP, unix.IP_TTL, 3},
		{unix.IPPROTO_IP, unix.IP_TOS, 0},
		{unix.IPPROTO_IP, unix.IP_PKTINFO, 11},
		{unix.IPPROTO_IP, unix.IP_RECVERR, 15},
		{unix.IPPROTO_IP, unix.IP_RECVFRAGSIZE, 3},
		{unix.IPPROTO_IPV6, unix.IPV6_RECVFRAGSIZE, 3},
		{unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT, 3},
		{unix.IPPROTO_IPV6, unix.IPV6_TCLASS, 3},
		{unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, 19},
		{unix.SOL_SOCKET, unix.SCM_TIMESTAMPING, 47},
		{unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, 15},
		{unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 3},
	} {
		data := make([]byte, short.n)
		for i := range data {
			data[i] = 1
		}
		c.Parse(kernel.AppendControl(room(), short.level, short.typ, data))
		if c.TTL != -1 || c.TOS != -1 || c.To.IsValid() || !c.Stamp.IsZero() || c.HasErr || c.HasDrops || c.Largest != 0 {
			t.Errorf("%+v: %+v", short, c)
		}
	}
}

// TestFault reads what the error queue says.
func TestFault(t *testing.T) {
	for _, tt := range []struct {
		level, typ int
		who        string
		data       uint32
		ext        int
	}{
		{unix.IPPROTO_IP, unix.IP_RECVERR, "192.0.2.7", 0, 0},
		{unix.IPPROTO_IP, unix.IP_RECVERR, "192.0.2.7", 128, 128},
		{unix.IPPROTO_IP, unix.IP_RECVERR, "192.0.2.7", 128 | 1<<16, 0}, // an extension that is broken
		{unix.IPPROTO_IPV6, unix.IPV6_RECVERR, "2001:db8::7", 64, 64},
		{unix.IPPROTO_IPV6, unix.IPV6_RECVERR, "", 0, 0},
	} {
		e := unix.SockExtendedErr{Errno: 113, Origin: unix.SO_EE_ORIGIN_ICMP, Type: 3, Code: 1, Info: 1400, Data: tt.data}
		data := append([]byte{}, octets(&e)...)
		want := netip.Addr{}
		if tt.who != "" {
			want = netip.MustParseAddr(tt.who)
			var sa unix.RawSockaddrInet6
			n := kernel.PutAddr(&sa, want, 0, 0)
			data = append(data, octets(&sa)[:n]...)
		}
		var c kernel.Control
		c.Parse(kernel.AppendControl(room(), tt.level, tt.typ, data))
		if !c.HasErr || c.Err != e || c.Offender != want || c.ExtAt != tt.ext {
			t.Errorf("%+v: %+v", tt, c)
		}
	}
}

func TestAddr(t *testing.T) {
	for _, s := range []string{"192.0.2.1", "2001:db8::1", "fe80::1"} {
		var sa unix.RawSockaddrInet6
		want := netip.MustParseAddr(s)
		n := kernel.PutAddr(&sa, want, 0x1234, 5)
		a, port, zone := kernel.Addr(&sa)
		wantN, wantZone := unix.SizeofSockaddrInet4, 0
		if want.Is6() {
			wantN, wantZone = unix.SizeofSockaddrInet6, 5
		}
		if a != want || port != 0x1234 || n != wantN || zone != wantZone {
			t.Errorf("%s: %v port %#x zone %d, %d octets", s, a, port, zone, n)
		}
	}
	if a, _, _ := kernel.Addr(&unix.RawSockaddrInet6{}); a.IsValid() {
		t.Errorf("no address: %v", a)
	}
}
