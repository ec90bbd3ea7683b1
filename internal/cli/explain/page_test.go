package explain_test

import (
	"os"
	"strings"
	"testing"
)

// TestPage: what docs/explain.md shows is what the command prints.
func TestPage(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	b, err := os.ReadFile("../../../docs/explain.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for i, block := range strings.Split(strings.ReplaceAll(string(b), "\r", ""), "```\n") {
		if i%2 == 0 {
			continue // between blocks
		}
		for _, part := range strings.Split("\n"+block, "\n$ sonde explain ")[1:] {
			line, want, _ := strings.Cut(part, "\n")
			args := words(line)
			for i, a := range args {
				if strings.HasSuffix(a, ".pcap") {
					args[i] = "../../../internal/golden/testdata/" + a
				}
			}
			got, err := run("", args...)
			if got == "" && err != nil {
				got = "sonde: explain: " + err.Error()
			}
			if strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("sonde explain %s:\n got %s\nwant %s", line, got, want)
			}
			shown++
		}
	}
	if shown < 7 {
		t.Errorf("%d commands", shown)
	}
}

// words splits a command line at spaces that are not in quotes.
func words(line string) []string {
	var out []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}
