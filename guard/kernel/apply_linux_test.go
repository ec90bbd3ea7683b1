//go:build linux

package kernel_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
		if _, err := a.Apply(t.Context(), nil, nil); !errors.Is(err, kernel.ErrBusy) {
			t.Error(err)
		}
		yes <- true
	})
	if err != nil {
		t.Error(err)
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
