// Package clitest runs command lines for the tests of commands: in the process of
// the test, or in one of their own.
package clitest

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli"
)

// Run runs a command line, the program's name first, in this process. In is its
// standard input; the locale is C. It returns what is printed, and the exit
// status.
func Run(t *testing.T, in string, args ...string) (out, errs string, status int) {
	t.Helper()
	t.Setenv("LC_ALL", "C")
	var o, e bytes.Buffer
	status = cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(in), Out: &o, Err: &e})
	return o.String(), e.String(), status
}

// Main runs the tests, in TestMain; or it has the test's binary be the program,
// where that was called by one of these names.
func Main(m *testing.M, names ...string) {
	if slices.Contains(names, filepath.Base(os.Args[0])) {
		os.Exit(cli.Main(os.Args))
	}
	os.Exit(m.Run())
}

// Binary returns the path of the program under one of the names that [Main] knows.
func Binary(t *testing.T, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}
