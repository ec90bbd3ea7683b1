package ping_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/cli"
	"github.com/sonde-net/sonde/internal/conform"
)

// run runs a command line of sonde.
func run(t *testing.T, in string, args ...string) (out, errs string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return runCtx(ctx, in, append([]string{"sonde"}, args...)...)
}

func runCtx(ctx context.Context, in string, args ...string) (out, errs string, status int) {
	var o, e bytes.Buffer
	status = cli.Run(ctx, args, cli.Streams{In: strings.NewReader(in), Out: &o, Err: &e})
	return o.String(), e.String(), status
}

// inLab runs sonde ping in a laboratory, by the virtual clock.
func inLab(t *testing.T, lab, args string) (out, errs string, status int) {
	t.Helper()
	return run(t, "", append([]string{"ping", "--lang", "en", "--virtual", "--lab", lab}, strings.Fields(args)...)...)
}

// file writes a topology.
func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "lab.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestDocument reproduces the listing of an introduction to ICMP, line by line:
// a ping of the web server of MIT.
func TestDocument(t *testing.T) {
	conform.Row(t, "P-07")
	const listing = `PING 18.7.22.69 (18.7.22.69) 56(84) bytes of data.
64 bytes from 18.7.22.69: icmp_seq=1 ttl=240 time=84.1 ms
64 bytes from 18.7.22.69: icmp_seq=2 ttl=240 time=83.6 ms
64 bytes from 18.7.22.69: icmp_seq=3 ttl=240 time=82.9 ms
64 bytes from 18.7.22.69: icmp_seq=4 ttl=240 time=83.2 ms
64 bytes from 18.7.22.69: icmp_seq=5 ttl=240 time=83.1 ms

--- 18.7.22.69 ping statistics ---
5 packets transmitted, 5 received, 0% packet loss, time 4010ms
rtt min/avg/max/mdev = 82.926/83.421/84.157/0.427 ms
`
	out, errs, status := inLab(t, "cmu-mit", "-c 5 18.7.22.69")
	got, want := strings.Split(out, "\n"), strings.Split(listing, "\n")
	if errs != "" || status != 0 || len(got) != len(want) {
		t.Fatalf("status %d, %q\n%s", status, errs, out)
	}
	times := regexp.MustCompile(`time[= ]([\d.]+) ?ms`)
	value := func(line string) float64 {
		v, _ := strconv.ParseFloat(times.FindStringSubmatch(line)[1], 64)
		return v
	}
	for i := range want {
		if !times.MatchString(want[i]) {
			if got[i] != want[i] {
				t.Errorf("line %d: %q, want %q", i+1, got[i], want[i])
			}
			continue
		}
		// The ping of those days cut times off, and took 2.5 ms more for each
		// interval.
		if a, b := times.ReplaceAllString(got[i], ""), times.ReplaceAllString(want[i], ""); a != b {
			t.Errorf("line %d: %q, want %q", i+1, got[i], want[i])
		}
		if d := value(got[i]) - value(want[i]); d < -10 || d > 0.11 {
			t.Errorf("line %d: %q, want %q", i+1, got[i], want[i])
		}
	}
	// Another run is the same, and so is the binary called otherwise.
	if again, _, _ := inLab(t, "cmu-mit", "--count=5 18.7.22.69"); again != out {
		t.Errorf("another run:\n%s", again)
	}
}

// TestNames: a host that was named has its name in each line, and those who
// complain have theirs.
func TestNames(t *testing.T) {
	out, _, _ := inLab(t, "cmu-mit", "-c 1 --from cmu WEB.MIT.EDU")
	if !strings.Contains(out, "PING WEB.MIT.EDU (18.7.22.69) 56(84)") || !strings.Contains(out, "64 bytes from WEB.MIT.EDU (18.7.22.69): icmp_seq=1") {
		t.Error(out)
	}
	out, _, _ = inLab(t, "cmu-mit", "-n -c 1 WEB.MIT.EDU")
	if !strings.Contains(out, "PING WEB.MIT.EDU (18.7.22.69) 56(84)") || !strings.Contains(out, "64 bytes from 18.7.22.69: icmp_seq=1") {
		t.Error(out)
	}
	out, _, status := inLab(t, "cmu-mit", "-c 1 -t 2 --from cmu WEB.MIT.EDU")
	if want := "From CORE255-VL907.GW.CMU.NET (128.2.255.186) icmp_seq=1 Time to live exceeded\n"; !strings.Contains(out, want) || status != 1 {
		t.Errorf("status %d\n%s", status, out)
	}
}

