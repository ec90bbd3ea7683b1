package explain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sonde-net/sonde/internal/cli/explain"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/internal/conform"
)

var update = flag.Bool("update", false, "write the golden files")

// run runs the command in English unless args say otherwise.
func run(in string, args ...string) (string, error) {
	cmd := explain.New()
	var out bytes.Buffer
	cmd.SetIn(strings.NewReader(in))
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(append([]string{}, args...)) // nil would be those of the test
	err := cmd.Execute()
	return out.String(), err
}

// echo is an echo request from 127.0.0.1 to itself, as tcpdump -x prints it.
const echo = "\t0x0000:  4500 001c 0001 0000 4001 7cde 7f00 0001\n\t0x0010:  7f00 0001 0800 f7fd 0001 0001\n"

const capture = "../../../internal/golden/testdata/icmp4.pcap"

// TestGolden holds what the command prints to its files; go test -update writes
// them.
func TestGolden(t *testing.T) {
	conform.Row(t, "A-02")
	t.Setenv("LC_ALL", "C")
	for _, tt := range []struct {
		name, in string
		args     []string
	}{
		{"type-code", "", []string{"3/4"}},
		{"type-code-fr", "", []string{"--lang", "fr", "3/4"}},
		{"type", "", []string{"5"}},
		{"type-fr", "", []string{"--lang", "fr", "5"}},
		{"name", "", []string{"-6", "neighbor", "solicitation"}},
		{"name-fr", "", []string{"--lang", "fr", "temps dépassé"}},
		{"several", "", []string{"prohibited"}},
		{"several-json", "", []string{"--json", "prohibited"}},
		{"dump", echo, nil},
		{"dump-v", echo, []string{"-v"}},
		{"dump-vv-fr", echo, []string{"-vv", "--lang", "fr"}},
		{"packet", "", []string{capture, "12"}},
		{"packet-json", "", []string{"--json", capture, "12"}},
		{"code-json", "", []string{"--json", "11/1"}},
		{"type-json", "", []string{"--json", "v6:3"}},
		{"list", "", []string{"--list"}},
		{"list-fr", "", []string{"--list", "-6", "--lang", "fr"}},
		{"unknown", "", []string{"3/99"}},
	} {
		got, err := run(tt.in, tt.args...)
		if err != nil && !errors.Is(err, status.No) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if (err != nil) != strings.HasPrefix(tt.name, "several") {
			t.Errorf("%s: exit by %v", tt.name, err)
		}
		path := filepath.Join("testdata", tt.name+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v; go test -update writes it", err)
		}
		if got != string(want) {
			t.Errorf("%s:\n got %s\nwant %s", path, got, want)
		}
		js := strings.HasSuffix(tt.name, "-json")
		for l := range strings.Lines(got) {
			l = strings.TrimSuffix(l, "\n")
			if js && !json.Valid([]byte(l)) {
				t.Errorf("%s: no JSON: %s", tt.name, l)
			}
			if !js && !strings.HasPrefix(tt.name, "list") && !strings.HasPrefix(l, "ICMP") && !strings.HasPrefix(l, "  3/") && !strings.HasPrefix(l, "  v6:") && utf8.RuneCountInString(l) > 80 {
				t.Errorf("%s: a line of %d characters: %s", tt.name, utf8.RuneCountInString(l), l)
			}
		}
	}
}

// TestErrors: what is wrong, said in one line.
func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		args     []string
	}{
		{"", "standard input: column 1: there are no octets", nil},
		{"", `--lang: "de" is no language`, []string{"--lang", "de", "3/4"}},
		{"", "--as: tcp is none of icmp4, icmp6, ipv4, ipv6, ethernet", []string{"--as", "tcp", "0800f7fd00010001"}},
		{"", "--list takes no argument", []string{"--list", "3"}},
		{"", "none of the others can be", []string{"-4", "-6", "3"}},
		{"", "octet 0: no IP header: unknown version", []string{"--as", "ipv4", "0800f7fd00010001"}},
		{"", "octet 0 : pas d'en-tête IP", []string{"--lang", "fr", "--as", "ipv4", "0800f7fd00010001"}},
	} {
		out, err := run(tt.in, tt.args...)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "octet 0: pas", "octet 0 : pas"), tt.want) || out != "" {
			t.Errorf("%q: %q, %v, want %s", tt.args, out, err, tt.want)
		}
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	cmd := explain.New()
	cmd.SetIn(null)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs([]string{})
	if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), "nothing to explain") {
		t.Errorf("nothing, and nobody to ask: %v", err)
	}
}

// TestFamily: -4 and -6 say of which family numbers, names and messages are.
func TestFamily(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-6", "3/0"}, "ICMPv6 3/0  Time exceeded: Hop limit exceeded in transit\n"},
		{[]string{"-4", "3/0"}, "ICMPv4 3/0  Destination unreachable: Net unreachable\n"},
		{[]string{"-6", "8000000000010001"}, "ICMPv6 128/0  Echo request\n"},
		{[]string{"--as", "icmp6", "8000000000010001"}, "ICMPv6 128/0  Echo request\n"},
		{[]string{"-4", "8000000000010001"}, "ICMPv4 128/0  Unassigned type\n"},
		{[]string{"4/0"}, "ICMPv4 4/0  Source quench (deprecated)\n"},
		{[]string{"--lang", "fr", "4"}, "ICMPv4 4  Extinction de la source (déprécié)\n"},
	} {
		out, err := run("", tt.args...)
		if err != nil || !strings.HasPrefix(out, tt.want) {
			t.Errorf("%q: %v, %.100s, want %s", tt.args, err, out, tt.want)
		}
	}
}

// A full is a disk that takes nothing any more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestNoSpace: what could not be written is an error, whatever is explained.
func TestNoSpace(t *testing.T) {
	for _, args := range [][]string{{"3/4"}, {"--json", "3/4"}, {"--list"}, {"prohibited"}, {capture, "12"}} {
		cmd := explain.New()
		cmd.SetOut(full{})
		cmd.SetErr(io.Discard)
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		cmd.SetArgs(args)
		if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%v: %v", args, err)
		}
	}
}
