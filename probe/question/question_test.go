package question_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

var a4, a6 = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")

func TestKinds(t *testing.T) {
	for k, want := range []struct {
		name           string
		proto4, proto6 ip.Proto
		icmp           bool
	}{
		{"echo", 1, 58, true},
		{"udp", 17, 17, false},
		{"udplite", 136, 136, false},
		{"tcp", 6, 6, false},
		{"timestamp", 1, 58, true},
		{"mask", 1, 58, true},
		{"info", 1, 58, true},
		{"extecho", 1, 58, true},
		{"solicit", 1, 58, true},
		{"kind 9", 1, 58, true},
	} {
		k := question.Kind(k)
		if b, err := k.MarshalText(); k.String() != want.name || string(b) != want.name || err != nil {
			t.Errorf("%d: %q", k, k.String())
		}
		if k.Proto(a4) != want.proto4 || k.Proto(a6) != want.proto6 || k.ICMP() != want.icmp {
			t.Errorf("%v: %v %v %v", k, k.Proto(a4), k.Proto(a6), k.ICMP())
		}
	}
}

// TestTypes walks through all types: those of the queries, and no others.
func TestTypes(t *testing.T) {
	type pair struct{ request, reply uint8 }
	want := map[bool]map[question.Kind]pair{
		false: {
			question.Echo: {8, 0}, question.Timestamp: {13, 14}, question.Info: {15, 16}, question.Mask: {17, 18}, question.ExtEcho: {42, 43},
			question.Solicit: {10, 9},
		},
		true: {question.Echo: {128, 129}, question.ExtEcho: {160, 161}, question.Solicit: {133, 134}},
	}
	for v6, kinds := range want {
		requests, replies := 0, 0
		for x := range 256 {
			if k, ok := question.KindOf(v6, false, uint8(x)); ok {
				requests++
				if kinds[k].request != uint8(x) {
					t.Errorf("type %d asks with %v", x, k)
				}
			}
			if k, ok := question.KindOf(v6, true, uint8(x)); ok {
				replies++
				if kinds[k].reply != uint8(x) {
					t.Errorf("type %d answers %v", x, k)
				}
			}
		}
		if requests != len(kinds) || replies != len(kinds) {
			t.Errorf("v6 %v: %d requests, %d replies", v6, requests, replies)
		}
		for k, p := range kinds {
			if request, reply := k.Types(v6); request != p.request || reply != p.reply {
				t.Errorf("%v: %d %d", k, request, reply)
			}
		}
	}
}

func TestStamps(t *testing.T) {
	for s, want := range []string{"program", "kernel", "device", "stamp 3"} {
		s := question.Stamp(s)
		if b, err := s.MarshalText(); s.String() != want || string(b) != want || err != nil {
			t.Errorf("%d: %q", s, s.String())
		}
	}
}

