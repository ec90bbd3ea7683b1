package option

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// routerAlertLen is the length of a router alert in octets.
const routerAlertLen = 4

// ParseRouterAlert reads o as a router alert (RFC 2113 §2.1) and returns its
// value: 0 asks every gateway to look at the datagram. Another length than 4 is
// a [wire.Length] at the length octet, another type a [wire.Mismatch] at the
// type octet.
func ParseRouterAlert(o ip.Option4) (uint16, error) {
	switch {
	case o.Type != ip.OptRouterAlert:
		return 0, fault("option.RouterAlert", o, 0, wire.Mismatch)
	case len(o.Data) != routerAlertLen-optHeaderLen:
		return 0, fault("option.RouterAlert", o, 1, wire.Length)
	}
	return binary.BigEndian.Uint16(o.Data), nil
}

// AppendRouterAlert appends a router alert to b.
func AppendRouterAlert(b []byte, value uint16) []byte {
	return append(b, byte(ip.OptRouterAlert), routerAlertLen, byte(value>>8), byte(value))
}
