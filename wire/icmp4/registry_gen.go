// Code generated from registry.csv; DO NOT EDIT.

package icmp4

import "iter"

// RegistryDate is the day whose state of the IANA registry this package has:
// Internet Control Message Protocol (ICMP) Parameters.
const RegistryDate = "2026-01-05"

// The registered types.
const (
	TypeEchoReply            Type = 0   // Echo Reply (RFC 792)
	TypeDestUnreachable      Type = 3   // Destination Unreachable (RFC 792)
	TypeSourceQuench         Type = 4   // Source Quench, deprecated (RFC 792, RFC 6633)
	TypeRedirect             Type = 5   // Redirect (RFC 792)
	TypeAlternateAddress     Type = 6   // Alternate Host Address, deprecated (RFC 6918)
	TypeEchoRequest          Type = 8   // Echo (RFC 792)
	TypeRouterAdvertisement  Type = 9   // Router Advertisement (RFC 1256)
	TypeRouterSolicitation   Type = 10  // Router Solicitation (RFC 1256)
	TypeTimeExceeded         Type = 11  // Time Exceeded (RFC 792)
	TypeParameterProblem     Type = 12  // Parameter Problem (RFC 792)
	TypeTimestampRequest     Type = 13  // Timestamp (RFC 792)
	TypeTimestampReply       Type = 14  // Timestamp Reply (RFC 792)
	TypeInfoRequest          Type = 15  // Information Request, deprecated (RFC 792, RFC 6918)
	TypeInfoReply            Type = 16  // Information Reply, deprecated (RFC 792, RFC 6918)
	TypeMaskRequest          Type = 17  // Address Mask Request, deprecated (RFC 950, RFC 6918)
	TypeMaskReply            Type = 18  // Address Mask Reply, deprecated (RFC 950, RFC 6918)
	TypeTraceroute           Type = 30  // Traceroute, deprecated (RFC 1393, RFC 6918)
	TypeConversionError      Type = 31  // Datagram Conversion Error, deprecated (RFC 1475, RFC 6918)
	TypeMobileRedirect       Type = 32  // Mobile Host Redirect, deprecated (David Johnson, RFC 6918)
	TypeWhereAreYou          Type = 33  // IPv6 Where-Are-You, deprecated (Simpson, RFC 6918)
	TypeIAmHere              Type = 34  // IPv6 I-Am-Here, deprecated (Simpson, RFC 6918)
	TypeMobileRegRequest     Type = 35  // Mobile Registration Request, deprecated (Simpson, RFC 6918)
	TypeMobileRegReply       Type = 36  // Mobile Registration Reply, deprecated (Simpson, RFC 6918)
	TypeDomainNameRequest    Type = 37  // Domain Name Request, deprecated (RFC 1788, RFC 6918)
	TypeDomainNameReply      Type = 38  // Domain Name Reply, deprecated (RFC 1788, RFC 6918)
	TypeSKIP                 Type = 39  // SKIP, deprecated (Markson, RFC 6918)
	TypePhoturis             Type = 40  // Photuris (RFC 2521)
	TypeExperimentalMobility Type = 41  // ICMP messages utilized by experimental mobility protocols such as Seamoby (RFC 4065)
	TypeExtendedEchoRequest  Type = 42  // Extended Echo Request (RFC 8335)
	TypeExtendedEchoReply    Type = 43  // Extended Echo Reply (RFC 8335)
	TypeExperiment1          Type = 253 // RFC3692-style Experiment 1 (RFC 4727)
	TypeExperiment2          Type = 254 // RFC3692-style Experiment 2 (RFC 4727)
)

// The codes of TypeDestUnreachable.
const (
	CodeNetUnreachable      Code = 0  // Net Unreachable (RFC 792)
	CodeHostUnreachable     Code = 1  // Host Unreachable (RFC 792)
	CodeProtocolUnreachable Code = 2  // Protocol Unreachable (RFC 792)
	CodePortUnreachable     Code = 3  // Port Unreachable (RFC 792)
	CodeFragNeeded          Code = 4  // Fragmentation Needed and Don't Fragment was Set (RFC 792)
	CodeSourceRouteFailed   Code = 5  // Source Route Failed (RFC 792)
	CodeNetUnknown          Code = 6  // Destination Network Unknown (RFC 1122)
	CodeHostUnknown         Code = 7  // Destination Host Unknown (RFC 1122)
	CodeSourceIsolated      Code = 8  // Source Host Isolated (RFC 1122)
	CodeNetProhibited       Code = 9  // Communication with Destination Network is Administratively Prohibited (RFC 1122)
	CodeHostProhibited      Code = 10 // Communication with Destination Host is Administratively Prohibited (RFC 1122)
	CodeNetTOS              Code = 11 // Destination Network Unreachable for Type of Service (RFC 1122)
	CodeHostTOS             Code = 12 // Destination Host Unreachable for Type of Service (RFC 1122)
	CodeAdminProhibited     Code = 13 // Communication Administratively Prohibited (RFC 1812)
	CodeHostPrecedence      Code = 14 // Host Precedence Violation (RFC 1812)
	CodePrecedenceCutoff    Code = 15 // Precedence cutoff in effect (RFC 1812)
)

