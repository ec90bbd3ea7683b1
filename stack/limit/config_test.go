package limit_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/wire"
)

func TestRefused(t *testing.T) {
	for _, row := range []struct {
		name string
		c    limit.Config
		want string // empty: taken
	}{
		{"zero", limit.Config{}, ""},
		{"Len4", limit.Config{Len4: 33}, "limit.Config: field Len4: 33 is over the limit of 32"},
		{"Len6", limit.Config{Len6: 129}, "limit.Config: field Len6: 129 is over the limit of 128"},
		{"Buckets", limit.Config{Buckets: 1<<24 + 1}, "limit.Config: field Buckets: 16777217 is over the limit of 16777216"},
		{"negative Len4", limit.Config{Len4: -1}, "limit.Config: field Len4: want no negative number"},
		{"negative Len6", limit.Config{Len6: -1}, "limit.Config: field Len6: want no negative number"},
		{"negative Buckets", limit.Config{Buckets: -1}, "limit.Config: field Buckets: want no negative number"},
		{"negative Burst", limit.Config{Prefix: limit.Rate{Burst: -1}}, "limit.Config: field Prefix.Burst: want no negative number"},
		{"negative Burst", limit.Config{Global: limit.Rate{Burst: -1}}, "limit.Config: field Global.Burst: want no negative number"},
		{"negative Burst", limit.Config{ReplyPrefix: limit.Rate{Burst: -1}}, "limit.Config: field ReplyPrefix.Burst: want no negative number"},
		{"negative Burst", limit.Config{ReplyGlobal: limit.Rate{Burst: -1}}, "limit.Config: field ReplyGlobal.Burst: want no negative number"},
		{
			"two years",
			limit.Config{Global: limit.Rate{Every: limit.MaxSpan, Burst: 2}},
			"limit.Config: field Global: want Every times Burst to be a year at most",
		},
		{
			"a year by the default Burst",
			limit.Config{Prefix: limit.Rate{Every: limit.MaxSpan}},
			"limit.Config: field Prefix: want Every times Burst to be a year at most",
		},
		{
			"a product that overflows",
			limit.Config{Prefix: limit.Rate{Every: time.Hour, Burst: 1 << 30}},
			"limit.Config: field Prefix: want Every times Burst to be a year at most",
		},
		{"a year", limit.Config{Prefix: limit.Rate{Every: limit.MaxSpan, Burst: 1}}, ""},
		{"the longest prefixes", limit.Config{Len4: 32, Len6: 128}, ""},
		{"the shortest prefixes", limit.Config{Len4: 1, Len6: 1}, ""},
		{"no limits", limit.Config{Prefix: limit.Rate{Every: -1}, Global: limit.Rate{Every: -1}}, ""},
	} {
		l, err := limit.New(row.c)
		if row.want == "" {
			if err != nil || l == nil {
				t.Errorf("%s: refused: %v", row.name, err)
			}
			continue
		}
		var fe *wire.FieldError
		if !errors.As(err, &fe) || err.Error() != row.want || l != nil {
			t.Errorf("%s: error\n got %v\nwant %s", row.name, err, row.want)
		}
	}
}

func TestOctets(t *testing.T) {
	conform.Row(t, "E-12")
	reply := limit.Rate{Every: time.Second}
	off := limit.Rate{Every: -1}
	for _, row := range []struct {
		c    limit.Config
		want int
	}{
		{limit.Config{}, 64 << 10},
		{limit.Config{Buckets: 1}, 64},
		{limit.Config{Buckets: 3}, 64},
		{limit.Config{Buckets: 4}, 64},
		{limit.Config{Buckets: 5}, 128},
		{limit.Config{Buckets: 8}, 128},
		{limit.Config{Buckets: 9}, 256},
		{limit.Config{Buckets: 1 << 24}, 256 << 20},
		{limit.Config{ReplyGlobal: reply}, 64 << 10},
		{limit.Config{ReplyPrefix: reply}, 128 << 10},
		{limit.Config{Prefix: off}, 0},
		{limit.Config{Prefix: off, ReplyPrefix: reply}, 64 << 10},
	} {
		if got := made(t, row.c).Octets(); got != row.want {
			t.Errorf("%+v: %d octets, want %d", row.c, got, row.want)
		}
	}
}

func TestMask(t *testing.T) {
	m := limit.Types(0, 63, 64, 127, 128, 200, 255)
	for typ := range 256 {
		want := false
		for _, in := range []int{0, 63, 64, 127, 128, 200, 255} {
			want = want || in == typ
		}
		if m.Has(uint8(typ)) != want {
			t.Errorf("type %d: %v, want %v", typ, !want, want)
		}
	}
	if limit.Types() != (limit.Mask{}) {
		t.Error("no types are not the zero mask")
	}
}

// Which types are limited, by default and when the configuration says.
func TestTypes(t *testing.T) {
	conform.Row(t, "E-12")
	// One message to a prefix and no more.
	one := limit.Rate{Every: time.Hour, Burst: 1}
	limited := func(c limit.Config, v6 bool) (types []uint8) {
		c.Prefix = one
		for typ := range 256 {
			l, a := made(t, c), host4(1)
			if v6 {
				a = host6(1)
			}
			if l.Error(start, a, uint8(typ)) != limit.Allowed {
				t.Fatalf("type %d: the first refused", typ)
			}
			if l.Error(start, a, uint8(typ)) == limit.Destination {
				types = append(types, uint8(typ))
			}
		}
		return types
	}
	var errors6 []uint8
	for typ := range uint8(128) {
		errors6 = append(errors6, typ)
	}
	for _, row := range []struct {
		name string
		c    limit.Config
		v6   bool
		want []uint8
	}{
		{"ICMP", limit.Config{}, false, []uint8{3, 4, 5, 11, 12}},
		{"ICMPv6", limit.Config{}, true, append(errors6, 137)},
		{"ICMP of Linux", limit.Config{Types4: limit.Types(3, 4, 11, 12)}, false, []uint8{3, 4, 11, 12}},
		{"the other's mask", limit.Config{Types6: limit.Types(1)}, false, []uint8{3, 4, 5, 11, 12}},
		{"ICMPv6 without packet too big", limit.Config{Types6: limit.Types(1, 3, 4)}, true, []uint8{1, 3, 4}},
		{"a reply too", limit.Config{Types4: limit.Types(0, 255)}, false, []uint8{0, 255}},
	} {
		if got := limited(row.c, row.v6); string(got) != string(row.want) {
			t.Errorf("%s: limits %v, want %v", row.name, got, row.want)
		}
	}
}
