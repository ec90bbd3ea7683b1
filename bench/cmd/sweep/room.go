package main

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

// room is a network namespace that lives as long as a process of ours.
type room struct {
	cmd *exec.Cmd
	pid string
}

func newRoom() (*room, error) {
	r := &room{cmd: exec.Command("unshare", "--net", "sleep", "infinity")}
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	r.pid = strconv.Itoa(r.cmd.Process.Pid)
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if other, err := os.Readlink("/proc/" + r.pid + "/ns/net"); err == nil && other != own {
			_, err := r.sh("ip link set lo up")
			return r, err
		}
	}
	return nil, errors.New("no network namespace")
}

func (r *room) close() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// command is one that runs in the room.
func (r *room) command(args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", r.pid, "-n"}, args...)...)
}

func (r *room) sh(script string) (string, error) {
	b, err := r.command("sh", "-ec", script).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", script, err, b)
	}
	return string(b), nil
}

// lifted has a kernel answer as much as it is asked, and report as much as there is.
const lifted = "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=2000000000 net.ipv4.icmp_msgs_burst=2000000000 net.ipv4.ip_forward=1"

// street is a row of rooms; all addresses of 10/8 are the last one's.
type street struct {
	rooms []*room
	mac   string // of the second room, on the side of the first
}

func newStreet(n int) (*street, error) {
	s := new(street)
	for i := range n {
		r, err := newRoom()
		if err != nil {
			return s, err
		}
		s.rooms = append(s.rooms, r)
		if _, err := r.sh(lifted); err != nil {
			return s, err
		}
		if i == 0 {
			continue
		}
		before := s.rooms[i-1]
		script := fmt.Sprintf("ip link add r%[1]d type veth peer name l%[1]d netns %[2]s; ip addr add 172.30.%[1]d.1/24 dev r%[1]d; ip link set r%[1]d up", i, r.pid)
		if _, err := before.sh(script); err != nil {
			return s, err
		}
		script = fmt.Sprintf("ip addr add 172.30.%[1]d.2/24 dev l%[1]d; ip link set l%[1]d up", i)
		if i > 1 {
			script += fmt.Sprintf("; ip route add 172.30.1.0/24 via 172.30.%d.1", i)
		}
		if _, err := r.sh(script); err != nil {
			return s, err
		}
		if _, err := before.sh(fmt.Sprintf("ip route add 10.0.0.0/8 via 172.30.%d.2", i)); err != nil {
			return s, err
		}
	}
	if _, err := s.last().sh("ip route add local 10.0.0.0/8 dev lo; ip route add blackhole 10.32.0.0/11"); err != nil {
		return s, err
	}
	mac, err := s.rooms[1].sh("cat /sys/class/net/l1/address 2>/dev/null || ip -br link show l1 | awk '{print $3}'")
	s.mac = strings.TrimSpace(mac)
	if err == nil {
		mac, err = s.rooms[1].sh("ip -br link show l1 | awk '{print $3}'")
		s.mac = strings.TrimSpace(mac)
	}
	return s, err
}

func (s *street) last() *room { return s.rooms[len(s.rooms)-1] }

func (s *street) close() {
	for _, r := range s.rooms {
		r.close()
	}
}

// errorsSeen returns how many packets the last room found faulty.
func (s *street) errorsSeen() (string, error) {
	return s.last().sh("awk '/^(Ip|Icmp):/{n++; if(n%2==1){split($0,h)} else {for(i=2;i<=NF;i++) if (h[i] ~ /InHdrErrors|InCsumErrors|InErrors|InAddrErrors|InDiscards/) printf \"%s=%s \", h[i], $i}}' /proc/net/snmp")
}
