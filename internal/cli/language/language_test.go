package language_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/cli/language"
)

// TestLanguage: the flag, else the first variable of the locale that is set.
func TestLanguage(t *testing.T) {
	for _, tt := range []struct{ asked, all, messages, lang, want string }{
		{"", "", "", "", "en"},
		{"", "", "", "fr_FR.UTF-8", "fr"},
		{"", "", "fr_CA", "en_US", "fr"},
		{"", "", "en_US", "fr_FR", "en"},
		{"", "fr", "en_US", "en_US", "fr"},
		{"", "C", "fr_FR", "fr_FR", "en"},
		{"", "POSIX", "", "fr_FR", "en"},
		{"", "", "", "fr.UTF-8", "fr"},
		{"", "", "", "fr@euro", "fr"},
		{"", "", "", "frr_DE", "en"},
		{"fr", "en", "", "", "fr"},
		{"en", "fr", "", "", "en"},
	} {
		t.Setenv("LC_ALL", tt.all)
		t.Setenv("LC_MESSAGES", tt.messages)
		t.Setenv("LANG", tt.lang)
		if l, err := language.Of(tt.asked); err != nil || l.String() != tt.want {
			t.Errorf("%+v: %v, %v", tt, l, err)
		}
	}
	for _, s := range []string{"de", "FR", "fr_FR", " "} {
		if l, err := language.Of(s); err == nil {
			t.Errorf("%q: %v", s, l)
		}
	}
}
