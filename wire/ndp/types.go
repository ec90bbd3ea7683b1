package ndp

// Type is the first octet of an option.
type Type uint8

// The types that this package reads.
const (
	TypeSourceLinkLayerAddress Type = 1  // RFC 4861 §4.6.1
	TypeTargetLinkLayerAddress Type = 2  // RFC 4861 §4.6.1
	TypePrefixInformation      Type = 3  // RFC 4861 §4.6.2
	TypeRedirectedHeader       Type = 4  // RFC 4861 §4.6.3
	TypeMTU                    Type = 5  // RFC 4861 §4.6.4
	TypeNonce                  Type = 14 // RFC 3971 §5.3.2
	TypeRouteInformation       Type = 24 // RFC 4191 §2.3
	TypeRDNSS                  Type = 25 // RFC 8106 §5.1
	TypeDNSSL                  Type = 31 // RFC 8106 §5.2
	TypePREF64                 Type = 38 // RFC 8781 §4
)

// typeNames are the names of the IANA registry "IPv6 Neighbor Discovery Option
// Formats", without the word option at their end, as it stood on 2025-12-12.
var typeNames = [256]string{
	1: "Source Link-layer Address", 2: "Target Link-layer Address", 3: "Prefix Information",
	4: "Redirected Header", 5: "MTU", 6: "NBMA Shortcut Limit", 7: "Advertisement Interval",
	8: "Home Agent Information", 9: "Source Address List", 10: "Target Address List",
	11: "CGA", 12: "RSA Signature", 13: "Timestamp", 14: "Nonce", 15: "Trust Anchor",
	16: "Certificate", 17: "IP Address/Prefix", 18: "New Router Prefix Information",
	19: "Link-layer Address", 20: "Neighbor Advertisement Acknowledgment",
	21: "PvD ID Router Advertisement", 23: "MAP", 24: "Route Information",
	25: "Recursive DNS Server", 26: "RA Flags Extension", 27: "Handover Key Request",
	28: "Handover Key Reply", 29: "Handover Assist Information", 30: "Mobile Node Identifier",
	31: "DNS Search List", 32: "Proxy Signature", 33: "Address Registration",
	34: "6LoWPAN Context", 35: "Authoritative Border Router", 36: "6LoWPAN Capability Indication",
	37: "DHCP Captive-Portal", 38: "PREF64", 39: "Crypto-ID Parameters", 40: "NDP Signature",
	41: "Resource Directory Address", 42: "Consistent Uptime",
	138: "CARD Request", 139: "CARD Reply", 144: "Encrypted DNS",
	253: "RFC3692-style Experiment 1", 254: "RFC3692-style Experiment 2",
}

// String returns the registry's name of the type, "Unassigned" where it has
// none.
func (t Type) String() string {
	if s := typeNames[t]; s != "" {
		return s
	}
	return "Unassigned"
}
