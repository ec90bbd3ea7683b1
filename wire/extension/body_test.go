package extension_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/extension"
)

// quoteOf returns n octets that are no extension wherever they are cut.
func quoteOf(n int) []byte { return bytes.Repeat([]byte{0x45}, n) }

// stack is a structure with one label.
var stack = []byte{0x20, 0, 0x9a, 0x0d, 0, 8, 1, 1, 0x03, 0xe8, 0x41, 0x01}

func TestSplit(t *testing.T) {
	conform.Row(t, "W-17")
	conform.Row(t, "W-18")
	changed := func(at int, v ...byte) []byte {
		b := bytes.Clone(stack)
		copy(b[at:], v)
		return b
	}
	for _, r := range []struct {
		name   string
		quote  int // octets before ext
		ext    []byte
		length uint8
		unit   int
		at     int // where Split should divide; 0: nowhere
		legacy bool
	}{
		{"neither", 28, nil, 0, 4, 0, false},
		{"nothing at all", 0, nil, 0, 4, 0, false},
		{"length in words of 4", 128, stack, 32, 4, 128, false},
		{"length in words of 8", 128, stack, 16, 8, 128, false},
		{"long quote", 1020, stack, 255, 4, 1020, false},
		{"long quote of ICMPv6", 2040, stack, 255, 8, 2040, false},
		{"length and one octet", 128, []byte{1}, 32, 4, 128, false},
		{"length and what is no structure", 128, quoteOf(40), 32, 4, 128, false},
		{"length, and it is all", 128, nil, 32, 4, 0, false},
		{"length past the end", 127, nil, 32, 4, 0, false},
		{"length, structure without checksum", 128, changed(2, 0, 0), 32, 4, 128, false},

		{"legacy", 128, stack, 0, 4, 128, true},
		{"legacy of ICMPv6", 128, stack, 0, 8, 128, true},
		{"legacy, header alone", 128, []byte{0x20, 0, 0xdf, 0xff}, 0, 4, 128, true},
		{"legacy, with reserved bits", 128, []byte{0x2f, 0xff, 0xd0, 0x00}, 0, 4, 128, true},
		{"too short for a header", 128, []byte{0x20, 0, 0xdf}, 0, 4, 0, false},
		{"one octet late", 129, stack, 0, 4, 0, false},
		{"one octet early", 127, stack, 0, 4, 0, false},
		{"legacy without checksum", 128, changed(2, 0, 0), 0, 4, 0, false},
		{"legacy, bad checksum", 128, changed(11, 2), 0, 4, 0, false},
		{"legacy, version 1", 128, []byte{0x10, 0, 0xef, 0xff}, 0, 4, 0, false},
		{"legacy, version 3", 128, []byte{0x30, 0, 0xcf, 0xff}, 0, 4, 0, false},
		{"legacy, checksum in the low octet alone", 128, []byte{0x20, 0, 0, 0xff, 0xdf, 0}, 0, 4, 128, true},
		{"legacy, checksum in the high octet alone", 128, []byte{0x20, 0, 0xdf, 0, 0, 0xff}, 0, 4, 128, true},
		{"no quote, nothing but a structure", 0, stack, 0, 4, 0, false},

		{"short length before a structure", 28, stack, 7, 4, 28, false},
		{"short length before other octets", 28, quoteOf(100), 7, 4, 0, false},
		{"short length before a structure without checksum", 28, changed(2, 0, 0), 7, 4, 0, false},
		{"short length, long quote", 124, quoteOf(100), 31, 4, 0, false},
		{"short length before three octets", 28, stack[:3], 7, 4, 0, false},
		{"short length of ICMPv6", 120, quoteOf(100), 15, 8, 0, false},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := append(quoteOf(r.quote), r.ext...)
			want := extension.Body{Quote: b, Length: r.length, Legacy: r.legacy}
			if r.at != 0 {
				want.Quote, want.Ext = b[:r.at], b[r.at:]
			}
			got := extension.Split(b, r.length, r.unit)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("quote of %d, ext of %d, length %d, legacy %v; want %d, %d, %v",
					len(got.Quote), len(got.Ext), got.Length, got.Legacy, len(want.Quote), len(want.Ext), want.Legacy)
			}
			if got.Ext != nil && cap(got.Quote) != len(got.Quote) {
				t.Error("an append to the quote would write into the extension")
			}
			length, err := got.Attribute("test", r.unit)
			if err != nil || length != r.length {
				t.Errorf("attribute %d, %v, want %d", length, err, r.length)
			}
			if out := got.Append(nil, r.unit); !bytes.Equal(out, b) || got.Len(r.unit) != len(b) {
				t.Errorf("append: %d octets, Len %d, want %d as they came", len(out), got.Len(r.unit), len(b))
			}
		})
	}
}

