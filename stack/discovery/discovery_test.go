package discovery_test

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/discovery"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestFill(t *testing.T) {
	conform.Row(t, "G-09")
	s := time.Second
	for _, c := range []struct {
		a, want discovery.Advertise
		field   string
	}{
		{discovery.Advertise{}, discovery.Advertise{}, ""},
		{discovery.Advertise{Max: 1}, discovery.Advertise{Max: 1}, ""}, // off: not looked at
		{discovery.Advertise{On: true}, discovery.Advertise{On: true, Max: 600 * s, Min: 450 * s, Lifetime: 1800 * s}, ""},
		{discovery.Advertise{On: true, Max: 4 * s}, discovery.Advertise{On: true, Max: 4 * s, Min: 3 * s, Lifetime: 12 * s}, ""},
		{discovery.Advertise{On: true, Max: 1800 * s, Min: 3 * s, Lifetime: 1800 * s}, discovery.Advertise{On: true, Max: 1800 * s, Min: 3 * s, Lifetime: 1800 * s}, ""},
		{discovery.Advertise{On: true, Max: 10 * s, Min: 10 * s, Lifetime: 9000 * s}, discovery.Advertise{On: true, Max: 10 * s, Min: 10 * s, Lifetime: 9000 * s}, ""},
		{discovery.Advertise{On: true, Max: 4*s - 1}, discovery.Advertise{}, "Max"},
		{discovery.Advertise{On: true, Max: 1800*s + 1}, discovery.Advertise{}, "Max"},
		{discovery.Advertise{On: true, Max: 10 * s, Min: 3*s - 1}, discovery.Advertise{}, "Min"},
		{discovery.Advertise{On: true, Max: 10 * s, Min: 10*s + 1}, discovery.Advertise{}, "Min"},
		{discovery.Advertise{On: true, Max: 10 * s, Lifetime: 10*s - 1}, discovery.Advertise{}, "Lifetime"},
		{discovery.Advertise{On: true, Max: 10 * s, Lifetime: 9000*s + 1}, discovery.Advertise{}, "Lifetime"},
	} {
		a := c.a
		err := a.Fill()
		if c.field == "" && (err != nil || a != c.want) {
			t.Errorf("%+v: %+v, %v", c.a, a, err)
		}
		if c.field != "" && (err == nil || !strings.HasPrefix(err.Error(), c.field+":")) {
			t.Errorf("%+v: %v, want an error about %s", c.a, err, c.field)
		}
	}
}

func TestAdvertiser(t *testing.T) {
	conform.Row(t, "G-09")
	var silent discovery.Advertiser
	r := rand.New(rand.NewPCG(1, 1))
	silent.Start(epoch, discovery.Advertise{}, r)
	if silent.Due(epoch.Add(time.Hour), r) || silent.Solicited(epoch, r) || !silent.Deadline().IsZero() {
		t.Error("it advertises though it is off")
	}
	a := discovery.Advertise{On: true, Max: 40 * time.Second, Min: 30 * time.Second, Lifetime: 50 * time.Second, Preference: -3}
	gaps := map[time.Duration]bool{}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		var v discovery.Advertiser
		v.Start(epoch, a, r)
		if v.Lifetime() != 50*time.Second || v.Preference() != -3 {
			t.Fatalf("says %v, %d", v.Lifetime(), v.Preference())
		}
		now := epoch
		for i := range 6 {
			next := v.Deadline()
			gap := next.Sub(now)
			gaps[gap] = true
			switch {
			case i == 0 && (gap < 0 || gap > 2*time.Second):
				t.Fatalf("first after %v", gap)
			case i > 0 && i <= 3 && gap != 16*time.Second:
				t.Fatalf("advertisement %d after %v, want 16s", i, gap)
			case i > 3 && (gap < 30*time.Second || gap > 40*time.Second):
				t.Fatalf("advertisement %d after %v", i, gap)
			}
			if v.Due(next.Add(-1), r) || !v.Due(next, r) || v.Due(next, r) {
				t.Fatalf("advertisement %d: not due exactly once", i)
			}
			now = next
		}
		before := v.Deadline()
		if !v.Solicited(now, r) || v.Deadline().Sub(now) > 2*time.Second || v.Deadline().Before(now) {
			t.Fatalf("solicited, and due %v later", v.Deadline().Sub(now))
		}
		// A solicitation does not put off what comes sooner.
		v.Due(before, r)
		late := v.Deadline().Add(-1)
		v.Solicited(late, r)
		if v.Deadline().After(late.Add(1)) {
			t.Fatal("put off")
		}
	}
	if len(gaps) < 100 {
		t.Errorf("%d different gaps: no jitter", len(gaps))
	}
	// Min equal to Max leaves nothing to chance.
	var v discovery.Advertiser
	v.Start(epoch, discovery.Advertise{On: true, Max: 5 * time.Second, Min: 5 * time.Second}, r)
	d := v.Deadline()
	v.Due(d, r)
	if v.Deadline().Sub(d) != 5*time.Second {
		t.Errorf("after %v", v.Deadline().Sub(d))
	}
}

