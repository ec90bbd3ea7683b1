package option_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

var timestamps = codec(option.ParseTimestamps, option.Timestamps.AppendBinary)

func TestTimestamps(t *testing.T) {
	conform.Row(t, "W-24")
	conform.Row(t, "W-21")
	wiretest.Run(t, timestamps, []wiretest.Row[option.Timestamps]{{
		Name:  "stamps only",
		Value: option.Timestamps{Offset: 20, Pointer: 9, Flag: option.StampsOnly, Slots: []byte{1, 2, 3, 4, 0, 0, 0, 0}},
		Hex:   "44 0c 09 00 01020304 00000000",
	}, {
		Name:  "with addresses, overflow",
		Value: option.Timestamps{Offset: 20, Pointer: 13, Overflow: 15, Flag: option.StampsAndAddrs, Slots: []byte{10, 0, 0, 1, 1, 2, 3, 4}},
		Hex:   "44 0c 0d f1 0a000001 01020304",
	}, {
		Name:  "prespecified",
		Value: option.Timestamps{Offset: 20, Pointer: 5, Overflow: 1, Flag: option.StampsPrespecified, Slots: []byte{10, 0, 0, 1, 0, 0, 0, 0}},
		Hex:   "44 0c 05 13 0a000001 00000000",
	}, {
		Name:  "no slots",
		Value: option.Timestamps{Offset: 20, Pointer: 5, Slots: []byte{}},
		Hex:   "44 04 05 00",
	}, {
		Name:  "room that is no slot",
		Value: option.Timestamps{Offset: 20, Pointer: 5, Flag: option.StampsAndAddrs, Slots: []byte{10, 0, 0, 1, 0, 0, 0, 0, 9, 9, 9}},
		Hex:   "44 0f 05 01 0a000001 00000000 090909",
	}})
}

func TestTimestampsState(t *testing.T) {
	slots := wiretest.Octets(t, "0a000001 00000001 0a000002 80000002 ff")
	for _, r := range []struct {
		flag     option.StampFlag
		pointer  uint8
		recorded int
		full     bool
		entries  string
	}{
		{option.StampsOnly, 5, 0, false, "0 invalid IP a000001 1 invalid IP 1 2 invalid IP a000002 3 invalid IP 80000002"},
		{option.StampsOnly, 13, 2, false, ""},
		{option.StampsOnly, 22, 4, true, ""},
		{option.StampsAndAddrs, 5, 0, false, "0 10.0.0.1 1 1 10.0.0.2 80000002"},
		{option.StampsAndAddrs, 13, 1, false, ""},
		{option.StampsPrespecified, 22, 2, true, "0 10.0.0.1 1 1 10.0.0.2 80000002"},
		{option.StampsPrespecified, 0, 0, false, ""},
		{2, 13, 0, false, ""},
	} {
		s := option.Timestamps{Flag: r.flag, Pointer: r.pointer, Slots: slots}
		if s.Recorded() != r.recorded || s.Full() != r.full || s.Len() != 21 {
			t.Errorf("%v, pointer %d: recorded %d, full %t, length %d", r.flag, r.pointer, s.Recorded(), s.Full(), s.Len())
		}
		var got []string
		for i, e := range s.Entries() {
			got = append(got, fmt.Sprintf("%d %v %x", i, e.Addr, uint32(e.Stamp)))
		}
		if text := strings.Join(got, " "); r.entries != "" && text != r.entries || r.flag == 2 && got != nil {
			t.Errorf("%v: %s", r.flag, text)
		}
	}
	for i := range (option.Timestamps{Slots: slots}).Entries() {
		if i > 0 {
			t.Error("the walk goes on")
		}
		break
	}
}

