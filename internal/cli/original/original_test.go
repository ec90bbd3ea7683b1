package original_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/sonde-net/sonde/internal/cli/original"
)

// TestValue: flags with and without a value, by both names; what is wrong first is
// kept, and does not end the reading.
func TestValue(t *testing.T) {
	fs := pflag.NewFlagSet("p", pflag.ContinueOnError)
	var taken []string
	var wrong error
	add := func(called, name, letter, help string) {
		v := &original.Value{Called: called, Wrong: &wrong, Take: func(s string) error {
			taken = append(taken, name+"="+s)
			if s == "x" {
				return errors.New("bad " + name)
			}
			return nil
		}}
		v.Add(fs, name, letter, help)
	}
	add("", "quiet", "q", "say nothing")
	add("N", "count", "c", "stop after N")
	add("N", "gone", "", "")
	if err := fs.Parse([]string{"-qc", "x", "--gone", "x", "--count=5", "--quiet", "host"}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"quiet=true", "count=x", "gone=x", "count=5", "quiet=true"}; !slices.Equal(taken, want) {
		t.Errorf("%q", taken)
	}
	if wrong == nil || wrong.Error() != "bad count" || !slices.Equal(fs.Args(), []string{"host"}) {
		t.Errorf("%v, %q", wrong, fs.Args())
	}
	usage := fs.FlagUsages()
	for _, want := range []string{"  -c, --count N   stop after N\n", "  -q, --quiet     say nothing\n"} {
		if !strings.Contains(usage, want) {
			t.Errorf("no %q in\n%s", want, usage)
		}
	}
	if strings.Contains(usage, "gone") {
		t.Errorf("%s", usage)
	}
}
