package mtr

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/sonde-net/sonde/internal/cli/mtr/report"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/probe/rewrite"
	"github.com/sonde-net/sonde/wire/ip"
)

// made is the report of what is known.
func (x *session) made() *report.Report {
	c := x.m.Config()
	return &report.Report{
		Here: x.here(), Host: x.host, Start: x.start, Config: c, Size: total(&c), Fill: x.o.fillText(), Rounds: c.Rounds,
		Hops: x.m.Hops(), Lanes: x.m.Lanes(), Changes: x.changes, Paths: x.m.Paths(),
		Fields: x.o.fields, Who: x.who, Look: x.o.look, More: x.o.more, Language: x.o.lang,
	}
}

// print prints a report, when all rounds are over.
func (x *session) print(ctx context.Context) error {
	if err := x.run(ctx); err != nil {
		return err
	}
	return x.made().Write(x.s.out, x.o.format)
}

// firstNumber is that of the first probe in the raw format.
const firstNumber = 33000

// raw prints probes and answers as they come, as mtr -l does.
func (x *session) raw(ctx context.Context) error {
	w := bufio.NewWriter(x.s.out)
	hosts := map[netip.Addr]ip.TTL{}
	var order []netip.Addr
	x.watched = func(e *mtr.Event) {
		place := int(e.TTL) - 1
		switch e.Kind {
		case mtr.Asked:
			fmt.Fprintf(w, "x %d %d\n", place, firstNumber+e.Number)
		case mtr.Answered:
			if t, ok := hosts[e.Is]; !ok || t != e.TTL {
				hosts[e.Is] = e.TTL
				order = append(order, e.Is)
				fmt.Fprintf(w, "h %d %v\n", place, e.Is)
			}
			fmt.Fprintf(w, "p %d %d %d\n", place, e.RTT.Microseconds(), firstNumber+e.Number)
		}
	}
	err := x.at.Run(ctx, x.m, func(time.Time) {
		x.drain()
		_ = w.Flush()
	})
	x.drain()
	if err != nil {
		return err
	}
	x.wait(ctx)
	for _, a := range order {
		if n := x.who(a).Name; n != "" {
			fmt.Fprintf(w, "d %d %s\n", hosts[a]-1, n)
		}
	}
	return w.Flush()
}

// begun is the first line of JSON.
type begun struct {
	Event    string        `json:"event"` // "mtr"
	Host     string        `json:"host"`
	To       netip.Addr    `json:"to"`
	From     netip.Addr    `json:"from"`
	Method   string        `json:"method"`
	Port     uint16        `json:"port,omitzero"`
	Size     int           `json:"size"` // octets of a probe, the IP header included
	Flows    int           `json:"flows"`
	Rounds   int           `json:"rounds"`
	Interval time.Duration `json:"interval_ns"`
	FirstTTL ip.TTL        `json:"first_ttl"`
	MaxTTL   ip.TTL        `json:"max_ttl"`
}

// hopLine is the line of a hop.
type hopLine struct {
	Event    string        `json:"event"` // "hop"
	TTL      ip.TTL        `json:"ttl"`
	Sent     int           `json:"sent"`
	Received int           `json:"received"`
	Lost     int           `json:"lost"`
	Loss     float64       `json:"loss_percent"`
	Limited  bool          `json:"limited"`
	Last     time.Duration `json:"last_ns"`
	Best     time.Duration `json:"best_ns"`
	Avg      time.Duration `json:"avg_ns"`
	Worst    time.Duration `json:"worst_ns"`
	StDev    time.Duration `json:"stdev_ns"`
	GMean    time.Duration `json:"gmean_ns"`
	Jitter   time.Duration `json:"jitter_ns"`
	JAvg     time.Duration `json:"jitter_avg_ns"`
	JMax     time.Duration `json:"jitter_max_ns"`
	JInt     time.Duration `json:"jitter_interarrival_ns"`
	Hosts    []hostLine    `json:"hosts"`
}

