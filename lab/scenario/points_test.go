package scenario_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
)

// point is what a scenario teaches, as a fact about the network after the run,
// or about what went over its links. It does not look at the narration.
type point struct {
	rows  []string
	check func(x *told)
}

var points = map[string]point{
	"net-unreachable": {[]string{"G-02", "H-04"}, func(x *told) {
		x.errors("r1", "3/0", 2)
		x.drops("r1", mib.NoRoute, 2)
	}},
	"host-unreachable": {[]string{"G-02"}, func(x *told) {
		x.errors("r1", "3/1", 1)
		x.drops("r1", mib.Unresolved, 1)
		sent, told := x.first("r1", "8/0"), x.first("r1", "3/1")
		for _, m := range narration.Of[narration.Message](x.Items) {
			if m.From == "r1" && m.To == "" {
				sent = m
			}
		}
		x.is("time that r1 asks for its neighbour", told.Time.Sub(sent.Time), time.Second)
		x.received(1, 0)
	}},
	"document-unreachable": {[]string{"G-02"}, func(x *told) {
		x.errors("R1", "3/1", 1)
		x.errors("R1", "3/0", 0)
		x.drops("R1", mib.NoRoute, 1)
		m := x.first("R1", "3/1")
		x.is("from", m.Src, addr("10.0.1.1"))
		x.is("to", m.Dst, addr("10.0.1.10"))
		x.is("quoted", x.first("A", "UDP").Octets, m.Octets-28)
	}},
	"protocol-unreachable": {[]string{"H-03"}, func(x *told) { x.errors("b", "3/2", 1) }},
	"port-unreachable": {[]string{"H-03"}, func(x *told) {
		x.errors("b", "3/3", 1)
		x.is("answers from port 7", x.count("b", "UDP 7 >", "10.0.0.1"), 1)
	}},
	"prohibited": {[]string{"G-04"}, func(x *told) {
		for _, kind := range []string{"3/13", "3/9 ", "3/10"} {
			x.errors("fw", kind, 1)
		}
		x.drops("fw", mib.Filtered, 4)
		x.received(0)
	}},
	"frag-needed": {[]string{"G-03", "H-15"}, func(x *told) {
		x.pmtu("A", "203.0.113.50", 1000)
		x.errors("R1", "3/4", 1)
		if m := x.first("R1", "3/4"); !strings.Contains(m.What, "mtu 1000") {
			x.t.Errorf("R1 says %s", m.What)
		}
		x.is("of the first", x.first("A", "UDP").Octets, 1500)
		x.is("of what arrives", x.first("R1", "UDP").Octets, 1000)
		s := narration.Of[narration.Sent](x.Items)
		x.is("size found", s[0].Size, 1000)
		x.received(0, 1, 1)
	}},
	"pmtu-black-hole": {[]string{"G-03"}, func(x *told) {
		x.errors("R1", "3/", 0)
		x.pmtu("A", "203.0.113.50", 1500)
		x.drops("R1", mib.TooBig, 2)
		x.received(1, 0)
	}},
	"redirect": {[]string{"G-05", "H-07"}, func(x *told) {
		x.errors("r1", "5/1", 1)
		x.via("a", "10.2.0.20", "10.0.1.2")
		x.is("datagrams that r1 sends on", x.count("r1", "8/0", ""), 1)
		x.is("datagrams of a", x.count("a", "8/0", ""), 2)
		x.received(2)
	}},
	"time-exceeded": {[]string{"G-01"}, func(x *told) {
		x.path("10.0.1.1", "*", "10.0.3.2", "10.0.4.20")
		x.errors("r2", "11/0", 0)
		x.errors("r3", "11/0", 3)
		x.errors("b", "3/3", 3)
		x.is("reached", x.trace().Reached, true)
	}},
	"reassembly-timeout": {[]string{"H-10"}, func(x *told) {
		x.errors("b", "11/1", 1)
		x.drops("b", mib.FragmentTimeout, 2)
		first := x.first("a", "8/0")
		x.is("patience", x.first("b", "11/1").Time.Sub(first.Arrive), time.Minute)
	}},
	"routing-loop": {[]string{"G-01"}, func(x *told) {
		x.errors("r2", "11/0", 1+3)
		x.is("turns", x.count("r1", "8/0", "")+x.count("r2", "8/0", ""), 63)
		x.path("10.0.1.1", "10.0.2.2", "10.0.1.1", "10.0.2.2", "10.0.1.1", "10.0.2.2")
		x.is("reached", x.trace().Reached, false)
	}},
	"parameter-problem": {[]string{"G-07", "H-11"}, func(x *told) {
		var got []string
		for _, m := range narration.Of[narration.Message](x.Items) {
			if m.From == "r1" {
				_, after, _ := strings.Cut(m.What, "pointer ")
				got = append(got, after[:2])
			}
		}
		if !slices.Equal(got, []string{"22", "21"}) {
			x.t.Errorf("pointers %v", got)
		}
	}},
	"no-error": {[]string{"E-01", "E-02", "E-03", "E-04", "E-05", "E-07"}, func(x *told) {
		x.errors("r1", "3/", 2)
		x.errors("b", "3/", 0)
		x.drops("r1", mib.ErrorAboutError, 1)
		x.drops("r1", mib.ErrorAboutFragment, 1)
		x.drops("r1", mib.ErrorAboutLinkBroadcast, 1)
		x.drops("b", mib.ErrorAboutLinkBroadcast, 1)
		x.drops("r1", mib.MartianSource, 1)
	}},
	"echo": {[]string{"H-01", "H-02"}, func(x *told) {
		x.received(3, 1, 1, 0)
		x.is("fragments of the large reply", x.count("b", "ICMP, fragment", "")+x.count("b", "0/0 Echo Reply, id 2", ""), 3)
		x.drops("r1", mib.EchoBroadcast, 1)
	}},
	"echo-bad-link": {[]string{"H-01", "E-16"}, func(x *told) {
		end := narration.Of[narration.PingEnd](x.Items)[0]
		lost, twice, late, bad := 0, 0, 0, 0
		for _, m := range narration.Of[narration.Message](x.Items) {
			lost += one(m.Fate != 0)
			twice += one(m.Duplicate)
			late += one(m.Late)
			bad += one(m.Corrupt)
		}
		if lost == 0 || twice == 0 || late == 0 || bad == 0 {
			x.t.Errorf("%d lost, %d twice, %d late, %d damaged", lost, twice, late, bad)
		}
		if end.Received == 0 || end.Received >= end.Sent || end.Dup == 0 {
			x.t.Errorf("%d sent, %d received, %d duplicates", end.Sent, end.Received, end.Dup)
		}
		for _, r := range narration.Of[narration.PingReply](x.Items) {
			if r.Bad {
				x.t.Errorf("a damaged reply was taken: %+v", r)
			}
		}
		sums := 0
		for _, h := range []string{"a", "b"} {
			c := x.host(h).Node.Counters()
			sums += int(c.Dropped(mib.ICMPChecksum) + c.Dropped(mib.HeaderChecksum))
		}
		if sums == 0 {
			x.t.Error("no checksum failed")
		}
	}},
	"timestamp": {[]string{"H-12"}, func(x *told) {
		q := narration.Of[narration.QueryReply](x.Items)
		var got []time.Duration
		for _, r := range q {
			got = append(got, r.Offset)
		}
		if want := []time.Duration{0, -2500 * time.Millisecond, 0, 10 * time.Millisecond, 0}; !slices.Equal(got, want) {
			x.t.Errorf("offsets %v, want %v", got, want)
		}
		x.is("a clock that counts something else is told apart", q[4].HasOffset, false)
		x.drops("shut", mib.TimestampOff, 1)
	}},
	"mask-information": {[]string{"H-13", "H-14", "G-08"}, func(x *told) {
		x.is("masks", x.count("old", "18/0 Address Mask Reply, id 1, seq 1, mask 255.255.255.0", ""), 1)
		x.is("information", x.count("old", "16/0", ""), 1)
		x.is("from new", x.count("new", "1", ""), 0)
	}},
	"router-discovery": {[]string{"G-09"}, func(x *told) {
		x.received(1, 1)
		var by []string
		for _, m := range narration.Of[narration.Message](x.Items) {
			if m.From == "a" && strings.HasPrefix(m.What, "8/0") {
				by = append(by, m.To)
			}
		}
		if !slices.Equal(by, []string{"r1", "r2"}) {
			x.t.Errorf("a sends by %v", by)
		}
		x.is("solicitations", x.count("a", "10/0", ""), 1)
	}},
	"ecmp-flow": {[]string{"G-11"}, func(x *told) {
		t := x.traces()
		x.is("gateways that one flow sees", x.second(t[0]), 1)
		x.is("gateways that many flows see", x.second(t[1]), 2)
	}},
	"ecmp-packet": {[]string{"G-11"}, func(x *told) {
		x.is("gateways that one flow sees", x.second(x.traces()[0]), 2)
		x.is("by up1", x.count("up1", "8/0", ""), 2)
		x.is("by down1", x.count("down1", "8/0", ""), 2)
	}},
	"path-change": {[]string{"G-11"}, func(x *told) {
		short := []string{"10.0.1.1", "10.0.2.2", "10.0.9.20"}
		for i, want := range [][]string{short, {"10.0.1.1", "10.0.3.2", "10.0.4.2", "10.0.5.2", "10.0.9.20"}, short} {
			var got []string
			for _, h := range x.traces()[i] {
				for _, p := range h.Probes {
					if a := p.From.String(); !slices.Contains(got, a) {
						got = append(got, a)
					}
				}
			}
			if !slices.Equal(got, want) {
				x.t.Errorf("trace %d: %v, want %v", i, got, want)
			}
		}
		x.received(1, 4, 6) // three are lost when it fails, none when it comes back
		begin := narration.Of[narration.Begin](x.Items)[0].Time
		var turns []string
		for _, i := range x.Items {
			switch at := i.When().Sub(begin); i := i.(type) {
			case narration.Switched:
				turns = append(turns, fmt.Sprintf("%v %s up %v", at, i.Link, i.Up))
			case narration.Rerouted:
				if i.Node == "r1" && i.To.Contains(addr("10.0.9.20")) {
					turns = append(turns, fmt.Sprintf("%v by %v", at, i.Via))
				}
			}
		}
		if want := []string{"10s main up false", "13s by [10.0.3.2]", "25s main up true", "28s by [10.0.2.2]"}; !slices.Equal(turns, want) {
			x.t.Errorf("%q", turns)
		}
		x.errors("r1", "3/", 0)
	}},
	"mpls": {[]string{"G-12"}, func(x *told) {
		x.path("10.0.1.1", "10.0.2.2", "10.0.4.2", "10.0.9.20")
		if l := x.traces()[0][1].Probes[0].Labels; !slices.Equal(l, []string{"L=24001,E=0,S=0,T=1", "L=16,E=0,S=1,T=1"}) {
			x.t.Errorf("labels %v", l)
		}
	}},
	"nat": {[]string{"G-13"}, func(x *told) {
		for _, m := range narration.Of[narration.Message](x.Items) {
			inside := m.Src.String() == "192.168.0.10" || m.Dst.String() == "192.168.0.10" || strings.Contains(m.What, "192.168.0.10")
			if inside && m.Link != "home" {
				x.t.Errorf("an address of inside on %s: %s", m.Link, m.What)
			}
		}
		x.received(1)
		x.path("192.168.0.1", "198.51.100.1", "203.0.113.50")
		x.is("errors that a believes", x.happened("a", event.Trouble), 4)
	}},
	"source-quench": {[]string{"G-06", "H-09"}, func(x *told) {
		var before, least, after float64
		least = math.Inf(1)
		quenched := x.first("r1", "4/0").Time
		for _, r := range narration.Of[narration.Rate](x.Items) {
			_, bits := r.PerSecond()
			switch since := r.Time.Sub(quenched); {
			case since < 0:
				before = max(before, bits)
			case since < 20*time.Second:
				least = min(least, bits)
			case since < 64*time.Second:
				after = max(after, bits)
			}
		}
		if before != 400_000 || least > 100_000 || after < 200_000 || after >= before {
			x.t.Errorf("%.0f bit/s before, %.0f after the source quench, %.0f recovered", before, least, after)
		}
		x.is("datagrams lost", x.count("a", "UDP", "")-x.count("r1", "UDP", ""), 0)
	}},
	"attack-reset": {[]string{"H-05", "H-06"}, func(x *told) {
		x.connections("careful", tcpstub.Established)
		x.connections("credulous", tcpstub.Aborted, tcpstub.Aborted)
		x.drops("careful", mib.QuoteUnrecognised, 2)
		for c := range x.host("careful").TCP.Conns() {
			x.is("soft errors", c.Stats().Soft, 1)
			x.is("hard errors", c.Stats().Hard, 0)
		}
	}},
	"attack-quench": {[]string{"H-09"}, func(x *told) {
		x.drops("careful", mib.SourceQuenchIgnored, 10)
		var sent [2]uint64
		for i, name := range []string{"careful", "credulous"} {
			for c := range x.host(name).TCP.Conns() {
				sent[i] = c.Stats().Acked
				x.is("throttled", c.Stats().Delay > 0, name == "credulous")
			}
		}
		if sent[1] >= sent[0]*3/4 {
			x.t.Errorf("careful has sent %d octets, credulous %d", sent[0], sent[1])
		}
	}},
	"attack-mtu": {[]string{"H-16", "H-15"}, func(x *told) {
		x.drops("careful", mib.PTBUnrecognised, 1)
		x.pmtu("careful", "203.0.113.50", 552)
		x.pmtu("credulous", "203.0.113.50", 68)
		for c := range x.host("credulous").TCP.Conns() {
			x.is("octets in a segment", c.Stats().MSS, 28)
		}
	}},
	"attack-redirect": {[]string{"H-07"}, func(x *told) {
		x.via("credulous", "203.0.113.50", "10.0.1.66")
		x.via("deaf", "203.0.113.50", "")
		x.via("careful", "203.0.113.50", "")
		x.drops("deaf", mib.RedirectIgnored, 1)
		x.drops("careful", mib.QuoteUnrecognised, 1)
		x.drops("careful", mib.RedirectNotFirstHop, 1)
		x.drops("careful", mib.RedirectOffLink, 1)
		x.is("what mallory gets to see", x.count("mallory", "8/0", ""), 1)
		x.received(1, 1, 1)
	}},
	"attack-smurf": {[]string{"H-02", "G-10"}, func(x *told) {
		x.is("replies to the victim", x.count("r1", "0/0", "203.0.113.7"), 3)
		x.is("replies from the closed network", x.count("r2", "0/0", "203.0.113.7")+x.count("c2", "0/0", ""), 0)
		x.drops("r2", mib.DirectedBroadcast, 1)
		x.drops("c2", mib.EchoBroadcast, 1)
		x.received(0)
	}},
	"attack-flood": {[]string{"E-12"}, func(x *told) {
		for _, r := range []struct {
			node, kind  string
			least, most int
		}{
			{"limited", "0/0", 20, 72},
			{"unlimited", "0/0", 1000, 1000},
			{"limited", "3/2", 10, 20},
			{"unlimited", "3/2", 1000, 1000},
		} {
			if n := x.count(r.node, r.kind, "10.0.0.7"); n < r.least || n > r.most {
				x.t.Errorf("%s sends %d of %s, want %d to %d", r.node, n, r.kind, r.least, r.most)
			}
		}
		x.received(1)
	}},
	"cmu-mit": {nil, func(x *told) { x.document() }},
}

// TestPoints: each scenario shows what it is there to show.
func TestPoints(t *testing.T) {
	for _, top := range scenario.List() {
		t.Run(top.Name, func(t *testing.T) {
			p, ok := points[top.Name]
			if !ok {
				t.Fatal("nothing says what this scenario teaches")
			}
			for _, r := range p.rows {
				conform.Row(t, r)
			}
			p.check(runs(t, top, scenario.Options{}))
		})
	}
}
