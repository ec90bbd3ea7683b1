package ping_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// TestBadReplies: what is double, late, overtaken, cut or altered is told of as
// such, with the octet.
func TestBadReplies(t *testing.T) {
	conform.Row(t, "P-03")
	w := newWorld(t, ping.Config{Count: 6, Interval: 100 * ms, Size: 56, Timeout: 150 * ms, Percentiles: true}, probe.Config{})
	w.answer = func(i int, x sent) []back {
		switch i {
		case 1: // twice
			return []back{replyTo(t, x, 10*ms, nil), replyTo(t, x, 12*ms, nil)}
		case 2: // late
			return []back{replyTo(t, x, 160*ms, nil)}
		case 3: // overtaken by the next
			return []back{replyTo(t, x, 120*ms, nil)}
		case 4: // cut
			return []back{replyTo(t, x, 10*ms, func(m *icmp4.Echo, _ *back) { m.Data = m.Data[:40] })}
		case 5: // altered
			return []back{replyTo(t, x, 10*ms, func(m *icmp4.Echo, _ *back) { m.Data[27] = 0x9b })}
		}
		return echo(10*ms)(i, x)
	}
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{
		"reply 1", "duplicate 1", "timeout 2", "late 2", "reply 4", "reply 3", "reply 5", "reply 6",
	})
	st := w.s.Stats(0)
	if st.Sent != 6 || st.Received != 6 || st.Duplicates != 1 || st.Late != 1 || st.Reordered != 1 || st.Truncated != 1 || st.Altered != 1 {
		t.Errorf("%+v", st)
	}
	if st.RTT.Count() != 7 || st.RTT.Max() != 160*ms || st.Percentiles.Count() != 7 || st.Pipe != 2 {
		t.Errorf("%d times, longest %v, pipe %d", st.RTT.Count(), st.RTT.Max(), st.Pipe)
	}
	if r := w.results[5]; !r.Reordered || r.Altered || r.Truncated {
		t.Errorf("%+v", r)
	}
	if r := w.results[4]; !r.Truncated || r.Size != 48 {
		t.Errorf("%+v", r)
	}
	if r := w.results[6]; !r.Altered || r.AlteredAt != 27 || r.Want != 27 || r.Got != 0x9b {
		t.Errorf("%+v", r)
	}
}

// TestForged: what does not fit a probe is not credited.
func TestForged(t *testing.T) {
	conform.Row(t, "P-03")
	w := newWorld(t, ping.Config{Count: 3, Size: 56}, probe.Config{})
	w.answer = func(i int, x sent) []back {
		var all []back
		for _, change := range []func(m *icmp4.Echo, b *back){
			func(m *icmp4.Echo, _ *back) { m.ID++ },
			func(m *icmp4.Echo, _ *back) { m.Seq += 7 },
			func(m *icmp4.Echo, _ *back) { m.Data[3] ^= 1 },
			func(_ *icmp4.Echo, b *back) { b.From = r1 },
			func(_ *icmp4.Echo, b *back) { b.To = r1 },
		} {
			all = append(all, replyTo(t, x, ms, change))
		}
		bad := unreachable(t, x, ms, icmp4.CodeHostUnreachable)
		m := bytes.Clone(x.m)
		m[6]++ // the sequence number
		forged := x
		forged.m = m
		other := unreachable(t, forged, ms, icmp4.CodeHostUnreachable)
		bad.To = r1
		return append(all, bad, other, replyTo(t, x, 5*ms, nil))
	}
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"reply 1", "reply 2", "reply 3"})
	for _, r := range w.results {
		if r.RTT != 5*ms {
			t.Errorf("%+v", r)
		}
	}
}

// TestOutstanding: before a probe it is told that the last has no reply yet.
func TestOutstanding(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 4, Outstanding: true}, probe.Config{})
	w.answer = func(i int, x sent) []back {
		switch i {
		case 1:
			return nil
		case 2: // an error is no reply
			return []back{unreachable(t, x, ms, icmp4.CodeHostUnreachable)}
		}
		return echo(ms)(i, x)
	}
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"outstanding 1", "error 2", "outstanding 2", "reply 3", "reply 4", "timeout 1"})
	if r := w.results[0]; r.Seq != 1 || r.Time != start.Add(time.Second) {
		t.Errorf("%+v", r)
	}
	// The reply to one before does not count.
	w = newWorld(t, ping.Config{Count: 3, Interval: 10 * ms, Outstanding: true}, probe.Config{})
	w.answer = func(i int, x sent) []back { return echo(15*ms)(i, x) }
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"outstanding 1", "reply 1", "outstanding 2", "reply 2", "reply 3"})
}

