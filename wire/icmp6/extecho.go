package icmp6

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
)

// The bits of octet 7 (RFC 8335 §2 and §3).
const (
	localBit    = 1 << 0 // in a request; seven reserved bits above it
	ipv6Bit     = 1 << 0 // in a reply, and so on
	ipv4Bit     = 1 << 1
	activeBit   = 1 << 2
	stateShift  = 5
	maxReserved = 1<<2 - 1 // of the two bits below the state
	maxState    = 1<<3 - 1
)

// ExtendedEchoRequest is extended echo request 160 (PROBE, RFC 8335 §2): it asks
// a node for the state of one of its interfaces, or of one on a link with it.
type ExtendedEchoRequest struct {
	Code Code // 0; kept as it came
	ID   uint16
	Seq  uint8
	// Local says that the interface is on the node itself; otherwise it is one
	// that the node has on a link with it, to be found by its address.
	Local    bool
	Reserved uint8 // the seven bits beside Local; kept as they came, at most 127
	// Ext is the extension structure with the interface identification object;
	// read and build it with wire/extension.
	Ext []byte

	zero
}

// ParseExtendedEchoRequest reads an extended echo request that fills b, checksum
// verified. The checksum within Ext is not looked at.
func ParseExtendedEchoRequest(b []byte, src, dst netip.Addr) (ExtendedEchoRequest, error) {
	return verified(b, src, dst, DecodeExtendedEchoRequest)
}

// DecodeExtendedEchoRequest is [ParseExtendedEchoRequest] without the checksum.
func DecodeExtendedEchoRequest(b []byte) (ExtendedEchoRequest, error) {
	if err := check("icmp6.ExtendedEchoRequest", b, HeaderLen, TypeExtendedEchoRequest, TypeExtendedEchoRequest); err != nil {
		return ExtendedEchoRequest{}, err
	}
	return ExtendedEchoRequest{
		Code: Code(b[1]), ID: binary.BigEndian.Uint16(b[4:6]), Seq: b[6],
		Local: b[7]&localBit != 0, Reserved: b[7] >> 1, Ext: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m ExtendedEchoRequest) Kind() Kind { return Kind{TypeExtendedEchoRequest, m.Code} }

// Len implements [Message].
func (m ExtendedEchoRequest) Len() int { return HeaderLen + len(m.Ext) }

// Append implements [Message].
func (m ExtendedEchoRequest) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	if m.Reserved > 127 {
		return b, tooLong("icmp6.ExtendedEchoRequest", "Reserved", int(m.Reserved), 127)
	}
	octet := uint16(m.Reserved) << 1
	if m.Local {
		octet |= localBit
	}
	word := twoHalves(m.ID, uint16(m.Seq)<<8|octet)
	return appendRest(b, "icmp6.ExtendedEchoRequest", "Ext", m.Kind(), word, nil, m.Ext, m.zero, src, dst)
}

// String implements [Message].
func (m ExtendedEchoRequest) String() string {
	where := "remote"
	if m.Local {
		where = "local"
	}
	return fmt.Sprintf("%v, id %d, seq %d, %s interface, extensions of %d octets", m.Kind(), m.ID, m.Seq, where, len(m.Ext))
}

// NeighborState is what the answerer's ARP table or neighbor cache says of an
// interface that is not its own (RFC 8335 §3).
type NeighborState uint8

// The states. Zero is reserved; it stands in replies about local interfaces.
const (
	StateIncomplete NeighborState = 1
	StateReachable  NeighborState = 2
	StateStale      NeighborState = 3
	StateDelay      NeighborState = 4
	StateProbe      NeighborState = 5
	StateFailed     NeighborState = 6
)

var stateNames = [...]string{"none", "incomplete", "reachable", "stale", "delay", "probe", "failed"}

// String returns the state's name; "none" for zero.
func (s NeighborState) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "state " + strconv.Itoa(int(s))
}

// ExtendedEchoReply is extended echo reply 161 (PROBE, RFC 8335 §3). What it
// says of the interface holds with [CodeNoError] only.
type ExtendedEchoReply struct {
	Code     Code // [CodeNoError] to [CodeMultipleInterfaces]
	ID       uint16
	Seq      uint8
	State    NeighborState // of a remote interface; at most 7
	Reserved uint8         // the two bits below State; kept as they came, at most 3
	Active   bool          // a local interface is up
	IPv4     bool          // and runs IPv4
	IPv6     bool          // and runs IPv6
	Trailing []byte        // what stands behind; kept as it came

	zero
}

// ParseExtendedEchoReply reads an extended echo reply that fills b, checksum
// verified.
func ParseExtendedEchoReply(b []byte, src, dst netip.Addr) (ExtendedEchoReply, error) {
	return verified(b, src, dst, DecodeExtendedEchoReply)
}

// DecodeExtendedEchoReply is [ParseExtendedEchoReply] without the checksum.
func DecodeExtendedEchoReply(b []byte) (ExtendedEchoReply, error) {
	if err := check("icmp6.ExtendedEchoReply", b, HeaderLen, TypeExtendedEchoReply, TypeExtendedEchoReply); err != nil {
		return ExtendedEchoReply{}, err
	}
	return ExtendedEchoReply{
		Code: Code(b[1]), ID: binary.BigEndian.Uint16(b[4:6]), Seq: b[6],
		State: NeighborState(b[7] >> stateShift), Reserved: b[7] >> 3 & maxReserved,
		Active: b[7]&activeBit != 0, IPv4: b[7]&ipv4Bit != 0, IPv6: b[7]&ipv6Bit != 0,
		Trailing: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m ExtendedEchoReply) Kind() Kind { return Kind{TypeExtendedEchoReply, m.Code} }

// Len implements [Message].
func (m ExtendedEchoReply) Len() int { return HeaderLen + len(m.Trailing) }

// Append implements [Message].
func (m ExtendedEchoReply) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	switch {
	case m.State > maxState:
		return b, tooLong("icmp6.ExtendedEchoReply", "State", int(m.State), maxState)
	case m.Reserved > maxReserved:
		return b, tooLong("icmp6.ExtendedEchoReply", "Reserved", int(m.Reserved), maxReserved)
	}
	octet := uint16(m.State)<<stateShift | uint16(m.Reserved)<<3
	if m.Active {
		octet |= activeBit
	}
	if m.IPv4 {
		octet |= ipv4Bit
	}
	if m.IPv6 {
		octet |= ipv6Bit
	}
	word := twoHalves(m.ID, uint16(m.Seq)<<8|octet)
	return appendRest(b, "icmp6.ExtendedEchoReply", "Trailing", m.Kind(), word, nil, m.Trailing, m.zero, src, dst)
}

// String implements [Message].
func (m ExtendedEchoReply) String() string {
	s := fmt.Sprintf("%v, id %d, seq %d, state %v", m.Kind(), m.ID, m.Seq, m.State)
	if m.Active {
		s += ", active"
	}
	if m.IPv4 {
		s += ", ipv4"
	}
	if m.IPv6 {
		s += ", ipv6"
	}
	return s
}
