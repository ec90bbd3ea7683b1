package extension_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/extension"
)

var seeds = []string{
	"2000 dfff",
	"2000 0000 0008 0101 03e8 4101",
	"2000 0000 001c 020f 00000003 0001 0000 c0000201 08 65746830 000000 000005dc",
	"2000 0000 0024 028f 00000003 0002 0000 20010db8000000000000000000000001 04 616531 00002328",
	"2000 0000 000c 0301 6574683130 000000  0008 0302 01020304  0010 0303 4005 06 00 020000000001 0000",
	"2fff 0000 0008 0401 00000028 0003 0101 00",
	"2000 0000 0028 02c6 0001 abcd c0000201 40 65746830 000000",
}

// FuzzParse feeds any octets, their checksum mended, to the structure and to
// every object in it: what parses, appends to the same octets.
func FuzzParse(f *testing.F) {
	conform.Row(f, "W-17")
	conform.Row(f, "W-20")
	conform.Row(f, "W-21")
	for _, s := range seeds {
		f.Add(wiretest.Octets(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		structures.Seal(b)
		before := bytes.Clone(b)
		s, err := extension.Parse(b)
		if err != nil {
			fault(t, err, len(b))
			if len(b) >= 4 && b[0]>>4 == 2 {
				t.Fatalf("refused: %v", err)
			}
			return
		}
		out, err := s.AppendBinary(nil)
		if err != nil || !bytes.Equal(out, before) || s.Len() != len(b) {
			t.Fatalf("append, %v:\n got %x\nwant %x", err, out, before)
		}
		at := extension.HeaderLen
		for o, err := range s.All() {
			if err != nil {
				fault(t, err, len(b))
				break
			}
			if o.Offset != at || cap(o.Payload) != len(o.Payload) {
				t.Fatalf("object at %d, capacity %d for %d octets; want at %d", o.Offset, cap(o.Payload), len(o.Payload), at)
			}
			same(t, o, before[at:at+o.Len()], len(b))
			at += o.Len()
		}
		_ = s.String()
		if !bytes.Equal(b, before) {
			t.Fatal("what was parsed has changed")
		}
	})
}

// same checks that what o is parsed as appends to want.
func same(t *testing.T, o extension.Object, want []byte, n int) {
	t.Helper()
	check := func(what string, got []byte, size int, err error) {
		t.Helper()
		if err != nil || !bytes.Equal(got, want) || size != len(got) {
			t.Fatalf("%s, Len %d, %v:\n got %x\nwant %x", what, size, err, got, want)
		}
	}
	got, err := o.AppendBinary(nil)
	check("object", got, o.Len(), err)
	if i, err := extension.ParseInterfaceInfo(o); err == nil {
		got, err := i.AppendBinary(nil)
		check("interface information", got, i.Len(), err)
	} else {
		fault(t, err, n)
	}
	if i, err := extension.ParseInterfaceID(o); err == nil {
		got, err := i.AppendBinary(nil)
		check("interface identification", got, i.Len(), err)
	} else {
		fault(t, err, n)
	}
	if p, err := extension.ParsePointer(o); err == nil {
		got := extension.AppendPointer(nil, p)
		check("pointer", got, len(got), nil)
	} else {
		fault(t, err, n)
	}
	var all []extension.Label
	for l, err := range extension.Labels(o) {
		if err != nil {
			fault(t, err, n)
			return
		}
		all = append(all, l)
	}
	got, err = extension.AppendLabels(nil, all...)
	check("labels", got, len(got), err)
}

// fault checks that err says what and where.
func fault(t *testing.T, err error, n int) {
	t.Helper()
	var pe *wire.ParseError
	if !errors.As(err, &pe) || pe.Type == "" || pe.Reason == 0 || pe.Offset < 0 || pe.Offset > n {
		t.Fatalf("error %#v of %d octets", err, n)
	}
}

// FuzzSplit divides any octets, with a structure behind them that a fuzzer
// would not find by itself: what is divided appends to the same octets and the
// same attribute.
func FuzzSplit(f *testing.F) {
	conform.Row(f, "W-18")
	conform.Row(f, "W-20")
	f.Add(quoteOf(128), []byte{0, 8, 1, 1, 0, 1, 0x11, 1}, uint8(0), true)
	f.Add(quoteOf(128), []byte{0, 8, 1, 1, 0, 1, 0x11, 1}, uint8(16), true)
	f.Add(quoteOf(28), []byte{}, uint8(7), false)
	f.Add(quoteOf(1), []byte{1}, uint8(255), false)
	f.Fuzz(func(t *testing.T, quote, objects []byte, length uint8, six bool) {
		unit := extension.Unit4
		if six {
			unit = extension.Unit6
		}
		ext, err := extension.Structure{Objects: objects}.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		b := append(bytes.Clone(quote), ext...)
		m := extension.Split(b, length, unit)
		if len(quote) == 128 && length == 0 && (!m.Legacy || binary.BigEndian.Uint16(m.Ext[2:]) == 0) {
			t.Fatalf("a structure at octet 128 is not found: %d, %d", len(m.Quote), len(m.Ext))
		}
		if got, err := m.Attribute("test", unit); err != nil || got != length {
			t.Fatalf("attribute %d, %v, want %d", got, err, length)
		}
		if got := m.Append(nil, unit); !bytes.Equal(got, b) || m.Len(unit) != len(b) {
			t.Fatalf("append: %d octets, Len %d, want %d", len(got), m.Len(unit), len(b))
		}
	})
}
