package topology_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab/topology"
)

// TestCuts: cuts follow one another; what has no end or comes again is the last.
func TestCuts(t *testing.T) {
	const behind = "from: expected a time after 2s, when the cut before ends"
	for cuts, want := range map[string]string{
		"[]":                               "",
		"[{}]":                             "",
		"[{from: 5s, to: 5.000000001s}]":   "",
		"[{from: 1s, to: 2s}, {from: 3s}]": "",
		"[{to: 1s, every: 1.000000001s}]":  "",
		"[{from: 1s, to: 2s}, {from: 2.000000001s, to: 3s, every: 10s}]": "",
		"[{from: 5s, to: §5s}]":                           "to: expected a time after from, 5s",
		"[{from: 5s, to: §4s}]":                           "to: expected a time after from, 5s",
		"[{from: 1s, to: 2s}, {from: §2s, to: 3s}]":       behind,
		"[{from: 1s, to: 2s}, {from: §500ms, to: 600ms}]": behind,
		"[{to: 2s}, §{to: 3s}]":                           behind,
		"[§{from: 1s}, {from: 2s, to: 3s}]":               "expected this cut to be the last",
		"[§{to: 1s, every: 5s}, {from: 2s, to: 3s}]":      "expected this cut to be the last",
		"[{from: 1s, to: 2s, every: §1s}]":                "every: expected to, and more than it lasts, 1s",
		"[{from: 1s, every: §10s}]":                       "every: expected to",
	} {
		text := strings.Replace(inLink, "¤", "cuts: "+cuts, 1)
		at := strings.Index(strings.Split(text, "\n")[1], "§") + 1
		top, err := topology.Parse("t", []byte(strings.Replace(text, "§", "", 1)))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", cuts, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", cuts, err, want)
		case want != "":
			if e, ok := err.(topology.Errors); !ok || e[0].Pos != (topology.Pos{Line: 2, Col: at}) {
				t.Errorf("%s: %v, want column %d", cuts, err, at)
			}
		case cuts == "[{from: 1s, to: 2s}, {from: 3s}]":
			if c := top.Links[0].Cuts; len(c) != 2 || c[0] != (topology.Cut{From: time.Second, To: 2 * time.Second}) || c[1] != (topology.Cut{From: 3 * time.Second}) {
				t.Errorf("%+v", c)
			}
		}
	}
}

// TestWatch: what is left out of detect and restore is told from none at all.
func TestWatch(t *testing.T) {
	top, err := topology.Parse("t", []byte(strings.Replace(inIface, "¤", "detect: 0s", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if f := top.Nodes[0].Interfaces[0]; f.Detect == nil || *f.Detect != 0 || f.Restore != nil {
		t.Errorf("%v, %v", f.Detect, f.Restore)
	}
}
