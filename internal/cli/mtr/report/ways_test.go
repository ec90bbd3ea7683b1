package report_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/mtr/report"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe/mtr"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// path is a way of a flow, first seen after so many seconds, for so many rounds,
// with five probes lost of ten at the second hop.
func path(flow, first, rounds int, hops ...string) mtr.Path {
	p := mtr.Path{Flow: flow, First: noon.Add(time.Duration(first) * time.Second), Rounds: rounds, Stats: make([]mtr.Stats, len(hops))}
	p.Last = p.First.Add(time.Duration(rounds) * time.Second)
	for i, h := range hops {
		a, _ := netip.ParseAddr(h) // "": nobody
		p.Hops = append(p.Hops, a)
		p.Stats[i].Sent = 10
		for range 10 - 5*(i%2) {
			p.Stats[i].Add(time.Duration(i+1) * time.Millisecond)
		}
	}
	return p
}

// TestPast: the ways of before, each once however many flows took it; not those
// of now, of any flow, nor those that take turns.
func TestPast(t *testing.T) {
	now, turns := path(0, 20, 5, "10.0.0.1", "10.0.0.9"), path(0, 3, 5, "10.0.0.1", "10.0.0.7")
	now.Now, turns.Shared = true, true
	all := []mtr.Path{
		path(0, 0, 5, "10.0.0.1", "10.0.0.2", "10.0.0.9"), turns,
		path(1, 1, 3, "10.0.0.1", "10.0.0.2", "10.0.0.9"),
		path(1, 7, 2, "10.0.0.1", "10.0.0.9"), now,
		path(1, 12, 1, "10.0.0.1", "", "10.0.0.9"),
	}
	got := report.Past(all)
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	w := got[0]
	if !w.First.Equal(noon) || !w.Last.Equal(noon.Add(5*time.Second)) || w.Rounds != 8 || len(w.Hops) != 3 {
		t.Errorf("%+v", w)
	}
	if h := w.Hops[1]; h.Sent != 20 || h.Lost != 10 || h.Loss() != 50 || h.Avg != 2*time.Millisecond || h.Addr != netip.MustParseAddr("10.0.0.2") {
		t.Errorf("%+v", h)
	}
	if h := new(report.WasHop); h.Loss() != 0 {
		t.Error("nothing was sent")
	}
	r := report.Report{Paths: all, Who: func(netip.Addr) names.Who { return names.Who{} }, Changes: []mtr.Event{
		{Time: noon, TTL: 2, Was: netip.MustParseAddr("10.0.0.2")},
		{Time: noon, TTL: 2, Is: netip.MustParseAddr("10.0.0.3")},
	}}
	want := []string{
		"12:00:00: the way has changed at hop 2: 10.0.0.2, now nobody",
		"12:00:00: the way has changed at hop 2: nobody, now 10.0.0.3",
		"from 12:00:00 to 12:00:05 the way was another (rounds: 8):",
		"  10.0.0.1 → 10.0.0.2 (50.0%) → 10.0.0.9",
		"from 12:00:12 to 12:00:13 the way was another (rounds: 1):",
		"  10.0.0.1 → ??? → 10.0.0.9",
	}
	if out := r.Remarks(); !slices.Equal(out, want) {
		t.Errorf("%s", strings.Join(out, "\n"))
	}
	r.Language = language.French
	if out := strings.Join(r.Remarks(), "\n"); !strings.Contains(out, "10.0.0.2, maintenant personne") || !strings.Contains(out, "de 12:00:00 à 12:00:05 le chemin était un autre (tours : 8) :") {
		t.Error(out)
	}
}

// TestPastFew: of many ways, the last few are told.
func TestPastFew(t *testing.T) {
	r := report.Report{Who: func(netip.Addr) names.Who { return names.Who{} }}
	for i := range 12 {
		r.Paths = append(r.Paths, path(0, i, 1, fmt.Sprintf("10.0.0.%d", i+1)))
	}
	out := r.Remarks()
	if len(out) != 16 || out[1] != "  10.0.0.5" || out[15] != "  10.0.0.12" {
		t.Errorf("%s", strings.Join(out, "\n"))
	}
}

// TestDotNow: who was on the way of one flow, and is on that of another, is of now.
func TestDotNow(t *testing.T) {
	a, b := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	r := report.Report{
		Host: "far", Here: "near", Config: mtr.Config{FirstTTL: 1},
		Hops: []mtr.Hop{{TTL: 1, Hosts: []mtr.Host{{Addr: a}, {Addr: b}}}},
		Lanes: []mtr.Lane{
			{Flow: 0, Hops: []mtr.LaneStop{{TTL: 1, Addr: a}}},
			{Flow: 1, Hops: []mtr.LaneStop{{TTL: 1, Addr: b}}},
		},
		Paths: []mtr.Path{path(0, 0, 5, "10.0.0.2", "10.0.0.8"), path(0, 0, 5, "10.0.0.3", "10.0.0.8")},
		Who:   func(netip.Addr) names.Who { return names.Who{} },
	}
	var out strings.Builder
	if err := r.Write(&out, "dot"); err != nil {
		t.Fatal(err)
	}
	for host, dashed := range map[string]bool{"10.0.0.1": false, "10.0.0.2": false, "10.0.0.3": true} {
		n := 0
		for line := range strings.Lines(out.String()) {
			if !strings.HasPrefix(line, `  "1 `+host+`" [label`) {
				continue
			}
			if n++; strings.Contains(line, "dashed") != dashed {
				t.Error(line)
			}
		}
		if n != 1 {
			t.Errorf("%s stands there %d times:\n%s", host, n, out.String())
		}
	}
}

// TestNames: whatever a name has in it stands in a graph and in a table as it is.
func TestNames(t *testing.T) {
	a := netip.MustParseAddr("10.0.0.1")
	r := report.Report{
		Host: "far", Here: "near", Config: mtr.Config{FirstTTL: 1}, Look: report.Look{Info: report.NoInfo, Owners: true},
		Hops: []mtr.Hop{{TTL: 1, Hosts: []mtr.Host{{Addr: a}}}},
		Who: func(netip.Addr) names.Who {
			return names.Who{Name: `a"b\|c`, Owner: names.Owner{Organisation: "R&D <x>"}}
		},
	}
	for format, want := range map[string]string{
		"dot":      `  "1 10.0.0.1" [label="1: a\"b\\|c [R&D <x>]\n0.0%, 0.0 ms"];` + "\n",
		"markdown": `| 1 | a"b\\\|c [R&D \<x>] |` + "\n",
	} {
		var out strings.Builder
		if err := r.Write(&out, format); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v\n%s", format, err, out.String())
		}
	}
}
