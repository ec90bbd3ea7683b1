package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const twoHosts = `
name: two
title: two hosts
teaches: |
  hello
try: |
  type this
links: {wire: {delay: 1ms, jitter: 1ms}}
nodes:
  a: {interfaces: [{link: wire, address: 10.0.0.1/24}]}
  b: {interfaces: [{link: wire, address: 10.0.0.2/24}]}
steps:
  - ping: {from: a, to: b}
`

func labFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "two.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLabList(t *testing.T) {
	out, errs, status := run(t, "lab", "list")
	if status != 0 || errs != "" {
		t.Fatalf("status %d, %q", status, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) < 30 {
		t.Errorf("%d scenarios", len(lines))
	}
	for i, l := range lines {
		name, title, ok := strings.Cut(l, " ")
		if !ok || name == "" || strings.TrimSpace(title) == "" || i > 0 && lines[i-1] >= l {
			t.Errorf("line %q", l)
		}
		if len(name) > 22 || !strings.HasPrefix(l[23:], strings.TrimSpace(title)) {
			t.Errorf("line %q is not in its columns", l)
		}
	}
}

func TestLabShow(t *testing.T) {
	out, errs, status := run(t, "lab", "show", labFile(t, twoHosts))
	if want := "two: two hosts\n\nhello\n\n  type this\n"; out != want || errs != "" || status != 0 {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
	for _, name := range []string{labFile(t, twoHosts), "echo"} {
		if out, _, status = run(t, "lab", "show", "--file", name); status != 0 || !strings.Contains(out, "\nsteps:\n") {
			t.Errorf("%s: status %d, %q", name, status, out)
		}
	}
}

// TestLabFrench: list, show and run in the language that is asked for, or in
// that of the locale; a topology file with one language is told in that.
func TestLabFrench(t *testing.T) {
	own := labFile(t, "title_fr: deux hôtes\nteaches_fr: bonjour\n"+strings.Replace(twoHosts, "ping: {from: a", "say: now\n    say_fr: maintenant\n  - ping: {from: a", 1))
	for _, tt := range []struct {
		args   string
		en, fr string
	}{
		{"list", "\nport-unreachable       nobody listens on the port (3/3)\n", "\nport-unreachable       personne n'écoute sur le port (3/3)\n"},
		{"list --json", `{"name":"port-unreachable","title":"nobody listens on the port (3/3)"}`, `{"name":"port-unreachable","title":"personne n'écoute sur le port (3/3)"}`},
		{"show mpls", "mpls: gateways inside an MPLS tunnel, seen and hidden\n\nInside an MPLS", "mpls : des passerelles dans un tunnel MPLS, vues et cachées\n\nDans un réseau MPLS"},
		{"show mpls", "# beside sonde lab up mpls", "# à côté de sonde lab up mpls"},
		{"show mpls --json", `"teaches":"Inside an MPLS`, `"teaches":"Dans un réseau MPLS`},
		{"show mpls --json", `10.0.9.20     # beside sonde`, `10.0.9.20     # à côté de sonde`},
		{"show " + own, "two: two hosts\n\nhello\n\n  type this\n", "two : deux hôtes\n\nbonjour\n  type this\n"},
		{"run " + own, "two: two hosts\n", "two : deux hôtes\n"},
		{"run " + own, "\n# now\n", "\n# maintenant\n"},
		{"run --json " + own, `"what":"say","text":"now"`, `"what":"say","text":"maintenant"`},
		{"run --json " + own, `"title":"two hosts"`, `"title":"deux hôtes"`},
		{"show " + labFile(t, twoHosts), "two: two hosts\n\nhello\n\n  type this\n", "two : two hosts\n\nhello\n\n  type this\n"},
	} {
		for _, say := range []struct{ lang, locale, want, not string }{
			{"en", "fr_FR.UTF-8", tt.en, tt.fr},
			{"fr", "C", tt.fr, tt.en},
			{"", "fr_CA.UTF-8", tt.fr, tt.en},
			{"", "de_DE", tt.en, tt.fr},
		} {
			t.Setenv("LC_ALL", say.locale)
			args := append([]string{"lab"}, strings.Fields(tt.args)...)
			if say.lang != "" {
				args = append(args, "--lang", say.lang)
			}
			out, errs, status := run(t, args...)
			if status != 0 || errs != "" || !strings.Contains(out, say.want) || strings.Contains(out, say.not) {
				t.Errorf("%s %q %s: status %d, %q, want %q in\n%s", tt.args, say.lang, say.locale, status, errs, say.want, out)
			}
		}
	}
	// The file is printed as it is.
	t.Setenv("LC_ALL", "fr_FR")
	if out, _, _ := run(t, "lab", "show", "--file", "mpls"); !strings.Contains(out, "\ntitle: gateways inside") || !strings.Contains(out, "\ntitle_fr: des passerelles") {
		t.Errorf("the file:\n%s", out)
	}
	for _, args := range []string{"lab list", "lab show echo", "lab run echo", "lab up echo", "host 10.9.0.2/24", "install-links /"} {
		out, errs, status := run(t, append(strings.Fields(args), "--lang", "de")...)
		if want := ": --lang: \"de\" is no language that this speaks: it speaks en, fr\n"; status != 2 || out != "" || !strings.HasSuffix(errs, want) {
			t.Errorf("%s: status %d, %q, %q", args, status, out, errs)
		}
	}
}

// TestLabJSON: what list and show print for programs.
func TestLabJSON(t *testing.T) {
	text, _, _ := run(t, "lab", "list")
	out, errs, status := run(t, "lab", "list", "--json")
	if status != 0 || errs != "" || strings.Count(out, "\n") != strings.Count(text, "\n") {
		t.Errorf("status %d, %q\n%s", status, errs, out)
	}
	names := strings.Split(text, "\n")
	n := 0
	for line := range strings.Lines(out) {
		var x map[string]string
		if err := json.Unmarshal([]byte(line), &x); err != nil || len(x) != 2 || names[n] != fmt.Sprintf("%-22s %s", x["name"], x["title"]) {
			t.Errorf("%v: %s, %s", err, line, names[n])
		}
		n++
	}
	out, errs, status = run(t, "lab", "show", "--json", labFile(t, twoHosts))
	if want := `{"name":"two","title":"two hosts","teaches":"hello\n","try":["type this"],"nodes":[{"name":"a","kind":"host","interfaces":[{"name":"eth0","link":"wire","addresses":["10.0.0.1/24"]}]},{"name":"b","kind":"host","interfaces":[{"name":"eth0","link":"wire","addresses":["10.0.0.2/24"]}]}],"links":[{"name":"wire","delay_ns":1000000}],"steps":1}` + "\n"; out != want || errs != "" || status != 0 {
		t.Errorf("status %d, %q\n%s", status, errs, out)
	}
	out, _, _ = run(t, "lab", "show", "--json", "frag-needed")
	for _, want := range []string{`"kind":"gateway"`, `"mtu":`, `"try":["`} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is not in\n%s", want, out)
		}
	}
	if _, errs, status := run(t, "lab", "show", "--json", "--file", "echo"); status != 2 || errs != "sonde: lab: show: --file and --json: want one of them\n" {
		t.Errorf("status %d, %q", status, errs)
	}
}

