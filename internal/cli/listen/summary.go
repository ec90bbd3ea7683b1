package listen

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/listen"
	sentences "github.com/sonde-net/sonde/explain/words"
	"github.com/sonde-net/sonde/wire/ip"
)

// summary prints what there is to say at the end, of findings so many; 0: all.
func (s *session) summary(sum *listen.Summary, top int) {
	w := s.words
	if s.live != nil {
		s.lost, _ = s.live.Stats()
	}
	s.printf("%d %s, %d %s", sum.Datagrams, one(sum.Datagrams, w.datagram, w.datagrams), sum.Messages, one(sum.Messages, w.message, w.messages))
	if d := sum.Last.Sub(sum.First); d > 0 {
		s.printf(", %s%s", w.took, sentences.In(s.lang).Span(d.Round(time.Millisecond)))
	}
	for _, x := range []struct {
		n    uint64
		what string
	}{
		{sum.Frames.NotIP, w.notIP},
		{sum.Frames.Unknown, w.unknownLink},
		{sum.Fragments, w.fragmented},
		{sum.Cut + sum.Frames.Cut, w.cut},
		{sum.Malformed, w.malformed},
		{sum.Forgotten, w.forgotten},
		{s.lost.Dropped, w.kernel},
		{s.lost.Missed, w.missed},
	} {
		if x.n > 0 {
			s.printf(", %d %s", x.n, x.what)
		}
	}
	s.printf("\n")
	s.kinds(sum)
	s.talkers(sum)
	s.troubles(sum)
	s.pairs(sum)
	s.times(sum)
	s.findings(sum, top)
}

// one is the first word when there is one of it, else the second.
func one(n uint64, single, many string) string {
	if n == 1 {
		return single
	}
	return many
}

func (s *session) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(s.out, format, args...); err != nil && s.failed == nil {
		s.failed = err
	}
}

func (s *session) kinds(sum *listen.Summary) {
	if len(sum.Kinds) == 0 {
		return
	}
	s.printf("\n%s\n", s.words.kinds)
	for _, k := range sum.Kinds {
		s.printf("%9d  %s\n", k.Count, s.line.kind(k.Version, k.Type, k.Code))
	}
}

func (s *session) talkers(sum *listen.Summary) {
	if len(sum.Talkers) == 0 {
		return
	}
	s.printf("\n%s\n", s.words.talkers)
	for _, t := range sum.Talkers {
		s.printf("  %-26s %d %s, %d %s\n", t.Addr, t.Sent, s.words.sent, t.Received, s.words.received)
	}
}

func (s *session) troubles(sum *listen.Summary) {
	w := s.words
	if len(sum.Troubles) == 0 {
		return
	}
	s.printf("\n%s\n", w.troubles)
	for _, t := range sum.Troubles {
		others := ""
		if t.Others {
			others = w.others
		}
		from, to := t.Src.String(), t.Dst.String()
		if t.Proto != ip.ProtoICMP && t.Proto != ip.ProtoICMPv6 && t.Sport|t.Dport != 0 {
			from, to = join(from, t.Sport), join(to, t.Dport)
		}
		s.printf("%9d  %s %s → %s%s%s%s%s%s%d\n", t.Count, t.Proto, from, to, w.colon,
			s.line.kind(versionOf(&t), t.Type, t.Code), others, w.semi, w.first, t.First.Number)
	}
}

func versionOf(t *conversation.Trouble) uint8 {
	if t.Reporter.Is6() {
		return 6
	}
	return 4
}

func join(addr string, port uint16) string {
	if strings.Contains(addr, ":") {
		addr = "[" + addr + "]"
	}
	return addr + ":" + strconv.Itoa(int(port))
}

