package listen_test

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/cli"
	"github.com/sonde-net/sonde/link/capture"
)

// onTerminal runs the command on a terminal of that size, and returns what was
// drawn on it.
func onTerminal(t *testing.T, columns, rows uint16, args ...string) string {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = screen.Close() }()
	fd := int(screen.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns})
	}
	var tty *os.File
	if err == nil {
		tty, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	drawn := make(chan string)
	go func() {
		var all bytes.Buffer
		for b := make([]byte, 4096); ; {
			n, err := screen.Read(b)
			all.Write(b[:n])
			if err != nil {
				break // nobody has the terminal any more
			}
		}
		drawn <- strings.ReplaceAll(all.String(), "\r\n", "\n")
	}()
	code := cli.Run(t.Context(), append([]string{"sonde", "listen"}, args...), cli.Streams{Out: tty, Err: tty})
	_ = tty.Close()
	all := <-drawn
	if code != 0 {
		t.Errorf("%v: status %d: %s", args, code, all)
	}
	return all
}

// TestFollowOnSmallTerminal: what is drawn anew stays on the screen; the end has
// all of it.
func TestFollowOnSmallTerminal(t *testing.T) {
	file := laboratory(t, "echo")
	for _, size := range [][2]uint16{{20, 5}, {80, 24}, {9, 2}} {
		frames := strings.Split(onTerminal(t, size[0], size[1], file, "--follow", "--lang", "en"), "\x1b[H\x1b[J")
		if len(frames) < 3 || !strings.Contains(frames[len(frames)-1], "Findings: none") {
			t.Fatalf("%v: %q", size, frames)
		}
		for _, f := range frames[1 : len(frames)-1] {
			if n := strings.Count(f, "\n"); n == 0 || n >= int(size[1]) {
				t.Errorf("%v: %d rows: %q", size, n, f)
			}
			for row := range strings.Lines(f) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(row, "\n")); n > int(size[0]) {
					t.Errorf("%v: %q", size, row)
				}
			}
		}
	}
}

// TestProgressIsNotAmongLines: how far it is stands on a terminal, but not where
// lines do.
func TestProgressIsNotAmongLines(t *testing.T) {
	all := make([]capture.Packet, 1<<14+1)
	for i := range all {
		all[i] = capture.Packet{Link: 105, Data: make([]byte, 4)}
	}
	file := written(t, all...)
	if out := onTerminal(t, 80, 24, file); strings.Contains(out, "\r") {
		t.Errorf("%q", out)
	}
	if out := onTerminal(t, 80, 24, file, "-q"); !strings.Contains(out, "\r100 % ") {
		t.Errorf("%q", out)
	}
}
