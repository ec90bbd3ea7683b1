//go:build linux

package guard_test

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// TestApply: from nothing to rules that are kept, and back when nobody says yes.
func TestApply(t *testing.T) {
	conform.Row(t, "A-05")
	testnet.Enter(t)
	testnet.Need(t, "nft")
	t.Setenv("SSH_CONNECTION", "")
	dir := t.TempDir()
	host, server := write(t, "h.yaml", "role: host\n"), write(t, "s.yaml", "role: public-server\n")
	for _, step := range []struct {
		in   io.Reader
		args []string
		code int
		has  string
	}{
		{nil, []string{"check", host}, 0, "h.yaml: host, 75 rules; the kernel takes them\n"},
		{nil, []string{"diff", host}, 1, "+ table inet sonde_guard {\n"},
		{nil, []string{"apply", "--lang", "en", "--run-dir", dir, "--confirm-within", "0", host}, 0, "The rules are kept.\n"},
		{nil, []string{"diff", host}, 0, ""},
		{strings.NewReader("\nno\n"), []string{"apply", "--lang", "en", "--run-dir", dir, server}, 1, "Not confirmed: what was there before is there again.\n"},
		{nil, []string{"diff", host}, 0, ""},
		{strings.NewReader(""), []string{"apply", "--lang", "fr", "--run-dir", dir, "--confirm-within", "1ms", server}, 1, "Sans confirmation : ce qu'il y avait avant est rétabli.\n"},
		{nil, []string{"diff", server}, 1, "  table inet sonde_guard {\n  \tchain in4 {\n- "},
		{strings.NewReader("oui\n"), []string{"apply", "--lang", "fr", "--run-dir", dir, server}, 0, "Les règles sont gardées.\n"},
		{nil, []string{"diff", server}, 0, ""},
		{nil, []string{"audit", "--lang", "en", "--role", "public-server"}, 1, "Kernel settings\n"},
	} {
		out, code, what := run(t, step.in, step.args...)
		if code != step.code || what != "" || !strings.Contains(out, step.has) || step.has == "" && out != "" {
			t.Errorf("%v: %d %s\n%s\nwant %d, %q", step.args, code, what, out, step.code, step.has)
		}
	}
}

// TestApplyAsks: what would cut the session off or break path MTU discovery is
// applied only after a yes.
func TestApplyAsks(t *testing.T) {
	testnet.Enter(t)
	testnet.Need(t, "nft")
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	closed := write(t, "c.yaml", "role: host\nothers: close\n")
	open := write(t, "o.yaml", "role: host\nothers: close\nservices: tcp/22\n")
	pmtud := write(t, "p.yaml", "role: host\nexceptions:\n  - {deny: in, icmp: 3/4, why: x}\n")
	for _, tt := range []struct {
		what, ssh string
		in        io.Reader
		policy    string
		more      []string
		code      int
		has, err  string
	}{
		{"no session", "", null, closed, nil, 0, "The rules are kept.", ""},
		{"a service", "192.0.2.1 5000 10.0.0.1 22", null, open, nil, 0, "The rules are kept.", ""},
		{"no terminal", "192.0.2.1 5000 10.0.0.1 22", null, closed, nil, 2, "these rules would cut off the session that you work through\n  inet sonde_guard in #", "not applied: there is no terminal to ask; --yes applies them all the same"},
		{"--yes", "192.0.2.1 5000 10.0.0.1 22", null, closed, []string{"--yes"}, 0, "The rules are kept.", ""},
		{"yes", "192.0.2.1 5000 10.0.0.1 22", strings.NewReader("yes\n"), closed, nil, 0, "Apply them all the same? The rules are kept.", ""},
		{"no", "192.0.2.1 5000 10.0.0.1 22", strings.NewReader("no\n"), closed, nil, 2, "Apply them all the same? ", "not applied"},
		{"end", "2001:db8::1 5000 2001:db8::2 22", strings.NewReader(""), closed, nil, 2, "cut off the session", "not applied"},
		{"path MTU", "", null, pmtud, nil, 2, "with these rules path MTU discovery does not work\n  inet sonde_guard in4 #", "not applied: there is no terminal to ask; --yes applies them all the same"},
	} {
		t.Setenv("SSH_CONNECTION", tt.ssh)
		testnet.Run(t, "nft", "flush", "ruleset")
		args := append([]string{"apply", "--lang", "en", "--confirm-within", "0"}, tt.more...)
		out, code, what := run(t, tt.in, append(args, tt.policy)...)
		if code != tt.code || !strings.Contains(out, tt.has) || what != tt.err {
			t.Errorf("%s: %d %q\n%s\nwant %d, %q, %q", tt.what, code, what, out, tt.code, tt.has, tt.err)
		}
		if rules, _ := testnet.Run(t, "nft", "list", "ruleset"); (rules != "") != (code == 0) {
			t.Errorf("%s: the rules afterwards:\n%s", tt.what, rules)
		}
	}
}

// TestTest: a policy is proved, as text and as JSON, and live rules are told of.
func TestTest(t *testing.T) {
	conform.Row(t, "A-05")
	testnet.Enter(t)
	testnet.Need(t, "nft")
	host := write(t, "h.yaml", "role: host\n")
	out, code, what := run(t, nil, "test", "--lang", "en", host)
	if code != 0 || what != "" || !strings.HasPrefix(out, "in, icmp, hop limit 64: 65536 sent, 1 passed, as promised\n  8/0\n") ||
		!strings.Contains(out, "in, icmp, hop limit 64, icmp 8/0, limit 10/s burst 20: 50 sent at once, ") || !strings.HasSuffix(out, "Every promise is kept.\n") {
		t.Errorf("%d %s\n%s", code, what, out)
	}
	testnet.Run(t, "nft", "add table inet x; add chain inet x c { type filter hook input priority 0; policy drop; }; add rule inet x c icmp type 13 accept")
	out, code, what = run(t, nil, "test", "--live", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || what != "" || len(lines) != 11 {
		t.Fatalf("%d %s\n%s", code, what, out)
	}
	var way struct {
		Kind, Where, Family string

		Sent, Passed    int
		Messages, Wrong []string
		Hops            int `json:"hop_limit"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &way); err != nil {
		t.Fatal(err)
	}
	if way.Kind != "way" || way.Where != "in" || way.Family != "icmp" || way.Sent != 65536 || way.Passed != 256 || strings.Join(way.Messages, " ") != "13" || way.Hops != 64 || way.Wrong == nil {
		t.Errorf("%+v", way)
	}
	if lines[10] != `{"kind":"summary","ok":true}` {
		t.Error(lines[10])
	}
}
