package conversation_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

func one(octets []byte, length int) conversation.Seen {
	m := conversation.New(conversation.Config{})
	return *m.Receive(&conversation.Datagram{Time: traffic.Epoch, Number: 1, Octets: octets, Length: length})
}

func ping(n int) []byte {
	var w traffic.Writer
	return w.Echo(a, b, false, 7, 8, traffic.Data(n))
}

func TestFaults(t *testing.T) {
	edit := func(f func(b []byte)) []byte {
		b := ping(20)
		f(b)
		return b
	}
	seal := func(f func(b []byte)) []byte {
		return edit(func(b []byte) { f(b); ip.Seal4(b) })
	}
	const none = conversation.Fault(0)
	for _, tt := range []struct {
		name   string
		octets []byte
		length int
		want   conversation.Fault
		icmp   bool
	}{
		{"right", ping(20), 0, none, true},
		{"padded", append(ping(20), 0, 0, 0), 0, none, true},
		{"header checksum", edit(func(b []byte) { b[10]++ }), 0, conversation.HeaderChecksum, true},
		{"checksum", edit(func(b []byte) { b[40]++ }), 0, conversation.Checksum, true},
		{"cut", ping(20)[:40], 48, conversation.Cut, true},
		{"cut in the header", ping(20)[:18], 48, conversation.Cut, false},
		{"cut behind the type", ping(20)[:21], 48, conversation.Cut, false},
		{"cut behind the code", ping(20)[:22], 48, conversation.Cut, true},
		{"announces more than was sent", ping(20)[:40], 0, conversation.Length, true},
		{"announces more, and was cut", ping(20)[:40], 44, conversation.Length | conversation.Cut, true},
		{"less than a header", seal(func(b []byte) { b[3] = 19 }), 0, conversation.Length, true},
		{"length zero", seal(func(b []byte) { b[2], b[3] = 0, 0 }), 0, none, true},
		{"short", seal(func(b []byte) { b[3] = 27 })[:27], 0, conversation.Short, true},
		{"no message", seal(func(b []byte) { b[3] = 20 })[:20], 0, conversation.Short, false},
		{"empty", nil, 0, conversation.NotIP, false},
		{"version 5", []byte{0x55, 1, 2, 3}, 0, conversation.NotIP, false},
	} {
		s := one(tt.octets, tt.length)
		if s.Fault != tt.want || s.ICMP != tt.icmp {
			t.Errorf("%s: %v, ICMP %v, want %v, %v", tt.name, slices.Collect(s.Fault.Names), s.ICMP, slices.Collect(tt.want.Names), tt.icmp)
		}
	}
}

func TestFields(t *testing.T) {
	s := one(ping(20), 0)
	if s.Type != 8 || s.Code != 0 || s.ID != 7 || s.Seq != 8 || s.MessageLen != 28 || s.TotalLen != 48 || len(s.Message) != 28 {
		t.Errorf("%+v", s)
	}
	var w traffic.Writer
	quoted := ping(20)
	w.ICMP(b, a, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: quoted})
	w.ICMP(b, a, icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, MTU: 1400, Quote: quoted})
	w.ICMP(b, a, icmp4.Redirect{Gateway: traffic.Addr(c), Quote: quoted})
	for i, s := range read(&w) {
		if !s.IsError() || s.Quote.Dst.String() != b || (s.MTU == 1400) != (i == 0) || (s.Gateway.String() == c) != (i == 2) {
			t.Errorf("packet %d: mtu %d, gateway %s, quote %v", i+1, s.MTU, s.Gateway, s.Quote)
		}
	}
	v6 := traffic.Writer{TTL: 255}
	probe := v6.UDP("2001:db8::1", "2001:db8::2", 5, 6, 9)
	v6.ICMP6("2001:db8::9", "2001:db8::1", icmp6.PacketTooBig{MTU: 1280, Quote: probe})
	option := append([]byte{4, 8, 0, 0, 0, 0, 0, 0}, make([]byte, 56)...)
	copy(option[8:], probe)
	v6.ICMP6("fe80::9", "2001:db8::1", icmp6.Redirect{Target: traffic.Addr("fe80::7"), Dst: traffic.Addr("2001:db8::2"), Options: option})
	all := read(&v6)
	if s := all[1]; s.MTU != 1280 || s.Relation != conversation.Caused || s.Fault != 0 {
		t.Errorf("%d %v %v", s.MTU, s.Relation, s.Fault)
	}
	if s := all[2]; s.Gateway.String() != "fe80::7" || s.Target.String() != "2001:db8::2" || s.Relation != conversation.Caused {
		t.Errorf("%s %s %v", s.Gateway, s.Target, s.Relation)
	}
}

func TestFragmentsAreCountedOnly(t *testing.T) {
	for _, more := range []uint16{0x2000, 0x0001} {
		b := ping(20)
		binary.BigEndian.PutUint16(b[6:], more)
		ip.Seal4(b)
		if s := one(b, 0); !s.Fragment || s.ICMP || s.Flow != nil {
			t.Errorf("%#x: %+v", more, s)
		}
	}
}

