package scenario_test

import (
	"bytes"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		a, b := "(end)", "(end)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("%s:%d:\n got %s\nwant %s", path, i+1, a, b)
		}
	}
}

// load returns a scenario.
func load(t *testing.T, name string) *topology.Topology {
	t.Helper()
	top, err := scenario.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return top
}

// told is a run, as it was told.
type told struct {
	t *testing.T
	narration.Items
	scenario.Result
}

func runs(t *testing.T, top *topology.Topology, o scenario.Options) *told {
	t.Helper()
	x := &told{t: t}
	var err error
	if x.Result, err = scenario.Run(top, &x.Items, o); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *told) host(name string) *lab.Host {
	x.t.Helper()
	h, ok := x.Network.Host(name)
	if !ok {
		x.t.Fatalf("no host %q", name)
	}
	return h
}

// count returns how many messages a node sent by itself, not for others, whose
// words begin so, and to whom they were addressed ("": anybody).
func (x *told) count(from, what, dst string) (n int) {
	seen := map[uint64]bool{}
	for _, m := range narration.Of[narration.Message](x.Items) {
		if m.From == from && strings.HasPrefix(m.What, what) && (dst == "" || m.Dst.String() == dst) && !seen[m.Seq] {
			seen[m.Seq] = true
			n++
		}
	}
	return n
}

// first returns the first message of a node whose words begin so.
func (x *told) first(from, what string) narration.Message {
	x.t.Helper()
	for _, m := range narration.Of[narration.Message](x.Items) {
		if m.From == from && strings.HasPrefix(m.What, what) {
			return m
		}
	}
	x.t.Fatalf("%s never sent %q", from, what)
	return narration.Message{}
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// TestGolden: each scenario is told as it was told before, to the microsecond.
func TestGolden(t *testing.T) {
	all := scenario.List()
	if len(all) < 30 {
		t.Errorf("%d scenarios", len(all))
	}
	for _, top := range all {
		t.Run(top.Name, func(t *testing.T) {
			var b bytes.Buffer
			if _, err := scenario.Run(top, narration.NewText(&b, narration.TextOptions{}), scenario.Options{}); err != nil {
				t.Fatal(err)
			}
			golden(t, top.Name+".golden", b.Bytes())
		})
	}
}

// TestGoldenFrench and TestGoldenJSON hold the other two ways to tell.
func TestGoldenFrench(t *testing.T) {
	for _, name := range []string{"frag-needed", "attack-reset", "cmu-mit", "no-error"} {
		var b bytes.Buffer
		sink := narration.NewText(&b, narration.TextOptions{Lang: narration.French, Quiet: name == "cmu-mit"})
		if _, err := scenario.Run(load(t, name).In("fr"), sink, scenario.Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".fr.golden", b.Bytes())
	}
}

func TestGoldenJSON(t *testing.T) {
	for _, name := range []string{"frag-needed", "time-exceeded", "timestamp"} {
		var b bytes.Buffer
		if _, err := scenario.Run(load(t, name), narration.NewJSON(&b), scenario.Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json.golden", b.Bytes())
	}
}

// TestList: every scenario says what it is, what it teaches and what to type.
func TestList(t *testing.T) {
	seen := map[string]bool{}
	for _, top := range scenario.List() {
		text, err := scenario.Show(top.Name)
		if err != nil || !strings.HasPrefix(text, "name: "+top.Name+"\n") {
			t.Errorf("%s: its file is not named after it: %v", top.Name, err)
		}
		switch {
		case seen[top.Name]:
			t.Errorf("%s: twice", top.Name)
		case top.Title == "" || strings.Contains(top.Title, "\n") || len(top.Title) > 90:
			t.Errorf("%s: title %q", top.Name, top.Title)
		case strings.Count(top.Teaches, "\n") < 2:
			t.Errorf("%s: it teaches %q", top.Name, top.Teaches)
		case !strings.Contains(top.Try, "sonde lab run "+top.Name):
			t.Errorf("%s: try %q", top.Name, top.Try)
		case len(top.Steps) == 0:
			t.Errorf("%s: no steps", top.Name)
		}
		seen[top.Name] = true
	}
}

func TestUnknown(t *testing.T) {
	for _, name := range []string{"", "nothing", "../scenario/echo", "echo.yaml"} {
		if _, err := scenario.Load(name); !errors.Is(err, scenario.ErrUnknown) || !strings.Contains(err.Error(), `"`+name+`"`) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
