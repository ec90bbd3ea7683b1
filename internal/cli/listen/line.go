package listen

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain"
	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// liner writes lines about messages. It allocates nothing once it has met every
// type and code.
type liner struct {
	words   *words
	lang    language.Tag
	utc     bool
	verbose int
	titles  [2][1 << 16]string
	second  int64
	clock   []byte // of that second
	// head and tail are where in the last line the text without number and time
	// stands.
	head, tail int
}

// title returns the name of a type and code.
func (l *liner) kind(version, typ, code uint8) string {
	family := 0
	if version == 6 {
		family = 1
	}
	at := &l.titles[family][uint16(typ)<<8|uint16(code)]
	if *at == "" {
		k := catalogue.Kind{Family: catalogue.Family(version), Type: typ, Code: code}
		*at = catalogue.Of(k, l.lang).Title(l.lang) + " " + strconv.Itoa(int(typ)) + "/" + strconv.Itoa(int(code))
	}
	return *at
}

func pad(b []byte, n, width int) []byte {
	for m := n; m >= 10; m /= 10 {
		width--
	}
	for ; width > 1; width-- {
		b = append(b, ' ')
	}
	return strconv.AppendInt(b, int64(n), 10)
}

// at appends the time of day, to the microsecond.
func (l *liner) at(b []byte, t time.Time) []byte {
	if s := t.Unix(); s != l.second || l.clock == nil {
		if l.second = s; l.utc {
			t = t.UTC()
		} else {
			t = t.Local()
		}
		l.clock = t.AppendFormat(l.clock[:0], "15:04:05.")
	}
	b = append(b, l.clock...)
	micros := t.Nanosecond() / 1000
	for unit := 100000; unit > 0; unit /= 10 {
		b = append(b, byte('0'+micros/unit%10))
	}
	return b
}

// message appends the line about a message.
func (l *liner) message(b []byte, s *conversation.Seen, touched []finding.Kind) []byte {
	w := l.words
	b = pad(b, s.Number, 6)
	b = append(b, ' ')
	b = l.at(b, s.Time)
	b = append(b, ' ', ' ')
	l.head = len(b)
	b = s.Header.Src.AppendTo(b)
	b = append(b, " → "...)
	b = s.Header.Dst.AppendTo(b)
	b = append(b, ' ', ' ')
	b = append(b, l.kind(s.Header.Version, s.Type, s.Code)...)
	b = l.own(b, s)
	b = l.relation(b, s)
	if s.Fault != 0 {
		b = append(b, " ["...)
		b = append(b, w.wrong...)
		first := true
		for i, name := range w.faults {
			if s.Fault&(1<<i) == 0 {
				continue
			}
			if !first {
				b = append(b, ", "...)
			}
			b, first = append(b, name...), false
		}
		b = append(b, ']')
	}
	for i, k := range touched {
		if i == 0 {
			b = append(b, " ["...)
			b = append(b, w.partOf...)
		} else {
			b = append(b, ", "...)
		}
		b = append(b, k.In(l.lang).Title...)
		if i == len(touched)-1 {
			b = append(b, ']')
		}
	}
	l.tail = len(b)
	return append(b, '\n')
}

// own appends what the message says itself.
func (l *liner) own(b []byte, s *conversation.Seen) []byte {
	w := l.words
	if s.Class != conversation.NoClass && s.Class < conversation.Router {
		b = append(b, ", "...)
		b = append(b, w.id...)
		b = strconv.AppendUint(b, uint64(s.ID), 10)
		b = append(b, w.seq...)
		b = strconv.AppendUint(b, uint64(s.Seq), 10)
		if s.Class == conversation.Echo && s.MessageLen >= 8 {
			b = append(b, ", "...)
			b = strconv.AppendInt(b, int64(s.MessageLen-8), 10)
			b = append(b, w.octets...)
		}
	}
	if s.MTU != 0 {
		b = append(b, w.mtu...)
		b = strconv.AppendUint(b, uint64(s.MTU), 10)
	}
	if s.Gateway.IsValid() {
		b = append(b, w.gateway...)
		b = s.Gateway.AppendTo(b)
	}
	if s.Target.IsValid() {
		b = append(b, w.target...)
		b = s.Target.AppendTo(b)
	}
	return b
}

// relation appends how the message belongs to others.
func (l *liner) relation(b []byte, s *conversation.Seen) []byte {
	w := l.words
	if s.HasQuote {
		b = append(b, w.colon...)
		b = append(b, w.about...)
		b = l.quoted(b, &s.Quote)
	}
	ref := func(b []byte, before string) []byte {
		b = append(b, before...)
		b = strconv.AppendInt(b, int64(s.Request.Number), 10)
		b = append(b, w.after...)
		return duration(b, s.Took, w.comma)
	}
	switch s.Relation { //nolint:exhaustive // the others say nothing
	case conversation.Answers:
		b = ref(append(b, w.colon...), w.answers)
	case conversation.AnswersToo:
		b = ref(append(b, w.colon...), w.answersToo)
	case conversation.Duplicate:
		b = ref(append(b, w.colon...), w.duplicate)
	case conversation.Unsolicited:
		b = append(append(b, w.colon...), w.unsolicited...)
	case conversation.Repeated:
		b = append(append(b, w.colon...), w.repeated...)
		b = strconv.AppendInt(b, int64(s.Request.Number), 10)
	case conversation.Caused:
		b = ref(b, w.causedBy)
	case conversation.Quotes:
		b = append(b, w.notSeen...)
	case conversation.Orphan:
		b = append(b, w.unknown...)
	case conversation.SeenBefore:
		b = ref(append(b, w.colon...), w.seenBefore)
	}
	if s.Altered {
		b = append(b, w.altered...)
	}
	return b
}

