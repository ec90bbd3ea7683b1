package sonde_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// plan is a small house to plant faults in.
var plan = []line{
	{floor: 1, pure: true, packages: []string{"wire"}},
	{floor: 2, pure: true, packages: []string{"wire/a", "wire/b"}},
	{floor: 3, pure: true, packages: []string{"stack/...", "probe/..."}},
	{floor: 4, packages: []string{"drive"}},
	{packages: []string{"internal/wiretest"}},
	{packages: []string{"internal/conform/..."}},
}

// TestPlanted plants one file in an otherwise sound tree and looks for the
// fault, "" for none.
func TestPlanted(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"down", "wire/a/x.go", `package a; import _ "m/wire"`, ""},
		{"down two floors", "drive/x.go", `package drive; import _ "m/wire/a"`, ""},
		{"up", "wire/x.go", "package wire\nimport _ \"m/wire/a\"", "wire/x.go:2: wire imports wire/a: imports go down only"},
		{"up two floors", "wire/a/x.go", `package a; import _ "m/drive"`, "wire/a/x.go:1: wire/a imports drive: imports go down only"},
		{"up for another system", "wire/x_windows.go", `package wire; import _ "m/wire/a"`, "wire/x_windows.go:1: wire imports wire/a: imports go down only"},
		{"sideways", "wire/a/x.go", `package a; import _ "m/wire/b"`, "wire/a/x.go:1: wire/a imports wire/b: imports go down only"},
		{"sideways in a test", "wire/a/x_test.go", `package a_test; import _ "m/wire/b"`, ""},
		{"up in a test", "wire/a/x_test.go", `package a_test; import _ "m/stack"`, "wire/a/x_test.go:1: wire/a imports stack: imports go down only"},
		{"own package in a test", "wire/a/x_test.go", `package a_test; import _ "m/wire/a"`, ""},
		{"own tree, down", "stack/x.go", `package stack; import _ "m/stack/mib"`, ""},
		{"own tree, up", "stack/mib/x.go", `package mib; import _ "m/stack/report"`, ""},
		{"other tree of the line", "stack/mib/x.go", `package mib; import _ "m/probe"`, "stack/mib/x.go:1: stack/mib imports probe: imports go down only"},
		{"not in the house", "util/x.go", `package util`, "util/x.go:1: package util is not in the house (arch_test.go)"},
		{"test not in the house", "util/x_test.go", `package util`, "util/x_test.go:1: package util is not in the house (arch_test.go)"},
		{"below a package that is no tree", "wire/a/c/x.go", `package c`, "wire/a/c/x.go:1: package wire/a/c is not in the house (arch_test.go)"},
		{"import of what is not in the house", "wire/a/x.go", `package a; import _ "m/util"`, "wire/a/x.go:1: wire/a imports util, which is not in the house (arch_test.go)"},
		{"package at the root", "x.go", `package m`, "x.go:1: package . is not in the house (arch_test.go)"},
		{"test at the root", "x_test.go", `package m_test; import _ "m/drive"`, ""},
		{"test package in the product", "drive/x.go", `package drive; import _ "m/internal/wiretest"`, "drive/x.go:1: drive imports internal/wiretest: only tests may"},
		{"test package in a test", "wire/x_test.go", `package wire_test; import _ "m/internal/wiretest"`, ""},
		{"test package on the ground", "internal/wiretest/x.go", `package wiretest; import _ "m/wire"`, ""},
		{"test package on a message", "internal/wiretest/x.go", `package wiretest; import _ "m/wire/a"`, "internal/wiretest/x.go:1: internal/wiretest imports wire/a: beside the house, only floor 1 is known"},

		{"net/netip", "wire/x.go", `package wire; import _ "net/netip"`, ""},
		{"log/slog", "wire/x.go", `package wire; import _ "log/slog"`, ""},
		{"cpu features", "wire/x.go", `package wire; import _ "golang.org/x/sys/cpu"`, ""},
		{"net", "wire/x.go", `package wire; import _ "net"`, "wire/x.go:1: a pure package imports net"},
		{"net/http", "stack/x.go", `package stack; import _ "net/http"`, "stack/x.go:1: a pure package imports net/http"},
		{"os", "wire/a/x.go", `package a; import _ "os"`, "wire/a/x.go:1: a pure package imports os"},
		{"os/exec", "wire/a/x.go", `package a; import _ "os/exec"`, "wire/a/x.go:1: a pure package imports os/exec"},
		{"syscall", "probe/x.go", `package probe; import _ "syscall"`, "probe/x.go:1: a pure package imports syscall"},
		{"log", "wire/x.go", `package wire; import _ "log"`, "wire/x.go:1: a pure package imports log"},
		{"context", "stack/mib/x.go", `package mib; import _ "context"`, "stack/mib/x.go:1: a pure package imports context"},
		{"sync", "stack/x.go", `package stack; import _ "sync"`, "stack/x.go:1: a pure package imports sync"},
		{"sync/atomic", "stack/x.go", `package stack; import _ "sync/atomic"`, "stack/x.go:1: a pure package imports sync/atomic"},
		{"crypto/rand", "probe/x.go", `package probe; import _ "crypto/rand"`, "probe/x.go:1: a pure package imports crypto/rand"},
		{"cgo", "wire/x.go", `package wire; import "C"`, "wire/x.go:1: a pure package imports C"},
		{"from outside", "wire/x.go", `package wire; import _ "golang.org/x/net/icmp"`, "wire/x.go:1: a pure package imports golang.org/x/net/icmp, from outside the standard library"},
		{"impure in a test", "wire/x_test.go", `package wire_test; import ("os"; "time"); var _, _ = os.Args, time.Now()`, ""},
		{"impure on an edge", "drive/x.go", `package drive; import ("net"; "time"); var _, _ = net.IPv4zero, time.Now(); func f() { go f() }`, ""},

		{"times and durations", "stack/x.go", `package stack; import "time"; var _ = time.Unix(0, 0).Add(time.Second)`, ""},
		{"clock", "stack/x.go", "package stack\nimport \"time\"\n\nvar _ = time.Now()", "stack/x.go:4: a pure package reads the clock: time.Now"},
		{"clock handed on", "stack/x.go", `package stack; import "time"; var now = time.Now`, "stack/x.go:1: a pure package reads the clock: time.Now"},
		{"clock by another name", "stack/x.go", `package stack; import clock "time"; var _ = clock.NewTimer(0)`, "stack/x.go:1: a pure package reads the clock: time.NewTimer"},
		{"clock without a name", "stack/x.go", `package stack; import . "time"; var _ = Now()`, "stack/x.go:1: a pure package imports time without its name"},
		{"own generator", "probe/x.go", `package probe; import "math/rand/v2"; var r = rand.New(rand.NewPCG(1, 2)); var _ = r.IntN(3)`, ""},
		{"chance", "probe/x.go", `package probe; import "math/rand/v2"; var _ = rand.IntN(3)`, "probe/x.go:1: a pure package takes from the global random source: rand.IntN"},
		{"old chance", "probe/x.go", `package probe; import "math/rand"; var _ = rand.Intn(3)`, "probe/x.go:1: a pure package takes from the global random source: rand.Intn"},
		{"goroutine", "stack/x.go", `package stack; func f() { go f() }`, "stack/x.go:1: a pure package starts a goroutine"},

		{"long file", "wire/x.go", "package wire\n" + strings.Repeat("\n", maxFile-1), ""},
		{"too long a file", "wire/x.go", "package wire\n" + strings.Repeat("\n", maxFile), "wire/x.go:1: 401 lines, over 400: make it several files"},
		{"long test", "wire/x_test.go", "package wire\n" + strings.Repeat("\n", maxPackage), ""},
		{"long generated file", "wire/x.go", "// Code generated by x. DO NOT EDIT.\n\npackage wire\n" + strings.Repeat("\n", maxPackage), ""},
		{"program of its own", "wire/gen.go", "//go:build ignore\n\npackage main\nimport _ \"os\"", ""},
		{"test data", "wire/testdata/x.go", "package x\nimport _ \"os\"", ""},
		{"hidden", ".x/x.go", "package x", ""},
		{"module of its own", "bench/x.go", "package bench", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := fstest.MapFS{
				"wire/wire.go":       {Data: []byte("package wire")},
				"stack/mib/mib.go":   {Data: []byte("package mib")},
				"bench/go.mod":       {Data: []byte("module m/bench")},
				"wire/a/a.go":        {Data: []byte(`package a; import _ "m/wire"`)},
				"wire/a/a_test.go":   {Data: []byte(`package a_test; import _ "m/internal/conform"`)},
				"docs/text.md":       {Data: []byte("no Go")},
				"stack/stack.go":     {Data: []byte(`package stack; import _ "m/wire/a"`)},
				c.file:               {Data: []byte(c.text)},
				"probe/go/nested.go": {Data: []byte("package nested")},
			}
			got, err := inspect(tree, "m", plan)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{c.want}
			if c.want == "" {
				want = nil
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %q\nwant %q", got, want)
			}
		})
	}
}

func TestPlantedLongPackage(t *testing.T) {
	file := func(n int) *fstest.MapFile { // n lines of code, and some that do not count
		return &fstest.MapFile{Data: []byte("// Package wire is.\npackage wire\n\n" + strings.Repeat("var _ int\n", n-1) + "\t// end\n")}
	}
	tree := fstest.MapFS{"wire/a.go": file(390), "wire/b.go": file(390), "wire/c.go": file(390), "wire/d.go": file(330)}
	if got, err := inspect(tree, "m", plan); err != nil || len(got) != 0 {
		t.Errorf("1500 lines: %q, %v", got, err)
	}
	tree["wire/d.go"] = file(331)
	want := []string{"wire: 1501 lines of code, over 1500: make it several packages"}
	if got, err := inspect(tree, "m", plan); err != nil || !slices.Equal(got, want) {
		t.Errorf("1501 lines: %q, %v", got, err)
	}
}

func TestPlantedNoGo(t *testing.T) {
	tree := fstest.MapFS{"wire/x.go": {Data: []byte("pakcage wire")}}
	if _, err := inspect(tree, "m", plan); err == nil || !strings.Contains(err.Error(), "wire/x.go:1") {
		t.Errorf("error %v", err)
	}
}