// TestSent: each probe is told of, when that is asked for.
func TestSent(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 2, Sent: true}, probe.Config{Sent: true})
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"sent 1", "reply 1", "sent 2", "reply 2"})
}

// TestQuiet: replies and what is lost are only counted.
func TestQuiet(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 4, Quiet: true, Wait: time.Second, Timeout: 2 * time.Second}, probe.Config{})
	w.refuse = func(i int, _ sent) error {
		if i == 3 {
			return io.EOF
		}
		return nil
	}
	w.answer = func(i int, x sent) []back {
		if i == 2 {
			return []back{unreachable(t, x, ms, icmp4.CodeHostUnreachable)}
		}
		return nil
	}
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"error 2", "unsent 3"})
	w = newWorld(t, ping.Config{Count: 2, Quiet: true}, probe.Config{})
	w.run(time.Hour)
	if st := w.s.Stats(0); st.Received != 2 || st.RTT.Count() != 2 || len(w.results) != 0 {
		t.Errorf("%+v", st)
	}
}

// TestAdvice: a redirect ends nothing.
func TestAdvice(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 1, Size: 56}, probe.Config{})
	w.answer = func(i int, x sent) []back {
		quoted, _ := ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: us, Dst: them}.AppendPacket(nil, x.m)
		m, err := icmp4.Redirect{Code: icmp4.CodeRedirectHost, Gateway: netip.MustParseAddr("10.0.0.9"), Quote: quoted}.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		advice := back{after: ms, Arrival: probe.Arrival{From: r1, To: us, Proto: ip.ProtoICMP, Payload: m}}
		return append(echo(2*ms)(i, x), advice)
	}
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"advice 1", "reply 1"})
	if r := w.results[0]; r.Claim.Gateway != netip.MustParseAddr("10.0.0.9") || w.s.Stats(0).Errors != 0 {
		t.Errorf("%+v", r)
	}
}

// TestAnyone: of a broadcast, the first answer is the reply, and others are
// duplicates.
func TestAnyone(t *testing.T) {
	all := netip.MustParseAddr("10.0.0.255")
	w := newWorld(t, ping.Config{Targets: []ping.Target{{Src: us, Dst: all, Anyone: true}}, Count: 2, Size: 56}, probe.Config{})
	from := func(x sent, a netip.Addr, after time.Duration) back {
		return replyTo(t, x, after, func(_ *icmp4.Echo, b *back) { b.From = a })
	}
	w.answer = func(_ int, x sent) []back {
		if !x.tx.Group {
			t.Error("not sent to a group")
		}
		return []back{from(x, them, ms), from(x, r1, 2*ms)}
	}
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"reply 1", "duplicate 1", "reply 2"})
	if w.results[0].From != them || w.results[1].From != r1 {
		t.Errorf("%+v", w.results)
	}
}

// TestTimestamp: other kinds of ICMP serve as well, here the one that tells the
// time.
func TestTimestamp(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 1, Kind: probe.Timestamp}, probe.Config{})
	w.answer = func(_ int, x sent) []back {
		m, err := icmp4.ParseTimestampMessage(x.m)
		if err != nil {
			t.Fatal(err)
		}
		m.Reply, m.Receive, m.Transmit = true, 1000, 1001
		b, err := m.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		return []back{{after: ms, Arrival: probe.Arrival{From: them, To: us, Proto: ip.ProtoICMP, Payload: b}}}
	}
	w.run(time.Hour)
	if len(w.results) != 1 || w.results[0].Probe != probe.Timestamp || w.results[0].Answer.Receive != 1000 {
		t.Errorf("%+v", w.results)
	}
}

