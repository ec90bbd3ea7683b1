package naming_test

import (
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/naming"
	"github.com/sonde-net/sonde/probe"
)

// TestClaim: both families, both languages, nothing at all.
func TestClaim(t *testing.T) {
	for _, tt := range []struct {
		c      probe.Claim
		en, fr string
	}{
		{probe.Claim{Present: true, Type: 3, Code: 1}, "3/1 Destination Unreachable: Host Unreachable", "3/1 Destinataire inaccessible : Machine inaccessible"},
		{probe.Claim{Present: true, V6: true, Type: 1, Code: 4}, "1/4 Destination Unreachable: port unreachable", "1/4 Destinataire inaccessible : Port inaccessible"},
		{probe.Claim{Present: true, Type: 3, Code: 77}, "3/77 Destination Unreachable", "3/77 Destinataire inaccessible : Code non enregistré (77)"},
		{probe.Claim{Type: 3, Code: 1}, "", ""},
	} {
		if got := naming.Kind(tt.c.V6, tt.c.Type, tt.c.Code); tt.fr != "" && !strings.HasSuffix(tt.fr, " "+got) {
			t.Errorf("%v: %q", tt.c, got)
		}
		if got := naming.Claim(&tt.c, language.English); got != tt.en {
			t.Errorf("%v: %q, want %q", tt.c, got, tt.en)
		}
		if got := naming.Claim(&tt.c, language.French); got != tt.fr {
			t.Errorf("%v: %q, want %q", tt.c, got, tt.fr)
		}
	}
}
