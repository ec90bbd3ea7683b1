package mtr_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m, "sonde", "mtr") }

var update = flag.Bool("update", false, "write the golden files")

// run runs the command in this process, and returns what it prints, and its exit
// status.
func run(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	return clitest.Run(t, "", args...)
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}
