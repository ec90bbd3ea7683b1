package query_test

import (
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/wire/checksum"
)

// link puts the test into a namespace with a cable to another one, and hands what is
// to be opened there to open: sockets keep the namespace that they were opened in.
func link(t *testing.T, open func(device *net.Interface) error) {
	t.Helper()
	testnet.Need(t, "ip")
	here, other := testnet.Enter(t), testnet.NewRoom(t)
	here.Sh("ip link add d0 type veth peer name e0 netns %s", other.Path())
	here.Sh("ip link set d0 addrgenmode none; ip addr add 192.0.2.1/24 dev d0; ip link set d0 up; ip addr add fe80::1/64 dev d0 nodad")
	other.Sh("ip link set e0 addrgenmode none; ip addr add 192.0.2.2/24 dev e0; ip link set e0 up; ip addr add fe80::2/64 dev e0 nodad; ip addr add fe80::3/64 dev e0 nodad; ip addr add fd00::2/64 dev e0 nodad")
	here.Carries("d0")
	other.Carries("e0")
	other.Sh("ping -c 1 -W 5 192.0.2.1; ping -c 1 -W 5 fe80::1%%e0") // neighbours know each other
	other.Do(func() {
		device, err := net.InterfaceByName("e0")
		if err == nil {
			err = open(device)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

// answers has answer called for each solicitation until the socket is closed.
func answers(t *testing.T, c net.PacketConn, typ byte, answer func(to net.Addr, m []byte)) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(b)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil && n > 0 && b[0] == typ {
				answer(from, b[:n])
			}
		}
	}()
	t.Cleanup(func() {
		_ = c.Close()
		<-done
	})
}

// sealed fills in the checksum of an ICMP message.
func sealed(b ...byte) []byte {
	sum := checksum.Of(b)
	b[2], b[3] = byte(sum>>8), byte(sum)
	return b
}

// event is what is looked at in a line of JSON.
type event struct {
	Event   string   `json:"event"`
	From    string   `json:"from"`
	RTT     int64    `json:"rtt_ns"`
	TTL     int      `json:"ttl"`
	Says    []string `json:"says"`
	Routers []struct {
		Addr       string `json:"addr"`
		Preference int32  `json:"preference"`
	} `json:"routers"`
}

func events(t *testing.T, out string) (all []event) {
	t.Helper()
	for line := range strings.Lines(out) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v\n%s", err, line)
		}
		all = append(all, e)
	}
	return all
}

