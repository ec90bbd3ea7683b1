package report

import (
	"encoding/binary"
	"errors"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// Cast is how the link layer addressed a datagram. The zero value is unicast.
type Cast uint8

// The ways to address a frame.
const (
	Unicast Cast = iota
	Broadcast
	Multicast
)

// About is a datagram that an error might be about.
type About struct {
	// Octets is the datagram from its IP header on, as it is now: what
	// forwarding has changed is changed.
	Octets []byte
	// Cut says that Octets may end before the datagram does, for who has kept no
	// more of it than can be quoted. Otherwise that is a header that is not valid.
	Cut bool
	// Cast is how the link layer addressed it.
	Cast Cast
	// IsBroadcast reports whether an address is the broadcast address of a
	// network that this node is connected to. nil: only 255.255.255.255 is.
	IsBroadcast func(netip.Addr) bool
}

// Refusal is why no error may be sent about a datagram. The zero Refusal is
// none: it may.
type Refusal uint8

// The refusals.
const (
	AboutError    Refusal = iota + 1 // it carries an ICMP error itself
	ToGroup                          // it is addressed to a broadcast or multicast address
	LinkCast                         // it arrived as a link-layer broadcast or multicast
	LaterFragment                    // it is a fragment, and not the first
	BadSource                        // its source does not identify one host
	BadHeader                        // its IP header is not valid
	numRefusals
)

var refusals = [numRefusals]struct{ text, rule string }{
	AboutError:    {"about an ICMP error", "E-01"},
	ToGroup:       {"about a datagram to a broadcast or multicast address", "E-02"},
	LinkCast:      {"about a link-layer broadcast or multicast", "E-03"},
	LaterFragment: {"about a fragment that is not the first", "E-04"},
	BadSource:     {"about a datagram whose source is not one host", "E-05"},
	BadHeader:     {"about a datagram whose header is not valid", "E-06"},
}

// String says the refusal in a few words.
func (r Refusal) String() string {
	if r == 0 || r >= numRefusals {
		return "none"
	}
	return refusals[r].text
}

// Rule returns the ID of the row of docs/requirements.md that refuses.
func (r Refusal) Rule() string {
	if r >= numRefusals {
		return ""
	}
	return refusals[r].rule
}

// May reports whether an error with this cause may be sent about the datagram:
// zero, or the first rule that forbids it.
//
// Reading: RFC 1122 §3.2.2 allows an error about a query. A type that is
// neither a registered error nor a registered query may be either, so it counts
// as an error; so does an ICMP datagram that ends before its type.
func May(a About, c Cause) Refusal {
	b := a.Octets
	if len(b) == 0 {
		return BadHeader
	}
	switch b[0] >> 4 {
	case 4:
		return may4(a)
	case 6:
		return may6(a, c)
	}
	return BadHeader
}

func may4(a About) Refusal {
	b := a.Octets
	if len(b) < ip.MinHeaderLen4 {
		return BadHeader
	}
	hlen, total := int(b[0]&0xf)*4, int(binary.BigEndian.Uint16(b[2:4]))
	if hlen < ip.MinHeaderLen4 || total < hlen || total > len(b) && !a.Cut || hlen > len(b) || !checksum.Valid(b[:hlen]) {
		return BadHeader
	}
	if a.Cast != Unicast {
		return LinkCast
	}
	dst := netip.AddrFrom4([4]byte(b[16:20]))
	if dst.IsMulticast() || dst == broadcast4 || a.isBroadcast(dst) {
		return ToGroup
	}
	if src := netip.AddrFrom4([4]byte(b[12:16])); !oneHost4(src) || a.isBroadcast(src) {
		return BadSource
	}
	if binary.BigEndian.Uint16(b[6:8])&0x1fff != 0 {
		return LaterFragment
	}
	if ip.Proto(b[9]) == ip.ProtoICMP && (hlen == min(total, len(b)) || !isQuery4(icmp4.Type(b[hlen]))) {
		return AboutError
	}
	return 0
}

func (a About) isBroadcast(addr netip.Addr) bool { return a.IsBroadcast != nil && a.IsBroadcast(addr) }

var broadcast4 = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// oneHost4 reports whether an IPv4 source can be one host that is not here:
// not in 0.0.0.0/8 or 127.0.0.0/8, not multicast, not class E or broadcast
// (RFC 1122 §3.2.1.3, §3.2.2).
func oneHost4(a netip.Addr) bool {
	first := a.As4()[0]
	return first != 0 && first != 127 && first < 224
}

// isQuery4 reports whether an error may be sent about an ICMPv4 message of this
// type.
func isQuery4(t icmp4.Type) bool {
	switch t {
	case icmp4.TypeEchoReply, icmp4.TypeEchoRequest, icmp4.TypeRouterAdvertisement, icmp4.TypeRouterSolicitation,
		icmp4.TypeTimestampRequest, icmp4.TypeTimestampReply, icmp4.TypeInfoRequest, icmp4.TypeInfoReply,
		icmp4.TypeMaskRequest, icmp4.TypeMaskReply, icmp4.TypeExtendedEchoRequest, icmp4.TypeExtendedEchoReply:
		return true
	}
	return false
}

// may6 follows RFC 4443 §2.4e, which has no rule about later fragments: packet
// too big has to be sent about them as well.
func may6(a About, c Cause) Refusal {
	h, payload, err := ip.Parse6(a.Octets)
	if err != nil && !(a.Cut && errors.Is(err, wire.Truncated)) {
		return BadHeader
	}
	// Packet too big, and the parameter problem about an option whose type asks
	// for it, are sent about multicasts too: §2.4e3.
	if c != TooBig && c != BadOption {
		if a.Cast != Unicast {
			return LinkCast
		}
		if h.Dst.IsMulticast() {
			return ToGroup
		}
	}
	if h.Src.IsUnspecified() || h.Src.IsMulticast() || h.Src.IsLoopback() {
		return BadSource
	}
	up, err := h.Upper(payload)
	if err == nil && up.Proto == ip.ProtoICMPv6 && up.First() {
		if len(up.Payload) == 0 {
			return AboutError
		}
		if t := icmp6.Type(up.Payload[0]); t.IsError() || t == icmp6.TypeRedirect {
			return AboutError
		}
	}
	return 0
}
