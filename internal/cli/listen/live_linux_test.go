package listen_test

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/cli"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// TestLive listens to the kernel that pings itself.
func TestLive(t *testing.T) {
	conform.Row(t, "A-01")
	ping := testnet.Need(t, "ping")
	testnet.Enter(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, ping, "-c", "100", "-i", "0.1", "127.0.0.1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	var o, e bytes.Buffer
	code := cli.Run(ctx, []string{"sonde", "listen", "-i", "lo", "--count", "6", "--lang", "en", "icmp"}, cli.Streams{Out: &o, Err: &e})
	if code != 0 || e.Len() > 0 {
		t.Fatalf("status %d: %s", code, &e)
	}
	out := o.String()
	if strings.Count(out, "Echo reply 0/0")+strings.Count(out, "Echo request 8/0") != 8 || !strings.Contains(out, ": answers ") ||
		strings.Contains(out, "repeats") || strings.Contains(out, "again") {
		t.Errorf("%s", out)
	}
}
