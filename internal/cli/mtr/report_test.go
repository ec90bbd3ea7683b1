package mtr_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// limited is a way whose second gateway writes few answers, and whose third none.
const limited = `name: limited
links: {l1: {delay: 1ms}, l2: {delay: 2ms}, l3: {delay: 3ms}, l4: {delay: 1ms}}
nodes:
  a:
    interfaces: [{link: l1, address: 10.0.1.10/24}]
    routes: [{to: default, via: 10.0.1.1}]
  r1:
    kind: gateway
    interfaces: [{link: l1, address: 10.0.1.1/24}, {link: l2, address: 10.0.2.1/24}]
    routes: [{to: default, via: 10.0.2.2}]
  r2:
    kind: gateway
    silent: true
    interfaces: [{link: l2, address: 10.0.2.2/24}, {link: l3, address: 10.0.3.1/24}]
    routes: [{to: default, via: 10.0.3.2}, {to: 10.0.1.0/24, via: 10.0.2.1}]
  r3:
    kind: gateway
    interfaces: [{link: l3, address: 10.0.3.2/24}, {link: l4, address: 10.0.4.1/24}]
    routes: [{to: 10.0.1.0/24, via: 10.0.3.1}]
  b:
    interfaces: [{link: l4, address: 10.0.4.20/24}]
    routes: [{to: default, via: 10.0.4.1}]
names:
  10.0.4.20: {name: "far,away.example", owner: Example}
  10.0.3.2: {name: r3.example}
`

// file writes a topology.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lab.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReports holds reports of laboratories to their golden files: each format,
// both languages, ours and the original's.
func TestReports(t *testing.T) {
	for _, tt := range []struct{ name, args string }{
		{"text", "sonde mtr -r -c 5 --lab cmu-mit --virtual --seed 7 18.7.22.69"},
		{"wide", "sonde mtr -w -c 5 --lab cmu-mit --virtual --seed 7 -b --owners 18.7.22.69"},
		{"numeric", "sonde mtr -r -n -c 5 --lab cmu-mit --virtual --seed 7 -o LDRS_NBAWVGJMXI 18.7.22.69"},
		{"flows", "sonde mtr -r -c 8 --lab ecmp-flow --virtual --seed 7 --flows 4 b"},
		{"flows-fr", "sonde mtr -r -c 8 --lab ecmp-flow --virtual --seed 7 --flows 4 --lang fr b"},
		{"one-way", "sonde mtr -r -c 4 --lab mpls --virtual --seed 7 --flows 2 b"},
		{"packets", "sonde mtr -r -c 8 --lab ecmp-packet --virtual --seed 7 b"},
		{"mpls", "sonde mtr -r -c 2 -e --lab mpls --virtual --seed 7 b"},
		{"mpls-as", "sonde mtr -r -c 2 -e -z --lab mpls --virtual --seed 7 b"},
		{"udp", "sonde mtr -r -c 2 -u -P 5000 --lab mpls --virtual --seed 7 b"},
		{"tcp", "sonde mtr -r -c 2 -T --lab mpls --virtual --seed 7 b"},
		{"hops", "sonde mtr -r -c 2 -f 2 -m 3 --lab mpls --virtual --seed 7 b"},
		{"csv", "sonde mtr -C -c 2 -z --lab cmu-mit --virtual --seed 7 18.7.22.69"},
		{"json", "sonde mtr -j -c 2 -Q 16 -s 100 -B 3 --lab mpls --virtual --seed 7 b"},
		{"xml", "sonde mtr -x -c 2 --lab mpls --virtual --seed 7 b"},
		{"raw", "sonde mtr -l -c 2 -i 0.5 --lab mpls --virtual --seed 7 b"},
		{"markdown", "sonde mtr --report-format markdown -c 4 -e -z --flows 2 --lab ecmp-flow --virtual --seed 7 b"},
		{"markdown-fr", "sonde mtr --report-format markdown -c 4 --lang fr --lab mpls --virtual --seed 7 b"},
		{"dot", "sonde mtr --report-format dot -c 8 --flows 4 --lab ecmp-flow --virtual --seed 7 b"},
		{"lines", "sonde mtr --json -c 4 --flows 2 --lab ecmp-flow --virtual --seed 7 b"},
		{"change", "sonde mtr -r -c 20 --lab path-change --virtual --seed 7 b"},
		{"change-back", "sonde mtr -r -c 40 -6 --lang fr --lab path-change --virtual --seed 7 b"},
		{"change-outage", "sonde mtr -r -c 12 --lab path-change --virtual --seed 7 b"},
		{"change-flows", "sonde mtr -r -c 24 --flows 2 --lab path-change --virtual --seed 7 b"},
		{"change-dot", "sonde mtr --report-format dot -c 40 --lab path-change --virtual --seed 7 b"},
		{"change-markdown", "sonde mtr --report-format markdown -c 20 --lab path-change --virtual --seed 7 b"},
		{"change-lines", "sonde mtr --json -c 20 --lab path-change --virtual --seed 7 b"},
		{"change-original", "mtr -r -c 20 --lab path-change --virtual --seed 7 b"},
		{"translated", "sonde mtr -r -c 2 --lab ../multipath/testdata/translator.yaml --from a --virtual --seed 2 b"},
		{"translated-fr", "sonde mtr -r -c 2 -u --lang fr --lab ../multipath/testdata/translator.yaml --from a --virtual --seed 2 b"},
		{"translated-lines", "sonde mtr --json -c 2 -T --lab ../multipath/testdata/translator.yaml --from a --virtual --seed 2 b"},
		{"translated-original", "mtr -r -c 2 --lab ../multipath/testdata/translator.yaml --from a --virtual --seed 2 b"},
		{"original", "mtr -r -c 3 --lab cmu-mit --virtual --seed 7 18.7.22.69"},
		{"original-json", "mtr --json --report-c=3 --lab mpls --virtual --seed 7 b"},
	} {
		args := strings.Fields(tt.args)
		out, errs, status := run(t, args...)
		if status != 0 || errs != "" {
			t.Errorf("%s: status %d, %q", tt.args, status, errs)
		}
		golden(t, tt.name, "$ "+tt.args+"\n"+out)
		again, _, _ := run(t, args...)
		if again != out {
			t.Errorf("%s: another time it prints\n%s", tt.args, again)
		}
	}
}

