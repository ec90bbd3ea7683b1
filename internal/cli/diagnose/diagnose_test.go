package diagnose_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli"
)

// TestDocument: the screen has what the document concludes by hand.
func TestDocument(t *testing.T) {
	out, errs, status := run(t, "--lab", "cmu-mit", "--virtual", "18.7.22.69")
	if status != 0 || errs != "" {
		t.Fatalf("%d, %s", status, errs)
	}
	for _, s := range []string{
		"18.7.22.69, WEB.MIT.EDU, from 128.2.4.10\n",
		"\n  echo         10 of 10 answered, 0 % loss, rtt min/avg/max/mdev 17.1/19.5/21.2/1.59 ms, ttl 246\n",
		"\n   10  WEB.MIT.EDU (18.7.22.69)                                 0 %",
		"\nMTU\n  1500 octets (3 probes)\n",
		"\nVerdict: 18.7.22.69 is reachable, and nothing is wrong.\n",
		"  - 9 devices stand between here and there, in the networks of Carnegie Mellon University (cmu.net),\n",
		"\n        Hops 1, 2 and 3: Carnegie Mellon University (cmu.net).\n",
		"  + The round trip takes 19.5 ms: 17.1 at least, 21.2 at most.\n",
	} {
		if !strings.Contains(out, s) {
			t.Errorf("no %q in\n%s", s, out)
		}
	}
	for i, l := range strings.Split(out, "\n") {
		if strings.HasSuffix(l, " ") {
			t.Errorf("line %d ends with a space", i+1)
		}
	}
	again, _, _ := run(t, "--lab", "cmu-mit", "--virtual", "18.7.22.69")
	if again != out {
		t.Error("the virtual clock tells something else each time")
	}
}

// TestFrench speaks French, and leaves the evidence out.
func TestFrench(t *testing.T) {
	out, _, status := run(t, "--lab", "pmtu-black-hole", "--virtual", "--lang", "fr", "-b", "B")
	if status != 0 || !strings.Contains(out, "Verdict : B est joignable, avec des difficultés.\n") || !strings.Contains(out, "  ! Il y a un trou noir : les datagrammes de 1001 octets") || strings.Contains(out, "1000 octets arrivent") {
		t.Errorf("%d, %s", status, out)
	}
	if !strings.Contains(out, "aller-retour min/moy/max/mdev 12,0/12,0/12,0/0,00 ms") {
		t.Error(out)
	}
	out, _, status = run(t, "--lab", "host-unreachable", "--virtual", "--lang", "fr", "10.0.2.100")
	for _, want := range []string{
		"  echo         0 réponses sur 10, 10.0.1.1 : 3/1 Destinataire inaccessible : Machine inaccessible\n",
		"  udp 33434    10.0.1.1 : 3/1 Destinataire inaccessible : Machine inaccessible\n",
		"x 10.0.1.1, saut 1, dit que la cible n'est pas joignable : 3/1 Destinataire inaccessible : Machine\n",
	} {
		if status != 1 || !strings.Contains(out, want) {
			t.Errorf("%d, no %q in\n%s", status, want, out)
		}
	}
}

// TestUnreachable: the exit status, and who says so.
func TestUnreachable(t *testing.T) {
	out, errs, status := run(t, "--lab", "host-unreachable", "--virtual", "10.0.2.100")
	if status != 1 || errs != "" || !strings.Contains(out, "x ") || !strings.Contains(out, "3/1 Destination Unreachable: Host Unreachable") || !strings.Contains(out, "is not reachable.") {
		t.Errorf("%d, %s, %s", status, out, errs)
	}
}

// full is an output that nothing goes into.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("it is full") }

// TestFull: that there is no room is said once, whatever was to be written.
func TestFull(t *testing.T) {
	for _, as := range []string{"--json", "-n", "-b"} {
		var e bytes.Buffer
		args := []string{"sonde", "diagnose", as, "--lab", "cmu-mit", "--virtual", "18.7.22.69"}
		if status := cli.Run(t.Context(), args, cli.Streams{In: &bytes.Buffer{}, Out: full{}, Err: &e}); status != 2 || e.String() != "sonde: diagnose: it is full\n" {
			t.Errorf("%s: %d, %q", as, status, e.String())
		}
	}
}

