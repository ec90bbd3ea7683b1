package icmp4_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var solicitationRows = []wiretest.Row[icmp4.RouterSolicitation]{
	{
		Name:  "solicitation",
		Value: icmp4.RouterSolicitation{Trailing: []byte{}},
		Hex:   "0a00 f5ff 00000000",
		Text:  "10/0 Router Solicitation",
	},
	{
		Name:  "reserved octets in use, octets behind the end, code that should be zero",
		Value: icmp4.RouterSolicitation{Code: 1, Reserved: 0xdeadbeef, Trailing: []byte{1, 2}},
		Hex:   "0a01 575f deadbeef 0102",
		Text:  "10/1 Router Solicitation",
	},
}

func TestRouterSolicitation(t *testing.T) {
	conform.Row(t, "W-13")
	run(t, icmp4.ParseRouterSolicitation, 8, solicitationRows)
	limited(t, "icmp4.RouterSolicitation", "Trailing", 65507, func(n int) icmp4.RouterSolicitation {
		return icmp4.RouterSolicitation{Trailing: make([]byte, n)}
	})
}

var twoRouters = []byte{192, 0, 2, 1, 0, 0, 0, 10, 192, 0, 2, 2, 0x80, 0, 0, 0}

var advertisementRows = []wiretest.Row[icmp4.RouterAdvertisement]{
	{
		Name:  "two routers",
		Value: icmp4.RouterAdvertisement{EntrySize: 2, Lifetime: 30 * time.Minute, Entries: twoRouters, Trailing: []byte{}},
		Hex:   "0900 e9e6 02 02 0708 c0000201 0000000a c0000202 80000000",
		Text: "9/0 Router Advertisement: Normal router advertisement, lifetime 30m0s, " +
			"192.0.2.1 preference 10, 192.0.2.2 preference -2147483648",
	},
	{
		Name: "mobility agent, with an extension",
		Value: icmp4.RouterAdvertisement{
			Code: icmp4.CodeNoCommonTraffic, EntrySize: 2, Lifetime: 65535 * time.Second,
			Entries: twoRouters[:8], Trailing: []byte{16, 6, 0, 1, 0, 2, 0, 0},
		},
		Hex: "0910 23d9 01 02 ffff c0000201 0000000a 10060001 00020000",
	},
	{
		Name: "larger entries",
		Value: icmp4.RouterAdvertisement{
			EntrySize: 3, Lifetime: time.Second,
			Entries: []byte{1, 2, 3, 4, 0xff, 0xff, 0xff, 0xff, 5, 6, 7, 8}, Trailing: []byte{9},
		},
		Hex:  "0900 dce7 01 03 0001 01020304 ffffffff 05060708 09",
		Text: "9/0 Router Advertisement: Normal router advertisement, lifetime 1s, 1.2.3.4 preference -1",
	},
	{
		Name:  "no router",
		Value: icmp4.RouterAdvertisement{EntrySize: 255, Entries: []byte{}, Trailing: []byte{}},
		Hex:   "0900 f600 00 ff 0000",
		Text:  "9/0 Router Advertisement: Normal router advertisement, lifetime 0s",
	},
}

func TestRouterAdvertisement(t *testing.T) {
	conform.Row(t, "W-13")
	run(t, icmp4.ParseRouterAdvertisement, 8, advertisementRows)
	limited(t, "icmp4.RouterAdvertisement", "Trailing", 65507-16, func(n int) icmp4.RouterAdvertisement {
		return icmp4.RouterAdvertisement{Entries: twoRouters, Trailing: make([]byte, n)}
	})
	// The fullest one, and one entry more.
	m := icmp4.RouterAdvertisement{EntrySize: 64, Entries: make([]byte, 256*255), Trailing: make([]byte, 227)}
	if b := built(t, m); len(b) != icmp4.MaxLen || b[4] != 255 || b[5] != 64 {
		t.Errorf("%d octets, count %d, size %d", len(b), b[4], b[5])
	}
	m.Entries = make([]byte, 256*256)
	refused(t, m, "icmp4.RouterAdvertisement", "Entries", 256*256, 256*255)
}

func TestRouterAdvertisementRefusesOctets(t *testing.T) {
	conform.Row(t, "W-13")
	conform.Row(t, "W-20")
	for _, c := range []struct {
		what   string
		b      []byte
		offset int
		reason wire.Reason
	}{
		{"entry size 0", []byte{9, 0, 0, 0, 0, 0, 0, 0}, 5, wire.Value},
		{"entry size 1", []byte{9, 0, 0, 0, 1, 1, 0, 0, 1, 2, 3, 4}, 5, wire.Value},
		{"no entry where there should be one", []byte{9, 0, 0, 0, 1, 2, 0, 0}, 8, wire.Short},
		{"an entry without its last octet", []byte{9, 0, 0, 0, 1, 2, 0, 0, 1, 2, 3, 4, 5, 6, 7}, 15, wire.Short},
		{"255 entries of 255 words announced", []byte{9, 0, 0, 0, 255, 255, 0, 0, 1, 2, 3, 4, 5, 6, 7}, 15, wire.Short},
	} {
		seal(c.b)
		_, err := icmp4.ParseRouterAdvertisement(c.b)
		parseError(t, c.what, err, "icmp4.RouterAdvertisement", c.offset, c.reason)
	}
}

