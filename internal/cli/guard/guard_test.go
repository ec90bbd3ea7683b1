package guard_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/guard"
	"github.com/sonde-net/sonde/internal/cli/status"
)

// run runs sonde guard, and returns what it prints, its exit status, and what
// there is to say.
func run(t *testing.T, in io.Reader, args ...string) (out string, code int, what string) {
	t.Helper()
	t.Setenv("LC_ALL", "C")
	var b bytes.Buffer
	cmd := guard.New()
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(append([]string{}, args...)) // nil would be those of the test
	cmd.SetIn(in)
	cmd.SetOut(&b)
	cmd.SetErr(io.Discard)
	code, err := status.Of(cmd.ExecuteContext(t.Context()))
	if err != nil {
		what = err.Error()
	}
	return b.String(), code, what
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPrint(t *testing.T) {
	out, code, what := run(t, nil, "print", write(t, "p.yaml", "role: gateway\noutside: eth0\n"))
	if code != 0 || what != "" || !strings.HasPrefix(out, "# ICMP firewall of a gateway, by sonde guard.\n") || !strings.Contains(out, "chain through6 {") {
		t.Errorf("%d %s\n%s", code, what, out)
	}
	out, code, what = run(t, nil, "print", "--lang", "fr", write(t, "p.yaml", "role: gateway\noutside: eth0\n"))
	if code != 0 || what != "" || !strings.HasPrefix(out, "# Pare-feu ICMP, rôle gateway, par sonde guard.\n") || !strings.Contains(out, `counter drop comment "au-delà de la limite"`) {
		t.Errorf("%d %s\n%s", code, what, out)
	}
	bad := write(t, "p.yaml", "role: host\nlimit: x\n")
	for _, sub := range []string{"print", "check", "diff", "apply", "test"} {
		if out, code, what = run(t, nil, sub, bad); code != 2 || out != "" || !strings.HasPrefix(what, bad+`:2:1: policy: unknown key "limit", expected one of `) {
			t.Errorf("%s: %d %s\n%s", sub, code, what, out)
		}
		if _, code, _ = run(t, nil, sub, bad+"-missing"); code != 2 {
			t.Errorf("%s: a missing file: %d", sub, code)
		}
	}
	if out, code, _ = run(t, nil); code != 0 || !strings.Contains(out, "audit") {
		t.Errorf("%d\n%s", code, out)
	}
}

const (
	save = "../../../guard/filter/iptables/testdata/server.save"
	six  = "../../../guard/filter/iptables/testdata/server6.save"
	live = "../../../guard/filter/nft/testdata/mixed.json"
	host = "../../../guard/filter/nft/testdata/host.json"
)

func TestAudit(t *testing.T) {
	in, err := os.ReadFile(save)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		has  []string
		not  []string
	}{
		{[]string{"--lang", "en", live}, 1, []string{
			"not looked at: arp x\nBreaks\n  IPv6 neighbour discovery [high, in] icmp6 136/0\n    IPv6 does not work: nobody finds the link address of anyone\n    → the policy of inet filter input\n",
			"Leaves open\n  redirects [medium, in] icmp 5/0, icmp 5/1, icmp 5/2, icmp 5/3\n",
		}, []string{"Kernel settings"}},
		{[]string{"--lang", "fr", live}, 1, []string{
			"non examiné : arp x\nCasse\n  découverte des voisins IPv6 [grave, entrant] icmp6 136/0\n", "    → la politique de inet filter input\n", "Laisse ouvert\n",
		}, nil},
		{[]string{"--lang", "en", host}, 0, []string{"Nothing to object.\n"}, nil},
		{[]string{"--lang", "en", "--role", "gateway", save, six}, 1, []string{"path MTU discovery [high, through] icmp 3/4", "icmp6 2/0", "perhaps, depending on: -i eth+"}, nil},
		{[]string{"--lang", "en", "--role", "gateway", "--outside", "eth0", "-"}, 1, []string{"perhaps, depending on: -j TARPIT"}, []string{"icmp6", "-i eth+\n"}},
	} {
		out, code, what := run(t, bytes.NewReader(in), append([]string{"audit"}, tt.args...)...)
		if code != tt.code || what != "" {
			t.Errorf("%v: %d %s", tt.args, code, what)
		}
		for _, s := range tt.has {
			if !strings.Contains(out, s) {
				t.Errorf("%v: %q is not in\n%s", tt.args, s, out)
			}
		}
		for _, s := range tt.not {
			if strings.Contains(out, s) {
				t.Errorf("%v: %q is in\n%s", tt.args, s, out)
			}
		}
	}
}

func TestAuditJSON(t *testing.T) {
	out, code, what := run(t, nil, "audit", "--json", "--lang", "fr", live)
	if code != 1 || what != "" {
		t.Errorf("%d %s", code, what)
	}
	n := 0
	for l := range strings.Lines(out) {
		var f struct {
			Kind, Grade, ID, Severity, Where, By, Title, Text string

			Messages []string
			Perhaps  *bool
		}
		if err := json.Unmarshal([]byte(l), &f); err != nil {
			t.Fatal(err)
		}
		n++
		if f.Kind != "finding" || f.Grade == "" || f.ID == "" || f.Severity == "" || f.Where != "in" || f.By == "" || f.Title == "" || f.Text == "" || len(f.Messages) == 0 || f.Perhaps == nil {
			t.Errorf("%s", l)
		}
	}
	if n != 6 {
		t.Errorf("%d lines:\n%s", n, out)
	}
}

func TestBad(t *testing.T) {
	none := write(t, "none", "nothing of the kind\n")
	policy := write(t, "p.yaml", "role: host\n")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"audit", "--role", "router", live}, `--role: "router" is none of host, public-server, gateway, closed-network`},
		{[]string{"audit", "--lang", "de", live}, `--lang: "de" is no language that this speaks: it speaks en, fr`},
		{[]string{"audit", none}, none + ": line 1: expected a table, as in *filter"},
		{[]string{"test"}, "expected a policy, or --live"},
		{[]string{"test", "--live", policy}, "expected a policy, or --live"},
		{[]string{"test", "--inside", "x", policy}, "--outside and --inside go with --live"},
		{[]string{"apply", "--confirm-within", "-1s", policy}, "--confirm-within: expected no negative time"},
		{[]string{"confirm", "--run-dir", t.TempDir()}, "no rules wait for a confirmation"},
		{[]string{"nonsense"}, `unknown command "nonsense" for "guard"`},
	} {
		if out, code, what := run(t, nil, tt.args...); code != 2 || out != "" || what != tt.want {
			t.Errorf("%v: %d %q, want %q\n%s", tt.args, code, what, tt.want, out)
		}
	}
}
