package rule

import (
	"net/netip"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/probe"
)

// What the rules of this file find.
const (
	Reachable   Kind = "reachable"
	NotSent     Kind = "not sent"     // nothing can be sent from here
	Refused     Kind = "refused"      // somebody says that it cannot be reached
	NoAnswer    Kind = "no answer"    // nobody answers, and nobody says why
	Interrupted Kind = "interrupted"  // it was too early to tell
	Loops       Kind = "loop"         // datagrams go round
	Passage     Kind = "way"          // how many devices are between, and whose
	PassageFar  Kind = "way so far"   // likewise, of a way that does not get there
	Direct      Kind = "direct"       // nobody is between
	EchoCount   Kind = "echo count"   // evidence: so many of so many
	AnswersUDP  Kind = "answers udp"  // evidence
	AnswersOpen Kind = "answers open" // evidence: TCP, SYN and ACK
	AnswersRST  Kind = "answers rst"  // evidence: TCP, RST
	Says        Kind = "says"         // evidence: who says what about which kind of probe
	SilentFrom  Kind = "silent from"  // evidence: the last hop to answer a kind of probe
	SilentAll   Kind = "silent all"   // evidence: nobody answers a kind of probe at all
	LoopAt      Kind = "loop at"      // evidence
	OwnersAre   Kind = "owners"       // evidence
)

// Reachability says whether the target answers, and if not, who says why.
func Reachability(f *facts.Facts) []Finding {
	if f.Reached() {
		return reachable(f)
	}
	if t := f.Traces; f.Ping.Unsent > 0 && f.Ping.Unsent == f.Ping.Sent && (len(t) == 0 || t[0].Why != "") {
		return only(NotSent, Failure, Data{Addr: f.Dst, Text: f.Ping.Why})
	}
	if f.Interrupted {
		return only(Interrupted, Note, Data{Addr: f.Dst})
	}
	if looping(f) {
		return nil // it is said by Looping
	}
	e := refusals(f)
	if len(e) > 0 {
		return only(Refused, Failure, e[0].Data, e...)
	}
	d := Data{Addr: f.Dst}
	for i := range f.Traces {
		t := &f.Traces[i]
		if t.Flow > 0 {
			continue
		}
		n, from := t.Last()
		if n > d.Hop {
			d.Hop, d.Other = n, from
		}
		k := SilentFrom
		if n == 0 {
			k = SilentAll
		}
		e = append(e, of(k, Data{Hop: n, Addr: from, Probe: ptr(t.Probe), Port: int(t.Port)}))
	}
	return only(NoAnswer, Failure, d, e...)
}

func reachable(f *facts.Facts) []Finding {
	d := Data{Addr: f.Dst}
	var e []Evidence
	if p := &f.Ping; p.Received > 0 {
		d.Probes = append(d.Probes, probe.Echo)
		e = append(e, of(EchoCount, Data{Addr: f.Dst, Got: p.Received, Sent: p.Sent - p.Unsent}))
	}
	if t := f.By(probe.UDP); t != nil && t.Reached {
		d.Probes = append(d.Probes, probe.UDP)
		e = append(e, of(AnswersUDP, Data{Port: int(t.Port)}))
	}
	if t := f.By(probe.TCP); t != nil && t.Reached {
		d.Probes = append(d.Probes, probe.TCP)
		k := AnswersRST
		if t.Answer == "SYN ACK" {
			k = AnswersOpen
		}
		e = append(e, of(k, Data{Port: int(t.Port)}))
	}
	return only(Reachable, Good, d, e...)
}

// refusals are what is said against the target being reached, by echo, UDP and
// TCP.
func refusals(f *facts.Facts) []Evidence {
	var e []Evidence
	say := func(s *facts.Said, hop int, k probe.Kind, port uint16) {
		e = append(e, of(Says, Data{Addr: s.From, Hop: hop, Claim: ptr(s.Claim), Count: s.Count, Probe: ptr(k), Port: int(port)}))
	}
	for i := range f.Ping.Errors {
		s := &f.Ping.Errors[i]
		say(s, hopOf(f, s.From), probe.Echo, 0)
	}
	for i := range f.Traces {
		if t := &f.Traces[i]; t.Stop != nil && t.Flow == 0 && (t.Probe != probe.Echo || len(f.Ping.Errors) == 0) {
			say(t.Stop, hopOf(f, t.Stop.From), t.Probe, t.Port)
		}
	}
	return e
}

// hopOf returns how far away somebody is who says something: his hop, where he
// has answered to a trace; else what the trace tells that he has ended, by the
// quote, which some rewrite.
func hopOf(f *facts.Facts, a netip.Addr) int {
	if n := f.Hop(a); n > 0 {
		return n
	}
	for i := range f.Traces {
		if t := &f.Traces[i]; t.Stop != nil && t.Stop.From == a {
			return t.StopHop
		}
	}
	return 0
}

// looping reports whether a way comes back to itself.
func looping(f *facts.Facts) bool {
	for i := range f.Traces {
		if f.Traces[i].Loop != nil {
			return true
		}
	}
	return false
}

// Looping finds a way that comes back to itself.
func Looping(f *facts.Facts) []Finding {
	for i := range f.Traces {
		t := &f.Traces[i]
		l := t.Loop
		if l == nil {
			continue
		}
		s := Failure
		if f.Reached() {
			s = Trouble
		}
		d := Data{Hop: l.From, Last: l.To, Count: l.Period, Probe: ptr(t.Probe)}
		for n := l.From; n < l.From+l.Period; n++ {
			if h := t.At(n); h != nil && len(h.Addrs) > 0 {
				d.Addrs = append(d.Addrs, h.Addrs[0])
			}
		}
		return only(Loops, s, d, of(LoopAt, d))
	}
	return nil
}

// Way says how many devices are between, and whose they are.
func Way(f *facts.Facts) []Finding {
	n := len(f.Path)
	switch {
	case n == 0 || looping(f):
		return nil
	case !f.Path[n-1].Target:
		d := Data{Count: n, Owners: owners(f, f.Path)}
		return only(PassageFar, Note, d, whose(f, d)...)
	case n == 1:
		return only(Direct, Note, Data{Addr: f.Dst})
	}
	d := Data{Count: n - 1, Owners: owners(f, f.Path)}
	return only(Passage, Note, d, whose(f, d)...)
}

// whose is evidence of the owners: which hops each has.
func whose(f *facts.Facts, d Data) (e []Evidence) {
	for _, o := range d.Owners {
		x := Data{Owners: []string{o}}
		for i := range f.Path {
			for j := range f.Path[i].Nodes {
				if n := len(x.Hops); f.Who[f.Path[i].Nodes[j].Addr].Owner.Organisation == o && (n == 0 || x.Hops[n-1] != f.Path[i].TTL) {
					x.Hops = append(x.Hops, f.Path[i].TTL)
				}
			}
		}
		e = append(e, of(OwnersAre, x))
	}
	return e
}
