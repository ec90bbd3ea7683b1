package ip_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

func TestOptionType6(t *testing.T) {
	for _, r := range []struct {
		t       ip.OptionType6
		number  uint8
		action  ip.OptionAction
		mutable bool
	}{
		{ip.Opt6Pad1, 0, ip.ActionSkip, false},
		{ip.Opt6PadN, 1, ip.ActionSkip, false},
		{ip.Opt6TunnelLimit, 4, ip.ActionSkip, false},
		{ip.Opt6RouterAlert, 5, ip.ActionSkip, false},
		{ip.Opt6Jumbo, 0xc2, ip.ActionReportUnicast, false},
		{ip.Opt6HomeAddress, 0xc9, ip.ActionReportUnicast, false},
		{0x3f, 0x3f, ip.ActionSkip, true},
		{0x40, 0x40, ip.ActionDiscard, false},
		{0x80, 0x80, ip.ActionReport, false},
		{0xa0, 0xa0, ip.ActionReport, true},
	} {
		if uint8(r.t) != r.number || r.t.Action() != r.action || r.t.Mutable() != r.mutable {
			t.Errorf("%#x: action %d, mutable %t", uint8(r.t), r.t.Action(), r.t.Mutable())
		}
	}
}

func TestOptions6(t *testing.T) {
	conform.Row(t, "W-24")
	for _, r := range []struct {
		name   string
		hex    string
		want   string // "type@offset:data"
		offset int    // of the error; 0: none
	}{
		{"padding by one", "11 00 000000000000", "0@48: 0@49: 0@50: 0@51: 0@52: 0@53:", 0},
		{"padding by many", "11 00 0104 00000000", "1@48:00000000", 0},
		{"router alert", "11 00 0502 0102 0100", "5@48:0102 1@52:", 0},
		{"to the end", "11 00 c204 00010000", "194@48:00010000", 0},
		{"empty option", "11 00 1e00 1e00 1e00", "30@48: 30@50: 30@52:", 0},
		{"past the end by one", "11 00 1e05 00010000", "", 49},
		{"past the end", "11 00 0502 0102 1eff", "5@48:0102", 53},
		{"no length octet", "11 00 0503 010203 1e", "5@48:010203", 53},
	} {
		// The header stands behind another of six octets, to try offsets.
		e := ip.Extension6{Type: ip.ProtoHopByHop, Offset: 46, Data: octets(t, r.hex)}
		for _, e.Type = range []ip.Proto{ip.ProtoHopByHop, ip.ProtoDestOpts} {
			var got []string
			var fault error
			for o, err := range e.Options() {
				if err != nil {
					fault = err
					if o.Data != nil || o.Type != 0 || o.Offset != 0 {
						t.Errorf("%s: option %v with the error", r.name, o)
					}
					continue
				}
				got = append(got, fmt.Sprintf("%d@%d:%x", uint8(o.Type), o.Offset, o.Data))
			}
			if strings.Join(got, " ") != r.want {
				t.Errorf("%s: %q, want %q", r.name, got, r.want)
			}
			if r.offset != 0 {
				wiretest.WantParseError(t, r.name, fault, r.offset, wire.Length)
			} else if fault != nil {
				t.Errorf("%s: %v", r.name, fault)
			}
		}
	}
	for _, err := range (ip.Extension6{Type: ip.ProtoRouting, Offset: 48, Data: make([]byte, 8)}).Options() {
		wiretest.WantParseError(t, "routing header", err, 48, wire.Mismatch)
	}
}

func TestOptions6Stops(t *testing.T) {
	n := 0
	for range (ip.Extension6{Type: ip.ProtoDestOpts, Data: make([]byte, 8)}).Options() {
		n++
		break
	}
	if n != 1 {
		t.Error(n)
	}
}

