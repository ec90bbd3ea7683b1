package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// world is a row of namespaces: where the traces start, routers, a host.
type world struct {
	rooms []netns.NsHandle
	dst   string
}

const open = `ip link set lo up; sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_ratemask=0 \
	net.ipv4.icmp_msgs_per_sec=1000000 net.ipv4.icmp_msgs_burst=100000`

// build makes the world. The thread is in the first room afterwards.
func build(routers int) (*world, error) {
	w := &world{dst: fmt.Sprintf("10.0.%d.2", routers)}
	for range routers + 2 {
		ns, err := netns.New()
		if err != nil {
			return nil, fmt.Errorf("network namespaces: %w", err)
		}
		w.rooms = append(w.rooms, ns)
		if err := w.sh(len(w.rooms)-1, open); err != nil {
			return nil, err
		}
	}
	for n := range routers + 1 {
		err := w.sh(n, "ip link add l%d type veth peer name k%d netns /proc/%d/fd/%d; ip addr add 10.0.%d.1/24 dev l%d; ip link set l%d up",
			n, n, os.Getpid(), int(w.rooms[n+1]), n, n, n)
		if err == nil {
			err = w.sh(n+1, "ip addr add 10.0.%d.2/24 dev k%d; ip link set k%d up", n, n, n)
		}
		if err == nil {
			err = w.sh(n, "ip route add default via 10.0.%d.2", n)
		}
		if err == nil && n > 1 {
			err = w.sh(n, "ip route add 10.0.0.0/24 via 10.0.%d.1", n-1)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := w.sh(routers+1, "ip route add default via 10.0.%d.1", routers); err != nil {
		return nil, err
	}
	return w, w.enter(0)
}

func (w *world) enter(room int) error { return netns.Set(w.rooms[room]) }

// sh runs shell commands in a room.
func (w *world) sh(room int, format string, args ...any) error {
	if err := w.enter(room); err != nil {
		return err
	}
	script := fmt.Sprintf(format, args...)
	if out, err := exec.Command("sh", "-ec", script).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", script, err, out)
	}
	return nil
}

// manners tells the routers who is to be silent.
func (w *world) manners(c contest) error {
	for hop := 1; hop <= routers; hop++ {
		var rules strings.Builder
		rules.WriteString("nft flush ruleset\n")
		if slices.Contains(c.silent, hop) {
			rules.WriteString("nft add table ip no; nft 'add chain ip no out { type filter hook output priority 0; }'; nft add rule ip no out icmp type time-exceeded drop\n")
		}
		if hop == c.drops {
			rules.WriteString("nft add table ip no; nft 'add chain ip no on { type filter hook forward priority 0; }'; nft add rule ip no on ip saddr 10.0.0.1 drop\n")
		}
		if err := w.sh(hop, "%s", rules.String()); err != nil {
			return err
		}
	}
	return w.enter(0)
}

// sent is how many packets have left for the first router.
func sent() (uint64, error) {
	l, err := netlink.LinkByName("l0")
	if err != nil {
		return 0, err
	}
	return l.Attrs().Statistics.TxPackets, nil
}

// trace runs a program once, and returns how long it took, what it printed and
// how many packets have left meanwhile.
func (w *world) trace(program string, c contest) (time.Duration, string, uint64, error) {
	before, err := sent()
	if err != nil {
		return 0, "", 0, err
	}
	cmd := exec.Command(program, append(append([]string{"-n"}, c.args...), w.dst)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	begun := time.Now()
	err = cmd.Run()
	took := time.Since(begun)
	if err != nil {
		return 0, "", 0, fmt.Errorf("%w: %s", err, errs.String())
	}
	after, err := sent()
	return took, out.String(), after - before, err
}
