package conversation_test

import (
	"testing"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/conversation"
)

// TestClassNames: each class is found by its name, and has one in French.
func TestClassNames(t *testing.T) {
	seen := map[string]bool{}
	for c := conversation.NoClass; c <= conversation.CausedError; c++ {
		en, fr := c.In(language.English), c.In(language.French)
		if en != c.String() || en == "unknown" || fr == "" || fr == en && c != conversation.Information || seen[en] || seen[fr] {
			t.Errorf("%d: %q, %q", c, en, fr)
		}
		seen[en], seen[fr] = true, true
		if got := conversation.ClassOf(en); got != c {
			t.Errorf("%q is %d", en, got)
		}
	}
	if c := conversation.CausedError + 1; c.In(language.French) != "unknown" || conversation.ClassOf("unknown") != conversation.NoClass {
		t.Error("there is one more")
	}
	if conversation.Echo.In(language.German) != "echo" {
		t.Error("another language than these two is not English")
	}
}