func TestUnrecognized(t *testing.T) {
	known := func(o ip.OptionType6) bool { return o == 0xc9 }
	for _, r := range []struct {
		name, hex string
		found     bool
		offset    int
	}{
		{"padding", "11 00 0104 00000000", false, 0},
		{"one to skip", "11 00 1e04 00000000", false, 0},
		{"a known one", "11 00 c904 00000000", false, 0},
		{"one to discard", "11 00 c900 4002 0000", true, 50},
		{"one to report", "11 00 000000 8001 00", true, 51},
		{"the first of two", "11 00 000000 8000 c2", true, 51},
	} {
		e := ip.Extension6{Type: ip.ProtoDestOpts, Offset: 46, Data: octets(t, r.hex)}
		o, found, err := e.Unrecognized(known)
		if found != r.found || o.Offset != r.offset || err != nil {
			t.Errorf("%s: %v, %t, %v", r.name, o, found, err)
		}
	}
	e := ip.Extension6{Type: ip.ProtoDestOpts, Offset: 46, Data: octets(t, "11 00 0104 000000")}
	if _, found, err := e.Unrecognized(known); found {
		t.Error(err)
	} else {
		wiretest.WantParseError(t, "broken", err, 49, wire.Length)
	}
}

func TestAppendOptions6(t *testing.T) {
	conform.Row(t, "W-24")
	for n := range 24 {
		var raw []byte
		for len(raw)+2 < n {
			raw, _ = ip.Option6{Type: 30, Data: []byte{9}}.AppendBinary(raw)
		}
		for len(raw) < n {
			raw, _ = ip.Option6{}.AppendBinary(raw)
		}
		b, err := ip.AppendOptions6([]byte{0x77}, ip.ProtoUDP, raw)
		if err != nil || b[0] != 0x77 || len(b)%8 != 1 || len(b) < n+3 || len(b) > n+3+7 || !bytes.Equal(b[3:3+len(raw)], raw) {
			t.Fatalf("%d octets of options: %x, %v", len(raw), b, err)
		}
		b = append(b[1:], octets(t, udp8)...)
		h := ip.Header6{NextHeader: ip.ProtoHopByHop, PayloadLen: uint16(len(b))}
		u, err := h.Upper(b)
		if err != nil || u.Proto != ip.ProtoUDP || u.Offset != 40+len(b)-8 {
			t.Fatalf("%d octets of options: upper %+v, %v", len(raw), u, err)
		}
		for e := range h.Extensions(b) {
			end := 0
			for o, err := range e.Options() {
				if err != nil {
					t.Fatalf("%d octets of options: %v", len(raw), err)
				}
				if o.Offset-40 >= 2+len(raw) && len(bytes.Trim(o.Data, "\x00")) != 0 {
					t.Errorf("%d octets of options: padding %x", len(raw), o.Data)
				}
				end = o.Offset
			}
			if end == 0 {
				t.Errorf("%d octets of options: none read", len(raw))
			}
		}
	}
	b, err := ip.AppendOptions6(nil, 0, make([]byte, 2046))
	if err != nil || len(b) != 2048 || b[1] != 255 {
		t.Errorf("the longest: %d octets, %v", len(b), err)
	}
	b, err = ip.AppendOptions6([]byte{0x77}, 0, make([]byte, 2047))
	wiretest.WantFieldError(t, "one octet too many", b, err, "Data")
	wiretest.WantLimit(t, "one octet too many", err, 2047, 2046)
}

func TestOption6AppendBinary(t *testing.T) {
	b, err := ip.Option6{Offset: 9, Type: ip.Opt6RouterAlert, Data: []byte{1, 2}}.AppendBinary([]byte{0x77})
	if err != nil || !bytes.Equal(b, octets(t, "77 05 02 0102")) {
		t.Errorf("router alert: %x, %v", b, err)
	}
	b, err = ip.Option6{Type: ip.Opt6Pad1}.AppendBinary([]byte{0x77})
	if err != nil || !bytes.Equal(b, octets(t, "77 00")) {
		t.Errorf("padding: %x, %v", b, err)
	}
	b, err = ip.Option6{Type: 30, Data: make([]byte, 255)}.AppendBinary(nil)
	if err != nil || len(b) != 257 || b[1] != 255 {
		t.Errorf("the longest: %d octets, %v", len(b), err)
	}
	b, err = ip.Option6{Type: 30, Data: make([]byte, 256)}.AppendBinary([]byte{0x77})
	wiretest.WantFieldError(t, "too long", b, err, "Data")
	wiretest.WantLimit(t, "too long", err, 256, 255)
	b, err = ip.Option6{Data: make([]byte, 1)}.AppendBinary([]byte{0x77})
	wiretest.WantFieldError(t, "padding of two", b, err, "Data")
	wiretest.WantLimit(t, "padding of two", err, 1, 0)
}
