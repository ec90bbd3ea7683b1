package mld_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/mld"
)

var (
	one   = netip.MustParseAddr("2001:db8::1")
	two   = netip.MustParseAddr("2001:db8::2")
	group = netip.MustParseAddr("ff02::fb")
	ipv4  = netip.MustParseAddr("192.0.2.1")
)

func octets(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// only is the record that fills b.
func only(b []byte) (mld.Record, error) {
	for r, err := range mld.Records(b) {
		if err == nil && r.Len() != len(b) {
			err = &wire.ParseError{Type: "more than one record", Offset: r.Len(), Reason: wire.Length}
		}
		return r, err
	}
	return mld.Record{}, &wire.ParseError{Type: "no record", Reason: wire.Short}
}

var codec = wiretest.Codec[mld.Record]{
	Parse:  only,
	Append: func(r mld.Record, b []byte) ([]byte, error) { return r.AppendBinary(b) },
	String: mld.Record.String,
	Min:    20,
}

var recordRows = []wiretest.Row[mld.Record]{
	{
		Name:  "leave",
		Value: mld.Record{Type: mld.ChangeToIncludeMode, Group: group, Sources: []byte{}, Aux: []byte{}},
		Hex:   `03 00 0000 ff0200000000000000000000000000fb`,
		Text:  "change to include mode, group ff02::fb, 0 sources",
	},
	{
		Name: "two sources and two words of auxiliary data",
		Value: mld.Record{
			Type: mld.BlockOldSources, Group: group,
			Sources: octets(`20010db8000000000000000000000001 20010db8000000000000000000000002`),
			Aux:     octets(`0102030405060708`),
		},
		Hex: `06 02 0002 ff0200000000000000000000000000fb
			20010db8000000000000000000000001 20010db8000000000000000000000002 0102030405060708`,
		Text: "block old sources, group ff02::fb, 2 sources",
	},
	{
		Name:  "a type without a name",
		Value: mld.Record{Type: 7, Group: group, Sources: []byte{}, Aux: []byte{}},
		Hex:   `07 00 0000 ff0200000000000000000000000000fb`,
		Text:  "record type 7, group ff02::fb, 0 sources",
	},
}

func TestRecord(t *testing.T) {
	conform.Row(t, "W-19")
	wiretest.Run(t, codec, recordRows)
	for _, r := range recordRows {
		if got, want := r.Value.Len(), len(octets(r.Hex)); got != want {
			t.Errorf("%s: Len is %d, want %d", r.Name, got, want)
		}
	}
}

func TestRecordLimits(t *testing.T) {
	for _, c := range []struct {
		r    mld.Record
		want wire.FieldError
	}{
		{mld.Record{}, wire.FieldError{Type: "mld.Record", Field: "Group", Want: "an IPv6 address"}},
		{mld.Record{Group: ipv4}, wire.FieldError{Type: "mld.Record", Field: "Group", Want: "an IPv6 address"}},
		{mld.Record{Group: group, Sources: make([]byte, 17)}, wire.FieldError{Type: "mld.Record", Field: "Sources", Want: "whole addresses of 16 octets"}},
		{mld.Record{Group: group, Sources: make([]byte, 65536*16)}, wire.FieldError{Type: "mld.Record", Field: "Sources", Value: 65536 * 16, Limit: 65535 * 16}},
		{mld.Record{Group: group, Aux: make([]byte, 6)}, wire.FieldError{Type: "mld.Record", Field: "Aux", Want: "whole words of 4 octets"}},
		{mld.Record{Group: group, Aux: make([]byte, 1024)}, wire.FieldError{Type: "mld.Record", Field: "Aux", Value: 1024, Limit: 1020}},
	} {
		wiretest.Refused(t, codec, c.r, c.want.Field)
		_, err := c.r.AppendBinary(nil)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || *fe != c.want {
			t.Errorf("error %v, want %v", err, &c.want)
		}
	}
	full := mld.Record{Group: group, Sources: make([]byte, 65535*16), Aux: make([]byte, 1020)}
	b, err := full.AppendBinary(nil)
	if err != nil || len(b) != 20+65535*16+1020 || !bytes.Equal(b[:4], []byte{0, 255, 0xff, 0xff}) {
		t.Errorf("the longest record: %d octets, %x, %v", len(b), b[:4], err)
	}
	if r, err := only(b); err != nil || len(r.Sources) != 65535*16 || len(r.Aux) != 1020 {
		t.Errorf("the longest record, read: %d, %d, %v", len(r.Sources), len(r.Aux), err)
	}
}

// three are the records of the table, one behind the other.
func three() []byte {
	var b []byte
	for _, r := range recordRows {
		b = append(b, octets(r.Hex)...)
	}
	return b
}

func TestRecords(t *testing.T) {
	conform.Row(t, "W-19")
	var types []mld.RecordType
	for r, err := range mld.Records(three()) {
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, r.Type)
	}
	if !slices.Equal(types, []mld.RecordType{3, 6, 7}) {
		t.Errorf("records of types %v", types)
	}
	for range mld.Records(nil) {
		t.Error("a record in nothing")
	}
	n := 0
	for range mld.Records(three()) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d records before the break", n)
	}
}

// A record's slices end with it: what is appended to them overwrites nothing.
func TestRecordsEnd(t *testing.T) {
	b := three()
	before := bytes.Clone(b)
	for r := range mld.Records(b) {
		_ = append(r.Sources, 0xee)
		_ = append(r.Aux, 0xee)
	}
	if !bytes.Equal(b, before) {
		t.Error("appending to a record's slices has overwritten what follows")
	}
}