// TestCheck has errors in full.
func TestCheck(t *testing.T) {
	p := question.Probe{Src: a4, Dst: a4, Size: 65508}
	for _, c := range []struct {
		p    question.Probe
		want string
	}{
		{p, "probe.Probe: field Size: 65508 is over the limit of 65507"},
		{question.Probe{Src: a4, Dst: a4, Target: 3}, "probe.Probe: field Target: 3 is over the limit of 2"},
		{question.Probe{Src: a4, Dst: a4, Kind: 9}, "probe.Probe: field Kind: 9 is over the limit of 8"},
		{question.Probe{Src: a4, Dst: a4, Kind: question.ExtEcho, Ext: make([]byte, 513)}, "probe.Probe: field Ext: 513 is over the limit of 512"},
		{question.Probe{Src: a4, Dst: a6}, "probe.Probe: field Src: want an address of the same family as Dst"},
	} {
		err := c.p.Check(3)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	p.Size = 65507
	if err := p.Check(1); err != nil {
		t.Error(err)
	}
}

// ask is a sound probe of a kind.
func ask(k question.Kind, v6 bool) question.Probe {
	q := question.Probe{Kind: k, Src: a4, Dst: a4}
	if v6 {
		q.Src, q.Dst = a6, a6
	}
	switch k {
	case question.UDP, question.UDPLite, question.TCP:
		q.DstPort = 33434
	}
	return q
}

// TestLimits changes one field of a sound probe.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		field  string
		kind   question.Kind
		v6     bool
		change func(q *question.Probe)
	}{
		{"Target", question.Echo, false, func(q *question.Probe) { q.Target = -1 }},
		{"Target", question.Echo, false, func(q *question.Probe) { q.Target = 10 }},
		{"", question.Echo, false, func(q *question.Probe) { q.Target = 9 }},
		{"Kind", question.Solicit + 1, false, func(*question.Probe) {}},
		{"Anyone", question.Solicit, false, func(*question.Probe) {}},
		{"", question.Solicit, true, func(q *question.Probe) { q.Anyone = true }},
		{"Size", question.Solicit, true, func(q *question.Probe) { q.Anyone, q.Size = true, 1 }},
		{"Dst", question.Echo, false, func(q *question.Probe) { q.Dst = question.Probe{}.Dst }},
		{"Src", question.Echo, false, func(q *question.Probe) { q.Src = question.Probe{}.Src }},
		{"Src", question.Echo, false, func(q *question.Probe) { q.Src = a6 }},
		{"Src", question.Echo, true, func(q *question.Probe) { q.Src = a4 }},
		{"Peer", question.Echo, true, func(q *question.Probe) { q.Peer = a4 }},
		{"", question.Echo, true, func(q *question.Probe) { q.Peer = a6 }},
		{"Dst", question.Timestamp, true, func(*question.Probe) {}},
		{"Dst", question.Mask, true, func(*question.Probe) {}},
		{"Dst", question.Info, true, func(*question.Probe) {}},
		{"Options", question.Echo, true, func(q *question.Probe) { q.Options = make([]byte, 4) }},
		{"Options", question.Echo, false, func(q *question.Probe) { q.Options = make([]byte, 3) }},
		{"Options", question.Echo, false, func(q *question.Probe) { q.Options = make([]byte, 44) }},
		{"", question.Echo, false, func(q *question.Probe) { q.Options = make([]byte, 40) }},
		{"FlowLabel", question.Echo, false, func(q *question.Probe) { q.FlowLabel = 1 }},
		{"FlowLabel", question.Echo, true, func(q *question.Probe) { q.FlowLabel = 1 << 20 }},
		{"", question.Echo, true, func(q *question.Probe) { q.FlowLabel = 1<<20 - 1 }},
		{"Timeout", question.Echo, false, func(q *question.Probe) { q.Timeout = -1 }},
		{"Timeout", question.Echo, false, func(q *question.Probe) { q.Timeout = 24*time.Hour + 1 }},
		{"", question.Echo, false, func(q *question.Probe) { q.Timeout = 24 * time.Hour }},
		{"Size", question.Echo, false, func(q *question.Probe) { q.Size = -1 }},
		{"Size", question.Echo, false, func(q *question.Probe) { q.Size = 65508 }},
		{"", question.Echo, false, func(q *question.Probe) { q.Size = 65507 }},
		{"Size", question.Echo, false, func(q *question.Probe) { q.Size, q.Options = 65504, make([]byte, 4) }},
		{"", question.Echo, false, func(q *question.Probe) { q.Size, q.Options = 65503, make([]byte, 4) }},
		{"Size", question.UDP, true, func(q *question.Probe) { q.Size = 65528 }},
		{"", question.UDP, true, func(q *question.Probe) { q.Size = 65527 }},
		{"Size", question.UDPLite, false, func(q *question.Probe) { q.Size = 65508 }},
		{"", question.UDPLite, false, func(q *question.Probe) { q.Size = 65507 }},
		{"Size", question.TCP, false, func(q *question.Probe) { q.Size = 1 }},
		{"Size", question.Timestamp, false, func(q *question.Probe) { q.Size = 1 }},
		{"DstPort", question.Echo, false, func(q *question.Probe) { q.DstPort = 1 }},
		{"DstPort", question.Echo, false, func(q *question.Probe) { q.SrcPort = 1 }},
		{"DstPort", question.UDP, false, func(q *question.Probe) { q.DstPort = 0 }},
		{"DstPort", question.TCP, false, func(q *question.Probe) { q.DstPort = 0 }},
		{"Checksum", question.Echo, false, func(q *question.Probe) { q.Checksum, q.Size = 1, 1 }},
		{"Checksum", question.Echo, false, func(q *question.Probe) { q.Checksum, q.Size = 0xffff, 8 }},
		{"Checksum", question.UDP, false, func(q *question.Probe) { q.Checksum, q.Size = 1, 8 }},
		{"Ext", question.Echo, false, func(q *question.Probe) { q.Ext = []byte{} }},
		{"Ext", question.Echo, false, func(q *question.Probe) { q.Local = true }},
		{"Ext", question.ExtEcho, false, func(q *question.Probe) { q.Ext = make([]byte, 513) }},
		{"", question.ExtEcho, false, func(q *question.Probe) { q.Ext = make([]byte, 512) }},
	} {
		q := ask(c.kind, c.v6)
		c.change(&q)
		err := q.Check(10)
		var fe *wire.FieldError
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%+v: %v", q, err)
		case c.field != "" && (!errors.As(err, &fe) || fe.Field != c.field || fe.Type != "probe.Probe"):
			t.Errorf("%s of %v: %v", c.field, c.kind, err)
		}
	}
}
