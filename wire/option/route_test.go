package option_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

var route = codec(option.ParseRoute, option.Route.AppendBinary)

func TestRoute(t *testing.T) {
	conform.Row(t, "W-24")
	conform.Row(t, "W-21")
	wiretest.Run(t, route, []wiretest.Row[option.Route]{{
		Name:  "record route, empty",
		Value: option.Route{Offset: 20, Type: ip.OptRecordRoute, Pointer: 4, Slots: make([]byte, 8)},
		Hex:   "07 0b 04 00000000 00000000",
	}, {
		Name:  "loose source route, half way",
		Value: option.Route{Offset: 20, Type: ip.OptLSRR, Pointer: 8, Slots: []byte{10, 0, 0, 1, 10, 0, 0, 2}},
		Hex:   "83 0b 08 0a000001 0a000002",
	}, {
		Name:  "strict source route, at its end",
		Value: option.Route{Offset: 20, Type: ip.OptSSRR, Pointer: 12, Slots: []byte{10, 0, 0, 1, 10, 0, 0, 2}},
		Hex:   "89 0b 0c 0a000001 0a000002",
	}, {
		Name:  "no slots",
		Value: option.Route{Offset: 20, Type: ip.OptRecordRoute, Pointer: 4, Slots: []byte{}},
		Hex:   "07 03 04",
	}, {
		Name:  "full and far behind",
		Value: option.Route{Offset: 20, Type: ip.OptRecordRoute, Pointer: 255, Slots: []byte{10, 0, 0, 1}},
		Hex:   "07 07 ff 0a000001",
	}, {
		Name:  "room that is no slot",
		Value: option.Route{Offset: 20, Type: ip.OptRecordRoute, Pointer: 4, Slots: []byte{10, 0, 0, 1, 9, 9}},
		Hex:   "07 09 04 0a000001 0909",
	}})
}

func TestRouteState(t *testing.T) {
	conform.Row(t, "W-24")
	slots := []byte{10, 0, 0, 1, 10, 0, 0, 2, 10, 0, 0, 3}
	for _, r := range []struct {
		pointer  uint8
		recorded int
		next     netip.Addr
		full     bool
	}{
		{4, 0, gw1, false},
		{8, 1, gw2, false},
		{12, 2, gw3, false},
		{16, 3, netip.Addr{}, true},
		{255, 3, netip.Addr{}, true},
	} {
		o := option.Route{Type: ip.OptLSRR, Pointer: r.pointer, Slots: slots}
		next, ok := o.Next()
		if o.Recorded() != r.recorded || next != r.next || ok == r.full || o.Full() != r.full || o.Len() != 15 {
			t.Errorf("pointer %d: recorded %d, next %v, %t, full %t, length %d", r.pointer, o.Recorded(), next, ok, o.Full(), o.Len())
		}
	}
	var addrs []netip.Addr
	for i, a := range (option.Route{Slots: append(slots, 1, 2, 3)}).Addrs() {
		if i != len(addrs) {
			t.Errorf("slot %d after %d", i, len(addrs))
		}
		addrs = append(addrs, a)
	}
	if fmt.Sprint(addrs) != fmt.Sprint([]netip.Addr{gw1, gw2, gw3}) {
		t.Errorf("addresses %v", addrs)
	}
	for i := range (option.Route{Slots: slots}).Addrs() {
		if i > 0 {
			t.Error("the walk goes on")
		}
		break
	}
	// A value that nobody has parsed.
	if n := (option.Route{Slots: slots}).Recorded(); n != 0 {
		t.Errorf("the zero pointer has recorded %d", n)
	}
}

func TestRouteFaults(t *testing.T) {
	conform.Row(t, "W-20")
	slots := func(pointer byte, n int) []byte { return append([]byte{pointer}, make([]byte, n)...) }
	for _, r := range []struct {
		name   string
		t      ip.OptionType
		data   []byte
		at     int // within the option; -1: no error
		reason wire.Reason
	}{
		{"another type", ip.OptTimestamp, slots(4, 4), 0, wire.Mismatch},
		{"no pointer", ip.OptLSRR, nil, 1, wire.Length},
		{"longer than options", ip.OptLSRR, slots(4, 38), 1, wire.Length},
		{"as long as options", ip.OptLSRR, slots(4, 37), -1, 0},
		{"pointer 0", ip.OptSSRR, slots(0, 4), 2, wire.Value},
		{"pointer 3", ip.OptSSRR, slots(3, 4), 2, wire.Value},
		{"pointer 3 without slots", ip.OptSSRR, slots(3, 0), 2, wire.Value},
		{"pointer 4 without slots", ip.OptSSRR, slots(4, 0), -1, 0},
		{"pointer 5", ip.OptRecordRoute, slots(5, 4), 2, wire.Value},
		{"pointer 7", ip.OptRecordRoute, slots(7, 4), 2, wire.Value},
		{"pointer to the end", ip.OptRecordRoute, slots(8, 4), -1, 0},
		{"room of three octets", ip.OptRecordRoute, slots(8, 7), 2, wire.Value},
		{"room of four octets", ip.OptRecordRoute, slots(8, 8), -1, 0},
		{"unaligned behind the end", ip.OptRecordRoute, slots(9, 4), -1, 0},
	} {
		o := ip.Option4{Offset: 23, Type: r.t, Data: r.data}
		_, err := option.ParseRoute(o)
		_, _, rec := option.Record(o, gw1)
		if r.at < 0 {
			if err != nil || rec != nil {
				t.Errorf("%s: %v, %v", r.name, err, rec)
			}
			continue
		}
		wiretest.WantParseError(t, r.name, err, 23+r.at, r.reason)
		wiretest.WantParseError(t, r.name+", record", rec, 23+r.at, r.reason)
	}
}

