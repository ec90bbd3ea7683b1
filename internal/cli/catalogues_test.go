package cli_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// trees are where words stand.
var trees = []string{".", "../../diagnose", "../../explain", "../../guard", "../../lab"}

// elsewhere are the commands whose words stand in packages of their own.
var elsewhere = map[string]string{
	".":        "../../lab/narration",
	"diagnose": "../../diagnose/words",
	"explain":  "../../explain/words",
	"mtr":      "mtr/screen",
}

// alike are the words that are right in both languages.
var alike = []string{
	"Ethernet", "EtherType", "IPv", "ICMPv", "MTU", "mtu", "ttl", "RFC", "TCP", "UDP", "SYN", "ACK", "RST", "PROBE", "RTT",
	"Ports", "dispersion", "fragments", "extension", "identification", "option", "min", "max", "standard", "traceroute", "services",
	"information", "Verdict", "destination", "source", "silence", "octet", "octets", "ping", "seq",
}

// words are those of a text: what is shorter than three letters is a key, a unit, or
// an abbreviation.
var words = regexp.MustCompile(`\pL{3,}`)

var verbs = regexp.MustCompile(`%([-+#0-9.*]*)(\[\d+\])?([a-zA-Z%])`)

// TestCatalogues has every text that a command says in English in French too: each
// table of words has its other half, each text in it is there, takes the same
// values in the same order, and is not the English one.
func TestCatalogues(t *testing.T) {
	with := map[string]bool{} // directories that have words in both languages
	texts := 0
	asked := map[string]bool{} // directories with a flag --lang
	for _, tree := range trees {
		err := filepath.WalkDir(tree, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return fs.SkipDir
			case !d.IsDir():
				return nil
			}
			n, flag := directory(t, path)
			texts += n
			with[path] = n > 0
			asked[path] = flag
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for dir, flag := range asked {
		if other, ok := elsewhere[dir]; ok {
			dir = other
		}
		if flag && !with[dir] {
			t.Errorf("%s has the flag --lang, and no words in French", dir)
		}
	}
	if texts < 900 {
		t.Errorf("%d texts were compared", texts)
	}
	t.Logf("%d texts", texts)
}

// directory compares the tables of words of a package. It returns how many texts
// they have, and whether the package has a flag --lang.
func directory(t *testing.T, dir string) (texts int, flag bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	halves := map[string]ast.Expr{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				flag = flag || ok && n.Sel.Name == "Flag" && slices.Contains([]string{"flag", "lang", "language", "own", "cli"}, x.Name)
			case *ast.ValueSpec:
				for i, v := range n.Values {
					if id := n.Names[i].Name; id == "english" || id == "french" {
						halves[id] = literal(v)
					}
				}
			case *ast.FuncDecl:
				if id := n.Name.Name; n.Recv == nil && n.Body != nil && (id == "english" || id == "french") {
					halves[id] = literal(n.Body)
				}
			case *ast.CompositeLit:
				texts += pairs(t, dir, n)
			}
			return true
		})
	}
	en, fr := halves["english"], halves["french"]
	if en == nil {
		return texts, flag // a table that is by the English texts has a test of its own
	}
	if fr == nil {
		t.Errorf("%s: words in English, and none in French", dir)
		return texts, flag
	}
	return texts + compare(t, dir, en, fr), flag
}

// literal is the value of a table, which may be made when it is asked for.
func literal(v ast.Node) (out ast.Expr) {
	ast.Inspect(v, func(n ast.Node) bool {
		if c, ok := n.(*ast.CompositeLit); ok && out == nil {
			out = c
		}
		return out == nil
	})
	return out
}

