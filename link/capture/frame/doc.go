// Package frame finds the IP datagram inside the frame of a link.
//
//	datagram, meta, err := frame.Decode(frame.Ethernet, octets)
//
// It knows Ethernet with any number of VLAN tags (IEEE 802.1Q, 802.1ad), with
// LLC and SNAP (RFC 1042), MPLS labels (RFC 3032) and PPPoE sessions (RFC 2516);
// the cooked frames of Linux, versions 1 and 2; raw IP; the loopback frames of
// the BSDs; PPP (RFC 1661). Numbers of link types are those of capture files,
// https://www.tcpdump.org/linktypes.html.
//
// Decoding allocates nothing, and slices of what is returned alias the octets
// read. The datagram reaches to the end of the frame: what a link has padded
// is behind it, and wire/ip takes the length from the header.
package frame

import (
	"errors"
	"iter"
	"strconv"
)

// LinkType says what the frames of a capture are.
type LinkType uint16

// The link types that [Decode] knows. Raw IP has three numbers, for the BSDs did
// not agree.
const (
	Null        LinkType = 0   // BSD loopback: the address family in the order of the machine
	Ethernet    LinkType = 1   // IEEE 802.3, without the preamble
	PPP         LinkType = 9   // RFC 1661, with or without the framing of RFC 1662
	RawBSD      LinkType = 12  // IPv4 or IPv6
	RawOpenBSD  LinkType = 14  // IPv4 or IPv6
	PPPSerial   LinkType = 50  // PPP in framing of RFC 1662
	PPPEther    LinkType = 51  // a PPPoE header and what follows it
	Raw         LinkType = 101 // IPv4 or IPv6
	Loop        LinkType = 108 // OpenBSD loopback: the address family in network order
	LinuxCooked LinkType = 113 // of Linux, version 1
	IPv4        LinkType = 228
	IPv6        LinkType = 229
	Cooked2     LinkType = 276 // of Linux, version 2
)

var names = map[LinkType]string{
	Null: "BSD loopback", Ethernet: "Ethernet", PPP: "PPP", RawBSD: "raw IP", RawOpenBSD: "raw IP",
	PPPSerial: "PPP, serial", PPPEther: "PPP over Ethernet", Raw: "raw IP", Loop: "OpenBSD loopback",
	LinuxCooked: "Linux cooked", IPv4: "raw IPv4", IPv6: "raw IPv6", Cooked2: "Linux cooked, version 2",
}

// String returns the name of the link type, or its number.
func (l LinkType) String() string {
	if s, ok := names[l]; ok {
		return s
	}
	return "link type " + strconv.Itoa(int(l))
}

// Known reports whether [Decode] knows the link type.
func (l LinkType) Known() bool {
	_, ok := names[l]
	return ok
}

// EtherType says what a frame carries. What PPP and BSD loopback number in
// another way is given by the EtherType all the same.
type EtherType uint16

// The types that matter here. Zero is none: a frame that says it otherwise, or
// is cut before it.
const (
	TypeIPv4          EtherType = 0x0800
	TypeARP           EtherType = 0x0806
	TypeVLAN          EtherType = 0x8100 // IEEE 802.1Q
	TypeIPv6          EtherType = 0x86dd
	TypeMPLS          EtherType = 0x8847
	TypeMPLSMulticast EtherType = 0x8848
	TypePPPoE         EtherType = 0x8864 // session stage
	TypeServiceVLAN   EtherType = 0x88a8 // IEEE 802.1ad
	TypeVLAN9100      EtherType = 0x9100 // before IEEE 802.1ad
	TypeVLAN9200      EtherType = 0x9200 // before IEEE 802.1ad
)

// VLAN reports whether the type is that of a VLAN tag.
func (t EtherType) VLAN() bool {
	return t == TypeVLAN || t == TypeServiceVLAN || t == TypeVLAN9100 || t == TypeVLAN9200
}

// Direction says which way a frame went, seen from the machine that captured it.
type Direction uint8

// The directions. Most captures do not tell.
const (
	Unknown   Direction = iota
	Inbound             // for this machine
	Broadcast           // in, for all
	Multicast           // in, for a group
	Foreign             // in, for another machine
	Outbound            // sent by this machine
)

var directions = [...]string{"unknown", "in", "broadcast", "multicast", "foreign", "out"}

// String returns the direction in one word.
func (d Direction) String() string {
	if int(d) >= len(directions) {
		return "direction " + strconv.Itoa(int(d))
	}
	return directions[d]
}

// MAC is a link-layer address of six octets. The zero MAC is none.
type MAC [6]byte

// String returns the address as IEEE 802 writes it for people, with colons:
// "02:00:00:00:00:01".
func (m MAC) String() string {
	const hex = "0123456789abcdef"
	b := make([]byte, 0, 3*len(m))
	for i, c := range m {
		if i > 0 {
			b = append(b, ':')
		}
		b = append(b, hex[c>>4], hex[c&0xf])
	}
	return string(b)
}

// Meta is what a frame says beside the datagram.
type Meta struct {
	Type      EtherType // of what the last header carries; 0: not known
	Src, Dst  MAC       // zero where the link has none
	Direction Direction
	Index     uint32 // of the interface, as the capturing system numbers them; 0: not known
	Session   uint16 // PPPoE session identifier; 0: none
	Offset    int    // where the datagram begins, or the header that could not be read, in octets

	tags, labels []byte
}

// A Tag is a VLAN tag (IEEE 802.1Q).
type Tag struct {
	Type     EtherType // what announced it
	ID       uint16    // the VLAN, 12 bits
	Priority uint8     // 3 bits
	Drop     bool      // drop eligible
}

// VLANs iterates over the VLAN tags, the outer one first.
func (m *Meta) VLANs() iter.Seq[Tag] {
	return func(yield func(Tag) bool) {
		for b := m.tags; len(b) >= tagLen; b = b[tagLen:] {
			tci := be16(b[2:])
			if !yield(Tag{Type: EtherType(be16(b)), ID: tci & 0xfff, Priority: uint8(tci >> 13), Drop: tci&0x1000 != 0}) {
				return
			}
		}
	}
}

// A Label is an entry of an MPLS label stack (RFC 3032 §2.1).
type Label struct {
	Label uint32 // 20 bits
	Class uint8  // traffic class, 3 bits (RFC 5462)
	TTL   uint8
}

// Labels iterates over the MPLS label stack, the top first.
func (m *Meta) Labels() iter.Seq[Label] {
	return func(yield func(Label) bool) {
		for b := m.labels; len(b) >= labelLen; b = b[labelLen:] {
			if !yield(Label{Label: be32(b) >> 12, Class: b[2] >> 1 & 7, TTL: b[3]}) {
				return
			}
		}
	}
}

// The errors of [Decode] beside wire.Truncated. They are values, so that a
// capture full of ARP costs nothing.
var (
	// ErrNotIP says that the frame is whole and carries something else.
	ErrNotIP = errors.New("frame: carries no IP datagram")
	// ErrLinkType says that the link type is none that [Decode] knows.
	ErrLinkType = errors.New("frame: unknown link type")
)
