package mib_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
)

// numDrops is one more than the last reason.
const numDrops = int(mib.NATUntranslatable) + 1

// Every reason has a name, words and a row that exist and belong to it alone.
func TestEveryDropIsNamed(t *testing.T) {
	conform.Row(t, "E-14")
	var c mib.Counters
	if got := len(c.Drops[mib.IPv4]); got != numDrops {
		t.Fatalf("%d counters of drops, want %d", got, numDrops)
	}
	rows := requirementRows(t)
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	names, texts := map[string]mib.Drop{}, map[string]mib.Drop{}
	for i := range numDrops {
		d := mib.Drop(i)
		if !name.MatchString(d.Name()) {
			t.Errorf("%d: name %q", i, d.Name())
		}
		if other, ok := names[d.Name()]; ok {
			t.Errorf("%d and %d are both %q", i, other, d.Name())
		}
		names[d.Name()] = d
		text := d.String()
		if text == "" || strings.TrimSpace(text) != text || strings.HasSuffix(text, ".") {
			t.Errorf("%s: text %q", d.Name(), text)
		}
		if other, ok := texts[text]; ok {
			t.Errorf("%s and %s both say %q", d.Name(), other.Name(), text)
		}
		texts[text] = d
		if d != mib.None && !rows[d.Rule()] {
			t.Errorf("%s stands for %q, which is no row", d.Name(), d.Rule())
		}
	}
}

// requirementRows reads the IDs of docs/requirements.md.
func requirementRows(t *testing.T) map[string]bool {
	t.Helper()
	b, err := os.ReadFile("../../docs/requirements.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([WEHGPA]-\d\d) \|`).FindAllSubmatch(b, -1) {
		rows[string(m[1])] = true
	}
	if len(rows) < 50 {
		t.Fatalf("only %d rows found", len(rows))
	}
	return rows
}

func TestDropTable(t *testing.T) {
	conform.Row(t, "E-14")
	for _, r := range []struct {
		d       mib.Drop
		name    string
		text    string
		rule    string
		counter string // of ipSystemStatsTable; empty: none
	}{
		{mib.None, "none", "not dropped", "", ""},
		{mib.HeaderShort, "header-short", "shorter than an IP header", "E-06", "InHdrErrors"},
		{mib.HeaderChecksum, "header-checksum", "header checksum does not hold", "E-06", "InHdrErrors"},
		{mib.Truncated, "truncated", "fewer octets than the header announces", "E-06", "InTruncatedPkts"},
		{mib.OptionFault, "option-fault", "malformed IP option", "H-11", "InHdrErrors"},
		{mib.MartianSource, "martian-source", "martian source address", "G-14", "InAddrErrors"},
		{mib.NotMine, "not-mine", "not for this node, which does not forward", "E-14", "InAddrErrors"},
		{mib.TTLExceeded, "ttl-exceeded", "TTL exceeded in transit", "G-01", "InHdrErrors"},
		{mib.NoRoute, "no-route", "no route", "G-02", "InNoRoutes"},
		{mib.NoRouteOut, "no-route-out", "no route for a datagram of this node's", "G-02", "OutNoRoutes"},
		{mib.TooBig, "too-big", "larger than the MTU and not to be fragmented", "G-03", "OutFragFails"},
		{mib.Unresolved, "unresolved", "next hop does not answer", "G-02", "OutDiscards"},
		{mib.QueueFull, "queue-full", "output queue is full", "G-06", "OutDiscards"},
		{mib.Filtered, "filtered", "filtered", "G-04", "InDiscards"},
		{mib.FragmentOverlap, "fragment-overlap", "fragment overlaps another", "H-10", "ReasmFails"},
		{mib.FragmentDuplicate, "fragment-duplicate", "fragment arrived before", "H-10", ""},
		{mib.FragmentTimeout, "fragment-timeout", "reassembly time exceeded", "H-10", "ReasmFails"},
		{mib.UnknownProtocol, "unknown-protocol", "no such protocol here", "H-03", "InUnknownProtos"},
		{mib.UnknownPort, "unknown-port", "no listener on the port", "H-03", ""},
		{mib.ICMPChecksum, "icmp-checksum", "ICMP checksum does not hold", "E-16", ""},
		{mib.EchoBroadcast, "echo-broadcast", "echo request to broadcast or multicast", "H-02", ""},
		{mib.RedirectNotFirstHop, "redirect-not-first-hop", "redirect not from the first-hop gateway", "H-07", ""},
		{mib.PTBUnrecognised, "ptb-unrecognised", "packet too big about a datagram that is not recognised", "H-16", ""},
		{mib.RateGlobal, "rate-global", "over the global rate limit", "E-12", ""},
		{mib.NATUntranslatable, "nat-untranslatable", "cannot be translated", "G-13", "InDiscards"},
	} {
		if got := r.d.Name(); got != r.name {
			t.Errorf("%d: name %q, want %q", r.d, got, r.name)
		}
		if got := r.d.String(); got != r.text {
			t.Errorf("%s: text %q, want %q", r.name, got, r.text)
		}
		if got := r.d.Rule(); got != r.rule {
			t.Errorf("%s: rule %q, want %q", r.name, got, r.rule)
		}
		k, ok := r.d.Counter()
		switch {
		case ok != (r.counter != ""):
			t.Errorf("%s: counted by the MIB: %v", r.name, ok)
		case ok && k.String() != r.counter:
			t.Errorf("%s: counted under %v, want %s", r.name, k, r.counter)
		case !ok && k != 0:
			t.Errorf("%s: not counted, and under %v", r.name, k)
		}
	}
}

