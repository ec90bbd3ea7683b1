package multipath_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/conform"
)

func run(t *testing.T, args string) (out, errs string, status int) {
	t.Helper()
	return clitest.Run(t, "", strings.Fields("sonde trace "+args)...)
}

// good runs it on the virtual clock, and wants it to be right.
func good(t *testing.T, args string) string {
	t.Helper()
	out, errs, status := run(t, "--virtual --multipath "+args)
	if errs != "" || status != 0 {
		t.Errorf("%s: status %d, %s", args, status, errs)
	}
	return out
}

// TestText is what is drawn.
func TestText(t *testing.T) {
	conform.Row(t, "P-09")
	for args, want := range map[string]string{
		"--lab ecmp-flow b": `
ways to b (10.0.9.20) by udp, confidence 95 %, 30 hops max
 1  ●     10.0.1.1  2.000 ms  2 ways, by flow
    └┬─┐
 2   A B  A  10.0.3.2  4.000 ms
 2        B  10.0.2.2  4.000 ms
    ┌┘ │
    ├──┘
 3  ●     10.0.4.2  6.000 ms
 4  ●     10.0.9.20  8.000 ms

diamond from 10.0.1.1 (hop 1) to 10.0.4.2 (hop 3): 2 wide, 2 long, by flow
the target is reached; `,
		"--lab ecmp-packet --lang fr b": `
chemins vers b (10.0.9.20) par udp, confiance 95 %, 30 sauts au plus
 1  ●     10.0.1.1  2.000 ms  2 chemins, par paquet
    └┬─┐
 2   A B  A  10.0.2.2  4.000 ms
 2        B  10.0.3.2  4.000 ms
    ┌┘ │
    ├──┘
 3  ●     10.0.4.2  6.000 ms
 4  ●     10.0.9.20  8.000 ms

losange de 10.0.1.1 (saut 1) à 10.0.4.2 (saut 3) : largeur 2, longueur 2, par paquet
la cible est atteinte ; `,
		"--lab testdata/mesh.yaml --from s --seed 2 --confidence 0.99 g": `
ways to g (10.1.9.10) by udp, confidence 99 %, 30 hops max
 1  ●     10.1.0.1  2.000 ms  2 ways, by flow
    └┬─┐
 2   A B  A  10.1.1.2  4.000 ms  2 ways, by flow
 2        B  10.1.2.2  4.000 ms  2 ways, by flow
    ┌┴┐│
    ├─┼┘
 3  A B   A  10.1.4.2  6.000 ms
 3        B  10.1.3.2  6.000 ms
    └┐│
     ├┘
 4   ●    10.1.7.2  8.000 ms
 5   ●    10.1.9.10  10.000 ms

diamond from 10.1.0.1 (hop 1) to 10.1.7.2 (hop 4): 2 wide, 3 long, by flow, uneven
the target is reached; `,
		"--lab cmu-mit -I -m 3 18.7.22.69": `
ways to 18.7.22.69 (18.7.22.69) by icmp, confidence 95 %, 3 hops max
 1  ●   POD-C-CYH-VL4.GW.CMU.NET (128.2.4.48) [Carnegie Mellon University (cmu.net)]  `,
		"--lab host-unreachable --from a -n 10.0.9.20": "",
		"--lab testdata/translator.yaml --from a --seed 2 b": `
ways to b (192.0.2.80) by udp, confidence 95 %, 30 hops max
 1  ●   10.0.0.1  2.000 ms
 2  ●   10.0.1.2  4.000 ms
 3  ●   198.51.100.1  6.000 ms  saw source 198.51.100.7, source port 53838
 4  ●   203.0.113.2  8.000 ms
 5  ●   192.0.2.80  10.000 ms

one way alone
hop 3 (198.51.100.1) saw the probes with source 198.51.100.7, source port 53838: translated at hop 2 or behind it
the target is reached; 30 probes of 6 flows
`,
		"--lab testdata/translator.yaml --from a --seed 2 --lang fr -I b": `
chemins vers b (192.0.2.80) par icmp, confiance 95 %, 30 sauts au plus
 1  ●   10.0.0.1  2.000 ms
 2  ●   10.0.1.2  4.000 ms
 3  ●   198.51.100.1  6.000 ms  a vu la source 198.51.100.7, un autre identifiant
 4  ●   203.0.113.2  8.000 ms
 5  ●   192.0.2.80  10.000 ms

un seul chemin
le saut 3 (198.51.100.1) a vu les sondes avec la source 198.51.100.7, un autre identifiant : traduction au saut 2 ou derrière lui
la cible est atteinte ; 30 sondes de 6 flux
`,
	} {
		if got := good(t, args); !strings.HasPrefix("\n"+got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", args, got, want)
		}
	}
	out := good(t, "--lab cmu-mit -m 3 18.7.22.69")
	if !strings.Contains(out, "\none way alone\nthe target has not answered; 18 probes of 6 flows\n") {
		t.Error(out)
	}
}

