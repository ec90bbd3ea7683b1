package scenario

import (
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack/route"
)

// show tells what a node knows.
func (r *runner) show(s *topology.Show) error {
	h, err := r.host(s.Node)
	if err != nil {
		return err
	}
	x := narration.Shown{Moment: narration.At(r.n.Now()), Node: s.Node, What: s.What}
	switch s.What {
	case "routes":
		x.Lines = r.routes(h, s.To)
	case "redirects":
		x.Lines = r.redirects(h, s.To)
	case "pmtu":
		for _, a := range r.about(h, s.To) {
			if mtu, ok := h.Node.PathMTU(r.n.Now(), a); ok {
				x.Lines = append(x.Lines, fmt.Sprintf("%v mtu %d", a, mtu))
			}
		}
	case "counters":
		c := h.Node.Counters()
		for name, n := range c.All() {
			if n > 0 {
				x.Lines = append(x.Lines, fmt.Sprintf("%s %d", name, n))
			}
		}
	case "tcp":
		for c := range h.TCP.Conns() {
			t := c.Stats()
			l := fmt.Sprintf("%v > %v %v, mss %d, sent %d, acknowledged %d, delay %v, errors soft %d hard %d too-big %d quench %d",
				c.Local(), c.Remote(), c.State(), t.MSS, t.Octets, t.Acked, t.Delay, t.Soft, t.Hard, t.TooBig, t.Slow)
			if err := c.Err(); err != nil {
				l += "; " + narration.Reason(err)
			}
			x.Lines = append(x.Lines, l)
		}
	}
	r.tell(x)
	return nil
}

// about returns the addresses that are asked about: one, or the first of every
// other node.
func (r *runner) about(h *lab.Host, to topology.Target) (out []netip.Addr) {
	if a, ok := r.t.Addr(to); ok {
		return []netip.Addr{a}
	}
	for _, x := range r.n.Hosts() {
		if x != h {
			out = append(out, x.Addrs[0])
		}
	}
	return out
}

func (r *runner) routes(h *lab.Host, to topology.Target) (out []string) {
	if a, ok := r.t.Addr(to); ok {
		if x, ok := h.Node.Redirected(a); ok {
			return []string{fmt.Sprintf("%v%s redirected", a, hop(x))}
		}
		if x, ok := h.Node.Routes().Lookup(a); ok {
			return []string{line(*x)}
		}
		return nil
	}
	for x := range h.Node.Routes().All() {
		out = append(out, line(x))
	}
	return out
}

func line(x route.Route) string {
	s := x.Prefix.String()
	if x.TOS != 0 {
		s += fmt.Sprintf(" tos %#02x", x.TOS)
	}
	for _, y := range x.Hops {
		s += hop(y)
	}
	return s
}

func hop(x route.Hop) string {
	if x.OnLink() {
		return fmt.Sprintf(" on interface %d", x.Iface)
	}
	return fmt.Sprintf(" by %v", x.Via)
}

func (r *runner) redirects(h *lab.Host, to topology.Target) (out []string) {
	for _, a := range r.about(h, to) {
		if x, ok := h.Node.Redirected(a); ok {
			out = append(out, fmt.Sprintf("%v%s", a, hop(x)))
		}
	}
	return out
}
