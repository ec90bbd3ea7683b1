// Package filter makes the program that the kernel runs over each datagram
// before it reaches a socket (P-05): only what may be a prober's own gets through,
// replies with its identifiers and ports, and errors that quote them.
//
// It looks at where things stand and not at what they say: checksums, cookies and
// addresses are the prober's to judge. A translator of addresses on the way may have
// changed what an error quotes. Addresses are not looked at; when it was ports or
// identifiers, an error gets through that quotes a datagram to whom the prober asks
// with an IPv4 identification that may be its own: of others' datagrams to the same
// destination one in 256. Errors of IPv6, and those about a datagram of which
// both ends were changed with their ports, do not.
package filter

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/net/bpf"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// Own is what is a prober's own.
type Own struct {
	ID, Mask    uint16   // identifiers: equal to ID where Mask has ones
	First, Last uint16   // a block of ports, both ends included
	Ports       []uint16 // further ones, no more than MaxPorts
	Routers     bool     // router advertisements, which are nobody's own

	// What errors are known by that quote a probe with another identifier or port:
	// its IPv4 identification, equal to Mark where MarkMask has ones, and one of
	// the destinations, no more than MaxPeers. Without any, none are.
	Mark, MarkMask uint16
	Peers          []netip.Addr
}

// MaxPorts is how many further ports there may be: a jump in a program is not
// longer.
const MaxPorts = 128

// MaxPeers is how many destinations there may be.
const MaxPeers = 16

// all is what a program returns to let all of a datagram through.
const all = 1 << 18

// Nothing lets nothing through.
func Nothing() []bpf.Instruction { return []bpf.Instruction{bpf.RetConstant{Val: 0}} }

// Offsets.
const (
	header6   = 40
	fragment6 = 8
	offProto  = 9 // in an IPv4 header
	offIPID   = 4
	offTo     = 16
	offNext   = 6 // in an IPv6 header
	offID     = 4 // in an ICMP message
	offDst    = 2 // where a packet of UDP or TCP has its destination port
	offQuote  = 8 // in an ICMP error
)

// Ports4 is for a raw IPv4 socket of a protocol with ports.
func Ports4(o *Own) []bpf.Instruction {
	var p program
	p.add(bpf.LoadMemShift{Off: 0}, bpf.LoadIndirect{Off: offDst, Size: 2})
	p.goTo(isPort)
	return p.finish(o, reject)
}

// Ports6 is for a raw IPv6 socket of a protocol with ports. It sees no IP header.
func Ports6(o *Own) []bpf.Instruction {
	var p program
	p.add(bpf.LoadAbsolute{Off: offDst, Size: 2})
	p.goTo(isPort)
	return p.finish(o, reject)
}

// ICMP4 is for a raw ICMP socket.
func ICMP4(o *Own) []bpf.Instruction {
	var p program
	p.add(bpf.LoadMemShift{Off: 0}, bpf.StoreScratch{Src: bpf.RegX, N: begins}, bpf.LoadIndirect{Off: 0, Size: 1})
	for _, t := range []icmp4.Type{
		icmp4.TypeEchoReply, icmp4.TypeTimestampReply, icmp4.TypeInfoReply, icmp4.TypeMaskReply, icmp4.TypeExtendedEchoReply,
	} {
		p.jump(bpf.JumpEqual, uint32(t), reply, next)
	}
	if o.Routers {
		p.jump(bpf.JumpEqual, uint32(icmp4.TypeRouterAdvertisement), accept, next)
	}
	for _, t := range errors4 {
		p.jump(bpf.JumpEqual, uint32(t), quoted, next)
	}
	p.goTo(reject)

	// X is where the message begins. The header that it quotes may have options:
	// X moves on by its length.
	p.mark(quoted)
	p.add(
		bpf.LoadIndirect{Off: offQuote + offProto, Size: 1},
		bpf.StoreScratch{Src: bpf.RegA, N: proto},
		bpf.LoadIndirect{Off: offQuote, Size: 1},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf},
		bpf.ALUOpConstant{Op: bpf.ALUOpMul, Val: 4},
		bpf.ALUOpX{Op: bpf.ALUOpAdd},
		bpf.TAX{},
		bpf.LoadScratch{Dst: bpf.RegA, N: proto},
	)
	p.protocols(ip.ProtoICMP, asked, carried, reject)
	p.mark(asked)
	p.add(bpf.LoadIndirect{Off: offQuote + offID, Size: 2})
	p.goTo(isID)
	p.mark(carried)
	p.add(bpf.LoadIndirect{Off: offQuote, Size: 2})
	p.goTo(isPort)
	p.mark(reply)
	p.add(bpf.LoadIndirect{Off: offID, Size: 2})
	p.goTo(isID)
	if o.MarkMask == 0 || len(o.Peers) == 0 {
		return p.finish(o, reject)
	}
	return p.finish(o, other)
}

