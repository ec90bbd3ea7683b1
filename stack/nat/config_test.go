package nat_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/stack/nat"
	"github.com/sonde-net/sonde/wire"
)

func TestConfig(t *testing.T) {
	v6 := netip.MustParseAddr("2001:db8::1")
	for _, tt := range []struct {
		field string
		c     nat.Config
	}{
		{"Outside", nat.Config{}},
		{"Outside", nat.Config{Outside: v6}},
		{"Inside", nat.Config{Outside: outside, Inside: []netip.Prefix{{}}}},
		{"Inside", nat.Config{Outside: outside, Inside: []netip.Prefix{netip.PrefixFrom(v6, 64)}}},
		{"Mappings", nat.Config{Outside: outside, Mappings: -1}},
		{"Mappings", nat.Config{Outside: outside, Mappings: 1<<15 + 1}},
		{"Fragments", nat.Config{Outside: outside, Fragments: -1}},
		{"Fragments", nat.Config{Outside: outside, Fragments: 1<<16 + 1}},
		{"UDP", nat.Config{Outside: outside, UDP: -1}},
		{"TCP", nat.Config{Outside: outside, TCP: -1}},
		{"TCPTransient", nat.Config{Outside: outside, TCPTransient: -1}},
		{"ICMP", nat.Config{Outside: outside, ICMP: -1}},
		{"Fragment", nat.Config{Outside: outside, Fragment: -1}},
	} {
		n, err := nat.New(tt.c)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || fe.Field != tt.field || fe.Type != "nat.Config" || n != nil {
			t.Errorf("%s: %v", tt.field, err)
		}
	}
	for _, c := range []nat.Config{
		{Outside: outside, Mappings: 1 << 15, Fragments: 1 << 16}, {Outside: outside, Mappings: 1, Fragments: 1},
	} {
		if _, err := nat.New(c); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