func heard(lifetime time.Duration, rs ...icmp4.Router) icmp4.RouterAdvertisement {
	m := icmp4.RouterAdvertisement{Lifetime: lifetime}
	for _, r := range rs {
		m.Entries, _ = icmp4.AppendRouter(m.Entries, r)
	}
	return m
}

func router(last byte, preference int32) icmp4.Router {
	return icmp4.Router{Addr: netip.AddrFrom4([4]byte{192, 0, 2, last}), Preference: preference}
}

func onLink(a netip.Addr) bool { return a.As4()[0] == 192 }

func TestRouters(t *testing.T) {
	conform.Row(t, "G-09")
	var s discovery.Routers
	if _, ok := s.Best(); ok || !s.Deadline().IsZero() || s.Due(epoch) {
		t.Error("the zero value knows or asks")
	}
	foreign := icmp4.Router{Addr: netip.MustParseAddr("10.0.0.1"), Preference: 9}
	if n := s.Heard(epoch, 2, heard(time.Minute, router(1, 0), router(2, 5), router(3, 5), router(4, icmp4.NotDefault), foreign), onLink); n != 3 {
		t.Errorf("%d learnt, want 3", n)
	}
	best := func(want byte) {
		t.Helper()
		b, ok := s.Best()
		if want == 0 {
			if ok {
				t.Errorf("best %+v, want none", b)
			}
			return
		}
		if !ok || b.Addr != router(want, 0).Addr || b.Iface != 2 {
			t.Errorf("best %+v, %v, want %d", b, ok, want)
		}
	}
	best(2)
	if b, _ := s.Best(); b.Preference != 5 || !b.Expires.Equal(epoch.Add(time.Minute)) {
		t.Errorf("%+v", b)
	}
	// The same router again: what it says now counts.
	s.Heard(epoch.Add(time.Second), 2, heard(2*time.Minute, router(2, -1)), onLink)
	best(3)
	if !s.Deadline().Equal(epoch.Add(time.Minute)) {
		t.Errorf("due at %v", s.Deadline())
	}
	s.Due(epoch.Add(time.Minute - 1))
	best(3)
	s.Due(epoch.Add(time.Minute))
	best(2)
	if !s.Deadline().Equal(epoch.Add(2*time.Minute + time.Second)) {
		t.Errorf("due at %v", s.Deadline())
	}
	// By another interface it is another router.
	s.Heard(epoch, 3, heard(0, router(2, 0)), onLink)
	best(2)
	s.Heard(epoch, 2, heard(time.Minute, router(2, icmp4.NotDefault)), onLink)
	best(0)
	s.Heard(epoch, 2, heard(time.Minute, router(1, 0)), onLink)
	if n := s.Heard(epoch, 2, heard(0, router(1, 0), router(5, 0)), onLink); n != 0 {
		t.Errorf("%d learnt that stop", n)
	}
	best(0)
	// No more than so many.
	for i := range 40 {
		if n := s.Heard(epoch, 2, heard(time.Minute, router(byte(i), int32(i))), onLink); n == 1 != (i < discovery.MaxRouters) {
			t.Errorf("router %d: %d learnt", i, n)
		}
	}
	best(discovery.MaxRouters - 1)
	if n := s.Heard(epoch, 2, heard(time.Minute, router(3, 99)), onLink); n != 1 {
		t.Error("a known router is not heard when the table is full")
	}
	best(3)
}

func TestSolicit(t *testing.T) {
	conform.Row(t, "G-09")
	for seed := range uint64(20) {
		var s discovery.Routers
		s.Start(epoch, rand.New(rand.NewPCG(seed, 1)))
		now := epoch
		for i := range 3 {
			next := s.Deadline()
			if gap := next.Sub(now); i == 0 && (gap < 0 || gap >= time.Second) || i > 0 && gap != 3*time.Second {
				t.Fatalf("solicitation %d after %v", i, gap)
			}
			if s.Due(next.Add(-1)) || !s.Due(next) || s.Due(next) {
				t.Fatalf("solicitation %d: not due exactly once", i)
			}
			now = next
		}
		if s.Due(s.Deadline()) || !s.Deadline().IsZero() {
			t.Fatal("a fourth solicitation")
		}
	}
	// A router that is known ends it.
	var s discovery.Routers
	s.Start(epoch, rand.New(rand.NewPCG(1, 1)))
	s.Heard(epoch, 0, heard(time.Hour, router(1, 0)), onLink)
	if s.Due(s.Deadline()) || s.Deadline().Sub(epoch) != time.Hour {
		t.Error("it asks though it knows a router")
	}
}
