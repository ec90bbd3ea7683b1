package survey_test

import (
	"net/netip"
	"runtime"
	"testing"

	"github.com/sonde-net/sonde/probe/survey"
)

// TestMemory: what a survey holds grows by few octets with each target, whether
// they are there or not, and whatever was under way on the way there.
func TestMemory(t *testing.T) {
	const many = 1 << 15
	all := targets("10.1.0.0", many)
	for name, x := range map[string]struct {
		dead bool
		most int // octets for each target
	}{"reached": {false, 72}, "silent": {true, 72}} {
		n := &network{t: t, way: func(netip.Addr) []netip.Addr { return chain(1, 5) }}
		if x.dead {
			n.dead = func(netip.Addr) bool { return true }
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := n.run(survey.Config{Targets: all})
		n.flying = nil
		runtime.GC()
		runtime.ReadMemStats(&after)
		each := (int(after.HeapAlloc) - int(before.HeapAlloc) - n.p.Octets()) / many
		if each > x.most {
			t.Errorf("%s: %d octets for each target, want at most %d", name, each, x.most)
		}
		t.Logf("%s: %d octets for each target", name, each)
		runtime.KeepAlive(s)
		runtime.KeepAlive(n)
	}
}

// TestOrder: what is to be asked later is asked in the order of its times, however
// much of it there is, and everything once.
func TestOrder(t *testing.T) {
	n := &network{t: t, way: func(dst netip.Addr) []netip.Addr {
		return []netip.Addr{router(1, 1), router(1, 2), router(2+int(dst.As4()[2]), 3)}
	}, burst: 6, pace: 50 * ms}
	all := make([]netip.Addr, 300)
	for i := range all {
		all[i] = netip.AddrFrom4([4]byte{10, 1, byte(i % 150), byte(10 + i/150)})
	}
	s := n.run(survey.Config{Targets: all})
	complete(t, n, s)
	routers := 0
	for r := range s.Routers() {
		routers++
		if r.Asked != n.asked[r.Addr] {
			t.Errorf("%+v, asked %d times", r, n.asked[r.Addr])
		}
	}
	if routers != 152 {
		t.Errorf("%d routers", routers)
	}
}
