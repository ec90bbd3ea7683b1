package catalogue_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/registry"
)

func table(t *testing.T, f catalogue.Family) *registry.Table {
	t.Helper()
	b, err := os.ReadFile("../../wire/icmp" + strconv.Itoa(int(f)) + "/registry.csv")
	if err != nil {
		t.Fatal(err)
	}
	r, err := registry.Parse(string(b))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestComplete holds the texts to the registry: each assigned type and code has
// its own, in both languages, whole, and none is that of the other language.
func TestComplete(t *testing.T) {
	conform.Row(t, "A-02")
	for _, f := range []catalogue.Family{catalogue.ICMPv4, catalogue.ICMPv6} {
		types, codes := 0, 0
		for _, typ := range table(t, f).Types {
			assigned := typ.Status == "" || typ.Status == registry.Deprecated
			for n := int(typ.First); n <= int(typ.Last); n++ {
				both(t, f, typ.Name, func(l language.Tag) catalogue.Text { return catalogue.OfType(f, uint8(n), l) })
				text := catalogue.OfType(f, uint8(n), language.English)
				if text.Registered != assigned {
					t.Errorf("%v %d: registered %v, status %q", f, n, text.Registered, typ.Status)
				}
				if text.Deprecated != (typ.Status == registry.Deprecated) {
					t.Errorf("%v %d: deprecated %v, status %q", f, n, text.Deprecated, typ.Status)
				}
			}
			if !assigned {
				continue
			}
			types++
			for _, c := range typ.Codes {
				codes++
				k := catalogue.Kind{Family: f, Type: typ.First, Code: c.Value}
				both(t, f, c.Name, func(l language.Tag) catalogue.Text { return catalogue.Of(k, l) })
				text := catalogue.Of(k, language.English)
				if !text.KnownCode {
					t.Errorf("%v has no text", k)
				}
				named := c.Name != "" && c.Name != "No Code"
				if named != (text.CodeName != "") {
					t.Errorf("%v: code %q in the registry, %q here", k, c.Name, text.CodeName)
				}
				if named && text.Means == catalogue.OfType(f, typ.First, language.English).Means {
					t.Errorf("%v means what its type means", k)
				}
			}
		}
		t.Logf("%v: %d types, %d codes", f, types, codes)
	}
}

// sameName are the names that are right in both languages.
var sameName = map[string]bool{}

var (
	reference = regexp.MustCompile(`^(RFC \d+( §\d+(\.\d+)*| p\. \d+| appendix [A-Z])?|draft-[a-z0-9-]+)( \([a-zA-Z ]+\))?$`)
	command   = regexp.MustCompile("`[^`]+`")
	hole      = regexp.MustCompile(`\{[^}]*\}`)
)

func both(t *testing.T, f catalogue.Family, name string, get func(language.Tag) catalogue.Text) {
	t.Helper()
	en, fr := get(language.English), get(language.French)
	if note := regexp.MustCompile(`[a-z]{3,}`); en.RFC == "" || (en.RFC == fr.RFC) != (note.FindString(noDrafts(en.RFC)) == "") {
		t.Errorf("%v %s: RFC %q, %q", f, name, en.RFC, fr.RFC)
	}
	if number := regexp.MustCompile(`\d+`); !slices.Equal(number.FindAllString(en.RFC, -1), number.FindAllString(fr.RFC, -1)) {
		t.Errorf("%v %s: RFC %q, %q", f, name, en.RFC, fr.RFC)
	}
	if en.Registry == "" || en.Registry != fr.Registry {
		t.Errorf("%v %s: the registry says %q, %q", f, name, en.Registry, fr.Registry)
	}
	for r := range strings.SplitSeq(en.RFC, "; ") {
		if !reference.MatchString(r) {
			t.Errorf("%v %s: %q is no reference", f, name, r)
		}
	}
	if (en.CodeName == "") != (fr.CodeName == "") || en.KnownCode != fr.KnownCode || en.Registered != fr.Registered {
		t.Errorf("%v %s: code %q, %q", f, name, en.CodeName, fr.CodeName)
	}
	pair := func(what, a, b string) {
		t.Helper()
		if a == "" || b == "" || a == b && !sameName[a] {
			t.Errorf("%v %s: %s: %q, %q", f, name, what, a, b)
		}
	}
	pair("name", en.Title(language.English), fr.Title(language.French))
	pair("means", en.Means, fr.Means)
	pair("from", en.Sender, fr.Sender)
	pair("security", en.Security, fr.Security)
	list := func(what string, a, b []string) {
		t.Helper()
		if len(a) == 0 || len(a) != len(b) {
			t.Errorf("%v %s: %s: %d in English, %d in French", f, name, what, len(a), len(b))
			return
		}
		for i := range a {
			if what != "check" || command.ReplaceAllString(a[i], "") != "" && !onlyCommands(a[i]) {
				pair(what, a[i], b[i])
			}
			if what == "check" && strings.Join(command.FindAllString(a[i], -1), " ") != strings.Join(command.FindAllString(b[i], -1), " ") {
				t.Errorf("%v %s: other commands:\n%s\n%s", f, name, a[i], b[i])
			}
			for _, h := range hole.FindAllString(a[i]+b[i], -1) {
				if h != "{target}" && h != "{who}" {
					t.Errorf("%v %s: %s is no hole", f, name, h)
				}
			}
		}
	}
	list("cause", en.Causes, fr.Causes)
	list("check", en.Checks, fr.Checks)
}

// noDrafts takes the names of drafts out of references: they are in no language.
func noDrafts(s string) string { return regexp.MustCompile(`draft-\S+`).ReplaceAllString(s, "") }

func onlyCommands(s string) bool {
	return strings.Trim(command.ReplaceAllString(s, ""), " .,;") == ""
}

// TestNumbers: every heading is a number of the registry, or is known to be
// outside it.
func TestNumbers(t *testing.T) {
	outside := map[string]bool{"30/0": true, "30/1": true}
	for _, f := range []catalogue.Family{catalogue.ICMPv4, catalogue.ICMPv6} {
		known := map[string]bool{}
		for _, typ := range table(t, f).Types {
			if typ.Status == "" || typ.Status == registry.Deprecated {
				known[strconv.Itoa(int(typ.First))] = true
			}
			for _, c := range typ.Codes {
				known[strconv.Itoa(int(typ.First))+"/"+strconv.Itoa(int(c.Value))] = true
			}
		}
		var first []string
		for _, l := range []string{"en", "fr"} {
			name := "text/icmp" + strconv.Itoa(int(f)) + "." + l + ".md"
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			b, err := catalogue.Read(string(text))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, k := range b.Keys() {
				if !known[k] && !outside[k] && k != "unassigned" && k != "reserved" && k != "code" {
					t.Errorf("%s: %s is not in the registry", name, k)
				}
			}
			if first == nil {
				first = b.Keys()
			}
			if strings.Join(first, " ") != strings.Join(b.Keys(), " ") {
				t.Errorf("%s: other headings, or another order, than in English", name)
			}
			if l == "fr" && strings.Contains(string(text), "- rfc:") {
				t.Errorf("%s: the references stand in the English file", name)
			}
		}
	}
}

// TestUnknown: what the registry does not know is explained as that.
func TestUnknown(t *testing.T) {
	for _, tt := range []struct {
		kind              catalogue.Kind
		name, code        string
		registered, known bool
	}{
		{catalogue.Kind{Family: 4, Type: 1}, "Unassigned type", "", false, true},
		{catalogue.Kind{Family: 4, Type: 1, Code: 7}, "Unassigned type", "", false, true},
		{catalogue.Kind{Family: 4, Type: 19}, "Reserved type", "", false, true},
		{catalogue.Kind{Family: 4, Type: 25}, "Reserved type", "", false, true},
		{catalogue.Kind{Family: 6, Type: 127}, "Reserved type", "", false, true},
		{catalogue.Kind{Family: 6, Type: 250}, "Unassigned type", "", false, true},
		{catalogue.Kind{Family: 4, Type: 3, Code: 16}, "Destination unreachable", "Unregistered code (16)", true, false},
		{catalogue.Kind{Family: 4, Type: 8, Code: 1}, "Echo request", "Unregistered code (1)", true, false},
		{catalogue.Kind{Family: 6, Type: 157, Code: 0x12}, "Duplicate address request", "EDAR message with 128-bit ROVR", true, true},
		{catalogue.Kind{Family: 6, Type: 155, Code: 0x81}, "RPL control message", "", true, true},
	} {
		got := catalogue.Of(tt.kind, language.German)
		if got.Name != tt.name || got.CodeName != tt.code || got.Registered != tt.registered || got.KnownCode != tt.known {
			t.Errorf("%v: %+v", tt.kind, got)
		}
	}
	a := catalogue.Of(catalogue.Kind{Family: 4, Type: 3, Code: 99}, language.English)
	b := catalogue.OfType(4, 3, language.English)
	if len(a.Causes) != len(b.Causes)+1 || !strings.HasPrefix(a.Means, b.Means+" ") {
		t.Errorf("an unknown code of a known type: %q, %q", a.Means, a.Causes)
	}
}

// TestRead: each rule of the form, broken.
func TestRead(t *testing.T) {
	const whole = "- means: a\n- from: b\n- cause: c\n- check: d\n- security: e\n"
	for _, tt := range []struct{ text, want string }{
		{"## 3 N\n" + whole, ""},
		{"# T\n\n## 3 N\n- rfc: R\n- alias: x, y\n" + whole + "### 3/1 M\n- means: a\n- cause: c\n- cause: d\n", ""},
		{"## 3\n", `line 1: "3" has no name`},
		{"## 256 N\n", `line 1: "256" is no number of a type or code`},
		{"## 03 N\n", `line 1: "03" is no number of a type or code`},
		{"## 3/1 N\n", `line 1: "3/1": a type has two signs, a code has three`},
		{"### 3 N\n", `line 1: "3": a type has two signs, a code has three`},
		{"## 3 N\n" + whole + "### 4/1 M\n", "line 7: code 4/1 does not stand below its type"},
		{"## 3 N\n" + whole + "## 3 N\n", "line 7: 3 stands twice"},
		{"- means: a\n", `line 1: "- means: a" is neither a heading nor one of its lines`},
		{"## 3 N\ntext\n", `line 2: "text" is neither a heading nor one of its lines`},
		{"## 3 N\n- mean: a\n", `line 2: "mean" is none of rfc, alias, means, from, cause, check, security`},
		{"## 3 N\n- means:\n", `line 2: "means:" is none of rfc, alias, means, from, cause, check, security`},
		{"## 3 N\n- means: \n", "line 2: means: no text, or spaces around it"},
		{"## 3 N\n- means: a \n", "line 2: means: no text, or spaces around it"},
		{"## 3 N\n- means: a\n- means: b\n", "line 3: means stands twice or too late: the order is rfc, alias, means, from, cause, check, security"},
		{"## 3 N\n- from: a\n- means: b\n", "line 3: means stands twice or too late: the order is rfc, alias, means, from, cause, check, security"},
		{"## 3 N\n- means: a\n", "3 ends without its means and cause"},
		{"## 3 N\n- means: a\n- cause: b\n", "3 ends without its from, check and security"},
		{"## 3 N\n- means: a\n- cause: b\n## 4 M\n", "line 4: 3 ends without its from, check and security"},
		{"## code N\n- means: a\n- cause: b\n", ""},
	} {
		_, err := catalogue.Read(tt.text)
		if got := errText(err); got != tt.want {
			t.Errorf("%q:\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
