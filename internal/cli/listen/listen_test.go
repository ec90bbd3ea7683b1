package listen_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/link/capture"
)

// line is what the tests read of a line of JSON.
type line struct {
	Event                  string
	Number, Version        int
	Src, Dst               string
	Type, Code, ID, Seq    int
	MTU                    int
	Class, Role, Relation  string
	Gateway, Target, Title string
	Request                int
	Took                   int64 `json:"took_ns"`
	Faults                 []string
	Findings               []string `json:"part_of"`
	Fragments              []int    `json:"rebuilt_from"`
	Quote                  *struct {
		Proto, Src, Dst string
		SrcPort         int `json:"src_port"`
		DstPort         int `json:"dst_port"`
	}
	Kind     string
	Count    int
	Evidence []struct{ Name, Text string }
}

// sum is what they read of the last.
type sum struct {
	Event                                string
	Packets, Messages, Shown, Unanswered int
	Rebuilt, Fragments, Findings         int
	Kinds                                []struct{ Version, Type, Code, Count int }
	Talkers, Troubles, Pairs, Times      []json.RawMessage
}

func run(t *testing.T, in io.Reader, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = cli.Run(t.Context(), append([]string{"sonde", "listen"}, args...), cli.Streams{In: in, Out: &o, Err: &e})
	return code, o.String(), e.String()
}

// laboratory writes the capture of a scenario.
func laboratory(t *testing.T, name string) string {
	t.Helper()
	top, err := scenario.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name+".pcapng")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scenario.Run(top, narration.NewText(io.Discard, narration.TextOptions{}), scenario.Options{Capture: f}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// lines runs with --json and returns the messages and the summary.
func lines(t *testing.T, args ...string) (messages []line, s sum) {
	t.Helper()
	code, out, errs := run(t, nil, append([]string{"--json", "--lang", "en"}, args...)...)
	if code != 0 || errs != "" {
		t.Fatalf("status %d: %s", code, errs)
	}
	for l := range strings.Lines(out) {
		var m line
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Fatalf("%v: %s", err, l)
		}
		switch m.Event {
		case "message":
			messages = append(messages, m)
		case "summary":
			if err := json.Unmarshal([]byte(l), &s); err != nil {
				t.Fatal(err)
			}
		}
	}
	return messages, s
}

func TestLines(t *testing.T) {
	conform.Row(t, "A-03")
	code, out, errs := run(t, nil, laboratory(t, "frag-needed"), "--utc", "--lang", "en")
	if code != 0 || errs != "" {
		t.Fatalf("%d %s", code, errs)
	}
	for _, want := range []string{
		"     2 12:00:00.001000  192.168.1.1 → 192.168.1.10  Destination unreachable: Fragmentation needed and DF set 3/4, MTU 1000: about UDP 192.168.1.10:",
		"→ 203.0.113.50:9, packet 1 after 1.00 ms\n",
		"     7 12:00:01.008000  203.0.113.50 → 192.168.1.10  Echo reply 0/0, id 2 seq 1, 972 octets: answers 5 after 6.00 ms\n",
		"     6 12:00:01.003000  192.168.1.10 → 203.0.113.50  Echo request 8/0, id 2 seq 1, 972 octets: the same as 5 after 1.00 ms\n",
		"16 datagrams, 9 ICMP messages, in 1.025s, 8 fragments\n",
		"        1  Destination unreachable: Fragmentation needed and DF set 3/4\n",
		"  192.168.1.10               4 sent, 5 received\n",
		"  IPv4 echo                 2   min 6.00 ms, median 6.00 ms, 95 % 6.00 ms, max 6.00 ms\n",
		"Findings: none\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestFindingsInBothLanguages(t *testing.T) {
	conform.Row(t, "A-04")
	file := laboratory(t, "attack-redirect")
	for lang, want := range map[string][]string{
		"en": {"*** alarm: suspicious redirect 10.0.1.66 → 10.0.1.10", "What to do: Let hosts ignore redirects", "- new gateway 10.0.1.66", "    1 packet: 4; 12:", "    2 packets: 2 5; 12:"},
		"fr": {"*** alarme : redirection suspecte 10.0.1.66 → 10.0.1.10", "Que faire : Que les machines ignorent les redirections", "- nouvelle passerelle 10.0.1.66", "    1 paquet : 4 ; 12:", "  IPv4 écho                 3   min 6,00 ms, "},
	} {
		_, out, _ := run(t, nil, file, "--lang", lang)
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, out)
			}
		}
	}
	for lang, want := range map[string]string{"en": "\n1 datagram, 1 ICMP message\n", "fr": "\n1 datagramme, 1 message ICMP\n"} {
		if _, out, _ := run(t, nil, file, "--count", "1", "--lang", lang); !strings.Contains(out, want) {
			t.Errorf("%s: no %q in\n%s", lang, want, out)
		}
	}
	_, out, _ := run(t, nil, file, "--no-findings", "--lang", "en")
	if strings.Contains(out, "Findings") || strings.Contains(out, "***") {
		t.Errorf("findings with --no-findings:\n%s", out)
	}
}