// quoted appends what a quote is of.
func (l *liner) quoted(b []byte, q *quote.Quote) []byte {
	switch {
	case q.Has(quote.Ports):
		b = append(b, q.Proto.String()...)
		b = append(b, ' ')
		b = endpoint(b, q, true)
		b = append(b, " → "...)
		return endpoint(b, q, false)
	case q.Has(quote.ICMPType):
		version := uint8(4)
		if q.Proto == ip.ProtoICMPv6 {
			version = 6
		}
		b = append(b, l.kind(version, q.ICMPType, q.ICMPCode)...)
		if q.Has(quote.ICMPSeq) {
			b = append(b, ' ')
			b = append(b, l.words.id...)
			b = strconv.AppendUint(b, uint64(q.ICMPID), 10)
			b = append(b, l.words.seq...)
			b = strconv.AppendUint(b, uint64(q.ICMPSeq), 10)
		}
	default:
		b = append(b, q.Proto.String()...)
	}
	b = append(b, ' ')
	b = q.Src.AppendTo(b)
	b = append(b, " → "...)
	return q.Dst.AppendTo(b)
}

func endpoint(b []byte, q *quote.Quote, src bool) []byte {
	a, port := q.Dst, q.DstPort
	if src {
		a, port = q.Src, q.SrcPort
	}
	if a.Is6() {
		b = append(b, '[')
		b = a.AppendTo(b)
		b = append(b, ']')
	} else {
		b = a.AppendTo(b)
	}
	b = append(b, ':')
	return strconv.AppendUint(b, uint64(port), 10)
}

// duration appends a time with three digits that count, and the language's comma. It is negative where the
// times of a capture go back.
func duration(b []byte, d time.Duration, comma byte) []byte {
	if d < 0 {
		b, d = append(b, '-'), max(-d, 0)
	}
	switch {
	case d >= time.Second:
		at := len(b)
		b = append(strconv.AppendFloat(b, d.Seconds(), 'f', 2, 64), " s"...)
		b[bytes.IndexByte(b[at:], '.')+at] = comma
		return b
	case d >= 100*time.Millisecond:
		return append(strconv.AppendFloat(b, float64(d)/1e6, 'f', 0, 64), " ms"...)
	}
	micros := int64(d / time.Microsecond)
	b = strconv.AppendInt(b, micros/1000, 10)
	b = append(b, comma, byte('0'+micros/100%10), byte('0'+micros/10%10))
	return append(b, " ms"...)
}

// title is a finding in a few words.
func (l *liner) title(f *finding.Finding) string {
	return f.Severity.In(l.lang) + l.words.colon + f.Kind.In(l.lang).Title
}

// found appends the line about a new finding.
func (l *liner) found(b []byte, f *finding.Finding) []byte {
	b = append(b, "   *** "...)
	b = append(b, l.title(f)...)
	b = between(append(b, ' '), f)
	return append(b, '\n')
}

// between appends who did it, to whom, as far as that is known.
func between(b []byte, f *finding.Finding) []byte {
	if f.From.IsValid() {
		b = f.From.AppendTo(b)
	}
	if f.To.IsValid() {
		b = append(b, " → "...)
		b = f.To.AppendTo(b)
	}
	return b
}

// details appends what -v shows below the line; -vv: every field.
func (l *liner) details(b []byte, s *conversation.Seen, packets []int) []byte {
	const margin = "       "
	h := &s.Header
	b = append(b, margin...)
	b = fmt.Appendf(b, "IPv%d ttl %d tos 0x%02x len %d", h.Version, h.TTL, h.TOS, s.TotalLen)
	if h.Version == 4 {
		b = fmt.Appendf(b, " id %d", h.ID)
	}
	if h.DF {
		b = append(b, " DF"...)
	}
	if s.HasMAC {
		b = fmt.Appendf(b, "  %x → %x", s.SrcMAC, s.DstMAC)
	}
	if packets != nil {
		b = append(b, "  "...)
		b = append(b, l.words.fragments...)
		b = fmt.Append(b, packets)
	}
	b = append(b, '\n')
	if s.HasQuote {
		q := &s.Quote
		b = append(b, margin...)
		b = fmt.Appendf(b, "« IPv%d ttl %d len %d id %d %s »\n", q.Version, q.TTL, q.TotalLen, q.ID, l.quoted(nil, q))
	}
	e, err := explain.Message(s.Octets, l.lang, explain.How{Length: s.Length})
	if err != nil {
		return b
	}
	for _, says := range e.Says {
		b = append(append(append(b, margin...), says...), '\n')
	}
	if l.verbose < 2 {
		return b
	}
	for _, f := range e.Fields {
		b = fmt.Appendf(b, "%s%4d  %-28s %-24s %s\n", margin, f.Octet, f.Layer+" "+f.Name, f.Raw, f.Value)
		if f.Meaning != "" {
			b = append(b[:len(b)-1], "  "+f.Meaning+"\n"...)
		}
	}
	return b
}
