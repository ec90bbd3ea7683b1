package listen_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/link/capture"
)

// TestWriteOverItself: what is read is not what is written, whatever it is called.
func TestWriteOverItself(t *testing.T) {
	file := laboratory(t, "echo")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	for _, args := range [][]string{{file, "-w", file}, {file, "-w", link}, {link, "-w", file}, {"-", "-w", file}} {
		code, _, errs := run(t, in, args...)
		if code != 2 || !strings.Contains(errs, "is what is read") || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: %d, %s", args, code, errs)
		}
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("%d octets are %d: %v", len(before), len(after), err)
	}
}

// TestTimesGoBack: a reply that the capture has before its request says so.
func TestTimesGoBack(t *testing.T) {
	r, err := capture.Open(laboratory(t, "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var b bytes.Buffer
	w := capture.NewWriter(&b, "")
	for p, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		p.Time = time.Unix(1000, 0).Add(-time.Duration(p.Number) * 1050 * time.Microsecond)
		if err := w.Write(p, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	code, out, errs := run(t, &b, "-", "--lang", "en")
	if code != 0 || !strings.Contains(out, ": answers 1 after -") {
		t.Fatalf("%d %s\n%s", code, errs, out)
	}
	for l := range strings.Lines(out) {
		if _, after, ok := strings.Cut(l, " after -"); ok && strings.Trim(after, "0123456789.\n") != " ms" {
			t.Errorf("%q", l)
		}
	}
}
