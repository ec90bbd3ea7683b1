package ping

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"github.com/sonde-net/sonde/internal/cli/ping/wording"
	"github.com/sonde-net/sonde/link"
	engine "github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/wire/ip"
)

// classic prints what the original prints.
type classic struct {
	*session
	trails []wording.Trail
}

// headerLen is that of an echo, in octets.
const headerLen = 8

func (c *classic) begin() {
	c.trails = make([]wording.Trail, len(c.hosts))
	if c.o.summary {
		return
	}
	for i := range c.hosts {
		c.title(&c.hosts[i])
	}
}

// title is the first line of a host.
func (c *classic) title(h *host) {
	from := ""
	if c.o.device != "" || c.o.source.IsValid() || c.o.sticky {
		from = fmt.Sprintf("from %v %s: ", c.name(h, h.Src), c.o.device)
	}
	who := h.Who()
	if who.Is4() {
		options := 0
		if len(c.cfg.Options) > 0 {
			options = ip.MaxOptionsLen
		}
		if from != "" {
			from = fmt.Sprintf("from %v %s: ", h.Src, c.o.device)
		}
		c.printf("PING %s (%v) %s%d(%d) bytes of data.\n", h.shown, who, from, c.o.size, c.o.size+headerLen+options+ip.MinHeaderLen4)
		return
	}
	flow := ""
	if c.cfg.FlowLabel != 0 {
		flow = fmt.Sprintf(", flow 0x%05x, ", c.cfg.FlowLabel)
	}
	c.printf("PING %s(%s) %s%s%d data bytes\n", h.shown, c.name(h, who), flow, from, c.o.size)
}

// stamp prints the time before a line.
func (c *classic) stamp(at time.Time) {
	if c.o.stamps {
		c.printf("[%d.%06d] ", at.Unix(), at.Nanosecond()/int(time.Microsecond))
	}
}

func (c *classic) result(r *engine.Result) {
	h := &c.hosts[r.Target]
	h.count(r)
	switch {
	case c.o.quiet:
	case c.o.flood:
		c.flood(r)
	case r.Kind == engine.Reply, r.Kind == engine.Late, r.Kind == engine.Duplicate:
		c.reply(h, r)
	case r.Kind == engine.Error:
		c.stamp(r.Time)
		c.printf("From %s icmp_seq=%d %s\n", c.name(h, r.From), r.Seq, wording.Sentence(&r.Claim, ""))
	case r.Kind == engine.Advice:
		c.stamp(r.Time)
		gateway := ""
		if r.Claim.Gateway.IsValid() {
			gateway = c.name(h, r.Claim.Gateway)
		}
		c.printf("From %s: icmp_seq=%d %s\n", c.name(h, r.From), r.Seq, wording.Sentence(&r.Claim, gateway))
	case r.Kind == engine.Outstanding:
		c.stamp(r.Time)
		c.printf("no answer yet for icmp_seq=%d\n", r.Seq)
	case r.Kind == engine.Unsent:
		c.unsent(h, r.Err)
	}
}

// flood draws a full stop for each probe, and takes it back with the reply.
func (c *classic) flood(r *engine.Result) {
	switch r.Kind {
	case engine.Sent:
		c.write(".")
	case engine.Reply, engine.Late, engine.Duplicate:
		c.write("\b \b")
		if c.o.audible {
			c.write("\a")
		}
	case engine.Error:
		c.write("\bE")
	case engine.Unsent:
		c.write("E")
	}
}

func (c *classic) reply(h *host, r *engine.Result) {
	c.stamp(r.Time)
	c.write(strconv.Itoa(r.Size))
	c.write(" bytes from ")
	c.write(c.name(h, r.From))
	c.printf(": icmp_seq=%d", r.Seq)
	if c.o.verbose && !r.From.Is6() || c.o.verbose && c.ident != 0 {
		c.printf(" ident=%d", c.ident)
	}
	c.printf(" ttl=%d", r.TTL)
	if r.Truncated {
		c.printf(" (truncated)\n")
		return
	}
	c.printf(" time=%s ms", wording.Time(r.RTT))
	if r.Kind == engine.Duplicate && (!h.Anyone || c.o.verbose) {
		c.printf(" (DUP!)")
	}
	if c.o.stampSource || c.o.verbose && !c.skin {
		c.printf(" "+c.words.stamps, r.SentBy, r.Stamp)
	}
	if r.Altered {
		c.altered(r)
	}
	if c.o.audible {
		c.write("\a")
	}
	c.trails[r.Target].Show(c.buf, r.Options, func(a netip.Addr) string { return c.name(h, a) })
	c.write("\n")
}