// TestRouters4: a router on the link answers a solicitation of RFC 1256, to us and
// to all; what is written wrong is none.
func TestRouters4(t *testing.T) {
	conform.Row(t, "P-11")
	asked := make(chan []byte, 8)
	link(t, func(device *net.Interface) error {
		c, err := net.ListenPacket("ip4:icmp", "0.0.0.0")
		if err != nil {
			return err
		}
		p := ipv4.NewPacketConn(c)
		all := &net.IPAddr{IP: net.IPv4(224, 0, 0, 1)}
		err = errors.Join(p.JoinGroup(device, &net.IPAddr{IP: net.IPv4(224, 0, 0, 2)}), p.SetMulticastInterface(device), p.SetMulticastTTL(1), p.SetMulticastLoopback(false))
		answers(t, c, 10, func(from net.Addr, m []byte) {
			asked <- append([]byte(from.String()+" "), m...)
			wrong := sealed(9, 0, 0, 0, 1, 2, 7, 8, 192, 0, 2, 99, 0, 0, 0, 1)
			wrong[3]++
			for _, x := range []struct {
				to net.Addr
				m  []byte
			}{
				{from, wrong}, // a checksum that is not right
				{from, sealed(9, 0, 0, 0, 1, 1, 7, 8, 192, 0, 2, 98, 0, 0, 0, 1)},                            // entries of one word
				{from, sealed(9, 0, 0, 0, 2, 2, 7, 8, 192, 0, 2, 2, 0, 0, 0, 7, 192, 0, 2, 3, 128, 0, 0, 0)}, // by its addresses
				{all, sealed(9, 0, 0, 0, 1, 2, 0, 90, 192, 0, 2, 2, 255, 255, 255, 255)},                     // and once more, to all
			} {
				_, _ = c.WriteTo(x.m, x.to)
			}
		})
		return err
	})
	out, errs, status := run(t, "router -i d0 -W 1s --json")
	all := events(t, out)
	if status != 0 || errs != "" || len(all) != 2 {
		t.Fatalf("status %d\n%s%s", status, out, errs)
	}
	if m := <-asked; string(m[:10]) != "192.0.2.1 " || len(m) != 18 || m[10] != 10 || !checksum.Valid(m[10:]) {
		t.Errorf("%q", m)
	}
	if len(asked) != 0 {
		t.Errorf("asked %d times more", len(asked))
	}
	a, b := all[0], all[1]
	if a.Event != "reply" || a.From != "192.0.2.2" || a.RTT <= 0 || len(a.Routers) != 2 || a.Routers[0].Addr != "192.0.2.2" || a.Routers[0].Preference != 7 ||
		a.Routers[1].Addr != "192.0.2.3" || a.Routers[1].Preference != -1<<31 || !strings.Contains(strings.Join(a.Says, " "), "30m0s") {
		t.Errorf("%+v", a)
	}
	if b.Event != "duplicate" || b.From != "192.0.2.2" || b.TTL != 1 || len(b.Routers) != 1 || b.Routers[0].Preference != -1 || !strings.Contains(strings.Join(b.Says, " "), "1m30s") {
		t.Errorf("%+v", b)
	}
	out, errs, status = run(t, "router -i d0 -W 1s")
	if status != 0 || errs != "" || strings.Count(out, "  router advertisement\n") != 2 || !strings.Contains(out, "\n    192.0.2.2: preference 7\n    192.0.2.3: preference -2147483648\n") {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
}

// TestRouters6: a router on the link answers a solicitation of RFC 4861. What has
// come from elsewhere, or may have, is none.
func TestRouters6(t *testing.T) {
	conform.Row(t, "P-11")
	asked := make(chan []byte, 8)
	link(t, func(device *net.Interface) error {
		c, err := net.ListenPacket("ip6:ipv6-icmp", "::")
		if err != nil {
			return err
		}
		p := ipv6.NewPacketConn(c)
		err = errors.Join(p.JoinGroup(device, &net.IPAddr{IP: net.ParseIP("ff02::2")}), p.SetMulticastLoopback(false))
		answers(t, c, 133, func(from net.Addr, m []byte) {
			asked <- append([]byte(from.String()+" "), m...)
			// 64 hops, managed addresses, 1800 s; MTU 1400; the prefix 2001:db8:7::/64.
			advert := []byte{
				134, 0, 0, 0, 64, 0x80, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0,
				5, 1, 0, 0, 0, 0, 5, 120,
				3, 4, 64, 0xc0, 0, 1, 81, 128, 0, 0, 56, 64, 0, 0, 0, 0,
				0x20, 1, 0xd, 0xb8, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			}
			for _, x := range []struct {
				hops int
				src  string
				to   net.Addr
				m    []byte
			}{
				{64, "fe80::2", from, advert},                                          // a router may have been between
				{255, "fd00::2", from, advert},                                         // no link-local address
				{255, "fe80::2", from, append(advert[:16:16], 5, 0, 0, 0, 0, 0, 0, 0)}, // an option of no length
				{255, "fe80::2", from, advert},
				{255, "fe80::3", &net.IPAddr{IP: net.ParseIP("ff02::1"), Zone: device.Name}, append([]byte{134, 0, 0, 0, 0, 0, 0, 0}, advert[8:24]...)},
			} {
				_, _ = p.WriteTo(x.m, &ipv6.ControlMessage{HopLimit: x.hops, Src: net.ParseIP(x.src), IfIndex: device.Index}, x.to)
			}
		})
		return err
	})
	out, errs, status := run(t, "router -6 -i d0 -W 1s --json")
	all := events(t, out)
	if status != 0 || errs != "" || len(all) != 2 {
		t.Fatalf("status %d\n%s%s", status, out, errs)
	}
	if m := string(<-asked); !strings.HasPrefix(m, "fe80::1%e0 \x85\x00") {
		t.Errorf("%q", m)
	}
	a, b := all[0], all[1]
	says := strings.Join(a.Says, " ")
	if a.Event != "reply" || a.From != "fe80::2%d0" || a.RTT <= 0 || a.TTL != 255 || len(a.Routers) != 0 {
		t.Errorf("%+v", a)
	}
	for _, want := range []string{"30m0s", "1400", "2001:db8:7::/64"} {
		if !strings.Contains(says, want) {
			t.Errorf("%q is not in: %s", want, says)
		}
	}
	if b.Event != "duplicate" || b.From != "fe80::3%d0" || b.TTL != 255 {
		t.Errorf("%+v", b)
	}
	out, errs, status = run(t, "router -6 -i d0 -W 1s --lang fr")
	if status != 0 || errs != "" || strings.Count(out, "  annonce de routeur\n") != 2 {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	t.Log(out)
}
