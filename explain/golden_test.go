package explain_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain"
	"github.com/sonde-net/sonde/internal/conform"
)

var update = flag.Bool("update", false, "write the golden files")

var languages = []language.Tag{language.English, language.French}

// damaged are the packets that are made to have no right checksum: wrong ones, and
// one that is cut.
var damaged = map[string]explain.State{
	"icmp4.pcap 45": explain.Wrong, "icmp4.pcap 48": explain.Unknown,
	"icmp6.pcap 5": explain.Wrong, "icmp6.pcap 6": explain.Wrong,
}

// packets reads a capture of internal/golden: IP packets without a link layer.
func packets(tb testing.TB, name string) [][]byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("..", "internal", "golden", "testdata", name+".pcap"))
	if err != nil {
		tb.Fatal(err)
	}
	r, err := pcapgo.NewReader(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	var all [][]byte
	for {
		p, _, err := r.ReadPacketData()
		if err != nil {
			return all
		}
		all = append(all, p)
	}
}

// TestEveryMessage explains the captures, which have every message, in both
// languages: each octet is in exactly one field, nothing is wrong, every text is
// there and is not that of the other language.
func TestEveryMessage(t *testing.T) {
	conform.Row(t, "A-02")
	for _, name := range []string{"icmp4", "icmp6"} {
		all := packets(t, name)
		if len(all) < 50 {
			t.Fatalf("%s: %d packets", name, len(all))
		}
		for i, p := range all {
			what := fmt.Sprintf("%s.pcap %d", name, i+1)
			en, err := explain.Message(p, language.English, explain.How{})
			if err != nil {
				t.Errorf("%s: %v", what, err)
				continue
			}
			fr, err := explain.Message(p, language.French, explain.How{})
			if err != nil {
				t.Fatal(err)
			}
			want := explain.Right
			if w, ok := damaged[what]; ok {
				want = w
			}
			if en.Checksum != want {
				t.Errorf("%s: checksum %s", what, en.Checksum)
			}
			covers(t, what, p, en.Fields)
			if len(en.Fields) != len(fr.Fields) || len(en.Says) != len(fr.Says) || len(en.Who) != len(fr.Who) ||
				len(en.About) != len(fr.About) || len(en.Do) != len(fr.Do) || len(en.Faults) != len(fr.Faults) {
				t.Errorf("%s: the languages say different things", what)
			}
			for _, s := range append(append(en.Says, en.Who...), en.About...) {
				if strings.Contains(s, "%!") || strings.Contains(s, "invalid") {
					t.Errorf("%s: %s", what, s)
				}
			}
			if en.Title == fr.Title || en.Text.Means == fr.Text.Means || strings.Join(en.Who, "") == strings.Join(fr.Who, "") {
				t.Errorf("%s: not translated: %s", what, fr.Title)
			}
		}
	}
}

// covers checks that fields stand in order and cover every octet once.
func covers(tb testing.TB, what string, p []byte, fields []explain.Field) {
	tb.Helper()
	at := 0
	for _, f := range fields {
		if f.Octet != at || f.Len <= 0 {
			tb.Errorf("%s: field %s of %s at octet %d, %d octets, want at %d", what, f.Name, f.Layer, f.Octet, f.Len, at)
			return
		}
		want := fmt.Sprintf("%x", p[at:at+min(f.Len, 32)])
		if f.Len > 32 {
			want += "…"
		}
		if f.Raw != want {
			tb.Errorf("%s: field %s: raw %s, want %s", what, f.Name, f.Raw, want)
		}
		if f.Layer == "" || f.Name == "" || strings.HasPrefix(f.Name, "f.") {
			tb.Errorf("%s: field without a name: %+v", what, f)
		}
		at += f.Len
	}
	if at != len(p) {
		tb.Errorf("%s: the fields end at octet %d of %d", what, at, len(p))
	}
}

// TestSentences holds what is said about every message of the captures to a file.
func TestSentences(t *testing.T) {
	for _, name := range []string{"icmp4", "icmp6"} {
		for _, l := range languages {
			var b strings.Builder
			for i, p := range packets(t, name) {
				e, err := explain.Message(p, l, explain.How{})
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "%d: %d/%d %s, %s\n", i+1, e.Type, e.Code, e.Title, e.Checksum)
				for _, s := range append(append(e.Says, e.Who...), e.About...) {
					fmt.Fprintf(&b, "  %s\n", s)
				}
				for _, f := range e.Faults {
					fmt.Fprintf(&b, "  %d: %s\n", f.Octet, f.Text)
				}
			}
			path := filepath.Join("testdata", name+"."+l.String()+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; go test -update writes it", err)
			}
			g, w := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
			for i := range min(len(g), len(w)) {
				if g[i] != w[i] {
					t.Errorf("%s:%d:\n got %s\nwant %s", path, i+1, g[i], w[i])
					break
				}
			}
			if len(g) != len(w) {
				t.Errorf("%s: %d lines, want %d", path, len(g), len(w))
			}
		}
	}
}