func (c *classic) altered(r *engine.Result) {
	if more := r.Size - headerLen - c.o.size; r.AlteredAt >= c.o.size && more > 0 {
		c.printf("\n"+c.words.more, more)
		return
	}
	c.printf("\nwrong data byte #%d should be 0x%x but was 0x%x", r.AlteredAt, r.Want, r.Got)
}

// tooLong reports whether a probe was too long for the way out, and how long one
// may be; 0: that is not known.
func tooLong(err error) (mtu int, yes bool) {
	var here *link.SizeError
	var there *stack.TooBigError
	switch {
	case errors.As(err, &here):
		return here.MTU, true
	case errors.As(err, &there):
		return there.MTU, true
	}
	return 0, errors.Is(err, syscall.EMSGSIZE)
}

func (c *classic) unsent(h *host, err error) {
	switch mtu, yes := tooLong(err); {
	case !yes:
		c.complain("sendmsg: " + cause(err))
	case mtu == 0:
		c.complain("local error: message too long")
	case h.Dst.Is6():
		c.complain(fmt.Sprintf("local error: message too long, mtu: %d", mtu))
	default:
		c.complain(fmt.Sprintf("local error: message too long, mtu=%d", mtu))
	}
}

// end prints the statistics of each host.
func (c *classic) end() {
	if c.o.summary {
		c.table()
		return
	}
	for i := range c.hosts {
		c.statistics(i)
	}
}

func (c *classic) statistics(i int) {
	h, st := &c.hosts[i], c.s.Stats(i)
	c.printf("\n--- %s ping statistics ---\n%d packets transmitted, %d received", h.shown, st.Sent, st.Received)
	for _, x := range []struct {
		n    int
		what string
	}{{st.Duplicates, "duplicates"}, {st.Errors + h.tooLong, "errors"}} {
		if x.n > 0 {
			c.printf(", +%d %s", x.n, x.what)
		}
	}
	if st.Sent > 0 {
		loss := strconv.FormatFloat(float64(float32(st.Loss())), 'g', 6, 64)
		c.printf(", %s%% packet loss, time %dms", loss, (st.Elapsed() + time.Millisecond/2).Milliseconds())
	}
	c.printf("\n")
	comma := ""
	if st.Received > 0 {
		c.printf("rtt min/avg/max/mdev = %s/%s/%s/%s ms",
			wording.Millis(st.RTT.Min()), wording.Millis(st.RTT.Avg()), wording.Millis(st.RTT.Max()), wording.Millis(st.RTT.Mdev()))
		comma = ", "
	}
	if st.Pipe > 1 {
		c.printf("%spipe %d", comma, st.Pipe)
		comma = ", "
	}
	if st.Received > 0 && (c.s.Interval(i) == 0 || c.o.flood || c.o.adaptive) && st.Sent > 1 {
		c.printf("%sipg/ewma %s/%s ms", comma, wording.Millis(st.Gap()), wording.Millis(st.RTT.EWMA()))
	}
	c.printf("\n")
	if p := st.Percentiles; p != nil && st.Received > 0 {
		c.printf("%s p50/p90/p99 = %s/%s/%s ms\n", c.words.percentiles,
			wording.Millis(p.Percentile(50)), wording.Millis(p.Percentile(90)), wording.Millis(p.Percentile(99)))
	}
}

// quick prints the status line of a host, on standard error.
func (s *session) quick(i int) {
	st := s.s.Stats(i)
	loss := 0
	if st.Sent > 0 {
		loss = (st.Sent - st.Received) * 100 / st.Sent
	}
	line := fmt.Sprintf("%d/%d packets, %d%% loss", st.Received, st.Sent, loss)
	if len(s.hosts) > 1 {
		line = s.hosts[i].shown + ": " + line
	}
	if st.Received > 0 {
		line += fmt.Sprintf(", min/avg/ewma/max = %s/%s/%s/%s ms",
			wording.Millis(st.RTT.Min()), wording.Millis(st.RTT.Avg()), wording.Millis(st.RTT.EWMA()), wording.Millis(st.RTT.Max()))
	}
	fmt.Fprintf(s.errs, "\r%s\n", line)
}
