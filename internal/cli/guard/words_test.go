package guard

import (
	"regexp"
	"slices"
	"testing"

	flag "github.com/sonde-net/sonde/internal/cli/language"
)

var verb = regexp.MustCompile(`%[a-z]`)

// TestWords: no phrase is missing in a language, and each takes the same
// arguments in both.
func TestWords(t *testing.T) {
	same := []string{"in", "out"}
	for key, w := range words {
		if w.en == "" || w.fr == "" || w.en == w.fr && !slices.Contains(same, key) {
			t.Errorf("%s: %q, %q", key, w.en, w.fr)
		}
		if !slices.Equal(verb.FindAllString(w.en, -1), verb.FindAllString(w.fr, -1)) {
			t.Errorf("%s: %q and %q take different arguments", key, w.en, w.fr)
		}
	}
	if say(flag.English, "kept") == say(flag.French, "kept") {
		t.Error("one language")
	}
}
