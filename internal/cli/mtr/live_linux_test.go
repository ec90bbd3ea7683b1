package mtr_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/lab/scenario"
)

// screen is a terminal emulator in which the command runs.
type screen struct {
	t      *testing.T
	socket string
}

// open runs a command in a terminal of that size. A shell stays when it has ended,
// so that what it leaves can be seen.
func open(t *testing.T, width, height int, env string, args ...string) *screen {
	t.Helper()
	testnet.Need(t, "tmux")
	s := &screen{t, filepath.Join(t.TempDir(), "s")}
	line := fmt.Sprintf("env %s LANG=C.UTF-8 LC_ALL= %s; echo status $?; stty -a | grep -o ' .\\?echo ' ; exec cat", env, strings.Join(args, " "))
	s.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), line)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", s.socket, "kill-server").Run() }) //nolint:noctx // the test's context is over by then
	return s
}

func (s *screen) tmux(args ...string) string {
	s.t.Helper()
	out, status := testnet.Run(s.t, "tmux", append([]string{"-S", s.socket}, args...)...)
	if status != 0 {
		s.t.Fatalf("tmux %v: %s", args, out)
	}
	return out
}

func (s *screen) press(keys ...string) {
	s.t.Helper()
	s.tmux(append([]string{"send-keys"}, keys...)...)
}

func (s *screen) shown() string {
	s.t.Helper()
	return s.tmux("capture-pane", "-p")
}

// patience is how long a screen is waited for.
const patience = time.Minute

// until waits until the screen shows all of the patterns.
func (s *screen) until(patterns ...string) string {
	s.t.Helper()
	shown := ""
	for end := time.Now().Add(patience); time.Now().Before(end); {
		shown = s.shown()
		missing := ""
		for _, p := range patterns {
			if !regexp.MustCompile("(?m)" + p).MatchString(shown) {
				missing = p
			}
		}
		if missing == "" {
			return shown
		}
		testnet.Run(s.t, "tmux", "-S", s.socket, "run-shell", "-d", "0.05", "true")
	}
	for _, p := range patterns {
		if !regexp.MustCompile("(?m)" + p).MatchString(shown) {
			s.t.Fatalf("there is no %s on\n%s", p, shown)
		}
	}
	return shown
}

// TestLiveChange: a way that changes is shown as it is, and the one of before
// below it, until that comes back.
func TestLiveChange(t *testing.T) {
	text, err := scenario.Show("path-change")
	if err != nil {
		t.Fatal(err)
	}
	lab := file(t, strings.NewReplacer("{from: 10s, to: 25s, every: 40s}", "{from: 4s, to: 20s}", "detect: 3s", "detect: 1s").Replace(text))
	s := open(t, 90, 30, "TERM=screen-256color", clitest.Binary(t, "sonde"), "mtr -i 0.2 --lab "+lab+" b")
	s.until(`^ 2\. 10\.0\.2\.2 +0\.0% `, `^ 3\. 10\.0\.9\.20 +0\.0% `)
	s.until(`^ 2\. 10\.0\.3\.2 +0\.0% `, `^ 3\. 10\.0\.4\.2 +0\.0% `, `^ 4\. 10\.0\.5\.2 +0\.0% `, `^ 5\. 10\.0\.9\.20 +\d`,
		`^\d\d:\d\d:\d\d: the way has changed at hop 2: 10\.0\.2\.2, now 10\.0\.3\.2$`,
		`^\d\d:\d\d:\d\d: the way has changed at hop 3: 10\.0\.9\.20, now 10\.0\.4\.2$`,
		`^from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d the way was another \(rounds: \d+\):$`,
		`^  10\.0\.1\.1 → 10\.0\.2\.2( \(\d+\.\d%\))? → 10\.0\.9\.20( \(\d+\.\d%\))?$`) // what is lost is so after ten seconds
	shown := s.until(`^ 2\. 10\.0\.2\.2 `, `^ 3\. 10\.0\.9\.20 `, `now 10\.0\.9\.20$`,
		`^  10\.0\.1\.1 → 10\.0\.3\.2 → 10\.0\.4\.2 → 10\.0\.5\.2 → 10\.0\.9\.20$`)
	if regexp.MustCompile(`(?m)^ [45]\. |\*`).MatchString(shown) {
		t.Error(shown)
	}
	s.press("p")
	s.until(`  PAUSED`)
	s.press("r") // forgets it
	s.until(`round 0 +PAUSED`)
	s.press("p")
	if shown := s.until(`^ 3\. 10\.0\.9\.20 +0\.0%`); strings.Contains(shown, "→ 10.0.4.2") || strings.Contains(shown, "changed") {
		t.Error(shown)
	}
	s.press("q")
	s.until(`^status 0$`)
}

