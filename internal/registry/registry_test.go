package registry_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/registry"
)

// The packages whose names are generated.
var packages = []string{"icmp4", "icmp6"}

func load(t *testing.T, pkg string) (dir string, table *registry.Table) {
	t.Helper()
	dir = filepath.Join("..", "..", "wire", pkg)
	text, err := os.ReadFile(filepath.Join(dir, "registry.csv"))
	if err != nil {
		t.Fatal(err)
	}
	table, err = registry.Parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", pkg, err)
	}
	return dir, table
}

func TestGeneratedFilesAreFresh(t *testing.T) {
	for _, pkg := range packages {
		dir, table := load(t, pkg)
		want, err := registry.Generate(pkg, table)
		if err != nil {
			t.Fatalf("%s: %v", pkg, err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "registry_gen.go"))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s/registry_gen.go is stale: run go generate ./wire/%s", dir, pkg)
		}
	}
}

// head makes a table of lines: a title, the columns, and types 0 to 255 out of
// the lines and what is missing behind them.
func head(lines ...string) string {
	return "# A Registry, 2001-02-03\n# more\ntype,code,constant,name,reference,status\n" + strings.Join(lines, "\n") + "\n"
}

const rest = "2-255,,,Unassigned,,unassigned"

func TestParse(t *testing.T) {
	got, err := registry.Parse(head(
		`0,,TypeA,"A, and more",RFC1 Some_Body,deprecated`,
		"0,3,CodeB,B,,",
		"0,255,,,RFC2,",
		"1,,,Reserved,,reserved",
		rest))
	if err != nil {
		t.Fatal(err)
	}
	want := &registry.Table{
		Title: "A Registry", Date: "2001-02-03",
		Types: []registry.Type{
			{First: 0, Last: 0, Entry: registry.Entry{
				Constant: "TypeA", Name: "A, and more", Reference: []string{"RFC1", "Some_Body"}, Status: registry.Deprecated,
			}, Codes: []registry.Code{
				{Value: 3, Entry: registry.Entry{Constant: "CodeB", Name: "B", Reference: []string{}}},
				{Value: 255, Entry: registry.Entry{Reference: []string{"RFC2"}}},
			}},
			{First: 1, Last: 1, Entry: registry.Entry{Name: "Reserved", Reference: []string{}, Status: registry.Reserved}},
			{First: 2, Last: 255, Entry: registry.Entry{Name: "Unassigned", Reference: []string{}, Status: registry.Unassigned}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no title", "type,code\n", "line 1"},
		{"no date", "# Title\ntype,code\n", "line 1"},
		{"title not first", "\n" + head(rest), "line 1"},
		{"no columns", "# A Registry, 2001-02-03\n", "columns"},
		{"other columns", "# A Registry, 2001-02-03\na,b\n", "columns"},
		{"field missing", head("0,,TypeA,A,"), "wrong number of fields"},
		{"not whole", head("0,,TypeA,A,,"), "type 1 is missing"},
		{"one short", head("0,,TypeA,A,,", "1-254,,,Unassigned,,unassigned"), "type 255 is missing"},
		{"empty", head(), "type 0 is missing"},
		{"gap", head("0,,TypeA,A,,", rest), "type 1 is next"},
		{"twice", head("0,,TypeA,A,,", "0,,TypeB,B,,"), "type 1 is next"},
		{"backward range", head("0-5,,,A,,", "6-5,,,B,,"), "where type 6 is next"},
		{"type not a number", head("x,,TypeA,A,,"), "invalid syntax"},
		{"range not a number", head("0-x,,,A,,"), "invalid syntax"},
		{"type over 255", head("0-256,,,A,,"), "out of range"},
		{"no name", head("0,,TypeA,,,"), "without a name"},
		{"range with constant", head("0-1,,TypeA,A,,"), "range with a constant"},
		{"unassigned by status alone", head("0-255,,,Free,,unassigned"), "alone"},
		{"unassigned by name alone", head("0-255,,,Unassigned,,"), "alone"},
		{"status", head("0,,TypeA,A,,obsolete"), `unknown status "obsolete"`},
		{"type constant of a code", head("0,,CodeA,A,,"), "no name for a type"},
		{"code constant of a type", head("0,,TypeA,A,,", "0,0,TypeB,B,,"), "no name for a code"},
		{"constant not Go", head("0,,TypeA-B,A,,"), "no name for a type"},
		{"constant twice", head("0,,TypeA,A,,", "1,,TypeA,B,,"), "stands twice"},
		{"code first", head("0,0,CodeA,A,,"), "before the first type"},
		{"code elsewhere", head("0,,TypeA,A,,", "1,0,CodeA,A,,"), "under its type"},
		{"code of a range", head("0-1,,,A,,", "0,0,CodeA,A,,"), "under its type"},
		{"code not a number", head("0,,TypeA,A,,", "0,x,CodeA,A,,"), "invalid syntax"},
		{"code over 255", head("0,,TypeA,A,,", "0,256,CodeA,A,,"), "out of range"},
		{"code twice", head("0,,TypeA,A,,", "0,1,CodeA,A,,", "0,1,CodeB,B,,"), "out of order"},
		{"code backward", head("0,,TypeA,A,,", "0,1,CodeA,A,,", "0,0,CodeB,B,,"), "out of order"},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, err := registry.Parse(c.text)
			if err == nil || table != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v; want an error with %q", table, err, c.want)
			}
		})
	}
}

