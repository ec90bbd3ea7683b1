//go:build linux

package live_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/link/capture/live"
	"github.com/sonde-net/sonde/link/tun"
	"github.com/sonde-net/sonde/wire"
)

// TestCapture: the octets, when, where and which way.
func TestCapture(t *testing.T) {
	conform.Row(t, "A-01")
	veth(t)
	right, left := open(t, "right", live.Config{}), open(t, "left", live.Config{})
	if right.Link() != frame.Ethernet {
		t.Error(right.Link())
	}
	s := newSender(t, "left")
	before := time.Now()
	foreign, broadcast, multicast := echo(1), echo(2), echo(3)
	copy(broadcast, "\xff\xff\xff\xff\xff\xff")
	copy(multicast, "\x01\x00\x5e\x00\x00\x01")
	s.send(t, foreign, broadcast, multicast)
	for i, want := range []struct {
		data []byte
		way  frame.Direction
	}{{foreign, frame.Foreign}, {broadcast, frame.Broadcast}, {multicast, frame.Multicast}} {
		p := next(t, right)
		if !bytes.Equal(p.Data, want.data) || p.Length != len(want.data) || p.Direction != want.way || p.Number != i+1 || p.Name != "right" || p.Link != frame.Ethernet {
			t.Errorf("%+v", p)
		}
		if p.Time.Before(before) || p.Time.After(time.Now()) || p.Time.Location() != time.UTC {
			t.Errorf("at %v, sent after %v", p.Time, before)
		}
		q := next(t, left)
		if !bytes.Equal(q.Data, want.data) || q.Direction != frame.Outbound || q.Name != "left" || q.Interface == p.Interface {
			t.Errorf("%+v", q)
		}
	}
}

// TestVLANTag: the tag that the kernel takes off is put back, and filters see
// it.
func TestVLANTag(t *testing.T) {
	veth(t)
	one, two := echo(1, 0x81, 0, 0x20, 9), echo(2, 0x88, 0xa8, 0, 1, 0x81, 0, 0, 9)
	all := open(t, "right", live.Config{})
	tagged := open(t, "right", live.Config{Filter: expression(t, "vlan 9 and icmp")})
	short := open(t, "right", live.Config{SnapLen: 20})
	newSender(t, "left").send(t, echo(0), two, one)
	for _, want := range [][]byte{echo(0), two, one} {
		if p := next(t, all); !bytes.Equal(p.Data, want) || p.Length != len(want) {
			t.Errorf("%x of %d\nwant %x", p.Data, p.Length, want)
		}
		if p := next(t, short); len(p.Data) < 20 || len(p.Data) > 24 || !bytes.HasPrefix(want, p.Data) || p.Length != len(want) {
			t.Errorf("short: %x of %d", p.Data, p.Length)
		}
	}
	if p := next(t, tagged); !bytes.Equal(p.Data, one) || p.Number != 1 {
		t.Errorf("%+v", p)
	}
}

// TestAny: all interfaces, cooked.
func TestAny(t *testing.T) {
	veth(t)
	c := open(t, live.Any, live.Config{Filter: expression(t, "icmp[0] = 8 and host 192.0.2.2")})
	v := open(t, live.Any, live.Config{Filter: expression(t, "vlan 9")})
	if c.Link() != frame.Cooked2 {
		t.Error(c.Link())
	}
	newSender(t, "left").send(t, echo(5), echo(6, 0x81, 0, 0, 9))
	for i, want := range []struct {
		name string
		way  frame.Direction
		seq  uint16
	}{{"left", frame.Outbound, 5}, {"right", frame.Foreign, 5}, {"right", frame.Foreign, 6}} {
		p := next(t, c)
		d, m, err := frame.Decode(p.Link, p.Data)
		if err != nil || !bytes.Equal(d, echo(want.seq)[14:]) || m.Direction != want.way || p.Direction != want.way ||
			p.Name != want.name || int(m.Index) != p.Interface || m.Src.String() != "02:00:00:00:00:01" || p.Length != len(p.Data) {
			t.Errorf("packet %d: %+v\n%+v, %x, %v", i, p, m, d, err)
		}
	}
	// What left sends still has its tag among the octets; right's kernel took it
	// off. Both look the same here.
	for _, name := range []string{"left", "right"} {
		q := next(t, v)
		d, _, err := frame.Decode(q.Link, q.Data)
		if err != nil || !bytes.Equal(d, echo(6)[14:]) || q.Name != name || q.Data[0] != 0x81 {
			t.Errorf("%+v, %x, %v", q, d, err)
		}
	}
}