func TestTimestampsFaults(t *testing.T) {
	conform.Row(t, "W-20")
	data := func(pointer, flag byte, n int) []byte { return append([]byte{pointer, flag}, make([]byte, n)...) }
	for _, r := range []struct {
		name   string
		t      ip.OptionType
		data   []byte
		at     int // -1: no error
		reason wire.Reason
	}{
		{"another type", ip.OptLSRR, data(5, 0, 4), 0, wire.Mismatch},
		{"no flag", ip.OptTimestamp, []byte{5}, 1, wire.Length},
		{"nothing", ip.OptTimestamp, nil, 1, wire.Length},
		{"longer than options", ip.OptTimestamp, data(5, 0, 37), 1, wire.Length},
		{"as long as options", ip.OptTimestamp, data(5, 0, 36), -1, 0},
		{"form 2", ip.OptTimestamp, data(5, 2, 8), 3, wire.Value},
		{"form 4", ip.OptTimestamp, data(5, 4, 8), 3, wire.Value},
		{"form 15", ip.OptTimestamp, data(5, 15, 8), 3, wire.Value},
		{"pointer 4", ip.OptTimestamp, data(4, 0, 4), 2, wire.Value},
		{"pointer 4 without slots", ip.OptTimestamp, data(4, 0, 0), 2, wire.Value},
		{"pointer 6", ip.OptTimestamp, data(6, 0, 8), 2, wire.Value},
		{"pointer to half a slot", ip.OptTimestamp, data(9, 1, 8), 2, wire.Value},
		{"pointer to a slot of four", ip.OptTimestamp, data(9, 0, 8), -1, 0},
		{"room of seven octets", ip.OptTimestamp, data(13, 1, 15), 2, wire.Value},
		{"room of eight octets", ip.OptTimestamp, data(13, 1, 16), -1, 0},
		{"full", ip.OptTimestamp, data(13, 3, 8), -1, 0},
	} {
		o := ip.Option4{Offset: 31, Type: r.t, Data: r.data}
		_, err := option.ParseTimestamps(o)
		_, add := option.AddStamp(o, gw1, nil, 1)
		if r.at < 0 {
			if err != nil || add != nil {
				t.Errorf("%s: %v, %v", r.name, err, add)
			}
			continue
		}
		wiretest.WantParseError(t, r.name, err, 31+r.at, r.reason)
		wiretest.WantParseError(t, r.name+", stamp", add, 31+r.at, r.reason)
	}
}

func TestTimestampsRefuses(t *testing.T) {
	for _, r := range []struct {
		field string
		s     option.Timestamps
	}{
		{"Flag", option.Timestamps{Pointer: 5, Flag: 2}},
		{"Overflow", option.Timestamps{Pointer: 5, Overflow: 16}},
		{"Slots", option.Timestamps{Pointer: 5, Slots: make([]byte, 37)}},
		{"Pointer", option.Timestamps{Pointer: 4}},
		{"Pointer", option.Timestamps{Pointer: 9, Flag: option.StampsAndAddrs, Slots: make([]byte, 8)}},
	} {
		b, err := r.s.AppendBinary([]byte{0x77})
		wiretest.WantFieldError(t, r.field, b, err, r.field)
	}
	_, err := option.Timestamps{Pointer: 5, Overflow: 16}.AppendBinary(nil)
	wiretest.WantLimit(t, "overflow", err, 16, 15)
	_, err = option.Timestamps{Pointer: 5, Slots: make([]byte, 37)}.AppendBinary(nil)
	wiretest.WantLimit(t, "slots", err, 37, 36)
}

func TestAppendTimestamps(t *testing.T) {
	conform.Row(t, "W-24")
	for _, r := range []struct {
		flag  option.StampFlag
		slots int
		addrs []netip.Addr
		hex   string // empty: refused
		value int    // in the error
		limit int
	}{
		{option.StampsOnly, 2, nil, "44 0c 05 00 00000000 00000000", 0, 0},
		{option.StampsAndAddrs, 1, nil, "44 0c 05 01 00000000 00000000", 0, 0},
		{option.StampsPrespecified, 9, []netip.Addr{gw1, gw2}, "44 14 05 03 0a000001 00000000 0a000002 00000000", 0, 0},
		{option.StampsPrespecified, 0, nil, "44 04 05 03", 0, 0},
		{option.StampsOnly, 0, []netip.Addr{gw1}, "44 04 05 00", 0, 0},
		{option.StampsOnly, 10, nil, "", 10, 9},
		{option.StampsOnly, -1, nil, "", -1, 9},
		{option.StampsAndAddrs, 5, nil, "", 5, 4},
		{option.StampsPrespecified, 0, []netip.Addr{gw1, gw1, gw1, gw1, gw1}, "", 5, 4},
	} {
		b, err := option.AppendTimestamps([]byte{0x77}, r.flag, r.slots, r.addrs...)
		if r.hex == "" {
			wiretest.WantFieldError(t, r.flag.String(), b, err, "Slots")
			wiretest.WantLimit(t, r.flag.String(), err, r.value, r.limit)
			continue
		}
		if want := wiretest.Octets(t, "77"+r.hex); err != nil || !bytes.Equal(b, want) {
			t.Errorf("%v: %x, %v; want %x", r.flag, b, err, want)
		}
	}
	for flag, slots := range map[option.StampFlag]int{option.StampsOnly: 9, option.StampsAndAddrs: 4} {
		if b, err := option.AppendTimestamps(nil, flag, slots); err != nil || len(b) < 36 {
			t.Errorf("%v, as many as fit: %x, %v", flag, b, err)
		}
	}
	b, err := option.AppendTimestamps([]byte{0x77}, option.StampsPrespecified, 0, v6)
	wiretest.WantFieldError(t, "IPv6", b, err, "Slots")
	b, err = option.AppendTimestamps([]byte{0x77}, 2, 1)
	wiretest.WantFieldError(t, "form 2", b, err, "Flag")
}

