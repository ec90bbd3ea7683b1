package privilege_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/privilege"
)

// child is the variable that makes this program one that drops its privileges.
const child = "SONDE_TEST_DROP"

func TestMain(m *testing.M) {
	if os.Getenv(child) == "" {
		os.Exit(m.Run())
	}
	if err := dropped(); err != nil {
		_, _ = fmt.Fprintln(os.Stdout, err)
		os.Exit(1)
	}
}

// dropped drops privileges with some threads about, and looks at what is left of
// them.
func dropped() error {
	var ready, end sync.WaitGroup
	end.Add(1)
	for range 4 {
		ready.Add(1)
		go func() {
			runtime.LockOSThread()
			ready.Done()
			end.Wait()
		}()
	}
	ready.Wait()
	defer end.Done()
	if err := privilege.Drop(); err != nil {
		return err
	}
	if fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP); err == nil {
		return errors.Join(errors.New("a raw socket can be opened"), unix.Close(fd))
	}
	return gone()
}

// gone reads of every thread what it may still do.
func gone() error {
	threads, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(threads) < 5 {
		return fmt.Errorf("threads %v, %w", threads, err)
	}
	for _, name := range threads {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		found := 0
		for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
			key, value, _ := strings.Cut(s.Text(), ":")
			want := map[string]string{
				"CapEff": "0000000000000000", "CapPrm": "0000000000000000", "CapInh": "0000000000000000", "NoNewPrivs": "1",
			}[key]
			if want == "" {
				continue
			}
			found++
			if got := strings.TrimSpace(value); got != want {
				return fmt.Errorf("%s: %s is %s, want %s", name, key, got, want)
			}
		}
		if found != 4 {
			return fmt.Errorf("%s: %d of 4 lines", name, found)
		}
	}
	return nil
}

func TestDrop(t *testing.T) {
	if os.Geteuid() != 0 {
		testnet.Missing(t, "there are no privileges to drop")
	}
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), child+"=1")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
