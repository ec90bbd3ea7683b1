package trace

import (
	"fmt"
	"strings"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/translated"
)

// words are what is said after the hops.
type words struct {
	between, between1, none string
	owners                  string
	loop, loop1             string
	unreached               string
}

var english = words{
	between: "%d gateways between source and target", between1: "1 gateway between source and target",
	none:      "no gateway between source and target",
	owners:    "owners on the path: %s",
	loop:      "the way comes back to itself: hops %d to %d, %d gateways in turn",
	loop1:     "the way does not go on: hops %d to %d are one gateway",
	unreached: "the target has not answered",
}

var french = words{
	between: "%d équipements séparent la source et la cible", between1: "1 équipement sépare la source et la cible",
	none:      "aucun équipement ne sépare la source et la cible",
	owners:    "propriétaires des équipements traversés : %s",
	loop:      "le chemin revient sur lui-même : sauts %d à %d, %d équipements à tour de rôle",
	loop1:     "le chemin n'avance plus : les sauts %d à %d sont un seul équipement",
	unreached: "la cible n'a pas répondu",
}

// speak returns the words of a language.
func speak(l language.Tag) words {
	if l == language.French {
		return french
	}
	return english
}

// verdict prints what is to be said of all hops together, where somebody has
// asked for it: with --owners, in a laboratory, when there is a loop, and when the
// probes were changed on the way.
func (x *text) verdict() {
	say := speak(x.o.lang)
	translated.Write(x.w, x.o.lang, x.t.Config().TOS, x.t.Changes())
	if l, ok := x.t.Loop(); ok {
		if l.Period == 1 {
			fmt.Fprintf(x.w, say.loop1+"\n", l.From, l.To)
		} else {
			fmt.Fprintf(x.w, say.loop+"\n", l.From, l.To, l.Period)
		}
	}
	if !x.o.owners && x.o.place.Lab == "" {
		return
	}
	n, ok := gateways(x.t)
	switch {
	case !ok:
		fmt.Fprintln(x.w, say.unreached)
	case n == 0:
		fmt.Fprintln(x.w, say.none)
	case n == 1:
		fmt.Fprintln(x.w, say.between1)
	default:
		fmt.Fprintf(x.w, say.between+"\n", n)
	}
	if len(x.path.owners) > 0 {
		fmt.Fprintf(x.w, say.owners+"\n", strings.Join(x.path.owners, ", "))
	}
}