func TestRouteRefuses(t *testing.T) {
	for _, r := range []struct {
		field string
		r     option.Route
	}{
		{"Type", option.Route{Type: ip.OptTimestamp, Pointer: 4}},
		{"Slots", option.Route{Type: ip.OptLSRR, Pointer: 4, Slots: make([]byte, 38)}},
		{"Pointer", option.Route{Type: ip.OptLSRR, Pointer: 3, Slots: make([]byte, 4)}},
		{"Pointer", option.Route{Type: ip.OptLSRR, Pointer: 6, Slots: make([]byte, 4)}},
		{"Pointer", option.Route{Type: ip.OptLSRR}},
	} {
		b, err := r.r.AppendBinary([]byte{0x77})
		wiretest.WantFieldError(t, r.field, b, err, r.field)
	}
	_, err := option.Route{Type: ip.OptLSRR, Pointer: 4, Slots: make([]byte, 38)}.AppendBinary(nil)
	wiretest.WantLimit(t, "slots", err, 38, 37)
	if b, err := (option.Route{Type: ip.OptLSRR, Pointer: 4, Slots: make([]byte, 37)}).AppendBinary(nil); err != nil || len(b) != 40 {
		t.Errorf("the longest: %d octets, %v", len(b), err)
	}
}

func TestAppendRecordRoute(t *testing.T) {
	conform.Row(t, "W-24")
	for n := range 10 {
		b, err := option.AppendRecordRoute([]byte{0x77}, n)
		want := append([]byte{0x77, 7, byte(3 + 4*n), 4}, make([]byte, 4*n)...)
		if err != nil || !bytes.Equal(b, want) {
			t.Errorf("%d slots: %x, %v", n, b, err)
		}
	}
	for _, n := range []int{-1, 10} {
		b, err := option.AppendRecordRoute([]byte{0x77}, n)
		wiretest.WantFieldError(t, "slots", b, err, "Slots")
		wiretest.WantLimit(t, "slots", err, n, 9)
	}
}

func TestAppendSourceRoute(t *testing.T) {
	conform.Row(t, "W-24")
	b, err := option.AppendSourceRoute([]byte{0x77}, ip.OptLSRR, gw1, gw2)
	if err != nil || !bytes.Equal(b, wiretest.Octets(t, "77 83 0b 04 0a000001 0a000002")) {
		t.Errorf("loose: %x, %v", b, err)
	}
	b, err = option.AppendSourceRoute([]byte{0x77}, ip.OptSSRR)
	if err != nil || !bytes.Equal(b, wiretest.Octets(t, "77 89 03 04")) {
		t.Errorf("strict without hops: %x, %v", b, err)
	}
	nine := []netip.Addr{gw1, gw1, gw1, gw1, gw1, gw1, gw1, gw1, gw1}
	if b, err = option.AppendSourceRoute(nil, ip.OptSSRR, nine...); err != nil || len(b) != 39 {
		t.Errorf("nine hops: %x, %v", b, err)
	}
	b, err = option.AppendSourceRoute([]byte{0x77}, ip.OptSSRR, append(nine, gw1)...)
	wiretest.WantFieldError(t, "ten hops", b, err, "Slots")
	wiretest.WantLimit(t, "ten hops", err, 10, 9)
	b, err = option.AppendSourceRoute([]byte{0x77}, ip.OptSSRR, gw1, v6)
	wiretest.WantFieldError(t, "IPv6", b, err, "Slots")
	b, err = option.AppendSourceRoute([]byte{0x77}, ip.OptRecordRoute, gw1)
	wiretest.WantFieldError(t, "record route", b, err, "Type")
}

// A record route fills up from gateway to gateway, and then stays.
func TestRecord(t *testing.T) {
	conform.Row(t, "W-24")
	b, _ := option.AppendRecordRoute(nil, 2)
	for i, r := range []struct {
		own netip.Addr
		ok  bool
		hex string
	}{
		{gw1, true, "07 0b 08 0a000001 00000000"},
		{gw2, true, "07 0b 0c 0a000001 0a000002"},
		{gw3, false, "07 0b 0c 0a000001 0a000002"},
	} {
		_, ok, err := option.Record(only(t, b), r.own)
		if ok != r.ok || err != nil || !bytes.Equal(b, wiretest.Octets(t, r.hex)) {
			t.Errorf("gateway %d: %t, %v, %x", i+1, ok, err, b)
		}
	}
	b, _ = option.AppendRecordRoute(nil, 1)
	before := bytes.Clone(b)
	_, ok, err := option.Record(only(t, b), v6)
	wiretest.WantFieldError(t, "IPv6", []byte{0x77}, err, "Slots")
	if ok || !bytes.Equal(b, before) {
		t.Errorf("IPv6: %t, %x", ok, b)
	}
}

