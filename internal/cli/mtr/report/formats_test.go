package report

import (
	encxml "encoding/xml"
	"strings"
	"testing"
)

// TestAttr: as encoding/xml has it, whose tables every start would pay for.
func TestAttr(t *testing.T) {
	for _, s := range []string{"", "router-1.example", `a"b'c&d<e>f`, "tab\tline\nreturn\r", "\x00\x1b\x1f \x7f", "\ufffe\uffff\ufffd", "é\u2028\U0001f600"} {
		var want strings.Builder
		if err := encxml.EscapeText(&want, []byte(s)); err != nil {
			t.Fatal(err)
		}
		if got := attr(s); got != want.String() {
			t.Errorf("%q: %q, want %q", s, got, want.String())
		}
	}
}