// The codes of TypeRedirect.
const (
	CodeRedirectNet     Code = 0 // Redirect Datagram for the Network (or subnet)
	CodeRedirectHost    Code = 1 // Redirect Datagram for the Host
	CodeRedirectTOSNet  Code = 2 // Redirect Datagram for the Type of Service and Network
	CodeRedirectTOSHost Code = 3 // Redirect Datagram for the Type of Service and Host
)

// The codes of TypeAlternateAddress.
const (
	CodeAlternateForHost Code = 0 // Alternate Address for Host
)

// The codes of TypeRouterAdvertisement.
const (
	CodeNormalRouter    Code = 0  // Normal router advertisement (RFC 3344)
	CodeNoCommonTraffic Code = 16 // Does not route common traffic (RFC 3344)
)

// The codes of TypeTimeExceeded.
const (
	CodeTTLExceeded Code = 0 // Time to Live exceeded in Transit
	CodeReassembly  Code = 1 // Fragment Reassembly Time Exceeded
)

// The codes of TypeParameterProblem.
const (
	CodePointer       Code = 0 // Pointer indicates the error
	CodeMissingOption Code = 1 // Missing a Required Option (RFC 1108)
	CodeBadLength     Code = 2 // Bad Length
)

// The codes of TypePhoturis.
const (
	CodeBadSPI              Code = 0 // Bad SPI
	CodeAuthFailed          Code = 1 // Authentication Failed
	CodeDecompressionFailed Code = 2 // Decompression Failed
	CodeDecryptionFailed    Code = 3 // Decryption Failed
	CodeNeedAuthentication  Code = 4 // Need Authentication
	CodeNeedAuthorization   Code = 5 // Need Authorization
)

// The codes of TypeExtendedEchoReply.
const (
	CodeNoError            Code = 0 // No Error (RFC 8335)
	CodeMalformedQuery     Code = 1 // Malformed Query (RFC 8335)
	CodeNoSuchInterface    Code = 2 // No Such Interface (RFC 8335)
	CodeNoSuchTableEntry   Code = 3 // No Such Table Entry (RFC 8335)
	CodeMultipleInterfaces Code = 4 // Multiple Interfaces Satisfy Query (RFC 8335)
)

var typeNames = [256]string{
	0:   "Echo Reply",
	3:   "Destination Unreachable",
	4:   "Source Quench",
	5:   "Redirect",
	6:   "Alternate Host Address",
	8:   "Echo",
	9:   "Router Advertisement",
	10:  "Router Solicitation",
	11:  "Time Exceeded",
	12:  "Parameter Problem",
	13:  "Timestamp",
	14:  "Timestamp Reply",
	15:  "Information Request",
	16:  "Information Reply",
	17:  "Address Mask Request",
	18:  "Address Mask Reply",
	19:  "Reserved (for Security)",
	20:  "Reserved (for Robustness Experiment)",
	21:  "Reserved (for Robustness Experiment)",
	22:  "Reserved (for Robustness Experiment)",
	23:  "Reserved (for Robustness Experiment)",
	24:  "Reserved (for Robustness Experiment)",
	25:  "Reserved (for Robustness Experiment)",
	26:  "Reserved (for Robustness Experiment)",
	27:  "Reserved (for Robustness Experiment)",
	28:  "Reserved (for Robustness Experiment)",
	29:  "Reserved (for Robustness Experiment)",
	30:  "Traceroute",
	31:  "Datagram Conversion Error",
	32:  "Mobile Host Redirect",
	33:  "IPv6 Where-Are-You",
	34:  "IPv6 I-Am-Here",
	35:  "Mobile Registration Request",
	36:  "Mobile Registration Reply",
	37:  "Domain Name Request",
	38:  "Domain Name Reply",
	39:  "SKIP",
	40:  "Photuris",
	41:  "ICMP messages utilized by experimental mobility protocols such as Seamoby",
	42:  "Extended Echo Request",
	43:  "Extended Echo Reply",
	253: "RFC3692-style Experiment 1",
	254: "RFC3692-style Experiment 2",
	255: "Reserved",
}

// String returns the registry's name of the type; "Unassigned", or "Reserved" and
// what for, where no message is registered.
func (t Type) String() string {
	if s := typeNames[t]; s != "" {
		return s
	}
	return "Unassigned"
}

// Deprecated reports whether the registry marks the type as deprecated.
func (t Type) Deprecated() bool {
	switch t {
	case 4, 6, 15, 16, 17, 18, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39:
		return true
	}
	return false
}

