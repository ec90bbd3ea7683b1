package ip

import (
	"encoding/binary"
	"errors"

	"github.com/sonde-net/sonde/wire"
)

// The errors of a datagram that is larger than the MTU and is not to be cut.
var (
	ErrDontFragment = errors.New("ip: larger than the MTU, and must not be fragmented")
	ErrMTU          = errors.New("ip: the MTU has no room for the headers and eight octets")
)

// A Fragmenter cuts one datagram into fragments. It reads the datagram as it
// goes, so the octets must not change before [Fragmenter.Next] is through.
//
// A datagram that fits the MTU comes out as it went in.
type Fragmenter struct {
	datagram []byte // the whole, when it fits
	head     []byte // of the first fragment: IPv4 header, or IPv6 per-fragment headers
	rest     []byte // what is still to be sent
	mtu      int
	offset   int  // of rest, in octets
	mf       bool // the datagram is itself a fragment that others follow
	v6       bool

	// IPv4: the header of the later fragments, which lacks the options without
	// copy flag.
	later    [MinHeaderLen4 + MaxOptionsLen]byte
	laterLen int
	begun    bool // the first is through

	// IPv6: what the fragment header says, and where in head it is announced.
	frag   Fragment6
	nextAt int
}

// NewFragmenter4 begins to cut the IPv4 datagram b into fragments of at most mtu
// octets (RFC 791 §3.2). Options without copy flag go into the first only. A
// datagram that is a fragment itself is cut further, its offset and its MF
// carried on.
//
// The error is [ErrDontFragment] when b is larger and DF is set, [ErrMTU] when
// the header and eight octets do not fit, or a [*wire.ParseError]: that of
// [Parse4], a fragment whose length or offset cannot be true, or an option that
// is broken, so that nobody can say which ones to copy.
func NewFragmenter4(b []byte, mtu int) (Fragmenter, error) {
	h, payload, err := Parse4(b)
	if err != nil {
		return Fragmenter{}, err
	}
	n := h.HeaderLen()
	switch {
	case int(h.TotalLen) <= mtu:
		return Fragmenter{datagram: b[:h.TotalLen]}, nil
	case h.DF:
		return Fragmenter{}, ErrDontFragment
	case n+unitFragOffset > mtu:
		return Fragmenter{}, ErrMTU
	case h.MF && len(payload)%unitFragOffset != 0:
		return Fragmenter{}, &wire.ParseError{Type: "ip.Header4", Offset: 2, Reason: wire.Length}
	case int(h.FragOffset)+len(payload) > MaxLen:
		return Fragmenter{}, &wire.ParseError{Type: "ip.Header4", Offset: 6, Reason: wire.Length}
	}
	f := Fragmenter{head: b[:n], rest: payload, mtu: mtu, offset: int(h.FragOffset), mf: h.MF}
	later := append(f.later[:0], b[:MinHeaderLen4]...)
	for at := 0; at < len(h.Options); {
		o, size, err := option4(h.Options, at)
		if err != nil {
			return Fragmenter{}, err
		}
		if o.Type.Copied() {
			later = append(later, h.Options[at:at+size]...)
		}
		at += size
	}
	later = PadOptions(later)
	later[0] = 4<<4 | byte(len(later)/unitHeaderLen4)
	f.laterLen = len(later)
	return f, nil
}

// NewFragmenter6 begins to cut the IPv6 datagram b, at its source, into fragments of
// at most mtu octets that carry the identification id (RFC 8200 §4.5). The
// hop-by-hop options, and what stands before a routing header and the routing
// header itself, go into every fragment, before the fragment header.
//
// The error is [ErrDontFragment] when b is larger and a fragment already,
// [ErrMTU] when the first fragment has no room for all the extension headers
// and eight octets behind them (RFC 7112 §5), or a [*wire.ParseError]: that of
// [Parse6] or of [Header6.Extensions].
func NewFragmenter6(b []byte, mtu int, id uint32) (Fragmenter, error) {
	h, payload, err := Parse6(b)
	if err != nil {
		return Fragmenter{}, err
	}
	if n := HeaderLen6 + len(payload); n <= mtu {
		return Fragmenter{datagram: b[:n]}, nil
	}
	head, nextAt, next := HeaderLen6, 6, h.NextHeader
	c := h.chain(payload)
	for {
		e, ok, err := c.next()
		switch {
		case err != nil:
			return Fragmenter{}, err
		case ok && e.Type == ProtoFragment:
			return Fragmenter{}, ErrDontFragment
		case ok && (e.Type == ProtoHopByHop || e.Type == ProtoRouting):
			head, nextAt, next = e.Offset+len(e.Data), e.Offset, e.Next()
		}
		if !ok {
			break
		}
	}
	// The first fragment must reach eight octets beyond the chain.
	room := (mtu - head - FragmentLen6) / unitFragOffset * unitFragOffset
	if need := HeaderLen6 + c.at + unitFragOffset - head; room < need {
		return Fragmenter{}, ErrMTU
	}
	return Fragmenter{
		head: b[:head], rest: b[head : HeaderLen6+len(payload)], mtu: mtu, v6: true,
		frag: Fragment6{Next: next, ID: id}, nextAt: nextAt,
	}, nil
}

// Next appends the next fragment to b; ok is false, and nothing is appended,
// when there is none left.
func (f *Fragmenter) Next(b []byte) (fragment []byte, ok bool) {
	if len(f.datagram) > 0 {
		b = append(b, f.datagram...)
		f.datagram = nil
		return b, true
	}
	if len(f.rest) == 0 {
		return b, false
	}
	if f.v6 {
		return f.next6(b), true
	}
	return f.next4(b), true
}

// take returns the piece of the rest that goes behind head octets of headers,
// its offset, and whether others follow it.
func (f *Fragmenter) take(head int) (piece []byte, offset int, more bool) {
	n := len(f.rest)
	if room := f.mtu - head; n > room {
		n, more = room/unitFragOffset*unitFragOffset, true
	}
	piece, offset = f.rest[:n], f.offset
	f.rest = f.rest[n:]
	f.offset += n
	return piece, offset, more || f.mf
}

func (f *Fragmenter) next4(b []byte) []byte {
	head := f.head
	if f.begun {
		head = f.later[:f.laterLen]
	}
	f.begun = true
	piece, offset, more := f.take(len(head))
	start, total := len(b), len(head)+len(piece)
	b = append(b, head...)
	b = append(b, piece...)
	h := b[start:]
	binary.BigEndian.PutUint16(h[2:4], uint16(total))
	word := uint16(offset>>3) | uint16(h[6]&0x80)<<8
	if more {
		word |= 0x2000
	}
	binary.BigEndian.PutUint16(h[6:8], word)
	Seal4(h)
	return b
}

func (f *Fragmenter) next6(b []byte) []byte {
	piece, offset, more := f.take(len(f.head) + FragmentLen6)
	start, length := len(b), len(f.head)-HeaderLen6+FragmentLen6+len(piece)
	b = append(b, f.head...)
	binary.BigEndian.PutUint16(b[start+4:], uint16(length))
	b[start+f.nextAt] = byte(ProtoFragment)
	f.frag.Offset, f.frag.MF = uint16(offset), more
	b, _ = f.frag.AppendBinary(b) // the offset is a multiple of 8
	return append(b, piece...)
}
