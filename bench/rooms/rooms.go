// Package rooms is network namespaces for measurements: rows of them, in which nothing
// that is sent reaches anything else.
package rooms

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Room is a network namespace that lives as long as a process of ours.
type Room struct {
	PID string // of the process
	cmd *exec.Cmd
}

// bound is a process that ends with this program, however that ends.
func bound(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return c
}

// New makes a room, loopback up. It goes with [Room.Close], or with this program.
func New() (*Room, error) {
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return nil, err
	}
	r := &Room{cmd: bound("unshare", "--net", "sleep", "infinity")}
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	r.PID = strconv.Itoa(r.cmd.Process.Pid)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if other, err := os.Readlink("/proc/" + r.PID + "/ns/net"); err == nil && other != own {
			if _, err := r.Sh("ip link set lo up"); err != nil {
				r.Close()
				return nil, err
			}
			return r, nil
		}
	}
	r.Close()
	return nil, errors.New("no network namespace")
}

// Close has the room go.
func (r *Room) Close() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// Command is one that runs in the room, and ends with this program.
func (r *Room) Command(args ...string) *exec.Cmd {
	return bound("nsenter", append([]string{"-t", r.PID, "-n"}, args...)...)
}

// Sh runs a script in the room and returns what it prints.
func (r *Room) Sh(script string) (string, error) {
	b, err := r.Command("sh", "-ec", script).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", script, err, b)
	}
	return string(b), nil
}

// Lifted has a kernel answer as much as it is asked, and report as much as there is.
const Lifted = "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=2000000000 net.ipv4.icmp_msgs_burst=2000000000 net.ipv4.ip_forward=1"

// Street is a row of rooms; all addresses of 10/8 are the last one's.
type Street struct {
	Rooms    []*Room
	Own, MAC string // the ends of the first cable: of the first room, of the second
}

// NewStreet makes a street whose rooms begin with a script.
func NewStreet(n int, first string) (*Street, error) {
	s := new(Street)
	for i := range n {
		r, err := New()
		if err != nil {
			return s, err
		}
		s.Rooms = append(s.Rooms, r)
		if _, err := r.Sh(first); err != nil {
			return s, err
		}
		if i == 0 {
			continue
		}
		before := s.Rooms[i-1]
		script := fmt.Sprintf("ip link add r%[1]d type veth peer name l%[1]d netns %[2]s; ip addr add 172.30.%[1]d.1/24 dev r%[1]d; ip link set r%[1]d up", i, r.PID)
		if _, err := before.Sh(script); err != nil {
			return s, err
		}
		script = fmt.Sprintf("ip addr add 172.30.%[1]d.2/24 dev l%[1]d; ip link set l%[1]d up", i)
		if i > 1 {
			script += fmt.Sprintf("; ip route add 172.30.1.0/24 via 172.30.%d.1", i)
		}
		if _, err := r.Sh(script); err != nil {
			return s, err
		}
		if _, err := before.Sh(fmt.Sprintf("ip route add 10.0.0.0/8 via 172.30.%d.2", i)); err != nil {
			return s, err
		}
	}
	if _, err := s.Last().Sh("ip route add local 10.0.0.0/8 dev lo; ip route add blackhole 10.32.0.0/11"); err != nil {
		return s, err
	}
	var err error
	for i, mac := range []*string{&s.Own, &s.MAC} {
		if *mac, err = s.Rooms[i].Sh(fmt.Sprintf("ip -br link show %s1 | awk '{print $3}'", "rl"[i:i+1])); err != nil {
			return s, err
		}
		*mac = strings.TrimSpace(*mac)
	}
	return s, nil
}

// Last returns the room at the end.
func (s *Street) Last() *Room { return s.Rooms[len(s.Rooms)-1] }

// Close has all rooms go.
func (s *Street) Close() {
	for _, r := range s.Rooms {
		r.Close()
	}
}

// ErrorsSeen returns how many packets the last room found faulty.
func (s *Street) ErrorsSeen() (string, error) {
	return s.Last().Sh("awk '/^(Ip|Icmp):/{n++; if(n%2==1){split($0,h)} else {for(i=2;i<=NF;i++) if (h[i] ~ /InHdrErrors|InCsumErrors|InErrors|InAddrErrors|InDiscards/) printf \"%s=%s \", h[i], $i}}' /proc/net/snmp")
}
