package tracepath_test

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/cli/tracepath"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// way makes three routers and a host behind them, 10.0.3.2 and fd00:3::2. Behind
// the first router it is only 1,400 octets wide, and behind the third 1,300. The
// second answers as if it were further away. What the first has no way for, or
// refuses to pass on, the third drops: 10.7.0.0/16 and fd07::/16.
func way(t *testing.T) []*testnet.Room {
	t.Helper()
	all := testnet.Chain(t, 3)
	for _, r := range all {
		r.Unlimited()
	}
	all[1].Sh("ip link set l1 mtu 1400")
	all[2].Sh("ip link set k1 mtu 1400")
	all[3].Sh("ip link set l3 mtu 1300")
	all[4].Sh("ip link set k3 mtu 1300")
	all[2].Sysctl("net/ipv4/ip_default_ttl", "60")
	for _, name := range []string{"k1", "l2"} {
		all[2].Sysctl("net/ipv6/conf/"+name+"/hop_limit", "60")
	}
	all[1].Sh(`
		ip route add prohibit 10.7.1.0/24; ip route add unreachable 10.7.2.0/24; ip route add throw 10.7.3.0/24
		ip route add prohibit fd07:1::/32; ip route add unreachable fd07:2::/32
		ip route add 10.7.4.0/24 via 10.0.1.2; ip route add fd07:4::/32 via fd00:1::2`)
	all[2].Sh("ip route add blackhole 10.7.4.0/24; ip route add blackhole fd07:4::/32")
	// Who asks for names is told at once that there are none.
	all[0].Sh("for a in $(sed -n 's/^nameserver *//p' /etc/resolv.conf); do ip route add unreachable $a || true; done")
	all[0].Sh("ping -q -c1 -W5 10.0.3.2; ping -q -c1 -W5 fd00:3::2") // neighbours are known, as after any traffic
	return all
}

var (
	times  = regexp.MustCompile(` *\d+\.\d{3}ms `)
	spaces = regexp.MustCompile(` +`)
)

