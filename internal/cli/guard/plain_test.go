package guard_test

import (
	"strings"
	"testing"
	"unicode"
)

// TestNothingControlsTheTerminal: whatever a rule set that somebody sent has in its
// names and comments.
func TestNothingControlsTheTerminal(t *testing.T) {
	const bad = `\u001b[2J\u009b\u202e\r`
	file := write(t, "x.json", `{"nftables":[
{"chain":{"family":"inet","table":"t`+bad+`","name":"c","handle":1,"type":"filter","hook":"input","prio":0,"policy":"drop"}},
{"chain":{"family":"arp","table":"a`+bad+`","name":"c","handle":1,"type":"filter","hook":"input","prio":0,"policy":"drop"}},
{"rule":{"family":"inet","table":"t`+bad+`","chain":"c","handle":2,"comment":"été`+bad+`","expr":[
 {"match":{"op":"==","left":{"meta":{"key":"mark`+bad+`"}},"right":"`+bad+`"}},{"drop":null}]}},
{"rule":{"family":"inet","table":"t`+bad+`","chain":"c","handle":3,"comment":"x`+bad+`","expr":[{"drop":null}]}}]}`)
	for _, lang := range []string{"en", "fr"} {
		out, code, what := run(t, nil, "audit", "--lang", lang, file)
		if code != 1 || what != "" || !strings.Contains(out, "\uFFFD[2J") {
			t.Fatalf("%d %s\n%s", code, what, out)
		}
		for _, r := range out {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%q in\n%q", r, out)
			}
		}
	}
}
