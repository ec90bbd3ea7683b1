// Package report prints what a monitor has found out: in the layouts of mtr(8),
// as Markdown, and as a graph for Graphviz.
package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/mtr/field"
	"github.com/sonde-net/sonde/internal/cli/translated"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe/mtr"
)

// Report is what there is to print.
type Report struct {
	Here   string // name of this machine
	Host   string // as it was asked for
	Start  time.Time
	Config mtr.Config
	Size   int    // octets of a probe, IP header included
	Fill   string // its data, as mtr writes it
	Rounds int

	Hops    []mtr.Hop
	Lanes   []mtr.Lane
	Changes []mtr.Event
	Paths   []mtr.Path

	Fields []field.Field
	Who    func(a netip.Addr) names.Who
	Look   Look
	// More says what mtr does not: changes of the way, those of before, limits,
	// flows, translators.
	More     bool
	MostWays int // of before that are told of at most, the last; 0: 8
	Language language.Tag
}

// Look is how hosts are shown.
type Look struct {
	Wide   bool // names are not cut
	IPs    bool // addresses beside names
	MPLS   bool
	Info   Info
	Owners bool // owners by their names
}

// Formats are the formats by name, and what prints them.
var Formats = map[string]func(r *Report, w *bufio.Writer){
	"text": text, "csv": csv, "json": object, "xml": xml, "markdown": markdown, "dot": dot,
}

// Write prints the report in one of the [Formats].
func (r *Report) Write(w io.Writer, format string) error {
	put, ok := Formats[format]
	if !ok {
		return fmt.Errorf("%q is no format of reports", format)
	}
	b := bufio.NewWriter(w)
	put(r, b)
	return b.Flush()
}

// Info is what is told of the owner of an address, by mtr's numbers.
type Info int8

// The kinds of information.
const (
	NoInfo Info = iota - 1
	ASN
	Prefix
	Country
	Registry // not known here
	Date     // nor this
)

var widths = [...]int{9, 19, 4, 8, 11}

// Next is the next kind of information, after the last one none.
func (i Info) Next() Info {
	if i == Country {
		return NoInfo
	}
	return i + 1
}

// Width returns the width of the column.
func (i Info) Width() int {
	if i == NoInfo {
		return 0
	}
	return widths[i]
}

// Text returns what is known of an owner.
func (i Info) Text(o names.Owner) string {
	s := ""
	switch {
	case i == ASN && o.ASN != 0:
		return "AS" + strconv.FormatUint(uint64(o.ASN), 10)
	case i == ASN:
		return "AS???"
	case i == Prefix && o.Prefix.IsValid():
		s = o.Prefix.String()
	case i == Country:
		s = o.Country
	}
	return cmp.Or(s, "???")
}

// Name returns how a host is shown; the zero Addr: somebody unknown.
func (r *Report) Name(a netip.Addr) string {
	if !a.IsValid() {
		return "???"
	}
	who := r.Who(a)
	s := a.String()
	switch {
	case who.Name != "" && r.Look.IPs:
		s = who.Name + " (" + s + ")"
	case who.Name != "":
		s = who.Name
	}
	if r.Look.Owners && who.Owner.Organisation != "" {
		s += " [" + who.Owner.Organisation + "]"
	}
	return s
}

// first is the host of a hop that has answered last.
func first(h *mtr.Hop) netip.Addr {
	if len(h.Hosts) == 0 {
		return netip.Addr{}
	}
	return h.Hosts[0].Addr
}

func (r *Report) info(a netip.Addr) string {
	if r.Look.Info == NoInfo {
		return ""
	}
	var o names.Owner
	if a.IsValid() {
		o = r.Who(a).Owner
	}
	return fmt.Sprintf("%-*s", r.Look.Info.Width(), r.Look.Info.Text(o))
}

// narrow is where the columns begin in a report that is not wide.
const narrow = 33

