package clitest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m, "sonde") }

// TestRun: both streams, the status, the standard input, and English in any
// country.
func TestRun(t *testing.T) {
	t.Setenv("LC_ALL", "fr_FR.UTF-8")
	out, errs, status := clitest.Run(t, "10.0.9.20\n", "sonde", "ping", "--lab", "ecmp-flow", "--virtual", "-c", "1", "--file", "-")
	if !strings.Contains(out, "1 packets transmitted, 1 received") || errs != "" || status != 0 {
		t.Errorf("%q, %q, %d", out, errs, status)
	}
	if os.Getenv("LC_ALL") != "C" {
		t.Error(os.Getenv("LC_ALL"))
	}
	out, errs, status = clitest.Run(t, "", "sonde", "ping")
	if out != "" || !strings.HasPrefix(errs, "sonde: ping: ") || status != 2 {
		t.Errorf("%q, %q, %d", out, errs, status)
	}
}

// TestBinary: by its name the binary is the program, and by others the tests.
func TestBinary(t *testing.T) {
	for _, tt := range []struct{ name, arg, want string }{
		{"sonde", "version", "sonde "},
		{"other", "-test.run=^$", "testing: warning: no tests to run"},
	} {
		out, err := exec.Command(clitest.Binary(t, tt.name), tt.arg).CombinedOutput() //nolint:gosec // this program
		if err != nil || !strings.HasPrefix(string(out), tt.want) {
			t.Errorf("%s: %q, %v", tt.name, out, err)
		}
	}
}
