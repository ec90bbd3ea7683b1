package rewrite_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/rewrite"
	"github.com/sonde-net/sonde/wire/ip"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

var out, in = addr("198.51.100.7"), addr("203.0.113.80")

// TestOf: an error with a header in it shows something, and nothing else does.
func TestOf(t *testing.T) {
	e := probe.Event{From: addr("10.0.0.1"), Claim: probe.Claim{Present: true, QuoteLen: 60, QuoteTOS: 4}}
	if s, ok := rewrite.Of(3, &e); !ok || (s != rewrite.Seen{TTL: 3, From: e.From, QuoteTOS: 4}) {
		t.Errorf("%+v, %t", s, ok)
	}
	e.Shown = &probe.Shown{Src: out}
	if s, ok := rewrite.Of(3, &e); !ok || s.Shown != *e.Shown {
		t.Errorf("%+v, %t", s, ok)
	}
	e.Claim.QuoteLen = 0
	if s, ok := rewrite.Of(3, &e); ok {
		t.Errorf("%+v", s)
	}
	if s, ok := rewrite.Of(3, &probe.Event{Claim: probe.Claim{QuoteLen: 60}}); ok {
		t.Errorf("%+v", s)
	}
}

// at is how a hop shows it.
func at(ttl ip.TTL, s probe.Shown) rewrite.Seen {
	return rewrite.Seen{TTL: ttl, From: netip.AddrFrom4([4]byte{10, 0, byte(ttl), 1}), Shown: s}
}

func remarked(ttl ip.TTL, tos uint8) rewrite.Seen {
	s := at(ttl, probe.Shown{TOS: true})
	s.QuoteTOS = tos
	return s
}

// TestChanges is where changes begin, as hop and the one before.
func TestChanges(t *testing.T) {
	plain := probe.Shown{}
	src, both := probe.Shown{Src: out, Checksum: true}, probe.Shown{Src: out, Dst: in}
	for name, c := range map[string]struct {
		seen []rewrite.Seen
		want []string
	}{
		"nothing":              {nil, nil},
		"all as sent":          {[]rewrite.Seen{at(1, plain), at(2, plain)}, nil},
		"from the second on":   {[]rewrite.Seen{at(1, plain), at(2, src), at(3, src), at(4, probe.Shown{Src: out})}, []string{"1 2"}},
		"from the first on":    {[]rewrite.Seen{at(1, src), at(2, src)}, []string{"0 1"}},
		"silence between":      {[]rewrite.Seen{at(1, plain), at(4, src)}, []string{"1 4"}},
		"in any order":         {[]rewrite.Seen{at(4, src), at(1, plain), at(3, src), at(2, plain)}, []string{"2 3"}},
		"twice":                {[]rewrite.Seen{at(1, plain), at(2, src), at(3, both), at(4, both)}, []string{"1 2", "2 3"}},
		"turned back between":  {[]rewrite.Seen{at(1, src), at(2, plain), at(3, src)}, []string{"0 1", "2 3"}},
		"several at one hop":   {[]rewrite.Seen{at(1, plain), at(2, plain), at(2, src), at(2, src), at(2, both), at(3, src), at(3, plain)}, []string{"1 2", "1 2"}},
		"ports of each flow":   {[]rewrite.Seen{at(1, probe.Shown{SrcPort: 7, DstPort: 1}), at(1, probe.Shown{SrcPort: 8, DstPort: 1}), at(2, probe.Shown{SrcPort: 9, DstPort: 2})}, []string{"0 1"}},
		"one port, the other":  {[]rewrite.Seen{at(1, probe.Shown{SrcPort: 7}), at(2, probe.Shown{DstPort: 7})}, []string{"0 1", "1 2"}},
		"identifiers":          {[]rewrite.Seen{at(1, probe.Shown{ID: true}), at(2, probe.Shown{IPID: true}), at(3, probe.Shown{})}, []string{"0 1", "1 2"}},
		"a checksum at last":   {[]rewrite.Seen{at(1, src), at(2, probe.Shown{Src: out, Unfit: true}), at(3, src), at(4, src)}, []string{"0 1", "1 2"}},
		"a checksum":           {[]rewrite.Seen{at(1, probe.Shown{Unfit: true})}, []string{"0 1"}},
		"a checksum that fits": {[]rewrite.Seen{at(1, probe.Shown{Checksum: true})}, nil},
		"both":                 {[]rewrite.Seen{at(1, src), at(2, probe.Shown{Src: out, TOS: true}), at(3, probe.Shown{Dst: in, TOS: true})}, []string{"0 1", "1 2", "2 3"}},
		"both at once":         {[]rewrite.Seen{at(1, plain), at(2, probe.Shown{Src: out, TOS: true})}, []string{"1 2", "1 2"}},
		"service":              {[]rewrite.Seen{at(1, plain), remarked(2, 0), remarked(3, 0), remarked(4, 8)}, []string{"1 2", "3 4"}},
	} {
		was := slices.Clone(c.seen)
		var got []string
		for _, x := range rewrite.Changes(c.seen) {
			got = append(got, fmt.Sprint(x.After, " ", x.TTL))
			if x.TOS && x.Translated() || !x.TOS && !x.Translated() {
				t.Errorf("%s: %+v", name, x)
			}
			if x.From != netip.AddrFrom4([4]byte{10, 0, byte(x.TTL), 1}) {
				t.Errorf("%s: %+v", name, x)
			}
		}
		if !slices.Equal(got, c.want) || !slices.Equal(was, c.seen) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestLike(t *testing.T) {
	a, b := at(1, probe.Shown{Src: out, SrcPort: 1}), at(2, probe.Shown{Src: out, SrcPort: 2})
	if !a.Like(&b) {
		t.Errorf("%+v, %+v", a, b)
	}
	if b.Unfit = true; a.Like(&b) || b.Like(&a) {
		t.Errorf("%+v, %+v", a, b)
	}
	// A port that is another is not one that is as it was.
	for _, x := range []probe.Shown{{SrcPort: 1}, {DstPort: 1}} {
		a, b = at(1, x), at(1, probe.Shown{})
		if a.Like(&b) || b.Like(&a) {
			t.Errorf("%+v", x)
		}
	}
	// A type of service that is as it was sent is none.
	a, b = at(1, probe.Shown{}), at(1, probe.Shown{})
	if a.QuoteTOS = 9; !a.Like(&b) {
		t.Errorf("%+v, %+v", a, b)
	}
	a, b = remarked(1, 0), remarked(2, 8)
	if a.Like(&b) || !a.Like(&a) || a.Like(&rewrite.Seen{}) {
		t.Errorf("%+v, %+v", a, b)
	}
}

// TestUnfitOnce: at one distance, who shows that the checksum is wrong shows all that
// others do whose quotes end before it, whoever comes first.
func TestUnfitOnce(t *testing.T) {
	short, long := at(3, probe.Shown{Src: out}), at(3, probe.Shown{Src: out, Unfit: true})
	for _, seen := range [][]rewrite.Seen{{short, long}, {long, short}, {short, long, short}} {
		if c := rewrite.Changes(seen); len(c) != 1 || !c[0].Unfit {
			t.Errorf("%+v: %+v", seen, c)
		}
	}
}
