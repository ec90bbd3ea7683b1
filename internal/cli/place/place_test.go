package place_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/vantage"
)

var errSystem = errors.New("the system was opened")

func system() (vantage.Point, error) { return nil, errSystem }

// parsed is a place whose flags were given.
func parsed(t *testing.T, args ...string) (*place.Place, *cobra.Command) {
	t.Helper()
	p := &place.Place{}
	cmd := &cobra.Command{Use: "x"}
	cmd.Flags().String("device", "none", "")
	p.Flags(cmd, "device")
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return p, cmd
}

// TestOpen: with --lab it is a laboratory, without it the system, and then no
// other flag goes.
func TestOpen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "one.yaml")
	text := "name: one\nlinks: {l: {}}\nnodes:\n  a: {interfaces: [{link: l, address: 10.0.0.1/24}]}\n  b: {interfaces: [{link: l, address: 10.0.0.2/24}]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string // of the error
	}{
		{nil, errSystem.Error()},
		{[]string{"--from", "a"}, "--from goes with --lab"},
		{[]string{"--seed", "1"}, "--seed goes with --lab"},
		{[]string{"--virtual"}, "--virtual goes with --lab"},
		{[]string{"--lab", "cmu-mit"}, ""},
		{[]string{"--lab", file, "--virtual", "--seed", "3"}, ""},
		{[]string{"--lab", file, "--from", "b"}, ""},
		{[]string{"--lab", file, "--from", "c"}, `prober: no such host in the laboratory "c": there is a, b`},
		{[]string{"--lab", "none"}, `"none": no such scenario: sonde lab list tells all; a file is named with its path`},
		{[]string{"--device", "d"}, errSystem.Error()},
		{[]string{"--device", "none", "--lab", "cmu-mit"}, "--device does not go with --lab"},
		{[]string{"--lab", file + "x"}, "open " + file + "x: no such file or directory"},
	} {
		p, _ := parsed(t, tt.args...)
		at, err := p.Open(vantage.Ping, system)
		if err != nil {
			if got := err.Error(); got != tt.want {
				t.Errorf("%v: %s", tt.args, got)
			}
			continue
		}
		if tt.want != "" {
			t.Errorf("%v: no error", tt.args)
		}
		if v := at.Can().Virtual; v != p.Virtual {
			t.Errorf("%v: virtual %v", tt.args, v)
		}
		at.Close()
	}
}

// TestText: the file as it was written, a scenario's too.
func TestText(t *testing.T) {
	if s, err := place.Text("cmu-mit"); err != nil || !strings.HasPrefix(s, "name: cmu-mit\n") {
		t.Errorf("%v, %q", err, s)
	}
	if _, err := place.Text("./none.yaml"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestComplete: scenarios, and the hosts of the one that is named already.
func TestComplete(t *testing.T) {
	out, d := place.Topologies(nil, nil, "cmu")
	if len(out) != 1 || !strings.HasPrefix(out[0], "cmu-mit\t") || d != cobra.ShellCompDirectiveDefault {
		t.Errorf("%q, %v", out, d)
	}
	_, cmd := parsed(t, "--lab", "cmu-mit")
	hosts, ok := cmd.GetFlagCompletionFunc("from")
	if !ok {
		t.Fatal("--from is not completed")
	}
	if out, d = hosts(cmd, nil, ""); !slices.Contains(out, "web") || !slices.Contains(out, "localhost") || d != cobra.ShellCompDirectiveNoFileComp {
		t.Errorf("%q, %v", out, d)
	}
	_, cmd = parsed(t)
	hosts, _ = cmd.GetFlagCompletionFunc("from")
	if out, _ = hosts(cmd, nil, ""); len(out) > 0 {
		t.Errorf("%q without a laboratory", out)
	}
}
