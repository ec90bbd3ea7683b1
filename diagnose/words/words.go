// Package words says findings in English and French. The catalogues are plain
// sentences with places in them:
//
//	{addr}                 a value, as the language writes it
//	{count|device|devices} one of two words, by a number
//	{?hop: (hop {hop})}    what is said only when there is a value
//
// A test holds the catalogues to each other and to the rules.
package words

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/diagnose/rule"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
)

// Speaker says things in one language, with the names of addresses that are
// known.
type Speaker struct {
	// Naming says what type and code an error has; nil: as the registry does.
	Naming func(*probe.Claim) string

	tongue *tongue
	who    map[netip.Addr]names.Who
}

// tongue is a language.
type tongue struct {
	findings map[rule.Kind]string
	evidence map[rule.Kind]string
	verdicts map[rule.Status]string
	titles   map[string]string
	texts    map[string]string // words that facts have
	probes   map[probe.Kind]string
	comma    string
	colon    string
	and      string
	ahead    string
	behind   string
	one      func(n int) bool // a number takes the singular
}

// In returns a speaker: French, or English for anything else.
func In(l language.Tag, who map[netip.Addr]names.Who) *Speaker {
	if l == language.French {
		return &Speaker{tongue: french(), who: who}
	}
	return &Speaker{tongue: english(), who: who}
}

// Finding says a finding in a sentence or two.
func (s *Speaker) Finding(f *rule.Finding) string {
	return s.sentence(s.tongue.findings[f.Kind], &f.Data)
}

// Evidence says what a finding rests on.
func (s *Speaker) Evidence(e *rule.Evidence) string {
	return s.sentence(s.tongue.evidence[e.Kind], &e.Data)
}

// sentence is fill of a sentence, which may begin with a word in lower case; a
// name of a host stays as it is.
func (s *Speaker) sentence(template string, d *rule.Data) string {
	out := strings.TrimSpace(s.fill(template, d))
	if strings.HasPrefix(template, "{probe}") {
		r, n := utf8.DecodeRuneInString(out)
		return string(unicode.ToUpper(r)) + out[n:]
	}
	return out
}

// Verdict says it all in a line. Host is how the target is called.
func (s *Speaker) Verdict(v rule.Status, host string) string {
	return strings.ReplaceAll(s.tongue.verdicts[v], "{host}", host)
}

// Title is a heading, or a word of a table.
func (s *Speaker) Title(key string) string { return s.tongue.titles[key] }

// Addr is an address with its name, when it has one.
func (s *Speaker) Addr(a netip.Addr) string {
	if !a.IsValid() {
		return "*"
	}
	if n := s.who[a].Name; n != "" && n != a.String() {
		return n + " (" + a.String() + ")"
	}
	return a.String()
}

// Claim is what an error says.
func (s *Speaker) Claim(c *probe.Claim) string {
	if s.Naming == nil {
		return c.String()
	}
	return s.Naming(c)
}

// Colon is what a heading ends with.
func (s *Speaker) Colon() string { return s.tongue.colon }

// Decimal is a number with so many decimals.
func (s *Speaker) Decimal(x float64, decimals int) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', decimals, 64), ".", s.tongue.comma, 1)
}

// Millis is a time in milliseconds, as exact as it is worth.
func (s *Speaker) Millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms >= 100:
		return s.Decimal(ms, 0)
	case ms >= 10:
		return s.Decimal(ms, 1)
	}
	return s.Decimal(ms, 2) //nolint:mnd // decimals
}

// Span is a time with its unit.
func (s *Speaker) Span(d time.Duration) string {
	switch d = d.Abs(); {
	case d >= time.Hour:
		return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %02d s", d/time.Minute, d%time.Minute/time.Second)
	case d >= time.Second:
		return s.Decimal(d.Seconds(), 3) + " s" //nolint:mnd // decimals
	}
	return s.Millis(d) + " ms"
}

// Percent is a share.
func (s *Speaker) Percent(x float64) string {
	if x > 0 && x < 10 && x != float64(int(x)) {
		return s.Decimal(x, 1) + " %"
	}
	return s.Decimal(x, 0) + " %"
}

// Probe is a kind of probe in a word.
func (s *Speaker) Probe(k probe.Kind) string {
	if w, ok := s.tongue.probes[k]; ok {
		return w
	}
	return k.String()
}

