package trace

import (
	"bufio"
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/transport"
)

// text is the layout of the original.
type text struct {
	o    *options
	t    *trace.Trace
	w    *bufio.Writer
	hop  []trace.Result // those of the hop that were printed
	path path
}

func newText(o *options, t *trace.Trace, w *bufio.Writer) *text { return &text{o: o, t: t, w: w} }

func (x *text) head() {
	c := x.t.Config()
	fmt.Fprintf(x.w, "traceroute to %s (%v), %d hops max, %d byte packets", x.o.host, c.Dst, c.MaxTTL, c.Total())
}

func (x *text) result(r *trace.Result, who names.Who) {
	if r.Query == 1 || len(x.hop) > 0 && x.hop[0].TTL != r.TTL {
		fmt.Fprintf(x.w, "\n%2d ", r.TTL)
		x.hop = x.hop[:0]
	}
	x.path.add(r, who.Owner)
	if r.Status != trace.Answered {
		fmt.Fprint(x.w, " *")
	} else {
		if x.differs(r) {
			x.address(r, who)
		}
		fmt.Fprintf(x.w, "  %d.%03d ms", r.RTT.Microseconds()/1000, r.RTT.Microseconds()%1000)
	}
	if r.MTU > 0 {
		fmt.Fprintf(x.w, " F=%d", r.MTU)
	}
	if m := r.Mark(); m != "" {
		fmt.Fprint(x.w, " "+m)
	}
	x.hop = append(x.hop, *r)
}

// differs reports whether the answer is from another than the last one in this
// hop, in what is printed of that.
func (x *text) differs(r *trace.Result) bool {
	for _, b := range slices.Backward(x.hop) {
		if b.Status == trace.Answered {
			return b.From != r.From ||
				x.extra(&b) != x.extra(r) ||
				x.o.back && b.ReplyTTL != r.ReplyTTL
		}
	}
	return true
}

// address prints who has answered.
func (x *text) address(r *trace.Result, who names.Who) {
	if x.o.numeric {
		fmt.Fprintf(x.w, " %v", r.From)
	} else {
		fmt.Fprintf(x.w, " %s (%v)", cmp.Or(who.Name, r.From.String()), r.From)
	}
	if x.o.as {
		fmt.Fprintf(x.w, " [%s]", x.owner(who.Owner))
	}
	if e := x.extra(r); e != "" {
		fmt.Fprintf(x.w, " <%s>", e)
	}
	if b := r.Back(); x.o.back && b != 0 && b != int(r.TTL) {
		fmt.Fprintf(x.w, " '-%d'", b)
	}
}

// extra is what else is said of an answer: extensions, or flags of TCP.
func (x *text) extra(r *trace.Result) string {
	switch {
	case x.o.info && r.Flags != 0:
		return flagNames(r.Flags)
	case x.o.ext:
		return extensionText(r.Claim.Ext)
	}
	return ""
}

// owner is whose an address is: the number of the autonomous system, and where
// there is room for more than the original prints the name too.
func (x *text) owner(w names.Owner) string {
	var all []string
	if w.ASN != 0 {
		all = append(all, fmt.Sprintf("AS%d", w.ASN))
	}
	if w.Organisation != "" && x.o.verdict {
		all = append(all, w.Organisation)
	}
	if len(all) == 0 {
		return "*"
	}
	return strings.Join(all, " ")
}

func (x *text) tail() {
	fmt.Fprint(x.w, "\n")
	if x.o.verdict {
		x.verdict()
	}
}

// flagNames are flags of TCP as the original writes them.
func flagNames(f transport.TCPFlags) string {
	var all []string
	for i, n := range [...]string{"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"} {
		if f&(1<<i) != 0 {
			all = append(all, n)
		}
	}
	return strings.Join(all, ",")
}

// path is what is said of all hops together.
type path struct {
	owners []string
	seen   map[netip.Addr]bool
}

// add takes note of whose the gateways are, each owner once, in the order of the
// way.
func (p *path) add(r *trace.Result, w names.Owner) {
	if r.Status != trace.Answered || p.seen[r.From] {
		return
	}
	if p.seen == nil {
		p.seen = map[netip.Addr]bool{}
	}
	p.seen[r.From] = true
	name := w.Organisation
	if name == "" && w.ASN != 0 {
		name = fmt.Sprintf("AS%d", w.ASN)
	}
	if name != "" && !slices.Contains(p.owners, name) {
		p.owners = append(p.owners, name)
	}
}

// gateways is how many gateways are between source and destination; 0, false:
// the destination was not reached.
func gateways(t *trace.Trace) (int, bool) {
	if !t.Reached() {
		return 0, false
	}
	return int(t.Length()) - 1, true
}
