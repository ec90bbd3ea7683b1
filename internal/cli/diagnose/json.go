package diagnose

import (
	"encoding/json"
	"io"
	"net/netip"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/diagnose/rule"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/mtu"
)

// The lines, in their order. Each begins with what it is.
type (
	jsonBegin struct {
		Event string     `json:"event"` // "diagnose"
		Host  string     `json:"host"`
		From  netip.Addr `json:"from"`
		To    netip.Addr `json:"to"`
		Name  string     `json:"name,omitzero"`
	}
	jsonPing struct {
		Event string  `json:"event"` // "ping"
		Loss  float64 `json:"loss_percent"`
		facts.Ping
	}
	jsonTrace struct {
		Event string `json:"event"` // "trace"
		facts.Trace
	}
	jsonHop struct {
		Event    string     `json:"event"` // "hop"
		TTL      int        `json:"ttl"`
		Sent     int        `json:"sent"`
		Answered int        `json:"answered"`
		Loss     float64    `json:"loss_percent"`
		Target   bool       `json:"target"`
		Nodes    []jsonNode `json:"nodes"`
	}
	jsonNode struct {
		facts.Node
		Name  string      `json:"name,omitzero"`
		Owner names.Owner `json:"owner,omitzero"`
	}
	jsonMTU struct {
		Event string `json:"event"` // "mtu"
		mtu.Result
	}
	jsonClock struct {
		Event string `json:"event"` // "clock"
		clock.Result
	}
	jsonPort struct {
		Event string `json:"event"` // "port"
		facts.Port
	}
	jsonFinding struct {
		Event string `json:"event"` // "finding"
		Text  string `json:"text"`
		rule.Finding
		Evidence []jsonEvidence `json:"evidence"`
	}
	jsonEvidence struct {
		Text string `json:"text"`
		rule.Evidence
	}
	jsonVerdict struct {
		Event       string           `json:"event"` // "verdict"
		Status      rule.Status      `json:"status"`
		Text        string           `json:"text"`
		Took        time.Duration    `json:"took_ns"`
		Interrupted bool             `json:"interrupted"`
		Left        []facts.Omission `json:"left_out"`
	}
)

// printJSON prints the facts and the verdict.
func printJSON(w io.Writer, l language.Tag, f *facts.Facts, v *rule.Verdict) error {
	speaker := speaker(l, f)
	e := json.NewEncoder(w)
	lines := []any{
		jsonBegin{"diagnose", f.Host, f.Src, f.Dst, f.Who[f.Dst].Name},
		jsonPing{"ping", f.Ping.Loss(), f.Ping},
	}
	for i := range f.Traces {
		lines = append(lines, jsonTrace{"trace", f.Traces[i]})
	}
	for i := range f.Path {
		h := &f.Path[i]
		x := jsonHop{"hop", h.TTL, h.Sent, h.Answered, h.Loss(), h.Target, []jsonNode{}}
		for _, n := range h.Nodes {
			x.Nodes = append(x.Nodes, jsonNode{n, f.Who[n.Addr].Name, f.Who[n.Addr].Owner})
		}
		lines = append(lines, x)
	}
	if f.MTU != nil {
		lines = append(lines, jsonMTU{"mtu", *f.MTU})
	}
	if f.Clock != nil {
		lines = append(lines, jsonClock{"clock", *f.Clock})
	}
	for i := range f.Ports {
		lines = append(lines, jsonPort{"port", f.Ports[i]})
	}
	for i := range v.Findings {
		x := &v.Findings[i]
		j := jsonFinding{"finding", speaker.Finding(x), *x, []jsonEvidence{}}
		for k := range x.Evidence {
			j.Evidence = append(j.Evidence, jsonEvidence{speaker.Evidence(&x.Evidence[k]), x.Evidence[k]})
		}
		lines = append(lines, j)
	}
	left := f.Left
	if left == nil {
		left = []facts.Omission{}
	}
	lines = append(lines, jsonVerdict{"verdict", v.Status, speaker.Verdict(v.Status, f.Host), f.Took, f.Interrupted, left})
	for _, x := range lines {
		if err := e.Encode(x); err != nil {
			return err
		}
	}
	return nil
}
