// Package question is what a prober is asked to ask: kinds of probes, a probe,
// and who took a time. Package probe has all of it under its own name.
package question

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// Kind is what a probe asks with.
type Kind uint8

// The kinds.
const (
	Echo      Kind = iota // ICMP or ICMPv6 echo
	UDP                   // a UDP datagram; the reply is one from there, or port unreachable
	UDPLite               // likewise
	TCP                   // a SYN; the reply is a SYN with ACK, or a RST
	Timestamp             // ICMP timestamp, IPv4 alone
	Mask                  // LEGACY: ICMP address mask, IPv4 alone
	Info                  // LEGACY: ICMP information, IPv4 alone
	ExtEcho               // ICMP or ICMPv6 extended echo (PROBE, RFC 8335)
	Solicit               // router solicitation, to a group: RFC 1256, RFC 4861; one at a time, for nothing tells it from others
	numKinds
)

var kinds = [numKinds]string{"echo", "udp", "udplite", "tcp", "timestamp", "mask", "info", "extecho", "solicit"}

// String returns the kind in a word.
func (k Kind) String() string {
	if k < numKinds {
		return kinds[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// MarshalText implements [encoding.TextMarshaler].
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Proto returns the protocol of a probe in the family of a.
func (k Kind) Proto(a netip.Addr) ip.Proto {
	switch {
	case k == UDP:
		return ip.ProtoUDP
	case k == UDPLite:
		return ip.ProtoUDPLite
	case k == TCP:
		return ip.ProtoTCP
	case a.Is4():
		return ip.ProtoICMP
	}
	return ip.ProtoICMPv6
}

// ICMP reports whether the kind has an identifier and a sequence number.
func (k Kind) ICMP() bool { return k != UDP && k != UDPLite && k != TCP }

// Probe is a question to one address. What it refers to is copied when it is
// handed over, so one Probe serves for all.
type Probe struct {
	Target int // the strategy's number for whom it asks: from 0 on, and dense, for there is a table of them
	Kind   Kind

	// Src is the address that it leaves with; it has to be known, because
	// checksums and what errors quote depend on it. Dst is where it is sent.
	Src, Dst netip.Addr
	// Peer is who is asked, where Dst is but the first stop of a source route;
	// the zero Addr: Dst.
	Peer   netip.Addr
	Anyone bool // Dst is a broadcast or multicast address: whoever answers is credited

	TTL       ip.TTL // 0: as the system has it
	TOS       uint8  // traffic class in IPv6
	DF        bool   // do not fragment
	Discover  bool   // … nor go by what the system knows of the path MTU, but by the link's alone: to find it
	FlowLabel uint32 // IPv6, 20 bits
	Options   []byte // IPv4, padded to a multiple of 4

	Size             int    // octets of data behind the header; TCP, and ICMP but echo: 0
	SrcPort, DstPort uint16 // UDP, UDP-Lite, TCP; a SrcPort of 0: one of the prober's, each probe another
	// Checksum is what the checksum of an echo is made to be, by two octets of
	// data, so that it belongs to the same flow as others (Paris); 0: whatever it
	// is. It takes two octets of data, the third pair behind the cookie if there
	// are so many.
	Checksum uint16

	Ext   []byte // ExtEcho: the extension structure that names the interface
	Local bool   // ExtEcho: it is one of the node's own

	Timeout time.Duration // from when it leaves; 0: as the Config has it
	Tag     uint64        // the strategy's own; comes back with each event
}

// Balanced is how many octets [Probe.Checksum] takes.
const Balanced = 2

// Check returns what is wrong with a probe, a [*wire.FieldError], when there may
// be so many targets.
func (c *Probe) Check(targets int) error {
	wrong := func(field, want string) error {
		return &wire.FieldError{Type: "probe.Probe", Field: field, Want: want}
	}
	switch {
	case c.Target < 0:
		return wrong("Target", "no less than 0")
	case c.Target >= targets:
		return &wire.FieldError{Type: "probe.Probe", Field: "Target", Value: c.Target, Limit: targets - 1}
	case c.Kind >= numKinds:
		return &wire.FieldError{Type: "probe.Probe", Field: "Kind", Value: int(c.Kind), Limit: int(numKinds) - 1}
	case !c.Dst.IsValid():
		return wrong("Dst", "an IPv4 or IPv6 address")
	case !c.Src.IsValid() || c.Src.Is4() != c.Dst.Is4():
		return wrong("Src", "an address of the same family as Dst")
	case c.Peer.IsValid() && c.Peer.Is4() != c.Dst.Is4():
		return wrong("Peer", "an address of the same family as Dst")
	case c.Dst.Is6() && (c.Kind == Timestamp || c.Kind == Mask || c.Kind == Info):
		return wrong("Dst", "an IPv4 address")
	case c.Dst.Is6() && len(c.Options) > 0:
		return wrong("Options", "none in IPv6")
	case len(c.Options) > ip.MaxOptionsLen || len(c.Options)%4 != 0:
		return wrong("Options", "a multiple of 4 octets, at most 40")
	case c.FlowLabel > ip.MaxFlowLabel || c.Dst.Is4() && c.FlowLabel != 0:
		return wrong("FlowLabel", "20 bits, in IPv6")
	case c.Timeout < 0 || c.Timeout > MaxWait:
		return wrong("Timeout", "at most a day")
	}
	return c.checkBody(wrong)
}

// checkBody is Check of what depends on the kind.
func (c *Probe) checkBody(wrong func(field, want string) error) error {
	limit := 0
	switch c.Kind {
	case Echo, UDP, UDPLite:
		limit = ip.MaxLen - transport.UDPLen // an ICMP header is as long
		if c.Dst.Is4() {
			limit -= ip.MinHeaderLen4 + len(c.Options)
		}
	}
	switch {
	case c.Size < 0:
		return wrong("Size", "no less than 0")
	case c.Size > limit:
		return &wire.FieldError{Type: "probe.Probe", Field: "Size", Value: c.Size, Limit: limit}
	case c.Kind.ICMP() && (c.SrcPort != 0 || c.DstPort != 0):
		return wrong("DstPort", "no ports in ICMP")
	case !c.Kind.ICMP() && c.DstPort == 0:
		return wrong("DstPort", "a port")
	case c.Checksum != 0 && (c.Kind != Echo || c.Size < Balanced || c.Checksum == 0xffff):
		return wrong("Checksum", "an echo with two octets of data, and not 0xffff")
	case c.Kind != ExtEcho && (c.Ext != nil || c.Local):
		return wrong("Ext", "an extended echo")
	case c.Kind == Solicit && !c.Anyone:
		return wrong("Anyone", "so, for a router solicitation")
	case len(c.Ext) > maxExt:
		return &wire.FieldError{Type: "probe.Probe", Field: "Ext", Value: len(c.Ext), Limit: maxExt}
	}
	return nil
}

// maxExt is more than any interface identification takes: the longest is a name
// of 255 octets.
const maxExt = 512

// MaxWait is the longest timeout.
const MaxWait = 24 * time.Hour

// Handle names a probe that was handed over. It is never 0, and names nothing
// once the probe is forgotten.
type Handle uint64

// Stamp says who took a time (P-04).
type Stamp uint8

// The sources.
const (
	Program Stamp = iota // this program, when it got round to it
	Kernel               // the kernel, when the driver handed the packet over
	Device               // the network interface itself
	numStamps
)

var stamps = [numStamps]string{"program", "kernel", "device"}

// String returns the source in a word.
func (s Stamp) String() string {
	if s < numStamps {
		return stamps[s]
	}
	return "stamp " + strconv.Itoa(int(s))
}

// MarshalText implements [encoding.TextMarshaler].
func (s Stamp) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Types returns the ICMP or ICMPv6 type that a kind asks with, and that of the
// reply.
func (k Kind) Types(v6 bool) (request, reply uint8) {
	switch {
	case v6 && k == Echo:
		return uint8(icmp6.TypeEchoRequest), uint8(icmp6.TypeEchoReply)
	case v6 && k == Solicit:
		return uint8(icmp6.TypeRouterSolicitation), uint8(icmp6.TypeRouterAdvertisement)
	case v6:
		return uint8(icmp6.TypeExtendedEchoRequest), uint8(icmp6.TypeExtendedEchoReply)
	case k == Echo:
		return uint8(icmp4.TypeEchoRequest), uint8(icmp4.TypeEchoReply)
	case k == Timestamp:
		return uint8(icmp4.TypeTimestampRequest), uint8(icmp4.TypeTimestampReply)
	case k == Mask:
		return uint8(icmp4.TypeMaskRequest), uint8(icmp4.TypeMaskReply)
	case k == Solicit:
		return uint8(icmp4.TypeRouterSolicitation), uint8(icmp4.TypeRouterAdvertisement)
	case k == Info:
		return uint8(icmp4.TypeInfoRequest), uint8(icmp4.TypeInfoReply)
	}
	return uint8(icmp4.TypeExtendedEchoRequest), uint8(icmp4.TypeExtendedEchoReply)
}

// KindOf returns the kind that asks with a type, or is answered with it.
func KindOf(v6, reply bool, t uint8) (Kind, bool) {
	for _, k := range [...]Kind{Echo, ExtEcho, Solicit, Timestamp, Mask, Info} {
		if v6 && k != Echo && k != ExtEcho && k != Solicit {
			break
		}
		request, answer := k.Types(v6)
		if reply && t == answer || !reply && t == request {
			return k, true
		}
	}
	return 0, false
}