// List joins words.
func (s *Speaker) List(all []string) string {
	if n := len(all); n > 1 {
		return strings.Join(all[:n-1], ", ") + s.tongue.and + all[n-1]
	}
	return strings.Join(all, "")
}

// text is what somebody else has said, or a word of the facts.
func (s *Speaker) text(t string) string {
	if w, ok := s.tongue.texts[t]; ok {
		return w
	}
	return t
}

// fill puts values into their places.
func (s *Speaker) fill(template string, d *rule.Data) string {
	var b strings.Builder
	for template != "" {
		i := strings.IndexByte(template, '{')
		if i < 0 {
			b.WriteString(template)
			break
		}
		b.WriteString(template[:i])
		end := i + matching(template[i:])
		b.WriteString(s.place(template[i+1:end], d))
		template = template[end+1:]
	}
	return b.String()
}

// matching returns where the brace ends that t begins with.
func matching(t string) int {
	depth := 0
	for i := range len(t) {
		switch t[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(t) - 1
}

// place is what stands in braces.
func (s *Speaker) place(p string, d *rule.Data) string {
	if rest, ok := strings.CutPrefix(p, "?"); ok {
		key, then, _ := strings.Cut(rest, ":")
		if _, there := s.value(key, d); !there {
			return ""
		}
		return s.fill(then, d)
	}
	if key, words, ok := strings.Cut(p, "|"); ok {
		one, many, _ := strings.Cut(words, "|")
		v, _ := s.value(key, d)
		n, err := strconv.Atoi(v)
		if key == "hops" {
			n, err = len(d.Hops), nil
		}
		if err == nil && s.tongue.one(n) {
			return s.fill(one, d)
		}
		return s.fill(many, d)
	}
	v, _ := s.value(p, d)
	return v
}

// value is a value by its name, and whether there is one.
func (s *Speaker) value(key string, d *rule.Data) (v string, there bool) {
	number := func(n int) (string, bool) { return strconv.Itoa(n), n != 0 }
	span := func(t time.Duration) (string, bool) { return s.Span(t), t != 0 }
	millis := func(t time.Duration) (string, bool) { return s.Millis(t), t != 0 }
	switch key {
	case "hop":
		return number(d.Hop)
	case "last":
		return number(d.Last)
	case "port":
		return number(d.Port)
	case "sent":
		return number(d.Sent)
	case "got":
		return number(d.Got)
	case "count":
		return number(d.Count)
	case "size":
		return number(d.Size)
	case "before":
		return number(d.Before)
	case "said":
		return number(d.Said)
	case "percent":
		return s.Percent(d.Percent), d.Percent != 0
	case "ppm":
		return s.Decimal(d.Percent, 0), true
	case "min":
		return millis(d.Min)
	case "avg":
		return millis(d.Avg)
	case "max":
		return millis(d.Max)
	case "mdev":
		return millis(d.Mdev)
	case "time":
		return span(d.Time)
	case "within":
		return span(d.Within)
	case "ahead":
		if d.Time < 0 {
			return fmt.Sprintf(s.tongue.behind, s.Span(d.Time)), true
		}
		return fmt.Sprintf(s.tongue.ahead, s.Span(d.Time)), true
	case "addr":
		return s.Addr(d.Addr), d.Addr.IsValid()
	case "other":
		return s.Addr(d.Other), d.Other.IsValid()
	}
	return s.list(key, d)
}

// list is a value that is made of several words.
func (s *Speaker) list(key string, d *rule.Data) (v string, there bool) {
	var all []string
	switch key {
	case "hops":
		for _, h := range d.Hops {
			all = append(all, strconv.Itoa(h))
		}
	case "addrs":
		for _, a := range d.Addrs {
			all = append(all, s.Addr(a))
		}
	case "probes":
		for _, k := range d.Probes {
			all = append(all, s.Probe(k))
		}
	case "owners":
		all = d.Owners
	case "probe":
		if d.Probe == nil {
			return "", false
		}
		return s.Probe(*d.Probe), true
	case "claim":
		if d.Claim == nil {
			return "", false
		}
		return s.Claim(d.Claim), true
	case "text":
		return s.text(d.Text), d.Text != ""
	default:
		return "{" + key + "}", false // the test finds it
	}
	return s.List(all), len(all) > 0
}
