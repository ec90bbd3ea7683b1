package sonde_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A line of the house: packages of one height.
type line struct {
	floor    int  // of ARCHITECTURE.md; 0: beside the house
	pure     bool // no operating system, no clock, no chance, no goroutine
	packages []string
}

// Sizes in lines, tests and generated files aside.
const (
	maxFile = 400
	// Of a package only lines of code count: nobody is to save on comments, and
	// a sealed interface keeps all its types in one package.
	maxPackage = 1500
)

// roomier are packages that may have more lines, each with its reason.
var roomier = map[string]int{
	// The node: one state machine whose rules all look at one datagram. What
	// can be said without the others is in packages below it; to cut the rest
	// would hide the datagram's way through them.
	"stack": 2100,
}

// What a pure package may not import, and what these packages have that it may
// not use. An import that ends in / stands for all below it.
var (
	impureImports = []string{
		"C", "context", "crypto/rand", "log", "net", "net/", "os", "os/", "plugin",
		"runtime", "runtime/", "sync", "sync/", "syscall", "testing", "testing/",
	}
	pureExceptions = []string{"net/netip", "golang.org/x/sys/cpu"}
	impureTime     = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Local", "LoadLocation"}
	pureRandom     = []string{"New", "NewSource", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "Source64", "PCG", "ChaCha8", "Zipf"}
)

type inspector struct {
	module string
	house  []line
	fset   *token.FileSet
	sizes  map[string]int
	faults []string
}

// inspect holds the Go files of fsys, the root of the module with that path,
// to the house, and returns what is wrong, a line each.
func inspect(fsys fs.FS, module string, house []line) ([]string, error) {
	in := &inspector{module: module, house: house, fset: token.NewFileSet(), sizes: map[string]int{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && skipped(fsys, name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		return in.file(name, text)
	})
	for dir, n := range in.sizes {
		if limit := max(maxPackage, roomier[dir]); n > limit {
			in.faults = append(in.faults, fmt.Sprintf("%s: %d lines of code, over %d: make it several packages", dir, n, limit))
		}
	}
	slices.Sort(in.faults)
	return slices.Compact(in.faults), err
}

// skipped reports whether the go command would not look into a directory.
func skipped(fsys fs.FS, name string) bool {
	base := path.Base(name)
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := fs.Stat(fsys, path.Join(name, "go.mod"))
	return err == nil
}

func (in *inspector) fault(pos token.Pos, format string, args ...any) {
	p := in.fset.Position(pos)
	in.faults = append(in.faults, fmt.Sprintf("%s:%d: %s", p.Filename, p.Line, fmt.Sprintf(format, args...)))
}

func (in *inspector) file(name string, text []byte) error {
	f, err := parser.ParseFile(in.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if ignored(f) {
		return nil
	}
	dir, test := path.Dir(name), strings.HasSuffix(name, "_test.go")
	at := in.find(dir)
	if at < 0 && !(dir == "." && test) {
		in.fault(f.Package, "package %s is not in the house (arch_test.go)", dir)
		return nil
	}
	if !test && !ast.IsGenerated(f) {
		if n := bytes.Count(text, []byte("\n")); n > maxFile {
			in.fault(f.Package, "%d lines, over %d: make it several files", n, maxFile)
		}
		for l := range bytes.Lines(text) {
			if l = bytes.TrimSpace(l); len(l) > 0 && !bytes.HasPrefix(l, []byte("//")) {
				in.sizes[dir]++
			}
		}
	}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		if below, ok := strings.CutPrefix(imported, in.module+"/"); ok && dir != "." {
			in.imports(spec, at, dir, below, test)
		}
	}
	if !test && at >= 0 && in.house[at].pure {
		in.purity(f)
	}
	return nil
}

// ignored reports whether the file is a program of its own, outside the package.
func ignored(f *ast.File) bool {
	for _, c := range f.Comments {
		if c.Pos() < f.Package && strings.TrimSpace(c.List[0].Text) == "//go:build ignore" {
			return true
		}
	}
	return false
}

// find returns the index of the line that names the package, or -1.
func (in *inspector) find(dir string) int {
	return slices.IndexFunc(in.house, func(l line) bool {
		return slices.ContainsFunc(l.packages, func(p string) bool { return covers(p, dir) })
	})
}

func covers(pattern, dir string) bool {
	tree, ok := strings.CutSuffix(pattern, "/...")
	return dir == tree || ok && strings.HasPrefix(dir, tree+"/") || dir == pattern
}

// imports checks that package dir, in line at, may import the package below.
func (in *inspector) imports(spec *ast.ImportSpec, at int, dir, below string, test bool) {
	to := in.find(below)
	switch {
	case to < 0:
		in.fault(spec.Pos(), "%s imports %s, which is not in the house (arch_test.go)", dir, below)
	case below == dir: // an external test
	case slices.ContainsFunc(in.house[at].packages, func(p string) bool { return covers(p, dir) && covers(p, below) }):
		// its own tree
	case in.house[to].floor == 0:
		if !test && in.house[at].floor != 0 {
			in.fault(spec.Pos(), "%s imports %s: only tests may", dir, below)
		}
	case in.house[at].floor == 0:
		if in.house[to].floor > 1 && !test {
			in.fault(spec.Pos(), "%s imports %s: beside the house, only floor 1 is known", dir, below)
		}
	case test && in.house[to].floor <= in.house[at].floor: // tests may look sideways
	case to >= at:
		in.fault(spec.Pos(), "%s imports %s: imports go down only", dir, below)
	}
}

// purity checks that a file touches nothing that its caller does not hand in.
func (in *inspector) purity(f *ast.File) {
	names := map[string]string{} // what the file calls an import → its path
	for _, spec := range f.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		switch {
		case slices.Contains(pureExceptions, p):
		case slices.ContainsFunc(impureImports, func(not string) bool {
			return p == not || strings.HasSuffix(not, "/") && strings.HasPrefix(p, not)
		}):
			in.fault(spec.Pos(), "a pure package imports %s", p)
		case strings.Contains(strings.Split(p, "/")[0], ".") && !strings.HasPrefix(p, in.module):
			in.fault(spec.Pos(), "a pure package imports %s, from outside the standard library", p)
		}
		switch p {
		case "time", "math/rand", "math/rand/v2":
			name := path.Base(strings.TrimSuffix(p, "/v2"))
			if spec.Name != nil {
				name = spec.Name.Name
			}
			if name == "." {
				in.fault(spec.Pos(), "a pure package imports %s without its name", p)
			}
			names[name] = p
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			in.fault(n.Pos(), "a pure package starts a goroutine")
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if !ok {
				break
			}
			switch p := names[x.Name]; {
			case p == "time" && slices.Contains(impureTime, n.Sel.Name):
				in.fault(n.Pos(), "a pure package reads the clock: time.%s", n.Sel.Name)
			case strings.HasPrefix(p, "math/rand") && !slices.Contains(pureRandom, n.Sel.Name):
				in.fault(n.Pos(), "a pure package takes from the global random source: rand.%s", n.Sel.Name)
			}
		}
		return true
	})
}
