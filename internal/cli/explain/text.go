package explain

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/sonde-net/sonde/explain"
	"github.com/sonde-net/sonde/explain/catalogue"
)

// width is how long a line may be, in characters.
const width = 80

// labels are the headings of an explanation.
var labels = sync.OnceValue(func() map[string][2]string {
	return map[string][2]string{
		"who":       {"Who says it", "Qui le dit"},
		"sender":    {"Who sends it", "Qui l'envoie"},
		"about":     {"About what", "À propos de quoi"},
		"state":     {"Its state", "Son état"},
		"causes":    {"Usual causes", "Causes habituelles"},
		"do":        {"What to do", "Que faire"},
		"check":     {"What to check", "Que vérifier"},
		"security":  {"Security", "Sécurité"},
		"rfc":       {"Defined in", "Défini dans"},
		"codes":     {"Its codes", "Ses codes"},
		"fields":    {"Fields", "Champs"},
		"also":      {"Of the same name", "Du même nom"},
		"several":   {"The name has several meanings:", "Ce nom a plusieurs sens :"},
		"right":     {"The checksum is right.", "La somme de contrôle est juste."},
		"wrong":     {"The checksum is wrong.", "La somme de contrôle est fausse."},
		"unknown":   {"The checksum cannot be verified.", "La somme de contrôle est invérifiable."},
		"registry":  {"", "Au registre : "},
		"colon":     {": ", " : "},
		"octet":     {"octet", "octet"},
		"deprecate": {"deprecated", "déprécié"},
		"target":    {"HOST", "MACHINE"},
		"someone":   {"the sender", "l'émetteur"},
	}
})

func (p printer) label(key string) string {
	if p.lang.String() == "fr" {
		return labels()[key][1]
	}
	return labels()[key][0]
}

func (p printer) line(s string) { fmt.Fprintln(p, s) }

// heading begins a section.
func (p printer) heading(key string) {
	p.line("")
	p.line(p.label(key))
}

// wrap prints a text with a first and a following indent, in lines of width.
func (p printer) wrap(first, indent, s string) {
	line, n, begun := first, utf8.RuneCountInString(first), false
	for w := range strings.FieldsSeq(s) {
		size := utf8.RuneCountInString(w)
		switch {
		case begun && n+1+size > width:
			p.line(line)
			line, n = indent+w, utf8.RuneCountInString(indent)+size
		case begun:
			line, n = line+" "+w, n+1+size
		default:
			line, n, begun = line+w, n+size, true
		}
	}
	p.line(line)
}

func (p printer) items(all []string) {
	for _, s := range all {
		p.wrap("  - ", "    ", s)
	}
}

func (p printer) section(key string, all []string) {
	if len(all) > 0 {
		p.heading(key)
		p.items(all)
	}
}

func (p printer) paragraph(key, s string) {
	p.heading(key)
	p.wrap("  ", "  ", s)
}

// defined prints where a message is defined, and in other languages than English
// what the registry calls it.
func (p printer) defined(text catalogue.Text) {
	p.paragraph("rfc", text.RFC)
	if p.label("registry") != "" {
		p.wrap("  ", "  ", p.label("registry")+text.Registry)
	}
}

// colon stands between a name and what it is.
func (p printer) colon() string { return p.label("colon") }

// title is the first line: numbers, names, and whether it is deprecated.
func (p printer) title(m catalogue.Match, text catalogue.Text) {
	s := m.Family.String() + " " + strconv.Itoa(int(m.Type))
	if !m.Whole {
		s += "/" + strconv.Itoa(int(m.Code))
	}
	s += "  " + text.Title(p.lang)
	if text.Deprecated {
		s += " (" + p.label("deprecate") + ")"
	}
	p.line(s)
	p.line("")
}

// fill puts words for the holes of checks about no message in particular.
func (p printer) fill(checks []string) []string {
	r := strings.NewReplacer("{target}", p.label("target"), "{who}", p.label("someone"))
	out := make([]string, len(checks))
	for i, c := range checks {
		out[i] = r.Replace(c)
	}
	return out
}

// subjectText prints what a kind means.
func (p printer) subjectText(m catalogue.Match, text catalogue.Text) {
	p.title(m, text)
	p.wrap("", "", text.Means)
	p.paragraph("sender", text.Sender)
	p.section("causes", text.Causes)
	p.section("check", text.Checks)
	p.paragraph("security", text.Security)
	p.defined(text)
	if !m.Whole {
		return
	}
	var codes []catalogue.Match
	for k := range catalogue.Kinds(m.Family) {
		if k.Type == m.Type {
			codes = append(codes, catalogue.Match{Kind: k})
		}
	}
	if len(codes) > 1 {
		p.heading("codes")
		for _, c := range codes {
			p.line(fmt.Sprintf("  %-10s %s", c, catalogue.Of(c.Kind, p.lang).CodeName))
		}
	}
}

// message prints the explanation of one message.
func (p printer) message(e *explain.Explanation) {
	p.title(catalogue.Match{Kind: e.Kind()}, e.Text)
	p.wrap("", "", e.Text.Means)
	for _, s := range e.Says {
		p.wrap("", "", s)
	}
	p.section("who", e.Who)
	p.section("about", e.About)
	p.heading("state")
	p.wrap("  - ", "    ", p.label(string(e.Checksum)))
	for _, f := range e.Faults {
		p.wrap("  - ", "    ", fmt.Sprintf("%s %d%s%s", p.label("octet"), f.Octet, p.colon(), f.Text))
	}
	p.section("causes", e.Text.Causes)
	p.section("do", e.Do)
	p.paragraph("security", e.Text.Security)
	p.defined(e.Text)
	if p.verbose > 0 {
		p.heading("fields")
		p.fields(e.Fields)
	}
}

// fields prints the table of fields.
func (p printer) fields(all []explain.Field) {
	layer := ""
	for _, f := range all {
		if f.Layer != layer {
			layer = f.Layer
			p.line("  " + layer)
		}
		s := f.Name
		if f.Value != "" {
			s += p.colon() + f.Value
		}
		if f.Meaning != "" {
			s += " (" + f.Meaning + ")"
		}
		p.wrap(fmt.Sprintf("%8d %5d  ", f.Octet, f.Len), "                  ", s)
		if p.verbose > 1 {
			p.line("                " + f.Raw)
		}
	}
}

// table prints kinds with their names.
func (p printer) table(all []catalogue.Match) {
	for _, m := range all {
		s, text := p.subject(m)
		name := m.String()
		if m.Whole {
			name = strings.TrimSuffix(name, "/0")
		}
		title := s.Title
		if text.Deprecated {
			title += " (" + p.label("deprecate") + ")"
		}
		p.line(fmt.Sprintf("  %-10s %s", name, title))
	}
}
