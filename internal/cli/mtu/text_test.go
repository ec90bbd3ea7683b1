package mtu_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli"
	"github.com/sonde-net/sonde/internal/cli/language"
	command "github.com/sonde-net/sonde/internal/cli/mtu"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
)

// full is an output that nothing goes into.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("it is full") }

// TestFull: an output that takes nothing is told of once.
func TestFull(t *testing.T) {
	for _, args := range [][]string{{"--json"}, nil} {
		var e bytes.Buffer
		args = append([]string{"sonde", "mtu", "--lab", "frag-needed", "--virtual", "203.0.113.50"}, args...)
		if status := cli.Run(t.Context(), args, cli.Streams{In: &bytes.Buffer{}, Out: full{}, Err: &e}); status != 2 || e.String() != "sonde: mtu: it is full\n" {
			t.Errorf("%d, %q", status, e.String())
		}
	}
}

// TestNothing: when nothing has come of it yet, nothing is said of the link; why a
// target does not answer is said in the language of the rest.
func TestNothing(t *testing.T) {
	if out := command.Say(language.English, mtu.Result{}); strings.Contains(out, "link") || !strings.Contains(out, "the path MTU is not known.") {
		t.Error(out)
	}
	r := mtu.Result{LinkMTU: 1500, Refused: probe.Claim{Present: true, Type: 3, Code: 1}}
	if out := command.Say(language.English, r); !strings.Contains(out, "says why: 3/1 Destination Unreachable: Host Unreachable.\n") {
		t.Error(out)
	}
	if out := command.Say(language.French, r); !strings.Contains(out, "dit pourquoi : 3/1 Destinataire inaccessible : Machine inaccessible.\n") {
		t.Error(out)
	}
}

// TestPartly: what was not found out of a reduction is bounded by the next, and a
// black hole before it has its own size.
func TestPartly(t *testing.T) {
	r := mtu.Result{
		Answered: true, LinkMTU: 1500, MTU: 1290,
		Reductions: []mtu.Reduction{{Hop: 1, Before: 1500, Fault: mtu.Absent}, {Hop: 3, Before: 1360, MTU: 1290, Said: 1290}},
		Hole:       &mtu.Hole{Size: 1412, Way: mtu.There, After: 2, Before: 3},
	}
	for _, x := range []struct {
		change func()
		en, fr string
	}{
		{func() {}, "From 1500 to at least 1360 octets at hop 1, ", "De 1500 à au moins 1360 octets : saut 1, "},
		{func() {}, "From 1360 to 1290 octets at hop 3, ", "De 1360 à 1290 octets : saut 3, "},
		{func() {}, "Black hole: datagrams of 1412 octets vanish without a word behind hop 2, ", "Trou noir : les datagrammes de 1412 octets disparaissent sans un mot (après : saut 2, "},
		{func() { r.Hole.After = 0 }, "without a word behind here and before hop 3, ", "(après : ici ; avant : saut 3, "},
		{func() { r.Hole.Before = 0 }, "datagrams of 1412 octets vanish without a word; who", "les datagrammes de 1412 octets disparaissent sans un mot ; qui"},
		{func() { r.Hole.Size = 1291 }, "Black hole: what is larger vanishes without a word.\n", "Trou noir : ce qui est plus grand disparaît sans un mot.\n"},
		{func() { r.Reductions = r.Reductions[:1] }, "From 1500 to fewer octets at hop 1, ", "De 1500 à moins d'octets : saut 1, "},
	} {
		x.change()
		if out := command.Say(language.English, r); !strings.Contains(out, x.en) {
			t.Errorf("no %q in\n%s", x.en, out)
		}
		if out := command.Say(language.French, r); !strings.Contains(out, x.fr) {
			t.Errorf("no %q in\n%s", x.fr, out)
		}
	}
}
