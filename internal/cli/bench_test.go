package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli"
)

// BenchmarkRun is what a command line costs before its command does anything:
// with that command alone, and with all of them.
func BenchmarkRun(b *testing.B) {
	for _, args := range []string{"version", "help version"} {
		b.Run("line="+strings.ReplaceAll(args, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var out bytes.Buffer
				if cli.Run(b.Context(), append([]string{"sonde"}, strings.Fields(args)...), cli.Streams{Out: &out, Err: &out}) != 0 {
					b.Fatal(out.String())
				}
			}
		})
	}
}
