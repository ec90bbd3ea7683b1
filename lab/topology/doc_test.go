package topology_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/lab/topology"
)

// headings are the parts of docs/topology.md that are not called like their
// type.
var headings = map[string]string{"Topology": "The file", "Assembly": "Reassembly", "Rate": "Bucket"}

// TestDocs holds docs/topology.md to the keys that there are: each key in its
// table, with its bounds and its words, and no other.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/topology.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| ([^|]*) \\| ?(.*) ?\\|$")
	tables := map[string]map[string]string{}
	for _, part := range strings.Split(string(text), "\n## ")[1:] {
		name, body, _ := strings.Cut(part, "\n")
		rows := map[string]string{}
		for _, m := range row.FindAllStringSubmatch(body, -1) {
			if rows[m[1]] != "" {
				t.Errorf("%s: %s is there twice", name, m[1])
			}
			rows[m[1]] = m[2] + "|" + m[3]
		}
		if len(rows) > 0 {
			tables[name] = rows
		}
	}
	for part, keys := range topology.Schema() {
		name := headings[part]
		if name == "" {
			name = part
		}
		for _, k := range keys {
			line, ok := tables[name][k.Name]
			if !ok {
				t.Errorf("%s: %s is not documented", name, k.Name)
				continue
			}
			value, _, _ := strings.Cut(line, "|")
			if k.One != "" && value != strings.ReplaceAll(k.One, ",", ", ") {
				t.Errorf("%s: %s has the words %q, documented is %q", name, k.Name, k.One, value)
			}
			for _, b := range []string{k.Min, k.Max} {
				if b != "" && !strings.Contains(value, b) {
					t.Errorf("%s: %s has a limit of %s, documented is %q", name, k.Name, b, value)
				}
			}
			delete(tables[name], k.Name)
		}
		for k := range tables[name] {
			t.Errorf("%s: %s is documented, and no key", name, k)
		}
		delete(tables, name)
	}
	for name := range tables {
		t.Errorf("part %q is documented, and no part", name)
	}
}

// TestDocsExample: the file that the page begins with is one.
func TestDocsExample(t *testing.T) {
	text, err := os.ReadFile("../../docs/topology.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("there is no example")
	}
	top, err := topology.Parse("example", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if len(top.Links) != 2 || len(top.Nodes) != 3 || len(top.Steps) != 1 {
		t.Errorf("%+v", top)
	}
}