// TestLive drives the program in a terminal: every key, one by one, and what it
// leaves behind.
func TestLive(t *testing.T) {
	s := open(t, 100, 26, "TERM=screen-256color", clitest.Binary(t, "sonde"), "mtr --lab cmu-mit -i 0.3 18.7.22.69")
	s.until(`^sonde mtr  cmu \(128\.2\.4\.10\) → 18\.7\.22\.69 +\d{4}-`, `^ICMP, 64 octets, every 300ms · round \d+$`,
		`^    Host +Loss%   Snt   Last   Avg  Best  Wrst StDev Jttr`, `^10\. WEB\.MIT\.EDU +0\.0% +[1-9]`, `[▁▂▃▄▅▆▇█]+$`)
	s.press("h")
	s.until(`quit; the screen stays`)
	s.press("x")
	s.until(`^10\. WEB`)
	s.press("n")
	s.until(`^10\. 18\.7\.22\.69 `)
	s.press("n")
	s.until(`^10\. WEB`)
	s.press("d")
	s.until(`probes, from \d+\.\d ms to \d+\.\d ms`)
	s.press("d", "d")
	s.until(`Loss%`)
	s.press("e")
	s.until(`\(11/0\)`, `WEB\.MIT\.EDU \(reply\)`)
	s.press("e", "p")
	s.until(`  PAUSED`)
	s.press("Space")
	s.until(`round \d+$`)
	s.press("o")
	s.until(`^Fields \[LS NABWVJ\]: `)
	s.press("L", "S", "X", "Enter")
	s.until(`Host +Loss%   Snt Jmax`)
	s.press("j")
	s.until(`Loss%   Snt   Last|Drop   Rcv    Avg Gmean`)
	s.press("s")
	s.until(`^Size of packets in octets \[64\]: `)
	s.press("1", "2", "8", "Enter")
	s.until(`^ICMP, 128 octets`)
	s.press("i")
	s.press("0", ".", "2", "Enter")
	s.until(`every 200ms`)
	s.press("u")
	s.until(`^UDP:33434, 128 octets, every 200ms · round`, `^10\. WEB`)
	s.press("t")
	s.until(`^TCP:80, 44 octets`)
	s.press("t")
	s.until(`^ICMP, 128 octets`)
	s.press("z")
	s.until(`^ 1\. AS\?\?\?    POD`)
	s.press("z", "p")
	s.until(`  PAUSED`)
	s.press("r")
	s.until(`round 0 +PAUSED`)
	s.press("p")
	s.until(`round [1-9]\d*$`, `^ 1\. POD`)
	s.tmux("resize-window", "-x", "50", "-y", "10")
	s.until(`^\+ \d+ lines more: \+ -$`)
	s.press("+", "+", "+", "+", "+")
	s.until(`^10\. WEB`)
	s.tmux("resize-window", "-x", "20", "-y", "4")
	s.until(`^sonde mtr  cmu \(128\.$`)
	s.tmux("resize-window", "-x", "90", "-y", "30")
	s.until(`^10\. WEB\.MIT\.EDU`, `^\? help`)
	s.press("q")
	out := s.until(`^status 0$`, `^ echo`)
	if !regexp.MustCompile(`(?m)^sonde mtr  cmu`).MatchString(out) || !strings.Contains(out, "10. WEB.MIT.EDU") || strings.Contains(out, "? help") {
		t.Errorf("after it has ended:\n%s", out)
	}
}

