// Code generated from registry.csv; DO NOT EDIT.

package icmp6

import "iter"

// RegistryDate is the day whose state of the IANA registry this package has:
// Internet Control Message Protocol version 6 (ICMPv6) Parameters.
const RegistryDate = "2025-12-12"

// The registered types.
const (
	TypeDestUnreachable              Type = 1   // Destination Unreachable (RFC 4443)
	TypePacketTooBig                 Type = 2   // Packet Too Big (RFC 4443)
	TypeTimeExceeded                 Type = 3   // Time Exceeded (RFC 4443)
	TypeParameterProblem             Type = 4   // Parameter Problem (RFC 4443)
	TypePrivateError1                Type = 100 // Private experimentation (RFC 4443)
	TypePrivateError2                Type = 101 // Private experimentation (RFC 4443)
	TypeEchoRequest                  Type = 128 // Echo Request (RFC 4443)
	TypeEchoReply                    Type = 129 // Echo Reply (RFC 4443)
	TypeMLDQuery                     Type = 130 // Multicast Listener Query (RFC 2710)
	TypeMLDReport                    Type = 131 // Multicast Listener Report (RFC 2710)
	TypeMLDDone                      Type = 132 // Multicast Listener Done (RFC 2710)
	TypeRouterSolicitation           Type = 133 // Router Solicitation (RFC 4861)
	TypeRouterAdvertisement          Type = 134 // Router Advertisement (RFC 4861)
	TypeNeighborSolicitation         Type = 135 // Neighbor Solicitation (RFC 4861)
	TypeNeighborAdvertisement        Type = 136 // Neighbor Advertisement (RFC 4861)
	TypeRedirect                     Type = 137 // Redirect Message (RFC 4861)
	TypeRouterRenumbering            Type = 138 // Router Renumbering (RFC 2894)
	TypeNodeInfoQuery                Type = 139 // ICMP Node Information Query (RFC 4620)
	TypeNodeInfoResponse             Type = 140 // ICMP Node Information Response (RFC 4620)
	TypeInverseNDSolicitation        Type = 141 // Inverse Neighbor Discovery Solicitation Message (RFC 3122)
	TypeInverseNDAdvertisement       Type = 142 // Inverse Neighbor Discovery Advertisement Message (RFC 3122)
	TypeMLDv2Report                  Type = 143 // Version 2 Multicast Listener Report (RFC 9777)
	TypeHomeAgentRequest             Type = 144 // Home Agent Address Discovery Request Message (RFC 6275)
	TypeHomeAgentReply               Type = 145 // Home Agent Address Discovery Reply Message (RFC 6275)
	TypeMobilePrefixSolicitation     Type = 146 // Mobile Prefix Solicitation (RFC 6275)
	TypeMobilePrefixAdvertisement    Type = 147 // Mobile Prefix Advertisement (RFC 6275)
	TypeCertPathSolicitation         Type = 148 // Certification Path Solicitation Message (RFC 3971)
	TypeCertPathAdvertisement        Type = 149 // Certification Path Advertisement Message (RFC 3971)
	TypeExperimentalMobility         Type = 150 // ICMP messages utilized by experimental mobility protocols such as Seamoby (RFC 4065)
	TypeMulticastRouterAdvertisement Type = 151 // Multicast Router Advertisement (RFC 4286)
	TypeMulticastRouterSolicitation  Type = 152 // Multicast Router Solicitation (RFC 4286)
	TypeMulticastRouterTermination   Type = 153 // Multicast Router Termination (RFC 4286)
	TypeFMIPv6                       Type = 154 // FMIPv6 Messages (RFC 5568)
	TypeRPLControl                   Type = 155 // RPL Control Message (RFC 6550)
	TypeLocatorUpdate                Type = 156 // ILNPv6 Locator Update Message (RFC 6743)
	TypeDuplicateAddressRequest      Type = 157 // Duplicate Address Request (RFC 6775)
	TypeDuplicateAddressConfirmation Type = 158 // Duplicate Address Confirmation (RFC 6775)
	TypeMPLControl                   Type = 159 // MPL Control Message (RFC 7731)
	TypeExtendedEchoRequest          Type = 160 // Extended Echo Request (RFC 8335)
	TypeExtendedEchoReply            Type = 161 // Extended Echo Reply (RFC 8335)
	TypePrivateInfo1                 Type = 200 // Private experimentation (RFC 4443)
	TypePrivateInfo2                 Type = 201 // Private experimentation (RFC 4443)
)