func TestRecordsShort(t *testing.T) {
	conform.Row(t, "W-20")
	b := three()
	starts := map[int]int{20: 20, 80: 80, 100: 100} // whole records up to here
	for n := range len(b) + 1 {
		last, count, at := error(nil), 0, 0
		for r, err := range mld.Records(b[:n]) {
			if last != nil {
				t.Fatalf("%d octets: something behind the error", n)
			}
			if err == nil {
				count++
				at += r.Len()
			}
			last = err
		}
		got, whole := mld.Count(b[:n])
		if got != count || whole != (last == nil) {
			t.Errorf("%d octets: %d records, %v; counted %d, %v", n, count, last, got, whole)
		}
		if _, ok := starts[n]; ok || n == 0 {
			if last != nil {
				t.Errorf("%d octets: %v", n, last)
			}
			continue
		}
		var pe *wire.ParseError
		if !errors.As(last, &pe) || *pe != (wire.ParseError{Type: "mld.Record", Offset: at, Reason: wire.Short}) {
			t.Errorf("%d octets: error %v, want one at %d", n, last, at)
		}
	}
}

func TestSplit(t *testing.T) {
	b := append(three(), 1, 2, 3)
	for n, want := range []int{0, 20, 80, 100} {
		if got, ok := mld.Split(b, n); got != want || !ok {
			t.Errorf("%d records: %d octets, %v, want %d", n, got, ok, want)
		}
	}
	if got, ok := mld.Split(b, 4); got != 0 || ok {
		t.Errorf("four records of three: %d, %v", got, ok)
	}
}

func TestRecordType(t *testing.T) {
	for typ, want := range []string{
		"record type 0", "mode is include", "mode is exclude", "change to include mode",
		"change to exclude mode", "allow new sources", "block old sources", "record type 7",
	} {
		if got := mld.RecordType(typ).String(); got != want {
			t.Errorf("%d: %q, want %q", typ, got, want)
		}
	}
}

func TestAddrs(t *testing.T) {
	conform.Row(t, "W-19")
	b, err := mld.AppendAddrs([]byte{}, one, two.WithZone("eth0"))
	if err != nil || !bytes.Equal(b, recordRows[1].Value.Sources) {
		t.Fatalf("%x, %v", b, err)
	}
	if got := slices.Collect(mld.Addrs(b)); !slices.Equal(got, []netip.Addr{one, two}) {
		t.Errorf("read back: %v", got)
	}
	if got := slices.Collect(mld.Addrs(b[:31])); !slices.Equal(got, []netip.Addr{one}) {
		t.Errorf("from 31 octets: %v", got)
	}
	for range mld.Addrs(b) {
		break
	}
	for _, bad := range []netip.Addr{ipv4, {}} {
		got, err := mld.AppendAddrs(b[:16], one, bad)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || *fe != (wire.FieldError{Type: "mld.Addrs", Field: "addrs", Want: "IPv6 addresses"}) || len(got) != 16 {
			t.Errorf("%v: %d octets, %v", bad, len(got), err)
		}
	}
}

func TestResponseDelay(t *testing.T) {
	conform.Row(t, "W-19")
	for code, want := range map[uint16]int{
		0: 0, 1: 1, 0x7fff: 32767, 0x8000: 0x1000 << 3, 0x8001: 0x1001 << 3, 0x8fff: 0x1fff << 3,
		0x9000: 0x1000 << 4, 0xf000: 0x1000 << 10, 0xffff: 0x1fff << 10,
	} {
		if got := mld.ResponseDelay(code); got != time.Duration(want)*time.Millisecond {
			t.Errorf("%04x: %v, want %d ms", code, got, want)
		}
	}
}

func TestQueryInterval(t *testing.T) {
	conform.Row(t, "W-19")
	for code, want := range map[uint8]int{
		0: 0, 125: 125, 127: 127, 0x80: 0x10 << 3, 0x81: 0x11 << 3, 0x8f: 0x1f << 3, 0x90: 0x10 << 4, 0xf0: 0x10 << 10, 0xff: 0x1f << 10,
	} {
		if got := mld.QueryInterval(code); got != time.Duration(want)*time.Second {
			t.Errorf("%02x: %v, want %d s", code, got, want)
		}
	}
}

func TestAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	b, buf := three(), make([]byte, 0, 128)
	wiretest.NoAllocs(t, "read", func() {
		for r := range mld.Records(b) {
			for range mld.Addrs(r.Sources) {
				continue
			}
		}
	})
	wiretest.NoAllocs(t, "append", func() { _, _ = recordRows[1].Value.AppendBinary(buf) })
}

// FuzzRecords appends every record again: together they are what was read.
func FuzzRecords(f *testing.F) {
	conform.Row(f, "W-20")
	conform.Row(f, "W-21")
	for _, r := range recordRows {
		f.Add(octets(r.Hex))
	}
	f.Add(three())
	f.Fuzz(func(t *testing.T, b []byte) {
		got, failed := []byte{}, false
		for r, err := range mld.Records(b) {
			if err != nil {
				var pe *wire.ParseError
				if failed = true; !errors.As(err, &pe) || pe.Offset != len(got) {
					t.Errorf("error %v behind %d octets", err, len(got))
				}
				continue
			}
			if got, err = r.AppendBinary(got); err != nil || r.String() == "" {
				t.Error(err)
			}
		}
		if !bytes.HasPrefix(b, got) || !failed && len(got) != len(b) {
			t.Errorf("read %x\nas %x", b, got)
		}
		if n, whole := mld.Count(b); whole == failed {
			t.Errorf("%d records, whole %v", n, whole)
		}
	})
}
