package stack_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/discovery"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// next moves the clock to the deadline and collects what leaves then.
func (w *world) next() []sent {
	w.Helper()
	d := w.node.Deadline()
	if d.IsZero() {
		w.Fatal("nothing is due")
	}
	w.now = d
	return w.poll()
}

// TestAdvertise: off by default; then within two seconds, three times within 16
// seconds of each other, then at random in the interval (RFC 1256 §4.1).
func TestAdvertise(t *testing.T) {
	conform.Row(t, "G-09")
	cfg := gatewayConfig()
	w := newWorld(t, cfg)
	w.none(w.poll())
	if !w.node.Deadline().IsZero() {
		t.Error("a gateway that does not advertise waits for something")
	}
	cfg.Interfaces[1].Advertise = discovery.Advertise{On: true, Max: 100 * time.Second, Min: 75 * time.Second, Lifetime: 300 * time.Second, Preference: -7}
	w = newWorld(t, cfg)
	w.none(w.poll())
	last := w.now
	for i := range 12 {
		s := w.one(w.next())
		h, m := icmp(t, s.octets)
		a, ok := m.(icmp4.RouterAdvertisement)
		if !ok || h.TTL != 1 || h.Src != addr("10.0.2.1") || h.Dst != addr("224.0.0.1") || s.Iface != 1 || s.NextHop != h.Dst || s.Origin.Rule() != "G-09" {
			t.Fatalf("sent %v, %v", h, m)
		}
		if a.Lifetime != 300*time.Second {
			t.Errorf("lifetime %v", a.Lifetime)
		}
		n := 0
		for r := range a.Routers() {
			if n++; r.Addr != addr("10.0.2.1") || r.Preference != -7 {
				t.Errorf("router %+v", r)
			}
		}
		if n != 1 {
			t.Errorf("%d routers", n)
		}
		gap := w.now.Sub(last)
		last = w.now
		switch {
		case i == 0 && gap > 2*time.Second, i > 0 && i <= 3 && gap > 16*time.Second:
			t.Errorf("advertisement %d after %v", i, gap)
		case i > 3 && (gap < 75*time.Second || gap > 100*time.Second):
			t.Errorf("advertisement %d after %v", i, gap)
		}
	}
	if c := w.node.Counters(); c.ICMP[0].OutPkts[9] != 12 || c.IP[0][mib.OutMcastPkts] != 12 {
		t.Errorf("counted %d advertisements, %d multicasts", c.ICMP[0].OutPkts[9], c.IP[0][mib.OutMcastPkts])
	}
	// Asked, it answers within two seconds, to all.
	for _, src := range []string{"10.0.2.100", "0.0.0.0"} {
		asked := w.now
		if got := w.receive(1, message(t, addr(src), addr("224.0.0.2"), icmp4.RouterSolicitation{})); len(got) != 0 {
			t.Error("answered at once")
		}
		w.one(w.next())
		if w.now.Sub(asked) > 2*time.Second {
			t.Errorf("answered after %v", w.now.Sub(asked))
		}
	}
	w.lastDrop()
	if why := w.none(w.receive(0, message(t, hostA, addr("224.0.0.2"), icmp4.RouterSolicitation{}))); why != mib.RouterDiscoveryOff {
		t.Errorf("on the other interface: %v", why)
	}
	if why := w.none(w.receive(0, message(t, addr("0.0.0.0"), addr("224.0.0.2"), icmp4.RouterSolicitation{}))); why != mib.MartianSource {
		t.Errorf("from nobody on the other interface: %v", why)
	}
	if why := w.none(w.receive(1, echo(t, addr("0.0.0.0"), addr("224.0.0.2"), 64, 8))); why != mib.MartianSource {
		t.Errorf("an echo request from nobody: %v", why)
	}
}

// advert makes an advertisement of the routers, at preferences that fall.
func advert(t *testing.T, lifetime time.Duration, preference int32, routers ...string) []byte {
	t.Helper()
	m := icmp4.RouterAdvertisement{Lifetime: lifetime}
	for _, r := range routers {
		m.Entries, _ = icmp4.AppendRouter(m.Entries, icmp4.Router{Addr: addr(r), Preference: preference})
	}
	return message(t, addr(routers[0]), addr("224.0.0.1"), m)
}

// TestSolicit: a host asks three times, and takes the best router that it hears
// of, as long as it says.
func TestSolicit(t *testing.T) {
	conform.Row(t, "G-09")
	cfg := hostConfig()
	cfg.Routes = nil
	w := newWorld(t, cfg)
	w.none(w.poll())
	if why := w.none(w.receive(0, advert(t, time.Minute, 0, "10.0.1.1"))); why != mib.RouterDiscoveryOff || !w.node.Deadline().IsZero() {
		t.Errorf("a host that does not ask: %v", why)
	}
	cfg.SolicitRouters = true
	w = newWorld(t, cfg)
	w.none(w.poll())
	for i := range 3 {
		before := w.now
		h, m := icmp(t, w.one(w.next()).octets)
		if _, ok := m.(icmp4.RouterSolicitation); !ok || h.Dst != addr("224.0.0.2") || h.TTL != 1 || h.Src != hostA {
			t.Fatalf("sent %v, %v", h, m)
		}
		if gap := w.now.Sub(before); i == 0 && gap > time.Second || i > 0 && gap != 3*time.Second {
			t.Errorf("solicitation %d after %v", i, gap)
		}
	}
	w.none(w.next())
	if !w.node.Deadline().IsZero() {
		t.Error("it goes on asking")
	}
	via := func() string {
		if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: 99}); err != nil {
			return err.Error()
		}
		return w.one(w.poll()).NextHop.String()
	}
	const nothing = "stack: no route to host"
	if got := via(); got != nothing {
		t.Errorf("before: %s", got)
	}
	w.receive(0, advert(t, time.Minute, 0, "10.0.1.1"))
	w.receive(0, advert(t, 30*time.Second, 5, "10.0.1.2"))
	w.receive(0, advert(t, time.Minute, 9, "10.9.9.9")) // on no network of its
	w.receive(0, advert(t, time.Minute, icmp4.NotDefault, "10.0.1.3"))
	if got := via(); got != "10.0.1.2" {
		t.Errorf("the best: %s", got)
	}
	w.now = w.now.Add(30 * time.Second)
	w.poll()
	if got := via(); got != "10.0.1.1" {
		t.Errorf("when the best has expired: %s", got)
	}
	w.receive(0, advert(t, 0, 0, "10.0.1.1"))
	if got := via(); got != nothing {
		t.Errorf("when the last says that it stops: %s", got)
	}
	// IPv6 has neighbour discovery for it.
	w.receive(0, advert(t, time.Minute, 0, "10.0.1.1"))
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB6, Proto: 99}); err == nil {
		t.Error("IPv6 goes by an IPv4 router")
	}
	// Damaged ones are dropped and counted.
	bad := append([]byte{9, 0, 0, 0, 1, 2, 0, 60}, 10, 0, 1, 1)
	if why := w.none(w.receive(0, datagram(t, ip.Header4{Src: gateway, Dst: addr("224.0.0.1"), Proto: ip.ProtoICMP, TTL: 1}, sealed(bad)))); why != mib.ICMPShort {
		t.Errorf("cut: %v", why)
	}
}