// text is the layout of mtr -r.
func text(r *Report, w *bufio.Writer) {
	fmt.Fprintf(w, "Start: %s\n", r.Start.Format("2006-01-02T15:04:05-0700"))
	left := narrow
	if r.Look.Wide {
		left = len("HOST: ") + width(r.Here)
		for i := range r.Hops {
			left = max(left, len(r.begin(&r.Hops[i]))+width(r.Name(first(&r.Hops[i]))))
		}
	}
	fmt.Fprint(w, fit("HOST: "+r.Here, left))
	for i := range r.Fields {
		fmt.Fprint(w, r.Fields[i].Head())
	}
	fmt.Fprint(w, "\n")
	for i := range r.Hops {
		h := &r.Hops[i]
		fmt.Fprint(w, fit(r.begin(h)+r.Name(first(h)), left))
		for k := range r.Fields {
			fmt.Fprint(w, r.Fields[k].Cell(&h.Stats))
		}
		fmt.Fprint(w, "\n")
		r.others(w, h)
	}
	if r.More {
		for _, s := range r.Remarks() {
			fmt.Fprint(w, s+"\n")
		}
	}
}

// begin is what a line begins with.
func (r *Report) begin(h *mtr.Hop) string {
	if r.Look.Info == NoInfo {
		return fmt.Sprintf(" %2d.|-- ", h.TTL)
	}
	return fmt.Sprintf(" %2d. %s", h.TTL, r.info(first(h)))
}

// others prints the labels of a hop, and the hosts that have answered beside the
// last one.
func (r *Report) others(w *bufio.Writer, h *mtr.Hop) {
	for i := range h.Hosts {
		x := &h.Hosts[i]
		switch {
		case i == 0:
		case r.Look.Info != NoInfo:
			fmt.Fprintf(w, "     %s%s\n", r.info(x.Addr), r.Name(x.Addr))
		case i == 1:
			fmt.Fprintf(w, "    |  `|-- %s\n", r.Name(x.Addr))
		default:
			fmt.Fprintf(w, "    |   |-- %s\n", r.Name(x.Addr))
		}
		if !r.Look.MPLS {
			continue
		}
		for _, l := range Labels(x.Claim.Ext) {
			if r.Look.Info != NoInfo {
				fmt.Fprintf(w, "       %s\n", l)
			} else {
				fmt.Fprintf(w, "    |   +-- %s\n", l)
			}
		}
	}
}

// Remarks are what is to be said of the hops, a line each.
func (r *Report) Remarks() (out []string) {
	say := speak(r.Language)
	var limited []string
	for i := range r.Hops {
		if h := &r.Hops[i]; h.Limited && len(h.Hosts) > 0 {
			limited = append(limited, strconv.Itoa(int(h.TTL)))
		}
	}
	switch len(limited) {
	case 0:
	case 1:
		out = append(out, fmt.Sprintf(say.limited1, limited[0]))
	default:
		out = append(out, fmt.Sprintf(say.limited, strings.Join(limited, ", ")))
	}
	out = append(out, translated.Lines(r.Language, r.Config.TOS, mtr.Rewritten(r.Hops))...)
	for i := range r.Changes {
		out = append(out, r.change(say, &r.Changes[i]))
	}
	out = append(out, r.past(say)...)
	if n := len(r.Lanes); n > 1 {
		out = append(out, r.ways(say)...)
	}
	return out
}

// ways tells which flows go which way.
func (r *Report) ways(say *words) (out []string) {
	all := Ways(r.Lanes)
	if len(all) == 1 {
		return []string{fmt.Sprintf(say.oneWay, len(r.Lanes))}
	}
	out = append(out, fmt.Sprintf(say.waysOf, len(r.Lanes), len(all)))
	for _, way := range all {
		var hops []string
		for _, h := range way.Hops {
			hops = append(hops, r.Name(h))
		}
		out = append(out, fmt.Sprintf("  %d%%: %s", 100*len(way.Flows)/len(r.Lanes), strings.Join(hops, " → ")))
	}
	return out
}

// Way is a way, and the flows that take it.
type Way struct {
	Flows []int
	Hops  []netip.Addr
}

// Ways are the ways of lanes, each once, in the order of their flows.
func Ways(lanes []mtr.Lane) (out []Way) {
	for i := range lanes {
		var hops []netip.Addr
		for k := range lanes[i].Hops {
			hops = append(hops, lanes[i].Hops[k].Addr)
		}
		k := slices.IndexFunc(out, func(w Way) bool { return slices.Equal(w.Hops, hops) })
		if k < 0 {
			k = len(out)
			out = append(out, Way{Hops: hops})
		}
		out[k].Flows = append(out[k].Flows, lanes[i].Flow)
	}
	return out
}
