package screen_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/listen/screen"
)

// TestFit: lists get shorter until the text fits above the cursor's row, and what
// is still too long or too wide is cut.
func TestFit(t *testing.T) {
	render := func(top int) []byte {
		var b strings.Builder
		b.WriteString("head\n")
		for i := range min(top, 5) {
			fmt.Fprintf(&b, "→ line %d\n", i)
		}
		b.WriteString("tail\n")
		return []byte(b.String())
	}
	for _, tt := range []struct {
		top, width, height int
		want               string
	}{
		{10, 80, 8, "head,→ line 0,→ line 1,→ line 2,→ line 3,→ line 4,tail,"},
		{0, 80, 8, "head,→ line 0,→ line 1,→ line 2,→ line 3,→ line 4,tail,"},
		{2, 80, 8, "head,→ line 0,→ line 1,tail,"},
		{10, 80, 7, "head,→ line 0,→ line 1,→ line 2,→ line 3,tail,"},
		{0, 80, 4, "head,→ line 0,tail,"},
		{1, 80, 3, "head,→ line 0,"},
		{10, 80, 2, "head,"},
		{10, 80, 1, ""},
		{1, 8, 4, "head,→ line 0,tail,"},
		{1, 7, 4, "head,→ line…,tail,"},
		{1, 1, 4, "…,…,…,"},
	} {
		got := strings.ReplaceAll(string(screen.Fit(render, tt.top, tt.width, tt.height)), "\n", ",")
		if got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}
