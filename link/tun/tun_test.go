//go:build linux

package tun_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link/tun"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func TestNames(t *testing.T) {
	for _, name := range []string{"sixteen-octets--", "a b", "a/b", "a:b", "%d", "..", "é"} {
		if d, err := tun.Open(name, tun.Setup{}); err == nil {
			d.Close()
			t.Errorf("Open(%q): no error", name)
		} else if !strings.Contains(err.Error(), name) && !strings.Contains(err.Error(), "é") {
			t.Errorf("Open(%q): %v does not say which name", name, err)
		}
	}
}

// TestDevice sends an echo request to the kernel and reads its answer, then
// closes the device and sees everything gone.
func TestDevice(t *testing.T) {
	testnet.Enter(t)
	d, err := tun.Open("sonde0", tun.Setup{
		Addrs:  []netip.Prefix{prefix("10.9.0.1/24"), prefix("fd00:9::1/64")},
		Routes: []tun.Route{{To: prefix("10.99.0.0/16"), Via: netip.MustParseAddr("10.9.0.2")}, {To: prefix("10.98.0.0/16")}},
		MTU:    1400,
	})
	if err != nil {
		t.Fatal(err)
	}
	if d.Name() != "sonde0" {
		t.Errorf("name %q", d.Name())
	}
	if _, err := tun.Open("sonde0", tun.Setup{}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("open twice: %v", err)
	}
	out, _ := testnet.Run(t, "ip", "route")
	for _, want := range []string{"10.99.0.0/16 via 10.9.0.2", "10.98.0.0/16 dev sonde0", "10.9.0.0/24"} {
		if !strings.Contains(out, want) {
			t.Errorf("routes lack %q:\n%s", want, out)
		}
	}
	if out, _ := testnet.Run(t, "ip", "link", "show", "sonde0"); !strings.Contains(out, "mtu 1400") {
		t.Errorf("link: %s", out)
	}

	src, dst := netip.MustParseAddr("10.9.0.2"), netip.MustParseAddr("10.9.0.1")
	ping, err := ip.Enclose4(nil, ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: src, Dst: dst}, icmp4.Echo{ID: 77, Seq: 3, Data: []byte("sonde")})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Send(ping); err != nil {
		t.Fatal(err)
	}
	if m, ok := reply(t, d); !ok || m.ID != 77 || m.Seq != 3 || string(m.Data) != "sonde" {
		t.Errorf("reply %v, %v", m, ok)
	}
	if err := d.Send([]byte{1}); err != nil {
		t.Errorf("send of what is no datagram: %v", err)
	}

	d.Interrupt()
	if err := d.Wait(time.Time{}); err != nil {
		t.Errorf("interrupted wait: %v", err)
	}
	if err := d.Wait(time.Now().Add(-time.Second)); err != nil {
		t.Errorf("wait for a time that is past: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("close twice: %v", err)
	}
	if _, _, err := d.Receive(make([]byte, 2000)); !errors.Is(err, tun.ErrClosed) {
		t.Errorf("receive after close: %v", err)
	}
	if err := d.Send(ping); !errors.Is(err, tun.ErrClosed) {
		t.Errorf("send after close: %v", err)
	}
	if err := d.Wait(time.Time{}); !errors.Is(err, tun.ErrClosed) {
		t.Errorf("wait after close: %v", err)
	}
	d.Interrupt()
	if out, _ := testnet.Run(t, "ip", "route"); strings.Contains(out, "10.9") {
		t.Errorf("routes after close:\n%s", out)
	}
}

// reply reads datagrams until the echo reply comes; the kernel sends others of
// its own, router solicitations for one.
func reply(t *testing.T, d *tun.Device) (icmp4.Echo, bool) {
	t.Helper()
	b := make([]byte, 2000)
	deadline := time.Now().Add(5 * time.Second)
	for time.Now().Before(deadline) {
		n, ok, err := d.Receive(b)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			if err := d.Wait(deadline); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, payload, err := ip.Parse4(b[:n]); err == nil {
			m, err := icmp4.ParseEcho(payload)
			return m, err == nil && m.Reply
		}
	}
	return icmp4.Echo{}, false
}

// TestInterrupt ends waits from another goroutine, then keeps a time.
func TestInterrupt(t *testing.T) {
	testnet.Enter(t)
	d, err := tun.Open("", tun.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	drain(t, d)
	for _, until := range []time.Time{{}, time.Now().Add(time.Hour)} {
		go d.Interrupt()
		if err := d.Wait(until); err != nil {
			t.Fatal(err)
		}
	}
	const pause = 20 * time.Millisecond
	start := time.Now()
	for time.Since(start) < pause { // it may return for a datagram of the kernel's
		if err := d.Wait(start.Add(pause)); err != nil {
			t.Fatal(err)
		}
		drain(t, d)
	}
	if late := time.Since(start) - pause; late > 500*pause { // it is not asked how busy the machine is
		t.Errorf("%v late", late)
	}
}

// drain receives what the kernel has sent of its own.
func drain(t *testing.T, d *tun.Device) {
	t.Helper()
	b := make([]byte, 2000)
	for ok := true; ok; {
		var err error
		if _, ok, err = d.Receive(b); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInterruptWhileClosing is for the race detector.
func TestInterruptWhileClosing(t *testing.T) {
	testnet.Enter(t)
	d, err := tun.Open("", tun.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 100 {
			d.Interrupt()
		}
	}()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	<-done
}

// TestDeviceNoAllocs receives, sends and waits.
func TestDeviceNoAllocs(t *testing.T) {
	testnet.Enter(t)
	d, err := tun.Open("", tun.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b, junk := make([]byte, 2000), []byte{0}
	wiretest.NoAllocs(t, "receive, send and wait", func() {
		_, _, _ = d.Receive(b)
		_ = d.Send(junk)
		_ = d.Wait(time.Unix(1, 0))
	})
}

func TestNoSuchRoute(t *testing.T) {
	testnet.Enter(t)
	d, err := tun.Open("sonde0", tun.Setup{Routes: []tun.Route{{To: prefix("10.99.0.0/16"), Via: netip.MustParseAddr("10.9.0.2")}}})
	if err == nil {
		d.Close()
		t.Fatal("a route by a gateway on no network: no error")
	}
	if !strings.Contains(err.Error(), "10.99.0.0/16") {
		t.Errorf("error %v does not say which route", err)
	}
	if out, _ := testnet.Run(t, "ip", "link"); strings.Contains(out, "sonde0") {
		t.Errorf("the device is left behind:\n%s", out)
	}
}