// A datagram from src takes the route gw1, gw2, gw3, and the reply takes it
// back: the case A of RFC 1122 §3.2.1.8.
func TestSourceRouteThereAndBack(t *testing.T) {
	conform.Row(t, "W-24")
	options, _ := option.AppendSourceRoute(nil, ip.OptLSRR, gw2, gw3, netip.MustParseAddr("198.51.100.7"))
	h := ip.Header4{TTL: 9, Proto: ip.ProtoICMP, Src: src, Dst: gw1, Options: ip.PadOptions(options)}
	b, err := h.AppendPacket(nil, []byte("payload"))
	if err != nil {
		t.Fatal(err)
	}
	outgoing := []netip.Addr{netip.MustParseAddr("10.1.0.1"), netip.MustParseAddr("10.2.0.1"), netip.MustParseAddr("10.3.0.1")}
	for i, own := range outgoing {
		h, _, err := ip.Parse4(b)
		if err != nil {
			t.Fatalf("at gateway %d: %v", i+1, err)
		}
		if want := []netip.Addr{gw1, gw2, gw3}[i]; h.Dst != want {
			t.Errorf("at gateway %d: destination %v, want %v", i+1, h.Dst, want)
		}
		for o := range ip.Options4(h.Options) {
			if o.Type != ip.OptLSRR {
				continue
			}
			next, ok, err := option.Record(o, own)
			if !ok || err != nil || !ip.SetDst4(b, next) || !ip.Seal4(b) {
				t.Fatalf("at gateway %d: %v, %t, %v", i+1, next, ok, err)
			}
		}
	}
	h, _, err = ip.Parse4(b)
	if err != nil || h.Dst != netip.MustParseAddr("198.51.100.7") {
		t.Fatalf("at the destination: %v, %v", h, err)
	}
	r, err := option.ParseRoute(only(t, h.Options[:15]))
	if err != nil || !r.Full() || r.Recorded() != 3 {
		t.Fatalf("at the destination: %+v, %v", r, err)
	}
	back, hop, err := option.AppendReturnRoute([]byte{0x77}, r, h.Src)
	want := wiretest.Octets(t, "77 83 0f 04 0a020001 0a010001 c0000201")
	if err != nil || hop != outgoing[2] || !bytes.Equal(back, want) {
		t.Errorf("return route: first %v, %x, %v; want %x", hop, back, err, want)
	}
}

func TestAppendReturnRoute(t *testing.T) {
	conform.Row(t, "W-24")
	slots := []byte{10, 0, 0, 1, 10, 0, 0, 2, 10, 0, 0, 3}
	for _, r := range []struct {
		name    string
		pointer uint8
		first   netip.Addr
		hex     string
	}{
		{"nothing recorded", 4, src, ""},
		{"one", 8, gw1, "89 07 04 c0000201"},
		{"two", 12, gw2, "89 0b 04 0a000001 c0000201"},
		{"three", 16, gw3, "89 0f 04 0a000002 0a000001 c0000201"},
	} {
		b, first, err := option.AppendReturnRoute([]byte{0x77}, option.Route{Type: ip.OptSSRR, Pointer: r.pointer, Slots: slots}, src)
		if want := wiretest.Octets(t, "77"+r.hex); err != nil || first != r.first || !bytes.Equal(b, want) {
			t.Errorf("%s: first %v, %x, %v; want %x", r.name, first, b, err, want)
		}
	}
	nine := option.Route{Type: ip.OptLSRR, Pointer: 40, Slots: bytes.Repeat([]byte{10, 0, 0, 1}, 9)}
	if b, _, err := option.AppendReturnRoute(nil, nine, src); err != nil || len(b) != 39 {
		t.Errorf("nine: %x, %v", b, err)
	}
	ten := option.Route{Type: ip.OptLSRR, Pointer: 44, Slots: make([]byte, 40)}
	b, first, err := option.AppendReturnRoute([]byte{0x77}, ten, src)
	wiretest.WantFieldError(t, "ten", b, err, "Slots")
	wiretest.WantLimit(t, "ten", err, 10, 9)
	if first.IsValid() {
		t.Errorf("ten: first %v", first)
	}
	b, first, err = option.AppendReturnRoute([]byte{0x77}, nine, v6)
	wiretest.WantFieldError(t, "IPv6", b, err, "Slots")
	if first.IsValid() {
		t.Errorf("IPv6: first %v", first)
	}
	b, _, err = option.AppendReturnRoute([]byte{0x77}, option.Route{Type: ip.OptRecordRoute, Pointer: 8, Slots: slots}, src)
	wiretest.WantFieldError(t, "record route", b, err, "Type")
}