func TestSummary(t *testing.T) {
	var w traffic.Writer
	for i := range 3 {
		w.Ping(a, b, 1, uint16(i), nil, 2*time.Millisecond)
		w.Wait(time.Second)
	}
	w.Echo(a, c, false, 1, 9, nil)
	sent := w.UDP(a, c, 5, 6, 9)
	w.ICMP(c, a, icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: sent})
	w.ICMP(c, a, icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: sent})
	w.Echo(a, b, false, 1, 99, nil) // too young to be unanswered
	w.Wait(999 * time.Millisecond)
	w.Put([]byte{0x45})
	for _, wait := range []struct {
		more time.Duration
		want uint64
	}{{0, 0}, {time.Millisecond, 2}, {20 * time.Second, 2}} {
		w.Wait(wait.more)
		w.UDP(a, b, 1, 2, 3)
		m := conversation.New(conversation.Config{})
		for i := range w.All {
			m.Receive(&w.All[i])
		}
		if got := m.Summary(0).Unanswered; got != wait.want {
			t.Errorf("after %v more: %d unanswered, want %d", wait.more, got, wait.want)
		}
	}
	m := conversation.New(conversation.Config{})
	for i := range w.All {
		m.Receive(&w.All[i])
	}
	sum := m.Summary(0)
	if sum.Datagrams != 15 || sum.Messages != 10 || sum.Malformed != 1 || sum.Forgotten != 0 || !sum.First.Equal(traffic.Epoch) {
		t.Errorf("%+v", sum.Totals)
	}
	if k := sum.Kinds[0]; k != (conversation.Kind{Version: 4, Type: 8, Count: 5}) || len(sum.Kinds) != 4 {
		t.Errorf("%v", sum.Kinds)
	}
	if x := sum.Talkers[0]; x.Addr.String() != a || x.Sent != 5 || x.Received != 5 || len(sum.Talkers) != 3 {
		t.Errorf("%+v", sum.Talkers)
	}
	if len(sum.Pairs) != 2 || !sum.Pairs[0].Troubled() || sum.Pairs[0].Unanswered != 1 || sum.Pairs[0].Replies != 3 ||
		sum.Pairs[0].Times.Avg() != 2*time.Millisecond || sum.Pairs[0].Asker.String() != a || sum.Pairs[0].Target.String() != b {
		t.Errorf("%+v", sum.Pairs)
	}
	x := sum.Troubles[0]
	if len(sum.Troubles) != 1 || x.Count != 2 || !x.Others || !x.Seen || x.Code != 3 || x.Sport != 5 || x.Dport != 6 || x.First.Number != 9 || x.Reporter.String() != c {
		t.Errorf("%+v", sum.Troubles)
	}
	if len(sum.Timings) != 2 || sum.Timings[0].Class != conversation.Echo || sum.Timings[0].Times.Count() != 3 ||
		sum.Timings[0].Histogram.Count() != 3 || sum.Timings[1].Class != conversation.CausedError {
		t.Errorf("%+v", sum.Timings)
	}
	if few := m.Summary(1); len(few.Talkers) != 1 || len(few.Pairs) != 1 || len(few.Kinds) != 4 {
		t.Error("at most one of each")
	}
}

func TestNames(t *testing.T) {
	for _, s := range []string{
		conversation.Echo.String(), conversation.CausedError.String(), conversation.Request.String(),
		conversation.Announcement.String(), conversation.SeenBefore.String(),
	} {
		if s == "" || s == "unknown" {
			t.Errorf("%q", s)
		}
	}
	if conversation.Class(99).String() != "unknown" || conversation.Role(99).String() != "unknown" || conversation.Relation(99).String() != "unknown" {
		t.Error("what there is not has a name")
	}
}

// TestMemoryHasLimits sends a million flows, requests and errors, none of which
// comes twice.
func TestMemoryHasLimits(t *testing.T) {
	c := conversation.Config{Flows: 100, Requests: 100, Pairs: 100, Talkers: 100, Troubled: 100}
	m := conversation.New(c)
	var w traffic.Writer
	echo := w.Echo(a, b, false, 1, 1, nil)
	w.ICMP(b, a, icmp4.TimeExceeded{Quote: echo})
	for n := range uint32(20000) {
		for i := range w.All {
			d := w.All[i]
			d.Octets = slices.Clone(d.Octets)
			binary.BigEndian.PutUint32(d.Octets[12:], n)
			if i == 1 {
				binary.BigEndian.PutUint32(d.Octets[28+12:], n)
			}
			m.Receive(&d)
		}
	}
	sum := m.Summary(0)
	if len(sum.Talkers) != 100 || len(sum.Pairs) > 100 || len(sum.Troubles) != 100 || sum.Forgotten == 0 {
		t.Errorf("%d talkers, %d pairs, %d troubles, %d forgotten", len(sum.Talkers), len(sum.Pairs), len(sum.Troubles), sum.Forgotten)
	}
}