func TestLabRun(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	file := labFile(t, twoHosts)
	out, errs, status := run(t, "lab", "run", file)
	if status != 0 || errs != "" || !strings.Contains(out, "|-------->|") || !strings.Contains(out, "1 packets transmitted, 1 received") {
		t.Errorf("status %d, %q\n%s", status, errs, out)
	}
	again, _, _ := run(t, "lab", "run", file)
	other, _, _ := run(t, "lab", "run", file, "--seed", "2")
	if again != out || other == out {
		t.Error("the seed does not decide what happens")
	}
	quiet, _, _ := run(t, "lab", "run", file, "--quiet")
	if strings.Contains(quiet, "|") || !strings.Contains(quiet, "1 received") {
		t.Errorf("quiet:\n%s", quiet)
	}
	french, _, _ := run(t, "lab", "run", file, "--lang", "fr")
	if !strings.Contains(french, " 8/0 Demande d'écho, id ") {
		t.Errorf("messages have no French names:\n%s", french)
	}
	if !strings.Contains(french, "de temps virtuel") {
		t.Errorf("French:\n%s", french)
	}
	for v, want := range map[string]string{"fr_CH.UTF-8": "de temps virtuel", "fr": "de temps virtuel", "de_DE": "of virtual time"} {
		t.Setenv("LC_ALL", v)
		if out, _, _ := run(t, "lab", "run", file); !strings.Contains(out, want) {
			t.Errorf("locale %s:\n%s", v, out)
		}
	}
}