type hostLine struct {
	Addr    netip.Addr  `json:"addr"`
	Name    string      `json:"name,omitzero"`
	Owner   names.Owner `json:"owner,omitzero"`
	Answers int         `json:"answers"`
	Reached bool        `json:"reached"`
	Claim   probe.Claim `json:"claim,omitzero"`
	Labels  []string    `json:"mpls,omitzero"`
	// Shown is what it quotes otherwise than it was sent.
	Shown *probe.Shown `json:"shown,omitzero"`
}

// wayLine is the line of a way, and of the flows that take it.
type wayLine struct {
	Event string       `json:"event"` // "way"
	Flows []int        `json:"flows"`
	Hops  []netip.Addr `json:"hops"` // "": nobody answers
}

// pathLine is the line of a way that a flow has taken, now or before.
type pathLine struct {
	Event  string    `json:"event"` // "path"
	Flow   int       `json:"flow"`
	Now    bool      `json:"now"`
	Shared bool      `json:"shared"` // it takes turns with others
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
	Rounds int       `json:"rounds"`
	Hops   []pathHop `json:"hops"`
}

// pathHop is what came of the probes that somebody at a distance was asked with.
type pathHop struct {
	Addr     netip.Addr    `json:"addr"` // "": nobody answers
	Sent     int           `json:"sent"`
	Received int           `json:"received"`
	Lost     int           `json:"lost"`
	Loss     float64       `json:"loss_percent"`
	Avg      time.Duration `json:"avg_ns"`
}

type endLine struct {
	Event   string `json:"event"` // "end"
	Rounds  int    `json:"rounds"`
	Reached bool   `json:"reached"`
	Changes int    `json:"changes"`
	// Rewritten is where probes begin to be seen otherwise than they were sent.
	Rewritten []rewrite.Change `json:"rewritten,omitzero"`
}

// lines prints JSON, one object a line: mtr, changed as they come, and at the end
// a hop each, a way each, a path each, end.
func (x *session) lines(ctx context.Context) error {
	w := bufio.NewWriter(x.s.out)
	e := json.NewEncoder(w)
	put := func(v any) { _ = e.Encode(v) } // the writer keeps its error
	c := x.m.Config()
	method := strings.ToLower(c.Kind.String())
	if c.Kind == probe.Echo {
		method, c.Port = "icmp", 0
	}
	put(begun{"mtr", x.host, c.Dst, c.Src, method, c.Port, total(&c), c.Flows, c.Rounds, c.Interval, c.FirstTTL, c.MaxTTL})
	if err := w.Flush(); err != nil {
		return err
	}
	x.watched = func(e *mtr.Event) {
		if e.Kind == mtr.Changed {
			put(e)
			_ = w.Flush()
		}
	}
	if err := x.run(ctx); err != nil {
		return err
	}
	hops := x.m.Hops()
	for i := range hops {
		put(x.hopLine(&hops[i]))
	}
	for _, way := range report.Ways(x.m.Lanes()) {
		put(wayLine{"way", way.Flows, way.Hops})
	}
	for _, p := range x.m.Paths() {
		l := pathLine{"path", p.Flow, p.Now, p.Shared, p.First, p.Last, p.Rounds, nil}
		for i, a := range p.Hops {
			s := &p.Stats[i]
			l.Hops = append(l.Hops, pathHop{a, s.Sent, s.Received, s.Lost(), s.Loss(), s.Avg()})
		}
		put(l)
	}
	put(endLine{"end", x.m.Round(), x.m.Reached(), len(x.changes), mtr.Rewritten(hops)})
	return w.Flush()
}

func (x *session) hopLine(h *mtr.Hop) hopLine {
	l := hopLine{
		"hop", h.TTL, h.Sent, h.Received, h.Lost(), h.Loss(), h.Limited, h.Last, h.Best, h.Avg(), h.Worst,
		h.StDev(), h.GMean(), h.Jitter, h.JAvg(), h.JMax, h.JInt(),
		[]hostLine{},
	}
	for i := range h.Hosts {
		t := &h.Hosts[i]
		who := x.who(t.Addr)
		l.Hosts = append(l.Hosts, hostLine{t.Addr, who.Name, who.Owner, t.Count, t.Reached, t.Claim, report.Labels(t.Claim.Ext), t.Shown})
	}
	return l
}
