package path_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/transport"
)

// line is a TCP connection that a has with b.
type line struct {
	traffic.Writer
	a, b string
	up   transport.TCP // what a sends next
	back transport.TCP
}

func open(a, b string) *line {
	l := &line{Writer: traffic.Writer{DF: true}, a: a, b: b}
	l.up = transport.TCP{SrcPort: 4000, DstPort: 80, Seq: 100, Flags: transport.SYN}
	l.back = transport.TCP{SrcPort: 80, DstPort: 4000, Seq: 900, Ack: 101, Flags: transport.SYN | transport.ACK}
	l.TCP(a, b, l.up, 0)
	l.TCP(b, a, l.back, 0)
	l.up.Flags, l.up.Seq, l.up.Ack = transport.ACK, 101, 901
	l.back.Flags, l.back.Seq = transport.ACK, 901
	l.TCP(a, b, l.up, 0)
	return l
}

// send enters a segment of n octets at seq, so much later.
func (l *line) send(after time.Duration, seq uint32, n int) []byte {
	l.Wait(after)
	s := l.up
	s.Seq = seq
	return l.TCP(l.a, l.b, s, n)
}

func (l *line) ack(seq uint32) {
	l.back.Ack = seq
	l.TCP(l.b, l.a, l.back, 0)
}

// TestBlackHoleOfAWindow: whoever sends all of his window again waits for its first
// segment, in both directions of a conversation.
func TestBlackHoleOfAWindow(t *testing.T) {
	for _, ends := range [][2]string{{inner, outer}, {outer, inner}} {
		for rounds, want := range map[int]bool{3: false, 4: true} {
			l := open(ends[0], ends[1])
			for range rounds {
				l.Wait(time.Second)
				for i := range uint32(3) {
					l.send(0, 101+1400*i, 1400)
				}
			}
			f := traffic.One(t, detect.Config{}, &l.Writer, finding.MTUBlackHole)
			switch {
			case (f != nil) != want:
				t.Errorf("%v, %d rounds: %+v", ends, rounds, f)
			case f != nil && (f.Number(finding.FactRetransmitted) != 4 || f.Count != 3 || f.From.String() != ends[0] || f.To.String() != ends[1] ||
				!slices.Equal(f.Packets, []int{7, 13})):
				t.Errorf("%v: %+v", ends, f)
			}
		}
	}
}

// TestNoBlackHoleOfTCP: what is sent again, and has other reasons.
func TestNoBlackHoleOfTCP(t *testing.T) {
	for name, fill := range map[string]func(l *line){
		"one segment after the other": func(l *line) { // each arrives in the end
			for i := range uint32(5) {
				l.send(time.Second, 101+900*i, 900)
				l.send(time.Second, 101+900*i, 900)
				l.send(time.Second, 101+900*i, 900)
				l.ack(101 + 900*(i+1))
			}
		},
		"later ones only": func(l *line) { // the first has arrived, and is acknowledged
			l.send(time.Second, 101, 500)
			l.ack(601)
			for range 9 {
				l.send(time.Second, 2001, 1400)
			}
		},
		"small ones": func(l *line) {
			for range 9 {
				l.send(time.Second, 101, 959) // of 999 octets
			}
		},
	} {
		l := open(inner, outer)
		fill(l)
		if f := traffic.One(t, detect.Config{}, &l.Writer, finding.MTUBlackHole); f != nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// told is a sender that hears of an MTU, and sends so many octets again and again,
// the first time so much later.
func told(mtu uint16, after time.Duration, octets, times int) *line {
	l := open(inner, outer)
	big := l.send(time.Second, 101, 1400)
	l.ICMP("10.1.1.1", inner, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: mtu, Quote: big[:28]})
	for i := range times {
		gap := time.Second
		if i == 0 {
			gap = after
		}
		l.send(gap, 101, octets-40)
	}
	return l
}

// TestBlackHoleThatIsTold: the sender is given a second, and has to send less than
// it was told to.
func TestBlackHoleThatIsTold(t *testing.T) {
	for _, tt := range []struct {
		name   string
		l      *line
		want   bool
		vain   float64
		length float64
	}{
		{"heeded", told(1300, time.Second, 1300, 9), false, 0, 0},
		{"an octet too many", told(1300, time.Second, 1301, 3), true, 4, 1301},
		{"twice", told(1300, time.Second, 1301, 2), false, 0, 0},
		{"within a second", told(1300, time.Second-1, 1301, 3), false, 0, 0},
		{"within a second, and on", told(1300, time.Second-1, 1301, 4), true, 4, 1301},
		{"no MTU", told(0, time.Second, 1440, 9), false, 0, 0},
	} {
		f := traffic.One(t, detect.Config{}, &tt.l.Writer, finding.MTUBlackHole)
		if (f != nil) != tt.want || f != nil && (!f.Has(finding.FactIgnored) || f.Number(finding.FactMTU) != 1300 ||
			f.Number(finding.FactRetransmitted) != tt.vain || f.Number(finding.FactLength) != tt.length) {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
	// An error that is not about the size tells nothing of it.
	l := open(inner, outer)
	big := l.send(time.Second, 101, 1400)
	l.ICMP("10.1.1.1", inner, icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: big[:28]})
	for range 3 {
		l.send(time.Second, 101, 1400)
	}
	if f := traffic.One(t, detect.Config{}, &l.Writer, finding.MTUBlackHole); f == nil || f.Has(finding.FactIgnored) || f.Has(finding.FactMTU) {
		t.Errorf("another error: %+v", f)
	}
}

// TestBlackHoleOfEcho6: the same with IPv6, where the sender is told by a message of
// its own.
func TestBlackHoleOfEcho6(t *testing.T) {
	const a, b = "2001:db8::1", "2001:db8::2"
	for _, tell := range []bool{false, true} {
		w := &traffic.Writer{}
		var big []byte
		for i := range 3 {
			big = w.Echo(a, b, false, 1, u16(i), traffic.Data(1452))
			w.Wait(time.Second)
		}
		if tell {
			w.ICMP6("2001:db8::9", a, icmp6.PacketTooBig{MTU: 1400, Quote: big})
		}
		w.Echo(a, b, false, 1, 9, traffic.Data(100))
		w.Echo(b, a, true, 1, 9, traffic.Data(100))
		f := traffic.One(t, detect.Config{}, w, finding.MTUBlackHole)
		if (f == nil) != tell || f != nil && (f.Number(finding.FactLength) != 1500 || f.Number(finding.FactPassed) != 148) {
			t.Errorf("told %v: %+v", tell, f)
		}
	}
}

// TestBlackHoleOfEchoWaits: a request that was sent less than a second ago may be
// answered yet.
func TestBlackHoleOfEchoWaits(t *testing.T) {
	for gap, want := range map[time.Duration]bool{time.Second - 1: false, time.Second: true} {
		w := &traffic.Writer{DF: true}
		for i := range 3 {
			if i > 0 {
				w.Wait(time.Second)
			}
			w.Echo(inner, outer, false, 1, u16(i), traffic.Data(1472))
		}
		w.Wait(gap)
		w.Ping(inner, outer, 1, 9, traffic.Data(100), time.Millisecond)
		if f := traffic.One(t, detect.Config{}, w, finding.MTUBlackHole); (f != nil) != want {
			t.Errorf("%v: %+v", gap, f)
		}
	}
}
