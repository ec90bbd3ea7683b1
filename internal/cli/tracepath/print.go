package tracepath

import (
	"bufio"
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe/trace"
)

// printer prints the layout of the original.
type printer struct {
	ctx   context.Context
	o     *options
	w     *bufio.Writer
	names names.Source
	most  int

	mtu     int
	before  netip.Addr // who answered last
	last    int        // the last hop that was printed
	reached bool
	back    int
	stopped bool
}

// hostColumns is how wide the column of hosts is.
const hostColumns = 52

// result prints a line for a hop, and before it one where the path gets narrower.
func (p *printer) result(r *trace.Result) {
	if p.last == 0 && p.o.length == 0 {
		mtu := r.MTU
		if mtu == 0 {
			mtu = r.Size
		}
		p.mtu = mtu
		fmt.Fprintf(p.w, "%2d?: %-32s pmtu %d\n", r.TTL, "[LOCALHOST]", mtu)
	} else if r.MTU > 0 && r.MTU < p.mtu {
		p.mtu = r.MTU
		fmt.Fprintf(p.w, "%2d:  %spmtu %d\n", r.TTL, p.host(p.before), r.MTU)
	}
	p.last = int(r.TTL)
	if r.Status != trace.Answered {
		fmt.Fprintf(p.w, "%2d:  no reply\n", r.TTL)
		return
	}
	p.before = r.From
	fmt.Fprintf(p.w, "%2d:  %s%3d.%03dms ", r.TTL, p.host(r.From), r.RTT.Milliseconds(), r.RTT.Microseconds()%1000)
	switch mark := r.Mark(); {
	case r.Reached:
		p.reached, p.back = true, r.Back()
		fmt.Fprint(p.w, "reached\n")
	case mark != "" && r.Final():
		p.stopped = true
		if mark == "!X" {
			mark = "!A"
		}
		fmt.Fprintln(p.w, mark)
	case r.Back() > 0 && r.Back() != int(r.TTL):
		fmt.Fprintf(p.w, "asymm %2d \n", r.Back())
	default:
		fmt.Fprintln(p.w)
	}
}

// host is the column of a host.
func (p *printer) host(a netip.Addr) string {
	s := ""
	if a.IsValid() {
		s = a.String()
	}
	if p.names != nil && a.IsValid() {
		const patience = 2 * time.Second
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		defer cancel()
		n, err := p.names.Name(ctx, a)
		switch {
		case err != nil && p.o.both:
			s = fmt.Sprintf("??? (%v)", a)
		case err != nil:
			s = "???"
		case p.o.both:
			s = fmt.Sprintf("%s (%v)", n, a)
		default:
			s = n
		}
	}
	return fmt.Sprintf("%-*s ", hostColumns-1, s)
}

// end prints what it comes to.
func (p *printer) end() {
	if p.last == 0 {
		return
	}
	if !p.reached && !p.stopped && p.last >= p.most {
		fmt.Fprintf(p.w, "     Too many hops: pmtu %d\n", p.mtu)
	}
	fmt.Fprintf(p.w, "     Resume: pmtu %d ", p.mtu)
	if p.reached {
		fmt.Fprintf(p.w, "hops %d ", p.last)
		if p.back > 0 {
			fmt.Fprintf(p.w, "back %d ", p.back)
		}
	}
	fmt.Fprintln(p.w)
}
