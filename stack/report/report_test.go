package report_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

var (
	src  = netip.MustParseAddr("192.0.2.1")
	dst  = netip.MustParseAddr("198.51.100.1")
	gate = netip.MustParseAddr("203.0.113.1")
	src6 = netip.MustParseAddr("2001:db8::1")
	dst6 = netip.MustParseAddr("2001:db8::2")
	gat6 = netip.MustParseAddr("2001:db8::9")
)

func datagram4(tb testing.TB, h ip.Header4, n int) []byte {
	tb.Helper()
	h.Src, h.Dst, h.TTL = or(h.Src, src), or(h.Dst, dst), 9
	if h.Proto == 0 {
		h.Proto = ip.ProtoUDP
	}
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i)
	}
	b, err := h.AppendPacket(nil, p)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func datagram6(tb testing.TB, h ip.Header6, payload []byte) []byte {
	tb.Helper()
	h.Src, h.Dst, h.HopLimit = or(h.Src, src6), or(h.Dst, dst6), 9
	if h.NextHeader == 0 {
		h.NextHeader = ip.ProtoUDP
	}
	b, err := h.AppendPacket(nil, payload)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func or(a, b netip.Addr) netip.Addr {
	if a.IsValid() {
		return a
	}
	return b
}

func TestAppend(t *testing.T) {
	for _, row := range []string{"E-08", "E-09", "E-11"} {
		conform.Row(t, row)
	}
	d := datagram4(t, ip.Header4{TOS: 0xff, Options: []byte{1, 1, 1, 0}}, 1000)
	for _, c := range []struct {
		name  string
		r     report.Report
		o     report.Origin
		quote int
		tos   uint8
		ttl   ip.TTL
		check func(m icmp4.Message) bool
	}{
		{"plain", report.Report{Cause: report.NoRoute}, report.Origin{Src: gate}, 548, 0, 64, nil},
		{"from a gateway", report.Report{Cause: report.TTLExceeded}, report.Origin{Src: gate, Gateway: true, TTL: 200, ID: 77}, 548, 0xdc, 200, nil},
		{"header and 8", report.Report{Cause: report.NoRoute}, report.Origin{Src: gate, Quote: 8}, 32, 0, 64, nil},
		{"less than 8", report.Report{Cause: report.NoRoute}, report.Origin{Src: gate, Quote: 7}, 32, 0, 64, nil},
		{"header and 9", report.Report{Cause: report.NoRoute}, report.Origin{Src: gate, Quote: 9}, 33, 0, 64, nil},
		{"a limit", report.Report{Cause: report.NoRoute}, report.Origin{Src: gate, Limit: 100}, 72, 0, 64, nil},
		{"a large limit", report.Report{Cause: report.NoRoute}, report.Origin{Src: gate, Limit: 2000}, 1024, 0, 64, nil},
		{"a small limit", report.Report{Cause: report.NoRoute}, report.Origin{Src: gate, Limit: 1}, 32, 0, 64, nil},
		{"too big", report.Report{Cause: report.TooBig, MTU: 65535}, report.Origin{Src: gate}, 548, 0, 64, func(m icmp4.Message) bool { return m.(icmp4.DestUnreachable).MTU == 65535 }},
		{"an MTU where none is told", report.Report{Cause: report.NoRoute, MTU: 9}, report.Origin{Src: gate}, 548, 0, 64, func(m icmp4.Message) bool { return m.(icmp4.DestUnreachable).MTU == 0 }},
		{"pointer", report.Report{Cause: report.BadField, Pointer: 255}, report.Origin{Src: gate}, 548, 0, 64, func(m icmp4.Message) bool { return m.(icmp4.ParameterProblem).Pointer == 255 }},
		{"redirect", report.Report{Cause: report.RedirectHost, Gateway: dst}, report.Origin{Src: gate}, 548, 0, 64, func(m icmp4.Message) bool { return m.(icmp4.Redirect).Gateway == dst }},
		{"quench", report.Report{Cause: report.Quench}, report.Origin{Src: gate}, 548, 0, 64, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := c.r.Append([]byte("before"), append(bytes.Clone(d), 9, 9), c.o)
			if err != nil || !bytes.HasPrefix(b, []byte("before")) {
				t.Fatal(err)
			}
			h, p, err := ip.Parse4(b[6:])
			if err != nil {
				t.Fatal(err)
			}
			m, err := icmp4.Parse(p)
			k, _ := c.r.Cause.Kind4()
			if err != nil || m.Kind() != k {
				t.Fatalf("%v, %v, want %v", m, err, k)
			}
			if h.Src != gate || h.Dst != src || h.TOS != c.tos || h.TTL != c.ttl || h.ID != c.o.ID {
				t.Errorf("header %v", h)
			}
			if !bytes.Equal(p[8:], d[:c.quote]) {
				t.Errorf("quotes %d octets, want %d", len(p)-8, c.quote)
			}
			if c.check != nil && !c.check(m) {
				t.Errorf("%+v", m)
			}
		})
	}
	short := datagram4(t, ip.Header4{}, 3)
	b, err := report.Report{Cause: report.NoRoute}.Append(nil, short, report.Origin{Src: gate, Limit: 1})
	if err != nil || !bytes.Equal(b[28:], short) {
		t.Errorf("a short datagram: %x, %v", b, err)
	}
}

