package claim_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

var (
	r4, h4, d4 = netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("192.0.2.9")
	r6, h6, d6 = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("2001:db8:9::9")
)

// about4 and about6 are datagrams to quote.
func about4() []byte {
	b, err := ip.Header4{TTL: 1, Proto: ip.ProtoUDP, Src: h4, Dst: d4}.AppendPacket(nil, []byte{1, 2, 3, 4, 0, 8, 5, 6})
	if err != nil {
		panic(err)
	}
	return b
}

func about6() []byte {
	b, err := ip.Header6{HopLimit: 1, NextHeader: ip.ProtoUDP, Src: h6, Dst: d6}.AppendPacket(nil, []byte{1, 2, 3, 4, 0, 8, 5, 6})
	if err != nil {
		panic(err)
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

func octets6(tb testing.TB, m icmp6.Message) []byte {
	tb.Helper()
	b, err := m.Append(nil, r6, h6)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestRead4(t *testing.T) {
	q := about4()
	ext := []byte{0x20, 0, 0xdf, 0xff} // an empty structure
	for _, c := range []struct {
		m      icmp4.Message
		want   claim.Claim // without quote and extension
		ext    bool
		advice bool
		port   bool
		text   string
	}{
		{icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: q}, claim.Claim{Type: 3, Code: 1}, false, false, false, "3/1 Destination Unreachable: Host Unreachable"},
		{icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: q}, claim.Claim{Type: 3, Code: 3}, false, false, true, "3/3 Destination Unreachable: Port Unreachable"},
		{icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: q}, claim.Claim{Type: 3, Code: 4, MTU: 1400}, false, false, false, ""},
		{icmp4.SourceQuench{Quote: q}, claim.Claim{Type: 4}, false, true, false, ""},
		{icmp4.Redirect{Code: icmp4.CodeRedirectHost, Gateway: d4, Quote: q}, claim.Claim{Type: 5, Code: 1, Gateway: d4}, false, true, false, ""},
		{icmp4.TimeExceeded{Code: icmp4.CodeTTLExceeded, Quote: q, Ext: ext}, claim.Claim{Type: 11}, true, false, false, ""},
		{icmp4.TimeExceeded{Code: 3, Quote: q}, claim.Claim{Type: 11, Code: 3}, false, false, false, ""},
		{icmp4.ParameterProblem{Pointer: 20, Quote: q, Ext: ext}, claim.Claim{Type: 12, Pointer: 20}, true, false, false, ""},
		{icmp4.DestUnreachable{Code: icmp4.CodeAdminProhibited, Quote: q, Ext: ext}, claim.Claim{Type: 3, Code: 13}, true, false, false, ""},
	} {
		m := octets4(t, c.m)
		var got claim.Claim
		got.MTU, got.Ext = 7, ext // leftovers
		if err := got.Read(r4, h4, m); err != nil {
			t.Errorf("%v: %v", c.m, err)
			continue
		}
		if got.Quote.Src != h4 || got.Quote.Dst != d4 || !got.Quote.Has(quote.Ports|quote.Checksum) {
			t.Errorf("%v: quote %v", c.m, got.Quote)
		}
		if c.ext != bytes.Equal(got.Ext, ext) || !c.ext && got.Ext != nil {
			t.Errorf("%v: extension %x", c.m, got.Ext)
		}
		if got.Advice() != c.advice || got.PortUnreachable() != c.port || !claim.Is(false, got.Type) {
			t.Errorf("%v: advice %v, port unreachable %v, is one %v", c.m, got.Advice(), got.PortUnreachable(), claim.Is(false, got.Type))
		}
		if c.text != "" && got.String() != c.text {
			t.Errorf("%v: %q", c.m, got.String())
		}
		c.want.From = r4
		if got.From != c.want.From || got.Type != c.want.Type || got.Code != c.want.Code || got.MTU != c.want.MTU ||
			got.Pointer != c.want.Pointer || got.Gateway != c.want.Gateway {
			t.Errorf("%v: %+v", c.m, got)
		}
	}
}

func TestRead6(t *testing.T) {
	q := about6()
	ext := []byte{0x20, 0, 0xdf, 0xff}
	for _, c := range []struct {
		m    icmp6.Message
		want claim.Claim
		ext  bool
		port bool
		text string
	}{
		{icmp6.DestUnreachable{Code: icmp6.CodePortUnreachable, Quote: q}, claim.Claim{Type: 1, Code: 4}, false, true, "1/4 Destination Unreachable: port unreachable"},
		{icmp6.DestUnreachable{Code: 3, Quote: q, Ext: ext}, claim.Claim{Type: 1, Code: 3}, true, false, ""},
		{icmp6.PacketTooBig{MTU: 1280, Quote: q}, claim.Claim{Type: 2, MTU: 1280}, false, false, ""},
		{icmp6.PacketTooBig{MTU: 1 << 20, Quote: q}, claim.Claim{Type: 2, MTU: 65535}, false, false, ""},
		{icmp6.TimeExceeded{Quote: q, Ext: ext}, claim.Claim{Type: 3}, true, false, ""},
		{icmp6.TimeExceeded{Code: 4, Quote: q}, claim.Claim{Type: 3, Code: 4}, false, false, ""},
		{icmp6.ParameterProblem{Code: 1, Pointer: 40, Quote: q}, claim.Claim{Type: 4, Code: 1, Pointer: 40}, false, false, ""},
		{icmp6.Raw{Type: 100, Code: 5, Body: append(make([]byte, 4), q...)}, claim.Claim{Type: 100, Code: 5}, false, false, ""},
	} {
		m := octets6(t, c.m)
		var got claim.Claim
		got.MTU, got.Ext = 7, ext
		if err := got.Read(r6, h6, m); err != nil {
			t.Errorf("%v: %v", c.m, err)
			continue
		}
		if got.Quote.Src != h6 || got.Quote.Dst != d6 || !got.Quote.Has(quote.Ports|quote.Checksum) {
			t.Errorf("%v: quote %v", c.m, got.Quote)
		}
		if c.ext != bytes.Equal(got.Ext, ext) || !c.ext && got.Ext != nil {
			t.Errorf("%v: extension %x", c.m, got.Ext)
		}
		if got.From != r6 || got.Type != c.want.Type || got.Code != c.want.Code || got.MTU != c.want.MTU || got.Pointer != c.want.Pointer {
			t.Errorf("%v: %+v", c.m, got)
		}
		if got.Advice() || got.PortUnreachable() != c.port || !claim.Is(true, got.Type) || c.text != "" && got.String() != c.text {
			t.Errorf("%v: advice %v, port unreachable %v, %q", c.m, got.Advice(), got.PortUnreachable(), got.String())
		}
	}
}

