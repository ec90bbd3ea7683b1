package registry

import (
	"bytes"
	"fmt"
	"go/format"
	"strings"
)

// Generate returns the Go file that holds t, for the package of that name. The
// package must declare the types Type and Code (uint8) and Kind (Type, Code).
func Generate(pkg string, t *Table) ([]byte, error) {
	g := &generator{Table: t}
	g.printf("// Code generated from registry.csv; DO NOT EDIT.\n\npackage %s\n\nimport \"iter\"\n\n", pkg)
	g.printf("// RegistryDate is the day whose state of the IANA registry this package has:\n"+
		"// %s.\nconst RegistryDate = %q\n\n", t.Title, t.Date)
	g.constants()
	g.typeNames()
	g.codeNames()
	g.references()
	g.kinds()
	return format.Source(g.Bytes())
}

type generator struct {
	*Table
	bytes.Buffer
}

func (g *generator) printf(format string, args ...any) { fmt.Fprintf(&g.Buffer, format, args...) }

// comment describes an entry behind its constant.
func (e *Entry) comment() string {
	s := e.Name
	if e.Status != "" {
		s += ", " + e.Status
	}
	if len(e.Reference) > 0 {
		s += " (" + e.cited() + ")"
	}
	return s
}

// cited returns the references as people write them: "RFC 792, RFC 6633".
func (e *Entry) cited() string {
	var refs []string
	for _, r := range e.Reference {
		if n, ok := strings.CutPrefix(r, "RFC"); ok && n != "" && n[0] >= '0' && n[0] <= '9' {
			r = "RFC " + n
		}
		refs = append(refs, strings.ReplaceAll(r, "_", " "))
	}
	return strings.Join(refs, ", ")
}

func (g *generator) constants() {
	g.printf("// The registered types.\nconst (\n")
	for _, t := range g.Types {
		if t.Constant != "" {
			g.printf("%s Type = %d // %s\n", t.Constant, t.First, t.comment())
		}
	}
	g.printf(")\n\n")
	for _, t := range g.Types {
		var lines strings.Builder
		for _, c := range t.Codes {
			if c.Constant != "" {
				fmt.Fprintf(&lines, "%s Code = %d // %s\n", c.Constant, c.Value, c.comment())
			}
		}
		if lines.Len() > 0 {
			g.printf("// The codes of %s.\nconst (\n%s)\n\n", t.Constant, lines.String())
		}
	}
}

func (g *generator) typeNames() {
	g.printf("var typeNames = [256]string{\n")
	var deprecated []string
	for _, t := range g.Types {
		for n := int(t.First); n <= int(t.Last); n++ {
			if t.Status != Unassigned {
				g.printf("%d: %q,\n", n, t.Name)
			}
			if t.Status == Deprecated {
				deprecated = append(deprecated, fmt.Sprint(n))
			}
		}
	}
	g.printf("}\n\n// String returns the registry's name of the type; %q, or \"Reserved\" and\n"+
		"// what for, where no message is registered.\n"+
		"func (t Type) String() string {\nif s := typeNames[t]; s != \"\" {\nreturn s\n}\nreturn %q\n}\n\n",
		unassignedName, unassignedName)
	g.printf("// Deprecated reports whether the registry marks the type as deprecated.\n" +
		"func (t Type) Deprecated() bool {\n")
	if len(deprecated) > 0 {
		g.printf("switch t {\ncase %s:\nreturn true\n}\n", strings.Join(deprecated, ", "))
	}
	g.printf("return false\n}\n\n")
}

func (g *generator) codeNames() {
	g.printf("var codeNames = [256][]string{\n")
	for _, t := range g.Types {
		var lines strings.Builder
		for _, c := range t.Codes {
			if c.Name != "" {
				fmt.Fprintf(&lines, "%d: %q,\n", c.Value, c.Name)
			}
		}
		switch {
		case lines.Len() == 0:
		case len(t.Codes) == 1:
			g.printf("%d: {%s},\n", t.First, strings.TrimSuffix(lines.String(), ",\n"))
		default:
			g.printf("%d: {\n%s},\n", t.First, lines.String())
		}
	}
	g.printf("}\n\n// CodeName returns the registry's name of the code under its type, empty where\n" +
		"// it has none.\nfunc (k Kind) CodeName() string {\n" +
		"if names := codeNames[k.Type]; int(k.Code) < len(names) {\nreturn names[k.Code]\n}\nreturn \"\"\n}\n\n")
}

// references puts types with the same reference into one case.
func (g *generator) references() {
	var order []string
	cases := map[string][]string{}
	for _, t := range g.Types {
		r := t.cited()
		if r == "" {
			continue
		}
		if cases[r] == nil {
			order = append(order, r)
		}
		for n := int(t.First); n <= int(t.Last); n++ {
			cases[r] = append(cases[r], fmt.Sprint(n))
		}
	}
	g.printf("// Reference returns where the type is defined, as the registry has it: the RFCs\n" +
		"// (\"RFC 792, RFC 6633\"), or the name of a person; empty where it has none.\n" +
		"func (t Type) Reference() string {\nswitch t {\n")
	for _, r := range order {
		g.printf("case %s:\nreturn %q\n", strings.Join(cases[r], ", "), r)
	}
	g.printf("}\nreturn \"\"\n}\n\n")
}

func (g *generator) kinds() {
	g.printf("var kinds = [...]Kind{\n")
	for _, t := range g.Types {
		if t.Status == Reserved || t.Status == Unassigned {
			continue
		}
		for _, c := range t.Codes {
			g.printf("{%d, %d}, ", t.First, c.Value)
		}
		if len(t.Codes) == 0 {
			g.printf("{%d, 0}, ", t.First)
		}
		g.printf("\n")
	}
	g.printf("}\n\n// Kinds yields every registered type with each of its registered codes, in\n" +
		"// rising order; a type without registered codes comes once, with code 0.\n" +
		"// Reserved and unassigned types are left out.\n" +
		"func Kinds() iter.Seq[Kind] {\nreturn func(yield func(Kind) bool) {\n" +
		"for _, k := range kinds {\nif !yield(k) {\nreturn\n}\n}\n}\n}\n")
}
