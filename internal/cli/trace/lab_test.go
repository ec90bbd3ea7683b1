package trace_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/conform"
)

// run runs a command, its name first, and returns what it prints, and its status.
func run(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	return clitest.Run(t, "", args...)
}

// lab runs sonde trace in a scenario, on the virtual clock.
func lab(t *testing.T, args string) string {
	t.Helper()
	out, errs, status := run(t, append([]string{"sonde", "trace", "--virtual", "--lab"}, strings.Fields(args)...)...)
	if errs != "" || status != 0 {
		t.Errorf("%s: status %d, %s", args, status, errs)
	}
	return out
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	want = strings.TrimPrefix(want, "\n")
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

// document is a trace as an introduction to ICMP printed it. The times of the
// last hop are another matter: the host there answers pings first.
const document = `
 1  POD-C-CYH-VL4.GW.CMU.NET (128.2.4.48)  0.355 ms  0.994 ms  0.252 ms
 2  CORE255-VL907.GW.CMU.NET (128.2.255.186)  0.337 ms  0.247 ms  0.240 ms
 3  POD-I-CYH-VL987.GW.CMU.NET (128.2.255.250)  44.844 ms  199.384 ms  5.931 ms
 4  bar-cmu-ge-4-0-0-2.3rox.net (192.88.115.185)  0.547 ms  14.157 ms  2.545 ms
 5  leviathan-bar-te0-0-0-1-508.3rox.net (192.88.115.85)  0.903 ms  0.655 ms  0.638 ms
 6  wash-psc10G.layer3.nlr.net (192.88.115.165)  7.205 ms  6.688 ms  6.473 ms
 7  newy-wash-98.layer3.nlr.net (216.24.186.22)  12.449 ms  12.419 ms  11.874 ms
 8  216.24.184.102 (216.24.184.102)  11.745 ms  11.703 ms  11.641 ms
 9  W92-RTR-1-BACKBONE.MIT.EDU (18.168.0.25)  19.069 ms  21.824 ms  18.624 ms
10  WEB.MIT.EDU (18.7.22.69)  21.157 ms  20.601 ms  19.926 ms
`

const owners = `Carnegie Mellon University (cmu.net), Three Rivers Optical Exchange (3rox.net), ` +
	`National LambdaRail (nlr.net), Massachusetts Institute of Technology (mit.edu)
`

// TestDocument reproduces the document's listing, and what it concludes.
func TestDocument(t *testing.T) {
	conform.Row(t, "P-08")
	head := "traceroute to 18.7.22.69 (18.7.22.69), 30 hops max, %d byte packets"
	same(t, "English", lab(t, "cmu-mit 18.7.22.69 38"), fmt.Sprintf(head, 38)+document+
		"9 gateways between source and target\nowners on the path: "+owners)
	same(t, "French", lab(t, "cmu-mit 18.7.22.69 --lang fr"), fmt.Sprintf(head, 60)+document+
		"9 équipements séparent la source et la cible\npropriétaires des équipements traversés : "+owners)
	same(t, "classic", lab(t, "cmu-mit --classic 18.7.22.69"), fmt.Sprintf(head, 60)+document+
		"9 gateways between source and target\nowners on the path: "+owners)
	out, errs, status := run(t, "/usr/bin/traceroute", "--lab=cmu-mit", "--virtual", "18.7.22.69", "38")
	same(t, "original", out, fmt.Sprintf(head, 38)+document)
	if errs != "" || status != 0 {
		t.Error(status, errs)
	}
	out = lab(t, "cmu-mit --owners -I WEB.MIT.EDU")
	if !strings.Contains(out, "\n 6  wash-psc10G.layer3.nlr.net (192.88.115.165) [National LambdaRail (nlr.net)]  7.205 ms") ||
		!strings.HasPrefix(out, "traceroute to WEB.MIT.EDU (18.7.22.69), ") || !strings.HasSuffix(out, owners) {
		t.Error(out)
	}
}

// TestScenarios traces what the laboratory has.
func TestScenarios(t *testing.T) {
	for _, x := range []struct{ args, want string }{
		{"mpls -n -e 10.0.9.20", `
traceroute to 10.0.9.20 (10.0.9.20), 30 hops max, 60 byte packets
 1  10.0.1.1  2.000 ms  2.000 ms  2.000 ms
 2  10.0.2.2 <MPLS:L=24001,E=0,S=0,T=1/L=16,E=0,S=1,T=1>  4.000 ms  4.000 ms  4.000 ms
 3  10.0.4.2  8.000 ms  8.000 ms  8.000 ms
 4  10.0.9.20  10.000 ms  10.000 ms  10.000 ms
3 gateways between source and target
`},
		{"routing-loop -n 192.0.2.1", `
traceroute to 192.0.2.1 (192.0.2.1), 30 hops max, 60 byte packets
 1  10.0.1.1  2.000 ms  2.000 ms  2.000 ms
 2  10.0.2.2  4.000 ms  4.000 ms  4.000 ms
 3  10.0.1.1  4.000 ms  4.000 ms  4.000 ms
 4  10.0.2.2  6.000 ms  6.000 ms  6.000 ms
the way comes back to itself: hops 1 to 4, 2 gateways in turn
the target has not answered
`},
		{"routing-loop -n -q 1 --lang fr 192.0.2.1", `
traceroute to 192.0.2.1 (192.0.2.1), 30 hops max, 60 byte packets
 1  10.0.1.1  2.000 ms
 2  10.0.2.2  4.000 ms
 3  10.0.1.1  4.000 ms
 4  10.0.2.2  6.000 ms
le chemin revient sur lui-même : sauts 1 à 4, 2 équipements à tour de rôle
la cible n'a pas répondu
`},
		{"document-unreachable -n 10.0.2.100", `
traceroute to 10.0.2.100 (10.0.2.100), 30 hops max, 60 byte packets
 1  10.0.1.1  2.000 ms !H  2.000 ms !H  2.000 ms !H
the target has not answered
`},
		{"document-unreachable -n 10.0.1.1", `
traceroute to 10.0.1.1 (10.0.1.1), 30 hops max, 60 byte packets
 1  10.0.1.1  2.000 ms  2.000 ms  2.000 ms
no gateway between source and target
`},
		{"ecmp-packet -n 10.0.9.20", `
traceroute to 10.0.9.20 (10.0.9.20), 30 hops max, 60 byte packets
 1  10.0.1.1  2.000 ms  2.000 ms  2.000 ms
 2  10.0.2.2  4.000 ms 10.0.3.2  4.000 ms 10.0.2.2  4.000 ms
 3  10.0.4.2  8.000 ms  6.000 ms  8.000 ms
 4  10.0.9.20  8.000 ms  10.000 ms  8.000 ms
3 gateways between source and target
`},
	} {
		same(t, x.args, lab(t, x.args), x.want)
	}
}

// TestFlows: one flow shows one way, whichever; a flow for each probe shows both.
func TestFlows(t *testing.T) {
	conform.Row(t, "P-09")
	seen := map[string]bool{}
	for seed := range 12 {
		for _, method := range []string{"", "-I", "-T", "-U"} {
			out := lab(t, fmt.Sprintf("ecmp-flow -n -q 6 --seed %d %s 10.0.9.20", seed+1, method))
			up, down := strings.Count(out, "10.0.2.2 "), strings.Count(out, "10.0.3.2 ")
			if up+down != 1 {
				t.Errorf("%d %s: %s", seed, method, out)
			}
			seen[fmt.Sprint(method, up)] = true
		}
	}
	if len(seen) != 8 {
		t.Errorf("ways: %v", seen)
	}
	out := lab(t, "ecmp-flow -n -q 9 --classic 10.0.9.20")
	if !strings.Contains(out, "10.0.2.2 ") || !strings.Contains(out, "10.0.3.2 ") {
		t.Error(out)
	}
}

// line is a topology: a, gateways r1 to r5, b; with manners by name.
func line(t *testing.T, manners map[string]string) string {
	t.Helper()
	var s strings.Builder
	s.WriteString("links:\n")
	for i := range 6 {
		fmt.Fprintf(&s, "  l%d: {delay: 1ms%s}\n", i, manners[fmt.Sprintf("l%d", i)])
	}
	s.WriteString("nodes:\n  a: {interfaces: [{link: l0, address: 10.0.0.10/24}], routes: [{to: default, via: 10.0.0.1}], limit: {off: true}}\n")
	for i := 1; i <= 5; i++ {
		next, back := fmt.Sprintf("10.0.%d.1", i), ""
		if i == 5 {
			next = "10.0.5.10"
		}
		if i > 1 {
			back = fmt.Sprintf(", {to: 10.0.0.0/24, via: 10.0.%d.2}", i-1)
		}
		m := manners[fmt.Sprintf("r%d", i)]
		if !strings.Contains(m, "limit") {
			m += ", limit: {off: true}"
		}
		fmt.Fprintf(&s, "  r%d: {kind: gateway%s, interfaces: [{link: l%d, address: 10.0.%d.1/24}, {link: l%d, address: 10.0.%d.2/24}], routes: [{to: default, via: %s}%s]}\n",
			i, m, i-1, i-1, i, i, next, back)
	}
	fmt.Fprintf(&s, "  b: {interfaces: [{link: l5, address: 10.0.5.10/24}], routes: [{to: default, via: 10.0.5.2}]%s, limit: {off: true}}\n", manners["b"])
	path := filepath.Join(t.TempDir(), "line.yaml")
	if err := os.WriteFile(path, []byte(s.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestManners: routers that say nothing or little, links that take less.
func TestManners(t *testing.T) {
	for _, x := range []struct {
		what    string
		manners map[string]string
		args    string
		want    string
	}{
		{"silent", map[string]string{"r2": ", silent: true"}, "-n 10.0.5.10", `
 1  10.0.0.1  2.000 ms  2.000 ms  2.000 ms
 2  * * *
 3  10.0.2.1  6.000 ms  6.000 ms  6.000 ms
 4  10.0.3.1  8.000 ms  8.000 ms  8.000 ms
 5  10.0.4.1  10.000 ms  10.000 ms  10.000 ms
 6  10.0.5.10  12.000 ms  12.000 ms  12.000 ms
5 gateways between source and target
`},
		{"MTU", map[string]string{"l2": ", mtu: 1400", "l4": ", mtu: 1300"}, "-n --mtu 10.0.5.10", `
 1  10.0.0.1  2.000 ms F=1500  2.000 ms  2.000 ms
 2  10.0.1.1  4.000 ms  4.000 ms  4.000 ms
 3  10.0.2.1  6.000 ms F=1400  6.000 ms  6.000 ms
 4  10.0.3.1  8.000 ms  8.000 ms  8.000 ms
 5  10.0.4.1  10.000 ms F=1300  10.000 ms  10.000 ms
 6  10.0.5.10  12.000 ms  12.000 ms  12.000 ms
5 gateways between source and target
`},
		{"too long", map[string]string{"l2": ", mtu: 1400"}, "-n -F 10.0.5.10 1450", `
 1  10.0.0.1  2.000 ms  2.000 ms  2.000 ms
 2  10.0.1.1  4.000 ms  4.000 ms  4.000 ms
 3  10.0.1.1  4.000 ms !F-1400  4.000 ms !F-1400  4.000 ms !F-1400
the target has not answered
`},
		{"back", nil, "-n -q 1 --back -m 3 10.0.5.10", `
 1  10.0.0.1  2.000 ms
 2  10.0.1.1  4.000 ms
 3  10.0.2.1  6.000 ms
the target has not answered
`},
		{"flags of TCP", map[string]string{"b": ", listen: [{tcp: 80}]"}, "-n -T -q 1 -O info -f 6 10.0.5.10", `
 6  10.0.5.10 <syn,ack>  12.000 ms
5 gateways between source and target
`},
		{"flags of TCP", nil, "-n -T -q 1 -O info -f 6 10.0.5.10", `
 6  10.0.5.10 <rst,ack>  12.000 ms
5 gateways between source and target
`},
	} {
		out := lab(t, line(t, x.manners)+" "+x.args)
		_, out, _ = strings.Cut(out, "\n")
		same(t, x.what, out, x.want)
	}
}

// TestJSON holds the lines to what is documented.
func TestJSON(t *testing.T) {
	out := lab(t, "mpls --json -q 1 10.0.9.20")
	var lines []map[string]any
	for l := range strings.Lines(out) {
		var v map[string]any
		if err := json.Unmarshal([]byte(l), &v); err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		lines = append(lines, v)
	}
	if len(lines) != 6 {
		t.Fatal(out)
	}
	check := func(i int, want string) {
		t.Helper()
		for k := range strings.FieldsSeq(want) {
			key, value, _ := strings.Cut(k, "=")
			if got := strings.ReplaceAll(fmt.Sprint(lines[i][key]), " ", "_"); got != value {
				t.Errorf("line %d: %s is %s, want %s", i, key, got, value)
			}
		}
	}
	check(0, "event=trace host=10.0.9.20 to=10.0.9.20 from=10.0.1.10 method=udp port=33434 classic=false first_ttl=1 max_ttl=30 queries=1 size=60")
	check(1, "event=probe ttl=1 query=1 status=answered from=10.0.1.1 rtt_ns=2e+06 reply_ttl=64 back=1 size=60 mark=<nil> name=<nil>")
	check(2, "event=probe ttl=2 mpls=[map[bottom:false_label:24001_tc:0_ttl:1]_map[bottom:true_label:16_tc:0_ttl:1]] extensions=MPLS:L=24001,E=0,S=0,T=1/L=16,E=0,S=1,T=1")
	check(4, "event=probe ttl=4 reached=true")
	check(5, "event=end reached=true length=4 gateways=3 loop=<nil> error=<nil>")

	out = lab(t, "cmu-mit --json -m 1 -q 1 18.7.22.69")
	for _, want := range []string{
		`"name":"POD-C-CYH-VL4.GW.CMU.NET","owner":{"organisation":"Carnegie Mellon University (cmu.net)"}}`,
		`{"event":"end","reached":false,"length":1,"owners":["Carnegie Mellon University (cmu.net)"]}`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%s\nhas no %s", out, want)
		}
	}
	out = lab(t, "routing-loop --json -q 1 192.0.2.1")
	if want := `{"event":"end","reached":false,"length":4,"loop":{"from_ttl":1,"to_ttl":4,"period":2}}`; !strings.Contains(out, want) {
		t.Error(out)
	}
	out = lab(t, "document-unreachable --json -q 1 10.0.2.100")
	if !strings.Contains(out, `"mark":"!H"`) {
		t.Error(out)
	}
}

// TestRealClock: in a laboratory by the real clock, the order is the same.
func TestRealClock(t *testing.T) {
	begun := time.Now()
	out, errs, status := run(t, "sonde", "trace", "--lab", "mpls", "10.0.9.20")
	if n := strings.Count(out, " ms"); n != 12 || status != 0 || errs != "" {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	if d := time.Since(begun); d < 10*time.Millisecond {
		t.Errorf("it took %v", d)
	}
}

// TestRefused: what cannot be done, in one line.
func TestRefused(t *testing.T) {
	for args, want := range map[string]string{
		"":                                "accepts between 1 and 2 arg(s), received 0",
		"a b c":                           "accepts between 1 and 2 arg(s), received 3",
		"nosuch":                          "nosuch: Name or service not known",
		"-6 18.7.22.69":                   "18.7.22.69: Address family for hostname not supported",
		"18.7.22.69 x":                    `"x" is no length of a packet`,
		"18.7.22.69 0":                    `"0" is no length of a packet`,
		"18.7.22.69 65001":                "too big packetlen 65001 specified",
		"-m 256 18.7.22.69":               "max hops cannot be more than 255",
		"-f 0 18.7.22.69":                 "first hop out of range",
		"-f 31 18.7.22.69":                "first hop out of range",
		"-q 0 18.7.22.69":                 "no more than 10 probes per hop",
		"-q 11 18.7.22.69":                "no more than 10 probes per hop",
		"-N 0 18.7.22.69":                 "-N 0: one probe at a time is the least",
		"-w x 18.7.22.69":                 `-w x: strconv.ParseFloat: parsing "x": invalid syntax`,
		"-w 1,2,3,4 18.7.22.69":           "-w 1,2,3,4: not MAX,HERE,NEAR",
		"-w -1 18.7.22.69":                "-w -1: bad wait specifications `-1,0,0' used",
		"-z -1 18.7.22.69":                "-z -1: bad sendtime `-1' specified",
		"-p 65536 18.7.22.69":             "a port is between 1 and 65535",
		"--sport -1 18.7.22.69":           "a port is between 1 and 65535",
		"-t 256 18.7.22.69":               "-t 256: a type of service is between 0 and 255",
		"-4 -6 18.7.22.69":                "-4 and -6 do not go together",
		"-I -T 18.7.22.69":                "one method at a time: -I, -T, -U or -UL",
		"-M nosuch 18.7.22.69":            "Unknown traceroute module nosuch",
		"-M dccp 18.7.22.69":              "traces by dccp are not supported: there are default, udp, udplite, icmp and tcp",
		"-T -O sack 18.7.22.69":           "`sack': there is no such option of the method",
		"-I --sport 9 18.7.22.69":         "ICMP has no source port",
		"--lang xx 18.7.22.69":            `--lang: "xx" is no language that this speaks: it speaks en, fr`,
		"-s ::1 18.7.22.69":               "IP version mismatch in addresses specified",
		"-s x 18.7.22.69":                 `"x" is no address`,
		"-l 1048576 18.7.22.69":           "-l 1048576: a flow label is at most 1048575",
		"-g nosuch 18.7.22.69":            "nosuch: Name or service not known",
		"-g 1,2,3,4,5,6,7,8,9 18.7.22.69": "Too many gateways specified. No more than 8",
	} {
		out, errs, status := run(t, append([]string{"sonde", "trace", "--virtual", "--lab", "cmu-mit"}, strings.Fields(args)...)...)
		if errs != "sonde: trace: "+want+"\n" || status != 2 || out != "" {
			t.Errorf("%s: status %d\n%s%s", args, status, out, errs)
		}
	}
}

// TestMethods: each way to ask gets there.
func TestMethods(t *testing.T) {
	for _, x := range []struct{ args, method, port string }{
		{"", "udp", `"port":33434,`},
		{"-M default", "udp", `"port":33434,`},
		{"-U", "udp", `"port":53,`},
		{"-M udp -p 123", "udp", `"port":123,`},
		{"-UL", "udplite", `"port":53,`},
		{"-M udplite", "udplite", `"port":53,`},
		{"-I", "icmp", ""},
		{"-M icmp -p 7 -O raw", "icmp", ""},
		{"-T", "tcp", `"port":80,`},
		{"-M tcp -p 443 -O syn,sysctl,reuse", "tcp", `"port":443,`},
		{"--sport 4000", "udp", `"port":33434,`},
		{"-w 5 -z 20 -N 3 -t 0x10 -r -d -F", "udp", `"port":33434,`},
	} {
		out := lab(t, "echo --json --from a "+x.args+" b")
		first, _, _ := strings.Cut(out, "\n")
		if !strings.Contains(first, `"method":"`+x.method+`",`+x.port) || !strings.Contains(out, `"event":"end","reached":true`) {
			t.Errorf("%s: %s", x.args, out)
		}
	}
}

// TestTranslated says below the hops where the probes begin to be others, and not
// when it is called by the original's name: then those are silent.
func TestTranslated(t *testing.T) {
	const at = "../multipath/testdata/translator.yaml --from a --seed 2 -n "
	hops := `
traceroute to b (192.0.2.80), 30 hops max, 60 byte packets
 1  10.0.0.1  2.000 ms  2.000 ms  2.000 ms
 2  10.0.1.2  4.000 ms  4.000 ms  4.000 ms
 3  198.51.100.1  6.000 ms  6.000 ms  6.000 ms
 4  203.0.113.2  8.000 ms  8.000 ms  8.000 ms
 5  192.0.2.80  10.000 ms  10.000 ms  10.000 ms
`
	same(t, "udp", lab(t, at+"b"), hops+`hop 3 (198.51.100.1) saw the probes with source 198.51.100.7, source port 53838: translated at hop 2 or behind it
4 gateways between source and target
`)
	same(t, "icmp", lab(t, at+"-I --lang fr b"), hops+`le saut 3 (198.51.100.1) a vu les sondes avec la source 198.51.100.7, un autre identifiant : traduction au saut 2 ou derrière lui
4 équipements séparent la source et la cible
`)
	var end struct {
		Rewritten []struct {
			TTL     int    `json:"ttl"`
			After   int    `json:"after_ttl"`
			From    string `json:"from"`
			Src     string `json:"src"`
			SrcPort int    `json:"src_port"`
		} `json:"rewritten"`
	}
	lines := strings.Split(strings.TrimSpace(lab(t, at+"--json b")), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || len(end.Rewritten) != 1 {
		t.Fatalf("%v: %v", err, lines)
	}
	if r := end.Rewritten[0]; r.TTL != 3 || r.After != 2 || r.From != "198.51.100.1" || r.Src != "198.51.100.7" || r.SrcPort != 53838 {
		t.Errorf("%+v", r)
	}
	out, _, status := run(t, "traceroute", "--virtual", "--lab=../multipath/testdata/translator.yaml", "--from=a", "--seed=2", "-n", "-m", "4", "b")
	if !strings.HasSuffix(out, "\n 3  * * *\n 4  * * *\n") || status != 0 {
		t.Errorf("status %d\n%s", status, out)
	}
}