// TestJSON is one line, with names and owners.
func TestJSON(t *testing.T) {
	var g struct {
		Event      string  `json:"event"`
		Host       string  `json:"host"`
		To         string  `json:"to"`
		From       string  `json:"from"`
		Method     string  `json:"method"`
		Confidence float64 `json:"confidence"`
		Reached    bool    `json:"reached"`
		Probes     int     `json:"probes"`
		Vertices   []struct {
			TTL   int    `json:"ttl"`
			Addr  string `json:"addr"`
			Name  string `json:"name"`
			Owner struct {
				Organisation string `json:"organisation"`
			} `json:"owner"`
		} `json:"vertices"`
		Edges    []struct{ From, To, Flows int } `json:"edges"`
		Diamonds []struct {
			PerPacket bool `json:"per_packet"`
		} `json:"diamonds"`
	}
	out := good(t, "--json -T -p 443 --lab cmu-mit 18.7.22.69")
	if err := json.Unmarshal([]byte(out), &g); err != nil || strings.Count(out, "\n") != 1 {
		t.Fatalf("%v\n%s", err, out)
	}
	if g.Event != "multipath" || g.Host != "18.7.22.69" || g.To != g.Host || g.Method != "tcp" || g.Confidence != 0.95 || !g.Reached ||
		len(g.Vertices) != 10 || len(g.Edges) != 10 || g.Edges[0].From != -1 || g.Edges[0].Flows != 6 || len(g.Diamonds) > 0 {
		t.Errorf("%+v", g)
	}
	if v := g.Vertices[9]; v.TTL != 10 || v.Name != "WEB.MIT.EDU" || v.Owner.Organisation != "Massachusetts Institute of Technology (mit.edu)" {
		t.Errorf("%+v", v)
	}
	out = good(t, "--json --lab ecmp-packet b")
	if err := json.Unmarshal([]byte(out), &g); err != nil || len(g.Diamonds) != 1 || !g.Diamonds[0].PerPacket {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestTranslated has where it begins in JSON and in the graph.
func TestTranslated(t *testing.T) {
	var g struct {
		Vertices []struct {
			Shown *struct{ Src string } `json:"shown"`
		} `json:"vertices"`
		Rewritten []struct {
			TTL   int    `json:"ttl"`
			After int    `json:"after_ttl"`
			From  string `json:"from"`
			Src   string `json:"src"`
		} `json:"rewritten"`
	}
	const at = "--lab testdata/translator.yaml --from a --seed 2 -T b"
	out := good(t, "--json "+at)
	if err := json.Unmarshal([]byte(out), &g); err != nil || len(g.Rewritten) != 1 || len(g.Vertices) != 5 {
		t.Fatalf("%v\n%s", err, out)
	}
	if r := g.Rewritten[0]; r.TTL != 3 || r.After != 2 || r.From != "198.51.100.1" || r.Src != "198.51.100.7" {
		t.Errorf("%+v", r)
	}
	for i, v := range g.Vertices {
		if (v.Shown != nil) != (i == 2 || i == 3) {
			t.Errorf("%d: %s", i, out)
		}
	}
	if out := good(t, "--dot "+at); !strings.Contains(out, `v2 [label="198.51.100.1\n6.000 ms\nsaw source 198.51.100.7, source port 59748"];`) || strings.Count(out, "saw") != 1 {
		t.Error(out)
	}
}

// TestDOT is a graph of Graphviz.
func TestDOT(t *testing.T) {
	want := `digraph "b" {
	node [shape=box];
	source [label="10.0.1.10", shape=ellipse];
	v0 [label="10.0.1.1\n2.000 ms"];
	v1 [label="10.0.2.2\n4.000 ms"];
	v2 [label="10.0.3.2\n4.000 ms"];
	v3 [label="10.0.4.2\n6.000 ms"];
	v4 [label="10.0.9.20\n8.000 ms", shape=ellipse];
	source -> v0;
	v0 -> v1 [style=dotted];
	v0 -> v2 [style=dotted];
	v1 -> v3;
	v2 -> v3;
	v3 -> v4;
}
`
	if got := good(t, "--dot --lab ecmp-packet b"); got != want {
		t.Errorf("%s", got)
	}
	if got := good(t, "--dot --lab cmu-mit -m 2 18.7.22.69"); !strings.Contains(got, `v1 [label="CORE255-VL907.GW.CMU.NET\n128.2.255.186\n`) {
		t.Errorf("%s", got)
	}
}

func TestRefused(t *testing.T) {
	for args, want := range map[string]string{
		"--dot b":                             "--dot goes with --multipath",
		"--confidence 0.99 b":                 "--confidence goes with --multipath",
		"--multipath --dot --json b":          "--dot and --json do not go together",
		"--multipath -UL b":                   "--multipath goes by UDP, -I or -T",
		"--multipath --mtu b":                 "--multipath has flows of its own: --classic, --mtu, -g and --sport do not go with it",
		"--multipath --classic b":             "--multipath has flows of its own: --classic, --mtu, -g and --sport do not go with it",
		"--multipath --confidence 0.49 b":     "--confidence is between 0.5 and 0.9999",
		"--multipath --confidence 1 b":        "--confidence is between 0.5 and 0.9999",
		"--multipath --lab ecmp-flow nobody9": "nobody9: Name or service not known",
	} {
		if _, errs, status := run(t, args); errs != "sonde: trace: "+want+"\n" || status != 2 {
			t.Errorf("%s: status %d, %s", args, status, errs)
		}
	}
}
