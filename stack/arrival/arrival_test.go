package arrival_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

var (
	src  = netip.MustParseAddr("192.0.2.1")
	dst  = netip.MustParseAddr("198.51.100.1")
	src6 = netip.MustParseAddr("2001:db8::1")
	dst6 = netip.MustParseAddr("2001:db8::2")
)

func read4(t *testing.T, h ip.Header4, payload []byte) *arrival.Datagram {
	t.Helper()
	h.Src, h.Dst = src, dst
	b, err := h.AppendPacket(nil, payload)
	if err != nil {
		t.Fatal(err)
	}
	m := &arrival.Datagram{Source: ip.Option4{Type: 9}, Group: true, Fragment: true, Cut: true, Translated: []byte{1}}
	m.Reset(append(b, 0xee), 3, report.Broadcast, mib.IPv4)
	if why := m.Read4(); why != mib.None {
		t.Fatal(why)
	}
	return m
}

func read6(t *testing.T, h ip.Header6, payload []byte) *arrival.Datagram {
	t.Helper()
	h.Src, h.Dst = src6, dst6
	b, err := h.AppendPacket(nil, payload)
	if err != nil {
		t.Fatal(err)
	}
	m := &arrival.Datagram{Options: []byte{1}}
	m.Reset(append(b, 0xee), 3, report.Unicast, mib.IPv6)
	if why := m.Read6(); why != mib.None {
		t.Fatal(why)
	}
	return m
}

func TestRead(t *testing.T) {
	p := []byte("12345678")
	m := read4(t, ip.Header4{TTL: 9, TOS: 7, Proto: 99, Options: []byte{1, 1, 1, 0}}, p)
	if m.Src != src || m.Dst != dst || m.TTL != 9 || m.TOS != 7 || m.Proto != 99 || m.Iface != 3 || m.Cast != report.Broadcast || m.V != mib.IPv4 ||
		!bytes.Equal(m.Options, []byte{1, 1, 1, 0}) || !bytes.Equal(m.Payload, p) || len(m.Octets) != 32 {
		t.Errorf("%+v", m)
	}
	if m.Fragment || !m.First || m.Group || m.Cut || m.Source.Type != 0 || m.Translated != nil {
		t.Errorf("what it was before shines through: %+v", m)
	}
	if m := read4(t, ip.Header4{MF: true}, p); !m.Fragment || !m.First {
		t.Error("a first fragment")
	}
	if m := read4(t, ip.Header4{FragOffset: 8}, p); !m.Fragment || m.First {
		t.Error("a last fragment")
	}
	m = read6(t, ip.Header6{HopLimit: 9, TrafficClass: 7, NextHeader: 99}, p)
	if m.Src != src6 || m.Dst != dst6 || m.TTL != 9 || m.TOS != 7 || m.Proto != 99 || m.Options != nil || !m.First || !bytes.Equal(m.Payload, p) || len(m.Octets) != 48 {
		t.Errorf("%+v", m)
	}
	whole := bytes.Clone(m.Octets)
	if why := m.Whole(whole); why != mib.None || m.Src != src6 {
		t.Errorf("whole: %v", why)
	}
	if why := m.Whole(whole[:47]); why != mib.Truncated {
		t.Errorf("cut: %v", why)
	}
	m = read4(t, ip.Header4{}, p)
	if why := m.Whole(m.Octets[:19]); why != mib.HeaderShort {
		t.Errorf("short: %v", why)
	}
	m.Reset(nil, 1, 0, mib.IPv4)
	if m.Src.IsValid() || m.Payload != nil || m.TTL != 0 || m.Iface != 1 {
		t.Errorf("after a reset: %+v", m)
	}
}

