package trace

import (
	"bufio"
	"encoding/json"
	"net/netip"

	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe/rewrite"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/extension"
)

// lines are JSON, one object a line: begin, a probe each, end.
type lines struct {
	o    *options
	t    *trace.Trace
	e    *json.Encoder
	path path
}

func newJSON(o *options, t *trace.Trace, w *bufio.Writer) *lines {
	return &lines{o: o, t: t, e: json.NewEncoder(w)}
}

// begin is the first line.
type begin struct {
	Event    string     `json:"event"` // "trace"
	Host     string     `json:"host"`
	To       netip.Addr `json:"to"`
	From     netip.Addr `json:"from"`
	Method   string     `json:"method"`
	Port     uint16     `json:"port,omitzero"`
	Classic  bool       `json:"classic"`
	FirstTTL int        `json:"first_ttl"`
	MaxTTL   int        `json:"max_ttl"`
	Queries  int        `json:"queries"`
	Size     int        `json:"size"` // octets of a probe, the IP header included
}

// probed is the line of a probe.
type probed struct {
	Event string `json:"event"` // "probe"
	trace.Result
	Mark   string      `json:"mark,omitzero"`
	Back   int         `json:"back,omitzero"` // hops on the way back, if they can be told
	Labels []label     `json:"mpls,omitzero"`
	Ext    string      `json:"extensions,omitzero"` // as -e prints them
	Name   string      `json:"name,omitzero"`
	Owner  names.Owner `json:"owner,omitzero"`
}

// label is an entry of an MPLS label stack.
type label struct {
	Label  uint32 `json:"label"`
	TC     uint8  `json:"tc"`
	Bottom bool   `json:"bottom"`
	TTL    uint8  `json:"ttl"`
}

// end is the last line.
type end struct {
	Event    string   `json:"event"` // "end"
	Reached  bool     `json:"reached"`
	Length   int      `json:"length"`            // the last hop
	Gateways int      `json:"gateways,omitzero"` // between source and destination, if it was reached
	Owners   []string `json:"owners,omitzero"`   // of the gateways, in the order of the way
	Loop     *loop    `json:"loop,omitzero"`
	// Rewritten is where probes begin to be seen otherwise than they were sent.
	Rewritten []rewrite.Change `json:"rewritten,omitzero"`
	Error     string           `json:"error,omitzero"` // why the trace has ended before its time
}

type loop struct {
	From   int `json:"from_ttl"`
	To     int `json:"to_ttl"`
	Period int `json:"period"`
}

func (l *lines) put(v any) { _ = l.e.Encode(v) } // the writer keeps its error

func (l *lines) head() {
	c := l.t.Config()
	l.put(begin{
		"trace", l.o.host, c.Dst, c.Src, method(&c), c.Port, c.Classic,
		int(c.FirstTTL), int(c.MaxTTL), c.Queries, c.Total(),
	})
}

func (l *lines) result(r *trace.Result, who names.Who) {
	l.path.add(r, who.Owner)
	l.put(probed{
		Event: "probe", Result: *r, Mark: r.Mark(), Back: r.Back(), Labels: stack(r.Claim.Ext), Ext: extensionText(r.Claim.Ext),
		Name: who.Name, Owner: who.Owner,
	})
}

// stack is the MPLS label stack of an extension structure.
func stack(b []byte) (out []label) {
	s, err := extension.Parse(b)
	if err != nil {
		return nil
	}
	for o, err := range s.All() {
		if err != nil || o.Class != extension.ClassMPLS {
			continue
		}
		for x, err := range extension.Labels(o) {
			if err == nil {
				out = append(out, label{x.Label, x.TC, x.Bottom, x.TTL})
			}
		}
	}
	return out
}

func (l *lines) tail() {
	n, ok := gateways(l.t)
	e := end{Event: "end", Reached: ok, Length: int(l.t.Length()), Gateways: n, Owners: l.path.owners, Rewritten: l.t.Changes()}
	if x, ok := l.t.Loop(); ok {
		e.Loop = &loop{int(x.From), int(x.To), x.Period}
	}
	if err := l.t.Err(); err != nil {
		e.Error = err.Error()
	}
	l.put(e)
}
