package report

import (
	"bufio"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/wire/ip"
)

// dot is a graph of the ways, for Graphviz: hosts that answered at neighbouring
// distances in one flow are joined, by broken lines where the way was another.
func dot(r *Report, w *bufio.Writer) {
	past := Past(r.Paths)
	fmt.Fprintf(w, "digraph %s {\n  rankdir=LR;\n  node [shape=box];\n  here [label=%s];\n", quotedDOT(r.Host), quotedDOT(r.Here))
	drawn := map[string]bool{}
	for i := range r.Hops {
		h := &r.Hops[i]
		if len(h.Hosts) == 0 {
			drawn[node(h, netip.Addr{})] = true
			fmt.Fprintf(w, "  %s [label=\"%d: ?\", style=dashed];\n", node(h, netip.Addr{}), h.TTL)
		}
		for k := range h.Hosts {
			style := ""
			if h.Limited {
				style = ", color=gray"
			}
			if h.Hosts[k].Reached {
				style += ", peripheries=2"
			}
			was := slices.ContainsFunc(past, func(x Was) bool { return i < len(x.Hops) && x.Hops[i].Addr == h.Hosts[k].Addr })
			is := slices.ContainsFunc(r.Lanes, func(l mtr.Lane) bool { return i < len(l.Hops) && l.Hops[i].Addr == h.Hosts[k].Addr })
			if k > 0 && was && !is {
				continue // it is not of the ways of now
			}
			label := fmt.Sprintf("%d: %s\n%.1f%%, %.1f ms", h.TTL, r.Name(h.Hosts[k].Addr), h.Loss(), float64(h.Avg().Microseconds())/1000)
			drawn[node(h, h.Hosts[k].Addr)] = true
			fmt.Fprintf(w, "  %s [label=%s%s];\n", node(h, h.Hosts[k].Addr), quotedDOT(label), style)
		}
	}
	for i := range past {
		for k := range past[i].Hops {
			x := &past[i].Hops[k]
			h := &mtr.Hop{TTL: r.Config.FirstTTL + ip.TTL(k)}
			if drawn[node(h, x.Addr)] {
				continue
			}
			drawn[node(h, x.Addr)] = true
			label := fmt.Sprintf("%d: ?", h.TTL)
			if x.Addr.IsValid() {
				label = fmt.Sprintf("%d: %s\n%.1f%%, %.1f ms", h.TTL, r.Name(x.Addr), x.Loss(), float64(x.Avg.Microseconds())/1000)
			}
			fmt.Fprintf(w, "  %s [label=%s, style=dashed];\n", node(h, x.Addr), quotedDOT(label))
		}
	}
	seen := map[string]bool{}
	for i := range r.Lanes {
		from := "here"
		for k := range r.Lanes[i].Hops {
			if k >= len(r.Hops) {
				break
			}
			h := &r.Hops[k]
			a := r.Lanes[i].Hops[k].Addr
			if !a.IsValid() && len(h.Hosts) > 0 {
				a = h.Hosts[0].Addr
			}
			to := node(h, a)
			if edge := "  " + from + " -> " + to + ";\n"; !seen[edge] {
				seen[edge] = true
				fmt.Fprint(w, edge)
			}
			from = to
		}
	}
	for i := range past {
		from := "here"
		for k := range past[i].Hops {
			to := node(&mtr.Hop{TTL: r.Config.FirstTTL + ip.TTL(k)}, past[i].Hops[k].Addr)
			if edge := "  " + from + " -> " + to; !seen[edge+";\n"] && !seen[edge] {
				seen[edge] = true
				fmt.Fprint(w, edge+" [style=dashed];\n")
			}
			from = to
		}
	}
	fmt.Fprint(w, "}\n")
}

// quotedDOT is a string of Graphviz: it knows fewer escapes than JSON.
func quotedDOT(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// node is the name of a host at a distance.
func node(h *mtr.Hop, a netip.Addr) string {
	if !a.IsValid() {
		return fmt.Sprintf("\"%d\"", h.TTL)
	}
	return fmt.Sprintf("\"%d %s\"", h.TTL, a)
}
