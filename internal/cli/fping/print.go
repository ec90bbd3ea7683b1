package fping

import (
	"fmt"
	"time"

	"github.com/sonde-net/sonde/probe/roll"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// ms is a time as fping writes it: four digits or so, in milliseconds.
func ms(d time.Duration) string {
	t := float64(d) / float64(time.Millisecond)
	switch {
	case t < 1:
		return fmt.Sprintf("%.3f", t)
	case t < 10:
		return fmt.Sprintf("%.2f", t)
	case t < 100:
		return fmt.Sprintf("%.1f", t)
	case t < 1e6:
		return fmt.Sprintf("%.0f", t)
	}
	return fmt.Sprintf("%.3e", t)
}

// result prints what has happened.
func (s *session) result(r *roll.Result) {
	h, o := &s.hosts[r.Target], s.o
	switch r.Kind {
	case roll.Reply:
		s.reply(h, r)
	case roll.Duplicate:
		s.other++
		if !o.quiet && o.repeating() {
			fmt.Fprintf(s.errs, "%s : duplicate for [%d], %d bytes, %s ms\n", h.shown, r.N, r.Size, ms(r.RTT))
		}
	case roll.Timeout:
		s.timeouts++
		if o.vcount > 0 {
			h.take(r.N, -1)
		}
		if o.repeating() && !o.quiet {
			s.stamp(r.Time)
			fmt.Fprintf(s.out, "%-*s : [%d], timed out (%s avg, %d%% loss)\n", s.width, h.shown, r.N, s.avg(r.Target), s.loss(r.Target))
		}
	case roll.Error:
		s.other++
		if !o.quiet {
			fmt.Fprintf(s.errs, "ICMP %s from %v for ICMP Echo sent to %s\n", about(r), r.From, h.addrShown())
		}
	case roll.Unsent:
		if !o.repeating() && !o.quiet && !o.alive && !o.unreach {
			fmt.Fprintf(s.errs, "%s: error while sending ping: %s\n", h.shown, sentence(r.Err))
		}
	}
}

func (h *host) addrShown() string {
	if a := h.addr.String(); a != h.shown {
		return fmt.Sprintf("%s (%s)", h.shown, a)
	}
	return h.shown
}

// take keeps the time of a probe, for -C.
func (h *host) take(n int, t float64) {
	for len(h.times) <= n {
		h.times = append(h.times, -1)
	}
	h.times[n] = t
}

func (s *session) reply(h *host, r *roll.Result) {
	o := s.o
	s.received++
	if s.received == 1 || r.RTT < s.least {
		s.least = r.RTT
	}
	s.most = max(s.most, r.RTT)
	s.sum += r.RTT
	if o.vcount > 0 {
		h.take(r.N, float64(r.RTT)/float64(time.Millisecond))
	}
	from := ""
	if r.From != h.addr {
		from = fmt.Sprintf(" [<- %v]", r.From)
	}
	switch {
	case (o.quiet || o.reachable > 0) && !o.alive:
	case o.repeating():
		s.stamp(r.Time)
		fmt.Fprintf(s.out, "%-*s : [%d], %d bytes, %s ms (%s avg, %d%% loss)%s\n", s.width, h.shown, r.N, r.Size, ms(r.RTT), s.avg(r.Target), s.loss(r.Target), from)
	case o.unreach:
	default:
		fmt.Fprint(s.out, h.shown)
		if !o.alive {
			fmt.Fprint(s.out, " is alive")
		}
		if o.elapsed {
			fmt.Fprintf(s.out, " (%s ms)", ms(r.RTT))
		}
		fmt.Fprintln(s.out, from)
	}
}

func (s *session) stamp(at time.Time) {
	if s.o.stamp {
		fmt.Fprintf(s.out, "[%.5f] ", float64(at.UnixNano())/1e9)
	}
}

func (s *session) avg(i int) string {
	st := s.s.Stats(i)
	if st.Received == 0 {
		return "NaN"
	}
	return ms(st.Avg())
}

// loss is in percent of the probes to a host so far.
func (s *session) loss(i int) int {
	st := s.s.Stats(i)
	return percent(st.Sent-st.Received, st.Sent)
}

func percent(n, of int) int {
	if of == 0 || n < 0 {
		return 0
	}
	return n * 100 / of
}

// about says what an error says.
func about(r *roll.Result) string {
	c := &r.Claim
	if r.From.Is6() {
		return icmp6.Kind{Type: icmp6.Type(c.Type), Code: icmp6.Code(c.Code)}.String()
	}
	unreach := [...]string{
		"Network Unreachable", "Host Unreachable", "Protocol Unreachable", "Port Unreachable", "Unreachable (Fragmentation Needed)",
		"Unreachable (Source Route Failed)", "Unreachable (Destination Network Unknown)", "Unreachable (Destination Host Unknown)",
		"Unreachable (Source Host Isolated)", "Unreachable (Communication with Network Prohibited)",
		"Unreachable (Communication with Host Prohibited)", "Unreachable (Network Unreachable For Type Of Service)",
		"Unreachable (Host Unreachable For Type Of Service)", "Unreachable (Communication Administratively Prohibited)",
		"Unreachable (Host Precedence Violation)", "Unreachable (Precedence cutoff in effect)",
	}
	switch icmp4.Type(c.Type) {
	case icmp4.TypeDestUnreachable:
		if int(c.Code) < len(unreach) {
			return unreach[c.Code]
		}
		return "Unreachable (Invalid Code)"
	case icmp4.TypeSourceQuench:
		return "Source Quench"
	case icmp4.TypeRedirect:
		return "Redirect"
	case icmp4.TypeTimeExceeded:
		return "Time Exceeded"
	case icmp4.TypeParameterProblem:
		return "Parameter Problem"
	}
	return icmp4.Kind{Type: icmp4.Type(c.Type), Code: icmp4.Code(c.Code)}.String()
}

// interval prints the summary of the time since the last one.
func (s *session) interval(now time.Time) {
	s.report = s.report.Add(time.Duration(s.o.every) * time.Second)
	fmt.Fprintf(s.errs, "[%s]\n", now.Format("15:04:05"))
	for i := range s.hosts {
		h, st := &s.hosts[i], s.s.Stats(i)
		st.Sent -= st.Pending // what is on its way belongs to the next time
		part := roll.Stats{Sent: st.Sent - h.since.Sent, Received: st.Received - h.since.Received, Sum: st.Sum - h.since.Sum, Min: st.Min, Max: st.Max}
		h.since = st
		s.line(h, &part)
	}
	s.flush()
}

// line prints the summary of a host.
func (s *session) line(h *host, st *roll.Stats) {
	fmt.Fprintf(s.errs, "%-*s :", s.width, h.shown)
	fmt.Fprintf(s.errs, " xmt/rcv/%%loss = %d/%d/%d%%", st.Sent, st.Received, percent(st.Sent-st.Received, st.Sent))
	if s.o.outage {
		fmt.Fprintf(s.errs, ", outage(ms) = %.0f", float64(st.Sent-st.Received)*s.o.period)
	}
	if st.Received > 0 {
		fmt.Fprintf(s.errs, ", min/avg/max = %s/%s/%s", ms(st.Min), ms(st.Avg()), ms(st.Max))
	}
	fmt.Fprintln(s.errs)
}

// finish prints what there is to say at the end.
func (s *session) finish(took time.Duration) {
	o := s.o
	_ = s.out.Flush()
	for i := range s.hosts {
		st := s.s.Stats(i)
		s.sent += st.Sent
		switch {
		case st.Received > 0 || o.repeating():
		case o.unreach:
			fmt.Fprintln(s.out, s.hosts[i].shown)
		case !o.alive && !o.quiet && o.reachable == 0:
			fmt.Fprintln(s.out, s.hosts[i].shown, "is unreachable")
		}
	}
	if o.reachable > 0 {
		word := "Not enough"
		if s.s.Alive() >= o.reachable {
			word = "Enough"
		}
		fmt.Fprintf(s.out, "%s hosts reachable (required: %d, reachable: %d)\n", word, o.reachable, s.s.Alive())
	}
	_ = s.out.Flush()
	if o.repeating() {
		s.systems()
	}
	if o.stats {
		s.global(took)
	}
}

func (s *session) systems() {
	if !s.o.quiet {
		fmt.Fprintln(s.errs)
	}
	for i := range s.hosts {
		h, st := &s.hosts[i], s.s.Stats(i)
		if s.o.vcount == 0 {
			s.line(h, &st)
			continue
		}
		fmt.Fprintf(s.errs, "%-*s :", s.width, h.shown)
		for n := range max(st.Sent, len(h.times)) {
			if n < len(h.times) && h.times[n] >= 0 {
				fmt.Fprintf(s.errs, " %s", ms(time.Duration(h.times[n]*float64(time.Millisecond))))
			} else {
				fmt.Fprint(s.errs, " -")
			}
		}
		fmt.Fprintln(s.errs)
	}
}

// global prints the sums over all hosts.
func (s *session) global(took time.Duration) {
	avg := time.Duration(0)
	if s.received > 0 {
		avg = s.sum / time.Duration(s.received)
	}
	alive := s.s.Alive()
	fmt.Fprintf(s.errs, "\n%8d targets\n%8d alive\n%8d unreachable\n%8d unknown addresses\n\n", len(s.hosts), alive, len(s.hosts)-alive, s.missing)
	fmt.Fprintf(s.errs, "%8d timeouts (waiting for response)\n%8d ICMP Echos sent\n%8d ICMP Echo Replies received\n%8d other ICMP received\n\n",
		s.timeouts, s.sent, s.received, s.other)
	fmt.Fprintf(s.errs, " %s ms (min round trip time)\n %s ms (avg round trip time)\n %s ms (max round trip time)\n %12.3f sec (elapsed real time)\n\n",
		ms(s.least), ms(avg), ms(s.most), took.Seconds())
}
