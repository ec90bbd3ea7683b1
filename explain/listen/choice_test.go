package listen_test

import (
	"testing"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/explain/listen"
	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/wire/icmp4"
)

func TestParseKind(t *testing.T) {
	for s, want := range map[string]listen.Kind{
		"8":         {Type: 8},
		"3/4":       {Type: 3, Code: 4, HasCode: true},
		"3/0":       {Type: 3, HasCode: true},
		"v4:3/4":    {Version: 4, Type: 3, Code: 4, HasCode: true},
		"icmp:0":    {Version: 4},
		"v6:128":    {Version: 6, Type: 128},
		"icmp6:1/4": {Version: 6, Type: 1, Code: 4, HasCode: true},
		"255/255":   {Type: 255, Code: 255, HasCode: true},
	} {
		if got, err := listen.ParseKind(s); err != nil || got != want {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "x", "256", "3/256", "-1", "3/", "/4", "v5:3", "v6:", "3/4/5"} {
		if got, err := listen.ParseKind(s); err == nil {
			t.Errorf("%q: %+v", s, got)
		}
	}
}

func TestParsePrefix(t *testing.T) {
	for s, want := range map[string]string{
		"10.0.0.1": "10.0.0.1/32", "10.0.0.1/8": "10.0.0.0/8", "2001:db8::1": "2001:db8::1/128", "2001:db8::1/32": "2001:db8::/32",
	} {
		if got, err := listen.ParsePrefix(s); err != nil || got.String() != want {
			t.Errorf("%q: %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "a", "10.0.0.1/33", "10.0.0"} {
		if _, err := listen.ParsePrefix(s); err == nil {
			t.Errorf("%q is read", s)
		}
	}
}

func TestMatch(t *testing.T) {
	var w traffic.Writer
	sent := w.UDP("10.0.0.1", "10.0.0.2", 5, 6, 7)
	w.ICMP("10.0.0.9", "10.0.0.1", icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: sent})
	m := conversation.New(conversation.Config{})
	m.Receive(&w.All[0])
	s := m.Receive(&w.All[1])
	net := listen.ParsePrefix
	of := func(set func(c *listen.Choice)) listen.Choice { var c listen.Choice; set(&c); return c }
	host := func(a string) func(c *listen.Choice) {
		return func(c *listen.Choice) { c.Host, _ = net(a) }
	}
	touched := []finding.Kind{finding.Sweep}
	for _, tt := range []struct {
		name    string
		c       listen.Choice
		way     frame.Direction
		touched []finding.Kind
		want    bool
	}{
		{"all", listen.Choice{}, 0, nil, true},
		{"type", of(func(c *listen.Choice) { c.Types = []listen.Kind{{Type: 8}, {Type: 3}} }), 0, nil, true},
		{"other type", of(func(c *listen.Choice) { c.Types = []listen.Kind{{Type: 8}} }), 0, nil, false},
		{"other family", of(func(c *listen.Choice) { c.Types = []listen.Kind{{Version: 6, Type: 3}} }), 0, nil, false},
		{"its family", of(func(c *listen.Choice) { c.Types = []listen.Kind{{Version: 4, Type: 3}} }), 0, nil, true},
		{"type and code", of(func(c *listen.Choice) { c.Types = []listen.Kind{{Type: 3, Code: 3, HasCode: true}} }), 0, nil, true},
		{"other code of the type", of(func(c *listen.Choice) { c.Types = []listen.Kind{{Type: 3, Code: 0, HasCode: true}} }), 0, nil, false},
		{"code", of(func(c *listen.Choice) { c.Codes = []uint8{1, 3} }), 0, nil, true},
		{"other code", of(func(c *listen.Choice) { c.Codes = []uint8{1} }), 0, nil, false},
		{"from", of(func(c *listen.Choice) { c.From, _ = net("10.0.0.9") }), 0, nil, true},
		{"from another", of(func(c *listen.Choice) { c.From, _ = net("10.0.0.1") }), 0, nil, false},
		{"to", of(func(c *listen.Choice) { c.To, _ = net("10.0.0.1") }), 0, nil, true},
		{"to another", of(func(c *listen.Choice) { c.To, _ = net("10.0.0.9") }), 0, nil, false},
		{"sender", of(host("10.0.0.9")), 0, nil, true},
		{"receiver", of(host("10.0.0.1")), 0, nil, true},
		{"quoted destination", of(host("10.0.0.2")), 0, nil, true},
		{"nobody in it", of(host("10.0.0.3")), 0, nil, false},
		{"in, as captured", listen.Choice{Toward: listen.In}, frame.Inbound, nil, true},
		{"in, for all", listen.Choice{Toward: listen.In}, frame.Broadcast, nil, true},
		{"in, and it went out", listen.Choice{Toward: listen.In}, frame.Outbound, nil, false},
		{"out, as captured", listen.Choice{Toward: listen.Out}, frame.Outbound, nil, true},
		{"out, and it came in", listen.Choice{Toward: listen.Out}, frame.Multicast, nil, false},
		{"in, and nobody knows", listen.Choice{Toward: listen.In}, frame.Unknown, nil, false},
		{"in to the host", of(func(c *listen.Choice) { host("10.0.0.1")(c); c.Toward = listen.In }), frame.Unknown, nil, true},
		{"in to another", of(func(c *listen.Choice) { host("10.0.0.9")(c); c.Toward = listen.In }), frame.Unknown, nil, false},
		{"out from the host", of(func(c *listen.Choice) { host("10.0.0.9")(c); c.Toward = listen.Out }), frame.Unknown, nil, true},
		{"any finding, none", listen.Choice{Finding: []finding.Kind{}}, 0, nil, false},
		{"any finding", listen.Choice{Finding: []finding.Kind{}}, 0, touched, true},
		{"this finding", listen.Choice{Finding: []finding.Kind{finding.Tunnel, finding.Sweep}}, 0, touched, true},
		{"another finding", listen.Choice{Finding: []finding.Kind{finding.Tunnel}}, 0, touched, false},
	} {
		if got := tt.c.Match(s, tt.way, tt.touched); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