func TestRefused(t *testing.T) {
	good4, good6 := octets4(t, icmp4.TimeExceeded{Quote: about4()}), octets6(t, icmp6.TimeExceeded{Quote: about6()})
	flip := func(m []byte, at int) []byte {
		m = bytes.Clone(m)
		m[at] ^= 1
		return m
	}
	for _, c := range []struct {
		name     string
		from, to netip.Addr
		m        []byte
		want     wire.Reason
	}{
		{"checksum", r4, h4, flip(good4, 30), wire.Checksum},
		{"checksum of IPv6", r6, h6, flip(good6, 40), wire.Checksum},
		{"sent to another", r6, d6, good6, wire.Checksum},
		{"empty", r4, h4, nil, wire.Short},
		{"empty of IPv6", r6, h6, nil, wire.Short},
		{"no error", r4, h4, octets4(t, icmp4.Echo{ID: 1}), wire.Mismatch},
		{"no error of IPv6", r6, h6, octets6(t, icmp6.Echo{ID: 1}), wire.Mismatch},
		{"of a type to come, short", r6, h6, octets6(t, icmp6.Raw{Type: 100})[:4], wire.Short},
		{"without a quote", r4, h4, octets4(t, icmp4.TimeExceeded{}), wire.Truncated},
		{"quote of nothing", r4, h4, octets4(t, icmp4.TimeExceeded{Quote: []byte{0x10}}), wire.Version},
	} {
		var got claim.Claim
		if err := got.Read(c.from, c.to, c.m); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	var c claim.Claim
	if err := c.Decode(r6, []byte{100, 0, 0, 0}); !errors.Is(err, wire.Short) {
		t.Errorf("four octets: %v", err)
	}
	var field *wire.FieldError
	if err := c.Read(r6, h4, good6); !errors.As(err, &field) {
		t.Errorf("two families: %v", err)
	}
	for _, x := range []uint8{0, 8, 9, 13, 43, 255} {
		if claim.Is(false, x) {
			t.Errorf("type %d is an error", x)
		}
	}
	if claim.Is(true, 128) || !claim.Is(true, 127) || claim.Is(false, 1) || !claim.Is(true, 1) {
		t.Error("the types of ICMPv6")
	}
}

// TestFamilies checks that what a type means goes by the family.
func TestFamilies(t *testing.T) {
	for _, c := range []struct {
		c            claim.Claim
		advice, port bool
	}{
		{claim.Claim{From: r6, Type: 4}, false, false},
		{claim.Claim{From: r4, Type: 4}, true, false},
		{claim.Claim{From: r6, Type: 3, Code: 3}, false, false},
		{claim.Claim{From: r4, Type: 1, Code: 4}, false, false},
		{claim.Claim{From: r4, Type: 11, Code: 3}, false, false},
		{claim.Claim{From: r6, Type: 3, Code: 4}, false, false},
		{claim.Claim{From: r6, Type: 1, Code: 3}, false, false},
	} {
		if c.c.Advice() != c.advice || c.c.PortUnreachable() != c.port {
			t.Errorf("%v from %v: %v %v", &c.c, c.c.From, c.c.Advice(), c.c.PortUnreachable())
		}
	}
}

func TestNoAllocs(t *testing.T) {
	m4, m6 := octets4(t, icmp4.TimeExceeded{Quote: about4()}), octets6(t, icmp6.TimeExceeded{Quote: about6()})
	var c claim.Claim
	wiretest.NoAllocs(t, "ICMPv4", func() { _ = c.Read(r4, h4, m4) })
	wiretest.NoAllocs(t, "ICMPv6", func() { _ = c.Read(r6, h6, m6) })
}

func FuzzRead(f *testing.F) {
	f.Add(true, octets4(f, icmp4.TimeExceeded{Quote: about4()}))
	f.Add(false, octets6(f, icmp6.TimeExceeded{Quote: about6()}))
	f.Fuzz(func(t *testing.T, four bool, m []byte) {
		from := r6
		if four {
			from = r4
		}
		var c claim.Claim
		err := c.Decode(from, m)
		if err == nil && (!claim.Is(!four, c.Type) || c.Quote.Version == 0) {
			t.Errorf("read %+v", c)
		}
		_ = c.String()
	})
}