// pairs compares the texts of a table whose values are both languages: two texts,
// behind a key where the table is a list of sentences.
func pairs(t *testing.T, dir string, c *ast.CompositeLit) (texts int) {
	t.Helper()
	var value ast.Expr
	switch typ := c.Type.(type) {
	case *ast.MapType:
		value = typ.Value
	case *ast.ArrayType:
		value = typ.Elt
	}
	first := 0
	switch v := value.(type) {
	case *ast.StructType:
		if f := v.Fields.List; len(f) != 1 || len(f[0].Names) != 2 || f[0].Names[0].Name != "en" || f[0].Names[1].Name != "fr" {
			return 0
		}
	case *ast.ArrayType:
		if n, ok := v.Len.(*ast.BasicLit); !ok || n.Value != "2" || filepath.Base(dir) != "explain" {
			return 0
		}
	case *ast.Ident:
		if v.Name == "sentence" {
			first = 1
		} else if v.Name != "phrase" {
			return 0
		}
	default:
		return 0
	}
	for _, e := range c.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		both, ok := e.(*ast.CompositeLit)
		if !ok || len(both.Elts) != first+2 {
			t.Errorf("%s: a pair that is none", dir)
			continue
		}
		texts += compare(t, dir, both.Elts[first], both.Elts[first+1])
	}
	return texts
}

// compare compares what stands at the same place of both halves.
func compare(t *testing.T, where string, en, fr ast.Expr) (texts int) {
	t.Helper()
	switch en := en.(type) {
	case *ast.BasicLit:
		f, ok := fr.(*ast.BasicLit)
		if !ok || en.Kind != f.Kind {
			t.Errorf("%s: %s is something else in French", where, en.Value)
			return 0
		}
		if en.Kind == token.STRING {
			text(t, where, en.Value, f.Value)
			return 1
		}
	case *ast.CompositeLit:
		f, ok := fr.(*ast.CompositeLit)
		if !ok {
			t.Errorf("%s: no such table in French", where)
			return 0
		}
		a, b := elements(en), elements(f)
		for k, v := range a {
			at := where + ": " + k
			switch {
			case b[k] != nil:
				texts += compare(t, at, v, b[k])
			case !empty(v):
				t.Errorf("%s: nothing in French", at)
			}
		}
		for k, v := range b {
			if a[k] == nil && !empty(v) {
				t.Errorf("%s: %s: nothing in English", where, k)
			}
		}
	}
	return texts
}

// elements are the values of a literal by their keys, or else by their places.
func elements(c *ast.CompositeLit) map[string]ast.Expr {
	out := map[string]ast.Expr{}
	for i, e := range c.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			out[key(kv.Key)] = kv.Value
		} else {
			out[strconv.Itoa(i)] = e
		}
	}
	return out
}

func key(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.BasicLit:
		return e.Value
	case *ast.SelectorExpr:
		return key(e.X) + "." + e.Sel.Name
	}
	return fmt.Sprintf("%T", e)
}

func empty(e ast.Expr) bool {
	b, ok := e.(*ast.BasicLit)
	return ok && (b.Value == `""` || b.Value == "0")
}

// text compares two texts.
func text(t *testing.T, where, english, french string) {
	t.Helper()
	en, err := strconv.Unquote(english)
	if err != nil {
		t.Fatal(err)
	}
	fr, err := strconv.Unquote(french)
	if err != nil {
		t.Fatal(err)
	}
	own := slices.ContainsFunc(words.FindAllString(verbs.ReplaceAllString(en, ""), -1), func(w string) bool { return !slices.Contains(alike, w) })
	switch {
	case fr == "" && !own: // in a list of sentences French is left out where it is the same
	case en == "": // French has a word more
	case fr == "":
		t.Errorf("%s: %q is nothing in French", where, en)
	case en == fr && own:
		t.Errorf("%s: %q is not French", where, fr)
	case values(en) != values(fr):
		t.Errorf("%s: %q and %q take other values", where, en, fr)
	}
}

// values are what a text takes, in its order; where the text has numbers for them,
// in theirs.
func values(s string) string {
	var all []string
	for _, m := range verbs.FindAllStringSubmatch(s, -1) {
		if m[3] != "%" {
			all = append(all, m[2]+m[3])
		}
	}
	if strings.Contains(s, "%[") {
		slices.Sort(all)
	}
	return strings.Join(all, " ")
}