// TestLiveEnds: however it ends, the terminal is as it was, and shows what was
// seen last.
func TestLiveEnds(t *testing.T) {
	sonde := clitest.Binary(t, "sonde")
	s := open(t, 90, 24, "TERM=xterm-256color", sonde, "mtr --lab mpls -i 0.2 -t -c 5 b")
	s.until(`^status 0$`, `^ echo`, `^ 4\. 10\.0\.9\.20 +0\.0% +5 `)
	s = open(t, 90, 24, "NO_COLOR=1", sonde, "mtr --lab mpls -i 0.2 b")
	s.until(`^ 4\. 10\.0\.9\.20 +0\.0%`)
	s.press("C-c")
	s.until(`^status 0$`, `^ echo`, `^ 4\. 10\.0\.9\.20 `)
	s = open(t, 90, 24, "TERM=xterm", "timeout -s TERM --foreground 2 "+sonde, "mtr --lab mpls -i 0.2 b")
	s.until(`^status \d+$`, `^ echo`, `^ 4\. 10\.0\.9\.20 `)
	// Flows side by side, in French.
	s = open(t, 100, 24, "TERM=xterm", sonde, "mtr --lab ecmp-flow --flows 8 --seed 7 -i 0.1 --lang fr b")
	s.until(`toutes les 100ms · tour \d+ · 8 flux · 2 chemins`, `10\.0\.2\.2`, `10\.0\.3\.2`)
	s.press("d", "d", "d")
	s.until(`^    flux [\d,]+ +flux [\d,]+`, `^ 2\. 10\.0\.[23]\.2 +0\.0% +\d+\.\d 10\.0\.[23]\.2 +0\.0%`)
	s.press("q")
	s.until(`^status 0$`)
}

// TestLiveKeys: keys come from the terminal where standard input is none. Who is
// suspended can go on; where nobody could continue it, it is not suspended.
func TestLiveKeys(t *testing.T) {
	sonde := clitest.Binary(t, "sonde")
	s := open(t, 90, 24, "TERM=xterm", "echo b | "+sonde, "mtr --lab mpls -i 0.2 -F -")
	s.until(`^ 4\. 10\.0\.9\.20 +0\.0%`)
	s.press("h")
	s.until(`quit; the screen stays`)
	s.press("C-z") // the shell that has started it does no job control
	s.press("x")
	s.until(`^ 4\. 10\.0\.9\.20 +0\.0%`)
	s.press("q")
	s.until(`^status 0$`, `^ echo`)

	s = open(t, 90, 24, "TERM=xterm", "setsid --wait "+sonde, "mtr --lab mpls -i 0.2 -c 3 b </dev/null")
	s.until(`^status 0$`, `^ 4\. 10\.0\.9\.20 +0\.0% +3 `)

	s = open(t, 90, 24, "TERM=xterm", "sh -mc '"+sonde, "mtr --lab mpls -i 0.2 b; echo now suspended; read line; fg'")
	s.until(`^ 4\. 10\.0\.9\.20 +0\.0%`)
	s.press("C-z")
	s.until(`^now suspended`)
	s.press("Enter")
	s.until(`^ 4\. 10\.0\.9\.20 +0\.0%`)
	s.press("q")
	s.until(`^status 0$`, `^ echo`)
}

// unlimited has a room forward, and say whatever there is to say.
func unlimited(r *testnet.Room) {
	r.Forward()
	r.Unlimited()
}

// chain is the test's own namespace, routers and a host in a row.
func chain(t *testing.T, routers int) (all []*testnet.Room, far string) {
	t.Helper()
	testnet.Need(t, "ip")
	all = testnet.Chain(t, routers)
	for n, r := range all {
		unlimited(r)
		if n > 0 && n <= routers {
			r.Sh("ip route add default via 10.0.%d.2", n)
		}
	}
	return all, fmt.Sprintf("10.0.%d.2", routers)
}

var numbers = regexp.MustCompile(` *\d+\.\d+`)

// plain is a report without its times, the start and what is known to differ: the
// sign of 100.0.
func plain(s string) string {
	_, s, _ = strings.Cut(s, "\n")
	s = strings.ReplaceAll(s, " 100.0 ", "100.0% ")
	var out []string
	for l := range strings.Lines(s) {
		head, tail := l, ""
		if len(l) > 40 {
			head, tail = l[:40], l[40:]
		}
		out = append(out, head+numbers.ReplaceAllStringFunc(tail, func(s string) string { return strings.Repeat(" ", len(s)-1) + "T" }))
	}
	return strings.Join(out, "")
}

