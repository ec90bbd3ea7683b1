package multipath

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/naming"
	"github.com/sonde-net/sonde/internal/cli/translated"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe/multipath"
	"github.com/sonde-net/sonde/probe/rewrite"
)

// words are what is said, in one language.
type words struct {
	head                           string
	flow, packet, maybe, saw       string
	diamond, uneven, source, apart string
	byFlow, byPacket               string
	none, reached, unreached       string
}

var english = words{
	head: "ways to %s (%v) by %s, confidence %.4g %%, %d hops max\n",
	flow: "%d ways, by flow", packet: "%d ways, by packet", maybe: "perhaps more ways: too few flows came here",
	saw:     "saw %s",
	diamond: "diamond from %s (hop %d) to %s (hop %d): %d wide, %d long, %s%s\n",
	uneven:  ", uneven", source: "the source", apart: "nowhere yet", byFlow: "by flow", byPacket: "by packet",
	none:      "one way alone\n",
	reached:   "the target is reached; %d probes of %d flows\n",
	unreached: "the target has not answered; %d probes of %d flows\n",
}

var french = words{
	head: "chemins vers %s (%v) par %s, confiance %.4g %%, %d sauts au plus\n",
	flow: "%d chemins, par flux", packet: "%d chemins, par paquet", maybe: "peut-être d'autres chemins : trop peu de flux passent ici",
	saw:     "a vu %s",
	diamond: "losange de %s (saut %d) à %s (saut %d) : largeur %d, longueur %d, %s%s\n",
	uneven:  ", inégal", source: "la source", apart: "nulle part encore", byFlow: "par flux", byPacket: "par paquet",
	none:      "un seul chemin\n",
	reached:   "la cible est atteinte ; %d sondes de %d flux\n",
	unreached: "la cible n'a pas répondu ; %d sondes de %d flux\n",
}

// speak returns the words of a language.
func speak(l language.Tag) *words {
	if l == language.French {
		return &french
	}
	return &english
}

func (v *view) head() {
	c := &v.o.Config
	fmt.Fprintf(v.w, v.say.head, v.o.Host, c.Dst, v.method(), c.Confidence*100, c.MaxTTL)
}

// letters name the vertices of a hop that has several.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// letter is what stands for a vertex in the drawing.
func letter(place, of int) string {
	switch {
	case of == 1:
		return "●"
	case place < len(letters):
		return letters[place : place+1]
	}
	return "#"
}

// text draws the graph, a hop below the other.
func (v *view) text() {
	hops := v.hops()
	width := 0
	for _, h := range hops {
		width = max(width, column(len(h)-1, true)+1)
	}
	odd := false
	for i, h := range hops {
		marks := make([]rune, width)
		for x := range marks {
			marks[x] = ' '
		}
		for k := range h {
			marks[column(k, odd)] = []rune(letter(k, len(h)))[0]
		}
		for k, x := range h {
			if k > 0 {
				marks = []rune(strings.Repeat(" ", width))
			}
			fmt.Fprintf(v.w, "%2d  %s  %s\n", v.g.Vertices[x].TTL, string(marks), v.line(x, letter(k, len(h)), len(h)))
		}
		if i+1 == len(hops) {
			break
		}
		n := next(&v.g, h, hops[i+1])
		if straight(n, len(hops[i+1])) {
			continue
		}
		for _, row := range rails(n, odd, len(hops[i+1])) {
			fmt.Fprintf(v.w, "    %s\n", row)
		}
		odd = !odd
	}
	v.tail()
}

// hops are the vertices by their distance.
func (v *view) hops() (out [][]int) {
	for i := range v.g.Vertices {
		if i == 0 || v.g.Vertices[i].TTL != v.g.Vertices[i-1].TTL {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], i)
	}
	return out
}

// line is what is said of a vertex.
func (v *view) line(i int, letter string, of int) string {
	x := &v.g.Vertices[i]
	var b strings.Builder
	if of > 1 {
		b.WriteString(letter + "  ")
	}
	b.WriteString(v.name(x))
	if x.Addr.IsValid() {
		if o := owner(v.who[x.Addr].Owner); o != "" {
			fmt.Fprintf(&b, " [%s]", o)
		}
		fmt.Fprintf(&b, "  %s", millis(x.Best))
	}
	var notes []string
	if n := len(v.g.Next(i)); n > 1 && !x.PerPacket {
		notes = append(notes, fmt.Sprintf(v.say.flow, n))
	} else if n > 1 {
		notes = append(notes, fmt.Sprintf(v.say.packet, n))
	}
	if !x.Sure && len(v.g.Next(i)) > 0 {
		notes = append(notes, v.say.maybe)
	}
	if x.Claim.Present && !x.Reached {
		notes = append(notes, naming.Claim(&x.Claim, v.o.Lang))
	}
	if t := v.saw(x); t != "" {
		notes = append(notes, t)
	}
	if len(notes) > 0 {
		fmt.Fprintf(&b, "  %s", strings.Join(notes, "; "))
	}
	return b.String()
}

// saw is how a vertex saw the probes, where it is the first to see them so.
func (v *view) saw(x *multipath.Vertex) string {
	t := translated.Short(v.o.Lang, x.Shown)
	if t == "" || !slices.ContainsFunc(v.g.Rewritten, func(c rewrite.Change) bool { return c.TTL == x.TTL && c.From == x.Addr }) {
		return ""
	}
	return fmt.Sprintf(v.say.saw, t)
}

// name is a vertex with its name.
func (v *view) name(x *multipath.Vertex) string {
	if !x.Addr.IsValid() {
		return "*"
	}
	if n := v.who[x.Addr].Name; n != "" {
		return fmt.Sprintf("%s (%v)", n, x.Addr)
	}
	return x.Addr.String()
}

func owner(o names.Owner) string {
	var all []string
	if o.ASN != 0 {
		all = append(all, fmt.Sprintf("AS%d", o.ASN))
	}
	if o.Organisation != "" {
		all = append(all, o.Organisation)
	}
	return strings.Join(all, " ")
}

// tail says what it comes to.
func (v *view) tail() {
	fmt.Fprintln(v.w)
	for _, d := range v.g.Diamonds {
		from, to, first := v.say.source, v.say.apart, 0
		if d.From >= 0 {
			from, first = v.name(&v.g.Vertices[d.From]), int(v.g.Vertices[d.From].TTL)
		}
		last := first + d.Length
		if d.To >= 0 {
			to = v.name(&v.g.Vertices[d.To])
		}
		by, uneven := v.say.byFlow, ""
		if d.PerPacket {
			by = v.say.byPacket
		}
		if d.Unequal {
			uneven = v.say.uneven
		}
		fmt.Fprintf(v.w, v.say.diamond, from, first, to, last, d.Width, d.Length, by, uneven)
	}
	if len(v.g.Diamonds) == 0 {
		fmt.Fprint(v.w, v.say.none)
	}
	translated.Write(v.w, v.o.Lang, v.o.Config.TOS, v.g.Rewritten)
	last := v.say.unreached
	if v.g.Reached {
		last = v.say.reached
	}
	fmt.Fprintf(v.w, last, v.g.Probes, v.g.Flows)
}