var codeNames = [256][]string{
	0: {0: "No Code"},
	3: {
		0:  "Net Unreachable",
		1:  "Host Unreachable",
		2:  "Protocol Unreachable",
		3:  "Port Unreachable",
		4:  "Fragmentation Needed and Don't Fragment was Set",
		5:  "Source Route Failed",
		6:  "Destination Network Unknown",
		7:  "Destination Host Unknown",
		8:  "Source Host Isolated",
		9:  "Communication with Destination Network is Administratively Prohibited",
		10: "Communication with Destination Host is Administratively Prohibited",
		11: "Destination Network Unreachable for Type of Service",
		12: "Destination Host Unreachable for Type of Service",
		13: "Communication Administratively Prohibited",
		14: "Host Precedence Violation",
		15: "Precedence cutoff in effect",
	},
	4: {0: "No Code"},
	5: {
		0: "Redirect Datagram for the Network (or subnet)",
		1: "Redirect Datagram for the Host",
		2: "Redirect Datagram for the Type of Service and Network",
		3: "Redirect Datagram for the Type of Service and Host",
	},
	6: {0: "Alternate Address for Host"},
	8: {0: "No Code"},
	9: {
		0:  "Normal router advertisement",
		16: "Does not route common traffic",
	},
	10: {0: "No Code"},
	11: {
		0: "Time to Live exceeded in Transit",
		1: "Fragment Reassembly Time Exceeded",
	},
	12: {
		0: "Pointer indicates the error",
		1: "Missing a Required Option",
		2: "Bad Length",
	},
	13: {0: "No Code"},
	14: {0: "No Code"},
	15: {0: "No Code"},
	16: {0: "No Code"},
	17: {0: "No Code"},
	18: {0: "No Code"},
	40: {
		0: "Bad SPI",
		1: "Authentication Failed",
		2: "Decompression Failed",
		3: "Decryption Failed",
		4: "Need Authentication",
		5: "Need Authorization",
	},
	42: {0: "No Error"},
	43: {
		0: "No Error",
		1: "Malformed Query",
		2: "No Such Interface",
		3: "No Such Table Entry",
		4: "Multiple Interfaces Satisfy Query",
	},
}

// CodeName returns the registry's name of the code under its type, empty where
// it has none.
func (k Kind) CodeName() string {
	if names := codeNames[k.Type]; int(k.Code) < len(names) {
		return names[k.Code]
	}
	return ""
}

// Reference returns where the type is defined, as the registry has it: the RFCs
// ("RFC 792, RFC 6633"), or the name of a person; empty where it has none.
func (t Type) Reference() string {
	switch t {
	case 0, 3, 5, 8, 11, 12, 13, 14:
		return "RFC 792"
	case 4:
		return "RFC 792, RFC 6633"
	case 6:
		return "RFC 6918"
	case 9, 10:
		return "RFC 1256"
	case 15, 16:
		return "RFC 792, RFC 6918"
	case 17, 18:
		return "RFC 950, RFC 6918"
	case 19:
		return "Solo"
	case 20, 21, 22, 23, 24, 25, 26, 27, 28, 29:
		return "ZSu"
	case 30:
		return "RFC 1393, RFC 6918"
	case 31:
		return "RFC 1475, RFC 6918"
	case 32:
		return "David Johnson, RFC 6918"
	case 33, 34, 35, 36:
		return "Simpson, RFC 6918"
	case 37, 38:
		return "RFC 1788, RFC 6918"
	case 39:
		return "Markson, RFC 6918"
	case 40:
		return "RFC 2521"
	case 41:
		return "RFC 4065"
	case 42, 43:
		return "RFC 8335"
	case 253, 254:
		return "RFC 4727"
	case 255:
		return "JBP"
	}
	return ""
}

var kinds = [...]Kind{
	{0, 0},
	{3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}, {3, 5}, {3, 6}, {3, 7}, {3, 8}, {3, 9}, {3, 10}, {3, 11}, {3, 12}, {3, 13}, {3, 14}, {3, 15},
	{4, 0},
	{5, 0}, {5, 1}, {5, 2}, {5, 3},
	{6, 0},
	{8, 0},
	{9, 0}, {9, 16},
	{10, 0},
	{11, 0}, {11, 1},
	{12, 0}, {12, 1}, {12, 2},
	{13, 0},
	{14, 0},
	{15, 0},
	{16, 0},
	{17, 0},
	{18, 0},
	{30, 0},
	{31, 0},
	{32, 0},
	{33, 0},
	{34, 0},
	{35, 0},
	{36, 0},
	{37, 0},
	{38, 0},
	{39, 0},
	{40, 0}, {40, 1}, {40, 2}, {40, 3}, {40, 4}, {40, 5},
	{41, 0},
	{42, 0},
	{43, 0}, {43, 1}, {43, 2}, {43, 3}, {43, 4},
	{253, 0},
	{254, 0},
}

// Kinds yields every registered type with each of its registered codes, in
// rising order; a type without registered codes comes once, with code 0.
// Reserved and unassigned types are left out.
func Kinds() iter.Seq[Kind] {
	return func(yield func(Kind) bool) {
		for _, k := range kinds {
			if !yield(k) {
				return
			}
		}
	}
}