const wire = `
seed: 5
links: {wire: {delay: 1ms%s}}
nodes:
  a: {interfaces: [{link: wire, address: 10.0.0.1/24, address6: "fd00::1/64"}], limit: {off: true}}
  b: {interfaces: [{link: wire, address: 10.0.0.2/24, address6: "fd00::2/64"}], limit: {off: true}}
names:
  10.0.0.2: {name: b.example}
  fd00::2: {name: b.example}
`

func lab(t *testing.T, link string) string {
	t.Helper()
	return file(t, strings.Replace(wire, "%s", link, 1))
}

// TestLines are the lines of what can happen, each with its exit status.
func TestLines(t *testing.T) {
	good, doubling, deaf := lab(t, ""), lab(t, ", duplicate: 100%"), lab(t, ", loss: 100%")
	for _, tt := range []struct {
		lab, args, out, errs string
		status               int
	}{
		{good, "-c 1 10.0.0.2", `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=2.00 ms

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 2.000/2.000/2.000/0.000 ms
`, "", 0},
		{good, "-c 1 -6 b.example", `PING b.example(b.example (fd00::2)) 56 data bytes
64 bytes from b.example (fd00::2): icmp_seq=1 ttl=64 time=2.00 ms

--- b.example ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 2.000/2.000/2.000/0.000 ms
`, "", 0},
		{good, "-c 2 -q -A -p ff00 10.0.0.2", `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.

--- 10.0.0.2 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 2ms
rtt min/avg/max/mdev = 2.000/2.000/2.000/0.000 ms, ipg/ewma 2.000/2.000 ms
`, "", 0},
		{good, "-c 1 -D -a -p abc -s 1 10.0.0.2", `PATTERN: 0xab0c
PING 10.0.0.2 (10.0.0.2) 1(29) bytes of data.
[1767268800.002000] 9 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=2.00 ms` + "\a" + `

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 2.000/2.000/2.000/0.000 ms
`, "", 0},
		{doubling, "-c 2 10.0.0.2", `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=2.00 ms
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=2.00 ms (DUP!)
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=2.00 ms (DUP!)
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=2.00 ms (DUP!)
64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=2.00 ms

--- 10.0.0.2 ping statistics ---
2 packets transmitted, 2 received, +3 duplicates, 0% packet loss, time 1000ms
rtt min/avg/max/mdev = 2.000/2.000/2.000/0.000 ms
`, "", 0},
		{deaf, "-c 3 -O -W 2 -l 2 10.0.0.2", `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
no answer yet for icmp_seq=1
no answer yet for icmp_seq=2

--- 10.0.0.2 ping statistics ---
3 packets transmitted, 0 received, 100% packet loss, time 1000ms

`, "", 1},
		{good, "-f -c 2 10.0.0.2", "PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n.\b \b.\b \b\n" +
			"--- 10.0.0.2 ping statistics ---\n2 packets transmitted, 2 received, 0% packet loss, time 2ms\n" +
			"rtt min/avg/max/mdev = 2.000/2.000/2.000/0.000 ms, ipg/ewma 2.000/2.000 ms\n", "", 0},
		{good, "-c 1 -M do -s 2000 10.0.0.2", `PING 10.0.0.2 (10.0.0.2) 2000(2028) bytes of data.

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms

`, "sonde: ping: local error: message too long, mtu=1500\n", 1},
		{good, "-c 1 -F 5 -I fd00::1 fd00::2", `PING fd00::2(fd00::2) , flow 0x00005, from fd00::1 : 56 data bytes
64 bytes from fd00::2: icmp_seq=1 ttl=64 time=2.00 ms

--- fd00::2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 2.000/2.000/2.000/0.000 ms
`, "", 0},
		{good, "-c 1 -w 1 10.0.0.3", `PING 10.0.0.3 (10.0.0.3) 56(84) bytes of data.

--- 10.0.0.3 ping statistics ---
1 packets transmitted, 0 received, 100% packet loss, time 0ms

`, "", 1},
		{good, "--stamp-source -c 1 10.0.0.2", `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=2.00 ms (sent: program, received: program)

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 2.000/2.000/2.000/0.000 ms
`, "", 0},
	} {
		out, errs, status := inLab(t, tt.lab, tt.args)
		if strings.Contains(tt.args, "-w 1") { // as many as fit into a second
			out = strings.ReplaceAll(out, "2 packets", "1 packets")
		}
		if out != tt.out || errs != tt.errs || status != tt.status {
			t.Errorf("%s: status %d, %q\n%q\nwant %d, %q\n%q", tt.args, status, errs, out, tt.status, tt.errs, tt.out)
		}
	}
}

