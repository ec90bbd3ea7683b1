package catalogue

import (
	"embed"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// Family is the protocol that a type belongs to.
type Family uint8

// The families.
const (
	ICMPv4 Family = 4
	ICMPv6 Family = 6
)

// String returns "ICMPv4" or "ICMPv6".
func (f Family) String() string { return "ICMPv" + strconv.Itoa(int(f)) }

// Kind is a family, a type and a code, which together say what a message is.
type Kind struct {
	Family     Family
	Type, Code uint8
}

// String returns the kind as the command line takes it: "3/4", "v6:2/0".
func (k Kind) String() string {
	s := strconv.Itoa(int(k.Type)) + "/" + strconv.Itoa(int(k.Code))
	if k.Family == ICMPv6 {
		s = "v6:" + s
	}
	return s
}

// IsError reports whether messages of this kind are errors, which quote the
// datagram that they are about.
func (k Kind) IsError() bool {
	if k.Family == ICMPv6 {
		return icmp6.Type(k.Type).IsError()
	}
	return icmp4.Type(k.Type).IsError()
}

// registered returns the registry's names of type and code, and whether it has
// marked the type as deprecated.
func (k Kind) registered() (typ, code string, deprecated bool) {
	if k.Family == ICMPv6 {
		if k.Type == 157 || k.Type == 158 {
			k.Code &= 0x0f // RFC 8505 §4.2: the upper bits are something else
		}
		t := icmp6.Kind{Type: icmp6.Type(k.Type), Code: icmp6.Code(k.Code)}
		return t.Type.String(), t.CodeName(), t.Type.Deprecated()
	}
	t := icmp4.Kind{Type: icmp4.Type(k.Type), Code: icmp4.Code(k.Code)}
	return t.Type.String(), t.CodeName(), t.Type.Deprecated()
}

// Text is what there is to say of a kind, in one language.
type Text struct {
	Name     string   `json:"name"`           // of the type
	CodeName string   `json:"code,omitempty"` // of the code; empty: the type has but one
	Means    string   `json:"means"`          // what the message says
	Sender   string   `json:"sender"`
	Causes   []string `json:"causes"`
	Checks   []string `json:"checks"` // with {target} and {who} in them
	Security string   `json:"security"`
	// Registry is what the registry calls type and code, in English in every
	// language: other programs say that, and it is the term to search for.
	Registry string `json:"registry"`
	RFC      string `json:"rfc"`
	// Deprecated says that the registry marks the type so.
	Deprecated bool `json:"deprecated,omitempty"`
	// Registered says that the registry has the type; KnownCode, that this
	// package has a text for the code or that the type has but one.
	Registered bool `json:"registered"`
	KnownCode  bool `json:"known_code"`
}

// noCode is the registry's name of a code that says nothing.
const noCode = "No Code"

// Title returns the name of the type, with that of the code behind it.
func (t Text) Title(lang language.Tag) string {
	switch {
	case t.CodeName == "":
		return t.Name
	case french(lang):
		return t.Name + " : " + t.CodeName
	}
	return t.Name + ": " + t.CodeName
}

//go:embed text/*.md
var files embed.FS

// A shelf has all books, by family and language.
var shelf = sync.OnceValue(func() map[string]*Book {
	m := map[string]*Book{}
	for _, f := range []string{"4.en", "4.fr", "6.en", "6.fr"} {
		text, err := files.ReadFile("text/icmp" + f + ".md")
		if err != nil {
			panic(err) // it is embedded
		}
		b, err := Read(string(text))
		if err != nil {
			panic("icmp" + f + ".md: " + err.Error()) // the tests read it
		}
		m[f] = b
	}
	return m
})

// french reports whether a language is answered in French; all others are
// answered in English.
func french(lang language.Tag) bool {
	base, _ := lang.Base()
	return base.String() == "fr"
}

func book(f Family, lang language.Tag) *Book {
	code := ".en"
	if french(lang) {
		code = ".fr"
	}
	return shelf()[strconv.Itoa(int(f))+code]
}

// typeEntry returns the key under which a type is explained.
func typeEntry(b *Book, k Kind) (key string, registered bool) {
	key = strconv.Itoa(int(k.Type))
	if b.entries[key] != nil {
		return key, true
	}
	if name, _, _ := k.registered(); name == "Unassigned" {
		return "unassigned", false
	}
	return "reserved", false
}

// OfType returns what there is to say of a type, its codes aside. Types that the
// registry does not know have a text too; Text.Registered tells.
func OfType(f Family, typ uint8, lang language.Tag) Text {
	k := Kind{Family: f, Type: typ}
	b, english := book(f, lang), book(f, language.English)
	key, known := typeEntry(b, k)
	e := b.entries[key]
	t := Text{
		Name: e.name, Means: e.means, Sender: e.from, Causes: e.causes, Checks: e.checks,
		Security: e.security, RFC: references(english.entries[key].rfc, lang), Registered: known, KnownCode: true,
	}
	t.Registry, _, t.Deprecated = k.registered()
	return t
}

// Of returns what there is to say of a kind. A code that the registry does not
// know has a text too; Text.KnownCode tells.
func Of(k Kind, lang language.Tag) Text {
	t := OfType(k.Family, k.Type, lang)
	b, english := book(k.Family, lang), book(k.Family, language.English)
	key := k.codeKey()
	c := b.entries[key]
	switch {
	case c == nil && (!t.Registered || k.onlyCode(b)):
		return t
	case c == nil:
		c, t.KnownCode = b.entries["code"], false
		t.CodeName = c.name + " (" + strconv.Itoa(int(k.Code)) + ")"
		t.Means += " " + c.means
		t.Causes = append(t.Causes[:len(t.Causes):len(t.Causes)], c.causes...)
		return t
	}
	if _, name, _ := k.registered(); name != "" && name != noCode {
		t.Registry += ": " + name
	}
	t.CodeName, t.Means, t.Causes = c.name, c.means, c.causes
	if c.from != "" {
		t.Sender = c.from
	}
	if len(c.checks) > 0 {
		t.Checks = c.checks
	}
	if c.security != "" {
		t.Security = c.security
	}
	if rfc := english.entries[key].rfc; rfc != "" {
		t.RFC = references(rfc, lang)
	}
	return t
}

// notes are the words beside references, which stand in the English file alone.
var notes = strings.NewReplacer(
	"(no document defines it)", "(aucun document ne le définit)",
	"(code registered by IANA)", "(code enregistré par l'IANA)",
	"(draft of Markson)", "(brouillon de Markson)",
	"appendix", "annexe",
)

// references are references in a language.
func references(s string, lang language.Tag) string {
	if french(lang) {
		return notes.Replace(s)
	}
	return s
}

// codeKey is the heading of the code.
func (k Kind) codeKey() string {
	if k.Family == ICMPv6 && (k.Type == 157 || k.Type == 158) {
		k.Code &= 0x0f
	}
	return strconv.Itoa(int(k.Type)) + "/" + strconv.Itoa(int(k.Code))
}

// onlyCode reports whether the code says nothing that the type does not say: it
// is 0 and no code of the type has a text, or the registry does not keep the
// codes of the type: those of RPL (155), and 151, where the code is an interval
// (RFC 4286 §3).
func (k Kind) onlyCode(b *Book) bool {
	if k.Family == ICMPv6 && (k.Type == 151 || k.Type == 155) {
		return true
	}
	prefix := strconv.Itoa(int(k.Type)) + "/"
	for _, key := range b.keys {
		if strings.HasPrefix(key, prefix) {
			return false
		}
	}
	return k.Code == 0
}
