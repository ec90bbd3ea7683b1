// Package words holds the sentences of an explanation, in English and in
// French. A sentence has a key, and holes that are filled in by number, %[1]s
// first, so that each language has its own order.
//
// To add one, write a line with its key and both languages in the table of its
// kind. Tests hold the languages to the same holes, and each key to a use.
package words

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// A sentence is a key with what it says; fr is empty where both say the same.
type sentence struct{ key, en, fr string }

// tables are all sentences.
var tables = [][]sentence{fieldNames, meanings, statements, conversation, faults}

// build makes the catalogue of messages.
var build = sync.OnceValue(func() catalog.Catalog {
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	for _, t := range tables {
		for _, s := range t {
			fr := s.fr
			if fr == "" {
				fr = s.en
			}
			for tag, text := range map[language.Tag]string{language.English: s.en, language.French: fr} {
				if err := b.SetString(tag, s.key, text); err != nil {
					panic(s.key + ": " + err.Error()) // the tests build it
				}
			}
		}
	}
	return b
})

// keys are the keys that there are, in order.
var keys = sync.OnceValue(func() []string {
	var ks []string
	for _, t := range tables {
		for _, s := range t {
			ks = append(ks, s.key)
		}
	}
	slices.Sort(ks)
	return ks
})

// Keys returns the keys of all sentences, in order.
func Keys() []string { return slices.Clone(keys()) }

// Has reports whether there is a sentence of that key.
func Has(key string) bool {
	_, ok := slices.BinarySearch(keys(), key)
	return ok
}

// A Printer fills in sentences in one language. It is not safe for use by
// several goroutines at once.
type Printer struct {
	p      *message.Printer
	french bool
}

// In returns a printer of sentences in that language; English, where it is not
// one that there is.
func In(lang language.Tag) Printer {
	base, _ := lang.Base()
	tag := language.English
	if base.String() == "fr" {
		tag = language.French
	}
	return Printer{message.NewPrinter(tag, message.Catalog(build())), tag == language.French}
}

// Say returns the sentence of a key with its holes filled in. A key that there
// is not is a mistake of the caller's, and comes back as it is.
func (p Printer) Say(key string, args ...string) string {
	holes := make([]any, len(args))
	for i, a := range args {
		holes[i] = a
	}
	if !Has(key) {
		return strings.Join(append([]string{key}, args...), " ")
	}
	return p.singular(p.p.Sprintf(key, holes...))
}

// singular is a sentence in which one octet is singular; in French no octet is, too.
func (p Printer) singular(s string) string {
	const word = " octets"
	for from := 0; ; from++ {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return s
		}
		from += i
		n, rest := s[strings.LastIndexByte(s[:from], ' ')+1:from], s[from+len(word):]
		if n == "1" && (p.french || !strings.HasPrefix(rest, " are ")) || n == "0" && p.french {
			s = s[:from] + " octet" + rest
		}
	}
}
