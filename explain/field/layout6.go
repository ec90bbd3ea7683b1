package field

import (
	"sync"

	"github.com/sonde-net/sonde/wire/icmp6"
)

var (
	quoting6 = []Column{{4, 1, "f.attr", attribute8}, {5, 3, "f.unused", unused}}
	listened = []Column{{4, 2, "f.maxresp", number}, {6, 2, "f.reserved", unused}, {8, 16, "f.group", address6}}
	asked    = []Column{{4, 2, "f.qtype", number}, {6, 2, "f.flags", hexadecimal}, {8, 8, "f.nonce", hexadecimal}}
	homed    = []Column{{4, 2, "f.id", number}, {6, 2, "f.reserved", unused}}
	owned    = []Column{
		{4, 1, "f.status", number}, {5, 1, "f.tid", number}, {6, 2, "f.reglife", minutes},
	}
)

// layouts6 are the fixed parts of the ICMPv6 messages.
var layouts6 = sync.OnceValue(func() map[icmp6.Type][]Column {
	return map[icmp6.Type][]Column{
		icmp6.TypeDestUnreachable:    quoting6,
		icmp6.TypePacketTooBig:       {{4, 4, "f.mtu", octets}},
		icmp6.TypeTimeExceeded:       quoting6,
		icmp6.TypeParameterProblem:   {{4, 4, "f.pointer", number}},
		icmp6.TypeEchoRequest:        identified,
		icmp6.TypeEchoReply:          identified,
		icmp6.TypeMLDQuery:           listened,
		icmp6.TypeMLDReport:          listened,
		icmp6.TypeMLDDone:            listened,
		icmp6.TypeRouterSolicitation: reserved4,
		icmp6.TypeRouterAdvertisement: {
			{4, 1, "f.curhop", number},
			{5, 1, "f.flags", number},
			{6, 2, "f.rlife", seconds},
			{8, 4, "f.reachable", millis},
			{12, 4, "f.retrans", millis},
		},
		icmp6.TypeNeighborSolicitation:  with(reserved4, Column{8, 16, "f.target", address6}),
		icmp6.TypeNeighborAdvertisement: {{4, 1, "f.flags", number}, {5, 3, "f.reserved", unused}, {8, 16, "f.target", address6}},
		icmp6.TypeRedirect:              with(reserved4, Column{8, 16, "f.target", address6}, Column{24, 16, "f.dst", address6}),
		icmp6.TypeRouterRenumbering: {
			{4, 4, "f.serial", number},
			{8, 1, "f.segment", number},
			{9, 1, "f.flags", hexadecimal},
			{10, 2, "f.maxdelay", millis},
			{12, 4, "f.reserved", unused},
		},
		icmp6.TypeNodeInfoQuery:             asked,
		icmp6.TypeNodeInfoResponse:          asked,
		icmp6.TypeInverseNDSolicitation:     reserved4,
		icmp6.TypeInverseNDAdvertisement:    reserved4,
		icmp6.TypeMLDv2Report:               {{4, 2, "f.flags", hexadecimal}, {6, 2, "f.records", number}},
		icmp6.TypeHomeAgentRequest:          homed,
		icmp6.TypeHomeAgentReply:            homed,
		icmp6.TypeMobilePrefixSolicitation:  homed,
		icmp6.TypeMobilePrefixAdvertisement: {{4, 2, "f.id", number}, {6, 2, "f.flags", hexadecimal}},
		icmp6.TypeCertPathSolicitation:      {{4, 2, "f.id", number}, {6, 2, "f.component", number}},
		icmp6.TypeCertPathAdvertisement: {
			{4, 2, "f.id", number}, {6, 2, "f.components", number}, {8, 2, "f.component", number}, {10, 2, "f.reserved", unused},
		},
		icmp6.TypeExperimentalMobility:         {{4, 1, "f.subtype", number}, {5, 3, "f.reserved", hexadecimal}},
		icmp6.TypeMulticastRouterAdvertisement: {{4, 2, "f.interval", seconds}, {6, 2, "f.robust", number}},
		icmp6.TypeFMIPv6:                       {{4, 1, "f.subtype", number}, {5, 1, "f.reserved", hexadecimal}, {6, 2, "f.id", number}},
		icmp6.TypeLocatorUpdate: {
			{4, 1, "f.locators", number}, {5, 1, "f.operation", number}, {6, 2, "f.reserved", unused},
		},
		icmp6.TypeDuplicateAddressRequest:      owned,
		icmp6.TypeDuplicateAddressConfirmation: owned,
		icmp6.TypeExtendedEchoRequest:          proxied,
		icmp6.TypeExtendedEchoReply:            proxied,
	}
})

// Columns6 are the columns of a message: those of its type.
func Columns6(t icmp6.Type) []Column { return layouts6()[t] }
