package conversation_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// burst sends n probes of one flow, and then an error about each.
func burst(n int, send func(w *traffic.Writer, i int) []byte, report func(w *traffic.Writer, quote []byte)) *traffic.Writer {
	w := &traffic.Writer{}
	var sent [][]byte
	for i := range n {
		w.TTL = ip.TTL(i%32 + 1) //nolint:gosec // few
		sent = append(sent, send(w, i))
		w.Wait(time.Millisecond)
	}
	w.TTL = 64
	for _, quote := range sent {
		report(w, quote)
		w.Wait(time.Millisecond)
	}
	return w
}

// TestManyProbesInFlight: a trace sends more than a flow remembers before the
// first error is back.
func TestManyProbesInFlight(t *testing.T) {
	echo4 := func(w *traffic.Writer, i int) []byte { return w.Echo(a, b, false, 7, uint16(i), nil) } //nolint:gosec // few
	echo6 := func(w *traffic.Writer, i int) []byte {
		return w.Echo("2001:db8::1", "2001:db8::2", false, 7, uint16(i), nil)
	} //nolint:gosec // few
	udp := func(w *traffic.Writer, _ int) []byte { return w.UDP(a, b, 5, 33434, 7) }
	four := func(w *traffic.Writer, quote []byte) { w.ICMP(c, a, icmp4.TimeExceeded{Quote: quote[:28]}) }
	six := func(w *traffic.Writer, quote []byte) {
		w.ICMP6("2001:db8::3", "2001:db8::1", icmp6.TimeExceeded{Quote: quote})
	}
	for name, tt := range map[string]struct {
		send   func(*traffic.Writer, int) []byte
		report func(*traffic.Writer, []byte)
	}{"echo": {echo4, four}, "echo6": {echo6, six}, "udp": {udp, four}} {
		const n = 90
		for i, s := range read(burst(n, tt.send, tt.report))[n:] {
			if s.Relation != conversation.Caused || s.Request.Number != i+1 || int(s.SentTTL) != i%32+1 || s.Took != n*time.Millisecond {
				t.Fatalf("%s: error %d: %v of %d, sent with %d, after %v", name, i, s.Relation, s.Request.Number, s.SentTTL, s.Took)
			}
		}
	}
}

// TestWhatIsNoProbe: a larger time to live, another number, another address, and
// what had to make room.
func TestWhatIsNoProbe(t *testing.T) {
	for name, tt := range map[string]struct {
		ttl    ip.TTL
		change func(quote []byte)
		probes int
		want   conversation.Relation
	}{
		"a probe":         {32, func([]byte) {}, 0, conversation.Caused},
		"a larger ttl":    {33, func([]byte) {}, 0, conversation.Quotes},
		"another number":  {32, func(q []byte) { q[5]++ }, 0, conversation.Quotes},
		"another seq":     {32, func(q []byte) { q[27]++ }, 0, conversation.Quotes},
		"its ttl is less": {32, func(q []byte) { q[8] = 1 }, 0, conversation.Caused},
		"no room":         {32, func([]byte) {}, 20, conversation.Quotes},
		"just room":       {32, func([]byte) {}, 21, conversation.Caused},
	} {
		w := &traffic.Writer{TTL: tt.ttl}
		quote := append([]byte(nil), w.Echo(a, b, false, 7, 1, nil)...)
		for i := range uint16(20) {
			w.Echo(a, b, false, 7, 2+i, nil)
		}
		tt.change(quote)
		w.TTL = 64
		w.ICMP(c, a, icmp4.TimeExceeded{Quote: quote[:28]})
		m := conversation.New(conversation.Config{Probes: tt.probes})
		var last conversation.Relation
		for i := range w.All {
			last = m.Receive(&w.All[i]).Relation
		}
		if last != tt.want {
			t.Errorf("%s: %v, want %v", name, last, tt.want)
		}
	}
}

// TestForgottenRequests: whose request may have been forgotten, did not answer
// unasked.
func TestForgottenRequests(t *testing.T) {
	for name, tt := range map[string]struct {
		asked    int
		answered bool
		later    time.Duration
		want     conversation.Relation
	}{
		"room for all":         {10, false, time.Second, conversation.Unsolicited},
		"one had to go":        {11, false, time.Second, conversation.Unrelated},
		"it was answered":      {11, true, time.Second, conversation.Unsolicited},
		"just within patience": {11, false, 10 * time.Second, conversation.Unrelated},
		"long ago":             {11, false, 10*time.Second + 1, conversation.Unsolicited},
	} {
		w := &traffic.Writer{}
		for i := range tt.asked {
			w.Echo(a, b, false, 7, uint16(i), nil) //nolint:gosec // few
			if tt.answered {
				w.Echo(b, a, true, 7, uint16(i), nil) //nolint:gosec // few
			}
		}
		w.Wait(tt.later)
		w.Echo(c, a, true, 9, 9, nil)
		m := conversation.New(conversation.Config{Requests: 10})
		var last conversation.Relation
		for i := range w.All {
			last = m.Receive(&w.All[i]).Relation
		}
		if last != tt.want {
			t.Errorf("%s: %v, want %v", name, last, tt.want)
		}
	}
	// That an address may be a broadcast's proves nothing then.
	w := &traffic.Writer{}
	w.Echo(a, "203.0.113.255", false, 7, 1, nil)
	for i := range 9 {
		w.Echo(a, b, false, 8, uint16(i), nil) //nolint:gosec // few
	}
	w.Echo(a, c, false, 7, 1, nil)
	w.Echo(a, "203.0.113.255", false, 7, 1, nil)
	w.Echo("203.0.113.9", a, true, 7, 1, nil)
	m := conversation.New(conversation.Config{Requests: 10})
	for i := range w.All {
		if s := m.Receive(&w.All[i]); i == len(w.All)-1 && s.Relation != conversation.Unrelated {
			t.Errorf("%v", s.Relation)
		}
	}
}

// TestProbeSeenTwice: an error is about the first sighting of a datagram, not about
// those further on its way.
func TestProbeSeenTwice(t *testing.T) {
	w := &traffic.Writer{TTL: 9}
	first := append([]byte(nil), w.Echo(a, b, false, 7, 1, nil)...)
	w.Link, w.TTL = 1, 8
	w.Wait(time.Millisecond)
	again := append([]byte(nil), first...)
	again[8] = 8
	w.Put(again)
	w.Link, w.TTL = 0, 64
	for i := range uint16(20) {
		w.Echo(a, b, false, 7, 2+i, nil)
	}
	w.ICMP(c, a, icmp4.TimeExceeded{Quote: first[:28]})
	all := read(w)
	if s := all[len(all)-1]; s.Relation != conversation.Caused || s.Request.Number != 1 || s.SentTTL != 9 {
		t.Errorf("%v of %d, sent with %d", s.Relation, s.Request.Number, s.SentTTL)
	}
}
