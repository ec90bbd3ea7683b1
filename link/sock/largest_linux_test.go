package sock_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/probe"
)

// sizes keeps what is said of the fragments of arrivals, by their length.
type sizes struct {
	ear
	largest map[int]int
}

func (s *sizes) Receive(now time.Time, a *probe.Arrival) probe.Verdict {
	s.largest[len(a.Payload)] = a.Largest
	return s.ear.Receive(now, a)
}

// TestLargest: the size of the largest fragment of what comes in fragments, and of
// what comes whole its own, over sockets of every kind.
func TestLargest(t *testing.T) {
	testnet.Enter(t)
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "0 2147483647")
	if out, status := testnet.Run(t, "ip", "link", "set", "lo", "mtu", "1500"); status != 0 {
		t.Fatal(out)
	}
	for _, o := range []sock.Options{{}, {Unprivileged: true}, {SystemHeader: true}} {
		o.Kinds = []probe.Kind{probe.Echo}
		c := open(t, o)
		p, err := probe.New(probe.Config{Seed: 7, ID: c.ID(), IPID: c.Identifies()})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Use(p); err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			addr                  string
			header, data, largest int
		}{
			{"127.0.0.1", 20, 1472, 1500},
			{"127.0.0.1", 20, 1473, 1500},
			{"127.0.0.1", 20, 2952, 1500},
			{"::1", 40, 1452, 1500},
			{"::1", 40, 1453, 1496}, // 1448 octets behind two headers: a multiple of 8
		} {
			e := &sizes{largest: map[int]int{}}
			if _, err := p.Send(time.Now(), &probe.Probe{Src: addr(x.addr), Dst: addr(x.addr), Size: x.data}); err != nil {
				t.Fatal(err)
			}
			b, tx, _ := p.Poll(time.Now(), nil)
			if n, err := c.Send([]probe.Transmit{tx}, [][]byte{b}); n != 1 || err != nil {
				t.Fatalf("%+v %s: %d, %v", o, x.addr, n, err)
			}
			deadline := time.Now().Add(10 * time.Second)
			for e.largest[x.data+8] == 0 && time.Now().Before(deadline) {
				if _, err := c.Receive(time.Now(), e); err != nil {
					t.Fatal(err)
				}
				if e.largest[x.data+8] == 0 {
					_ = c.Wait(deadline)
				}
			}
			if got := e.largest[x.data+8]; got != x.largest {
				t.Errorf("%+v %s: %d octets of data: %d, want %d", o, x.addr, x.data, got, x.largest)
			}
		}
	}
}
