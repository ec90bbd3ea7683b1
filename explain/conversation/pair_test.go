package conversation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// read returns what a machine says of each datagram.
func read(w *traffic.Writer) (all []conversation.Seen) {
	m := conversation.New(conversation.Config{})
	for i := range w.All {
		all = append(all, *m.Receive(&w.All[i]))
	}
	return all
}

func message4(w *traffic.Writer, from, to string, ms ...icmp4.Message) {
	for i, m := range ms {
		if i%2 == 1 {
			w.ICMP(to, from, m)
		} else {
			w.ICMP(from, to, m)
		}
		w.Wait(3 * time.Millisecond)
	}
}

const a, b, c = "10.0.0.1", "10.0.0.2", "10.0.0.3"

func TestEveryRequestHasItsReply(t *testing.T) {
	conform.Row(t, "A-03")
	stamp := icmp4.TimestampMessage{ID: 3, Seq: 4}
	stampReply := stamp
	stampReply.Reply = true
	for _, tt := range []struct {
		class conversation.Class
		fill  func(w *traffic.Writer)
	}{
		{conversation.Echo, func(w *traffic.Writer) {
			message4(w, a, b, icmp4.Echo{ID: 3, Seq: 4}, icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: 3, Seq: 4})
		}},
		{conversation.Echo, func(w *traffic.Writer) {
			w.Ping("2001:db8::1", "2001:db8::2", 3, 4, traffic.Data(9), 3*time.Millisecond)
		}},
		{conversation.Timestamp, func(w *traffic.Writer) { message4(w, a, b, stamp, stampReply) }},
		{conversation.Information, func(w *traffic.Writer) {
			message4(w, a, b, icmp4.Info{ID: 3, Seq: 4}, icmp4.Info{Reply: true, ID: 3, Seq: 4})
		}},
		{conversation.Mask, func(w *traffic.Writer) {
			message4(w, a, b, icmp4.AddressMask{ID: 3, Seq: 4}, icmp4.AddressMask{Reply: true, ID: 3, Seq: 4})
		}},
		{conversation.ExtendedEcho, func(w *traffic.Writer) {
			message4(w, a, b, icmp4.ExtendedEchoRequest{ID: 3, Seq: 4}, icmp4.ExtendedEchoReply{ID: 3, Seq: 4})
		}},
		{conversation.Router, func(w *traffic.Writer) {
			w.ICMP(a, "224.0.0.2", icmp4.RouterSolicitation{})
			w.Wait(3 * time.Millisecond)
			w.ICMP(b, "224.0.0.1", icmp4.RouterAdvertisement{Lifetime: time.Hour})
		}},
		{conversation.Neighbor, func(w *traffic.Writer) {
			w.ICMP6("fe80::1", "ff02::1:ff00:2", icmp6.NeighborSolicitation{Target: traffic.Addr("fe80::2")})
			w.Wait(3 * time.Millisecond)
			w.ICMP6("fe80::2", "fe80::1", icmp6.NeighborAdvertisement{Flags: 0x40, Target: traffic.Addr("fe80::2")})
		}},
	} {
		t.Run(tt.class.String(), func(t *testing.T) {
			var w traffic.Writer
			tt.fill(&w)
			all := read(&w)
			q, r := all[0], all[1]
			if q.Role != conversation.Request || q.Class != tt.class || q.Relation != conversation.Unrelated {
				t.Errorf("request: %v %v %v", q.Role, q.Class, q.Relation)
			}
			if r.Role != conversation.Reply || r.Class != tt.class || r.Relation != conversation.Answers ||
				r.Request.Number != 1 || r.Took != 3*time.Millisecond || r.Altered {
				t.Errorf("reply: %v %v %v to %v after %v", r.Role, r.Class, r.Relation, r.Request, r.Took)
			}
		})
	}
}

