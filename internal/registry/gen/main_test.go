package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const table = `# A Registry, 2001-02-03
type,code,constant,name,reference,status
0,,TypeA,A,RFC1,
1-255,,,Unassigned,,unassigned
`

func TestRun(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("registry.csv", []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run("p"); err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile("registry_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(src), "package p\n") || !strings.Contains(string(src), "TypeA Type = 0") {
		t.Errorf("wrote\n%s", src)
	}
}

func TestRunWritesNothingOnError(t *testing.T) {
	for name, text := range map[string]string{"bad table": "nothing", "no table": "", "bad package": table} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			if text != "" {
				if err := os.WriteFile("registry.csv", []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := run("not a name"); err == nil {
				t.Error("no error")
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*.go")); len(left) > 0 {
				t.Errorf("wrote %v", left)
			}
		})
	}
}
