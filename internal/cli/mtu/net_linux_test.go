package mtu_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/probe/mtu"
)

// TestKernel: two kernels that forward, one on each way, with links of other sizes,
// and one that answers and learns what its way takes.
func TestKernel(t *testing.T) {
	conform.Row(t, "P-10")
	here := testnet.Enter(t)
	there, back, far := testnet.NewRoom(t), testnet.NewRoom(t), testnet.NewRoom(t)
	testnet.Join(here, there, 0)
	testnet.Join(there, far, 1)
	testnet.Join(far, back, 2)
	testnet.Join(back, here, 3)
	for _, r := range []*testnet.Room{there, back} {
		r.Forward()
	}
	for _, r := range []*testnet.Room{here, there, back, far} {
		r.Unlimited()
		r.Sh("for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done")
	}
	here.Sh("ip route add 10.0.1.0/24 via 10.0.0.2; ip route add fd00:1::/64 via fd00::2")
	far.Sh("ip route add default via 10.0.2.2; ip route add default via fd00:2::2")
	back.Sh("ip route add 10.0.0.0/24 via 10.0.3.2; ip route add fd00::/64 via fd00:3::2; ip route add 10.0.1.0/24 via 10.0.2.1; ip route add fd00:1::/64 via fd00:2::1")
	far.Sh("ping -q -c1 -w60 -I 10.0.1.2 10.0.0.1; ping -q -c1 -w60 -I fd00:1::2 fd00::1") // neighbours are known, as after any traffic
	for _, x := range []struct {
		there, back int
		four, six   mtu.WayBack // but for the number of probes
		most        int         // probes
	}{
		{1500, 1500, mtu.WayBack{MTU: 1500}, mtu.WayBack{MTU: 1500}, 3},
		{1400, 1500, mtu.WayBack{MTU: 1500}, mtu.WayBack{MTU: 1500}, 8},
		{1500, 1300, mtu.WayBack{MTU: 1300, Exact: true, Cut: 1301}, mtu.WayBack{MTU: 1300, Exact: true, Cut: 1301}, 12},
		{1400, 1300, mtu.WayBack{MTU: 1300, Exact: true, Cut: 1301}, mtu.WayBack{MTU: 1300, Exact: true, Cut: 1301}, 18},
		{1400, 1400, mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401}, mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401}, 12},
		{1300, 1402, mtu.WayBack{MTU: 1402, Exact: true, Cut: 1403}, mtu.WayBack{MTU: 1402, Exact: true, Cut: 1403}, 18},
	} {
		there.Sh("ip link set l1 mtu %d", x.there)
		far.Sh("ip link set k1 mtu %d", x.there)
		back.Sh("ip link set l3 mtu %d", x.back)
		here.Sh("ip link set k3 mtu %d", x.back)
		for dst, want := range map[string]mtu.WayBack{"10.0.1.2": x.four, "fd00:1::2": x.six} {
			for _, r := range []*testnet.Room{here, far} {
				r.Sh("ip -4 route flush cache; ip -6 route flush cache")
			}
			out, errs, status := run(t, "--json", "-n", dst)
			lines := strings.Split(strings.TrimSpace(out), "\n")
			var r struct {
				MTU, Probes int
				Exact       bool
				Back        mtu.WayBack
			}
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil || status != 0 || errs != "" {
				t.Fatalf("%d there, %d back: %v, %d, %s\n%s", x.there, x.back, err, status, errs, out)
			}
			want.Probes = r.Back.Probes
			if r.MTU != x.there || !r.Exact || r.Back != want || r.Probes > x.most {
				t.Errorf("%d there, %d back, to %s: %+v, want %+v\n%s", x.there, x.back, dst, r, want, out)
			}
		}
	}
	here.Sh("ip -4 route flush cache") // else this kernel knows, if it was asked for IPv4 last
	out, _, status := run(t, "-n", "10.0.1.2")
	if want := fmt.Sprintf("\nThe path MTU is %d octets, exactly.\nThe way back takes %d octets, exactly: larger answers come in fragments.\n", 1300, 1402); status != 0 || !strings.HasSuffix(out, want) {
		t.Errorf("%d\n%s", status, out)
	}
}
