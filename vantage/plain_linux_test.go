package vantage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/vantage"
)

// errand is the variable that makes this program one that asks, with what it is
// to ask.
const errand = "SONDE_TEST_ERRAND"

func TestMain(m *testing.M) {
	if what := os.Getenv(errand); what != "" {
		_, _ = fmt.Fprintln(os.Stdout, run(what))
		return
	}
	os.Exit(m.Run())
}

// run asks the address behind the kind, "echo 10.0.0.2 9" with its TTL, and says
// what came.
func run(what string) string {
	var kind, dst string
	var ttl uint8
	if _, err := fmt.Sscan(what, &kind, &dst, &ttl); err != nil {
		return err.Error()
	}
	q := probe.Probe{Dst: netip.MustParseAddr(dst), Size: 56}
	for ; q.Kind.String() != kind; q.Kind++ {
	}
	q.TTL = 64
	if ttl != 0 {
		q.TTL = 1
	}
	switch q.Kind {
	case probe.UDP, probe.UDPLite:
		q.DstPort = 33434
	case probe.TCP:
		q.DstPort, q.Size = 80, 0
	case probe.Timestamp:
		q.Size = 0
	}
	var o vantage.SystemOptions
	o.Kinds = []probe.Kind{q.Kind}
	at, err := vantage.OpenSystem(o)
	var p *link.PrivilegeError
	if errors.As(err, &p) {
		return "privilege: " + err.Error()
	}
	if err != nil {
		return err.Error()
	}
	defer at.Close()
	prober, err := at.Prober(probe.Config{})
	if err != nil {
		return err.Error()
	}
	if q.Src, err = at.Source(q.Dst); err != nil {
		return err.Error()
	}
	s := &survey{p: prober, ask: []probe.Probe{q}}
	if err := at.Run(context.Background(), s, nil); err != nil {
		return err.Error()
	}
	e := s.events[0]
	return fmt.Sprintf("raw %t: %v from %v %v, stamps %v", at.Can().Raw, e.Kind, e.From, e.Claim, e.RTT > 0 && e.RTT < limit)
}

// nobody runs this program as a user without privileges.
func nobody(t *testing.T, path, what string) string {
	t.Helper()
	c := testnet.Command(t, path)
	c.Env = append(c.Env, errand+"="+what)
	c.SysProcAttr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
	out, err := c.Output() // not what the coverage says
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	return strings.TrimSpace(string(out))
}

// public copies this program to where anybody may run it.
func public(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sonde") // not that of the test, which is the user's alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	self, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	path := filepath.Join(dir, "sonde")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, self); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Close(), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNobody: what somebody without privileges can ask, and what is said of the
// rest.
func TestNobody(t *testing.T) {
	conform.Row(t, "P-06")
	pair(t)
	path := public(t)
	for _, tt := range []struct {
		open bool // ping_group_range
		what string
		want string
	}{
		{true, "echo 10.0.0.2 0", "raw false: reply from 10.0.0.2 , stamps true"},
		{true, "echo fd00::2 0", "raw false: reply from fd00::2 , stamps true"},
		{true, "echo 10.2.0.1 1", "raw false: error from 10.0.0.2 11/0 Time Exceeded: Time to Live exceeded in Transit, stamps true"},
		{true, "echo fd00:2::1 1", "raw false: error from fd00::2 3/0 Time Exceeded: hop limit exceeded in transit, stamps true"},
		{false, "udp 10.0.0.2 0", "raw false: reply from 10.0.0.2 3/3 Destination Unreachable: Port Unreachable, stamps true"},
		{false, "udp 10.2.0.1 1", "raw false: error from 10.0.0.2 11/0 Time Exceeded: Time to Live exceeded in Transit, stamps true"},
		{false, "udplite fd00:2::1 1", "raw false: error from fd00::2 3/0 Time Exceeded: hop limit exceeded in transit, stamps true"},
		{
			false, "echo 10.0.0.2 0",
			`privilege: ICMP sockets: missing CAP_NET_RAW: either sudo setcap cap_net_raw+ep ` + path +
				`, or sudo sysctl net.ipv4.ping_group_range="0 2147483647", or run it with sudo`,
		},
		{true, "tcp 10.0.0.2 0", `privilege: tcp probes: missing CAP_NET_RAW: either sudo setcap cap_net_raw+ep ` + path + `, or run it with sudo`},
		{true, "timestamp 10.0.0.2 0", `privilege: timestamp probes: missing CAP_NET_RAW: either sudo setcap cap_net_raw+ep ` + path + `, or run it with sudo`},
	} {
		groups := "1 0"
		if tt.open {
			groups = "0 2147483647"
		}
		testnet.Sysctl(t, "net/ipv4/ping_group_range", groups)
		if got := nobody(t, path, tt.what); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.what, got, tt.want)
		}
	}
}

// TestPlain asks what can be asked without privileges, and is refused the rest.
func TestPlain(t *testing.T) {
	conform.Row(t, "P-06")
	testnet.Enter(t)
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "0 2147483647")
	var o vantage.SystemOptions
	o.Unprivileged = true
	for _, dst := range []string{"127.0.0.1", "::1"} {
		for _, q := range questions {
			q.Dst = addr(dst)
			if q.Kind != probe.Timestamp && q.Kind != probe.TCP {
				answered(t, o, q)
			}
		}
	}
	at := system(t, o)
	if at.Can().Raw || !at.Can().Kernel {
		t.Errorf("can %+v", at.Can())
	}
	home := addr("127.0.0.1")
	route := []byte{131, 7, 4, 127, 0, 0, 1, 0}
	for _, e := range inquire(t, at, 0,
		probe.Probe{Kind: probe.TCP, Dst: home, DstPort: 80}, probe.Probe{Kind: probe.Timestamp, Dst: home},
		probe.Probe{Kind: probe.Mask, Dst: home}, probe.Probe{Dst: home, Peer: home, Size: 56, Options: route}) {
		var p *link.PrivilegeError
		if e.Kind != probe.Unsent || !errors.As(e.Err, &p) || p.Capability != "CAP_NET_RAW" || p.Sysctl {
			t.Error(tell(e))
		}
	}
	// Record route needs none.
	at = system(t, o)
	record := append([]byte{7, 39, 4}, make([]byte, 37)...)
	for _, e := range inquire(t, at, 0, probe.Probe{Dst: home, Size: 56, Options: record}) {
		if e.Kind != probe.Reply || len(e.Options) != 40 || e.Options[0] != 7 || e.Options[2] == 4 {
			t.Errorf("%s, options %x", tell(e), e.Options)
		}
	}
}
