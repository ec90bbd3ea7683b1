package tracepath

import (
	"bufio"
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// printer prints the layout of the original.
type printer struct {
	ctx   context.Context
	o     *options
	w     *bufio.Writer
	names names.Source

	end  mtu.Step // the last, of those that end the way
	over bool     // it is there
}

// Columns are as wide as this.
const (
	hostColumns  = 52
	localColumns = 32
)

// step prints a line.
func (p *printer) step(s *mtu.Step) {
	if s.Kind >= mtu.Reached {
		p.end, p.over = *s, true
	}
	switch {
	case s.Kind == mtu.Quiet:
		fmt.Fprintf(p.w, "%2d:  no reply\n", s.Hop)
		return
	case s.Kind == mtu.Replied:
		fmt.Fprintf(p.w, "%2d?: reply received 8)\n", s.Hop)
		return
	case !s.From.IsValid():
		fmt.Fprintf(p.w, "%2d?: %-*s pmtu %d\n", s.Hop, localColumns, "[LOCALHOST]", s.MTU)
		return
	}
	fmt.Fprintf(p.w, "%2d:  %s%3d.%03dms ", s.Hop, p.host(s.From), s.RTT.Milliseconds(), s.RTT.Microseconds()%1000)
	switch {
	case s.Kind == mtu.Narrower:
		fmt.Fprintf(p.w, "pmtu %d", s.MTU)
	case s.Kind == mtu.Reached:
		fmt.Fprint(p.w, "reached")
	case s.Kind == mtu.Stopped:
		fmt.Fprint(p.w, mark(&s.Claim))
	case s.Back > 0 && s.Back != s.Hop:
		fmt.Fprintf(p.w, "asymm %2d ", s.Back)
	}
	fmt.Fprintln(p.w)
}

// The marks of the original are those of the errors that Linux makes of the codes.
var (
	marks4 = map[icmp4.Code]string{
		icmp4.CodeNetUnreachable: "!N", icmp4.CodeNetUnknown: "!N", icmp4.CodeNetProhibited: "!N", icmp4.CodeNetTOS: "!N",
		icmp4.CodeHostUnreachable: "!H", icmp4.CodeHostProhibited: "!H", icmp4.CodeHostTOS: "!H",
		icmp4.CodeAdminProhibited: "!H", icmp4.CodeHostPrecedence: "!H", icmp4.CodePrecedenceCutoff: "!H",
	}
	marks6 = map[icmp6.Code]string{
		icmp6.CodeNoRoute: "!N", icmp6.CodeProhibited: "!A", icmp6.CodeBeyondScope: "!H", icmp6.CodeAddrUnreachable: "!H",
		icmp6.CodePolicyFailed: "!A", icmp6.CodeRejectRoute: "!A",
	}
)

// mark is what is written behind an error that ends the way.
func mark(c *probe.Claim) string {
	m := ""
	switch {
	case c.V6 && icmp6.Type(c.Type) == icmp6.TypeDestUnreachable:
		m = marks6[icmp6.Code(c.Code)]
	case c.V6 && icmp6.Type(c.Type) == icmp6.TypeTimeExceeded, !c.V6 && icmp4.Type(c.Type) == icmp4.TypeTimeExceeded:
		m = "!H"
	case c.V6 && icmp6.Type(c.Type) == icmp6.TypeParameterProblem, !c.V6 && icmp4.Type(c.Type) == icmp4.TypeParameterProblem:
		m = "!P"
	case !c.V6 && icmp4.Type(c.Type) == icmp4.TypeDestUnreachable:
		m = marks4[icmp4.Code(c.Code)]
	}
	if m == "" {
		return fmt.Sprintf("!<%d-%d>", c.Type, c.Code)
	}
	return m
}

// host is the column of a host.
func (p *printer) host(a netip.Addr) string {
	s := a.String()
	if p.names != nil {
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

// resume prints what it comes to. Too far is what no last step has ended.
func (p *printer) resume(size int, tooFar bool) {
	if tooFar {
		fmt.Fprintf(p.w, "     Too many hops: pmtu %d\n", size)
	}
	fmt.Fprintf(p.w, "     Resume: pmtu %d ", size)
	if p.over && p.end.Kind == mtu.Reached {
		fmt.Fprintf(p.w, "hops %d ", p.end.Hop)
		if p.end.Back > 0 {
			fmt.Fprintf(p.w, "back %d ", p.end.Back)
		}
	}
	fmt.Fprintln(p.w)
}