// TestSeveral: each has its lines and numbers; the table has one line for each.
func TestSeveral(t *testing.T) {
	l := lab(t, "")
	out, errs, status := inLab(t, l, "-c 2 -q --summary --percentiles 10.0.0.2 b.example 10.0.0.9")
	want := `10.0.0.2  : xmt/rcv/%loss = 2/2/0%, min/avg/max = 2.00/2.00/2.00, p50/p90/p99 = 2.02/2.02/2.02
b.example : xmt/rcv/%loss = 2/2/0%, min/avg/max = 2.00/2.00/2.00, p50/p90/p99 = 2.02/2.02/2.02
10.0.0.9  : xmt/rcv/%loss = 2/0/100%
`
	if out != want || errs != "" || status != 1 {
		t.Errorf("status %d, %q\n%s", status, errs, out)
	}
	name := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(name, []byte("10.0.0.2 fd00::2 # two\n\n# none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--file", name}, {"--file", "-"}, {"10.0.0.2", "fd00::2"}} {
		args = append([]string{"ping", "--lang", "en", "--virtual", "--lab", l, "-c", "1", "-q"}, args...)
		out, errs, status = run(t, "10.0.0.2\nfd00::2", args...)
		if strings.Count(out, "1 packets transmitted, 1 received, 0% packet loss, time 0ms") != 2 || errs != "" || status != 0 {
			t.Errorf("%v: status %d, %q\n%s", args, status, errs, out)
		}
	}
	// Who is unknown is told, and the others are asked all the same.
	out, errs, status = inLab(t, l, "-c 1 nobody b.example noone")
	if errs != "sonde: ping: nobody: Name or service not known\nsonde: ping: noone: Name or service not known\n" || status != 2 ||
		!strings.Contains(out, "1 packets transmitted, 1 received") {
		t.Errorf("status %d, %q\n%s", status, errs, out)
	}
}

// TestJSON: an object for each thing that happens, and one for each host.
func TestJSON(t *testing.T) {
	out, errs, status := inLab(t, "cmu-mit", "--json -c 1 --percentiles -t 3 --from cmu WEB.MIT.EDU 128.2.4.48")
	if errs != "" || status != 1 {
		t.Errorf("status %d, %q", status, errs)
	}
	var events []string
	all := map[string]map[string]any{}
	for l := range strings.Lines(out) {
		var x map[string]any
		if err := json.Unmarshal([]byte(l), &x); err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		key := x["event"].(string) + " " + x["host"].(string)
		events, all[key] = append(events, key), x
	}
	want := "reply 128.2.4.48, error WEB.MIT.EDU, summary WEB.MIT.EDU, summary 128.2.4.48"
	if got := strings.Join(events, ", "); got != want {
		t.Fatalf("%s\n%s", got, out)
	}
	for key, want := range map[string]map[string]any{
		"error WEB.MIT.EDU": {
			"address": "18.7.22.69", "from": "128.2.255.250", "name": "POD-I-CYH-VL987.GW.CMU.NET", "text": "Time to live exceeded", "seq": 1.0,
		},
		"summary WEB.MIT.EDU": {"sent": 1.0, "received": 0.0, "errors": 1.0, "loss_percent": 100.0, "reached": false},
		"summary 128.2.4.48":  {"sent": 1.0, "received": 1.0, "loss_percent": 0.0, "reached": true, "target": 1.0},
	} {
		for k, v := range want {
			if all[key][k] != v {
				t.Errorf("%s: %s is %v, want %v", key, k, all[key][k], v)
			}
		}
	}
	if v, ok := all["summary 128.2.4.48"]["rtt_p90_ns"]; !ok || v.(float64) <= 0 {
		t.Errorf("no percentiles: %v", all["summary 128.2.4.48"])
	}
	// Quiet, it is the summary alone.
	out, _, _ = inLab(t, "cmu-mit", "--json -q -c 1 18.7.22.69")
	if strings.Count(out, "\n") != 1 || !strings.Contains(out, `"event":"summary"`) {
		t.Error(out)
	}
	// What never came is told, too.
	out, _, _ = inLab(t, lab(t, ", loss: 100%"), "--json -c 1 -W 1 10.0.0.2")
	if !strings.HasPrefix(out, `{"host":"10.0.0.2","address":"10.0.0.2","event":"timeout"`) {
		t.Error(out)
	}
}

