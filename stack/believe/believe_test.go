package believe_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/believe"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

var (
	me   = netip.MustParseAddr("192.0.2.1")
	peer = netip.MustParseAddr("198.51.100.1")
	gate = netip.MustParseAddr("203.0.113.1")
	me6  = netip.MustParseAddr("2001:db8::1")
	far6 = netip.MustParseAddr("2001:db8::2")
)

func sent4(tb testing.TB) []byte {
	tb.Helper()
	b, err := ip.Header4{TTL: 9, Proto: ip.ProtoUDP, Src: me, Dst: peer}.AppendPacket(nil, []byte{0, 5, 0, 7, 0, 8, 0, 0})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func octets4(tb testing.TB, m icmp4.Message) []byte {
	tb.Helper()
	b, err := m.AppendBinary(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestRead4(t *testing.T) {
	conform.Row(t, "H-04")
	q := sent4(t)
	ext := octets4(t, icmp4.TimeExceeded{Quote: q, Ext: []byte{0x20, 0, 0, 0}})
	for _, c := range []struct {
		b     []byte
		sev   believe.Severity
		cause report.Cause
		check func(c *believe.Claim) bool
	}{
		{octets4(t, icmp4.DestUnreachable{Code: 0, Quote: q}), believe.Soft, report.NoRoute, nil},
		{octets4(t, icmp4.DestUnreachable{Code: 1, Quote: q}), believe.Soft, report.HostUnreachable, nil},
		{octets4(t, icmp4.DestUnreachable{Code: 2, Quote: q}), believe.Hard, report.ProtocolUnreachable, nil},
		{octets4(t, icmp4.DestUnreachable{Code: 3, Quote: q}), believe.Hard, report.PortUnreachable, nil},
		{octets4(t, icmp4.DestUnreachable{Code: 4, MTU: 1400, Quote: q}), believe.TooBig, report.TooBig, func(c *believe.Claim) bool { return c.MTU == 1400 }},
		{octets4(t, icmp4.DestUnreachable{Code: 5, Quote: q}), believe.Soft, report.SourceRouteFailed, nil},
		{octets4(t, icmp4.DestUnreachable{Code: 77, Quote: q}), believe.Soft, 0, func(c *believe.Claim) bool { return c.Code == 77 }},
		{octets4(t, icmp4.SourceQuench{Quote: q}), believe.Slow, report.Quench, nil},
		{octets4(t, icmp4.Redirect{Code: 1, Gateway: gate, Quote: q}), believe.Rerouted, report.RedirectHost, func(c *believe.Claim) bool { return c.Gateway == gate }},
		{octets4(t, icmp4.TimeExceeded{Code: 1, Quote: q}), believe.Soft, report.ReassemblyTimeout, nil},
		{ext, believe.Soft, report.TTLExceeded, func(c *believe.Claim) bool { return len(c.Ext) == 4 }},
		{octets4(t, icmp4.ParameterProblem{Pointer: 9, Quote: q}), believe.Soft, report.BadField, func(c *believe.Claim) bool { return c.Pointer == 9 }},
	} {
		e, err := believe.Read4(gate, c.b)
		if err != nil {
			t.Fatal(err)
		}
		if e.From != gate || e.Type != c.b[0] || e.Code != c.b[1] || e.Severity != c.sev || e.Cause != c.cause ||
			e.Quote == nil || e.Quote.Src != me || e.Quote.Dst != peer || e.Quote.SrcPort != 5 || e.Quote.DstPort != 7 {
			t.Errorf("%x: %+v", c.b[:8], e)
		}
		if c.check != nil && !c.check(e) {
			t.Errorf("%x: %+v", c.b[:8], e)
		}
	}
	damaged := octets4(t, icmp4.TimeExceeded{Quote: q})
	damaged[9] ^= 1
	if _, err := believe.Read4(gate, damaged); !errors.Is(err, wire.Checksum) {
		t.Errorf("damaged: %v", err)
	}
	if _, err := believe.Read4(gate, octets4(t, icmp4.Echo{})); !errors.Is(err, wire.Mismatch) {
		t.Errorf("no error: %v", err)
	}
	for _, b := range [][]byte{nil, {3}, {3, 1, 0, 0}, {11, 0, 0, 0, 0, 0, 0}} {
		var c believe.Claim
		if err := c.Set4(gate, b); err == nil {
			t.Errorf("%x: no fault", b)
		}
	}
	// What it was before does not shine through.
	c, _ := believe.Read4(gate, octets4(t, icmp4.DestUnreachable{Code: 4, MTU: 1400, Quote: q}))
	if err := c.Set4(peer, octets4(t, icmp4.TimeExceeded{})); err != nil || c.MTU != 0 || c.Quote != nil || c.Severity != believe.Soft || c.From != peer {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestRead6(t *testing.T) {
	conform.Row(t, "H-04")
	conform.Row(t, "E-13")
	q, err := ip.Header6{HopLimit: 9, NextHeader: ip.ProtoUDP, Src: me6, Dst: far6}.AppendPacket(nil, []byte{0, 5, 0, 7, 0, 8, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		m     icmp6.Message
		sev   believe.Severity
		cause report.Cause
		mtu   int
		ptr   uint32
	}{
		{icmp6.DestUnreachable{Code: 0, Quote: q}, believe.Soft, report.NoRoute, 0, 0},
		{icmp6.DestUnreachable{Code: 3, Quote: q}, believe.Soft, report.HostUnreachable, 0, 0},
		{icmp6.DestUnreachable{Code: 4, Quote: q}, believe.Hard, report.PortUnreachable, 0, 0},
		{icmp6.PacketTooBig{MTU: 1400, Quote: q}, believe.TooBig, report.TooBig, 1400, 0},
		{icmp6.PacketTooBig{MTU: 1<<32 - 1, Quote: q}, believe.TooBig, report.TooBig, 65535, 0},
		{icmp6.TimeExceeded{Code: 1, Quote: q}, believe.Soft, report.ReassemblyTimeout, 0, 0},
		{icmp6.ParameterProblem{Code: 0, Pointer: 70000, Quote: q}, believe.Soft, report.BadField, 0, 70000},
		{icmp6.ParameterProblem{Code: 1, Pointer: 6, Quote: q}, believe.Hard, report.ProtocolUnreachable, 0, 6},
		{icmp6.ParameterProblem{Code: 2, Pointer: 6, Quote: q}, believe.Soft, report.BadOption, 0, 6},
		{icmp6.Raw{Type: 77, Code: 1, Body: append(make([]byte, 4), q...)}, believe.Soft, 0, 0, 0},
		{icmp6.Raw{Type: 127, Body: append(make([]byte, 4), q...)}, believe.Soft, 0, 0, 0},
	} {
		b, err := c.m.Append(nil, far6, me6)
		if err != nil {
			t.Fatal(err)
		}
		e, err := believe.Read6(far6, me6, b)
		if err != nil {
			t.Fatal(err)
		}
		if e.From != far6 || e.Type != b[0] || e.Code != b[1] || e.Severity != c.sev || e.Cause != c.cause || e.MTU != c.mtu || e.Pointer != c.ptr ||
			e.Quote == nil || e.Quote.Src != me6 || e.Quote.DstPort != 7 {
			t.Errorf("%v: %+v", c.m, e)
		}
		if _, err := believe.Read6(far6, far6, b); !errors.Is(err, wire.Checksum) {
			t.Errorf("%v to another: %v", c.m, err)
		}
	}
	b, _ := icmp6.Echo{}.Append(nil, far6, me6)
	if _, err := believe.Read6(far6, me6, b); !errors.Is(err, wire.Mismatch) {
		t.Errorf("no error: %v", err)
	}
	for _, b := range [][]byte{nil, {1, 0, 0}, {77, 0, 0, 0, 0, 0, 0}} {
		var c believe.Claim
		if err := c.Set6(far6, b); err == nil {
			t.Errorf("%x: no fault", b)
		}
	}
}

func TestJudge(t *testing.T) {
	for _, row := range []string{"H-05", "H-06", "H-16"} {
		conform.Row(t, row)
	}
	mine := func(a netip.Addr) bool { return a == me }
	for _, c := range []struct {
		m        icmp4.Message
		standing believe.Standing
		want     mib.Drop
		sev      believe.Severity
	}{
		{icmp4.DestUnreachable{Code: 3, Quote: sent4(t)}, believe.InFlight, mib.None, believe.Hard},
		{icmp4.DestUnreachable{Code: 3, Quote: sent4(t)}, believe.Synchronised, mib.None, believe.Soft},
		{icmp4.DestUnreachable{Code: 3, Quote: sent4(t)}, believe.Unrecognised, mib.QuoteUnrecognised, believe.Hard},
		{icmp4.DestUnreachable{Code: 4, MTU: 600, Quote: sent4(t)}, believe.Unrecognised, mib.PTBUnrecognised, believe.TooBig},
		{icmp4.DestUnreachable{Code: 4, MTU: 600, Quote: sent4(t)}, believe.Synchronised, mib.None, believe.TooBig},
		{icmp4.DestUnreachable{Code: 0, Quote: sent4(t)}, believe.Synchronised, mib.None, believe.Soft},
		{icmp4.SourceQuench{Quote: sent4(t)}, believe.Synchronised, mib.None, believe.Slow},
		{icmp4.DestUnreachable{Code: 3, Quote: sent4(t)[:18]}, believe.InFlight, mib.QuoteUnreadable, believe.Hard},
		{icmp4.DestUnreachable{Code: 3}, believe.InFlight, mib.QuoteUnreadable, believe.Hard},
	} {
		e, err := believe.Read4(gate, octets4(t, c.m))
		if err != nil {
			t.Fatal(err)
		}
		asked := 0
		got := e.Judge(mine, func(q *quote.Quote) believe.Standing {
			if asked++; q.Dst != peer {
				t.Errorf("asked about %+v", q)
			}
			return c.standing
		})
		if got != c.want || e.Severity != c.sev {
			t.Errorf("%v, standing %d: %v, %v; want %v, %v", c.m, c.standing, got, e.Severity, c.want, c.sev)
		}
		if want := 1; c.want == mib.QuoteUnreadable && asked != 0 || c.want != mib.QuoteUnreadable && asked != want {
			t.Errorf("%v: asked %d times", c.m, asked)
		}
	}
	e, _ := believe.Read4(gate, octets4(t, icmp4.DestUnreachable{Quote: sent4(t)}))
	got := e.Judge(func(netip.Addr) bool { return false }, func(*quote.Quote) believe.Standing {
		t.Error("asked about what was not sent from here")
		return believe.InFlight
	})
	if got != mib.QuoteForeign {
		t.Errorf("not from here: %v", got)
	}
}

func TestSeverity(t *testing.T) {
	seen := map[string]bool{}
	for s := believe.Soft; s <= believe.Rerouted; s++ {
		if seen[s.String()] || s.String() == "unknown" {
			t.Errorf("severity %d is %q", s, s.String())
		}
		seen[s.String()] = true
	}
	if (believe.Rerouted + 1).String() != "unknown" {
		t.Error("what is no severity has a name")
	}
}

func TestAllocs(t *testing.T) {
	b := octets4(t, icmp4.TimeExceeded{Quote: sent4(t)})
	var c believe.Claim
	wiretest.NoAllocs(t, "read and judge", func() {
		if c.Set4(gate, b) != nil || c.Judge(func(netip.Addr) bool { return true }, func(*quote.Quote) believe.Standing { return believe.InFlight }) != mib.None {
			t.Fatal("not believed")
		}
	})
}
