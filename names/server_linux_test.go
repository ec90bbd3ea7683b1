package names_test

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/names"
)

// TestServerMute: a server that answers by UDP alone, and lets connections hang, is
// not waited for longer than for its answers.
func TestServerMute(t *testing.T) {
	l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(l)
	if err := unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(l, 0); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(l)
	if err != nil {
		t.Fatal(err)
	}
	at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(sa.(*unix.SockaddrInet4).Port))
	full, err := net.Dial("tcp", at.String()) // there is room for one that nobody accepts
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	u, err := net.ListenPacket("udp", at.String())
	if err != nil {
		t.Skip("the port is another's:", err)
	}
	defer u.Close()
	go func() {
		b := make([]byte, 2048)
		for {
			n, from, err := u.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = u.WriteTo(reply(b[:n], ok|0x200, record(dns.TypePTR, dns.ClassINET, "\x03bad\x00")), from)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err = names.Server{Addr: at, Try: 50 * time.Millisecond}.LookupAddr(ctx, "192.0.2.1")
	if err == nil || ctx.Err() != nil {
		t.Errorf("%v; %v", err, ctx.Err())
	}
}
