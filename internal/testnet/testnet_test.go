//go:build linux

package testnet_test

import (
	"os"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/testnet"
)

// namespace is the network namespace of the calling thread.
func namespace(t *testing.T) string {
	t.Helper()
	s, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEnter: a test is in a namespace of its own, with nothing but loopback,
// and so are its commands; afterwards it is where it was.
func TestEnter(t *testing.T) {
	for range 2 {
		t.Run("inside", func(t *testing.T) {
			outside := namespace(t)
			t.Cleanup(func() { // runs after that of Enter
				if now := namespace(t); now != outside {
					t.Errorf("in %s, and was in %s", now, outside)
				}
			})
			testnet.Enter(t)
			inside := namespace(t)
			if inside == outside {
				t.Errorf("still in %s", outside)
			}
			out, status := testnet.Run(t, "ip", "-o", "link")
			if status != 0 || strings.Count(out, "\n") != 1 || !strings.Contains(out, "lo: <LOOPBACK,UP,") {
				t.Errorf("status %d, links:\n%s", status, out)
			}
			if out, _ := testnet.Run(t, "ip", "route"); out != "" {
				t.Errorf("routes:\n%s", out)
			}
			if out, _ := testnet.Run(t, "readlink", "/proc/self/ns/net"); strings.TrimSpace(out) != inside {
				t.Errorf("a command is in %s, the test in %s", out, inside)
			}
			testnet.Sysctl(t, "net/ipv4/ip_default_ttl", "77")
			if out, status := testnet.Run(t, "ping", "-c", "1", "127.0.0.1"); status != 0 || !strings.Contains(out, "ttl=77") {
				t.Errorf("status %d:\n%s", status, out)
			}
		})
	}
}

// TestRun: both streams and the exit status, in the language of no country.
func TestRun(t *testing.T) {
	out, status := testnet.Run(t, "sh", "-c", "echo out; echo err >&2; echo $LC_ALL; exit 3")
	if out != "out\nerr\nC\n" || status != 3 {
		t.Errorf("%q, %d", out, status)
	}
}

// TestMissing: what is not there skips the test that needs it.
func TestMissing(t *testing.T) {
	t.Setenv(testnet.Env, "")
	passed := t.Run("skipped", func(t *testing.T) {
		defer func() {
			if !t.Skipped() {
				t.Error("not skipped")
			}
		}()
		testnet.Need(t, "no-such-program")
		t.Error("went on")
	})
	if !passed {
		t.Error("a skipped test has failed")
	}
	if path := testnet.Need(t, "sh"); !strings.HasSuffix(path, "/sh") {
		t.Error(path)
	}
}
