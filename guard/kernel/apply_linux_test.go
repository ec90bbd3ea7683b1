//go:build linux

package kernel_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/guard/filter/nft"
	"github.com/sonde-net/sonde/guard/kernel"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/rules"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

func text(t *testing.T, s string) string {
	t.Helper()
	p, err := policy.Parse("p", []byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return rules.For(p).Text(rules.TextOptions{})
}

func table(t *testing.T) string {
	t.Helper()
	s, err := kernel.Table(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestApply: rules are kept when somebody confirms, by any of the ways, and what
// was there before is there again when nobody does.
func TestApply(t *testing.T) {
	conform.Row(t, "A-05")
	testnet.Enter(t)
	testnet.Need(t, "nft")
	before, after := text(t, "role: host\n"), text(t, "role: public-server\n")
	if got := table(t); got != "" {
		t.Fatalf("a table before there is one:\n%s", got)
	}
	for _, first := range []string{"", before} {
		for _, tt := range []struct {
			what   string
			within time.Duration
			do     func(yes chan<- bool, dir string, cancel func())
			want   kernel.Outcome
		}{
			{"none needed", 0, nil, kernel.Kept},
			{"confirmed here", time.Minute, func(yes chan<- bool, _ string, _ func()) { yes <- true }, kernel.Kept},
			{"refused here", time.Minute, func(yes chan<- bool, _ string, _ func()) { yes <- false }, kernel.RolledBack},
			{"confirmed elsewhere", time.Minute, func(_ chan<- bool, dir string, _ func()) {
				if err := kernel.Confirm(context.Background(), dir); err != nil {
					t.Error(err)
				}
			}, kernel.Kept},
			{"nobody", time.Millisecond, nil, kernel.RolledBack},
			{"interrupted", time.Minute, func(_ chan<- bool, _ string, cancel func()) { cancel() }, kernel.RolledBack},
		} {
			clean := "table inet sonde_guard\ndelete table inet sonde_guard\n"
			if err := kernel.Load(t.Context(), clean+first); err != nil {
				t.Fatal(err)
			}
			had := table(t)
			ctx, cancel := context.WithCancel(t.Context())
			yes, dir := make(chan bool, 1), filepath.Join(t.TempDir(), "run")
			loaded := ""
			got, err := kernel.Application{Text: after, Within: tt.within, Dir: dir}.Apply(ctx, yes, func() {
				loaded = table(t)
				if tt.do != nil {
					go tt.do(yes, dir, cancel)
				}
			})
			cancel()
			if err != nil || got != tt.want {
				t.Errorf("%s: %q, %v, want %q", tt.what, got, err, tt.want)
			}
			now := table(t)
			if loaded == had || !strings.Contains(loaded, "chain in4") {
				t.Errorf("%s: loaded:\n%s", tt.what, loaded)
			}
			if want := map[kernel.Outcome]string{kernel.Kept: loaded, kernel.RolledBack: had}[tt.want]; now != want {
				t.Errorf("%s: afterwards\n%s\nwant\n%s", tt.what, now, want)
			}
			if err := kernel.Confirm(t.Context(), dir); !errors.Is(err, kernel.ErrNothing) {
				t.Errorf("%s: afterwards: %v", tt.what, err)
			}
		}
	}
}

// TestNoWayBack: where what is there could not be loaded again, nothing is
// replaced.
func TestNoWayBack(t *testing.T) {
	testnet.Enter(t)
	testnet.Need(t, "nft")
	// Others than nft(8) may give a chain a name that nft(8) prints and does not read.
	nft := exec.CommandContext(t.Context(), "nft", "-j", "-f", "-")
	nft.Stdin = strings.NewReader(`{"nftables":[{"add":{"table":{"family":"inet","name":"sonde_guard"}}},{"add":{"chain":{"family":"inet","table":"sonde_guard","name":"drop"}}}]}`)
	if out, err := nft.CombinedOutput(); err != nil {
		t.Skipf("this nft gives no such name: %v: %s", err, out)
	}
	had, dir := table(t), t.TempDir()
	if !strings.Contains(had, "chain drop") {
		t.Fatal(had)
	}
	a := kernel.Application{Text: text(t, "role: host\n"), Within: time.Minute, Dir: dir}
	got, err := a.Apply(t.Context(), nil, func() { t.Error("it is loaded") })
	if got != "" || err == nil || !strings.Contains(err.Error(), "no way back to the table inet sonde_guard") || !strings.Contains(err.Error(), "syntax error") {
		t.Errorf("%q, %v", got, err)
	}
	if now := table(t); now != had {
		t.Errorf("afterwards\n%s", now)
	}
	if _, err := os.Stat(filepath.Join(dir, "rollback.nft")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	a.Within = 0 // nor is a way back wanted here
	if got, err := a.Apply(t.Context(), nil, nil); got != kernel.Kept || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestChanged: nobody is told that rules are kept which somebody has replaced
// meanwhile, and what he has loaded is left alone. Other tables may change.
func TestChanged(t *testing.T) {
	testnet.Enter(t)
	testnet.Need(t, "nft")
	other := text(t, "role: public-server\n")
	for _, tt := range []struct {
		what, load string
		elsewhere  bool
		err        error
	}{
		{"replaced, confirmed here", other, false, kernel.ErrChanged},
		{"replaced, confirmed elsewhere", other, true, kernel.ErrChanged},
		{"all gone", "flush ruleset\n", true, kernel.ErrChanged},
		{"another table", "table ip other {\n}\n", true, nil},
		{"nothing", "", true, nil},
	} {
		if err := kernel.Load(t.Context(), "flush ruleset\n"); err != nil {
			t.Fatal(err)
		}
		yes, dir, heard := make(chan bool, 1), t.TempDir(), make(chan error, 1)
		now := ""
		got, err := kernel.Application{Text: text(t, "role: host\n"), Within: time.Minute, Dir: dir}.Apply(t.Context(), yes, func() {
			if err := kernel.Load(t.Context(), tt.load); err != nil {
				t.Error(err)
			}
			now = table(t)
			if !tt.elsewhere {
				heard <- tt.err
				yes <- true
				return
			}
			go func() { heard <- kernel.Confirm(context.Background(), dir) }()
		})
		if got != kernel.Kept || !errors.Is(err, tt.err) || tt.err == nil && err != nil {
			t.Errorf("%s: %q, %v", tt.what, got, err)
		}
		if err := <-heard; !errors.Is(err, tt.err) || tt.err == nil && err != nil {
			t.Errorf("%s: who confirms hears %v", tt.what, err)
		}
		if table(t) != now {
			t.Errorf("%s: what is there has changed", tt.what)
		}
	}
}

// TestApplyBusy: there is one application at a time; a socket that one left
// behind that was killed is in nobody's way.
func TestApplyBusy(t *testing.T) {
	testnet.Enter(t)
	testnet.Need(t, "nft")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "confirm"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a := kernel.Application{Text: text(t, "role: host\n"), Within: time.Minute, Dir: dir}
	yes := make(chan bool, 1)
	_, err := a.Apply(t.Context(), yes, func() {
		for _, within := range []time.Duration{0, time.Minute} {
			b := kernel.Application{Text: text(t, "role: public-server\n"), Within: within, Dir: dir}
			if _, err := b.Apply(t.Context(), nil, nil); !errors.Is(err, kernel.ErrBusy) {
				t.Error(err)
			}
		}
		yes <- true
	})
	if err != nil {
		t.Error(err)
	}
}

// applier is the directory for which this program is to apply rules and wait.
const applier = "SONDE_TEST_APPLY"

func TestMain(m *testing.M) {
	if dir := os.Getenv(applier); dir != "" {
		p, _ := policy.Parse("p", []byte("role: public-server\n"))
		a := kernel.Application{Text: rules.For(p).Text(rules.TextOptions{}), Within: time.Hour, Dir: dir}
		_, err := a.Apply(context.Background(), nil, func() { fmt.Fprintln(os.Stdout, "started") })
		fmt.Fprintln(os.Stdout, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestApplyKilled: when the program that waits is killed, what there was before
// is there again, and then others may apply theirs.
func TestApplyKilled(t *testing.T) {
	testnet.Enter(t)
	testnet.Need(t, "nft")
	for _, first := range []string{"", text(t, "role: host\n")} {
		if err := kernel.Load(t.Context(), kernel.Rollback(first)); err != nil {
			t.Fatal(err)
		}
		before, dir := table(t), t.TempDir()
		c := exec.Command(os.Args[0]) //nolint:gosec // this program
		c.Env = append(os.Environ(), applier+"="+dir)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if line != "started\n" || table(t) == before {
			t.Fatalf("%q, %v", line, err)
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait()
		f, err := os.Open(filepath.Join(dir, "lock"))
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		if now := table(t); now != before {
			t.Errorf("afterwards\n%s\nwant\n%s", now, before)
		}
		got, err := kernel.Application{Text: text(t, "role: host\n"), Dir: dir}.Apply(t.Context(), nil, nil)
		if got != kernel.Kept || err != nil {
			t.Errorf("the next: %q, %v", got, err)
		}
	}
}

// TestCombinedAnything: what there is need not be what could be loaded elsewhere,
// and what is ours counts once.
func TestCombinedAnything(t *testing.T) {
	testnet.Enter(t)
	testnet.Need(t, "nft")
	testnet.Need(t, "ip")
	if out, status := testnet.Run(t, "ip", "link", "add", "only0", "type", "veth", "peer", "name", "only1"); status != 0 {
		t.Fatal(out)
	}
	here := "table inet other { chain c { type filter hook input priority 0; iif \"only0\" accept; }\n}\n"
	if err := kernel.Load(t.Context(), here+text(t, "role: public-server\n")); err != nil {
		t.Fatal(err)
	}
	list, err := kernel.Combined(t.Context(), text(t, "role: host\n"))
	if err != nil {
		t.Fatal(err)
	}
	rs, err := nft.Parse(list)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]int{}
	for _, c := range rs.Chains {
		names[c.Name]++
	}
	for _, name := range []string{"inet other c", "inet sonde_guard in4", "inet sonde_guard in"} {
		if names[name] != 1 {
			t.Errorf("%s: %d times", name, names[name])
		}
	}
}

// TestApplyBad: what the kernel does not take changes nothing, and waits for
// nobody.
func TestApplyBad(t *testing.T) {
	testnet.Enter(t)
	testnet.Need(t, "nft")
	if err := kernel.Load(t.Context(), text(t, "role: host\n")); err != nil {
		t.Fatal(err)
	}
	before := table(t)
	for _, within := range []time.Duration{0, time.Minute} {
		bad := "table inet sonde_guard\ndelete table inet sonde_guard\ntable inet sonde_guard { chain x { goto y; }\n}\n"
		_, err := kernel.Application{Text: bad, Within: within, Dir: t.TempDir()}.Apply(t.Context(), nil, func() { t.Error("started") })
		if err == nil || !strings.HasPrefix(err.Error(), "nft -f -: ") {
			t.Error(err)
		}
		if now := table(t); now != before {
			t.Errorf("changed:\n%s", now)
		}
	}
}

// TestCanonical: rules are loaded elsewhere, and nothing changes here.
func TestCanonical(t *testing.T) {
	testnet.Enter(t)
	testnet.Need(t, "nft")
	want := text(t, "role: closed-network\noutside: eth0\n")
	got, err := kernel.Canonical(t.Context(), want)
	if err != nil || !strings.Contains(got, `iifname "eth0"`) || !strings.Contains(got, "ct state established,related") {
		t.Errorf("%s, %v", got, err)
	}
	if now := table(t); now != "" {
		t.Errorf("here, too:\n%s", now)
	}
	// What nft(8) printed it reads again, to the same.
	again, err := kernel.Canonical(t.Context(), got)
	if err != nil || again != got {
		t.Errorf("%v:\n%s", err, kernel.Diff(got, again))
	}
	if _, err := kernel.Canonical(t.Context(), "nonsense"); err == nil {
		t.Error("nonsense is taken")
	}
	if err := kernel.Load(t.Context(), "table ip other { chain c { type filter hook input priority 0; policy drop; }\n}\n"); err != nil {
		t.Fatal(err)
	}
	list, err := kernel.Combined(t.Context(), want)
	if err != nil || !strings.Contains(string(list), `"other"`) || !strings.Contains(string(list), `"through6"`) {
		t.Errorf("%s, %v", list, err)
	}
	all, err := kernel.Text(t.Context())
	if err != nil || !strings.Contains(all, "table ip other") || strings.Contains(all, "sonde_guard") {
		t.Errorf("%s, %v", all, err)
	}
	if list, err = kernel.List(t.Context()); err != nil || !strings.Contains(string(list), `"other"`) {
		t.Errorf("%s, %v", list, err)
	}
}

func TestNoNft(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := kernel.Table(t.Context()); !errors.Is(err, kernel.ErrNoNft) {
		t.Error(err)
	}
}