// TestOptions: those of a reply are told of, each its own.
func TestOptions(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 2, Options: ping.RecordRoute()}, probe.Config{})
	want := ping.RecordRoute()
	want[3] = 8
	copy(want[4:], us.AsSlice())
	w.answer = func(i int, x sent) []back {
		if !bytes.Equal(x.tx.Options, want) {
			t.Errorf("options % x", x.tx.Options)
		}
		return []back{replyTo(t, x, ms, func(_ *icmp4.Echo, b *back) { b.Options = []byte{7, 7, 8, 10, 0, 0, byte(i), 0} })}
	}
	w.run(time.Hour)
	for i, r := range w.results {
		if !bytes.Equal(r.Options, []byte{7, 7, 8, 10, 0, 0, byte(i + 1), 0}) {
			t.Errorf("%d: % x", i, r.Options)
		}
	}
}

// TestStamps: the sender stamps first, each probe with its time, and where hops
// are named only when it is the next.
func TestStamps(t *testing.T) {
	options := func(f option.StampFlag, hops ...netip.Addr) []byte {
		b, err := ping.Timestamps(f, hops...)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const noon = 12 * 3600 * 1000
	for _, tt := range []struct {
		options []byte
		want    func(i int) []byte // the head
	}{
		{options(option.StampsOnly), func(i int) []byte {
			return binary.BigEndian.AppendUint32([]byte{68, 40, 9, 0}, noon+uint32(i-1)*1000)
		}},
		{options(option.StampsAndAddrs), func(i int) []byte {
			return binary.BigEndian.AppendUint32([]byte{68, 36, 13, 1, 10, 0, 0, 1}, noon+uint32(i-1)*1000)
		}},
		{options(option.StampsPrespecified, r1), func(int) []byte { return []byte{68, 12, 5, 3, 10, 0, 0, 254, 0, 0, 0, 0} }},
		{options(option.StampsPrespecified, us), func(i int) []byte {
			return binary.BigEndian.AppendUint32([]byte{68, 12, 13, 3, 10, 0, 0, 1}, noon+uint32(i-1)*1000)
		}},
		{[]byte{131, 7, 4, 10, 0, 0, 9, 0}, func(int) []byte { return []byte{131, 7, 4, 10, 0, 0, 9, 0} }},
		{[]byte{7, 9, 9, 9}, func(int) []byte { return []byte{7, 9, 9, 9} }}, // no option at all
	} {
		w := newWorld(t, ping.Config{Count: 2, Options: tt.options}, probe.Config{})
		w.run(time.Hour)
		for i, x := range w.sent {
			if want := tt.want(i + 1); !bytes.HasPrefix(x.tx.Options, want) || len(x.tx.Options) != len(tt.options) {
				t.Errorf("% x: %d: % x, want % x", tt.options, i, x.tx.Options, want)
			}
		}
	}
}

// TestOthers: what is of others is not heard.
func TestOthers(t *testing.T) {
	w := newWorld(t, ping.Config{First: 1, Count: 1}, probe.Config{})
	w.run(5 * ms)
	for _, target := range []int{0, 2, -1} {
		w.s.Hear(w.now, &probe.Event{Kind: probe.Reply, Target: target, Tag: 1})
	}
	if w.s.Stats(0).Received != 0 || w.s.Done() {
		t.Error("heard")
	}
	w.s.Hear(w.now, &probe.Event{Kind: probe.Reply, Target: 1, Tag: 1})
	if w.s.Stats(0).Received != 1 || !w.s.Done() {
		t.Error("not heard")
	}
}

// TestLost: results that nobody reads go, the oldest first.
func TestLost(t *testing.T) {
	w := newWorld(t, ping.Config{Targets: targets(1), Results: 20}, probe.Config{})
	w.turn()
	for i := range 25 {
		w.s.Hear(w.now, &probe.Event{Kind: probe.Advice, Tag: uint64(i + 1), Options: []byte{byte(i)}})
	}
	if w.s.Lost() != 5 {
		t.Errorf("%d lost", w.s.Lost())
	}
	for i := 5; i < 25; i++ {
		r, ok := w.s.Next()
		if !ok || r.N != i+1 || r.Options[0] != byte(i) {
			t.Fatalf("%d: %+v", i, r)
		}
	}
	if _, ok := w.s.Next(); ok {
		t.Error("there is more")
	}
}
