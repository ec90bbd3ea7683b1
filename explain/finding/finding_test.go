package finding_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/internal/conform"
)

// TestWords holds the catalogue complete, and its languages to each other.
func TestWords(t *testing.T) {
	conform.Row(t, "A-04")
	en, fr := language.English, language.French
	for _, k := range finding.Kinds() {
		if k.String() == "" || k.String() == "unknown" {
			t.Errorf("kind %d has no name", k)
		}
		if back, ok := finding.KindOf(k.String()); !ok || back != k {
			t.Errorf("KindOf(%q) = %v, %v", k.String(), back, ok)
		}
		a, b := k.In(en), k.In(fr)
		for what, pair := range map[string][2]string{
			"title": {a.Title, b.Title}, "meaning": {a.Meaning, b.Meaning}, "counter": {a.Counter, b.Counter},
		} {
			if pair[0] == "" || pair[1] == "" || what != "title" && pair[0] == pair[1] {
				t.Errorf("%s: the %s is lacking in a language: %q", k, what, pair)
			}
			if what != "title" && (!strings.HasSuffix(pair[0], ".") || !strings.HasSuffix(pair[1], ".")) {
				t.Errorf("%s: the %s is no sentence", k, what)
			}
		}
	}
	for _, n := range finding.FactNames() {
		f := finding.Fact{Name: n, Number: 7}
		a, b := f.In(en), f.In(fr)
		if n.String() == "" || a == "" || b == "" || strings.Contains(n.String(), " ") {
			t.Errorf("fact %d (%s): %q, %q", n, n, a, b)
		}
		if strings.Contains(a, "7") != strings.Contains(b, "7") || strings.Contains(a+b, "%!") {
			t.Errorf("fact %s: %q, %q", n, a, b)
		}
	}
	for s := finding.Notice; s <= finding.Alarm; s++ {
		if s.In(en) == "" || s.In(fr) == "" || s.In(en) != s.String() {
			t.Errorf("severity %d: %q %q", s, s.In(en), s.In(fr))
		}
	}
	if finding.Kind(0).String() != "unknown" || finding.Kind(200).String() != "unknown" || finding.Kind(200).In(en).Title != "" ||
		finding.FactName(200).String() != "unknown" || finding.Severity(9).String() != "unknown" ||
		(finding.Fact{Name: 200}).In(en) != "" {
		t.Error("what there is not has words")
	}
	if _, ok := finding.KindOf(""); ok {
		t.Error("the empty name is a kind")
	}
	if _, ok := finding.KindOf("nonsense"); ok {
		t.Error("nonsense is a kind")
	}
	if finding.EchoFlood.In(language.German) != finding.EchoFlood.In(en) {
		t.Error("another language than these two is not English")
	}
}

func TestFactValue(t *testing.T) {
	for want, f := range map[string]finding.Fact{
		"7":         {Number: 7},
		"7.5":       {Number: 7.5},
		"loki":      {Text: "loki", Number: 3},
		"192.0.2.1": {Addr: netip.MustParseAddr("192.0.2.1"), Number: 3},
		"-2":        {Number: -2},
	} {
		if got := f.Value(); got != want {
			t.Errorf("%+v: %q, want %q", f, got, want)
		}
	}
	if s := (finding.Fact{Name: finding.FactShare, Number: 40}).In(language.English); s != "40 % of the probes answered" {
		t.Errorf("%q", s)
	}
}