// TestLoop: the way is shown until it comes back to itself.
func TestLoop(t *testing.T) {
	out, _, status := run(t, "--lab", "routing-loop", "--virtual", "-b", "192.0.2.1")
	if status != 1 || !strings.Contains(out, "\n    4  10.0.2.2") || !strings.Contains(out, "\n       …\n\nMTU\n  not known\n") || strings.Contains(out, "\n    6  ") ||
		!strings.HasSuffix(strings.Split(out, "Verdict: ")[1], "  x What is sent goes round in a loop from hop 1 on, between 10.0.1.1 and 10.0.2.2.\n\nmeasured in 4.9 s\n") {
		t.Errorf("%d\n%s", status, out)
	}
}

// TestSections: ports and what is rejected.
func TestSections(t *testing.T) {
	out, _, status := run(t, "--lab", "ecmp-flow", "--virtual", "--ports", "80,443", "b")
	if status != 0 || !strings.Contains(out, "\nPorts\n  tcp 80       closed\n  tcp 443      closed\n") || !strings.Contains(out, "\n    2  10.0.3.2      0 %    4.00    4.00    4.00\n       10.0.2.2             4.00    4.00    4.00\n") {
		t.Errorf("%d\n%s", status, out)
	}
	out, _, _ = run(t, "--lab", "frag-needed", "--virtual", "B")
	if !strings.Contains(out, "\nMTU\n  1500 > 1000 octets: 1, 192.168.1.1\n  1000 octets (8 probes)\n") {
		t.Error(out)
	}
}

// TestJSON: one object a line, sections and findings with their words.
func TestJSON(t *testing.T) {
	out, errs, status := run(t, "--lab", "cmu-mit", "--virtual", "--json", "--ports", "80,443", "18.7.22.69")
	if status != 0 || errs != "" {
		t.Fatalf("%d, %s", status, errs)
	}
	all := lines(t, out)
	for event, n := range map[string]int{"diagnose": 1, "ping": 1, "trace": 5, "hop": 10, "mtu": 1, "clock": 1, "port": 2, "verdict": 1} {
		if len(all[event]) != n {
			t.Errorf("%d of %s, want %d", len(all[event]), event, n)
		}
	}
	if v := all["verdict"][0]; v["status"] != "well" || v["text"] != "18.7.22.69 is reachable, and nothing is wrong." {
		t.Errorf("%v", v)
	}
	if f := all["finding"][0]; f["kind"] != "reachable" || f["severity"] != "good" || f["text"] == "" || len(f["evidence"].([]any)) != 3 {
		t.Errorf("%v", f)
	}
	if h := all["hop"][8]; h["ttl"] != 9.0 || h["nodes"].([]any)[0].(map[string]any)["name"] != "W92-RTR-1-BACKBONE.MIT.EDU" {
		t.Errorf("%v", h)
	}
	if strings.Contains(out, "null") {
		for _, l := range strings.Split(out, "\n") {
			if strings.Contains(l, ":null") && !strings.Contains(l, `"event":"trace"`) && !strings.Contains(l, `"event":"ping"`) && !strings.Contains(l, `"event":"mtu"`) && !strings.Contains(l, `"event":"port"`) {
				t.Error(l)
			}
		}
	}
}

// TestRefused: what cannot be is one line, and exit status 2.
func TestRefused(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("links: 3"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "accepts 1 arg"},
		{[]string{"-4", "-6", "x"}, "-4 and -6 do not go together"},
		{[]string{"--count", "0", "x"}, "--count 0"},
		{[]string{"--count", "1001", "x"}, "--count 1001"},
		{[]string{"--timeout", "1us", "x"}, "--timeout"},
		{[]string{"--timeout", "2m", "x"}, "--timeout"},
		{[]string{"--tcp-port", "0", "x"}, "--tcp-port 0"},
		{[]string{"--udp-port", "65536", "x"}, "--udp-port 65536"},
		{[]string{"--ports", "22,0", "x"}, "--ports 0"},
		{[]string{"--ports", strings.Repeat("1,", 64) + "1", "x"}, "--ports: 64 at most"},
		{[]string{"--lang", "de", "x"}, "--lang"},
		{[]string{"--from", "a", "x"}, "--from goes with --lab"},
		{[]string{"--lab", "cmu-mit", "nobody"}, "nobody: Name or service not known"},
		{[]string{"--lab", "cmu-mit", "-6", "web"}, "web: Address family for hostname not supported"},
		{[]string{"--lab", "no-such-scenario", "x"}, "no-such-scenario"},
		{[]string{"--lab", bad, "x"}, "bad.yaml:1"},
	} {
		out, errs, status := run(t, c.args...)
		if status != 2 || out != "" || !strings.HasPrefix(errs, "sonde: diagnose: ") || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.want) {
			t.Errorf("%q: %d, %q, %q", c.args, status, out, errs)
		}
	}
}
