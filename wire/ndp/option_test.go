package ndp_test

import (
	"bytes"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ndp"
)

var optionRows = []wiretest.Row[ndp.Option]{
	{
		Name:  "captive portal",
		Value: ndp.Option{Type: 37, Body: []byte("a:b\x00\x00\x00")},
		Hex:   `25 01 613a62000000`,
		Text:  "DHCP Captive-Portal, 6 octets",
	},
	{
		Name:  "unassigned, two units",
		Value: ndp.Option{Type: 99, Body: octets(`0102030405060708090a0b0c0d0e`)},
		Hex:   `63 02 0102030405060708090a0b0c0d0e`,
		Text:  "Unassigned, 14 octets",
	},
	{
		Name:  "a prefix information that is none",
		Value: ndp.Option{Type: ndp.TypePrefixInformation, Body: make([]byte, 6)},
		Hex:   `03 01 000000000000`,
		Text:  "Prefix Information, 6 octets",
	},
}

func TestOption(t *testing.T) {
	conform.Row(t, "W-19")
	conform.Row(t, "W-21")
	wiretest.Run(t, codec(func(o ndp.Option) (ndp.Option, error) { return o, nil }), optionRows)
}

func TestOptionLimits(t *testing.T) {
	for _, n := range []int{0, 5, 7, 13, 15} {
		refused(t, ndp.Option{Body: make([]byte, n)}, wire.FieldError{Type: "ndp.Option", Field: "Body", Want: "6 octets, or 8, 16, … more"})
	}
	accepted(t, ndp.Option{Body: make([]byte, 2038)}, 2040)
	refused(t, ndp.Option{Body: make([]byte, 2046)}, wire.FieldError{Type: "ndp.Option", Field: "Body", Value: 2046, Limit: 2038})
}

// all are the options of all tables, one behind the other.
func all() []byte {
	return bytes.Join([][]byte{
		hexes(optionRows), hexes(linkLayerRows), hexes(redirectedRows), hexes(mtuRows), hexes(nonceRows),
		hexes(prefixRows), hexes(routeRows), hexes(pref64Rows), hexes(rdnssRows), hexes(dnsslRows),
	}, nil)
}

func hexes[T any](table []wiretest.Row[T]) []byte {
	var b []byte
	for _, r := range table {
		b = append(b, octets(r.Hex)...)
	}
	return b
}

func TestOptions(t *testing.T) {
	conform.Row(t, "W-19")
	conform.Row(t, "W-21")
	b := all()
	var again []byte
	for o, err := range ndp.Options(b) {
		if err != nil {
			t.Fatal(err)
		}
		if o.Offset != len(again) || int(o.Type) != int(b[o.Offset]) {
			t.Errorf("%v at %d, want %d", o, o.Offset, len(again))
		}
		again, err = o.AppendBinary(again)
		if err != nil {
			t.Fatal(err)
		}
		_ = append(o.Body, 0xee) // overwrites nothing
	}
	if !bytes.Equal(again, b) || !bytes.Equal(b, all()) {
		t.Errorf("appended:\n got %x\nwant %x", again, b)
	}
	for range ndp.Options(nil) {
		t.Error("an option in nothing")
	}
	n := 0
	for range ndp.Options(b) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d options before the break", n)
	}
}

// An option of length 0 would never end; one that reaches past the end would
// read there.
func TestOptionsEnd(t *testing.T) {
	conform.Row(t, "W-20")
	good := `0101 02005e001001`
	for _, c := range []struct {
		name, hex string
		count     int
		want      wire.ParseError
	}{
		{"length 0 at once", `0100`, 0, wire.ParseError{Type: "ndp.Option", Offset: 1, Reason: wire.Length}},
		{"length 0 behind another", good + `0500 0000000005dc`, 1, wire.ParseError{Type: "ndp.Option", Offset: 9, Reason: wire.Length}},
		{"past the end", good + `0502 0000000005dc`, 1, wire.ParseError{Type: "ndp.Option", Offset: 9, Reason: wire.Length}},
		{"past the end by one", `0101 02005e0010`, 0, wire.ParseError{Type: "ndp.Option", Offset: 1, Reason: wire.Length}},
		{"one octet", `01`, 0, wire.ParseError{Type: "ndp.Option", Offset: 1, Reason: wire.Short}},
		{"one octet behind another", good + `05`, 1, wire.ParseError{Type: "ndp.Option", Offset: 9, Reason: wire.Short}},
	} {
		count, last := 0, error(nil)
		for _, err := range ndp.Options(octets(c.hex)) {
			if last != nil {
				t.Fatalf("%s: something behind the error", c.name)
			}
			if last = err; err == nil {
				count++
			}
		}
		fails(t, c.name, last, c.want)
		if count != c.count {
			t.Errorf("%s: %d options, want %d", c.name, count, c.count)
		}
	}
}