// TestPad builds a body without a length attribute: padding and attribute are
// computed.
func TestPad(t *testing.T) {
	conform.Row(t, "W-17")
	for _, r := range []struct {
		quote, unit, padded int
		length              uint8
	}{
		{0, 4, 128, 32},
		{28, 4, 128, 32},
		{127, 4, 128, 32},
		{128, 4, 128, 32},
		{129, 4, 132, 33},
		{132, 4, 132, 33},
		{133, 4, 136, 34},
		{1017, 4, 1020, 255},
		{1020, 4, 1020, 255},
		{0, 8, 128, 16},
		{128, 8, 128, 16},
		{129, 8, 136, 17},
		{136, 8, 136, 17},
		{137, 8, 144, 18},
		{2040, 8, 2040, 255},
	} {
		t.Run(fmt.Sprintf("%d octets, unit %d", r.quote, r.unit), func(t *testing.T) {
			m := extension.Body{Quote: quoteOf(r.quote), Ext: stack}
			length, err := m.Attribute("test", r.unit)
			if err != nil || length != r.length {
				t.Errorf("attribute %d, %v, want %d", length, err, r.length)
			}
			want := append(append(quoteOf(r.quote), make([]byte, r.padded-r.quote)...), stack...)
			got := m.Append(bytes.Repeat([]byte{0xa5}, 4096)[:2], r.unit)
			if !bytes.Equal(got, append([]byte{0xa5, 0xa5}, want...)) || m.Len(r.unit) != len(want) {
				t.Errorf("%d octets, Len %d, want %d", len(got)-2, m.Len(r.unit), len(want))
			}
			m.Ext = nil
			if length, err := m.Attribute("test", r.unit); length != 0 || err != nil || m.Len(r.unit) != r.quote {
				t.Errorf("without extension: attribute %d, %v, %d octets", length, err, m.Len(r.unit))
			}
		})
	}
	m := extension.Body{Quote: quoteOf(28), Ext: stack, Legacy: true}
	if length, err := m.Attribute("test", 4); length != 0 || err != nil || m.Len(4) != 128+len(stack) {
		t.Errorf("legacy: attribute %d, %v, %d octets", length, err, m.Len(4))
	}
}

func TestBodyRefused(t *testing.T) {
	conform.Row(t, "W-17")
	const exact = "as many octets as Length says"
	for _, r := range []struct {
		name string
		m    extension.Body
		unit int
		want wire.FieldError
	}{
		{"over 255 words of 4", extension.Body{Quote: quoteOf(1021)}, 4, wire.FieldError{Value: 1021, Limit: 1020}},
		{"over 255 words of 8", extension.Body{Quote: quoteOf(2041)}, 8, wire.FieldError{Value: 2041, Limit: 2040}},
		{"legacy", extension.Body{Quote: quoteOf(129), Legacy: true}, 4, wire.FieldError{Value: 129, Limit: 128}},
		{"one less than Length", extension.Body{Quote: quoteOf(127), Length: 32}, 4, wire.FieldError{Want: exact}},
		{"one more than Length", extension.Body{Quote: quoteOf(129), Length: 32}, 4, wire.FieldError{Want: exact}},
	} {
		r.m.Ext, r.want.Type, r.want.Field = stack, "icmp4.Test", "Quote"
		length, err := r.m.Attribute("icmp4.Test", r.unit)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || *fe != r.want || length != 0 {
			t.Errorf("%s: %d, %v, want %v", r.name, length, err, &r.want)
		}
		r.m.Ext = nil
		if length, err := r.m.Attribute("icmp4.Test", r.unit); err != nil || length != r.m.Length {
			t.Errorf("%s, without extension: %d, %v", r.name, length, err)
		}
	}
}

func TestBodyNoAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	for _, b := range [][]byte{quoteOf(28), quoteOf(548), append(quoteOf(128), stack...)} {
		out := make([]byte, 0, 1024)
		wiretest.NoAllocs(t, "split and append", func() {
			m := extension.Split(b, 0, extension.Unit4)
			if _, err := m.Attribute("test", extension.Unit4); err != nil {
				t.Fatal(err)
			}
			if got := m.Append(out, extension.Unit4); len(got) != len(b) {
				t.Fatal(len(got))
			}
		})
	}
}
