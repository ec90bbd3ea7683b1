package ping_test

import (
	"os"
	"testing"

	"github.com/sonde-net/sonde/internal/cli"
)

// as is the variable that makes the test's own binary the program under test,
// called by that name.
const as = "SONDE_TEST_AS"

func TestMain(m *testing.M) {
	if name := os.Getenv(as); name != "" {
		os.Exit(cli.Main(append([]string{name}, os.Args[1:]...)))
	}
	os.Exit(m.Run())
}