// TestLoopback shows each packet once.
func TestLoopback(t *testing.T) {
	testnet.Enter(t)
	lo, all := open(t, "lo", live.Config{Filter: expression(t, "icmp")}), open(t, live.Any, live.Config{Filter: expression(t, "icmp")})
	if out, code := testnet.Run(t, "ping", "-c1", "-s8", "127.0.0.1"); code != 0 {
		t.Fatal(out)
	}
	for _, c := range []*live.Capture{lo, all} {
		for _, kind := range []byte{8, 0} {
			p := next(t, c)
			d, _, err := frame.Decode(p.Link, p.Data)
			if err != nil || d[20] != kind || p.Direction != frame.Inbound || p.Name != "lo" {
				t.Errorf("%+v, %v, want type %d", p, err, kind)
			}
		}
	}
}

// TestRaw: a device without frames.
func TestRaw(t *testing.T) {
	testnet.Enter(t)
	d, err := tun.Open("sonde0", tun.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	c := open(t, "sonde0", live.Config{Filter: expression(t, "icmp")})
	want := echo(7)[14:]
	if err := d.Send(want); err != nil {
		t.Fatal(err)
	}
	if p := next(t, c); c.Link() != frame.Raw || !bytes.Equal(p.Data, want) {
		t.Errorf("%v: %+v", c.Link(), p)
	}
}

// TestFilters: the kernel's choice is the choice here.
func TestFilters(t *testing.T) {
	veth(t)
	long := "icmp[6:2] = 4"
	for i := range 200 {
		long += fmt.Sprintf(" or host 10.9.9.%d", i)
	}
	s := newSender(t, "left")
	frames := [][]byte{echo(1), echo(2), echo(3), echo(4)}
	copy(frames[2][26:], []byte{10, 1, 2, 3})
	frames[1][23] = 17
	frames = append(frames, echo(99)) // the last one, for all
	for _, e := range []string{
		"", "icmp", "not icmp", "udp", "ip proto 17", "host 10.1.2.3", "net 10/8 or udp", "icmp[icmptype] = icmp-echo and not src host 192.0.2.1",
		"icmp[6:2] & 1 = 0", "icmp[6:2] - 2 = icmp[4:2]", "less 97", "greater 98", "port 2048", "icmp6 or arp", "ip[ip[0] & 0xf + 3] = 64", long, strings.Repeat(long+" or ", 3) + long,
	} {
		for _, name := range []string{"right", live.Any} {
			if name == live.Any && (strings.HasPrefix(e, "less") || strings.HasPrefix(e, "greater")) {
				continue // there a length is without the frame
			}
			f := expression(t, e)
			last := " or icmp[6:2] = 99"
			if e == "" {
				last = ""
			}
			c := open(t, name, live.Config{Filter: expression(t, e+last)})
			s.send(t, frames...)
			for _, want := range frames {
				if !f.Match(frame.Ethernet, want, len(want)) && want[41] != 99 {
					continue
				}
				p := next(t, c)
				for p.Direction == frame.Outbound {
					p = next(t, c)
				}
				if d, _, err := frame.Decode(p.Link, p.Data); err != nil || !bytes.Equal(d, want[14:]) {
					t.Fatalf("%s: %.60s: %x, want %x", name, e, d, want[14:])
				}
			}
			c.Close()
		}
	}
}

// TestPromiscuous is on as long as the capture.
func TestPromiscuous(t *testing.T) {
	veth(t)
	c := open(t, "right", live.Config{Promiscuous: true})
	if out, _ := testnet.Run(t, "ip", "-d", "link", "show", "right"); !strings.Contains(out, "promiscuity 1") {
		t.Error(out)
	}
	c.Close()
	if out, _ := testnet.Run(t, "ip", "-d", "link", "show", "right"); !strings.Contains(out, "promiscuity 0") {
		t.Error(out)
	}
}

// TestDown: an interface that goes is an error, not silence.
func TestDown(t *testing.T) {
	veth(t)
	c := open(t, "right", live.Config{})
	if out, err := exec.Command("ip", "link", "set", "right", "down").CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	p, err := c.Next()
	if !errors.Is(err, unix.ENETDOWN) || err.Error() != "live: right: the interface is down: network is down" {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestOpenFails and says why.
func TestOpenFails(t *testing.T) {
	testnet.Enter(t)
	for _, tt := range []struct {
		name string
		c    live.Config
		want string
	}{
		{"nowhere", live.Config{}, "live: nowhere: no such interface"},
		{strings.Repeat("n", 16), live.Config{}, "live: nnnnnnnnnnnnnnnn: no such interface"},
		{"lo", live.Config{SnapLen: -1}, "SnapLen"},
		{"lo", live.Config{SnapLen: capture.MaxPacket + 1}, "SnapLen"},
		{"lo", live.Config{Buffer: live.MinBuffer - 1}, "Buffer"},
		{"lo", live.Config{Buffer: live.MaxBuffer + 1}, "Buffer"},
		{"lo", live.Config{Buffer: -1}, "Buffer"},
	} {
		c, err := live.Open(tt.name, tt.c)
		var fe *wire.FieldError
		switch {
		case err == nil:
			c.Close()
			t.Errorf("%+v: no error", tt)
		case strings.HasPrefix(tt.want, "live"):
			if err.Error() != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		case !errors.As(err, &fe) || fe.Field != tt.want:
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	for _, ok := range []live.Config{{SnapLen: 1}, {SnapLen: capture.MaxPacket, Buffer: live.MinBuffer}} {
		open(t, "lo", ok)
	}
}

// TestInterrupt wakes the reader at once, and the next may go on.
func TestInterrupt(t *testing.T) {
	veth(t)
	c := open(t, "right", live.Config{})
	c.Interrupt()
	if _, err := c.Next(); !errors.Is(err, live.ErrInterrupted) {
		t.Errorf("%v", err)
	}
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		c.Interrupt()
	}()
	if _, err := c.Next(); !errors.Is(err, live.ErrInterrupted) {
		t.Errorf("%v", err)
	}
	<-stop
	newSender(t, "left").send(t, echo(1))
	if p := next(t, c); p.Number != 1 {
		t.Errorf("%+v", p)
	}
	c.Close()
	c.Close()
	c.Interrupt()
	if _, err := c.Next(); !errors.Is(err, live.ErrClosed) {
		t.Errorf("%v", err)
	}
	if st, err := c.Stats(); !errors.Is(err, live.ErrClosed) || st.Received != 1 {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestAll ends with its context.
func TestAll(t *testing.T) {
	veth(t)
	c := open(t, "right", live.Config{})
	newSender(t, "left").send(t, echo(1), echo(2), echo(3))
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	n := 0
	for p, err := range c.All(ctx) {
		if n++; n == 3 {
			cancel(enough)
		}
		if n == 4 && (!errors.Is(err, enough) || p != nil) || n < 4 && err != nil {
			t.Errorf("%d: %+v, %v", n, p, err)
		}
	}
	if n != 4 {
		t.Errorf("%d", n)
	}
	for _, err := range c.All(ctx) {
		if !errors.Is(err, enough) {
			t.Error(err)
		}
	}
	newSender(t, "left").send(t, echo(4))
	for p, err := range c.All(t.Context()) {
		if err != nil || p.Number != 4 {
			t.Errorf("%+v, %v", p, err)
		}
		break
	}
}

// TestNextAllocates nothing.
func TestNextAllocates(t *testing.T) {
	veth(t)
	c := open(t, live.Any, live.Config{})
	s := newSender(t, "left")
	for range 200 {
		s.send(t, echo(1))
	}
	next(t, c)
	next(t, c)
	wiretest.NoAllocs(t, "next", func() {
		if _, err := c.Next(); err != nil {
			t.Fatal(err)
		}
	})
}