// The errors that must not be sent stand for E-01 to E-06, in this order.
func TestForbiddenErrors(t *testing.T) {
	conform.Row(t, "E-14")
	for i, want := range []string{"E-01", "E-02", "E-03", "E-04", "E-05", "E-06"} {
		if d := mib.ErrorAboutError + mib.Drop(i); d.Rule() != want {
			t.Errorf("%s stands for %s, want %s", d.Name(), d.Rule(), want)
		}
	}
}

func TestNoSuchDrop(t *testing.T) {
	for _, d := range []mib.Drop{mib.Drop(numDrops), 255} {
		if d.Name() != "" || d.Rule() != "" {
			t.Errorf("%d: name %q, rule %q, want none", d, d.Name(), d.Rule())
		}
		if k, ok := d.Counter(); ok || k != 0 {
			t.Errorf("%d: counted under %v", d, k)
		}
		if got, want := d.String(), "drop "+strconv.Itoa(int(d)); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
		var e *mib.UnknownDropError
		if b, err := d.MarshalText(); !errors.As(err, &e) || b != nil {
			t.Errorf("%d: text %q, error %v", d, b, err)
		}
	}
	_, err := mib.Drop(255).MarshalText()
	if got, want := err.Error(), `mib.Drop: "255" is no reason`; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

func TestDropText(t *testing.T) {
	for i := range numDrops {
		want := mib.Drop(i)
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatalf("%v: %v", want, err)
		}
		if string(b) != `"`+want.Name()+`"` {
			t.Errorf("%v: JSON %s", want, b)
		}
		got := mib.Drop(200)
		if err := json.Unmarshal(b, &got); err != nil || got != want {
			t.Errorf("%s: back as %d, error %v", b, got, err)
		}
		if v := want.LogValue(); v.Kind() != slog.KindString || v.String() != want.Name() {
			t.Errorf("%v: logged as %v", want, v)
		}
	}
	for _, text := range []string{"", "nonsense", "TTL-exceeded", "ttl-exceeded "} {
		d := mib.NotMine
		var e *mib.UnknownDropError
		if err := d.UnmarshalText([]byte(text)); !errors.As(err, &e) || e.Text != text {
			t.Errorf("%q: error %v", text, err)
		}
		if d != mib.NotMine {
			t.Errorf("%q: refused, and the reason is now %v", text, d)
		}
	}
}