func TestAddStamp(t *testing.T) {
	conform.Row(t, "W-24")
	owns := func(a netip.Addr) bool { return a == gw2 || a == gw3 }
	for _, r := range []struct {
		name    string
		before  string
		own     netip.Addr
		owns    func(netip.Addr) bool
		changed bool
		after   string
	}{
		{"stamp only", "44 0c 05 00 00000000 00000000", gw1, nil, true, "44 0c 09 00 01020304 00000000"},
		{"the last", "44 0c 09 20 09090909 00000000", gw1, nil, true, "44 0c 0d 20 09090909 01020304"},
		{"stamp only needs no address", "44 08 05 00 00000000", netip.Addr{}, nil, true, "44 08 09 00 01020304"},
		{"full", "44 08 09 00 09090909", gw1, nil, true, "44 08 09 10 09090909"},
		{"full, counted before", "44 08 09 e0 09090909", gw1, nil, true, "44 08 09 f0 09090909"},
		{"with address", "44 14 05 01 0000000000000000 0000000000000000", gw1, nil, true, "44 14 0d 01 0a00000101020304 0000000000000000"},
		{"with address, the last", "44 14 0d 01 0909090909090909 0000000000000000", gw1, owns, true, "44 14 15 01 0909090909090909 0a00000101020304"},
		{"with address, full", "44 0c 0d 01 0909090909090909", gw1, nil, true, "44 0c 0d 11 0909090909090909"},
		{"prespecified, own", "44 0c 05 03 0a00000100000000", gw1, nil, true, "44 0c 0d 03 0a00000101020304"},
		{"prespecified, another's", "44 0c 05 03 0a00000200000000", gw1, nil, false, "44 0c 05 03 0a00000200000000"},
		{"prespecified, on another interface", "44 0c 05 03 0a00000200000000", gw1, owns, true, "44 0c 0d 03 0a00000201020304"},
		{"prespecified, own though not named by owns", "44 0c 05 03 0a00000100000000", gw1, owns, true, "44 0c 0d 03 0a00000101020304"},
		{"prespecified, the second", "44 14 0d 03 0909090909090909 0a00000300000000", gw1, owns, true, "44 14 15 03 0909090909090909 0a00000301020304"},
		{"prespecified, full", "44 0c 0d 03 0a00000100000000", gw1, nil, false, "44 0c 0d 03 0a00000100000000"},
		{"prespecified, full and counted", "44 0c 0d f3 0a00000100000000", gw1, nil, false, "44 0c 0d f3 0a00000100000000"},
	} {
		b := wiretest.Octets(t, r.before)
		changed, err := option.AddStamp(only(t, b), r.own, r.owns, 0x01020304)
		if changed != r.changed || err != nil || !bytes.Equal(b, wiretest.Octets(t, r.after)) {
			t.Errorf("%s: %t, %v, %x", r.name, changed, err, b)
		}
	}

	// The sixteenth that finds no room is a parameter problem, the pointer at
	// the count.
	b := wiretest.Octets(t, "01 44 08 09 f0 09090909")
	before := bytes.Clone(b)
	for o := range ip.Options4(b) {
		if o.Type == ip.OptTimestamp {
			changed, err := option.AddStamp(o, gw1, nil, 1)
			wiretest.WantParseError(t, "overflow", err, 24, wire.Value)
			if changed {
				t.Error("overflow: changed")
			}
		}
	}
	b2 := wiretest.Octets(t, "44 0c 05 01 00000000 00000000")
	changed, err := option.AddStamp(only(t, b2), v6, nil, 1)
	wiretest.WantFieldError(t, "IPv6", []byte{0x77}, err, "Slots")
	if changed || !bytes.Equal(b, before) || !bytes.Equal(b2, wiretest.Octets(t, "44 0c 05 01 00000000 00000000")) {
		t.Errorf("changed all the same: %x, %x", b, b2)
	}
}

func TestStampFlag(t *testing.T) {
	for f, want := range map[option.StampFlag]string{
		0: "stamps only", 1: "stamps and addresses", 2: "unknown form", 3: "prespecified addresses", 15: "unknown form",
	} {
		if f.String() != want {
			t.Errorf("%d: %q", uint8(f), f)
		}
	}
	if option.StampsOnly != 0 || option.StampsAndAddrs != 1 || option.StampsPrespecified != 3 {
		t.Error("the numbers of the forms")
	}
}