// TestRoute: the route and the times that gateways write down.
func TestRoute(t *testing.T) {
	out, _, status := inLab(t, "echo", "-c 2 -R 10.0.2.20")
	want := `PING 10.0.2.20 (10.0.2.20) 56(124) bytes of data.
64 bytes from 10.0.2.20: icmp_seq=1 ttl=63 time=6.00 ms
NOP
RR: 	10.0.1.10
	10.0.2.1
	10.0.2.20
	10.0.1.1

64 bytes from 10.0.2.20: icmp_seq=2 ttl=63 time=6.00 ms
NOP	(same route)

`
	if !strings.HasPrefix(strings.ReplaceAll(out, "\nNOP", ""), strings.ReplaceAll(want, "\nNOP", "")) || status != 0 {
		t.Errorf("status %d\n%s", status, out)
	}
	out, _, status = inLab(t, "echo", "-c 1 -T tsandaddr 10.0.2.20")
	if !strings.Contains(out, "\nTS: \t10.0.1.10\t43200000 absolute\n\t10.0.2.1\t1\n\t10.0.2.20\t2\n") || status != 0 {
		t.Errorf("status %d\n%s", status, out)
	}
	out, _, status = inLab(t, "echo", "-c 1 -T tsonly 10.0.2.20")
	if !strings.Contains(out, "\nTS: \t43200000 absolute\n\t1\n\t2\n") || status != 0 {
		t.Errorf("status %d\n%s", status, out)
	}
	out, _, status = inLab(t, "echo", "-c 1 -T tsprespec --via 10.0.1.1,10.0.2.20 10.0.2.20")
	if !strings.Contains(out, "\nTS: \t10.0.1.1\t43200001 absolute\n\t10.0.2.20\t2\n") || status != 0 {
		t.Errorf("status %d\n%s", status, out)
	}
	// Gateways do not follow a source route, unless they are told to.
	out, _, status = inLab(t, "echo", "-c 1 --via 10.0.1.1 10.0.2.20")
	want = "PING 10.0.2.20 (10.0.2.20) 56(124) bytes of data.\nFrom 10.0.1.1 icmp_seq=1 Source Route Failed\n"
	if !strings.HasPrefix(out, want) || status != 1 {
		t.Errorf("status %d\n%s", status, out)
	}
	out, _, _ = inLab(t, "redirect", "-c 1 -n b")
	if want := "From 10.0.1.1: icmp_seq=1 Redirect Host(New nexthop: 10.0.1.2)\n64 bytes from 10.2.0.20: icmp_seq=1"; !strings.Contains(out, want) {
		t.Error(out)
	}
}

// TestInterrupted: the statistics of what was done, and the exit status of ping.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out, errs, status := runCtx(ctx, "", "sonde", "ping", "--virtual", "--lab", "cmu-mit", "18.7.22.69")
	if !strings.Contains(out, "--- 18.7.22.69 ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n") || errs != "" || status != 1 {
		t.Errorf("status %d, %q\n%s", status, errs, out)
	}
}

// TestFrench: words of ours are translated, the original's are not.
func TestFrench(t *testing.T) {
	out, _, _ := run(t, "", "ping", "--lang", "fr", "--stamp-source", "--percentiles", "-c", "1", "--virtual", "--lab", "cmu-mit", "18.7.22.69")
	for _, want := range []string{"64 bytes from 18.7.22.69: icmp_seq=1 ttl=240 time=84.2 ms (émis : ", "1 packets transmitted", "centiles p50/p90/p99 = "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if _, errs, status := run(t, "", "ping", "--lang", "xx", "--lab", "cmu-mit", "b"); status != 2 || !strings.Contains(errs, "xx") {
		t.Errorf("status %d, %q", status, errs)
	}
}
