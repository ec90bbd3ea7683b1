//go:build linux

package live_test

import (
	"encoding/binary"
	"testing"
	"time"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/filter"
	"github.com/sonde-net/sonde/link/capture/live"
)

// veth enters a namespace with a pair of interfaces, left and right, that no
// kernel says anything on by itself.
func veth(t *testing.T) {
	t.Helper()
	here := testnet.Enter(t)
	l := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "left"}, PeerName: "right"}
	if err := netlink.LinkAdd(l); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"left", "right"} {
		testnet.Sysctl(t, "net/ipv6/conf/"+name+"/disable_ipv6", "1")
		up(t, name)
	}
	here.Carries("left")
	here.Carries("right")
}

func up(t *testing.T, name string) {
	t.Helper()
	l, err := netlink.LinkByName(name)
	if err == nil {
		err = netlink.LinkSetUp(l)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// open is live.Open until the test ends.
func open(t *testing.T, name string, c live.Config) *live.Capture {
	t.Helper()
	l, err := live.Open(name, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// next is one packet, or the end of the test.
func next(t *testing.T, c *live.Capture) *capture.Packet {
	t.Helper()
	stop := time.AfterFunc(10*time.Second, c.Interrupt)
	defer stop.Stop()
	p, err := c.Next()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func expression(t *testing.T, s string) *filter.Filter {
	t.Helper()
	f, err := filter.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// echo is an Ethernet frame with an echo request in it; tag is what stands
// before the type.
func echo(seq uint16, tag ...byte) []byte {
	b := []byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1}
	b = append(b, tag...)
	b = append(b, 8, 0)
	b = append(b, 0x45, 0, 0, 84, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2)
	b = append(b, 8, 0, 0, 0, 0, 1)
	b = binary.BigEndian.AppendUint16(b, seq)
	return append(b, make([]byte, 56)...)
}

// A sender puts frames on an interface, many at a time.
type sender struct {
	fd   int
	msgs []message
}

// message is struct mmsghdr.
type message struct {
	head unix.Msghdr
	n    uint32
	_    [4]byte
}

func newSender(t testing.TB, name string) *sender {
	t.Helper()
	l, err := netlink.LinkByName(name)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: l.Attrs().Index}); err != nil {
		t.Fatal(err)
	}
	return &sender{fd: fd}
}

// send sends the frames, all of them.
func (s *sender) send(t testing.TB, frames ...[]byte) {
	if cap(s.msgs) < len(frames) {
		s.msgs = make([]message, len(frames))
	}
	s.msgs = s.msgs[:len(frames)]
	vectors := make([]unix.Iovec, len(frames))
	for i, f := range frames {
		vectors[i].Base = &f[0]
		vectors[i].SetLen(len(f))
		s.msgs[i].head.Iov = &vectors[i]
		s.msgs[i].head.SetIovlen(1)
	}
	for done := 0; done < len(frames); {
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.msgs[done])), uintptr(len(frames)-done), 0, 0, 0)
		switch errno {
		case 0:
			done += int(n)
		case unix.ENOBUFS, unix.EAGAIN, unix.EINTR:
		default:
			t.Fatalf("sendmmsg: %v", errno)
		}
	}
}
