package vantage_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/sonde-net/sonde/vantage"
)

// book is a resolver that knows what is written in it.
type book map[string][]string

var errServer = errors.New("server said no")

func (b book) LookupNetIP(_ context.Context, network, host string) (out []netip.Addr, err error) {
	switch host {
	case "slow.test":
		return nil, &net.DNSError{Err: "server misbehaving", IsTemporary: true}
	case "late.test":
		return nil, &net.DNSError{Err: "i/o timeout", IsTimeout: true}
	case "odd.test":
		return nil, errServer
	}
	for _, s := range b[host] {
		a := netip.MustParseAddr(s)
		if network == "ip" || (network == "ip4") == a.Is4() {
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return out, nil
}

func TestResolve(t *testing.T) {
	b := book{"both.test": {"2001:db8::1", "192.0.2.1", "192.0.2.2"}, "four.test": {"192.0.2.3"}, "six.test": {"2001:db8::2"}}
	for _, tt := range []struct {
		host string
		f    vantage.Family
		want []string
		err  error
	}{
		{"both.test", vantage.Any, []string{"2001:db8::1", "192.0.2.1", "192.0.2.2"}, nil},
		{"both.test", vantage.IPv4, []string{"192.0.2.1", "192.0.2.2"}, nil},
		{"both.test", vantage.IPv6, []string{"2001:db8::1"}, nil},
		{"four.test", vantage.IPv6, nil, vantage.ErrFamily},
		{"six.test", vantage.IPv4, nil, vantage.ErrFamily},
		{"none.test", vantage.Any, nil, vantage.ErrHost},
		{"none.test", vantage.IPv4, nil, vantage.ErrHost},
		{"slow.test", vantage.Any, nil, vantage.ErrTemporary},
		{"late.test", vantage.IPv6, nil, vantage.ErrTemporary},
		{"odd.test", vantage.Any, nil, errServer},
		{"", vantage.Any, nil, vantage.ErrHost},
		{"a b", vantage.Any, nil, vantage.ErrHost},
		{"a/b", vantage.Any, nil, vantage.ErrHost},
		{"host%lo", vantage.Any, nil, vantage.ErrHost},
		{"192.0.2.7", vantage.Any, []string{"192.0.2.7"}, nil},
		{"192.0.2.7", vantage.IPv4, []string{"192.0.2.7"}, nil},
		{"192.0.2.7", vantage.IPv6, nil, vantage.ErrFamily},
		{"::ffff:192.0.2.7", vantage.IPv4, []string{"192.0.2.7"}, nil},
		{"2001:db8::7", vantage.IPv6, []string{"2001:db8::7"}, nil},
		{"2001:db8::7", vantage.IPv4, nil, vantage.ErrFamily},
		{"fe80::1%lo", vantage.IPv6, []string{"fe80::1%lo"}, nil},
		{"fe80::1%1", vantage.Any, []string{"fe80::1%1"}, nil},
		{"fe80::1%nosuch", vantage.Any, nil, vantage.ErrHost},
		{"fe80::1%99999", vantage.Any, nil, vantage.ErrHost},
		// inet_aton(3)
		{"127.1", vantage.Any, []string{"127.0.0.1"}, nil},
		{"127.0.1", vantage.Any, []string{"127.0.0.1"}, nil},
		{"10.2.515", vantage.Any, []string{"10.2.2.3"}, nil},
		{"10.65535.1", vantage.Any, nil, vantage.ErrHost},
		{"10.2.65536", vantage.Any, nil, vantage.ErrHost},
		{"0x7f000001", vantage.Any, []string{"127.0.0.1"}, nil},
		{"0x7f.1", vantage.Any, []string{"127.0.0.1"}, nil},
		{"0xb.1", vantage.Any, []string{"11.0.0.1"}, nil},
		{"0177.0.0.1", vantage.Any, []string{"127.0.0.1"}, nil},
		{"2130706433", vantage.Any, []string{"127.0.0.1"}, nil},
		{"4294967295", vantage.Any, []string{"255.255.255.255"}, nil},
		{"4294967296", vantage.Any, nil, vantage.ErrHost},
		{"256.1.1.1", vantage.Any, nil, vantage.ErrHost},
		{"1.1.1.256", vantage.Any, nil, vantage.ErrHost},
		{"1.2.3.4.5", vantage.Any, nil, vantage.ErrHost},
		{"1..2", vantage.Any, nil, vantage.ErrHost},
		{"0b1.1", vantage.Any, nil, vantage.ErrHost},
		{"0o1.1", vantage.Any, nil, vantage.ErrHost},
		{"1_0.1", vantage.Any, nil, vantage.ErrHost},
		{"0x1_0.1", vantage.Any, nil, vantage.ErrHost},
		{"+1.1", vantage.Any, nil, vantage.ErrHost},
		{"-1.1", vantage.Any, nil, vantage.ErrHost},
	} {
		got, err := vantage.Resolve(t.Context(), b, tt.host, tt.f)
		var words []string
		for _, a := range got {
			words = append(words, a.String())
		}
		if !errors.Is(err, tt.err) || err == nil && tt.err != nil || !slices.Equal(words, tt.want) {
			t.Errorf("%q, %v: %v, %v; want %v, %v", tt.host, tt.f, words, err, tt.want, tt.err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := vantage.Resolve(ctx, b, "none.test", vantage.Any); !errors.Is(err, context.Canceled) || err.Error() != "interrupted" {
		t.Errorf("cancelled: %v", err)
	}
}
