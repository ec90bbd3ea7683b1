package probe_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/probe"
)

func TestVerdicts(t *testing.T) {
	want := "credited, unrelated, malformed, bad checksum, not in flight, wrong target, wrong code, wrong cookie, wrong quote, short quote, off link"
	var words []string
	for i, v := range probe.Verdicts() {
		if int(v) != i {
			t.Errorf("verdict %d is %d", i, v)
		}
		words = append(words, v.String())
	}
	if got := strings.Join(words, ", "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if s := probe.Verdict(len(words)).String(); s != "verdict 11" {
		t.Error(s)
	}
}

// TestJSON is what the commands print.
func TestJSON(t *testing.T) {
	p := newProber(t, probe.Config{})
	q := ask(probe.UDP, false, 24)
	q.SrcPort = 40000
	x := sent(t, p, noon, q)
	receive(t, p, noon.Add(ms), x.exceeded(t, x.datagram(t)), probe.Credited)
	for _, c := range []struct{ json, text string }{{
		`{"event":"error","time":"2026-01-01T12:00:00.001Z","target":0,"probe":"udp","seq":1,"src_port":40000,"dst_port":33434,` +
			`"from":"10.0.0.254","rtt_ns":1000000,"stamp":"program","sent_stamp":"program","ttl":64,"size":60,` +
			`"claim":{"present":true,"type":11,"code":0,"quote_ttl":1,"quote_len":52}}`,
		"[event=error target=0 probe=udp seq=1 from=10.0.0.254 rtt=1ms stamp=program claim=11/0 Time Exceeded: Time to Live exceeded in Transit]",
	}} {
		e := one(t, p, probe.Error)
		b, err := json.Marshal(e)
		if err != nil || string(b) != c.json {
			t.Errorf("%s %v, want\n%s", b, err, c.json)
		}
		if s := e.LogValue().String(); s != c.text {
			t.Errorf("%s, want\n%s", s, c.text)
		}
	}
}

func TestUnsentWords(t *testing.T) {
	p := newProber(t, probe.Config{})
	x := sent(t, p, noon, ask(probe.Echo, true, 0))
	p.Unsent(noon, x.Handle, errors.New("no buffer space"))
	e := one(t, p, probe.Unsent)
	b, err := json.Marshal(e)
	want := `{"event":"unsent","time":"2026-01-01T12:00:00Z","target":0,"probe":"echo","seq":1,"stamp":"program","sent_stamp":"program","why":"no buffer space"}`
	if err != nil || string(b) != want {
		t.Errorf("%s %v", b, err)
	}
	if s := e.LogValue().String(); s != "[event=unsent target=0 probe=echo seq=1 error=no buffer space]" {
		t.Error(s)
	}
}