// errors4 are the types of ICMP that quote a datagram.
var errors4 = [...]icmp4.Type{
	icmp4.TypeDestUnreachable, icmp4.TypeSourceQuench, icmp4.TypeRedirect, icmp4.TypeTimeExceeded, icmp4.TypeParameterProblem,
}

// translated lets an error through whose identifier or port is not ours, when it
// quotes a datagram to one of the peers with our mark.
func (p *program) translated(o *Own) {
	p.mark(other)
	p.add(bpf.LoadScratch{Dst: bpf.RegX, N: begins}, bpf.LoadIndirect{Off: 0, Size: 1})
	for _, t := range errors4 {
		p.jump(bpf.JumpEqual, uint32(t), marked, next)
	}
	p.goTo(reject)
	p.mark(marked)
	p.add(bpf.LoadIndirect{Off: offQuote + offIPID, Size: 2}, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: uint32(o.MarkMask)})
	p.jump(bpf.JumpEqual, uint32(o.Mark&o.MarkMask), next, reject)
	p.add(bpf.LoadIndirect{Off: offQuote + offTo, Size: 4})
	for _, a := range o.Peers[:min(len(o.Peers), MaxPeers)] {
		b := a.As4()
		p.jump(bpf.JumpEqual, binary.BigEndian.Uint32(b[:]), accept, next)
	}
	p.goTo(reject)
}

// ICMP6 is for a raw ICMPv6 socket, which sees no IP header.
func ICMP6(o *Own) []bpf.Instruction {
	const upper = offQuote + header6
	var p program
	p.add(bpf.LoadAbsolute{Off: 0, Size: 1})
	p.jump(bpf.JumpEqual, uint32(icmp6.TypeEchoReply), reply, next)
	p.jump(bpf.JumpEqual, uint32(icmp6.TypeExtendedEchoReply), reply, next)
	if o.Routers {
		p.jump(bpf.JumpEqual, uint32(icmp6.TypeRouterAdvertisement), accept, next)
	}
	p.jump(bpf.JumpLessThan, uint32(icmp6.TypeEchoRequest), next, reject) // RFC 4443 §2.1: errors
	p.add(bpf.LoadAbsolute{Off: offQuote + offNext, Size: 1})
	p.jump(bpf.JumpEqual, uint32(ip.ProtoFragment), cut, next)
	p.protocols(ip.ProtoICMPv6, asked, carried, reject)
	p.mark(asked)
	p.add(bpf.LoadAbsolute{Off: upper + offID, Size: 2})
	p.goTo(isID)
	p.mark(carried)
	p.add(bpf.LoadAbsolute{Off: upper, Size: 2})
	p.goTo(isPort)
	// A probe that was cut, its first piece.
	p.mark(cut)
	p.add(bpf.LoadAbsolute{Off: upper, Size: 1})
	p.protocols(ip.ProtoICMPv6, cutAsked, cutCarried, reject)
	p.mark(cutAsked)
	p.add(bpf.LoadAbsolute{Off: upper + fragment6 + offID, Size: 2})
	p.goTo(isID)
	p.mark(cutCarried)
	p.add(bpf.LoadAbsolute{Off: upper + fragment6, Size: 2})
	p.goTo(isPort)
	p.mark(reply)
	p.add(bpf.LoadAbsolute{Off: offID, Size: 2})
	p.goTo(isID)
	return p.finish(o, reject)
}
