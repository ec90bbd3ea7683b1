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

// A time that is far ahead, of one packet, leaves the others their replies.
func TestOneWrongTime(t *testing.T) {
	var w traffic.Writer
	w.Echo(a, b, false, 1, 1, nil)
	w.UDP(a, c, 1, 2, 3)
	w.All[1].Time = w.Now.Add(80 * 365 * 24 * time.Hour)
	w.Wait(time.Millisecond)
	w.Echo(b, a, true, 1, 1, nil)
	w.Ping(a, b, 1, 2, nil, time.Millisecond)
	all := read(&w)
	for _, i := range []int{2, 4} {
		if s := all[i]; s.Relation != conversation.Answers || s.Took != time.Millisecond {
			t.Errorf("%d: %v after %v", i, s.Relation, s.Took)
		}
	}
}

// Packets without a time (pcapng's simple packets) are at the same one.
func TestNoTime(t *testing.T) {
	var w traffic.Writer
	sent := w.UDP(a, b, 5, 33434, 7)
	w.ICMP(c, a, icmp4.TimeExceeded{Quote: sent})
	for i := range w.All {
		w.All[i].Time = time.Time{}
	}
	s := read(&w)[1]
	if s.Relation != conversation.Caused || s.Took != 0 || !s.Request.Time.IsZero() {
		t.Errorf("%v, took %v since %v", s.Relation, s.Took, s.Request.Time)
	}
}

// Probes that are alike but for their hop limit, which rises, are several: IPv6
// has no identification.
func TestProbesOfOneFlow(t *testing.T) {
	var w traffic.Writer
	for ttl := ip.TTL(1); ttl <= 3; ttl++ {
		w.TTL = ttl
		sent := w.UDP("2001:db8::1", "2001:db8::2", 5, 33434, 7)
		w.Wait(time.Millisecond)
		w.TTL = 64
		w.ICMP6("2001:db8::3", "2001:db8::1", icmp6.TimeExceeded{Quote: sent})
		w.Wait(time.Second)
	}
	all := read(&w)
	for i := 0; i < len(all); i += 2 {
		if all[i].Relation != conversation.Unrelated {
			t.Errorf("probe %d: %v", i/2, all[i].Relation)
		}
		if s := all[i+1]; s.Relation != conversation.Caused || s.Request.Number != i+1 || int(s.SentTTL) != i/2+1 {
			t.Errorf("error %d: %v of %d, sent with %d", i/2, s.Relation, s.Request.Number, s.SentTTL)
		}
	}
}

// Links may have any number: those of a system that has made many are large.
func TestNumbersOfLinks(t *testing.T) {
	for _, link := range []int{0, 1, 65535, 65536, 1 << 30} {
		w := traffic.Writer{Link: link}
		b := w.UDP(a, b, 5, 6, 7)
		w.Wait(time.Second)
		w.Put(b)
		w.Link += 65536
		w.Put(b)
		all := read(&w)
		if all[1].Relation != conversation.Unrelated || all[2].Relation != conversation.SeenBefore || all[2].SameLink {
			t.Errorf("%d: %v, then %v", link, all[1].Relation, all[2].Relation)
		}
	}
}
