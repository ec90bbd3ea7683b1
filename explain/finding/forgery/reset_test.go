package forgery_test

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

// talk is a TCP connection of a and b that stands.
type talk struct {
	*traffic.Writer
	a, b     string
	up, down transport.TCP
	last     []byte // what a sent last
}

func newTalk(a, b string) *talk {
	k := &talk{Writer: &traffic.Writer{}, a: a, b: b}
	k.up = transport.TCP{SrcPort: 4000, DstPort: 80, Seq: 1000, Flags: transport.SYN}
	k.down = transport.TCP{SrcPort: 80, DstPort: 4000, Seq: 9000, Ack: 1001, Flags: transport.SYN | transport.ACK}
	k.TCP(a, b, k.up, 0)
	k.TCP(b, a, k.down, 0)
	k.up.Flags, k.down.Flags = transport.ACK, transport.ACK
	k.up.Seq, k.up.Ack, k.down.Seq = 1001, 9001, 9001
	k.say(100)
	return k
}

func (k *talk) say(n int) {
	k.last = k.TCP(k.a, k.b, k.up, n)
	k.up.Seq += uint32(n) //nolint:gosec // few
}

func (k *talk) hear(n int, flags transport.TCPFlags) {
	k.down.Flags = flags
	k.down.Ack = k.up.Seq
	k.TCP(k.b, k.a, k.down, n)
	k.down.Seq += uint32(n) //nolint:gosec // few
}

func (k *talk) refuse(code icmp4.Code, quote []byte) {
	k.ICMP(far, k.a, icmp4.DestUnreachable{Code: code, Quote: quote[:28]})
}

// TestResetOfWhatIsFine: datagrams come from the side that is said to be
// unreachable, later than what was on its way.
func TestResetOfWhatIsFine(t *testing.T) {
	for _, code := range []icmp4.Code{icmp4.CodeProtocolUnreachable, icmp4.CodePortUnreachable, icmp4.CodeHostUnreachable, icmp4.CodeNetUnreachable} {
		for _, tt := range []struct {
			n     int
			after time.Duration
			flags transport.TCPFlags
			want  bool
		}{
			{2, 200 * time.Millisecond, transport.ACK, false},
			{3, 200 * time.Millisecond, transport.ACK, true},
			{3, 199 * time.Millisecond, transport.ACK, false},
			{5, time.Second, transport.RST | transport.ACK, false},
			{3, time.Minute, transport.ACK, true},
			{3, time.Minute + 1, transport.ACK, false},
		} {
			k := newTalk(host, "10.9.0.1")
			k.Wait(time.Millisecond)
			k.refuse(code, k.last)
			k.Wait(tt.after)
			for range tt.n {
				k.hear(10, tt.flags)
				k.say(0)
			}
			hard := code == icmp4.CodeProtocolUnreachable || code == icmp4.CodePortUnreachable
			f := traffic.One(t, detect.Config{}, k.Writer, finding.BlindReset)
			if (f != nil) != (tt.want && hard) {
				t.Errorf("code %d, %+v: %+v", code, tt, f)
			}
			if f != nil && (f.Severity != finding.Alarm || f.Number(finding.FactAlive) != 3 || f.From.String() != far || f.To.String() != host ||
				f.Count != 1 || !slices.Equal(f.Packets, []int{4}) || f.Has(finding.FactOutOfWindow)) {
				t.Errorf("%+v", f)
			}
		}
	}
}

// TestForgottenConnection: who sends the same again and again, because a firewall
// refuses what comes back, does not prove that the connection is fine.
func TestForgottenConnection(t *testing.T) {
	for more, want := range map[int]bool{0: false, 2: false, 3: true} {
		k := newTalk(host, "10.9.0.1")
		k.hear(500, transport.ACK)
		k.Wait(time.Millisecond)
		k.refuse(icmp4.CodePortUnreachable, k.last)
		again := k.Writer.All[len(k.Writer.All)-2].Octets
		for range 6 {
			k.Wait(time.Second)
			k.Put(again)
		}
		for range more {
			k.hear(10, transport.ACK)
		}
		if f := traffic.One(t, detect.Config{}, k.Writer, finding.BlindReset); (f != nil) != want {
			t.Errorf("%d: %+v", more, f)
		}
	}
}

// TestBlindReset: the quoted sequence number is not in flight.
func TestBlindReset(t *testing.T) {
	for seq, want := range map[uint32]bool{1001: false, 1101: false, 1102: true, 900_000_000: true} {
		k := newTalk(host, "10.9.0.1")
		k.hear(1, transport.ACK)
		var other traffic.Writer
		k.up.Seq = seq
		quote := other.TCP(host, "10.9.0.1", k.up, 0)
		k.refuse(icmp4.CodePortUnreachable, quote)
		f := traffic.One(t, detect.Config{}, k.Writer, finding.BlindReset)
		if (f != nil) != want || f != nil && (!f.Has(finding.FactOutOfWindow) || f.Severity != finding.Alarm || f.Count != 1) {
			t.Errorf("%d: %+v", seq, f)
		}
	}
}

// TestRefused: a port that refuses a connection is no attempt to cut one.
func TestRefused(t *testing.T) {
	w := &traffic.Writer{}
	for i := range uint16(9) {
		syn := w.TCP(host, "10.9.0.1", transport.TCP{SrcPort: 4000 + i, DstPort: 80, Seq: 5, Flags: transport.SYN}, 0)
		w.ICMP("10.9.0.1", host, icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: syn[:28]})
	}
	if f := traffic.One(t, detect.Config{}, w, finding.BlindReset); f != nil {
		t.Errorf("%+v", f)
	}
}

