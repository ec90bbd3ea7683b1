package prober_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe/mtu"
)

// ring is a topology of a and b with one way there, by r1 and r2, and another
// back, by r3 and r4. The links between these have the given MTUs.
func ring(there, back int) string {
	return fmt.Sprintf(`
links:
  l0: {delay: 1ms}
  l1: {delay: 1ms}
  there: {delay: 1ms, mtu: %d}
  back: {delay: 1ms, mtu: %d}
nodes:
  a:
    limit: {off: true}
    interfaces: [{link: l0, address: 10.0.0.10/24, address6: 'fd00:0::10/64'}]
    routes: [{to: default, via: 10.0.0.1}, {to: default6, via: 'fd00:0::1'}]
  r1:
    kind: gateway
    limit: {off: true}
    interfaces: [{link: l0, address: 10.0.0.1/24, address6: 'fd00:0::1/64'}, {link: there, address: 10.0.2.1/24, address6: 'fd00:2::1/64'}]
    routes: [{to: default, via: 10.0.2.2}, {to: default6, via: 'fd00:2::2'}]
  r2:
    kind: gateway
    limit: {off: true}
    interfaces: [{link: there, address: 10.0.2.2/24, address6: 'fd00:2::2/64'}, {link: l1, address: 10.0.1.2/24, address6: 'fd00:1::2/64'}]
    routes: [{to: default, via: 10.0.2.1}, {to: default6, via: 'fd00:2::1'}]
  r3:
    kind: gateway
    limit: {off: true}
    interfaces: [{link: l1, address: 10.0.1.3/24, address6: 'fd00:1::3/64'}, {link: back, address: 10.0.3.1/24, address6: 'fd00:3::1/64'}]
    routes: [{to: default, via: 10.0.3.2}, {to: default6, via: 'fd00:3::2'}]
  r4:
    kind: gateway
    limit: {off: true}
    interfaces: [{link: back, address: 10.0.3.2/24, address6: 'fd00:3::2/64'}, {link: l0, address: 10.0.0.4/24, address6: 'fd00:0::4/64'}]
    routes: [{to: default, via: 10.0.3.1}, {to: default6, via: 'fd00:3::1'}]
  b:
    limit: {off: true}
    interfaces: [{link: l1, address: 10.0.1.10/24, address6: 'fd00:1::10/64'}]
    routes: [{to: default, via: 10.0.1.3}, {to: default6, via: 'fd00:1::3'}]
`, there, back)
}

// TestWayBack: each way by itself. In IPv6, b has no state of the echoes that it
// answers, and does not believe what its routers say of its answers (H-16): what is
// too large for them is lost.
func TestWayBack(t *testing.T) {
	conform.Row(t, "P-10")
	for _, x := range []struct {
		there, back int
		four, six   mtu.WayBack
		hole        int // octets, in IPv6, of what vanishes on the way back
	}{
		{1500, 1500, mtu.WayBack{MTU: 1500}, mtu.WayBack{MTU: 1500}, 0},
		{1400, 1500, mtu.WayBack{MTU: 1500, Probes: 2}, mtu.WayBack{MTU: 1500, Probes: 2}, 0},
		{1500, 1400, mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 8}, mtu.WayBack{MTU: 1400, Exact: true, Silent: 1401}, 1401},
		{1400, 1400, mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 2}, mtu.WayBack{MTU: 1400, Silent: 1401, Probes: 6}, 0},
		{1400, 1300, mtu.WayBack{MTU: 1300, Exact: true, Cut: 1301, Probes: 8}, mtu.WayBack{MTU: 1300, Exact: true, Silent: 1301}, 1301},
		{1300, 1400, mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 10}, mtu.WayBack{MTU: 1400, Silent: 1401, Probes: 49}, 0},
		{1280, 1281, mtu.WayBack{MTU: 1281, Exact: true, Cut: 1282, Probes: 5}, mtu.WayBack{MTU: 1281, Silent: 1282, Probes: 28}, 0},
	} {
		for dst, want := range map[netip.Addr]mtu.WayBack{addr("10.0.1.10"): x.four, addr("fd00:1::10"): x.six} {
			r, took := findMTU(t, "a", ring(x.there, x.back), dst)
			if r.MTU != x.there || !r.Exact || r.Back != want || (r.Hole == nil) != (x.hole == 0 || dst.Is4()) || r.Hole != nil && *r.Hole != (mtu.Hole{Size: x.hole, Way: mtu.Back}) {
				t.Errorf("%d there, %d back, to %v: %+v, %+v", x.there, x.back, dst, r, r.Hole)
			}
			for _, y := range r.Reductions {
				if y.MTU != x.there {
					t.Errorf("%d there, %d back, to %v: %+v", x.there, x.back, dst, y)
				}
			}
			if took > 60*ms && dst.Is4() || took > 4*time.Second {
				t.Errorf("%d there, %d back, to %v: took %v", x.there, x.back, dst, took)
			}
		}
	}
}