func TestChoices(t *testing.T) {
	file := laboratory(t, "frag-needed")
	for _, tt := range []struct {
		args []string
		want []int
	}{
		{nil, []int{2, 5, 6, 7, 8, 10, 12, 14, 16}},
		{[]string{"--type", "3"}, []int{2}},
		{[]string{"--type", "3/4,0"}, []int{2, 7, 8, 14, 16}},
		{[]string{"--type", "3/3"}, nil},
		{[]string{"--type", "v6:3"}, nil},
		{[]string{"--code", "4"}, []int{2}},
		{[]string{"--from", "192.168.1.0/24"}, []int{2, 5, 6, 10, 12}},
		{[]string{"--to", "192.168.1.10"}, []int{2, 7, 8, 14, 16}},
		{[]string{"--host", "192.168.1.1"}, []int{2}},
		{[]string{"--host", "203.0.113.50"}, []int{2, 5, 6, 7, 8, 10, 12, 14, 16}},
		{[]string{"--host", "192.168.1.10", "--direction", "in"}, []int{2, 7, 8, 14, 16}},
		{[]string{"--host", "192.168.1.10", "--direction", "out"}, []int{5, 6, 10, 12}},
		{[]string{"--finding", "any"}, nil},
		{[]string{"--count", "2"}, []int{2, 5}},
		{[]string{"icmp[icmptype] == icmp-echo"}, []int{5, 6}},
	} {
		args := append([]string{file}, tt.args...)
		got, s := lines(t, args...)
		var numbers []int
		for _, m := range got {
			numbers = append(numbers, m.Number)
		}
		if !slices.Equal(numbers, tt.want) || s.Shown != len(tt.want) {
			t.Errorf("%v: %v, %d shown, want %v", tt.args, numbers, s.Shown, tt.want)
		}
	}
	got, s := lines(t, laboratory(t, "attack-reset"), "--finding", "blind_reset")
	if len(got) != 4 || s.Findings != 2 || got[0].Findings[0] != "blind_reset" {
		t.Errorf("%d messages, %d findings", len(got), s.Findings)
	}
	if got, _ := lines(t, laboratory(t, "attack-reset"), "--finding", "tunnel"); got != nil {
		t.Errorf("%v", got)
	}
}

func TestJSONOfFragments(t *testing.T) {
	got, s := lines(t, laboratory(t, "frag-needed"))
	if m := got[5]; m.Number != 10 || !slices.Equal(m.Fragments, []int{9, 10}) || s.Rebuilt != 4 || s.Fragments != 8 || s.Packets != 16 || s.Messages != 9 {
		t.Errorf("%+v\n%+v", m, s)
	}
	if got[7].Relation != "answers" || got[7].Request != 10 || got[7].Took != 6e6 || len(s.Times) != 2 || len(s.Troubles) != 1 {
		t.Errorf("%+v\n%+v", got[7], s)
	}
}

func TestVerbose(t *testing.T) {
	file := laboratory(t, "frag-needed")
	_, out, _ := run(t, nil, file, "-v", "--count", "1", "--lang", "en")
	if !strings.Contains(out, "IPv4 ttl 64 tos 0xc0 len 576") || strings.Contains(out, "next-hop MTU") {
		t.Errorf("-v:\n%s", out)
	}
	_, out, _ = run(t, nil, file, "-vv", "--count", "1", "--lang", "en")
	if !strings.Contains(out, "\n         26  ") || !strings.Contains(out, "next-hop MTU") {
		t.Errorf("-vv:\n%s", out)
	}
}

func TestQuiet(t *testing.T) {
	file := laboratory(t, "attack-redirect")
	_, out, _ := run(t, nil, file, "-q", "--lang", "en")
	if !strings.HasPrefix(out, "18 datagrams, ") || strings.Contains(out, "***") {
		t.Errorf("%s", out)
	}
	_, out, _ = run(t, nil, file, "-q", "--json")
	if strings.Contains(out, `"event":"message"`) || strings.Count(out, "\n") != 5 {
		t.Errorf("%s", out)
	}
}

