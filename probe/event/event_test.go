package event_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/probe/event"
	"github.com/sonde-net/sonde/probe/question"
)

func TestKind(t *testing.T) {
	want := []string{"none", "sent", "unsent", "reply", "error", "advice", "timeout", "late", "duplicate", "rewritten", "event 10"}
	for i, w := range want {
		k := event.Kind(i)
		if b, err := k.MarshalText(); k.String() != w || string(b) != w || err != nil {
			t.Errorf("kind %d: %q", i, k.String())
		}
	}
	if event.Rewritten != 9 || event.Sent != 1 {
		t.Error("the kinds are numbered otherwise")
	}
}

func TestClaim(t *testing.T) {
	for _, c := range []struct {
		c    event.Claim
		want string
	}{
		{event.Claim{}, ""},
		{event.Claim{Type: 3, Code: 1}, ""},
		{event.Claim{Present: true, Type: 3, Code: 1}, "3/1 Destination Unreachable: Host Unreachable"},
		{event.Claim{Present: true, V6: true, Type: 3}, "3/0 Time Exceeded: hop limit exceeded in transit"},
	} {
		if got := c.c.String(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.c, got, c.want)
		}
	}
}

func TestLogValue(t *testing.T) {
	e := event.Event{
		Kind: event.Reply, Target: 4, Probe: question.TCP, Seq: 7, From: netip.MustParseAddr("192.0.2.1"), RTT: time.Millisecond,
		Stamp: question.Kernel, Reached: true, Guessed: true, Reordered: true, Truncated: true, Altered: true,
	}
	want := "[event=reply target=4 probe=tcp seq=7 from=192.0.2.1 rtt=1ms stamp=kernel reached=true guessed=true reordered=true truncated=true altered=true]"
	if got := e.LogValue().String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	e = event.Event{Kind: event.Rewritten, Shown: &event.Shown{SrcPort: 9}}
	want = "[event=rewritten target=0 probe=echo seq=0 shown={invalid IP invalid IP 9 0 false false false false false}]"
	if got := e.LogValue().String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := (event.Event{}).LogValue().String(); got != "[event=none target=0 probe=echo seq=0]" {
		t.Error(got)
	}
}

func TestJSON(t *testing.T) {
	b, err := json.Marshal(event.Event{Kind: event.Timeout, Seq: 3})
	want := `{"event":"timeout","time":"0001-01-01T00:00:00Z","target":0,"probe":"echo","seq":3,"stamp":"program","sent_stamp":"program"}`
	if err != nil || string(b) != want {
		t.Errorf("%s %v, want %s", b, err, want)
	}
}

func TestRing(t *testing.T) {
	r := event.Ring{Limit: 20}
	put := func(i int) {
		e := event.Event{Target: i, Options: []byte{byte(i)}}
		e.Claim.Ext = []byte{byte(i), 1}
		r.Put(&e)
	}
	get := func(want int) event.Event {
		t.Helper()
		e, ok := r.Get()
		if !ok || e.Target != want || !bytes.Equal(e.Options, []byte{byte(want)}) || !bytes.Equal(e.Claim.Ext, []byte{byte(want), 1}) {
			t.Fatalf("%+v, want %d", e, want)
		}
		return e
	}
	if _, ok := r.Get(); ok || r.Full() {
		t.Error("the empty ring is not empty")
	}
	// Round and round, growing while it is not at its beginning.
	n, read := 0, 0
	for _, c := range []struct{ put, get int }{{5, 3}, {15, 2}, {4, 10}, {10, 19}, {20, 20}} {
		for range c.put {
			put(n)
			n++
		}
		for range c.get {
			get(read)
			read++
		}
	}
	if n != read || r.Lost != 0 {
		t.Fatalf("%d put, %d read, %d lost", n, read, r.Lost)
	}
	for range 23 {
		put(n)
		n++
	}
	if !r.Full() || r.Lost != 3 {
		t.Errorf("full %v, %d lost", r.Full(), r.Lost)
	}
	for i := n - 20; i < n; i++ {
		get(i)
	}
	if _, ok := r.Get(); ok {
		t.Error("one more")
	}
	if r.Octets() == 0 {
		t.Error("no memory")
	}
	// What is lent is not overwritten.
	put(1)
	put(2)
	e := get(1)
	for i := range 40 {
		put(i)
	}
	if e.Options[0] != 1 || e.Claim.Ext[0] != 1 {
		t.Errorf("%+v", e)
	}
}

func TestNoAllocs(t *testing.T) {
	r := event.Ring{Limit: 4}
	e := event.Event{Options: []byte{1, 2, 3, 4}}
	for range 10 {
		r.Put(&e)
		r.Get()
	}
	wiretest.NoAllocs(t, "put and get", func() {
		r.Put(&e)
		r.Put(&e)
		r.Get()
		r.Get()
	})
}

// TestTranslated: a type of service that is another is none of a translator.
func TestTranslated(t *testing.T) {
	for s, want := range map[event.Shown]bool{
		{}: false, {TOS: true}: false, {TOS: true, SrcPort: 1}: true, {ID: true}: true, {Unfit: true}: true, {IPID: true}: true,
	} {
		if s.Translated() != want {
			t.Errorf("%+v: %t", s, !want)
		}
	}
}
