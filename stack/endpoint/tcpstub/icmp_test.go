package tcpstub_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// quoteOf is what an error quotes about a segment of the connection with the
// sequence number: what an attacker makes up who knows addresses and ports.
func quoteOf(tb testing.TB, c *tcpstub.Conn, seq uint32) []byte {
	tb.Helper()
	b, err := transport.TCP{SrcPort: c.Local().Port(), DstPort: c.Remote().Port(), Seq: seq, Flags: transport.ACK}.
		AppendPacket(nil, addrA, addrB, make([]byte, 1460))
	if err != nil {
		tb.Fatal(err)
	}
	d, err := ip.Header4{TTL: 60, DF: true, Proto: ip.ProtoTCP, Src: addrA, Dst: addrB}.AppendPacket(nil, b)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func unreachable(c icmp4.Code, mtu uint16, q []byte) icmp4.DestUnreachable {
	return icmp4.DestUnreachable{Code: c, MTU: mtu, Quote: q[:28]}
}

// busy is a pair in the middle of a transfer, with segments in flight.
func busy(t *testing.T, c tcpstub.Config) (*pair, *tcpstub.Conn) {
	t.Helper()
	p := newPair(t, c, tcpstub.Config{})
	p.delay = 50 * time.Millisecond
	conn := p.connected(addrB, 100_000)
	p.run(at(5 * time.Second))
	if una, next := conn.Window(); una == next {
		t.Fatal("nothing in flight")
	}
	return p, conn
}

// TestWindowDecides: SND.UNA =< SEG.SEQ < SND.NXT, and nothing beside it.
func TestWindowDecides(t *testing.T) {
	conform.Row(t, "H-05")
	p, c := busy(t, tcpstub.Config{})
	una, next := c.Window()
	want, told := 0, 0
	for _, tt := range []struct {
		seq  uint32
		fits bool
	}{
		{una - 1, false}, {una, true}, {una + 1, true}, {next - 1, true}, {next, false}, {una + 1<<31, false},
	} {
		p.fault(icmp4.TimeExceeded{Quote: quoteOf(t, c, tt.seq)[:28]})
		if tt.fits {
			want++
		}
		if got := c.Stats().Soft; got != want {
			t.Errorf("sequence number %d from the window's beginning: told %d times, want %d", int32(tt.seq-una), got, want)
		}
		told = c.Stats().Soft
	}
	for name, change := range map[string]func(q []byte){
		"another source port":      func(q []byte) { q[21] ^= 1 },
		"another destination port": func(q []byte) { q[23] ^= 1 },
		"another destination":      func(q []byte) { q[19] ^= 1 },
	} {
		q := quoteOf(t, c, una)[:28]
		if change(q); true {
			p.fault(icmp4.TimeExceeded{Quote: q})
		}
		if c.Stats().Soft != told {
			t.Errorf("%s: told", name)
		}
	}
	p.fault(icmp4.TimeExceeded{Quote: quoteOf(t, c, una)[:24]}) // ports, no sequence number
	if c.Stats().Soft != told {
		t.Error("no sequence number: told")
	}
	k := p.a.node.Counters()
	if k.Dropped(mib.QuoteUnrecognised) != 7 {
		t.Errorf("%d unrecognised, want 7", k.Dropped(mib.QuoteUnrecognised))
	}
}

// TestHardBeforeSynchronised: a hard error ends what is not established yet.
func TestHardBeforeSynchronised(t *testing.T) {
	conform.Row(t, "H-04")
	for _, code := range []icmp4.Code{icmp4.CodeProtocolUnreachable, icmp4.CodePortUnreachable} {
		p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
		c, err := p.a.Connect(epoch, addrPort(addrB, 80), 0)
		if err != nil {
			t.Fatal(err)
		}
		iss, next := c.Window()
		if next != iss+1 {
			t.Fatalf("window %d to %d", iss, next)
		}
		p.fault(unreachable(code, 0, quoteOf(t, c, iss+1)))
		p.fault(unreachable(icmp4.CodeHostUnreachable, 0, quoteOf(t, c, iss)))
		if c.State() != tcpstub.SynSent || c.Stats().Soft != 1 {
			t.Fatalf("%v, %+v", c.State(), c.Stats())
		}
		p.fault(unreachable(code, 0, quoteOf(t, c, iss)))
		if c.State() != tcpstub.Aborted || !errors.Is(c.Err(), tcpstub.ErrHard) || c.Stats().Hard != 1 {
			t.Errorf("%v, %v", c.State(), c.Err())
		}
	}
}

// TestHardSynchronised: on an established connection it is a soft one, and the
// transfer goes on.
func TestHardSynchronised(t *testing.T) {
	conform.Row(t, "H-06")
	p, c := busy(t, tcpstub.Config{})
	una, _ := c.Window()
	for _, code := range []icmp4.Code{icmp4.CodeProtocolUnreachable, icmp4.CodePortUnreachable} {
		p.fault(unreachable(code, 0, quoteOf(t, c, una)))
	}
	if c.State() != tcpstub.Established || c.Stats().Soft != 2 || c.Stats().Hard != 0 {
		t.Errorf("%v, %+v", c.State(), c.Stats())
	}
	before := c.Stats().Acked
	p.run(at(10 * time.Second))
	if got := c.Stats().Acked - before; got < 490_000 {
		t.Errorf("%d octets in the 5 s after", got)
	}
}

// TestBlindReset is the attack on both: one who knows addresses and ports and
// guesses a sequence number.
func TestBlindReset(t *testing.T) {
	conform.Row(t, "H-05")
	for _, credulous := range []bool{false, true} {
		p, c := busy(t, tcpstub.Config{Credulous: credulous})
		_, next := c.Window()
		p.fault(unreachable(icmp4.CodePortUnreachable, 0, quoteOf(t, c, next+12345)))
		if dead := c.State() == tcpstub.Aborted; dead != credulous {
			t.Errorf("credulous %v: %v", credulous, c.State())
		}
	}
}

// TestTooBig: a true report makes segments smaller, and what was in flight
// arrives all the same; a forged one does so with the defences off only.
func TestTooBig(t *testing.T) {
	conform.Row(t, "H-16")
	p, c := busy(t, tcpstub.Config{})
	una, next := c.Window()
	p.fault(unreachable(icmp4.CodeFragNeeded, 1000, quoteOf(t, c, next)))
	if c.Stats().MSS != 1460 {
		t.Errorf("segments of %d octets after a forged report", c.Stats().MSS)
	}
	p.fault(unreachable(icmp4.CodeFragNeeded, 1000, quoteOf(t, c, una)))
	st := c.Stats()
	if st.MSS != 960 || st.TooBig != 1 || st.Resent == 0 {
		t.Errorf("%+v", st)
	}
	p.sent = nil
	p.run(at(10 * time.Second))
	for _, d := range p.sent {
		if len(d) > 1000 {
			t.Fatalf("a datagram of %d octets", len(d))
		}
	}
	if got := c.Stats().Acked; got < 970_000 || p.peer().Stats().Received < got {
		t.Errorf("%d octets in 10 s, the peer has %d", got, p.peer().Stats().Received)
	}
	// A larger one changes nothing.
	una, _ = c.Window()
	p.fault(unreachable(icmp4.CodeFragNeeded, 1200, quoteOf(t, c, una)))
	if c.Stats().MSS != 960 {
		t.Errorf("segments of %d octets", c.Stats().MSS)
	}

	p, c = busy(t, tcpstub.Config{Credulous: true})
	_, next = c.Window()
	p.fault(unreachable(icmp4.CodeFragNeeded, 600, quoteOf(t, c, next+999)))
	if c.Stats().MSS != 560 {
		t.Errorf("credulous: segments of %d octets", c.Stats().MSS)
	}
}

// TestPathMTUKnown: what the node knows about the path already makes segments
// fit without any report.
func TestPathMTUKnown(t *testing.T) {
	p, c := busy(t, tcpstub.Config{})
	una, _ := c.Window()
	p.fault(unreachable(icmp4.CodeFragNeeded, 1000, quoteOf(t, c, una)))
	second, err := p.a.Connect(p.now, addrPort(addrB, 80), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	p.run(p.now.Add(2 * time.Second))
	if st := second.Stats(); st.MSS != 960 || st.TooBig != 0 || st.Acked == 0 {
		t.Errorf("%+v", st)
	}
}

// TestSourceQuench: segments are spaced out, and recover; forged, only with the
// defences off.
func TestSourceQuench(t *testing.T) {
	conform.Row(t, "H-09")
	p, c := busy(t, tcpstub.Config{})
	una, next := c.Window()
	p.fault(icmp4.SourceQuench{Quote: quoteOf(t, c, next)[:28]})
	if c.Stats().Delay != 0 || c.Stats().Slow != 0 {
		t.Errorf("%+v after a forged one", c.Stats())
	}
	p.fault(icmp4.SourceQuench{Quote: quoteOf(t, c, una)[:28]})
	if c.Stats().Delay != 75*time.Millisecond || c.Stats().Slow != 1 {
		t.Errorf("%+v", c.Stats())
	}
	before := c.Stats().Segments
	p.run(at(10 * time.Second))
	if got := c.Stats().Segments - before; got < 66 || got > 71 {
		t.Errorf("%d segments in 5 s, want one every 75 ms or little less", got)
	}
	p.run(at(3 * time.Minute))
	before = c.Stats().Acked
	p.run(at(3*time.Minute + 10*time.Second))
	if got := c.Stats().Acked - before; got < 990_000 {
		t.Errorf("%d octets in 10 s, three minutes later", got)
	}

	p, c = busy(t, tcpstub.Config{Credulous: true})
	_, next = c.Window()
	p.fault(icmp4.SourceQuench{Quote: quoteOf(t, c, next+5)[:28]})
	if c.Stats().Delay == 0 {
		t.Error("credulous, and not slowed down")
	}
}

// TestErrorAboutTrueSegment: the quote of a segment that was sent, as a gateway
// would cut it, is recognised.
func TestErrorAboutTrueSegment(t *testing.T) {
	p, c := busy(t, tcpstub.Config{})
	var segment []byte
	una, next := c.Window()
	for _, d := range p.sent {
		if seq := binary.BigEndian.Uint32(d[24:]); len(d) > 40 && seq-una < next-una {
			segment = bytes.Clone(d)
		}
	}
	p.fault(icmp4.TimeExceeded{Quote: segment[:28]})
	if c.Stats().Soft != 1 {
		t.Errorf("%+v", c.Stats())
	}
}
