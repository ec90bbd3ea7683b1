package query_test

import (
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// TestKernel asks the kernel of this machine, which knows extended echo.
func TestKernel(t *testing.T) {
	conform.Row(t, "P-11")
	testnet.Enter(t)
	testnet.Sysctl(t, "net/ipv4/icmp_echo_enable_probe", "1")
	testnet.Run(t, "sh", "-c", "ip link add d0 type veth peer name e0; ip link add d1 type veth peer name e1; ip link set e0 up; sysctl -qw net.ipv6.conf.d0.accept_dad=0; ip addr add 192.0.2.1/24 dev d0; ip link set d0 up; ip addr add fd00:d::1/64 dev d0 nodad; ip addr add fd00::1/64 dev lo nodad")
	for args, want := range map[string]string{
		"probe --name d0 127.0.0.1":           "the interface is active, IPv4 runs on it, IPv6 runs on it\n",
		"probe --name d1 127.0.0.1":           "the interface is there, but not active",
		"probe --name nosuch 127.0.0.1":       "no such interface\n",
		"probe --index 1 127.0.0.1":           "the interface is active, IPv4 runs on it, IPv6 runs on it\n",
		"probe --index 77 --lang fr ::1":      "pas de telle interface\n",
		"probe --address 192.0.2.1 127.0.0.1": "the interface is active, IPv4 runs on it, IPv6 runs on it\n",
		"probe --address fd00::1 ::1":         "the interface is active, IPv4 runs on it, IPv6 runs on it\n",
	} {
		out, errs, status := run(t, args)
		if !strings.Contains(out, want) || errs != "" || status != 0 {
			t.Errorf("%s: status %d\n%s%s", args, status, out, errs)
		}
	}
	out, errs, status := run(t, "mask -W 200ms 127.0.0.1")
	if out != "127.0.0.1 does not answer\n" || errs != "" || status != 1 {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	out, errs, status = run(t, "router -i d0 -W 200ms")
	if out != "224.0.0.2 does not answer\n" || errs != "" || status != 1 {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	out, errs, status = run(t, "router -6 -i d0 -W 200ms")
	if out != "ff02::2%d0 does not answer\n" || errs != "" || status != 1 {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
}