func (s *session) pairs(sum *listen.Summary) {
	w := s.words
	said := false
	for i := range sum.Pairs {
		p := &sum.Pairs[i]
		if !p.Troubled() {
			continue
		}
		if !said {
			said = true
			s.printf("\n%s\n", w.pairs)
		}
		var parts []string
		for _, x := range []struct {
			n    uint64
			what string
		}{
			{p.Requests, w.asked},
			{p.Replies, w.replied},
			{p.Unanswered, w.unanswered},
			{p.Errors, w.errors},
			{p.Repeated, w.repeats},
			{p.Duplicates, w.duplicates},
			{p.Unsolicited, w.strays},
			{p.Altered, w.changed},
		} {
			if x.n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", x.n, x.what))
			}
		}
		who := p.Target.String()
		if p.Asker.IsValid() {
			who = p.Asker.String() + " → " + who
		} else if !p.Target.IsValid() {
			who = ""
		}
		s.printf("  %-13s %s%s%s\n", p.Class.In(s.lang), who, w.colon, strings.Join(parts, ", "))
	}
}

func (s *session) times(sum *listen.Summary) {
	w := s.words
	if len(sum.Timings) == 0 {
		return
	}
	s.printf("\n%s\n", w.times)
	for i := range sum.Timings {
		t := &sum.Timings[i]
		cell := func(d time.Duration) string { return string(duration(nil, d, w.comma)) }
		s.printf("  IPv%d %-13s %8d   %s %s, %s %s, %s %s, %s %s\n", t.Version, t.Class.In(s.lang), t.Times.Count(),
			w.min, cell(t.Times.Min()), w.median, cell(percentile(t, 50)),
			w.p95, cell(percentile(t, 95)), w.max, cell(t.Times.Max()))
	}
}

// percentile returns one of the times. That of a histogram is the middle of its
// bucket: no less and no more than there was.
func percentile(t *conversation.Timing, p float64) time.Duration {
	return min(max(t.Histogram.Percentile(p), t.Times.Min()), t.Times.Max())
}

func (s *session) findings(sum *listen.Summary, top int) {
	w := s.words
	if s.o.noFindings {
		return
	}
	s.printf("\n%s", w.findings)
	if len(sum.Findings) == 0 {
		s.printf("%s%s\n", w.colon, w.none)
		return
	}
	s.printf("\n")
	told := map[finding.Kind]bool{}
	for i, f := range sum.Findings {
		if top > 0 && i == top {
			s.printf("  %d %s\n", uint64(len(sum.Findings)-i)+sum.Omitted, w.omitted) //nolint:gosec // not negative
			return
		}
		s.finding(f, told)
	}
	if sum.Omitted > 0 {
		s.printf("  %d %s\n", sum.Omitted, w.omitted)
	}
}

func (s *session) finding(f *finding.Finding, told map[finding.Kind]bool) {
	w := s.words
	s.printf("  %s\n", between(append([]byte(s.line.title(f)), ' '), f))
	s.printf("    %d %s%s%s", f.Count, one(f.Count, w.packet, w.packets), w.colon, numbers(f))
	if f.Rate > 0 {
		s.printf("%s%.0f%s", w.semi, f.Rate, w.rate)
	}
	s.printf("%s%s – %s\n", w.semi, s.line.at(nil, f.Start), s.line.at(nil, f.End))
	for _, x := range f.Facts {
		s.printf("    - %s\n", x.In(s.lang))
	}
	if told[f.Kind] {
		return
	}
	told[f.Kind] = true
	words := f.Kind.In(s.lang)
	s.printf("%s%s", wrap(w.meaning+words.Meaning), wrap(w.counter+words.Counter))
}

func numbers(f *finding.Finding) string {
	var parts []string
	for _, n := range f.Packets {
		parts = append(parts, strconv.Itoa(n))
	}
	if uint64(len(f.Packets)) < f.Count {
		parts = append(parts, "…")
	}
	return strings.Join(parts, " ")
}

// wrap breaks a text into lines of at most 88 characters, indented by four.
func wrap(text string) string {
	const indent, width = "    ", 84
	var b strings.Builder
	n := 0
	for word := range strings.FieldsSeq(text) {
		size := len([]rune(word))
		switch {
		case n == 0:
			b.WriteString(indent)
		case n+1+size > width:
			b.WriteString("\n" + indent)
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += size
	}
	return b.String() + "\n"
}