func TestAppendExtension(t *testing.T) {
	conform.Row(t, "G-12")
	labels, err := extension.AppendLabels(nil, extension.Label{Label: 5, Bottom: true, TTL: 1})
	if err != nil {
		t.Fatal(err)
	}
	ext, err := extension.Structure{Objects: labels}.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 600 {
		d := datagram4(t, ip.Header4{}, n)
		b, err := report.Report{Cause: report.TTLExceeded, Ext: ext}.Append(nil, d, report.Origin{Src: gate})
		if err != nil || len(b) > 576 {
			t.Fatalf("%d octets: %d, %v", n, len(b), err)
		}
		m, err := icmp4.ParseTimeExceeded(b[20:])
		if err != nil || !bytes.Equal(m.Ext, ext) || !bytes.HasPrefix(m.Quote, d[:min(len(d), 536)]) {
			t.Fatalf("%d octets: %v, %v", n, m, err)
		}
	}
	for n := range 1300 {
		d := datagram6(t, ip.Header6{}, make([]byte, n))
		b, err := report.Report{Cause: report.TTLExceeded, Ext: ext}.Append(nil, d, report.Origin{Src: gat6})
		if err != nil || len(b) > 1280 {
			t.Fatalf("IPv6, %d octets: %d, %v", n, len(b), err)
		}
	}
	for _, c := range []report.Cause{report.NoRoute, report.BadField, report.TTLExceeded} {
		b, err := report.Report{Cause: c, Ext: ext}.Append(nil, datagram4(t, ip.Header4{}, 100), report.Origin{Src: gate})
		if err != nil || !bytes.HasSuffix(b, ext) || len(b) != 28+128+len(ext) {
			t.Errorf("%v: %d octets, %v", c, len(b), err)
		}
	}
	for _, c := range []report.Cause{report.NoRoute, report.TTLExceeded} {
		b, err := report.Report{Cause: c, Ext: ext}.Append(nil, datagram6(t, ip.Header6{}, make([]byte, 80)), report.Origin{Src: gat6})
		if err != nil || !bytes.HasSuffix(b, ext) || len(b) != 48+128+len(ext) {
			t.Errorf("IPv6, %v: %d octets, %v", c, len(b), err)
		}
	}
	// What cannot carry one goes without.
	b, err := report.Report{Cause: report.RedirectHost, Gateway: dst, Ext: ext}.Append(nil, datagram4(t, ip.Header4{}, 100), report.Origin{Src: gate})
	if err != nil || len(b) != 28+120 {
		t.Errorf("redirect: %d octets, %v", len(b), err)
	}
	b, err = report.Report{Cause: report.TooBig, Ext: ext}.Append(nil, datagram6(t, ip.Header6{}, nil), report.Origin{Src: gat6})
	if err != nil || len(b) != 48+40 {
		t.Errorf("packet too big: %d octets, %v", len(b), err)
	}
}

