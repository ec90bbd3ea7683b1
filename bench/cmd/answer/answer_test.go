//go:build linux

package main

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/testnet"
)

// TestMain lets the test be the contestants, as the command is.
func TestMain(m *testing.M) {
	if name := os.Getenv(roleEnv); name != "" {
		if err := play(name); err != nil {
			fail(err)
		}
		return
	}
	os.Exit(m.Run())
}

func TestSummary(t *testing.T) {
	const head = "PING 10.9.0.2 (10.9.0.2) 56(84) bytes of data.\n\n--- 10.9.0.2 ping statistics ---\n"
	for _, c := range []struct {
		text string
		want round
	}{
		{"2000 packets transmitted, 2000 received, 0% packet loss, time 40ms\n", round{2000, 2000, 40 * time.Millisecond, 0}},
		{"2000 packets transmitted, 1999 received, 0.05% packet loss, time 1040ms\n", round{2000, 1999, 1040 * time.Millisecond, 0}},
		{"7 packets transmitted, 7 received, +2 duplicates, 0% packet loss, time 3ms\n", round{7, 7, 3 * time.Millisecond, 0}},
		{"7 packets transmitted, 4 received, +3 errors, 42% packet loss, time 3ms\n", round{7, 4, 3 * time.Millisecond, 0}},
		{"1 packets transmitted, 1 received, 0% packet loss, time 0ms\n", round{1, 1, time.Millisecond, 0}},
	} {
		if got, err := summary(head + c.text + "rtt min/avg/max/mdev = 0.1/0.1/0.1/0.0 ms"); err != nil || got != c.want {
			t.Errorf("%q: %+v, %v", c.text, got, err)
		}
	}
	for _, text := range []string{"", head, "3 packets transmitted, 0 received, 100% packet loss, time 2ms"} {
		if r, err := summary(text); err == nil {
			t.Errorf("%q: %+v", text, r)
		}
	}
}

// made are results in which everyone gets the same number of replies a second,
// with one exception.
func made(rate int) results {
	r := results{}
	for _, name := range contestants {
		for _, w := range ways {
			for range 3 {
				r.add(name, w, round{rate, rate, time.Second, 4})
			}
		}
	}
	return r
}

func TestRatio(t *testing.T) {
	w := ways[0]
	r := results{}
	for i, rates := range [][2]int{{300, 100}, {100, 100}, {200, 100}} {
		r.add(sonde, w, round{rates[0], rates[0], time.Second, time.Duration(10 * (i + 1))})
		r.add(bare, w, round{rates[1] + 1, rates[1], time.Second, 10})
	}
	if got, want := r.beside(bare, w), (ratio{median: 2, best: 3, cpu: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if lost, sent := r.lost(bare, w); lost != 3 || sent != 303 {
		t.Errorf("%d of %d lost", lost, sent)
	}
}

func TestPromised(t *testing.T) {
	replace := func(name string, w way, one round) results {
		r := made(1000)
		for _, how := range ways { // ours keeps the first promise
			r[gvisor][how.name] = slices.Repeat([]round{{833, 833, time.Second, 4}}, 3)
		}
		r[name][w.name] = slices.Repeat([]round{one}, 3)
		return r
	}
	for _, w := range ways {
		for _, c := range []struct {
			name string
			one  round
			held bool
		}{
			{gvisor, round{833, 833, time.Second, 4}, true},
			{gvisor, round{834, 834, time.Second, 4}, false},
			{bare, round{1176, 1176, time.Second, 4}, true},
			{bare, round{1177, 1177, time.Second, 4}, false},
			{sonde, round{1001, 1000, time.Second, 4}, false},
			{bare, round{1001, 1000, time.Second, 4}, true},
			{kernel, round{9999, 9999, time.Second, 0}, true},
		} {
			var b strings.Builder
			r := replace(c.name, w, c.one)
			if held := promised(&b, r); held != c.held || strings.Contains(b.String(), "NOT HELD") == c.held {
				t.Errorf("ping %s, %s with %+v: held %v\n%s", w, c.name, c.one, held, b.String())
			}
			table(&b, r)
			absolute(&b, r)
			if n := strings.Count(b.String(), "\n| ping "+w.name+" | "+kernel); n != 2 {
				t.Errorf("the kernel stands in %d tables of 2:\n%s", n, b.String())
			}
		}
	}
}

// TestContest floods everyone a little.
func TestContest(t *testing.T) {
	if os.Geteuid() != 0 {
		testnet.Missing(t, "network namespaces need root")
	}
	testnet.Need(t, "ping")
	const count = 300
	r, err := contest(t.Context(), effort{rounds: 2, count: count})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range contestants {
		for _, w := range ways {
			rs := r[name][w.name]
			if len(rs) != 2 || rs[0].sent < count || rs[0].received == 0 {
				t.Errorf("%s, ping %s: %+v", name, w, rs)
			}
		}
	}
}

// TestNotHere sees that no contestant sets itself up in a network that is used.
func TestNotHere(t *testing.T) {
	testnet.Enter(t)
	for _, name := range contestants {
		if err := play(name); err == nil || !strings.Contains(err.Error(), "lo is up") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
