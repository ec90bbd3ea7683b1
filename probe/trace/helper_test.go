package trace_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

const ms = time.Millisecond

// doubt is how long a probe is waited for when its time is over.
const doubt = 2 * ms

var (
	noon       = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	us4, them4 = addr("10.0.0.1"), addr("192.0.2.9")
	us6, them6 = addr("2001:db8::1"), addr("2001:db8:9::9")
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// gateway is the one at a hop, in the family of the target.
func gateway(hop int, v6 bool) netip.Addr {
	if v6 {
		return addr(fmt.Sprintf("2001:db8:%x::1", hop))
	}
	return addr(fmt.Sprintf("10.0.%d.1", hop))
}

// packet is a probe that has left: the n-th with its time to live, from 1 on.
type packet struct {
	probe.Transmit
	payload []byte
	n       int
	at      time.Duration // since noon
}

// say is what somebody says of a probe.
type say struct {
	from       netip.Addr
	after      time.Duration
	typ, code  uint8  // an error, unless there is a reply
	rest       uint32 // octets 4 to 7 of the error
	quote, ext []byte // of the error; no quote: the right one
	reply      bool   // the destination's
	flags      transport.TCPFlags
	ttl        ip.TTL
	refuse     error // it could not be sent
}

// world is who answers, and a clock.
type world struct {
	tb   testing.TB
	p    *probe.Prober
	now  time.Time
	sent []packet
	// answer says what comes of a probe; nil: nothing.
	answer func(q packet) *say
	coming []coming
	told   []trace.Result
}

type coming struct {
	at time.Time
	a  probe.Arrival
}

func newWorld(tb testing.TB, c probe.Config, answer func(q packet) *say) *world {
	tb.Helper()
	c.Seed, c.IPID = 792, true
	p, err := probe.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return &world{tb: tb, p: p, now: noon, answer: answer}
}

// line is a way of gateways to a destination, a millisecond for each hop there
// and back, as far as change lets it be.
func line(gateways int, change func(q packet, s *say) *say) func(q packet) *say {
	return func(q packet) *say {
		hop := int(q.TTL)
		s := &say{from: gateway(hop, q.Dst.Is6()), after: time.Duration(hop) * ms, typ: 11, ttl: ip.TTL(256 - hop)}
		if q.Dst.Is6() {
			s.typ = 3
		}
		if hop > gateways {
			s.from, s.after, s.reply = q.Dst, time.Duration(gateways+1)*ms, true
			s.ttl = ip.TTL(64 - gateways)
		}
		if change != nil {
			return change(q, s)
		}
		return s
	}
}

func (w *world) make(c trace.Config) *trace.Trace {
	w.tb.Helper()
	if !c.Dst.IsValid() {
		c.Dst = them4
	}
	if c.Src = us4; c.Dst.Is6() {
		c.Src = us6
	}
	t, err := trace.New(w.p, c)
	if err != nil {
		w.tb.Fatal(err)
	}
	return t
}

// step does what is due now: events, probes that leave, what is told.
func (w *world) step(t *trace.Trace) {
	for again := true; again; {
		again = false
		w.p.Turn(w.now, t)
		for {
			b, tx, ok := w.p.Poll(w.now, nil)
			if !ok {
				break
			}
			again = true
			w.leave(tx, b)
		}
	}
	w.p.Turn(w.now, t)
	for r, ok := t.Next(); ok; r, ok = t.Next() {
		w.told = append(w.told, r)
	}
}

func (w *world) leave(tx probe.Transmit, b []byte) {
	q := packet{Transmit: tx, payload: b, n: 1, at: w.now.Sub(noon)}
	for _, o := range w.sent {
		if o.TTL == tx.TTL {
			q.n++
		}
	}
	w.sent = append(w.sent, q)
	s := w.answer(q)
	switch {
	case s == nil:
	case s.refuse != nil:
		w.p.Unsent(w.now, tx.Handle, s.refuse)
	default:
		w.coming = append(w.coming, coming{w.now.Add(s.after), w.arrival(q, s)})
	}
}

// next moves the clock to what is next, and reports whether there is anything.
func (w *world) next(t *trace.Trace) bool {
	at := t.Deadline()
	sooner := func(x time.Time) {
		if !x.IsZero() && (at.IsZero() || x.Before(at)) {
			at = x
		}
	}
	sooner(w.p.Deadline())
	for _, c := range w.coming {
		sooner(c.at)
	}
	if at.IsZero() {
		return false
	}
	if at.After(w.now) {
		w.now = at
	}
	w.coming = slices.DeleteFunc(w.coming, func(c coming) bool {
		if c.at.After(w.now) {
			return false
		}
		w.p.Receive(w.now, &c.a)
		return true
	})
	return true
}

// run traces to the end, and returns how long that took.
func (w *world) run(t *trace.Trace) time.Duration {
	w.tb.Helper()
	for range 100_000 {
		w.step(t)
		if t.Done() {
			return w.now.Sub(noon)
		}
		if !w.next(t) {
			w.tb.Fatalf("nothing is to come, and it is not done: %v", t.Hops())
		}
	}
	w.tb.Fatalf("it does not end: %v", t.Hops())
	return 0
}

// datagram is a probe as it was on the wire, its time to live used up.
func datagram(tb testing.TB, q packet) []byte {
	tb.Helper()
	var b []byte
	var err error
	if q.Dst.Is4() {
		b, err = ip.Header4{TOS: q.TOS, ID: q.ID, DF: q.DF, TTL: 1, Proto: q.Proto, Src: q.Src, Dst: q.Dst, Options: q.Options}.AppendPacket(nil, q.payload)
	} else {
		b, err = ip.Header6{TrafficClass: q.TOS, FlowLabel: q.FlowLabel, NextHeader: q.Proto, HopLimit: 1, Src: q.Src, Dst: q.Dst}.AppendPacket(nil, q.payload)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// arrival is what comes when somebody says something of a probe.
func (w *world) arrival(q packet, s *say) probe.Arrival {
	w.tb.Helper()
	a := probe.Arrival{From: s.from, To: q.Src, TTL: s.ttl, TOS: 0xc0, Proto: ip.ProtoICMP}
	v6 := q.Dst.Is6()
	if v6 {
		a.Proto = ip.ProtoICMPv6
	}
	var err error
	switch quoted := datagram(w.tb, q); {
	case !s.reply, q.Proto == ip.ProtoUDP, q.Proto == ip.ProtoUDPLite:
		typ, code := s.typ, s.code
		if s.reply && v6 {
			typ, code = 1, 4
		} else if s.reply {
			typ, code = 3, 3
		}
		if s.quote != nil {
			quoted = s.quote
		}
		b := []byte{typ, code, 0, 0}
		b = binary.BigEndian.AppendUint32(b, s.rest)
		b = append(b, quoted[:min(len(quoted), 500)]...)
		if s.ext != nil {
			b = slices.Concat(b[:8], make([]byte, 128), s.ext)
			copy(b[8:136], quoted[:min(128, len(quoted))])
			b[5] = 32
		}
		a.Payload = b
		initial := uint16(0)
		if v6 {
			initial = checksum.Pseudo6(a.From, a.To, uint8(a.Proto), uint32(len(b)))
		}
		binary.BigEndian.PutUint16(b[2:], ^checksum.Sum(b, initial))
	case q.Proto == ip.ProtoTCP:
		a.Proto = ip.ProtoTCP
		syn, _, _ := transport.DecodeTCP(q.payload)
		a.Payload, err = transport.TCP{
			SrcPort: syn.DstPort, DstPort: syn.SrcPort, Seq: 7, Ack: syn.Seq + 1, Flags: s.flags | transport.ACK,
		}.AppendPacket(nil, a.From, a.To, nil)
	case v6:
		e, _ := icmp6.DecodeEcho(q.payload)
		e.Reply = true
		a.Payload, err = e.Append(nil, a.From, a.To)
	default:
		e, _ := icmp4.DecodeEcho(q.payload)
		e.Reply = true
		a.Payload, err = e.AppendBinary(nil)
	}
	if err != nil {
		w.tb.Fatal(err)
	}
	return a
}

// text is results, a line for each hop; gateways are written as their numbers,
// the destination as a dot.
func text(told []trace.Result) string {
	var s strings.Builder
	for i, r := range told {
		if i == 0 || told[i-1].TTL != r.TTL {
			if i > 0 {
				s.WriteString("\n")
			}
			fmt.Fprintf(&s, "%d", r.TTL)
		}
		switch from := r.From.String(); {
		case r.Status != trace.Answered:
			fmt.Fprintf(&s, " %v", r.Status)
		case r.From == them4 || r.From == them6:
			fmt.Fprintf(&s, " . %v", r.RTT)
		default:
			from = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(from, "10.0."), "2001:db8:"), "::1")
			fmt.Fprintf(&s, " %s %v", strings.TrimSuffix(from, ".1"), r.RTT)
		}
		for _, x := range []string{r.Mark(), given("F=%d", r.MTU), given("again=%d", r.Again)} {
			if x != "" {
				s.WriteString(" " + x)
			}
		}
	}
	return s.String()
}

func given(format string, n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(format, n)
}

// same compares texts, white space at line ends and before lines aside.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if strip(got) != strip(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, strip(want))
	}
}

func strip(s string) string {
	var b bytes.Buffer
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// ttls are the times to live of what was sent, in order.
func (w *world) ttls() (out []int) {
	for _, q := range w.sent {
		out = append(out, int(q.TTL))
	}
	return out
}
