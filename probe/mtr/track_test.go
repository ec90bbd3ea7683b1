package mtr_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/wire/ip"
)

// chain is a way of stations with these names, a letter each, "?" for one that
// never answers; the last is the destination, "." one who refuses to go on.
func chain(names string) (out []station) {
	for i, c := range names {
		s := station{name: fmt.Sprintf("10.1.0.%d", c), rtt: time.Duration(2*i+2) * ms}
		switch c {
		case '?':
			s.name = ""
		case '.':
			out[len(out)-1].refuses = true
			continue
		case 'Z':
			s.name = "10.9.9.9"
		}
		out = append(out, s)
	}
	return out
}

// nobody is a way whose first station answers, and where all else is lost.
func nobody(first string) []station { return append(chain(first), make([]station, 25)...) }

// letters is the stations of addresses.
func letter(s string) string {
	var n int
	if s == "10.9.9.9" {
		return "Z"
	}
	if _, err := fmt.Sscanf(s, "10.1.0.%d", &n); err != nil {
		return "?"
	}
	return string(rune(n))
}

// table is the rows: who, lost of sent, "*" for a limit.
func (n *network) table() string {
	var out []string
	for _, h := range n.m.Hops() {
		who := "?"
		if len(h.Hosts) > 0 {
			who = letter(h.Hosts[0].Addr.String())
		}
		s := fmt.Sprintf("%s%d/%d", who, h.Lost(), h.Sent)
		if h.Limited {
			s += "*"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// ways is the ways, with what was lost on each; "<" is that of now.
func (n *network) ways() string {
	var out []string
	for _, p := range n.m.Paths() {
		var hops []string
		for i, a := range p.Hops {
			hops = append(hops, fmt.Sprintf("%s%d/%d", letter(a.String()), p.Stats[i].Lost(), p.Stats[i].Sent))
		}
		s := strings.Join(hops, " ")
		if p.Now {
			s += " <"
		}
		if p.Shared {
			s += " ="
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func (n *network) told() string {
	var out []string
	for _, e := range n.events() {
		out = append(out, fmt.Sprintf("%d:%d%s%s", e.Round, e.TTL, letter(e.Was.String()), letter(e.Is.String())))
	}
	return strings.Join(out, " ")
}

// TestTracks: ways that change, by the second: each for so many rounds. Rounds
// begin at full seconds, and changes come before them.
func TestTracks(t *testing.T) {
	type leg struct {
		rounds int
		way    []station
	}
	for _, tt := range []struct {
		name             string
		legs             []leg
		rows, ways, told string
	}{
		{"same", []leg{{30, chain("abZ")}}, "a0/30 b0/30 Z0/30", "a0/30 b0/30 Z0/30 <", ""},
		{"longer", []leg{{10, chain("abZ")}, {20, chain("acdZ")}}, "a0/30 c0/20 d0/20 Z0/30", "a0/30 b0/10 Z0/10; a0/30 c0/20 d0/20 Z0/20 <", "11:2bc 11:3Zd"},
		{"shorter", []leg{{10, chain("abcdZ")}, {20, chain("aeZ")}}, "a0/30 e0/20 Z0/30", "a0/30 b0/10 c0/10 d0/10 Z0/10; a0/30 e0/20 Z0/20 <", "11:2be 11:3cZ"},
		{"equal", []leg{{10, chain("abcZ")}, {20, chain("adcZ")}}, "a0/30 d0/20 c0/30 Z0/30", "a0/30 b0/10 c0/30 Z0/30; a0/30 d0/20 c0/30 Z0/30 <", "11:2bd"},
		{"back", []leg{{10, chain("abZ")}, {10, chain("acdZ")}, {10, chain("abZ")}}, "a0/30 b0/20 Z0/30", "a0/30 b0/20 Z0/20 <; a0/30 c0/10 d0/10 Z0/10", "11:2bc 11:3Zd 21:2cb 21:3dZ"},
		{"after an outage", []leg{{10, chain("abZ")}, {3, nobody("a")}, {17, chain("acdZ")}}, "a0/30 c0/17 d0/17 Z3/30", "a0/30 b3/13 Z3/13; a0/30 c0/17 d0/17 Z0/17 <", "14:2bc 14:3Zd"},
		{"after a long outage", []leg{{10, chain("abZ")}, {9, nobody("a")}, {11, chain("acdZ")}}, "a0/30 c0/11 d0/11 Z9/30", "a0/30 b9/19 Z9/19; a0/30 c0/11 d0/11 Z0/11 <", "20:2bc 20:3Zd"},
		{"an outage alone", []leg{{10, chain("abZ")}, {9, nobody("a")}, {11, chain("abZ")}}, "a0/30 b9/30 Z9/30", "a0/30 b9/30 Z9/30 <", ""},
		{"longer after an outage alone", []leg{{10, chain("abZ")}, {9, nobody("a")}, {10, chain("abZ")}, {11, chain("acdZ")}}, "a0/40 c0/11 d0/11 Z9/40", "a0/40 b9/29 Z9/29; a0/40 c0/11 d0/11 Z0/11 <", "30:2bc 30:3Zd"},
		{"silent now", []leg{{10, chain("abcZ")}, {20, chain("a?dZ")}}, "a0/30 ?20/20* d0/20 Z0/30", "a0/30 b0/10 c0/10 Z0/30; a0/30 ?20/20 d0/20 Z0/30 <", "11:3cd 17:2b?"},
		{"silent and back", []leg{{10, chain("abcZ")}, {10, chain("a?dZ")}, {10, chain("abcZ")}}, "a0/30 b0/20 c0/20 Z0/30", "a0/30 b0/20 c0/20 Z0/30 <; a0/30 ?10/10 d0/10 Z0/30", "11:3cd 17:2b? 21:2?b 21:3dc"},
		{"silent, and quickly back", []leg{{10, chain("abcZ")}, {4, chain("a?dZ")}, {16, chain("abcZ")}}, "a0/30 b4/30* c0/30 Z0/30", "a0/30 b4/30 c0/26 Z0/30 < =", "11:3cd"},
		{"silent and farther", []leg{{10, chain("abZ")}, {20, chain("a??Z")}}, "a0/30 ?16/16* ?16/16* Z4/30", "a0/30 b4/14 Z4/14; a0/30 ?16/16 ?16/16 Z0/16 <", "21:2b? 21:3Z?"},
		{"refused", []leg{{10, chain("abZ")}, {10, chain("a.")}}, "a0/20", "a0/20 b0/10 Z0/10; a0/20 <", "11:2b?"},
		{"refused and back", []leg{{10, chain("abZ")}, {10, chain("a.")}, {10, chain("abZ")}}, "a0/30 b0/20 Z9/29", "a0/30 b0/20 Z0/20 <; a0/30", "11:2b? 21:2?b"},
		{"in turn", []leg{{1, chain("abZ")}, {1, chain("acZ")}, {1, chain("abZ")}, {1, chain("acZ")}, {6, chain("abZ")}}, "a0/10 b0/10 Z0/10", "a0/10 b0/8 Z0/10 < =", "2:2bc"},
		{"after six rounds", []leg{{10, chain("abZ")}, {6, chain("acZ")}, {4, chain("abZ")}}, "a0/20 b0/20 Z0/20", "a0/20 b0/14 Z0/20 < =; a0/20 c0/6 Z0/20 =", "11:2bc 17:2cb"},
		{"after seven rounds", []leg{{10, chain("abZ")}, {7, chain("acZ")}, {3, chain("abZ")}}, "a0/20 b0/13 Z0/20", "a0/20 b0/13 Z0/20 <; a0/20 c0/7 Z0/20", "11:2bc 18:2cb"},
		{"a third way", []leg{{10, chain("abZ")}, {10, chain("acZ")}, {10, chain("adZ")}}, "a0/30 d0/10 Z0/30", "a0/30 b0/10 Z0/30; a0/30 c0/10 Z0/30; a0/30 d0/10 Z0/30 <", "11:2bc 21:2cd"},
	} {
		rounds := 0
		for _, l := range tt.legs {
			rounds += l.rounds
		}
		n := newNetwork(t, mtr.Config{Rounds: rounds, Wait: 1500 * ms}, func(now time.Time, _ uint16) []station {
			left := int(now.Sub(start) / time.Second)
			for _, l := range tt.legs {
				if left < l.rounds {
					return l.way
				}
				left -= l.rounds
			}
			return tt.legs[len(tt.legs)-1].way
		})
		n.run(5*time.Minute, func() {
			for _, h := range n.m.Hops() {
				if h.Waiting < 0 || h.Lost() < 0 || h.Sent < 0 || h.Received > h.Sent {
					t.Fatalf("%s, round %d: %s", tt.name, n.m.Round(), n.table())
				}
			}
		})
		if got := n.table(); got != tt.rows {
			t.Errorf("%s: rows\n%s, want\n%s", tt.name, got, tt.rows)
		}
		if got := n.ways(); got != tt.ways {
			t.Errorf("%s: ways\n%s, want\n%s", tt.name, got, tt.ways)
		}
		if got := n.told(); got != tt.told {
			t.Errorf("%s: told\n%s, want\n%s", tt.name, got, tt.told)
		}
	}
}

// sound reports what no numbers can be: less than nothing, or, at the end, still to
// come.
func (n *network) sound() error {
	look := func(what string, s *mtr.Stats) error {
		if s.Sent < 0 || s.Waiting < 0 || s.Received < 0 || s.Lost() < 0 || n.m.Done() && s.Waiting > 0 {
			return fmt.Errorf("%v: %s: %+v, %d lost", n.now.Sub(start), what, *s, s.Lost())
		}
		return nil
	}
	var all []error
	for _, h := range n.m.Hops() {
		all = append(all, look("hop", &h.Stats))
	}
	for _, l := range n.m.Lanes() {
		for i := range l.Hops {
			all = append(all, look("lane", &l.Hops[i].Stats))
		}
	}
	for _, p := range n.m.Paths() {
		for i := range p.Stats {
			all = append(all, look("path", &p.Stats[i]))
		}
	}
	return errors.Join(all...)
}

// TestOvertaken: the destination answers for the first time when another has
// answered a later probe to the same place: the other's numbers are not its own.
func TestOvertaken(t *testing.T) {
	n := newNetwork(t, mtr.Config{Rounds: 4}, func(now time.Time, _ uint16) []station {
		if now.Before(start.Add(time.Second)) {
			s := chain("ABZ")
			s[2].rtt = 1500 * ms
			return s
		}
		return nobody("ABCD")
	})
	seen := false
	n.run(time.Minute, func() {
		if err := n.sound(); err != nil {
			t.Fatal(err)
		}
		if n.m.Reached() && !seen {
			seen = true
			if s := n.m.Lanes()[0].Hops[2].Stats; s.Sent != 1 || s.Received != 1 || s.Last != 1500*ms {
				t.Errorf("%+v", s)
			}
		}
	})
	if !seen {
		t.Error("the destination was never there")
	}
}

// TestSound: whatever ways change to whatever others, and whenever answers come,
// nothing is counted twice.
func TestSound(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed+1560, 1))
		ways := make([][]station, 1+r.IntN(4))
		for k := range ways {
			s := chain("ABCDEFGH"[r.IntN(3):3+r.IntN(5)] + []string{"Z", "Z", ".", "?"}[r.IntN(4)])
			for i := range s {
				switch r.IntN(8) {
				case 0:
					s[i].name = ""
				case 1:
					s[i].keeps = 1 + r.IntN(3)
				case 2:
					s[i].drops = 1 + r.IntN(4)
				}
				s[i].rtt += time.Duration(r.IntN(3)*r.IntN(1200)) * ms
			}
			ways[k] = s
		}
		period, each := time.Duration(1+r.IntN(20))*time.Second, r.IntN(6) == 0
		c := mtr.Config{Flows: 1 + r.IntN(3), MaxTTL: ip.TTL(4 + r.IntN(8)), Rounds: 60, Wait: time.Duration(1+r.IntN(5)) * time.Second, Grace: 2 * time.Second}
		n := newNetwork(t, c, func(now time.Time, flow uint16) []station {
			if each {
				return ways[r.IntN(len(ways))]
			}
			return ways[(int(now.Sub(start)/period)*7+int(flow))%len(ways)]
		})
		steps := 0
		n.run(2*time.Minute, func() {
			if steps++; steps%7 == 0 || n.m.Done() {
				if err := n.sound(); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
		})
	}
}

// TestManyInTurn: more hosts take turns than answer within six rounds. The first
// three changes are told, and no more until the way has stayed for a while.
func TestManyInTurn(t *testing.T) {
	const hosts = "bcdefghijklm"
	n := newNetwork(t, mtr.Config{Rounds: 100, Wait: 1500 * ms}, func(now time.Time, _ uint16) []station {
		switch i := int(now.Sub(start) / time.Second); {
		case i < 60:
			return chain("a" + hosts[i%len(hosts):][:1] + "Z")
		case i < 80:
			return chain("amZ")
		}
		return chain("anZ")
	})
	n.run(3*time.Minute, nil)
	if told := n.told(); told != "2:2bc 3:2cd 4:2de 81:2mn" {
		t.Error(told)
	}
	if table := n.table(); table != "a0/100 n0/100 Z0/100" {
		t.Error(table)
	}
}
