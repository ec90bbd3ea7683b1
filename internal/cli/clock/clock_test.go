package clock_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clitest"
)

func run(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	return clitest.Run(t, "", append([]string{"sonde", "clock"}, args...)...)
}

// TestClocks are those of the scenario: right, slow, fast, odd, shut.
func TestClocks(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		want   string // of the end
	}{
		{[]string{"b"}, 0, `^clock of b \(10\.0\.0\.2\): [+-]0\.\d{3} ms ± 5\.\d{3} ms, from 8 of 8 timestamps\n$`},
		{[]string{"slow"}, 0, `^clock of slow \(.*\): -2\d{3}\.\d{3} ms ± 5\.\d{3} ms, from 8 of 8 timestamps\n$`},
		{[]string{"-c", "60", "-i", "1s", "fast"}, 0, `that do not agree: .*\nit gains (1|9)\d+\.\d ± \d+\.\d parts of a million\n$`},
		{[]string{"--by", "option", "shut"}, 0, `^clock of shut \(10\.0\.0\.6\): [+-]0\.\d{3} ms ± 5\.\d{3} ms, from 8 of 8 timestamps\n$`},
		{[]string{"--by=option3", "slow"}, 0, `^clock of slow \(.*\): -2\d{3}\.\d{3} ms ± 5\.\d{3} ms, from 8 of 8 timestamps\n$`},
		{[]string{"--by", "hops", "slow"}, 0, `^clock of slow \(.*\): -2\d{3}\.\d{3} ms ± 5\.\d{3} ms, from 8 of 8 timestamps\n$`},
		{[]string{"--by", "option", "odd"}, 1, `^clock of odd \(.*\): not known, the stamps are: non-standard\n$`},
		{[]string{"--by", "option", "-c", "2", "10.0.0.77"}, 1, `^clock of 10.0.0.77 \(10.0.0.77\): no answer to 2 echo requests with a timestamp option, which many routers drop\n`},
		{[]string{"odd"}, 1, `^clock of odd \(.*\): not known, the stamps are: non-standard\n$`},
		{[]string{"-c", "2", "shut"}, 1, `^clock of shut \(.*\): no answer to 2 timestamp requests\n$`},
		{[]string{"--lang", "fr", "odd"}, 1, `^horloge de odd \(.*\) : inconnue, les horodatages sont : non conformes\n$`},
		{[]string{"--lang", "fr", "slow"}, 0, `^horloge de slow \(.*\) : -2\d{3},\d{3} ms ± 5,\d{3} ms, d'après 8 horodatages sur 8\n$`},
	} {
		out, errs, status := run(t, append([]string{"--lab", "timestamp", "--virtual", "-q"}, c.args...)...)
		if status != c.status || errs != "" || !regexp.MustCompile(c.want).MatchString(out) {
			t.Errorf("%q: %d, %s%s", c.args, status, errs, out)
		}
	}
}

// far is a host behind two gateways, with another way back.
const far = `
links: {l0: {delay: 1ms}, l1: {delay: 1ms}, l2: {delay: 1ms}, l3: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: l0, address: 10.0.0.10/24}, {link: l3, address: 10.0.3.10/24}], routes: [{to: default, via: 10.0.0.1}]}
  r: {kind: gateway, interfaces: [{link: l0, address: 10.0.0.1/24}, {link: l1, address: 10.0.1.1/24}], routes: [{to: default, via: 10.0.1.2}]}
  s: {kind: gateway, clock: {unit: nonstandard}, interfaces: [{link: l1, address: 10.0.1.2/24}, {link: l2, address: 10.0.2.1/24}], routes: [{to: default, via: 10.0.2.2}]}
  q: {kind: gateway, interfaces: [{link: l2, address: 10.0.2.2/24}, {link: l3, address: 10.0.3.1/24}], routes: [{to: 10.0.0.0/24, via: 10.0.3.10}]}
  b: {interfaces: [{link: l2, address: 10.0.2.10/24}], routes: [{to: default, via: 10.0.2.2}]}
`

