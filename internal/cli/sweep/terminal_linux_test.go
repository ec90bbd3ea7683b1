package sweep_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/cli/clitest"
)

// terminal makes a terminal of so many columns: screen is what is drawn on it.
func terminal(t *testing.T, columns uint16) (screen, tty *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	fd := int(screen.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err == nil {
		tty, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return screen, tty
}

// TestProgress: how it goes is on one row, as wide as the terminal is, and is taken
// off before anything else is said.
func TestProgress(t *testing.T) {
	sonde, file := clitest.Binary(t, "sonde"), labFile(t)
	for _, x := range []struct {
		lang    string
		columns uint16
		whole   bool
	}{{"en", 200, true}, {"fr", 200, true}, {"en", 40, false}, {"fr", 9, false}} {
		screen, tty := terminal(t, x.columns)
		cmd := exec.Command(sonde, "sweep", "--lang", x.lang, "--lab", file, "--rate", "100", "--wait", "0", "10.0.1.0/24") //nolint:gosec // ours
		cmd.Stderr = tty
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_ = tty.Close()
		var all []byte
		for b := make([]byte, 4096); ; {
			n, err := screen.Read(b)
			all = append(all, b[:n]...)
			if err != nil {
				break // nobody has the terminal any more
			}
		}
		_ = cmd.Wait()
		drawn := 0
		const off = "\r\x1b[K"
		for row := range strings.SplitSeq(strings.ReplaceAll(string(all), "\r\n", off), off) {
			if !strings.Contains(row, "%") || strings.HasPrefix(row, "sonde: ") {
				continue
			}
			drawn++
			if n := utf8.RuneCountInString(row); n >= int(x.columns) || x.whole != (n > 50) {
				t.Errorf("%s, %d columns: %q", x.lang, x.columns, row)
			}
		}
		if status := cmd.ProcessState.ExitCode(); drawn == 0 || status != 0 {
			t.Errorf("%s, %d columns: status %d, %q", x.lang, x.columns, status, all)
		}
	}
}