// The codes of TypeDestUnreachable.
const (
	CodeNoRoute         Code = 0 // no route to destination
	CodeProhibited      Code = 1 // communication with destination administratively prohibited
	CodeBeyondScope     Code = 2 // beyond scope of source address (RFC 4443)
	CodeAddrUnreachable Code = 3 // address unreachable
	CodePortUnreachable Code = 4 // port unreachable
	CodePolicyFailed    Code = 5 // source address failed ingress/egress policy (RFC 4443)
	CodeRejectRoute     Code = 6 // reject route to destination (RFC 4443)
	CodeSourceRouting   Code = 7 // Error in Source Routing Header (RFC 6550, RFC 6554)
	CodeHeadersTooLong  Code = 8 // Headers too long (RFC 8883)
	CodePRoute          Code = 9 // Error in P-Route (RFC-ietf-roll-dao-projection-40)
)

// The codes of TypeTimeExceeded.
const (
	CodeHopLimitExceeded Code = 0 // hop limit exceeded in transit
	CodeReassembly       Code = 1 // fragment reassembly time exceeded
)

// The codes of TypeParameterProblem.
const (
	CodeErroneousHeader          Code = 0  // erroneous header field encountered
	CodeUnknownNextHeader        Code = 1  // unrecognized Next Header type encountered
	CodeUnknownOption            Code = 2  // unrecognized IPv6 option encountered
	CodeIncompleteChain          Code = 3  // IPv6 First Fragment has incomplete IPv6 Header Chain (RFC 7112)
	CodeSRUpperLayer             Code = 4  // SR Upper-layer Header Error (RFC 8754)
	CodeUnknownNextHeaderTransit Code = 5  // Unrecognized Next Header type encountered by intermediate node (RFC 8883)
	CodeExtensionTooBig          Code = 6  // Extension header too big (RFC 8883)
	CodeChainTooLong             Code = 7  // Extension header chain too long (RFC 8883)
	CodeTooManyExtensions        Code = 8  // Too many extension headers (RFC 8883)
	CodeTooManyOptions           Code = 9  // Too many options in extension header (RFC 8883)
	CodeOptionTooBig             Code = 10 // Option too big (RFC 8883)
)

// The codes of TypeRouterRenumbering.
const (
	CodeRenumberingCommand Code = 0   // Router Renumbering Command
	CodeRenumberingResult  Code = 1   // Router Renumbering Result
	CodeSequenceReset      Code = 255 // Sequence Number Reset
)

// The codes of TypeNodeInfoQuery.
const (
	CodeSubjectIPv6 Code = 0 // The Data field contains an IPv6 address which is the Subject of this Query. (RFC 4620)
	CodeSubjectName Code = 1 // The Data field contains a name which is the Subject of this Query, or is empty, as in the case of a NOOP. (RFC 4620)
	CodeSubjectIPv4 Code = 2 // The Data field contains an IPv4 address which is the Subject of this Query. (RFC 4620)
)

// The codes of TypeNodeInfoResponse.
const (
	CodeNodeInfoSuccess Code = 0 // A successful reply. The Reply Data field may or may not be empty. (RFC 4620)
	CodeNodeInfoRefused Code = 1 // The Responder refuses to supply the answer. The Reply Data field will be empty. (RFC 4620)
	CodeNodeInfoUnknown Code = 2 // The Qtype of the Query is unknown to the Responder. The Reply Data field will be empty. (RFC 4620)
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
	0:   "Reserved",
	1:   "Destination Unreachable",
	2:   "Packet Too Big",
	3:   "Time Exceeded",
	4:   "Parameter Problem",
	100: "Private experimentation",
	101: "Private experimentation",
	127: "Reserved for expansion of ICMPv6 error messages",
	128: "Echo Request",
	129: "Echo Reply",
	130: "Multicast Listener Query",
	131: "Multicast Listener Report",
	132: "Multicast Listener Done",
	133: "Router Solicitation",
	134: "Router Advertisement",
	135: "Neighbor Solicitation",
	136: "Neighbor Advertisement",
	137: "Redirect Message",
	138: "Router Renumbering",
	139: "ICMP Node Information Query",
	140: "ICMP Node Information Response",
	141: "Inverse Neighbor Discovery Solicitation Message",
	142: "Inverse Neighbor Discovery Advertisement Message",
	143: "Version 2 Multicast Listener Report",
	144: "Home Agent Address Discovery Request Message",
	145: "Home Agent Address Discovery Reply Message",
	146: "Mobile Prefix Solicitation",
	147: "Mobile Prefix Advertisement",
	148: "Certification Path Solicitation Message",
	149: "Certification Path Advertisement Message",
	150: "ICMP messages utilized by experimental mobility protocols such as Seamoby",
	151: "Multicast Router Advertisement",
	152: "Multicast Router Solicitation",
	153: "Multicast Router Termination",
	154: "FMIPv6 Messages",
	155: "RPL Control Message",
	156: "ILNPv6 Locator Update Message",
	157: "Duplicate Address Request",
	158: "Duplicate Address Confirmation",
	159: "MPL Control Message",
	160: "Extended Echo Request",
	161: "Extended Echo Reply",
	200: "Private experimentation",
	201: "Private experimentation",
	255: "Reserved for expansion of ICMPv6 informational messages",
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
	return false
}

