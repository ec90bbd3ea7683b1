package ping_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/ping"
)

func newPing(t *testing.T, c ping.Config) (*ping.Ping, error) {
	t.Helper()
	p, err := probe.New(probe.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return ping.New(p, c)
}

func TestKinds(t *testing.T) {
	want := []string{"none", "sent", "reply", "duplicate", "late", "error", "advice", "outstanding", "timeout", "unsent", "result 10"}
	for i, w := range want {
		k := ping.Kind(i)
		if b, err := k.MarshalText(); k.String() != w || string(b) != w || err != nil {
			t.Errorf("%d: %q, %q", i, k, b)
		}
	}
}

// logged is what a log has of a value.
func logged(v any) string {
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey {
			return slog.Attr{}
		}
		return a
	}})).Info("", "x", v)
	return strings.TrimSpace(b.String())
}

func TestResultWords(t *testing.T) {
	r := ping.Result{
		Kind: ping.Reply, Time: start, Target: 2, N: 3, Seq: 3, From: them, RTT: ms, Stamp: probe.Kernel, TTL: 64, Size: 64,
		Altered: true, AlteredAt: 9, Want: 1, Got: 2,
	}
	if got := logged(r); got != "x.event=reply x.target=2 x.seq=3 x.from=10.0.0.2 x.rtt=1ms x.stamp=kernel x.altered=true" {
		t.Error(got)
	}
	b, err := json.Marshal(r)
	want := `{"event":"reply","time":"2026-01-01T12:00:00Z","target":2,"probe":"echo","n":3,"seq":3,"from":"10.0.0.2","rtt_ns":1000000,` +
		`"stamp":"kernel","sent_stamp":"program","ttl":64,"size":64,"altered":true,"altered_at":9,"want":1,"got":2}`
	if string(b) != want || err != nil {
		t.Errorf("%s, %v", b, err)
	}
	r = ping.Result{Kind: ping.Error, From: r1, Claim: probe.Claim{Present: true, Type: 3, Code: 1}, Reordered: true, Truncated: true}
	if got := logged(r); !strings.Contains(got, `x.claim="3/1 Destination Unreachable: Host Unreachable" x.reordered=true x.truncated=true`) {
		t.Error(got)
	}
	r = ping.Result{Kind: ping.Unsent, Err: errors.New("no way")}
	if got := logged(r); got != `x.event=unsent x.target=0 x.seq=0 x.error="no way"` {
		t.Error(got)
	}
}

func TestStatsWords(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 2}, probe.Config{})
	w.answer = but(echo(ms), 2)
	w.run(time.Hour)
	want := "x.sent=2 x.received=1 x.duplicates=0 x.errors=0 x.loss=50 x.rtt.count=1 x.rtt.min=1ms"
	if got := logged(w.s.Stats(0)); !strings.HasPrefix(got, want) {
		t.Error(got)
	}
	if g := (&ping.Stats{Sent: 1, Last: start}).Gap(); g != 0 {
		t.Errorf("one probe has a gap of %v", g)
	}
	if g := (&ping.Stats{Sent: 3, Began: start, Last: start.Add(time.Second)}).Gap(); g != 500*ms {
		t.Error(g)
	}
}

func ExamplePing() {
	p, err := probe.New(probe.Config{Seed: 792})
	if err != nil {
		panic(err)
	}
	s, err := ping.New(p, ping.Config{Targets: []ping.Target{{Src: us, Dst: them}}, Count: 1, Size: 56})
	if err != nil {
		panic(err)
	}
	p.Turn(start, s)
	b, tx, _ := p.Poll(start, nil)
	b[0] = 0 // what a host does, more or less
	p.Receive(start.Add(ms), &probe.Arrival{From: tx.Dst, To: tx.Src, Proto: tx.Proto, TTL: 64, Payload: b, Verified: true})
	p.Turn(start.Add(ms), s)
	for r, ok := s.Next(); ok; r, ok = s.Next() {
		fmt.Println(r.Kind, r.From, r.Seq, r.RTT)
	}
	fmt.Println(s.Stats(0).Received, s.Done())
	// Output:
	// reply 10.0.0.2 1 1ms
	// 1 true
}
