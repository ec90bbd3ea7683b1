package trace_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/ip"
)

func TestStatus(t *testing.T) {
	for s, want := range map[trace.Status]string{
		trace.Unasked: "unasked", trace.Waiting: "waiting", trace.Answered: "answered", trace.Silent: "silent",
		trace.Unsent: "unsent", 5: "status 5",
	} {
		equal(t, "status", s.String(), want)
		b, err := s.MarshalText()
		if err != nil || string(b) != want {
			t.Error(string(b), err)
		}
	}
}

func TestBack(t *testing.T) {
	for replyTTL, want := range map[ip.TTL]int{0: 0, 1: 64, 63: 2, 64: 1, 65: 64, 127: 2, 128: 1, 129: 127, 254: 2, 255: 1} {
		r := trace.Result{ReplyTTL: replyTTL}
		equal(t, "back", r.Back(), want)
	}
}

// TestFinal: what ends a trace.
func TestFinal(t *testing.T) {
	exceeded := probe.Claim{Present: true, Type: 11}
	exceeded6 := probe.Claim{Present: true, V6: true, Type: 3}
	for _, x := range []struct {
		name string
		r    trace.Result
		want bool
	}{
		{"nothing", trace.Result{}, false},
		{"silence", trace.Result{Status: trace.Silent, Reached: true}, false},
		{"reply", trace.Result{Status: trace.Answered, Reached: true}, true},
		{"exceeded", trace.Result{Status: trace.Answered, Claim: exceeded}, false},
		{"exceeded", trace.Result{Status: trace.Answered, Claim: exceeded6}, false},
		{"the destination as a gateway", trace.Result{Status: trace.Answered, Reached: true, Claim: exceeded}, false},
		{"unreachable", trace.Result{Status: trace.Answered, Claim: probe.Claim{Present: true, Type: 3}}, true},
		{"another 11", trace.Result{Status: trace.Answered, Claim: probe.Claim{Present: true, V6: true, Type: 11}}, true},
		{"reassembly", trace.Result{Status: trace.Answered, Claim: probe.Claim{Present: true, Type: 11, Code: 1}}, true},
	} {
		equal(t, x.name, x.r.Final(), x.want)
	}
}

func TestLogValue(t *testing.T) {
	r := trace.Result{TTL: 3, Query: 2, Status: trace.Silent}
	equal(t, "silent", r.LogValue().String(), slog.GroupValue(
		slog.Int("ttl", 3), slog.Int("query", 2), slog.String("status", "silent")).String())
	r = trace.Result{
		TTL: 3, Query: 2, Status: trace.Answered, From: them4, RTT: ms, Reached: true, MTU: 1400,
		Claim: probe.Claim{Present: true, Type: 3, Code: 3}, Err: errors.New("e"),
	}
	equal(t, "answered", r.LogValue().String(), "[ttl=3 query=2 status=answered from=192.0.2.9 rtt=1ms stamp=program "+
		"claim=3/3 Destination Unreachable: Port Unreachable reached=true mtu=1400 error=e]")
}

// TestExtension: labels are the result's own, whatever becomes of the datagram.
func TestExtension(t *testing.T) {
	labels, err := extension.AppendLabels(nil, extension.Label{Label: 16, Bottom: true, TTL: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := extension.Append(nil, extension.Object{Class: extension.ClassMPLS, CType: 1, Payload: labels[4:]})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, probe.Config{}, line(1, func(_ packet, x *say) *say {
		x.ext = s
		return x
	}))
	w.run(w.make(trace.Config{Size: 200}))
	first := w.told[0].Claim.Ext
	equal(t, "extension", string(first), string(s))
	for i := range w.told[1].Claim.Ext {
		w.told[1].Claim.Ext[i] = 0
	}
	equal(t, "extension", string(first), string(s))
}

// TestJSON has the keys that the commands print.
func TestJSON(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(0, nil))
	w.run(w.make(trace.Config{Kind: probe.UDP, Queries: 1}))
	r := w.told[0]
	r.SrcPort = 1
	b, err := json.Marshal(r)
	equal(t, "json", string(b), `{"ttl":1,"query":1,"status":"answered","from":"192.0.2.9","rtt_ns":1000000,"stamp":"program",`+
		`"reply_ttl":64,"reply_tos":192,"claim":{"present":true,"type":3,"code":3,"quote_ttl":1,"quote_len":60},"reached":true,`+
		`"src_port":1,"dst_port":33434,"size":60}`)
	equal(t, "err", err, nil)
	b, _ = json.Marshal(trace.Result{TTL: 2, Query: 1, Status: trace.Silent})
	equal(t, "json", string(b), `{"ttl":2,"query":1,"status":"silent","stamp":"program","size":0}`)
}
