package kernel_test

import (
	"testing"

	"github.com/sonde-net/sonde/guard/kernel"
)

func TestDiff(t *testing.T) {
	const a = "table inet t {\n\tchain x {\n\t\tone\n\t\ttwo\n\t}\n\tchain y {\n\t\tthree\n\t}\n}\n"
	for _, tt := range []struct{ what, before, after, want string }{
		{"nothing", "", "", ""},
		{"the same", a, a, ""},
		{"new", "", "table inet t {\n}", "+ table inet t {\n+ }\n"},
		{"gone", "table inet t {\n}", "", "- table inet t {\n- }\n"},
		{"a line changes", a, "table inet t {\n\tchain x {\n\t\tone\n\t\t2\n\t}\n\tchain y {\n\t\tthree\n\t}\n}\n", "  table inet t {\n  \tchain x {\n- \t\ttwo\n+ \t\t2\n"},
		{"in the second chain", a, "table inet t {\n\tchain x {\n\t\tone\n\t\ttwo\n\t}\n\tchain y {\n\t\tthree\n\t\tfour\n\t}\n}\n", "  table inet t {\n  \tchain y {\n+ \t\tfour\n"},
		{"a line less", "a\nb\nc", "a\nc", "- b\n"},
	} {
		if got := kernel.Diff(tt.before, tt.after); got != tt.want {
			t.Errorf("%s:\n%q, want\n%q", tt.what, got, tt.want)
		}
	}
}