// TestFactInFrench: numbers have a comma, classes their names; what is a text of the
// capture or an address stays.
func TestFactInFrench(t *testing.T) {
	for _, tt := range []struct {
		f      finding.Fact
		en, fr string
	}{
		{finding.Fact{Name: finding.FactEntropy, Number: 7.5}, "7.5 bits of entropy an octet", "7,5 bits d’entropie par octet"},
		{finding.Fact{Name: finding.FactClasses, Text: "timestamp, mask, no such"}, "asked for: timestamp, mask, no such", "demandé : horodatage, masque, no such"},
		{finding.Fact{Name: finding.FactGateway, Addr: netip.MustParseAddr("192.0.2.1")}, "new gateway 192.0.2.1", "nouvelle passerelle 192.0.2.1"},
		{finding.Fact{Name: finding.FactMark, Text: "a.b"}, "mark of a.b", "marque de a.b"},
	} {
		if got := tt.f.In(language.English); got != tt.en {
			t.Errorf("%q, want %q", got, tt.en)
		}
		if got := tt.f.In(language.CanadianFrench); got != tt.fr {
			t.Errorf("%q, want %q", got, tt.fr)
		}
	}
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func seen(n int) *conversation.Seen {
	s := &conversation.Seen{Datagram: conversation.Datagram{Number: n, Time: epoch.Add(time.Duration(n) * time.Second)}}
	s.Header.Src, s.Header.Dst = netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	return s
}

func TestReport(t *testing.T) {
	r := finding.NewReport()
	key := table.Key{1}
	f := r.Found(seen(5), finding.Sweep, finding.Notice, key)
	if f.Count != 1 || f.From.String() != "10.0.0.1" || f.To.String() != "10.0.0.2" || !f.Start.Equal(f.End) {
		t.Errorf("%+v", f)
	}
	if !slices.Equal(r.Fresh(), []*finding.Finding{f}) || !slices.Equal(r.Touched(), []finding.Kind{finding.Sweep}) {
		t.Error("not fresh, or not touched")
	}
	r.Next()
	if g := r.Found(seen(6), finding.Sweep, finding.Alarm, key); g != f || f.Count != 2 || f.Severity != finding.Alarm {
		t.Errorf("%+v", f)
	}
	if len(r.Fresh()) != 0 || len(r.Touched()) != 1 {
		t.Error("fresh again, or not touched")
	}
	r.Found(seen(6), finding.Sweep, finding.Notice, key)
	if f.Severity != finding.Alarm || !slices.Equal(f.Packets, []int{5, 6}) || f.Count != 3 {
		t.Errorf("%+v", f)
	}
	f.Begin(conversation.Ref{Number: 2, Time: epoch}, 4)
	f.Begin(conversation.Ref{}, 9)
	if f.Count != 7 || !f.Start.Equal(epoch) || !slices.Equal(f.Packets, []int{2, 5, 6}) || !f.End.Equal(epoch.Add(6*time.Second)) {
		t.Errorf("%+v", f)
	}
	for n := range 20 {
		f.Add(seen(10 + n))
		f.Involve(netip.AddrFrom4([4]byte{10, 0, 0, byte(n / 2)}))
	}
	if len(f.Packets) != finding.MostPackets || len(f.Addresses) != finding.MostAddresses || f.Count != 27 {
		t.Errorf("%+v", f)
	}
	if r.Get(finding.Sweep, key) != f || r.Get(finding.Tunnel, key) != nil {
		t.Error("Get")
	}
}

func TestReportHasALimit(t *testing.T) {
	r := finding.NewReport()
	for n := range uint64(70) {
		f := r.Found(seen(int(n)), finding.Tunnel, finding.Notice, table.Key{n}) //nolint:gosec // few
		if (f == nil) != (n >= 64) {
			t.Fatalf("finding %d: %v", n, f)
		}
	}
	if r.Omitted() != 6 || len(r.Findings()) != 64 {
		t.Errorf("%d omitted, %d kept", r.Omitted(), len(r.Findings()))
	}
	late := r.Late(epoch, finding.Sweep, finding.Alarm, table.Key{})
	if all := r.Findings(); all[0] != late || all[1].Start.After(all[2].Start) {
		t.Error("not the gravest first")
	}
}

func TestFacts(t *testing.T) {
	var f finding.Finding
	f.SayNumber(finding.FactMTU, 68)
	f.SayNumber(finding.FactMTU, 70)
	f.SayText(finding.FactMark, "loki")
	f.Say(finding.FactUnseen)
	f.SayAddr(finding.FactGateway, netip.MustParseAddr("10.0.0.9"))
	if len(f.Facts) != 4 || f.Number(finding.FactMTU) != 70 || f.Number(finding.FactHop) != 0 || !f.Has(finding.FactUnseen) || f.Has(finding.FactHop) {
		t.Errorf("%+v", f)
	}
	f.Involve(netip.Addr{})
	if len(f.Addresses) != 0 {
		t.Error("the zero address is involved")
	}
}

func TestWindow(t *testing.T) {
	var w finding.Window
	if !w.Add(seen(0), 2*time.Second) || w.N != 1 {
		t.Error("the first")
	}
	if w.Add(seen(1), 2*time.Second) || w.N != 2 || w.First.Number != 0 {
		t.Error("the second")
	}
	if !w.Add(seen(2), 2*time.Second) || w.N != 1 || w.First.Number != 2 {
		t.Errorf("a new span: %+v", w)
	}
	if w.Add(seen(1), 2*time.Second) || w.N != 2 {
		t.Error("a little out of order")
	}
	w = finding.Window{}
	w.Add(seen(100), 2*time.Second)
	if !w.Add(seen(1), 2*time.Second) {
		t.Error("far back in time is another span")
	}
	if finding.Or(0, 5) != 5 || finding.Or(3, 5) != 3 || finding.Or(-3, 5) != 1 {
		t.Error("Or")
	}
}
