package icmp6_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

var rawRows = []wiretest.Row[icmp6.Raw]{
	{
		Name:  "multicast router solicitation, four octets in all",
		Value: icmp6.Raw{Type: icmp6.TypeMulticastRouterSolicitation, Body: []byte{}},
		Hex:   `9800 0c3a`,
		Text:  "152/0 Multicast Router Solicitation, 0 octets",
	},
	{
		Name:  "router renumbering",
		Value: icmp6.Raw{Type: icmp6.TypeRouterRenumbering, Code: icmp6.CodeSequenceReset, Body: octets(`00000001 0011 0000`)},
		Hex:   `8aff 1921 00000001 0011 0000`,
		Text:  "138/255 Router Renumbering: Sequence Number Reset, 8 octets",
	},
	{
		Name:  "unassigned error",
		Value: icmp6.Raw{Type: 90, Code: 3, Body: []byte{7, 8, 9}},
		Hex:   `5a03 3a2c 070809`,
		Text:  "90/3 Unassigned, 3 octets",
	},
}

func TestRaw(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.Raw", 4, icmp6.ParseRaw, icmp6.DecodeRaw, rawRows)
}

func TestRawLimit(t *testing.T) {
	accepted(t, icmp6.Raw{Type: 200, Body: make([]byte, 65531)}, 65535)
	refused(t, icmp6.Raw{Type: 200, Body: make([]byte, 65532)},
		wire.FieldError{Type: "icmp6.Raw", Field: "Body", Value: 65532, Limit: 65531})
}
