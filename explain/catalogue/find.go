package catalogue

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Kinds yields all kinds of a family that have a text, in rising order: each
// type with its codes, a type without named codes once, with code 0.
func Kinds(f Family) iter.Seq[Kind] {
	return func(yield func(Kind) bool) {
		b := book(f, language.English)
		for i, key := range b.keys {
			typ, code, isCode := strings.Cut(key, "/")
			next := ""
			if i+1 < len(b.keys) {
				next = b.keys[i+1]
			}
			if slices.Contains(special, key) || !isCode && strings.HasPrefix(next, key+"/") {
				continue
			}
			if !yield(Kind{Family: f, Type: number(typ), Code: number(code)}) {
				return
			}
		}
	}
}

// number reads a number that Read has checked; "" is 0.
func number(s string) uint8 {
	v, _ := strconv.ParseUint(s, 10, 8)
	return uint8(v)
}

// A Match is something that a name may mean.
type Match struct {
	Kind
	Whole bool // the type as such, all its codes
}

// Find returns what a name may mean, in any of the languages, upper and lower
// case and accents aside. In each family a name that is exactly that of something
// means only things of that name; one that is not means everything in whose names
// all its words occur. IPv4 comes first.
func Find(name string) []Match {
	want := fold(name)
	if want == "" {
		return nil
	}
	var all []Match
	for _, f := range []Family{ICMPv4, ICMPv6} {
		var exact, loose []Match
		for _, key := range book(f, language.English).keys {
			if slices.Contains(special, key) {
				continue
			}
			typ, code, isCode := strings.Cut(key, "/")
			m := Match{Kind: Kind{Family: f, Type: number(typ), Code: number(code)}, Whole: !isCode}
			switch is, within := m.named(key, typ, want); {
			case is:
				exact = append(exact, m)
			case within:
				loose = append(loose, m)
			}
		}
		if len(exact) > 0 {
			loose = exact
		}
		all = append(all, loose...)
	}
	return all
}

// named reports whether want is a name of what stands under key, and whether
// its words all occur in the names of it and its type.
func (m Match) named(key, typ, want string) (is, within bool) {
	for _, lang := range []language.Tag{language.English, language.French} {
		b := book(m.Family, lang)
		e := b.entries[key]
		names := append([]string{e.name}, e.aliases...)
		for _, n := range names {
			is = is || fold(n) == want
		}
		names = append(names, b.entries[typ].name)
		if lang == language.English {
			t, c, _ := m.registered()
			names = append(names, t)
			if !m.Whole {
				is = is || fold(c) == want
				names = append(names, c)
			} else {
				is = is || fold(t) == want
			}
		}
		within = within || containsAll(strings.Fields(fold(strings.Join(names, " "))), strings.Fields(want))
	}
	return is, within
}

func containsAll(have, want []string) bool {
	for _, w := range want {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}

// fold makes names comparable: lower case, no accents, letters and digits only,
// one space between words.
func fold(s string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), s)
	if err != nil {
		plain = s
	}
	words := strings.FieldsFunc(strings.ToLower(plain), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, " ")
}
