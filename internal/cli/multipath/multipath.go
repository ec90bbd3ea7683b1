// Package multipath is sonde trace --multipath: all the ways to a host, drawn.
package multipath

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/multipath"
	"github.com/sonde-net/sonde/vantage"
)

// Options are what to find out, and how to show it.
type Options struct {
	Host   string // as it was asked for
	Config multipath.Config
	Rate   int // probes a second; 0: no limit

	Numeric bool // no names
	Owners  bool // whose each gateway is
	Form    Form
	Lang    language.Tag
}

// Form is how the ways are shown.
type Form uint8

// The forms.
const (
	Text Form = iota
	DOT       // for Graphviz
	JSON
)

// nameWait is how long names are waited for.
const nameWait = 2 * time.Second

// Run finds the ways from a place, and shows them. When ctx ends before, it shows
// what is known.
func Run(ctx context.Context, at vantage.Point, o *Options, out io.Writer) error {
	p, err := at.Prober(probe.Config{Rate: o.Rate, Rewritten: true})
	if err != nil {
		return err
	}
	m, err := multipath.New(p, o.Config)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	v := &view{o: o, w: w, say: speak(o.Lang)}
	if o.Form == Text {
		v.head()
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if err := at.Run(ctx, m, nil); err != nil {
		return err
	}
	v.g = m.Graph()
	v.who = o.look(ctx, at, &v.g)
	switch o.Form {
	case DOT:
		v.dot()
	case JSON:
		err = v.json()
	default:
		v.text()
	}
	if err := errors.Join(err, w.Flush()); err != nil {
		return err
	}
	return ctx.Err()
}

// look finds out who the gateways are.
func (o *Options) look(ctx context.Context, at vantage.Point, g *multipath.Graph) map[netip.Addr]names.Who {
	source, owners := at.Who()
	c := names.Config{Source: source}
	if o.Numeric {
		c.Source = nil
	}
	if owners != nil && o.Owners {
		c.Owners = []names.Owners{owners}
	}
	if c.Source == nil && c.Owners == nil {
		return nil
	}
	book := names.New(c)
	defer book.Close()
	var all []netip.Addr
	for i := range g.Vertices {
		if a := g.Vertices[i].Addr; a.IsValid() {
			all = append(all, a)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, nameWait)
	defer cancel()
	_ = book.Wait(ctx, all...) // what is not known by then is not shown
	who := map[netip.Addr]names.Who{}
	for _, a := range all {
		who[a], _ = book.Look(a)
	}
	return who
}

// view shows a graph.
type view struct {
	o   *Options
	w   *bufio.Writer
	say *words
	g   multipath.Graph
	who map[netip.Addr]names.Who
}

// method is how the probes ask, in a word.
func (v *view) method() string {
	if v.o.Config.Kind == probe.Echo {
		return "icmp"
	}
	return strings.ToLower(v.o.Config.Kind.String())
}

// vertex is a vertex in JSON.
type vertex struct {
	multipath.Vertex
	Name  string      `json:"name,omitzero"`
	Owner names.Owner `json:"owner,omitzero"`
}

// graph is the line of JSON.
type graph struct {
	Event  string     `json:"event"` // "multipath"
	Host   string     `json:"host"`
	To     netip.Addr `json:"to"`
	From   netip.Addr `json:"from"`
	Method string     `json:"method"`
	multipath.Graph
	Vertices []vertex `json:"vertices"`
}

func (v *view) json() error {
	c := &v.o.Config
	x := graph{Event: "multipath", Host: v.o.Host, To: c.Dst, From: c.Src, Method: v.method(), Graph: v.g, Vertices: []vertex{}}
	for i := range v.g.Vertices {
		who := v.who[v.g.Vertices[i].Addr]
		x.Vertices = append(x.Vertices, vertex{v.g.Vertices[i], who.Name, who.Owner})
	}
	return json.NewEncoder(v.w).Encode(x)
}

// dot writes the graph in the language of Graphviz.
func (v *view) dot() {
	c := &v.o.Config
	fmt.Fprintf(v.w, "digraph %s {\n\tnode [shape=box];\n\tsource [label=%s, shape=ellipse];\n", quoted(v.o.Host), quoted(c.Src.String()))
	for i := range v.g.Vertices {
		x := &v.g.Vertices[i]
		label, style := "*", ", style=dashed"
		if x.Addr.IsValid() {
			label, style = x.Addr.String()+"\n"+millis(x.Best), ""
			if n := v.who[x.Addr].Name; n != "" {
				label = n + "\n" + label
			}
			if t := v.saw(x); t != "" {
				label += "\n" + t
			}
		}
		if x.Reached {
			style = ", shape=ellipse"
		}
		fmt.Fprintf(v.w, "\tv%d [label=%s%s];\n", i, quoted(label), style)
	}
	for _, e := range v.g.Edges {
		from, style := "source", ""
		if e.From >= 0 {
			from = fmt.Sprintf("v%d", e.From)
			if v.g.Vertices[e.From].PerPacket {
				style = " [style=dotted]"
			}
		}
		fmt.Fprintf(v.w, "\t%s -> v%d%s;\n", from, e.To, style)
	}
	fmt.Fprint(v.w, "}\n")
}

// quoted is a string of Graphviz.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%d.%03d ms", d.Microseconds()/1000, d.Microseconds()%1000)
}