func TestRepliesThatAreNot(t *testing.T) {
	var w traffic.Writer
	w.Echo(a, b, false, 1, 1, nil) // 1
	w.Echo(b, a, true, 2, 1, nil)  // 2 another identifier
	w.Echo(b, a, true, 1, 2, nil)  // 3 another sequence number
	w.Echo(c, a, true, 1, 1, nil)  // 4 another host
	w.Echo(b, c, true, 1, 1, nil)  // 5 to another host
	w.Echo(b, a, true, 1, 1, nil)  // 6 this one
	w.Echo(b, a, true, 1, 1, nil)  // 7 again, but with another IP identification
	w.Wait(10*time.Second + 1)     //
	w.Echo(b, a, true, 1, 1, nil)  // 8 too late
	want := []conversation.Relation{
		conversation.Unrelated, conversation.Unsolicited, conversation.Unsolicited, conversation.Unsolicited,
		conversation.Unsolicited, conversation.Answers, conversation.Duplicate, conversation.Unsolicited,
	}
	for i, s := range read(&w) {
		if s.Relation != want[i] {
			t.Errorf("packet %d: %v, want %v", i+1, s.Relation, want[i])
		}
	}
}

func TestRequestsAgain(t *testing.T) {
	var w traffic.Writer
	w.Echo(a, b, false, 1, 1, nil)
	w.Wait(time.Second)
	w.Echo(a, b, false, 1, 1, nil)
	w.Echo(b, a, true, 1, 1, nil)
	w.Echo(a, b, false, 1, 1, nil) // the number is used again
	all := read(&w)
	if s := all[1]; s.Relation != conversation.Repeated || s.Request.Number != 1 {
		t.Errorf("%v of %d", s.Relation, s.Request.Number)
	}
	if s := all[2]; s.Relation != conversation.Answers || s.Request.Number != 2 {
		t.Errorf("%v of %d", s.Relation, s.Request.Number)
	}
	if s := all[3]; s.Relation != conversation.Unrelated {
		t.Errorf("%v", s.Relation)
	}
}

func TestBroadcastIsAnsweredByMany(t *testing.T) {
	for _, dst := range []string{"10.0.0.255", "224.0.0.1", "255.255.255.255"} {
		var w traffic.Writer
		w.Echo(a, dst, false, 1, 1, nil)
		w.Echo(b, a, true, 1, 1, nil)
		w.Echo(c, a, true, 1, 1, nil)
		all := read(&w)
		if all[1].Relation != conversation.Answers || all[2].Relation != conversation.AnswersToo ||
			!all[1].ToMany || all[2].AskedAt.String() != dst {
			t.Errorf("%s: %v, %v", dst, all[1].Relation, all[2].Relation)
		}
	}
}

func TestAltered(t *testing.T) {
	for _, tt := range []struct {
		name string
		data []byte
		want bool
	}{
		{"the same", traffic.Data(40), false},
		{"shorter", traffic.Data(39), true},
		{"longer", traffic.Data(41), true},
		{"one bit", append(traffic.Data(39), 0), true},
	} {
		for _, pair := range [][2]string{{a, b}, {"2001:db8::1", "2001:db8::2"}} {
			var w traffic.Writer
			w.Echo(pair[0], pair[1], false, 1, 1, traffic.Data(40))
			w.Echo(pair[1], pair[0], true, 1, 1, tt.data)
			if s := read(&w)[1]; s.Altered != tt.want || s.Relation != conversation.Answers {
				t.Errorf("%s, %s: altered %v", pair[0], tt.name, s.Altered)
			}
		}
	}
}