var codeNames = [256][]string{
	1: {
		0: "no route to destination",
		1: "communication with destination administratively prohibited",
		2: "beyond scope of source address",
		3: "address unreachable",
		4: "port unreachable",
		5: "source address failed ingress/egress policy",
		6: "reject route to destination",
		7: "Error in Source Routing Header",
		8: "Headers too long",
		9: "Error in P-Route",
	},
	3: {
		0: "hop limit exceeded in transit",
		1: "fragment reassembly time exceeded",
	},
	4: {
		0:  "erroneous header field encountered",
		1:  "unrecognized Next Header type encountered",
		2:  "unrecognized IPv6 option encountered",
		3:  "IPv6 First Fragment has incomplete IPv6 Header Chain",
		4:  "SR Upper-layer Header Error",
		5:  "Unrecognized Next Header type encountered by intermediate node",
		6:  "Extension header too big",
		7:  "Extension header chain too long",
		8:  "Too many extension headers",
		9:  "Too many options in extension header",
		10: "Option too big",
	},
	138: {
		0:   "Router Renumbering Command",
		1:   "Router Renumbering Result",
		255: "Sequence Number Reset",
	},
	139: {
		0: "The Data field contains an IPv6 address which is the Subject of this Query.",
		1: "The Data field contains a name which is the Subject of this Query, or is empty, as in the case of a NOOP.",
		2: "The Data field contains an IPv4 address which is the Subject of this Query.",
	},
	140: {
		0: "A successful reply. The Reply Data field may or may not be empty.",
		1: "The Responder refuses to supply the answer. The Reply Data field will be empty.",
		2: "The Qtype of the Query is unknown to the Responder. The Reply Data field will be empty.",
	},
	157: {
		0: "DAR message",
		1: "EDAR message with 64-bit ROVR field",
		2: "EDAR message with 128-bit ROVR field",
		3: "EDAR message with 192-bit ROVR field",
		4: "EDAR message with 256-bit ROVR field",
	},
	158: {
		0: "DAC message",
		1: "EDAC message with 64-bit ROVR field",
		2: "EDAC message with 128-bit ROVR field",
		3: "EDAC message with 192-bit ROVR field",
		4: "EDAC message with 256-bit ROVR field",
	},
	160: {0: "No Error"},
	161: {
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
	case 1, 2, 3, 4, 100, 101, 127, 128, 129, 200, 201, 255:
		return "RFC 4443"
	case 130, 131, 132:
		return "RFC 2710"
	case 133, 134, 135, 136, 137:
		return "RFC 4861"
	case 138:
		return "RFC 2894"
	case 139, 140:
		return "RFC 4620"
	case 141, 142:
		return "RFC 3122"
	case 143:
		return "RFC 9777"
	case 144, 145, 146, 147:
		return "RFC 6275"
	case 148, 149:
		return "RFC 3971"
	case 150:
		return "RFC 4065"
	case 151, 152, 153:
		return "RFC 4286"
	case 154:
		return "RFC 5568"
	case 155:
		return "RFC 6550"
	case 156:
		return "RFC 6743"
	case 157, 158:
		return "RFC 6775"
	case 159:
		return "RFC 7731"
	case 160, 161:
		return "RFC 8335"
	}
	return ""
}

var kinds = [...]Kind{
	{1, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {1, 7}, {1, 8}, {1, 9},
	{2, 0},
	{3, 0}, {3, 1},
	{4, 0}, {4, 1}, {4, 2}, {4, 3}, {4, 4}, {4, 5}, {4, 6}, {4, 7}, {4, 8}, {4, 9}, {4, 10},
	{100, 0},
	{101, 0},
	{128, 0},
	{129, 0},
	{130, 0},
	{131, 0},
	{132, 0},
	{133, 0},
	{134, 0},
	{135, 0},
	{136, 0},
	{137, 0},
	{138, 0}, {138, 1}, {138, 255},
	{139, 0}, {139, 1}, {139, 2},
	{140, 0}, {140, 1}, {140, 2},
	{141, 0},
	{142, 0},
	{143, 0},
	{144, 0},
	{145, 0},
	{146, 0},
	{147, 0},
	{148, 0},
	{149, 0},
	{150, 0},
	{151, 0},
	{152, 0},
	{153, 0},
	{154, 0},
	{155, 0},
	{156, 0},
	{157, 0}, {157, 1}, {157, 2}, {157, 3}, {157, 4},
	{158, 0}, {158, 1}, {158, 2}, {158, 3}, {158, 4},
	{159, 0},
	{160, 0},
	{161, 0}, {161, 1}, {161, 2}, {161, 3}, {161, 4},
	{200, 0},
	{201, 0},
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
