package paths_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe/sweep"
	"github.com/sonde-net/sonde/probe/sweep/paths"
	"github.com/sonde-net/sonde/probe/sweep/space"
	"github.com/sonde-net/sonde/wire/ip"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func set(t *testing.T, texts ...string) *space.Set {
	t.Helper()
	var s space.Set
	for _, x := range texts {
		if _, err := s.Parse(x); err != nil {
			t.Fatal(err)
		}
	}
	return &s
}

func passed(target, from string, hop uint8, ms int) *sweep.Result {
	typ := uint8(11)
	if addr(target).Is6() {
		typ = 3
	}
	return &sweep.Result{
		Kind: sweep.Error, Target: addr(target), From: addr(from), Hop: hop, Type: typ, TTL: ip.TTL(64 - hop), RTT: time.Duration(ms) * time.Millisecond,
	}
}

func reached(target string, hop uint8) *sweep.Result {
	return &sweep.Result{Kind: sweep.Reply, Target: addr(target), From: addr(target), Hop: hop, RTT: time.Millisecond}
}

// lines are the paths as text.
func lines(p *paths.Paths) (out []string) {
	for x := range p.All() {
		s := fmt.Sprint(x.Target, " ", x.Reached, " ", x.Type, "/", x.Code)
		for i, h := range x.Hops {
			if int(h.TTL) != i+1 {
				s += fmt.Sprintf(" !%d", h.TTL)
			}
			if !h.Addr.IsValid() {
				s += " *"
				continue
			}
			s += fmt.Sprintf(" %v=%v", h.Addr, h.RTT)
		}
		out = append(out, s)
	}
	return out
}

func TestPaths(t *testing.T) {
	p := paths.New(set(t, "10.0.0.0/29", "fd00::/126"), 4)
	for _, r := range []*sweep.Result{
		// In any order, with a gap, answers behind the end, and a second one.
		reached("10.0.0.1", 4), passed("10.0.0.1", "10.1.0.1", 1, 1), reached("10.0.0.1", 3), passed("10.0.0.1", "10.9.9.9", 1, 9),
		// A target that is not reached, and where an error ends the way.
		passed("10.0.0.2", "10.1.0.1", 1, 1), passed("10.0.0.2", "10.1.0.2", 2, 2),
		passed("10.0.0.3", "10.1.0.1", 1, 1),
		{Kind: sweep.Error, Target: addr("10.0.0.3"), From: addr("10.1.0.2"), Hop: 2, Type: 3, Code: 1, RTT: 2 * time.Millisecond},
		{Kind: sweep.Error, Target: addr("10.0.0.3"), From: addr("10.1.0.2"), Hop: 3, Type: 3, Code: 13},
		passed("fd00::1", "fd00:1::1", 1, 1), reached("fd00::1", 2),
		// Not of it.
		passed("10.0.0.8", "10.1.0.1", 1, 1), passed("10.0.0.4", "10.1.0.1", 5, 1), passed("10.0.0.4", "10.1.0.1", 0, 1),
		// In IPv6 the type 3 is time exceeded, in IPv4 it is not, and the like with 11.
		{Kind: sweep.Error, Target: addr("fd00::2"), From: addr("fd00:1::1"), Hop: 1, Type: 11},
		passed("fd00::2", "fd00:1::2", 2, 1),
	} {
		p.Add(r)
	}
	want := []string{
		"10.0.0.1 true 0/0 10.1.0.1=1ms * 10.0.0.1=1ms",
		"10.0.0.2 false 0/0 10.1.0.1=1ms 10.1.0.2=2ms",
		"10.0.0.3 false 3/1 10.1.0.1=1ms 10.1.0.2=2ms",
		"fd00::1 true 0/0 fd00:1::1=1ms fd00::1=1ms",
		"fd00::2 false 11/0 fd00:1::1=0s",
	}
	if got := lines(p); !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	// 10.1.0.1, 10.1.0.2, 10.0.0.1, and three in IPv6; 10.9.9.9 was second.
	if n := p.Routers(); n != 6 {
		t.Errorf("%d routers", n)
	}
	for range p.All() {
		break // it may be left
	}
}

func TestLimits(t *testing.T) {
	big := set(t, "10.0.0.0/8")
	if paths.New(big, 2) == nil {
		t.Error("2^25 cells are not too many")
	}
	if paths.New(big, 3) != nil {
		t.Error("3 times 2^24 cells are too many")
	}
	p := paths.New(set(t, "10.0.0.1"), 1)
	r := reached("10.0.0.1", 1)
	r.RTT = 3 * time.Hour
	p.Add(r)
	if got := lines(p); !slices.Equal(got, []string{"10.0.0.1 true 0/0 10.0.0.1=1h11m34.967295s"}) {
		t.Errorf("%q", got)
	}
}