func TestAnnouncements(t *testing.T) {
	var w traffic.Writer
	w.ICMP(b, "224.0.0.1", icmp4.RouterAdvertisement{Lifetime: time.Hour})
	w.ICMP6("fe80::2", "ff02::1", icmp6.NeighborAdvertisement{Flags: 0x20, Target: traffic.Addr("fe80::2")})
	w.ICMP6("fe80::2", "fe80::1", icmp6.NeighborAdvertisement{Flags: 0x40, Target: traffic.Addr("fe80::2")})
	w.ICMP6("fe80::2", "ff02::16", icmp6.MLDv2Report{})
	w.ICMP(a, "224.0.0.2", icmp4.RouterSolicitation{})
	w.ICMP(b, a, icmp4.RouterAdvertisement{Lifetime: time.Hour})
	w.Wait(time.Second)
	w.ICMP(b, "224.0.0.1", icmp4.RouterAdvertisement{Lifetime: time.Hour})
	var got []conversation.Role
	all := read(&w)
	for _, s := range all {
		got = append(got, s.Role)
	}
	if !slices.Equal(got, []conversation.Role{
		conversation.Announcement, conversation.Announcement, conversation.Reply, conversation.Announcement,
		conversation.Request, conversation.Reply, conversation.Announcement,
	}) {
		t.Errorf("%v", got)
	}
	if all[2].Relation != conversation.Unsolicited || all[6].Relation != conversation.Unrelated || all[6].Request.Known() {
		t.Errorf("%v, %v", all[2].Relation, all[6].Relation)
	}
}

func TestErrorsHaveTheirCause(t *testing.T) {
	conform.Row(t, "A-03")
	syn := transport.TCP{SrcPort: 4000, DstPort: 80, Seq: 77, Flags: transport.SYN}
	for _, tt := range []struct {
		name  string
		cause func(w *traffic.Writer) []byte
	}{
		{"udp", func(w *traffic.Writer) []byte { return w.UDP(a, b, 5, 6, 20) }},
		{"tcp", func(w *traffic.Writer) []byte { return w.TCP(a, b, syn, 0) }},
		{"echo", func(w *traffic.Writer) []byte { return w.Echo(a, b, false, 5, 6, nil) }},
		{"other", func(w *traffic.Writer) []byte { return w.IP(a, b, 132, make([]byte, 16)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := traffic.Writer{TTL: 9}
			tt.cause(&w)
			w.Wait(time.Millisecond)
			cause := tt.cause(&w) // the second of two alike
			tt.cause(&w)
			w.Wait(time.Millisecond)
			w.ICMP(c, a, icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: cause[:28]})
			s := read(&w)[3]
			if s.Role != conversation.Error || s.Relation != conversation.Caused || s.Request.Number != 2 ||
				s.Took != time.Millisecond || s.SentTTL != 9 || s.Flow == nil || s.Flow.Packets != [2]uint32{3, 0} {
				t.Errorf("%v %v by %v after %v, ttl %d, flow %+v", s.Role, s.Relation, s.Request, s.Took, s.SentTTL, s.Flow)
			}
		})
	}
}

func TestErrorsWithoutCause(t *testing.T) {
	var w traffic.Writer
	sent := w.UDP(a, b, 5, 6, 20)
	back := w.UDP(b, a, 6, 5, 20)
	other := slices.Clone(sent[:28])
	other[5]++ // another IP identification
	w.ICMP(c, a, icmp4.TimeExceeded{Quote: other})
	stranger := slices.Clone(sent[:28])
	stranger[21]++ // another port
	w.ICMP(c, a, icmp4.TimeExceeded{Quote: stranger})
	w.ICMP(c, b, icmp4.TimeExceeded{Quote: back[:28]})
	w.ICMP(c, a, icmp4.TimeExceeded{Quote: []byte{0x45, 0}})
	all := read(&w)
	if s := all[2]; s.Relation != conversation.Quotes || s.Request.Known() || s.From != 0 {
		t.Errorf("%v %v", s.Relation, s.Request)
	}
	if s := all[3]; s.Relation != conversation.Orphan || s.Flow != nil {
		t.Errorf("%v %v", s.Relation, s.Flow)
	}
	if s := all[4]; s.Relation != conversation.Caused || s.Request.Number != 2 || s.From != 1 {
		t.Errorf("%v by %v from %d", s.Relation, s.Request, s.From)
	}
	if s := all[5]; s.IsError() || s.HasQuote || s.Role != conversation.Error {
		t.Errorf("a quote of two octets: %+v", s.Quote)
	}
}

