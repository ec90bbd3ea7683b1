package vantage_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/vantage"
)

// TestForeign: while others ping in the same namespace, nothing of it reaches the
// program.
func TestForeign(t *testing.T) {
	conform.Row(t, "P-05")
	pair(t)
	at := system(t, vantage.SystemOptions{})
	p, err := at.Prober(probe.Config{})
	if err != nil {
		t.Fatal(err)
	}
	// Others choose identifiers and ports at random, too; here they are none of
	// the prober's.
	id, _ := p.Identifiers()
	first, last := p.Ports()
	other := fmt.Sprint(int(id ^ 1<<15))
	port := "20000"
	if first <= 20000 && 20000 <= last {
		port = "40000"
	}
	for _, args := range [][]string{
		{"ping", "-q", "-e", other, "-c", "100", "-i", "0.001", "10.0.0.2"},
		{"ping", "-q", "-e", other, "-c", "100", "-i", "0.001", "fd00::2"},
		{"ping", "-q", "-e", other, "-c", "20", "-i", "0.001", "-t", "1", "10.2.0.1"},
		{"traceroute", "-n", "--sport=" + port, "-m", "1", "10.2.0.1"},
		{"traceroute", "-n", "-T", "--sport=" + port, "-m", "1", "10.0.0.2"},
		{"traceroute", "-n", "--sport=" + port, "-m", "1", "fd00::2"},
	} {
		testnet.Run(t, args[0], args[1:]...)
	}
	events := inquireBy(t, at, p, 0, probe.Probe{Dst: addr("10.0.0.2"), Size: 56})
	if len(events) != 1 || events[0].Kind != probe.Reply {
		t.Fatalf("%v", events)
	}
	if c := at.Counters(); c.Received != 1 || c.Overflow != 0 {
		t.Errorf("%+v: others' packets reach the program", c)
	}
}

// TestOverflow: what the kernel has thrown away is told of, and not called lost on
// the way.
func TestOverflow(t *testing.T) {
	pair(t)
	told := uint64(0)
	var o vantage.SystemOptions
	o.Buffer, o.Overflow = 1, func(n uint64) { told += n }
	at := system(t, o)
	const n = 64
	asks := make([]probe.Probe, n)
	for i := range asks {
		asks[i] = probe.Probe{Dst: addr("10.0.0.2"), Size: 56, Timeout: 50 * time.Millisecond}
	}
	replies := 0
	for _, e := range inquire(t, at, 0, asks...) {
		if e.Kind == probe.Reply {
			replies++
		}
	}
	c := at.Counters()
	if c.Overflow == 0 || told != c.Overflow || int(c.Overflow)+replies != n {
		t.Errorf("%d replies to %d probes, %d told, %+v", replies, n, told, c)
	}
}

// TestOptions: what is asked of the sockets is done.
func TestOptions(t *testing.T) {
	pair(t)
	ip(t, "rule add fwmark 7 prohibit\n-6 rule add fwmark 7 prohibit\naddr add 10.0.0.7/24 dev l0")
	one := func(o vantage.SystemOptions, q probe.Probe) probe.Event {
		t.Helper()
		if !q.Src.IsValid() {
			q.Src = addr("10.0.0.1")
		}
		q.Size, q.Timeout = 56, time.Second
		events := inquireOnce(t, o, 0, q)
		return events[0]
	}
	var o vantage.SystemOptions
	o.Mark = 7
	if e := one(o, probe.Probe{Dst: addr("10.0.0.2")}); e.Kind != probe.Unsent || !errors.Is(e.Err, syscall.EACCES) {
		t.Errorf("mark: %s", tell(e))
	}
	at := system(t, o)
	if _, err := at.Source(addr("10.0.0.2")); !errors.Is(err, syscall.EACCES) {
		t.Errorf("source with a mark: %v", err)
	}

	o = vantage.SystemOptions{}
	o.Interface = "l0"
	if e := one(o, probe.Probe{Dst: addr("10.0.0.2")}); e.Kind != probe.Reply {
		t.Errorf("interface: %s", tell(e))
	}
	o.Interface = "lo"
	if e := one(o, probe.Probe{Dst: addr("10.0.0.2")}); e.Kind == probe.Reply {
		t.Errorf("another interface: %s", tell(e))
	}
	o.Interface = "nosuch0"
	if _, err := vantage.OpenSystem(o); !errors.Is(err, syscall.ENODEV) || err.Error() != "interface nosuch0: no such device" {
		t.Errorf("no interface: %v", err)
	}

	o = vantage.SystemOptions{}
	o.Source = addr("10.0.0.7")
	at = system(t, o)
	if src, err := at.Source(addr("10.0.0.2")); err != nil || src != o.Source {
		t.Errorf("source %v, %v", src, err)
	}
	if e := one(o, probe.Probe{Src: o.Source, Dst: addr("10.0.0.2")}); e.Kind != probe.Reply {
		t.Errorf("source: %s", tell(e))
	}
	o.Source = addr("10.0.0.99")
	if _, err := vantage.OpenSystem(o); !errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Errorf("the address of another: %v", err)
	}

	o = vantage.SystemOptions{}
	o.DontRoute = true
	if e := one(o, probe.Probe{Dst: addr("10.1.0.1")}); e.Kind != probe.Unsent || !errors.Is(e.Err, syscall.ENETUNREACH) {
		t.Errorf("not by routes: %s", tell(e))
	}

	o = vantage.SystemOptions{}
	group := probe.Probe{Dst: addr("10.0.0.255"), Anyone: true}
	if e := one(o, group); e.Kind != probe.Unsent || !errors.Is(e.Err, syscall.EACCES) {
		t.Errorf("broadcast: %s", tell(e))
	}
	if _, err := system(t, o).Source(group.Dst); !errors.Is(err, syscall.EACCES) {
		t.Errorf("source of a broadcast: %v", err)
	}
	o.Broadcast = true
	if src, err := system(t, o).Source(group.Dst); err != nil || src != addr("10.0.0.1") {
		t.Errorf("source of a broadcast: %v, %v", src, err)
	}
	if e := one(o, group); e.Kind != probe.Reply && e.Kind != probe.Timeout {
		t.Errorf("broadcast: %s", tell(e))
	}
	if _, err := system(t, vantage.SystemOptions{}).Source(addr("203.0.113.1")); !errors.Is(err, syscall.ENETUNREACH) {
		t.Errorf("no route: %v", err)
	}
}

