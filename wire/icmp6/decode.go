package icmp6

import "github.com/sonde-net/sonde/wire"

// Decode is [Parse] without the checksum.
func Decode(b []byte) (Message, error) {
	if len(b) < minLen {
		return nil, &wire.ParseError{Type: "icmp6.Message", Offset: len(b), Reason: wire.Short}
	}
	switch Type(b[0]) {
	case TypeDestUnreachable:
		return message(DecodeDestUnreachable(b))
	case TypePacketTooBig:
		return message(DecodePacketTooBig(b))
	case TypeTimeExceeded:
		return message(DecodeTimeExceeded(b))
	case TypeParameterProblem:
		return message(DecodeParameterProblem(b))
	case TypeEchoRequest, TypeEchoReply:
		return message(DecodeEcho(b))
	case TypeMLDQuery:
		// The length alone tells the two versions apart (RFC 3810 §8.1).
		if len(b) > mldLen {
			return message(DecodeMLDv2Query(b))
		}
		return message(DecodeMLD(b))
	case TypeMLDReport, TypeMLDDone:
		return message(DecodeMLD(b))
	case TypeMLDv2Report:
		return message(DecodeMLDv2Report(b))
	case TypeRouterSolicitation:
		return message(DecodeRouterSolicitation(b))
	case TypeRouterAdvertisement:
		return message(DecodeRouterAdvertisement(b))
	case TypeNeighborSolicitation:
		return message(DecodeNeighborSolicitation(b))
	case TypeNeighborAdvertisement:
		return message(DecodeNeighborAdvertisement(b))
	case TypeRedirect:
		return message(DecodeRedirect(b))
	case TypeExtendedEchoRequest:
		return message(DecodeExtendedEchoRequest(b))
	case TypeExtendedEchoReply:
		return message(DecodeExtendedEchoReply(b))
	}
	return message(DecodeRaw(b))
}