func TestType(t *testing.T) {
	conform.Row(t, "W-19")
	for typ, want := range map[ndp.Type]string{
		0: "Unassigned", 1: "Source Link-layer Address", 2: "Target Link-layer Address", 22: "Unassigned", 23: "MAP",
		26: "RA Flags Extension", 42: "Consistent Uptime", 43: "Unassigned", 254: "RFC3692-style Experiment 2", 255: "Unassigned",
	} {
		if got := typ.String(); got != want {
			t.Errorf("%d: %q, want %q", typ, got, want)
		}
	}
}

func TestAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	b := all()
	wiretest.NoAllocs(t, "read", func() {
		for o := range ndp.Options(b) {
			switch o.Type {
			case ndp.TypeSourceLinkLayerAddress:
				_, _ = ndp.ParseLinkLayerAddress(o)
			case ndp.TypeRDNSS:
				r, _ := ndp.ParseRDNSS(o)
				for range r.All() {
					continue
				}
			case ndp.TypeRouteInformation:
				_, _ = ndp.ParseRouteInformation(o)
			}
		}
	})
	buf := make([]byte, 0, 256)
	wiretest.NoAllocs(t, "append", func() {
		b, _ := prefixRows[0].Value.AppendBinary(buf)
		b, _ = linkLayerRows[2].Value.AppendBinary(b)
		b, _ = rdnssRows[0].Value.AppendBinary(b)
		_, _ = mtuRows[0].Value.AppendBinary(b)
	})
}

// FuzzOptions appends every option again, as octets and as what it says:
// together they are what was read.
func FuzzOptions(f *testing.F) {
	conform.Row(f, "W-20")
	conform.Row(f, "W-21")
	f.Add(all())
	for o := range ndp.Options(all()) {
		b, err := o.AppendBinary(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, failed := []byte{}, false
		for o, err := range ndp.Options(b) {
			if err != nil {
				pe, ok := err.(*wire.ParseError)
				if failed = true; !ok || pe.Offset < len(got) || pe.Offset > len(b) {
					t.Errorf("error %v behind %d octets", err, len(got))
				}
				continue
			}
			if o.String() == "" {
				t.Error("no text")
			}
			end := len(got) + o.Len()
			for _, parse := range kinds {
				again(t, b[len(got):end], len(got), o, parse)
			}
			if got, err = o.AppendBinary(got); err != nil {
				t.Error(err)
			}
		}
		if !bytes.HasPrefix(b, got) || !failed && len(got) != len(b) {
			t.Errorf("read %x\nas %x", b, got)
		}
	})
}

// again reads o as one kind, and checks that this, when it is that kind, appends
// the octets b, which begin at offset at.
func again(t *testing.T, b []byte, at int, o ndp.Option, parse func(ndp.Option) (appender, error)) {
	v, err := parse(o)
	if err != nil {
		pe, ok := err.(*wire.ParseError)
		if !ok || pe.Offset < at || pe.Offset >= at+len(b) {
			t.Errorf("option at %d of %d octets: error %v", at, len(b), err)
		}
		return
	}
	got, err := v.AppendBinary(nil)
	if err != nil || !bytes.Equal(got, b) || v.String() == "" {
		t.Errorf("%#v:\n got %x, %v\nwant %x", v, got, err, b)
	}
	if d, ok := v.(ndp.DNSSL); ok {
		for _, err := range d.All() {
			if pe, ok := err.(*wire.ParseError); err != nil && (!ok || pe.Offset < 0 || pe.Offset > len(d.Names)) {
				t.Errorf("names %x: error %v", d.Names, err)
			}
		}
	}
}

func anyKind[T appender](parse func(ndp.Option) (T, error)) func(ndp.Option) (appender, error) {
	return func(o ndp.Option) (appender, error) { return parse(o) }
}

// kinds are the functions that read a kind of option.
var kinds = []func(ndp.Option) (appender, error){
	anyKind(ndp.ParseLinkLayerAddress), anyKind(ndp.ParsePrefixInformation), anyKind(ndp.ParseRedirectedHeader),
	anyKind(ndp.ParseMTU), anyKind(ndp.ParseNonce), anyKind(ndp.ParseRouteInformation), anyKind(ndp.ParseRDNSS),
	anyKind(ndp.ParseDNSSL), anyKind(ndp.ParsePREF64),
}