// TestOriginal: over twelve routers, the original's reports and ours, line by line.
// Rounds are long beside what a busy machine may be late by.
func TestOriginal(t *testing.T) {
	all, far := chain(t, 11)
	testnet.Need(t, "mtr")
	ours := clitest.Binary(t, "mtr")
	same := func(args ...string) {
		t.Helper()
		want, status := testnet.Run(t, "/usr/bin/mtr", args...)
		got, code := testnet.Run(t, ours, args...)
		if plain(got) != plain(want) || code != status || strings.Count(got, "\n") < 5 {
			t.Errorf("mtr %v: status %d, and not %d\n%s\nthe original:\n%s", args, code, status, got, want)
		}
	}
	same("-r", "-n", "-c", "3", "-i", "0.5", "-G", "1", far)
	same("-r", "-n", "-c", "2", "-i", "0.5", "-G", "1", "-o", "LDRS NBAWVGJMXI", far)
	same("-r", "-n", "-c", "2", "-i", "0.5", "-G", "1", "-u", far)
	same("-r", "-n", "-c", "2", "-i", "0.5", "-G", "1", "-T", far)
	same("-r", "-n", "-c", "2", "-i", "0.5", "-G", "1", "-z", far)
	same("-r", "-n", "-c", "2", "-i", "0.5", "-G", "1", "-f", "3", "-m", "9", far)
	same("-r", "-n", "-c", "2", "-i", "0.5", "-G", "1", "-a", "10.0.0.1", "-I", "l0", "-s", "1000", "-Q", "16", far)
	all[4].Sh("nft add table inet no; nft 'add chain inet no out { type filter hook output priority 0; }'; nft add rule inet no out icmp type time-exceeded drop")
	same("-r", "-n", "-c", "2", "-i", "1", "-G", "1", "-Z", "1", far)
	for _, format := range []string{"-C", "-j", "-x"} {
		args := []string{format, "-n", "-c", "2", "-i", "1", "-G", "1", "-Z", "1", far}
		want, _ := testnet.Run(t, "/usr/bin/mtr", args...)
		got, _ := testnet.Run(t, ours, args...)
		form := func(s string) string {
			s = regexp.MustCompile(`,\d{10},`).ReplaceAllString(s, ",T,")
			s = strings.ReplaceAll(s, "> 100.0<", ">100.0%<")
			s = regexp.MustCompile(`(?m)(: |,|>) *\d+\.\d+`).ReplaceAllString(s, "$1 T")
			return regexp.MustCompile(`(?m)^.*StDev.*$`).ReplaceAllString(s, "StDev")
		}
		if form(got) != form(want) {
			t.Errorf("%s:\n%s\nthe original:\n%s", format, form(got), form(want))
		}
	}
	if out, status := testnet.Run(t, ours, "-r", "-c", "1", "nosuch.invalid"); status != 2 || strings.Count(out, "\n") != 1 {
		t.Error(status, out)
	}
}

// TestPathChange: the kernel's way changes while it is watched. It is said, both
// hosts are shown, and nothing was lost.
func TestPathChange(t *testing.T) {
	testnet.Need(t, "ip")
	here := testnet.Enter(t)
	r1, up, down, r2, far := testnet.NewRoom(t), testnet.NewRoom(t), testnet.NewRoom(t), testnet.NewRoom(t), testnet.NewRoom(t)
	for _, r := range []*testnet.Room{here, r1, up, down, r2, far} {
		unlimited(r)
	}
	testnet.Join(here, r1, 0)
	testnet.Join(r1, up, 1)
	testnet.Join(r1, down, 2)
	testnet.Join(up, r2, 3)
	testnet.Join(down, r2, 4)
	testnet.Join(r2, far, 5)
	here.Sh("ip route add default via 10.0.0.2")
	r1.Sh("ip route add 10.0.5.0/24 via 10.0.1.2")
	up.Sh("ip route add 10.0.5.0/24 via 10.0.3.2; ip route add default via 10.0.1.1")
	down.Sh("ip route add 10.0.5.0/24 via 10.0.4.2; ip route add default via 10.0.2.1")
	r2.Sh("ip route add default via 10.0.3.1")
	far.Sh("ip route add default via 10.0.5.1")
	s := open(t, 100, 24, "TERM=xterm", clitest.Binary(t, "sonde"), "mtr -n -i 0.2 10.0.5.2")
	s.until(`^ 2\. 10\.0\.1\.2 +0\.0% +([3-9]|[1-9]\d+) `, `^ 4\. 10\.0\.5\.2 +0\.0%`)
	r1.Sh("ip route replace 10.0.5.0/24 via 10.0.2.2")
	out := s.until(`^ 2\. 10\.0\.2\.2 +0\.0% `, `^    10\.0\.1\.2 +\d+×`, `the way has changed at hop 2: 10\.0\.1\.2, now 10\.0\.2\.2`)
	if regexp.MustCompile(`[1-9]\.\d%`).MatchString(out) {
		t.Errorf("something was lost:\n%s", out)
	}
	s.press("q")
	s.until(`^status 0$`, `the way has changed at hop 2`)
}
