package icmp6_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ndp"
)

// sourceMAC is a source link-layer address option.
var sourceMAC = octets(`0101 02005e001001`)

var solicitationRows = []wiretest.Row[icmp6.RouterSolicitation]{
	{
		Name:  "with a source link-layer address",
		Value: icmp6.RouterSolicitation{Options: sourceMAC},
		Hex:   `8500 ae2b 00000000 0101 02005e001001`,
		Text:  "133/0 Router Solicitation, options of 8 octets",
	},
	{
		Name:  "reserved octets, no option",
		Value: icmp6.RouterSolicitation{Code: 2, Reserved: 0xd1d2d3d4, Options: []byte{}},
		Hex:   `8502 798c d1d2d3d4`,
		Text:  "133/2 Router Solicitation",
	},
}

func TestRouterSolicitation(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.RouterSolicitation", 8, icmp6.ParseRouterSolicitation, icmp6.DecodeRouterSolicitation, solicitationRows)
}

func TestRouterSolicitationLimit(t *testing.T) {
	accepted(t, icmp6.RouterSolicitation{Options: make([]byte, 65527)}, 65535)
	refused(t, icmp6.RouterSolicitation{Options: make([]byte, 65528)},
		wire.FieldError{Type: "icmp6.RouterSolicitation", Field: "Options", Value: 65528, Limit: 65527})
}

var advertisementRows = []wiretest.Row[icmp6.RouterAdvertisement]{
	{
		Name: "with an option",
		Value: icmp6.RouterAdvertisement{
			HopLimit: 64, Flags: ndp.RouterManaged, Lifetime: 30 * time.Minute,
			Reachable: 30 * time.Second, Retrans: time.Second, Options: sourceMAC,
		},
		Hex: `8600 ec82 40 80 0708 00007530 000003e8 0101 02005e001001`,
		Text: "134/0 Router Advertisement, hop limit 64, flags M, lifetime 30m0s, reachable 30s, retrans 1s, " +
			"options of 8 octets",
	},
	{
		Name: "every value at its greatest",
		Value: icmp6.RouterAdvertisement{
			Code: 1, HopLimit: 255, Flags: 0xff, Lifetime: 65535 * time.Second,
			Reachable: 0xffffffff * time.Millisecond, Retrans: 0xfffffffe * time.Millisecond, Options: []byte{},
		},
		Hex: `8601 1e2e ff ff ffff ffffffff fffffffe`,
		Text: "134/1 Router Advertisement, hop limit 255, flags MOHP, preference low, lifetime 18h12m15s, " +
			"reachable 1193h2m47.295s, retrans 1193h2m47.294s",
	},
}

func TestRouterAdvertisement(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.RouterAdvertisement", 16, icmp6.ParseRouterAdvertisement, icmp6.DecodeRouterAdvertisement, advertisementRows)
}

func TestRouterAdvertisementLimits(t *testing.T) {
	const (
		name    = "icmp6.RouterAdvertisement"
		seconds = "whole seconds, 0 to 65535"
		millis  = "whole milliseconds that fit 32 bits"
	)
	accepted(t, icmp6.RouterAdvertisement{Options: make([]byte, 65519)}, 65535)
	refused(t, icmp6.RouterAdvertisement{Options: make([]byte, 65520)}, wire.FieldError{Type: name, Field: "Options", Value: 65520, Limit: 65519})
	for _, d := range []time.Duration{-time.Second, time.Millisecond, 65536 * time.Second, 1<<63 - 1} {
		refused(t, icmp6.RouterAdvertisement{Lifetime: d}, wire.FieldError{Type: name, Field: "Lifetime", Want: seconds})
	}
	for _, d := range []time.Duration{-time.Millisecond, time.Microsecond, 0x100000000 * time.Millisecond, 1<<63 - 1} {
		refused(t, icmp6.RouterAdvertisement{Reachable: d}, wire.FieldError{Type: name, Field: "Reachable", Want: millis})
		refused(t, icmp6.RouterAdvertisement{Retrans: d}, wire.FieldError{Type: name, Field: "Retrans", Want: millis})
	}
}
