package stack

import (
	"errors"
	"time"

	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// icmp4 does the node's own part with an ICMPv4 message: queries are answered,
// errors judged. Then the message is offered to the upper layer, which may have
// a prober that waits for it.
func (n *Node) icmp4(now time.Time, in *arrival.Datagram) {
	n.counters.ICMPIn(in.V)
	m := in.Payload
	if err := icmp4.Verify(m); err != nil {
		n.drop(now, in, icmpFault(err))
		return
	}
	t := icmp4.Type(m[0])
	n.counters.ICMPInType(in.V, m[0])
	src, dst := in.Src, in.Dst // what answers the LEGACY queries changes them
	var why mib.Drop
	reply := false
	switch t {
	case icmp4.TypeEchoRequest:
		why = n.answerEcho4(now, in)
	case icmp4.TypeTimestampRequest:
		why = n.answerTimestamp(now, in)
	case icmp4.TypeInfoRequest:
		why = n.answerInfo(now, in)
	case icmp4.TypeMaskRequest:
		why = n.answerMask(now, in)
	case icmp4.TypeExtendedEchoRequest:
		why = n.answerProbe4(now, in)
	case icmp4.TypeRouterSolicitation:
		why = n.solicited(now, in)
	case icmp4.TypeRouterAdvertisement:
		why = n.advertised(now, in)
	case icmp4.TypeRedirect:
		why = n.redirected(now, in)
	case icmp4.TypeDestUnreachable, icmp4.TypeSourceQuench, icmp4.TypeTimeExceeded, icmp4.TypeParameterProblem:
		why = n.believe4(now, in)
	case icmp4.TypeEchoReply, icmp4.TypeTimestampReply, icmp4.TypeInfoReply, icmp4.TypeMaskReply, icmp4.TypeExtendedEchoReply:
		reply, why = true, replyFault4(m)
	default:
		why = mib.ICMPUnknownType // E-13: they end here
	}
	in.Src, in.Dst = src, dst
	if why != mib.ICMPShort && n.offer(now, in) != Accepted && reply {
		why = mib.ICMPUnclaimed
	}
	if why != mib.None {
		n.drop(now, in, why)
	}
}

// replyFault4 finds a reply that is shorter than its type requires (E-16); those
// that are not here have no more than every message has.
func replyFault4(m []byte) mib.Drop {
	var err error
	switch icmp4.Type(m[0]) {
	case icmp4.TypeTimestampReply:
		_, err = icmp4.DecodeTimestampMessage(m)
	case icmp4.TypeMaskReply:
		_, err = icmp4.DecodeAddressMask(m)
	}
	if err != nil {
		return mib.ICMPShort
	}
	return mib.None
}

// icmpFault is the reason to drop an ICMP message that does not parse (E-16).
func icmpFault(err error) mib.Drop {
	if errors.Is(err, wire.Checksum) {
		return mib.ICMPChecksum
	}
	return mib.ICMPShort
}
