package icmp4

import "github.com/sonde-net/sonde/wire"

// Decode is [Parse] without the checksum.
func Decode(b []byte) (Message, error) {
	if len(b) < HeaderLen {
		return nil, &wire.ParseError{Type: "icmp4.Message", Offset: len(b), Reason: wire.Short}
	}
	switch Type(b[0]) {
	case TypeEchoRequest, TypeEchoReply:
		return message(DecodeEcho(b))
	case TypeDestUnreachable:
		return message(DecodeDestUnreachable(b))
	case TypeSourceQuench:
		return message(DecodeSourceQuench(b))
	case TypeRedirect:
		return message(DecodeRedirect(b))
	case TypeAlternateAddress:
		return message(DecodeAlternateAddress(b))
	case TypeRouterAdvertisement:
		return message(DecodeRouterAdvertisement(b))
	case TypeRouterSolicitation:
		return message(DecodeRouterSolicitation(b))
	case TypeTimeExceeded:
		return message(DecodeTimeExceeded(b))
	case TypeParameterProblem:
		return message(DecodeParameterProblem(b))
	case TypeTimestampRequest, TypeTimestampReply:
		return message(DecodeTimestampMessage(b))
	case TypeInfoRequest, TypeInfoReply:
		return message(DecodeInfo(b))
	case TypeMaskRequest, TypeMaskReply:
		return message(DecodeAddressMask(b))
	case TypeTraceroute:
		return message(DecodeTraceroute(b))
	case TypeConversionError:
		return message(DecodeConversionError(b))
	case TypeMobileRedirect:
		return message(DecodeMobileRedirect(b))
	case TypeDomainNameRequest:
		return message(DecodeDomainNameRequest(b))
	case TypeDomainNameReply:
		return message(DecodeDomainNameReply(b))
	case TypePhoturis:
		return message(DecodePhoturis(b))
	case TypeExtendedEchoRequest:
		return message(DecodeExtendedEchoRequest(b))
	case TypeExtendedEchoReply:
		return message(DecodeExtendedEchoReply(b))
	}
	return message(DecodeRaw(b))
}
