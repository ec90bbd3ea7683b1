//go:build linux

package drive_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/tun"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestLinuxOnTUN sends the stimuli of hosts to a node that runs on a TUN device,
// and wants what the node does without one: so what TestLinux finds is true of
// what people run. The test is on the kernel's end, on a packet socket, and the
// kernel itself has no address there.
func TestLinuxOnTUN(t *testing.T) {
	testnet.Enter(t)
	testnet.Sysctl(t, "net/ipv6/conf/default/disable_ipv6", "1")
	for _, s := range situations() {
		if len(s.ports) > 1 || s.fragTime > 0 {
			continue
		}
		onTUN(t, &s)
	}
}

// maxMTU is the greatest MTU of a device, in octets.
const maxMTU = 65535

func onTUN(t *testing.T, s *situation) {
	t.Helper()
	alone := newNode(t, s)
	d, err := tun.Open("", tun.Setup{MTU: maxMTU}) // nearly any stimulus goes through
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	far := newFarEnd(t, d.Name(), s.ports[0])
	ctx, stop := context.WithCancel(t.Context())
	ended, n := make(chan error, 1), drive.Node{Node: newNode(t, s).Node}
	go func() { ended <- drive.Run(ctx, n, d) }()
	for _, g := range s.groups {
		for i := range g.stimuli {
			st := &g.stimuli[i]
			if len(st.in[0].octets) > maxMTU {
				continue // IPv6 has longer datagrams than a device
			}
			name := s.name + "/" + g.name + "/" + st.name
			want := s.views(t, name, alone.stimulate(t, st))
			got := s.views(t, name, far.stimulate(t, st))
			if found := aspects(want, got); len(found) > 0 {
				t.Errorf("%s: on a TUN device %s, alone %s", name, list(got), list(want))
			}
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A farEnd is the kernel's end of a TUN device, below IP.
type farEnd struct {
	fd   int
	to   unix.SockaddrLinklayer
	port port
	seq  uint16
	buf  []byte
}

const all = unix.ETH_P_ALL>>8 | unix.ETH_P_ALL<<8&0xff00 // in network order

func newFarEnd(t *testing.T, name string, p port) *farEnd {
	t.Helper()
	dev, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, all)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	w := &farEnd{fd: fd, to: unix.SockaddrLinklayer{Protocol: all, Ifindex: dev.Index}, port: p, buf: make([]byte, 1<<16)}
	timeout := unix.NsecToTimeval(int64(20 * time.Second))
	if err := errors.Join(
		unix.Bind(fd, &w.to),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8<<20),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout),
	); err != nil {
		t.Fatal(err)
	}
	return w
}

// stimulate sends the stimulus and a fence behind it, and returns what comes
// before the fence's reply.
func (w *farEnd) stimulate(t *testing.T, s *stimulus) []seen {
	t.Helper()
	for _, a := range s.in {
		if err := unix.Sendto(w.fd, a.octets, 0, &w.to); err != nil {
			t.Fatalf("%s: %d octets: %v", s.name, len(a.octets), err)
		}
	}
	w.seq++
	ask := icmp4.Echo{ID: fenceID, Seq: w.seq, Data: []byte(s.name)}
	b, err := ip.Enclose4(nil, ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: w.port.neighbour, Dst: w.port.addrs[0].Addr()}, ask)
	if err == nil {
		err = unix.Sendto(w.fd, b, 0, &w.to)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []seen
	for {
		n, from, err := unix.Recvfrom(w.fd, w.buf, 0)
		if errors.Is(err, unix.EINTR) {
			continue // the runtime's own signals: a socket with a time limit is not restarted
		}
		if err != nil {
			t.Fatalf("%s: the node does not answer the fence: %v", s.name, err)
		}
		if l, ok := from.(*unix.SockaddrLinklayer); ok && l.Pkttype == unix.PACKET_OUTGOING {
			continue // that was the test
		}
		if isFence(w.buf[:n], ask) {
			return out
		}
		out = append(out, seen{0, bytes.Clone(w.buf[:n])})
	}
}
