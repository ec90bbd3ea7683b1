// Command gen runs the tests of the module and writes docs/conformance.md.
//
//	go run ./internal/conform/gen              run go test ./... and write the page
//	go run ./internal/conform/gen -check       write nothing; fail when the page would change
//	go run ./internal/conform/gen -from FILE   read a run that go test -json recorded; - is standard input
//
// What go test prints goes to standard output. The exit status is 1 when a test
// fails, a package does not build, or -check finds the page stale.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/conform/report"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail when the page is stale or a row is no longer proved")
	from := flag.String("from", "", "read the events of go test -json from this `file`; - is standard input")
	flag.Parse()
	if err := run(conform.Root(), *check, *from, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "conform:", err)
		os.Exit(1)
	}
}

// run does it all for the module at root. What go test prints, and which rows
// were lost, goes to w.
func run(root string, check bool, from string, w io.Writer) error {
	if root == "" {
		return errors.New("no go.mod here or above")
	}
	text, err := os.ReadFile(filepath.Join(root, conform.File))
	if err != nil {
		return err
	}
	rows, err := conform.Parse(string(text))
	if err != nil {
		return err
	}
	path := filepath.Join(root, report.File)
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	old, err := report.Read(string(before))
	if err != nil {
		return err
	}
	tests, err := collect(root, from, w)
	if err != nil {
		return err
	}
	for _, s := range tests.Skips {
		fmt.Fprintln(w, "skipped:", s)
	}
	if len(tests.Broken) > 0 {
		for _, s := range tests.Broken {
			fmt.Fprintln(w, "conform:", s)
		}
		return fmt.Errorf("the run is not whole; %s is left as it was", report.File)
	}

	page := report.Merge(rows, tests, old)
	after := page.Render()
	lost := report.Compare(report.Page{Rows: rows, Claims: old}, page)
	for _, s := range lost {
		fmt.Fprintln(w, "conform:", s)
	}
	switch {
	case !check:
		if err := os.WriteFile(path, after, 0o644); err != nil {
			return err
		}
	case len(lost) > 0:
		return fmt.Errorf("%s: rows are no longer proved", report.File)
	case !bytes.Equal(before, after):
		return fmt.Errorf("%s is stale; make generate writes it anew", report.File)
	}
	if tests.Failed {
		return errors.New("tests failed")
	}
	return nil
}

// collect reads the recorded run, or runs the tests.
func collect(root, from string, w io.Writer) (*report.Run, error) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(string(mod), "\n")
	module := strings.TrimSpace(strings.TrimPrefix(first, "module"))

	var in io.Reader = os.Stdin
	switch from {
	case "-":
	case "":
		cmd := exec.Command("go", "test", "-json", "./...")
		cmd.Dir, cmd.Stderr = root, os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		r, err := report.Collect(out, w, module)
		if werr := cmd.Wait(); err == nil && werr != nil {
			r.Failed = true
		}
		return r, err
	default:
		f, err := os.Open(from)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return report.Collect(in, w, module)
}
