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