// TestRecordRoute: IP options go and come.
func TestRecordRoute(t *testing.T) {
	pair(t)
	record := append([]byte{7, 39, 4}, make([]byte, 37)...)
	events := inquireOnce(t, vantage.SystemOptions{}, 0, probe.Probe{Dst: addr("10.1.0.1"), Size: 56, Options: record})
	if e := events[0]; e.Kind != probe.Reply || len(e.Options) != 40 || e.Options[0] != 7 || e.Options[2] < 8 {
		t.Errorf("%s, options %x", tell(e), e.Options)
	}
}

// TestDiscover: path MTU that is known is regarded, or not.
func TestDiscover(t *testing.T) {
	pair(t)
	for _, dst := range []string{"10.2.0.1", "fd00:2::1"} {
		q := probe.Probe{Dst: addr(dst), Size: 1430, DF: true, Timeout: 100 * time.Millisecond}
		var o vantage.SystemOptions
		for range 2 {
			// It is known after the first, and that makes no difference.
			events := inquireOnce(t, o, 0, q)
			if e := events[0]; e.Kind != probe.Error || e.Claim.MTU != 1400 {
				t.Errorf("%s: %s", dst, tell(e))
			}
		}
		o.Discover = sock.Do
		events := inquireOnce(t, o, 0, q)
		if e := events[0]; e.Kind != probe.Unsent || !errors.Is(e.Err, syscall.EMSGSIZE) || e.Why != "message too long, mtu: 1400" {
			t.Errorf("%s, to be regarded: %s", dst, tell(e))
		}
		q.DF = false
		o.Discover = sock.Want
		events = inquireOnce(t, o, 0, q)
		if e := events[0]; e.Kind == probe.Unsent || e.Claim.MTU != 0 {
			t.Errorf("%s, to be cut: %s", dst, tell(e))
		}
	}
}

// TestInterrupt: a run that waits for nothing is interrupted, and ends with the
// context.
func TestInterrupt(t *testing.T) {
	testnet.Enter(t)
	at := system(t, vantage.SystemOptions{})
	if err := at.Run(t.Context(), &survey{}, nil); err == nil {
		t.Error("a run without a prober: no error")
	}
	p, err := at.Prober(probe.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := at.Prober(probe.Config{}); err == nil {
		t.Error("two probers: no error")
	}
	s := &survey{p: p, open: 1}
	ctx, cancel := context.WithCancel(t.Context())
	turns := 0
	at.Interrupt()
	if err := at.Run(ctx, s, func(time.Time) {
		switch turns++; turns {
		case 2:
			go at.Interrupt()
		case 3:
			go cancel()
		}
	}); err != nil || turns < 3 { // the third may see the end itself
		t.Errorf("%v after %d turns", err, turns)
	}
	if err := at.Close(); err != nil {
		t.Error(err)
	}
	at.Interrupt()
	if err := at.Close(); err != nil {
		t.Error(err)
	}
	if err := at.Run(t.Context(), s, nil); err == nil {
		t.Error("closed: no error")
	}
}

// TestLookup asks the system.
func TestLookup(t *testing.T) {
	at := system(t, vantage.SystemOptions{Options: sock.Options{Kinds: []probe.Kind{probe.UDP}}})
	for host, want := range map[string]netip.Addr{"127.0.0.1": addr("127.0.0.1"), "localhost": addr("127.0.0.1")} {
		got, err := at.Lookup(t.Context(), host, vantage.IPv4)
		if err != nil || len(got) == 0 || got[0] != want {
			t.Errorf("%s: %v, %v", host, got, err)
		}
	}
	before := time.Now()
	now := at.Now()
	if after := time.Now(); now.Before(before) || now.After(after) {
		t.Errorf("%v, between %v and %v", now, before, after)
	}
	if n, o := at.Who(); n != nil || o != nil {
		t.Errorf("who: %v, %v", n, o)
	}
}

// TestStart: from opening the sockets to the first packet takes a few
// milliseconds.
func TestStart(t *testing.T) {
	testnet.Enter(t)
	begin := time.Now()
	events := inquireOnce(t, vantage.SystemOptions{}, 0, probe.Probe{Dst: addr("127.0.0.1"), Size: 56})
	took := time.Since(begin)
	t.Logf("first reply after %v", took)
	if events[0].Kind != probe.Reply || took > time.Second {
		t.Errorf("%s after %v", tell(events[0]), took)
	}
}
