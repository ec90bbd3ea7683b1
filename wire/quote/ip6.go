package quote

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire/ip"
)

// Sizes and units of IPv6, in octets.
const (
	fixed6   = 40
	extFirst = 8 // what the length of an extension header does not count
	unitExt  = 8 // of that length
	unitAH   = 4 // of that length in an authentication header
)

// all6 are the fields of a fixed IPv6 header, but for Proto.
const all6 = TOS | FlowLabel | TotalLen | TTL | Src | Dst

// Parse6 is [Parse] for the quote of an IPv6 datagram. The extension headers
// are walked to the upper layer: hop-by-hop options, routing, fragment,
// destination options and authentication, in any order.
func Parse6(b []byte) (q Quote, err error) {
	err = q.read6(b)
	return
}

func (q *Quote) read6(b []byte) error {
	if len(b) == 0 || b[0]>>4 != 6 {
		return fault(b, 6)
	}
	q.Version, q.HeaderLen = 6, fixed6
	if len(b) < fixed6 {
		q.cut6(b)
		return nil
	}
	h := (*[fixed6]byte)(b)
	word := binary.BigEndian.Uint32(h[0:4])
	length := int(binary.BigEndian.Uint16(h[4:6]))
	q.Present = all6
	q.TOS = uint8(word >> 20)
	q.FlowLabel = word & ip.MaxFlowLabel
	q.TotalLen = uint32(fixed6 + length)
	q.TTL = ip.TTL(h[7])
	q.Src = netip.AddrFrom16([16]byte(h[8:24]))
	q.Dst = netip.AddrFrom16([16]byte(h[24:40]))
	next := ip.Proto(h[6])
	// A jumbogram has a length of 0, and its own in the hop-by-hop options (RFC
	// 2675 §3); no quote is long enough for that to clip it.
	if total := fixed6 + length; total < len(b) && (length != 0 || next != ip.ProtoHopByHop) {
		b = b[:total:total]
	}
	q.walk(b, next)
	return nil
}

// walk follows the extension headers from the first, next, to the upper layer.
// A header that is cut still says what follows it, and so what the upper layer
// is, when that is next.
func (q *Quote) walk(b []byte, next ip.Proto) {
	at, first := fixed6, true
	for first && next.IsExtension() && at < len(b) {
		h := b[at:]
		size := extFirst
		switch {
		case next == ip.ProtoFragment:
			first = q.fragment(h)
		case len(h) < 2: // no length, so it is cut
		case next == ip.ProtoAH:
			size += int(h[1]) * unitAH
		default:
			size += int(h[1]) * unitExt
		}
		next, at = ip.Proto(h[0]), at+size
	}
	q.HeaderLen = uint32(at)
	if end := min(at, len(b)); end > fixed6 {
		q.Options = b[fixed6:end:end]
	}
	if first && next.IsExtension() {
		return
	}
	q.Proto = next
	q.Present |= Proto
	if at > len(b) {
		return
	}
	q.Present |= Header
	q.Payload = b[at:len(b):len(b)]
	if first {
		q.upper(ip.ProtoICMPv6)
	}
}

// fragment reads the fragment header at the beginning of h, as far as it goes,
// and reports whether an upper layer can follow it. Of several, which no
// sender may write, the first gives the fields.
func (q *Quote) fragment(h []byte) bool {
	if len(h) < 4 {
		return true
	}
	word := binary.BigEndian.Uint16(h[2:4])
	offset := word &^ (unitFrag - 1)
	if q.Has(Flags) {
		return offset == 0
	}
	q.FragOffset = offset
	q.MF = word&1 != 0
	q.Present |= FragOffset | Flags
	if len(h) >= extFirst {
		q.ID = binary.BigEndian.Uint32(h[4:8])
		q.Present |= ID
	}
	return offset == 0
}

// cut6 reads a quote that ends inside the fixed header.
func (q *Quote) cut6(b []byte) {
	if len(b) >= 2 {
		q.TOS = b[0]<<4 | b[1]>>4
		q.Present |= TOS
	}
	if len(b) >= 4 {
		q.FlowLabel = binary.BigEndian.Uint32(b[0:4]) & ip.MaxFlowLabel
		q.Present |= FlowLabel
	}
	if len(b) >= 6 {
		q.TotalLen = fixed6 + uint32(binary.BigEndian.Uint16(b[4:6]))
		q.Present |= TotalLen
	}
	if len(b) >= 7 && !ip.Proto(b[6]).IsExtension() {
		q.Proto = ip.Proto(b[6])
		q.Present |= Proto
	}
	if len(b) >= 8 {
		q.TTL = ip.TTL(b[7])
		q.Present |= TTL
	}
	if len(b) >= 24 {
		q.Src = netip.AddrFrom16([16]byte(b[8:24]))
		q.Present |= Src
	}
}