func TestRouterAdvertisementRefusesValues(t *testing.T) {
	conform.Row(t, "W-13")
	const name = "icmp4.RouterAdvertisement"
	refused(t, icmp4.RouterAdvertisement{EntrySize: 1}, name, "EntrySize", 0, -1)
	for _, d := range []time.Duration{-1, -time.Second, 1, time.Second - 1, 65536 * time.Second, math.MaxInt64, math.MinInt64} {
		refused(t, icmp4.RouterAdvertisement{Lifetime: d}, name, "Lifetime", 0, -1)
	}
	for _, n := range []int{1, 7, 9, 12} {
		refused(t, icmp4.RouterAdvertisement{Entries: make([]byte, n)}, name, "Entries", 0, -1)
	}
	refused(t, icmp4.RouterAdvertisement{EntrySize: 3, Entries: make([]byte, 16)}, name, "Entries", 0, -1)
	refused(t, icmp4.RouterAdvertisement{Entries: make([]byte, 8*256)}, name, "Entries", 8*256, 8*255)
	refused(t, icmp4.RouterAdvertisement{EntrySize: 255, Entries: make([]byte, 1020*65)}, name, "Entries", 1020*65, 65507)

	// What fits just so.
	b := built(t, icmp4.RouterAdvertisement{Lifetime: 65535 * time.Second, Entries: make([]byte, 8*255)})
	if !bytes.Equal(b[4:8], []byte{255, 2, 255, 255}) {
		t.Errorf("count, size, lifetime % x", b[4:8])
	}
	b = built(t, icmp4.RouterAdvertisement{EntrySize: 255, Entries: make([]byte, 1020*64)})
	if !bytes.Equal(b[4:8], []byte{64, 255, 0, 0}) {
		t.Errorf("count, size, lifetime % x", b[4:8])
	}
}

func TestRouters(t *testing.T) {
	conform.Row(t, "W-13")
	want := []icmp4.Router{
		{Addr: addr("192.0.2.1"), Preference: 10, Rest: []byte{1, 2, 3, 4}},
		{Addr: addr("192.0.2.2"), Preference: icmp4.NotDefault, Rest: []byte{5, 6, 7, 8}},
		{Addr: addr("255.255.255.255"), Preference: math.MaxInt32, Rest: []byte{9, 0, 1, 2}},
	}
	entries := []byte{0xee}
	for _, r := range want {
		var err error
		if entries, err = icmp4.AppendRouter(entries, r); err != nil {
			t.Fatal(err)
		}
	}
	if entries[0] != 0xee {
		t.Error("AppendRouter has changed what was there")
	}
	m := icmp4.RouterAdvertisement{EntrySize: 3, Entries: entries[1:]}
	same := func(a, b icmp4.Router) bool {
		return a.Addr == b.Addr && a.Preference == b.Preference && bytes.Equal(a.Rest, b.Rest)
	}
	got := slices.Collect(m.Routers())
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
	if cap(got[0].Rest) != 4 {
		t.Errorf("the rest of an entry reaches into the next: cap %d", cap(got[0].Rest))
	}
	for r := range m.Routers() {
		if !same(r, want[0]) {
			t.Errorf("first is %v", r)
		}
		break
	}

	// Octets that make no whole entry are left out; size 0 is size 2, and so is
	// the size 1 that AppendBinary refuses.
	for size, n := range map[uint8]int{0: 4, 1: 4, 2: 4, 3: 2, 4: 2, 255: 0} {
		m := icmp4.RouterAdvertisement{EntrySize: size, Entries: entries[1:35]}
		if got := slices.Collect(m.Routers()); len(got) != n {
			t.Errorf("size %d: %d entries, want %d", size, len(got), n)
		} else if size <= 2 && got[0].Rest != nil {
			t.Errorf("size %d: an entry with a rest: %v", size, got[0])
		}
	}
}

func TestAppendRouterRefuses(t *testing.T) {
	for _, a := range notIPv4 {
		b, err := icmp4.AppendRouter([]byte{1, 2}, icmp4.Router{Addr: a})
		var fe *wire.FieldError
		if !errors.As(err, &fe) || fe.Type != "icmp4.Router" || fe.Field != "Addr" || fe.Want != "an IPv4 address" {
			t.Errorf("%v: %v", a, err)
		}
		if !bytes.Equal(b, []byte{1, 2}) {
			t.Errorf("%v: refused, and the slice is now % x", a, b)
		}
	}
}