// plain is an output without how long it took, and without the first hop's second
// line. That there is a time where there was one is what remains of it.
func plain(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		if strings.Contains(line, "[LOCALHOST]") {
			line = times.ReplaceAllString(line, " ") // in IPv6, the original has one
		}
		line = spaces.ReplaceAllString(times.ReplaceAllString(line, " TIME "), " ")
		if len(out) == 0 || out[len(out)-1] != line {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// compare runs the original and this with the same arguments, neither knowing what
// the other has learnt of the way.
func compare(t *testing.T, arguments string) string {
	t.Helper()
	const forget = "ip -4 route flush cache; ip -6 route flush cache"
	args := strings.Fields(arguments)
	testnet.Run(t, "sh", "-c", forget)
	want, status := testnet.Run(t, "tracepath", args...)
	testnet.Run(t, "sh", "-c", forget)
	var out, errs bytes.Buffer
	got := tracepath.Main(t.Context(), append([]string{"tracepath"}, args...), &out, &errs)
	if got != status || plain(out.String()) != plain(want) || errs.Len() > 0 {
		t.Errorf("%s: status %d\n%s%s\nthe original: status %d\n%s", arguments, got, out.String(), errs.String(), status, want)
	}
	return out.String()
}

// TestOriginal prints what the original prints, but for times.
func TestOriginal(t *testing.T) {
	conform.Row(t, "P-10")
	way(t)
	testnet.Need(t, "tracepath")
	for _, args := range []string{
		"-n 10.0.3.2", "-n -4 10.0.3.2", "-n fd00:3::2", "-6n fd00:3::2", "-b 10.0.3.2", "10.0.3.2", "-b fd00:3::2",
		"-n -l 1500 10.0.3.2", "-n -l 1400 10.0.3.2", "-nl1301 10.0.3.2", "-n -l 1300 10.0.3.2", "-n -l 100 10.0.3.2", "-n -l 29 10.0.3.2",
		"-n -l 65000 10.0.3.2", "-n -l 1500 fd00:3::2", "-n -l 1280 fd00:3::2",
		"-n -m 1 10.0.3.2", "-n -m 2 10.0.3.2", "-n -m 3 10.0.3.2", "-n -m 4 10.0.3.2", "-nm5 -p 5000 10.0.3.2", "-n -p 65500 fd00:3::2",
		"-n 10.0.3.2/5000", "-n -- 10.0.3.2", "10.0.3.2 -nl 65535",
		"-n 10.0.0.2", "-n 10.0.0.1", "-n 127.0.0.1",
		"-n 10.7.1.1", "-n 10.7.2.1", "-n 10.7.3.1", "-n 10.7.9.1", "-n fd07:1::1", "-n fd07:2::1", "-n fd07:9::1",
		"-n -m 2 10.7.4.1",
	} {
		out := compare(t, args)
		if args == "-n 10.0.3.2" && (strings.Count(out, " pmtu ") != 4 || !strings.Contains(out, "asymm  6 \n") || !strings.HasSuffix(out, "     Resume: pmtu 1300 hops 4 back 4 \n")) {
			t.Error(out) // what is to be compared is there
		}
	}
}

// TestInterrupted: what there is comes out, and it is no success.
func TestInterrupted(t *testing.T) {
	all := way(t)
	all[2].Sh("ip route add blackhole 10.0.3.2")
	ctx, cancel := context.WithCancel(t.Context())
	out := &watcher{until: "2:", found: cancel}
	var errs bytes.Buffer
	if status := tracepath.Main(ctx, []string{"tracepath", "-n", "10.0.3.2"}, out, &errs); status != 130 || errs.Len() > 0 || !strings.Contains(out.String(), "     Resume: pmtu 1400 \n") {
		t.Errorf("status %d\n%s%s", status, out.String(), errs.String())
	}
}

// watcher says when something was written.
type watcher struct {
	bytes.Buffer
	until string
	found func()
}

func (w *watcher) Write(b []byte) (int, error) {
	n, err := w.Buffer.Write(b)
	if strings.Contains(w.String(), w.until) {
		w.found()
	}
	return n, err
}

// TestReplied: somebody listens at the ports, and answers.
func TestReplied(t *testing.T) {
	all := way(t)
	testnet.Need(t, "tracepath")
	for port := 44444; port < 44464; port++ { // the original goes on with each probe
		var fd int
		all[4].Do(func() {
			var err error
			if fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err == nil {
				err = unix.Bind(fd, &unix.SockaddrInet4{Port: port})
			}
			if err != nil {
				t.Fatal(err)
			}
		})
		done := make(chan struct{})
		go func() {
			defer close(done)
			var b [1]byte
			for {
				_, from, err := unix.Recvfrom(fd, b[:], 0)
				if errors.Is(err, unix.EINTR) {
					continue
				}
				if err != nil || from == nil {
					return
				}
				_ = unix.Sendto(fd, b[:], 0, from)
			}
		}()
		t.Cleanup(func() {
			_ = unix.Shutdown(fd, unix.SHUT_RDWR)
			<-done
			_ = unix.Close(fd)
		})
	}
	if out := compare(t, "-n 10.0.3.2"); !strings.Contains(out, "4?: reply received 8)\n     Resume: pmtu 1300 \n") {
		t.Error(out)
	}
}

// TestMisused has the original's statuses and words.
func TestMisused(t *testing.T) {
	for _, x := range []struct {
		args   string
		status int
		want   string
	}{
		{"", 255, "\nUsage\n  tracepath [options] <destination>\n"},
		{"-Z b", 255, "tracepath: invalid option -- 'Z'\n\nUsage\n"},
		{"-m", 255, "tracepath: option requires an argument -- 'm'\n"},
		{"-h", 255, "\nUsage\n"},
		{"a b", 255, "\nUsage\n"},
		{"-n --", 255, "\nUsage\n"},
		{"--4 b", 255, "tracepath: invalid option -- '-'\n\nUsage\n"},
		{"-m 0 b", 1, "tracepath: invalid argument: '0': out of range: 1 <= value <= 255\n"},
		{"-m256 b", 1, "tracepath: invalid argument: '256': out of range: 1 <= value <= 255\n"},
		{"-p x b", 1, "tracepath: invalid argument: 'x'\n"},
		{"b/65536", 1, "tracepath: invalid argument: '65536': out of range: 1 <= value <= 65535\n"},
		{"b/", 1, "tracepath: invalid argument: ''\n"},
		{"-l 28 b", 1, "tracepath: pktlen must be within: 28 < value <= 65535\n"},
		{"-l 65536 b", 1, "tracepath: pktlen must be within: 28 < value <= 65535\n"},
		{"-l 0x100 b", 1, "tracepath: invalid argument: '0x100'\n"},
	} {
		var out, errs bytes.Buffer
		if status := tracepath.Main(t.Context(), append([]string{"tracepath"}, strings.Fields(x.args)...), &out, &errs); status != x.status || !strings.HasPrefix(errs.String(), x.want) || x.status == 1 && strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("%s: status %d\n%s", x.args, status, errs.String())
		}
	}
}