func TestParseErrorShowsTheLine(t *testing.T) {
	_, err := registry.Parse(head("0,,TypeA,A,,", "0,0,CodeA,A,RFC1,wrong"))
	if want := "0,0,CodeA,A,RFC1,wrong: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want it to begin with %q", err, want)
	}
}

func TestGenerate(t *testing.T) {
	table, err := registry.Parse(head(
		"0,,TypeA,A,RFC1 RFCx Some_Body,deprecated",
		"0,0,,No Code,,",
		"1,,TypeB,B,RFC1,",
		"1,2,CodeTwo,Two,RFC7,deprecated",
		"1,16,,,,",
		"2,,TypeC,C,,",
		"2,0,,,,",
		"3,,TypeD,D,RFC1,",
		"4-5,,,Reserved,RFC1,reserved",
		"6-255,,,Unassigned,,unassigned"))
	if err != nil {
		t.Fatal(err)
	}
	src, err := registry.Generate("p", table)
	if err != nil {
		t.Fatal(err)
	}
	got := string(src)
	for _, want := range []string{
		"// Code generated from registry.csv; DO NOT EDIT.\n\npackage p\n",
		"// A Registry.\nconst RegistryDate = \"2001-02-03\"\n",
		"\tTypeA Type = 0 // A, deprecated (RFC 1, RFCx, Some Body)\n\tTypeB Type = 1 // B (RFC 1)\n\tTypeC Type = 2 // C\n",
		"// The codes of TypeB.\nconst (\n\tCodeTwo Code = 2 // Two, deprecated (RFC 7)\n)\n",
		"\t0: \"A\",\n\t1: \"B\",\n\t2: \"C\",\n\t3: \"D\",\n\t4: \"Reserved\",\n\t5: \"Reserved\",\n}\n",
		"\tswitch t {\n\tcase 0:\n\t\treturn true\n",
		"\t0: {0: \"No Code\"},\n\t1: {\n\t\t2: \"Two\",\n\t},\n}\n",
		"\tcase 0:\n\t\treturn \"RFC 1, RFCx, Some Body\"\n\tcase 1, 3, 4, 5:\n\t\treturn \"RFC 1\"\n\t}\n\treturn \"\"\n",
		"= [...]Kind{\n\t{0, 0},\n\t{1, 2}, {1, 16},\n\t{2, 0},\n\t{3, 0},\n}\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, not := range []string{"The codes of TypeA", "The codes of TypeC", "\t6: "} {
		if strings.Contains(got, not) {
			t.Errorf("%q in\n%s", not, got)
		}
	}
}

func TestGenerateWithoutDeprecated(t *testing.T) {
	table, err := registry.Parse(head("0-1,,,A,,", rest))
	if err != nil {
		t.Fatal(err)
	}
	src, err := registry.Generate("p", table)
	if err != nil {
		t.Fatal(err)
	}
	if want := "func (t Type) Deprecated() bool {\n\treturn false\n}\n"; !strings.Contains(string(src), want) {
		t.Errorf("no %q in\n%s", want, src)
	}
}

func TestGenerateBadPackage(t *testing.T) {
	if src, err := registry.Generate("not a name", &registry.Table{}); err == nil {
		t.Errorf("no error, and\n%s", src)
	}
}