func TestLabRunAll(t *testing.T) {
	file := labFile(t, strings.Replace(twoHosts, "to: b}", "to: b, count: 9}", 1))
	some, _, _ := run(t, "lab", "run", file)
	all, _, _ := run(t, "lab", "run", file, "--all")
	if n, m := strings.Count(some, "-->|"), strings.Count(all, "-->|"); n != 3 || m != 9 {
		t.Errorf("%d and %d requests told", n, m)
	}
}

func TestLabRunJSON(t *testing.T) {
	out, errs, status := run(t, "lab", "run", "port-unreachable", "--json")
	if status != 0 || errs != "" {
		t.Fatalf("status %d, %q", status, errs)
	}
	kinds := map[string]int{}
	for l := range strings.Lines(out) {
		var x struct{ Kind, Time string }
		if err := json.Unmarshal([]byte(l), &x); err != nil || x.Kind == "" || x.Time == "" {
			t.Errorf("%v: %s", err, l)
		}
		kinds[x.Kind]++
	}
	if kinds["begin"] != 1 || kinds["end"] != 1 || kinds["message"] < 4 || kinds["step"] != 4 {
		t.Errorf("%v", kinds)
	}
}

func TestLabRunCapture(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.pcapng")
	if _, errs, status := run(t, "lab", "run", "port-unreachable", "--pcap", file); status != 0 {
		t.Fatalf("status %d, %q", status, errs)
	}
	b, err := os.ReadFile(file)
	if err != nil || len(b) < 100 || string(b[:4]) != "\x0a\x0d\x0d\x0a" {
		t.Errorf("%v: %d octets", err, len(b))
	}
}

func TestLabErrors(t *testing.T) {
	bad := labFile(t, strings.Replace(twoHosts, "delay", "dealy", 1))
	for _, r := range []struct {
		args []string
		want string
	}{
		{[]string{"run"}, "accepts 1 arg(s), received 0"},
		{[]string{"run", "nothing"}, `"nothing": no such scenario: sonde lab list tells all; a file is named with its path`},
		{[]string{"show", "nothing"}, `"nothing": no such scenario: sonde lab list tells all; a file is named with its path`},
		{[]string{"run", "./nothing"}, "open ./nothing: no such file or directory"},
		{[]string{"run", bad}, bad + `:8:16: unknown key "dealy"`},
		{[]string{"run", "echo", "--lang", "de"}, `--lang: "de" is no language that this speaks: it speaks en, fr`},
		{[]string{"run", "echo", "--pcap", "/nothing/x"}, "open /nothing/x: no such file or directory"},
	} {
		out, errs, status := run(t, append([]string{"lab"}, r.args...)...)
		if status != 2 || out != "" || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "sonde: lab: "+r.args[0]+": "+r.want) {
			t.Errorf("%v: status %d, %q, %q", r.args, status, out, errs)
		}
	}
}

// TestLabOnly: what is about this machine's network is not taken in silence where a
// simulated one is measured.
func TestLabOnly(t *testing.T) {
	for _, x := range []struct{ command, flags string }{
		{"ping -c 1", "--mark=1 --send-buffer=1000"},
		{"trace", "--interface=e0 --fwmark=1 --owners-file=f"},
		{"mtr -r -c 1", "--interface=e0 --mark=1 --owners-file=f"},
		{"diagnose", "--interface=e0 --owners-file=f --unprivileged"},
		{"mtu", "--interface=e0"},
		{"clock -c 1", "--interface=e0"},
		{"query mask", "--interface=e0"},
		{"sweep", "--interface=e0 --engine=raw"},
		{"survey", "--interface=e0"},
	} {
		for _, flag := range strings.Fields(x.flags) {
			args := append(strings.Fields(x.command), flag, "--lab", "cmu-mit", "--virtual", "18.7.22.69")
			out, errs, status := run(t, args...)
			name, _, _ := strings.Cut(flag, "=")
			if out != "" || status != 2 || !strings.HasSuffix(errs, ": "+name+" does not go with --lab\n") {
				t.Errorf("%v: %d, %q, %q", args, status, out, errs)
			}
		}
	}
}