func TestStandardInput(t *testing.T) {
	raw, err := os.ReadFile(laboratory(t, "echo"))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(raw)
	_ = z.Close()
	_, want, _ := run(t, bytes.NewReader(raw), "-")
	for _, args := range [][]string{{"-"}, {}} {
		code, out, errs := run(t, bytes.NewReader(packed.Bytes()), args...)
		if code != 0 || errs != "" || out != want || !strings.Contains(out, " 8/0") {
			t.Errorf("%v: status %d %s\n%s", args, code, errs, out)
		}
	}
}

func TestWrite(t *testing.T) {
	file := laboratory(t, "attack-reset")
	path := filepath.Join(t.TempDir(), "out.pcapng")
	if code, _, errs := run(t, nil, file, "-q", "--lang", "en", "-w", path); code != 0 {
		t.Fatal(errs)
	}
	r, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	n, comments := 0, map[int]string{}
	for p, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if c := p.Comment(); c != "" {
			comments[p.Number] = c
		}
	}
	if n != 2933 || len(comments) != 10 {
		t.Errorf("%d packets, %d comments", n, len(comments))
	}
	if c := comments[560]; !strings.HasPrefix(c, "203.0.113.50 → 10.0.1.10  Destination unreachable: Protocol unreachable 3/2") ||
		!strings.HasSuffix(c, "\nalarm: attempt to cut TCP connections by ICMP") {
		t.Errorf("%q", c)
	}
}

func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	raw, err := os.ReadFile(laboratory(t, "echo"))
	if err != nil {
		t.Fatal(err)
	}
	lying := slices.Clone(raw[:len(raw)-20])
	for _, tt := range []struct {
		name   string
		file   string
		code   int
		shown  bool
		expect string
	}{
		{"no capture", write("text", []byte("this is no capture at all")), 2, false, "no capture"},
		{"empty", write("empty", nil), 2, false, "sonde: listen: "},
		{"cut", write("cut", raw[:len(raw)*2/3]), 1, true, "cut off"},
		{"cut at the end", write("lying", lying), 1, true, "cut off"},
		{"nobody", filepath.Join(dir, "nobody"), 2, false, "no such file"},
	} {
		code, out, errs := run(t, nil, tt.file, "--lang", "en")
		if code != tt.code || strings.Contains(out, "Echo request") != tt.shown || !strings.Contains(errs, tt.expect) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: status %d\n%s\n%s", tt.name, code, errs, out)
		}
	}
}

func TestWrongFlags(t *testing.T) {
	for want, args := range map[string][]string{
		`--type: "x" is no type`:      {"--type", "x"},
		`--type: "3/256" is no type`:  {"--type", "3/256"},
		`--type: "v5:3" is no type`:   {"--type", "v5:3"},
		"--code: 256 is no code":      {"--code", "256"},
		`--from: "a" is neither`:      {"--from", "a"},
		`--to: "a" is neither`:        {"--to", "a"},
		`--host: "a" is neither`:      {"--host", "a"},
		`--direction: "up" is none`:   {"--direction", "up"},
		`--finding: "x" is none`:      {"--finding", "x"},
		"--follow draws on a screen":  {"--follow", "--json"},
		"--finding goes without":      {"--finding", "any", "--no-findings"},
		"--count: -1 is less than 0":  {"--count", "-1"},
		"--buffer: -1 is less than 0": {"--buffer", "-1"},
		"column":                      {"-", "icmp and and"},
		"no-such-interface":           {"-i", "no-such-interface"},
	} {
		code, out, errs := run(t, strings.NewReader(""), args...)
		if code != 2 || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%v: status %d, %q", args, code, errs)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var o, e bytes.Buffer
	file := laboratory(t, "echo")
	code := cli.Run(ctx, []string{"sonde", "listen", file, "--lang", "en"}, cli.Streams{Out: &o, Err: &e})
	if code != 0 || e.Len() > 0 || !strings.Contains(o.String(), "ICMP messages") {
		t.Errorf("status %d: %s\n%s", code, &e, &o)
	}
}

func TestFollow(t *testing.T) {
	_, out, _ := run(t, nil, laboratory(t, "echo"), "--follow", "--lang", "en")
	if !strings.HasPrefix(out, "\x1b[H\x1b[J") || !strings.Contains(out, "Types and codes") || strings.Contains(out, "answers") {
		t.Errorf("%q", out)
	}
}