func TestSeenBefore(t *testing.T) {
	var w traffic.Writer
	hop := func(octets []byte, link int) {
		next := slices.Clone(octets)
		next[8]--
		ip.Seal4(next)
		w.Wait(time.Millisecond)
		w.Link = link
		w.Put(next)
		w.Link = 0
	}
	asked := w.Echo(a, b, false, 1, 1, nil)
	hop(asked, 1)
	told := w.ICMP(c, a, icmp4.DestUnreachable{Quote: asked})
	hop(told, 0)
	all := read(&w)
	if s := all[1]; s.Relation != conversation.SeenBefore || s.Hops != 1 || s.SameLink || s.Request.Number != 1 || s.Took != time.Millisecond {
		t.Errorf("%v of %v, %d hops", s.Relation, s.Request, s.Hops)
	}
	if s := all[2]; s.Relation != conversation.Caused || s.Request.Number != 1 || s.SentTTL != 64 {
		t.Errorf("%v by %v", s.Relation, s.Request)
	}
	if s := all[3]; s.Relation != conversation.SeenBefore || !s.SameLink || s.Request.Number != 3 {
		t.Errorf("%v of %v", s.Relation, s.Request)
	}
	m := conversation.New(conversation.Config{})
	for i := range w.All {
		m.Receive(&w.All[i])
	}
	sum := m.Summary(0)
	if len(sum.Troubles) != 1 || sum.Troubles[0].Count != 1 || len(sum.Pairs) != 1 || sum.Pairs[0].Requests != 1 || sum.Pairs[0].Errors != 1 {
		t.Errorf("%+v %+v", sum.Troubles, sum.Pairs)
	}
}

func TestTCP(t *testing.T) {
	var w traffic.Writer
	up := transport.TCP{SrcPort: 4000, DstPort: 80, Seq: 1<<32 - 1, Flags: transport.SYN} // numbers wrap
	down := transport.TCP{SrcPort: 80, DstPort: 4000, Seq: 500, Ack: 0, Flags: transport.SYN | transport.ACK}
	w.TCP(a, b, up, 0)
	w.TCP(b, a, down, 0)
	up.Seq, up.Ack, up.Flags = 0, 501, transport.ACK
	w.TCP(a, b, up, 1200)
	w.TCP(a, b, up, 1200)
	up.Seq = 1200
	w.TCP(a, b, up, 100)
	all := read(&w)
	f := all[4].Flow
	if !f.Established() || f.Next != [2]uint32{1300, 501} || f.Acked != [2]uint32{501, 0} || f.MaxLen[0] != 1240 {
		t.Errorf("%+v", f)
	}
	var again []bool
	for _, s := range all {
		again = append(again, s.Retransmit)
	}
	if !slices.Equal(again, []bool{false, false, false, true, false}) {
		t.Errorf("sent again: %v", again)
	}
	if !f.InFlight(0, 1300) || f.InFlight(0, 1301) || !f.InFlight(0, 0) || f.InFlight(0, 1<<31) || f.LargePassed(0) {
		t.Error("in flight")
	}
	if !f.InFlight(0, uint32(1<<32-1<<16)) || f.InFlight(0, uint32(1<<32-1<<16-1)) { //nolint:gosec // serial numbers
		t.Error("a window before what was acknowledged")
	}
	if all[0].DataLen != 0 || all[2].DataLen != 1200 || !all[0].NewFlow || all[1].NewFlow || all[1].From != 1 {
		t.Error("lengths or directions")
	}
	down.Seq, down.Ack, down.Flags = 501, 1, transport.ACK
	w.TCP(b, a, down, 0)
	if f := read(&w)[5].Flow; !f.LargePassed(0) {
		t.Error("a large segment was acknowledged")
	}
}