// TestSilent: a hop that never answers, names with a comma in them.
func TestSilent(t *testing.T) {
	lab := file(t, limited)
	out, errs, status := run(t, "sonde", "mtr", "-C", "-c", "3", "--lab", lab, "--virtual", "--seed", "7", "b")
	if status != 0 {
		t.Fatal(status, errs)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil && !errors.Is(err, csv.ErrFieldCount) { // a comma ends the first line, as in the original
		t.Fatal(err)
	}
	all := strings.Split(out, "\n")
	if len(rows) > 5 || !strings.HasPrefix(all[2], "MTR.0.95,1767268800,OK,b,2,???,100.00,3,3,0.00") || !strings.Contains(all[4], `,"far,away.example",0.00,`) {
		t.Error(out)
	}
}

// TestMachines: what is for machines can be read by them.
func TestMachines(t *testing.T) {
	lab := file(t, limited)
	out, _, _ := run(t, "sonde", "mtr", "-j", "-c", "3", "--lab", lab, "--virtual", "--seed", "7", "b")
	var r struct {
		Report struct {
			Mtr  struct{ Src, Dst, Psize string }
			Hubs []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || len(r.Report.Hubs) != 4 || r.Report.Hubs[1]["Loss%"] != 100.0 || r.Report.Mtr.Src != "a" {
		t.Errorf("%v\n%s", err, out)
	}
	out, _, _ = run(t, "sonde", "mtr", "-x", "-c", "3", "--lab", lab, "--virtual", "--seed", "7", "b")
	d := xml.NewDecoder(strings.NewReader(out))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	out, _, _ = run(t, "sonde", "mtr", "--json", "-c", "3", "--lab", lab, "--virtual", "--seed", "7", "b")
	var events []string
	for l := range strings.Lines(out) {
		var e struct{ Event string }
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e.Event)
	}
	if got := strings.Join(events, " "); got != "mtr hop hop hop hop way path end" {
		t.Error(got)
	}
}

// TestErrors: one line, and the exit status.
func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		args   string
		status int
		want   string
	}{
		{"sonde mtr", 2, "sonde: mtr: which host? It stands behind the flags\n"},
		{"sonde mtr --lab mpls nobody", 2, "sonde: mtr: nobody: Name or service not known\n"},
		{"sonde mtr -6 --lab mpls b", 2, "sonde: mtr: b: Address family for hostname not supported\n"},
		{"sonde mtr -c x --lab mpls b", 2, "sonde: mtr: invalid argument: 'x'\n"},
		{"sonde mtr -i 0 --lab mpls b", 2, "sonde: mtr: wait time must be positive\n"},
		{"sonde mtr -i 0.001 --lab mpls b", 2, "sonde: mtr: mtr.Config: field Interval: want 10 ms to an hour\n"},
		{"sonde mtr -s 30 --lab mpls b", 2, "sonde: mtr: packets of 30 octets are too short: 38 is the least\n"},
		{"sonde mtr -m 256 --lab mpls b", 2, "sonde: mtr: value out of range (1 - 255): 256\n"},
		{"sonde mtr --flows 65 --lab mpls b", 2, "sonde: mtr: --flows 65: 1 to 64\n"},
		{"sonde mtr --report-format x --lab mpls b", 2, "sonde: mtr: --report-format \"x\": there are text, wide, csv, json, xml, raw, markdown, dot\n"},
		{"sonde mtr -F /nosuch", 2, "sonde: mtr: open /nosuch: no such file or directory\n"},
		{"sonde mtr --lang de --lab mpls b", 2, "sonde: mtr: --lang: \"de\" is no language that this speaks: it speaks en, fr\n"},
		{"mtr -u -T b", 1, "mtr: -u , -T and -S are mutually exclusive\n"},
		{"mtr -o Z b", 1, "mtr: Unknown field identifier: Z\n"},
		{"mtr -P 70000 b", 1, "mtr: Illegal port number: 70000\n"},
		{"mtr -L 100 b", 1, "mtr: Illegal port number: 100\n"},
		{"mtr -a x b", 1, "mtr: invalid local address\n"},
		{"mtr -y 9 b", 1, "mtr: value 9 out of range (0 - 4)\n"},
		{"mtr --displaymode 7 b", 1, "mtr: value out of range (0 - 2): 7\n"},
		{"mtr -M z b", 1, "mtr: invalid argument: 'z'\n"},
		{"mtr -G 0 b", 1, "mtr: wait time must be positive\n"},
		{"mtr -Q 300 b", 1, "mtr: value out of range (0 - 255): 300\n"},
		{"mtr --lab mpls nobody", 2, "mtr: nobody: Name or service not known\n"},
	} {
		out, errs, status := run(t, strings.Fields(tt.args)...)
		if status != tt.status || errs != tt.want || out != "" {
			t.Errorf("%s: status %d, %q, %q", tt.args, status, errs, out)
		}
	}
	out, errs, status := run(t, "mtr", "--bogus")
	if status != 1 || out != "" || !strings.HasPrefix(errs, "mtr: unknown flag: --bogus\n\nUsage:\n") {
		t.Error(status, out, errs)
	}
	for _, x := range [][2]string{{"-h", "Usage:\n  mtr [options] hostname\n"}, {"--help", "-F, --filename FILE"}, {"-v", "mtr 0.95\n"}, {"--version", "by sonde"}} {
		if out, errs, status := run(t, "mtr", x[0]); status != 0 || errs != "" || !strings.Contains(out, x[1]) {
			t.Errorf("%s: %d, %q, %q", x[0], status, out, errs)
		}
	}
}

// TestHosts: several hosts one after the other, from a file too; MTR_OPTIONS comes
// before the command line.
func TestHosts(t *testing.T) {
	hosts := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(hosts, []byte("b # the far one\n\nnobody\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MTR_OPTIONS", "-c 7 -n")
	out, errs, status := run(t, "mtr", "-r", "-c", "2", "--lab", "mpls", "--virtual", "--seed", "7", "-F", hosts, "in")
	if status != 2 || errs != "mtr: nobody: Name or service not known\n" || strings.Count(out, "HOST: a ") != 2 || strings.Count(out, "0.0%     2 ") != 5 {
		t.Error(status, errs, out)
	}
}
