package report

import (
	"fmt"
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/wire/extension"
)

// words are what is said beside the numbers.
type words struct {
	limited, limited1 string
	changed, nobody   string
	past              string
	oneWay, waysOf    string
	hop, host         string
	seen              string
}

var english = words{
	limited1: "hop %s: what it lost were answers that it did not write (rate limit); nothing is lost on the way there",
	limited:  "hops %s: what they lost were answers that they did not write (rate limit); nothing is lost on the way there",
	changed:  "%s: the way has changed at hop %d: %s, now %s", nobody: "nobody",
	past:   "from %s to %s the way was another (rounds: %d):",
	oneWay: "%d flows, and one way",
	waysOf: "%d flows, and %d ways:",
	hop:    "Hop", host: "Host", seen: "answered",
}

var french = words{
	limited1: "saut %s : ce qu'il a perdu, ce sont des réponses qu'il n'a pas écrites (limite de débit) ; rien ne se perd en chemin",
	limited:  "sauts %s : ce qu'ils ont perdu, ce sont des réponses qu'ils n'ont pas écrites (limite de débit) ; rien ne se perd en chemin",
	changed:  "%s : le chemin a changé au saut %d : %s, maintenant %s", nobody: "personne",
	past:   "de %s à %s le chemin était un autre (tours : %d) :",
	oneWay: "%d flux, un seul chemin",
	waysOf: "%d flux, %d chemins :",
	hop:    "Saut", host: "Hôte", seen: "a répondu",
}

func speak(l language.Tag) *words {
	if l == language.French {
		return &french
	}
	return &english
}

// Labels are the MPLS labels of an extension structure, as mtr writes them.
func Labels(b []byte) (out []string) {
	s, err := extension.Parse(b)
	if err != nil {
		return nil
	}
	for o, err := range s.All() {
		if err != nil || o.Class != extension.ClassMPLS {
			continue
		}
		for l, err := range extension.Labels(o) {
			if err != nil {
				break
			}
			bottom := 0
			if l.Bottom {
				bottom = 1
			}
			out = append(out, fmt.Sprintf("[MPLS: Lbl %d Exp %d S %d TTL %d]", l.Label, l.TC, bottom, l.TTL))
		}
	}
	return out
}

func width(s string) int { return runewidth.StringWidth(s) }

// fit makes a text exactly so wide.
func fit(s string, n int) string {
	if width(s) > n {
		s = runewidth.Truncate(s, n, "")
	}
	return s + strings.Repeat(" ", n-width(s))
}