// TestResetOfNothing: quotes of connections that nothing was seen of, to a host
// whose other connections are.
func TestResetOfNothing(t *testing.T) {
	guess := func(talks bool, n int, every time.Duration) *traffic.Writer {
		w := &traffic.Writer{}
		if talks {
			w = newTalk(host, "10.9.0.1").Writer
		}
		for i := range n {
			var other traffic.Writer
			q := other.TCP(host, "10.8.0.1", transport.TCP{SrcPort: 5000 + uint16(i), DstPort: 22, Seq: 7}, 0) //nolint:gosec // few
			w.ICMP(far, host, icmp4.DestUnreachable{Code: icmp4.CodeProtocolUnreachable, Quote: q[:28]})
			w.Wait(every)
		}
		return w
	}
	for _, tt := range []struct {
		w    *traffic.Writer
		want bool
	}{
		{guess(true, 2, time.Second), false},
		{guess(true, 3, time.Second), true},
		{guess(false, 9, time.Second), false},
		{guess(true, 9, 31*time.Second), false},
	} {
		f := traffic.One(t, detect.Config{}, tt.w, finding.BlindReset)
		if (f != nil) != tt.want || f != nil && (f.Severity != finding.Warning || f.Number(finding.FactNoConversation) != 3 || f.Count != 3 || !slices.Equal(f.Packets, []int{4, 6})) {
			t.Errorf("want %v: %+v", tt.want, f)
		}
	}
}

// TestReset6: port unreachable is 1/4 in IPv6.
func TestReset6(t *testing.T) {
	for _, code := range []icmp6.Code{icmp6.CodeNoRoute, icmp6.CodePortUnreachable} {
		k := newTalk("2001:db8::1", "2001:db8::2")
		k.ICMP6("2001:db8::66", "2001:db8::1", icmp6.DestUnreachable{Code: code, Quote: k.last})
		k.Wait(time.Second)
		for range 3 {
			k.hear(10, transport.ACK)
		}
		if f := traffic.One(t, detect.Config{}, k.Writer, finding.BlindReset); (f != nil) != (code == icmp6.CodePortUnreachable) {
			t.Errorf("%d: %+v", code, f)
		}
	}
}

// TestQuench: a source quench is worth a notice, one about nothing a warning.
func TestQuench(t *testing.T) {
	for _, unseen := range []bool{false, true} {
		w := &traffic.Writer{}
		sent := w.UDP(host, far, 5, 6, 7)
		if unseen {
			w.All = nil
		}
		w.ICMP(gateway, host, icmp4.SourceQuench{Quote: sent[:28]})
		f := traffic.One(t, detect.Config{}, w, finding.SourceQuench)
		if f == nil || f.Has(finding.FactUnseen) != unseen || f.Count != 1 || (f.Severity == finding.Warning) != unseen || f.Severity == finding.Alarm ||
			f.Facts[0].Text != "UDP "+host+":5 → "+far+":6" {
			t.Errorf("unseen %v: %+v", unseen, f)
		}
	}
	w := &traffic.Writer{}
	b := w.ICMP(gateway, host, icmp4.SourceQuench{Quote: make([]byte, 28)})
	b[24]++ // a bad checksum proves nothing
	if f := traffic.One(t, detect.Config{}, w, finding.SourceQuench); f != nil {
		t.Errorf("damaged: %+v", f)
	}
}

// TestLowering: what a report of a small MTU does not fit.
func TestLowering(t *testing.T) {
	facts := []finding.FactName{finding.FactTooLow, finding.FactFits, finding.FactNoDF, finding.FactUnseen, finding.FactNeverLarge, finding.FactOutOfWindow}
	about := func(big int, seq uint32, mtu uint16) *traffic.Writer {
		k := newTalk(host, far)
		k.hear(0, transport.ACK)
		k.DF = true
		k.say(big)
		var other traffic.Writer
		other.DF = true
		k.up.Seq = seq
		q := other.TCP(host, far, k.up, 1400)
		q[4] = 77 // another datagram of the connection
		k.ICMP(gateway, host, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: mtu, Quote: q[:28]})
		return k.Writer
	}
	unseen := func(talks bool) *traffic.Writer {
		w := &traffic.Writer{DF: true}
		if talks {
			w.UDP(host, gateway, 1, 2, 3)
		}
		q := w.UDP(host, far, 5, 6, 1400)
		w.All = w.All[:len(w.All)-1]
		w.ICMP(gateway, host, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1300, Quote: q[:28]})
		return w
	}
	for name, tt := range map[string]struct {
		w    *traffic.Writer
		want []finding.FactName
	}{
		"a large one was sent":    {about(1400, 1101, 1300), nil},
		"none that large":         {about(1260, 1101, 1300), []finding.FactName{finding.FactNeverLarge}},
		"one octet larger":        {about(1261, 1101, 1300), nil},
		"not in flight":           {about(1400, 1101+5000, 1300), []finding.FactName{finding.FactOutOfWindow}},
		"no MTU":                  {about(100, 1101, 0), nil},
		"unseen":                  {unseen(true), []finding.FactName{finding.FactUnseen}},
		"of whom nothing is seen": {unseen(false), nil},
	} {
		f := traffic.One(t, detect.Config{}, tt.w, finding.MTULowered)
		if f == nil != (tt.want == nil) || f != nil && (!says(f, facts, tt.want...) || f.Severity != finding.Alarm || f.Number(finding.FactMTU) != 1300 || f.From.String() != gateway) {
			t.Errorf("%s: %+v", name, f)
		}
		if f != nil && f.Has(finding.FactNeverLarge) && f.Number(finding.FactNeverLarge) != 1300 {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
