package sweep_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/testnet"
)

func TestMain(m *testing.M) { clitest.Main(m, "sonde") }

// newRoom makes a namespace whose kernel answers whatever it is asked.
func newRoom(t *testing.T) *testnet.Room {
	t.Helper()
	r := testnet.NewRoom(t)
	r.Unlimited()
	r.Sysctl("net/ipv6/conf/default/accept_dad", "0")
	return r
}

// cable joins the test's namespace with a room by l0.
func cable(here, far *testnet.Room) {
	here.Sh("ip link add l0 type veth peer name l0 netns %s; sysctl -qw net.ipv6.conf.l0.accept_dad=0; ip addr add 172.30.0.1/24 dev l0; ip addr add fd00::1/120 dev l0 nodad; ip link set l0 up", far.Path())
	far.Sh("ip addr add 172.30.0.2/24 dev l0; ip addr add fd00::2/120 dev l0 nodad; ip link set l0 up; for i in 3 4 5 6 7 8 9; do ip addr add fd00::$i/120 dev l0 nodad preferred_lft 0; done")
	here.Carries("l0")
	far.Carries("l0")
	here.Sh("ip route add 10.0.0.0/8 via 172.30.0.2; ip route add fd00:a::/64 via fd00::2; ip route add fd00:b::/64 via fd00::2")
	here.Sh("ping -c 1 -W 5 172.30.0.2; ping -c 1 -W 5 fd00::2")
}

// street puts the test into a namespace and a router behind a cable, which counts
// what it is asked by us and what leaves it to us. Behind it is a host that has
// 10.0.0.0/8, fd00:a::/64, and of these fd00:a::100 to fd00:a::202 for its own.
// The router has fd00::2 to fd00::9, and no way to fd00:b::/64.
func street(t *testing.T) (here, router, far *testnet.Room) {
	t.Helper()
	for _, program := range []string{"ip", "nft", "tc"} {
		testnet.Need(t, program)
	}
	here, router, far = testnet.Enter(t), newRoom(t), newRoom(t)
	router.Forward()
	router.Sh("ip link add r0 type veth peer name r0 netns %s; ip addr add 172.30.1.1/24 dev r0; ip addr add fd00:1::1/64 dev r0 nodad; ip link set r0 up", far.Path())
	far.Sh("ip addr add 172.30.1.2/24 dev r0; ip addr add fd00:1::2/64 dev r0 nodad; ip link set r0 up; ip route add default via 172.30.1.1; ip route add default via fd00:1::1; ip route add local 10.0.0.0/8 dev lo; ip route add local fd00:a::/64 dev lo; for i in $(seq 256 514); do printf 'addr add fd00:a::%%x/128 dev lo nodad preferred_lft 0\\n' $i; done | ip -batch -")
	router.Carries("r0")
	far.Carries("r0")
	router.Sh(`ip route add 10.0.0.0/8 via 172.30.1.2; ip route add fd00:a::/64 via fd00:1::2; ip route add unreachable fd00:b::/64
		nft add table inet c; nft add chain inet c in '{ type filter hook prerouting priority -400; }'; nft add chain inet c out '{ type filter hook postrouting priority 400; }'
		for c in rx tx; do nft add counter inet c $c; done
		for m in 'icmp type echo-request' 'icmpv6 type echo-request' 'udp dport 9' 'tcp flags & (syn | ack) == syn'; do nft "add rule inet c in iifname l0 $m counter name rx"; done
		for m in 'icmp type { echo-reply, destination-unreachable }' 'icmpv6 type { echo-reply, destination-unreachable }' 'tcp flags & rst == rst' 'tcp flags & (syn | ack) == syn | ack'; do nft "add rule inet c out oifname l0 $m counter name tx"; done`)
	cable(here, router)
	router.Sh("ping -c 1 -W 5 172.30.1.2; ping -c 1 -W 5 fd00:1::2; nft reset counters table inet c")
	return here, router, far
}

// counted returns how many probes and answers were on the wire at a router since it
// was asked last.
func counted(t *testing.T, r *testnet.Room) (rx, tx int) {
	t.Helper()
	out := r.Sh("nft reset counters table inet c | awk '/packets/{print $2}'")
	if _, err := fmt.Sscan(out, &rx, &tx); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return rx, tx
}

// asked returns how many probes were on the wire, and goes on counting.
func asked(t *testing.T, r *testnet.Room) (rx int) {
	t.Helper()
	out := r.Sh("nft list counter inet c rx | awk '/packets/{print $2}'")
	if _, err := fmt.Sscan(out, &rx); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return rx
}

// listen has TCP connections to a port of a room taken.
func listen(t *testing.T, r *testnet.Room, port uint16) {
	t.Helper()
	r.Do(func() {
		l, err := net.ListenTCP("tcp", &net.TCPAddr{Port: int(port)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
	})
}

// counts is what the last line of JSON says.
type counts struct {
	Result   string `json:"result"`
	Engine   string `json:"engine"`
	Position int    `json:"position"`
	Sent     int    `json:"sent"`
	Unsent   int    `json:"unsent"`
	Answered int    `json:"answered"`
	Errors   int    `json:"errors"`
	Dropped  int    `json:"dropped"`
	Rest     int    `json:"-"` // all that is to be 0
}

// line is a line of JSON before it.
type line struct {
	Result string `json:"result"`
	Target string `json:"target"`
	From   string `json:"from"`
	TTL    int    `json:"ttl"`
	Closed bool   `json:"closed"`
	Type   int    `json:"type"`
	Code   int    `json:"code"`
}

func parse(t *testing.T, out string) (all []line, sum counts) {
	t.Helper()
	for text := range strings.Lines(out) {
		var x line
		if err := json.Unmarshal([]byte(text), &x); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if x.Result != "summary" {
			all = append(all, x)
			continue
		}
		var rest struct{ Duplicates, Forged, Lost int }
		if err := errors.Join(json.Unmarshal([]byte(text), &sum), json.Unmarshal([]byte(text), &rest)); err != nil {
			t.Fatal(err)
		}
		sum.Rest = rest.Duplicates + rest.Forged + rest.Lost
	}
	return all, sum
}

// job is a sweep in a process of its own, that is to be interfered with.
type job struct {
	t    *testing.T
	cmd  *exec.Cmd
	errs bytes.Buffer
}

func begin(t *testing.T, args ...string) *job {
	t.Helper()
	j := &job{t: t, cmd: testnet.Command(t, clitest.Binary(t, "sonde"), append([]string{"sweep", "--lang", "en"}, args...)...)}
	j.cmd.Stderr = &j.errs
	if err := j.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return j
}

// end returns the exit status, and what was said on standard error.
func (j *job) end() (status int, errs string) {
	_ = j.cmd.Wait()
	return j.cmd.ProcessState.ExitCode(), j.errs.String()
}

// once fails unless a file of lines tells of n addresses, of each once.
func once(t *testing.T, file string, n int) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for text := range strings.Lines(string(b)) {
		first, _, _ := strings.Cut(text, " ")
		if seen[first] || !strings.HasPrefix(text, "10.") || !strings.HasSuffix(text, " ms ttl 63\n") {
			t.Errorf("%q", text)
		}
		seen[first] = true
	}
	if len(seen) != n {
		t.Errorf("%d found, want %d", len(seen), n)
	}
}