func TestHeaderFault(t *testing.T) {
	conform.Row(t, "E-06")
	for _, c := range []struct {
		err  error
		want mib.Drop
	}{
		{&wire.ParseError{Reason: wire.Truncated}, mib.Truncated},
		{&wire.ParseError{Reason: wire.Short}, mib.HeaderShort},
		{&wire.ParseError{Reason: wire.Version}, mib.HeaderVersion},
		{&wire.ParseError{Reason: wire.Checksum}, mib.HeaderChecksum},
		{&wire.ParseError{Reason: wire.Length, Offset: 2}, mib.TotalLength},
		{&wire.ParseError{Reason: wire.Length}, mib.HeaderLength},
		{&wire.ParseError{Reason: wire.Value}, mib.HeaderLength},
		{errors.New("other"), mib.HeaderLength},
	} {
		if got := arrival.HeaderFault(c.err); got != c.want {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}

func TestOptions4(t *testing.T) {
	conform.Row(t, "H-11")
	for _, c := range []struct {
		name    string
		options []byte
		routed  bool
		source  ip.OptionType
		fault   int // the pointer; 0: none
	}{
		{"none", nil, false, 0, 0},
		{"record route", []byte{7, 7, 4, 0, 0, 0, 0, 0}, false, 0, 0},
		{"source route", []byte{1, 0x83, 7, 4, 10, 0, 0, 1}, true, ip.OptLSRR, 0},
		{"strict", []byte{0x89, 7, 4, 10, 0, 0, 1, 0}, true, ip.OptSSRR, 0},
		{"spent", []byte{0x83, 7, 8, 10, 0, 0, 1, 0}, true, 0, 0},
		{"behind the end", []byte{0, 0x83, 7, 4, 10, 0, 0, 1}, false, 0, 0},
		{"length", []byte{1, 7, 9, 4}, false, 0, 22},
		{"pointer", []byte{0x83, 7, 3, 10, 0, 0, 1, 0}, true, 0, 22},
		{"timestamp", []byte{0x44, 8, 5, 0xf0, 0, 0, 0, 0}, false, 0, 0},
		{"timestamp, overflow", []byte{0x44, 8, 9, 0xe0, 0, 0, 0, 0}, false, 0, 0},
		{"timestamp, no more overflow", []byte{0x44, 8, 9, 0xf0, 0, 0, 0, 0}, false, 0, 23},
		{"timestamp, prespecified", []byte{0x44, 12, 13, 0xf3, 1, 2, 3, 4, 0, 0, 0, 0}, false, 0, 0},
	} {
		m := read4(t, ip.Header4{Options: c.options}, nil)
		f := m.Options4()
		if m.Source.Type != c.source || m.SourceRouted() != c.routed {
			t.Errorf("%s: source route %v, routed %v", c.name, m.Source.Type, m.SourceRouted())
		}
		switch {
		case c.fault == 0 && f.Drop != mib.None, c.fault != 0 && (f.Drop != mib.OptionFault || f.Report.Cause != report.BadField || f.Report.Pointer != uint32(c.fault)):
			t.Errorf("%s: %+v, want a pointer to %d", c.name, f, c.fault)
		}
	}
	if f := arrival.OptionFault(errors.New("other")); f.Drop != mib.OptionFault || f.Report.Cause != 0 {
		t.Errorf("%+v", f)
	}
}

func TestTransport(t *testing.T) {
	conform.Row(t, "G-11")
	udp := []byte{0, 5, 0, 7, 0, 8, 0, 0}
	opts := []byte{17, 0, 1, 4, 0, 0, 0, 0}
	frag := func(off byte) []byte { return append([]byte{17, 0, 0, off, 0, 0, 0, 1}, udp...) }
	for _, c := range []struct {
		name  string
		m     *arrival.Datagram
		proto ip.Proto
		ok    bool
		flow  []byte
	}{
		{"IPv4", read4(t, ip.Header4{Proto: 17}, udp), 17, true, udp},
		{"IPv4, first fragment", read4(t, ip.Header4{Proto: 17, MF: true}, udp), 17, true, nil},
		{"IPv4, last fragment", read4(t, ip.Header4{Proto: 17, FragOffset: 8}, udp), 17, false, nil},
		{"IPv6", read6(t, ip.Header6{NextHeader: 17, FlowLabel: 77}, udp), 17, true, udp},
		{"IPv6, options", read6(t, ip.Header6{NextHeader: ip.ProtoDestOpts, FlowLabel: 77}, append(bytes.Clone(opts), udp...)), 17, true, udp},
		{"IPv6, first fragment", read6(t, ip.Header6{NextHeader: ip.ProtoFragment, FlowLabel: 77}, frag(1)), 17, true, nil},
		{"IPv6, last fragment", read6(t, ip.Header6{NextHeader: ip.ProtoFragment, FlowLabel: 77}, frag(8)), 17, false, nil},
	} {
		proto, payload, ok := c.m.Transport()
		if proto != c.proto || ok != c.ok || !bytes.Equal(payload, udp) {
			t.Errorf("%s: %v, %x, %v", c.name, proto, payload, ok)
		}
		f := c.m.Flow(&route.Flow{Label: 1, Transport: []byte{9}}, 5)
		label := uint32(0)
		if c.m.V == mib.IPv6 {
			label = 77
		}
		if f.Seed != 5 || f.Src != c.m.Src || f.Dst != c.m.Dst || f.Proto != uint8(c.proto) || f.Label != label || !bytes.Equal(f.Transport, c.flow) {
			t.Errorf("%s: flow %+v", c.name, f)
		}
	}
	// A chain that is cut hides the transport.
	m := read6(t, ip.Header6{NextHeader: ip.ProtoDestOpts}, opts[:4])
	if proto, _, ok := m.Transport(); ok || proto != ip.ProtoDestOpts {
		t.Errorf("cut: %v, %v", proto, ok)
	}
	if f := m.Flow(new(route.Flow), 0); f.Transport != nil || f.Proto != uint8(ip.ProtoDestOpts) {
		t.Errorf("cut: %+v", f)
	}
}

func TestUpper6(t *testing.T) {
	conform.Row(t, "H-17")
	udp := []byte{0, 5, 0, 7, 0, 8, 0, 0}
	m := read6(t, ip.Header6{NextHeader: ip.ProtoDestOpts}, append([]byte{17, 0, 1, 4, 0, 0, 0, 0}, udp...))
	if f := m.Upper6(); f.Drop != mib.None || m.Proto != 17 || !bytes.Equal(m.Payload, udp) || m.Fragment || !m.First || m.Up.NextOffset != 40 {
		t.Errorf("%+v, %+v", f, m)
	}
	m = read6(t, ip.Header6{NextHeader: ip.ProtoFragment}, append([]byte{17, 0, 0, 1, 0, 0, 0, 1}, udp...))
	if f := m.Upper6(); f.Drop != mib.None || !m.Fragment || !m.First {
		t.Errorf("fragment: %+v, %+v", f, m)
	}
	m = read6(t, ip.Header6{NextHeader: ip.ProtoFragment}, append([]byte{17, 0, 0, 8, 0, 0, 0, 1}, udp...))
	if f := m.Upper6(); f.Drop != mib.None || !m.Fragment || m.First {
		t.Errorf("last fragment: %+v, %+v", f, m)
	}
	m = read6(t, ip.Header6{NextHeader: ip.ProtoFragment}, append([]byte{17, 0, 0, 0, 0, 0, 0, 1}, udp...))
	if f := m.Upper6(); f.Drop != mib.None || m.Fragment {
		t.Errorf("atomic fragment: %+v, %+v", f, m)
	}
	m = read6(t, ip.Header6{NextHeader: ip.ProtoDestOpts}, append([]byte{17, 0, 0xc1, 4, 0, 0, 0, 0}, udp...))
	m.Group = true
	if f := m.Upper6(); f.Drop != mib.OptionUnknown || f.Report.Cause != 0 {
		t.Errorf("not about a group: %+v", f)
	}
}