// TestHops: the clocks of those on the way, and what they hint at.
func TestHops(t *testing.T) {
	file := filepath.Join(t.TempDir(), "far.yaml")
	if err := os.WriteFile(file, []byte(far), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"b"}, `^clock of b \(10\.0\.2\.10\): .*, from 1 of 1 timestamps
  there  10\.0\.1\.1  -1\.000 ± 3\.000 ms
  there  10\.0\.2\.1  non-standard
   back  10\.0\.3\.1  \+2\.000 ± 3\.000 ms
on the way there 2 stamp, on the way back 1: it looks like another way
$`},
		{[]string{"--lang", "fr", "b"}, `
  aller  10\.0\.1\.1  -1,000 ± 3,000 ms
(?s:.*)
 retour  10\.0\.3\.1  .*
à l'aller 2 horodatent, au retour 1 : le chemin semble être un autre
$`},
	} {
		out, errs, status := run(t, append([]string{"--lab", file, "--virtual", "--from", "a", "-q", "-c", "1", "--by", "hops"}, c.args...)...)
		if status != 0 || errs != "" || !regexp.MustCompile(c.want).MatchString(out) {
			t.Errorf("%q: %d, %s%s", c.args, status, errs, out)
		}
	}
}

// TestUnreachable: who says that the clock cannot be asked, and why, in both languages.
func TestUnreachable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "far.yaml")
	if err := os.WriteFile(file, []byte(far), 0o600); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{
		"en": "10.0.3.1: 3/0 Destination Unreachable: Net Unreachable\n", "fr": "10.0.3.1 : 3/0 Destinataire inaccessible : Réseau inaccessible\n",
	} {
		out, _, status := run(t, "--lab", file, "--virtual", "--from", "a", "-c", "1", "--lang", lang, "10.7.7.7")
		if status != 1 || !strings.Contains(out, want) || strings.Contains(out, "Unreachable") != (lang == "en") {
			t.Errorf("%s: %d, %s", lang, status, out)
		}
	}
}

// TestLines: one for each request.
func TestLines(t *testing.T) {
	out, _, _ := run(t, "--lab", "timestamp", "--virtual", "-c", "2", "b")
	if !strings.HasPrefix(out, "    1  10.0.0.2  10.000 ms  +0.500 ± 5.500 ms\n    2  10.0.0.2  10.000 ms  +") {
		t.Error(out)
	}
	out, _, _ = run(t, "--lab", "timestamp", "--virtual", "-c", "1", "odd")
	if !strings.Contains(out, " ms  non-standard\n") {
		t.Error(out)
	}
	out, _, _ = run(t, "--lab", "timestamp", "--virtual", "-c", "1", "shut")
	if !strings.HasPrefix(out, "    1  no answer\n") {
		t.Error(out)
	}
}

// TestJSON: a line for each request, and the result.
func TestJSON(t *testing.T) {
	out, _, status := run(t, "--lab", "timestamp", "--virtual", "--json", "-c", "2", "slow")
	all := strings.Split(strings.TrimSpace(out), "\n")
	if status != 0 || len(all) != 3 {
		t.Fatalf("%d\n%s", status, out)
	}
	var x struct {
		Event string
		Known bool
		Ahead int64 `json:"ahead_ns"`
	}
	for i, event := range []string{"sample", "sample", "result"} {
		if err := json.Unmarshal([]byte(all[i]), &x); err != nil || x.Event != event || !x.Known || x.Ahead > -2.4e9 || x.Ahead < -2.6e9 {
			t.Errorf("%+v, %v", x, err)
		}
	}
}

// TestRefused: what cannot be is one line, and exit status 2.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "accepts 1 arg"},
		{[]string{"--lab", "timestamp", "-c", "-1", "b"}, "Count"},
		{[]string{"--lab", "timestamp", "-i", "1us", "b"}, "Interval"},
		{[]string{"--lab", "timestamp", "nobody"}, "nobody: Name or service not known"},
		{[]string{"--by", "ntp", "b"}, `invalid argument "ntp" for "--by" flag: `},
		{[]string{"--by", "", "b"}, `want icmp, option, option3 or hops`},
		{[]string{"--lang", "de", "x"}, "--lang"},
	} {
		out, errs, status := run(t, c.args...)
		if status != 2 || out != "" || !strings.HasPrefix(errs, "sonde: clock: ") || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.want) {
			t.Errorf("%q: %d, %q, %q", c.args, status, out, errs)
		}
	}
}
