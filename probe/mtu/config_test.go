package mtu_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/wire"
)

// TestConfig: each limit, on both sides.
func TestConfig(t *testing.T) {
	p, err := probe.New(probe.Config{})
	if err != nil {
		t.Fatal(err)
	}
	good := func() mtu.Config { return mtu.Config{Src: here, Dst: there} }
	for _, c := range []struct {
		field  string // "": fine
		change func(*mtu.Config)
	}{
		{"", func(*mtu.Config) {}},
		{"", func(c *mtu.Config) { c.Max, c.Tries, c.Timeout, c.Limit = 100, 1, time.Minute, 1 }},
		{"", func(c *mtu.Config) { c.Max, c.Tries = 65535, 10 }},
		{"", func(c *mtu.Config) { c.Kinds = []probe.Kind{probe.UDP} }},
		{"First", func(c *mtu.Config) { c.First = -1 }},
		{"Dst", func(c *mtu.Config) { c.Dst = netip.Addr{} }},
		{"Src", func(c *mtu.Config) { c.Src = here6 }},
		{"Src", func(c *mtu.Config) { c.Src = netip.Addr{} }},
		{"Kinds", func(c *mtu.Config) { c.Kinds = []probe.Kind{} }},
		{"Kinds", func(c *mtu.Config) { c.Kinds = []probe.Kind{probe.Echo, probe.TCP} }},
		{"Max", func(c *mtu.Config) { c.Max = 99 }},
		{"Max", func(c *mtu.Config) { c.Max = 65536 }},
		{"Tries", func(c *mtu.Config) { c.Tries = -1 }},
		{"Tries", func(c *mtu.Config) { c.Tries = 11 }},
		{"Timeout", func(c *mtu.Config) { c.Timeout = -1 }},
		{"Timeout", func(c *mtu.Config) { c.Timeout = time.Minute + 1 }},
		{"Limit", func(c *mtu.Config) { c.Limit = -1 }},
	} {
		cfg := good()
		c.change(&cfg)
		_, err := mtu.New(p, cfg)
		var fe *wire.FieldError
		if c.field == "" && err != nil || c.field != "" && (!errors.As(err, &fe) || fe.Field != c.field) {
			t.Errorf("%q: %v", c.field, err)
		}
	}
}

// TestWords: every kind of everything has a word, and JSON has it.
func TestWords(t *testing.T) {
	var all []string
	for i := range 9 {
		all = append(all, mtu.Fault(i).String(), mtu.Outcome(i).String(), mtu.Way(i).String())
	}
	want := "none pending unknown absent passed there not lower too big back below least denied unknown too low expired unknown too high silent unknown refused unsent unknown none answered unknown none pending unknown"
	if got := strings.Join(all, " "); got != want {
		t.Error(got)
	}
	r := mtu.Result{
		Src: here, Dst: there, Answered: true, MTU: 1400, Reductions: []mtu.Reduction{{Hop: 1, Router: gate, Fault: mtu.TooLow}},
		Hole: &mtu.Hole{Way: mtu.Back}, Back: mtu.WayBack{MTU: 1300, Cut: 1301},
	}
	b, err := json.Marshal(r)
	for _, s := range []string{`"probe":"echo"`, `"fault":"too low"`, `"way":"back"`, `"mtu":1400`, `"back":{"mtu":1300,"exact":false,"cut":1301,"silent":0,"probes":0}`, `"router":"198.51.100.1"`} {
		if err != nil || !strings.Contains(string(b), s) {
			t.Errorf("%v: no %s in %s", err, s, b)
		}
	}
	b, err = json.Marshal(mtu.Event{Outcome: mtu.Silent})
	if err != nil || !strings.Contains(string(b), `"outcome":"silent"`) {
		t.Errorf("%s, %v", b, err)
	}
	if s := r.LogValue().String(); s != "[dst=203.0.113.9 answered=true link_mtu=0 mtu=1400 exact=false back=1300 reductions=1 hole=true probes=0]" {
		t.Error(s)
	}
	e := mtu.Event{Size: 1500, TTL: 3, Tries: 1, Outcome: mtu.Expired, From: gate, RTT: time.Millisecond}
	if s := e.LogValue().String(); s != "[probe=echo size=1500 ttl=3 tries=1 outcome=expired from=198.51.100.1 rtt=1ms]" {
		t.Error(s)
	}
	var _ slog.LogValuer = r
}