func TestAppend6(t *testing.T) {
	conform.Row(t, "E-08")
	conform.Row(t, "H-17")
	d := datagram6(t, ip.Header6{TrafficClass: 0xff}, make([]byte, 1400))
	for _, c := range []struct {
		r     report.Report
		check func(m icmp6.Message) bool
	}{
		{report.Report{Cause: report.NoRoute}, func(m icmp6.Message) bool { return true }},
		{report.Report{Cause: report.TooBig, MTU: 1400}, func(m icmp6.Message) bool { return m.(icmp6.PacketTooBig).MTU == 1400 }},
		{report.Report{Cause: report.TTLExceeded}, func(m icmp6.Message) bool { return true }},
		{report.Report{Cause: report.BadOption, Pointer: 70000}, func(m icmp6.Message) bool { return m.(icmp6.ParameterProblem).Pointer == 70000 }},
		{report.Report{Cause: report.BeyondScope}, func(m icmp6.Message) bool { return true }},
	} {
		b, err := c.r.Append(nil, append(bytes.Clone(d), 7), report.Origin{Src: gat6, Gateway: true})
		if err != nil {
			t.Fatal(err)
		}
		h, p, err := ip.Parse6(b)
		if err != nil {
			t.Fatal(err)
		}
		m, err := icmp6.Parse(p, h.Src, h.Dst)
		k, _ := c.r.Cause.Kind6()
		if err != nil || m.Kind() != k || !c.check(m) || len(b) != 1280 || !bytes.Equal(p[8:], d[:1232]) {
			t.Errorf("%v: %v, %v", c.r.Cause, m, err)
		}
		if h.TrafficClass != 0xc0 || h.HopLimit != 64 || h.Dst != src6 || h.Src != gat6 {
			t.Errorf("%v: header %v", c.r.Cause, h)
		}
	}
	// A limit makes an error shorter, and never longer than every link takes.
	for limit, want := range map[int]int{1279: 1279, 1280: 1280, 1281: 1280, 65535: 1280} {
		b, err := report.Report{Cause: report.NoRoute}.Append(nil, d, report.Origin{Src: gat6, Limit: limit})
		if err != nil || len(b) != want {
			t.Errorf("limit %d: %d octets, %v; want %d", limit, len(b), err, want)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	d, d6 := datagram4(t, ip.Header4{}, 8), datagram6(t, ip.Header6{}, nil)
	for _, c := range []struct {
		name  string
		r     report.Report
		d     []byte
		src   netip.Addr
		field string // "": a *wire.ParseError
	}{
		{"no cause", report.Report{}, d, gate, "Cause"},
		{"a cause of IPv6", report.Report{Cause: report.BadOption}, d, gate, "Cause"},
		{"a cause of IPv4", report.Report{Cause: report.Quench}, d6, gat6, "Cause"},
		{"a number that is none", report.Report{Cause: 255}, d, gate, "Cause"},
		{"no source", report.Report{Cause: report.NoRoute}, d, netip.Addr{}, "Src"},
		{"another family", report.Report{Cause: report.NoRoute}, d, gat6, "Src"},
		{"another family, six", report.Report{Cause: report.NoRoute}, d6, gate, "Src"},
		{"a mapped source", report.Report{Cause: report.NoRoute}, d6, netip.MustParseAddr("::ffff:192.0.2.1"), "Src"},
		{"MTU", report.Report{Cause: report.TooBig, MTU: 65536}, d, gate, "MTU"},
		{"pointer", report.Report{Cause: report.BadField, Pointer: 256}, d, gate, "Pointer"},
		{"nothing", report.Report{Cause: report.NoRoute}, nil, gate, ""},
		{"19 octets", report.Report{Cause: report.NoRoute}, d[:19], gate, ""},
		{"39 octets", report.Report{Cause: report.NoRoute}, d6[:39], gat6, ""},
		{"version", report.Report{Cause: report.NoRoute}, append([]byte{0x55}, d[1:]...), gate, ""},
		{"header length", report.Report{Cause: report.NoRoute}, append([]byte{0x44}, d[1:]...), gate, ""},
		{"header beyond the end", report.Report{Cause: report.NoRoute}, append([]byte{0x4f}, d[1:]...), gate, ""},
	} {
		b, err := c.r.Append([]byte{7}, c.d, report.Origin{Src: c.src})
		var fe *wire.FieldError
		var pe *wire.ParseError
		switch {
		case !bytes.Equal(b, []byte{7}):
			t.Errorf("%s: the slice is now %x", c.name, b)
		case c.field == "" && !errors.As(err, &pe), c.field != "" && (!errors.As(err, &fe) || fe.Field != c.field):
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAllocs(t *testing.T) {
	d, d6, buf := datagram4(t, ip.Header4{}, 600), datagram6(t, ip.Header6{}, nil), make([]byte, 0, 1500)
	wiretest.NoAllocs(t, "report", func() {
		_ = report.May(report.About{Octets: d}, report.NoRoute)
		_ = report.May(report.About{Octets: d6}, report.NoRoute)
		_, _ = report.Report{Cause: report.TTLExceeded}.Append(buf, d, report.Origin{Src: gate})
		_, _ = report.Report{Cause: report.TTLExceeded}.Append(buf, d6, report.Origin{Src: gat6})
	})
}
