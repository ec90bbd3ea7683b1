package icmp4

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire"
)

// RouterSolicitation is router solicitation 10 (RFC 1256 §3): a host asks the
// routers of its network to advertise themselves now.
type RouterSolicitation struct {
	Code     Code   // 0; kept as it came
	Reserved uint32 // octets 4 to 7; kept as they came
	Trailing []byte // what stands behind; kept as it came

	zero
}

// ParseRouterSolicitation reads a router solicitation that fills b, checksum
// verified.
func ParseRouterSolicitation(b []byte) (RouterSolicitation, error) {
	return verified(b, DecodeRouterSolicitation)
}

// DecodeRouterSolicitation is [ParseRouterSolicitation] without the checksum.
func DecodeRouterSolicitation(b []byte) (RouterSolicitation, error) {
	if err := check("icmp4.RouterSolicitation", b, HeaderLen, TypeRouterSolicitation, TypeRouterSolicitation); err != nil {
		return RouterSolicitation{}, err
	}
	return RouterSolicitation{
		Code: Code(b[1]), Reserved: binary.BigEndian.Uint32(b[4:8]), Trailing: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m RouterSolicitation) Kind() Kind { return Kind{TypeRouterSolicitation, m.Code} }

// Len implements [Message].
func (m RouterSolicitation) Len() int { return HeaderLen + len(m.Trailing) }

// AppendBinary implements [Message].
func (m RouterSolicitation) AppendBinary(b []byte) ([]byte, error) {
	return appendRest(b, "icmp4.RouterSolicitation", "Trailing", m.Kind(), m.Reserved, m.Trailing, m.zero)
}

// String implements [Message].
func (m RouterSolicitation) String() string { return m.Kind().String() }

// Sizes of an entry, in words of four octets.
const (
	wordLen  = 4
	minEntry = 2 // address and preference
)

// NotDefault is the preference of a router that is not to be used as a default
// router, though it is one (RFC 1256 §3).
const NotDefault = math.MinInt32

// Router is one entry of a [RouterAdvertisement].
type Router struct {
	Addr       netip.Addr // an IPv4 address of the router on the network
	Preference int32      // the higher, the better; see [NotDefault]
	Rest       []byte     // what an entry of more than two words holds further
}

// AppendRouter appends r to b, the entries of a [RouterAdvertisement]. What is
// no IPv4 address is a [*wire.FieldError] and leaves b as it was.
func AppendRouter(b []byte, r Router) ([]byte, error) {
	addr, err := addrWord("icmp4.Router", "Addr", r.Addr)
	if err != nil {
		return b, err
	}
	b = binary.BigEndian.AppendUint32(b, addr)
	b = binary.BigEndian.AppendUint32(b, uint32(r.Preference))
	return append(b, r.Rest...), nil
}

// RouterAdvertisement is router advertisement 9 (RFC 1256 §3, RFC 5944 §2.1):
// the addresses by which a router can be reached on the network.
//
// Reading: a host must drop an advertisement without any address (RFC 1256
// §5.2); it is parsed all the same, since it can be read without doubt.
type RouterAdvertisement struct {
	Code Code // [CodeNormalRouter] or [CodeNoCommonTraffic]
	// EntrySize is the size of an entry in words of four octets; 0 stands for
	// the 2 that RFC 1256 knows.
	EntrySize uint8
	Lifetime  time.Duration // how long the addresses hold: whole seconds, at most 65,535
	// Entries are the entries as they stand on the wire, at most 255: read them
	// with [RouterAdvertisement.Routers], build them with [AppendRouter].
	Entries  []byte
	Trailing []byte // what stands behind, the extensions of mobile IP for one

	zero
}

// ParseRouterAdvertisement reads a router advertisement that fills b, checksum
// verified.
func ParseRouterAdvertisement(b []byte) (RouterAdvertisement, error) {
	return verified(b, DecodeRouterAdvertisement)
}

// DecodeRouterAdvertisement is [ParseRouterAdvertisement] without the checksum.
func DecodeRouterAdvertisement(b []byte) (RouterAdvertisement, error) {
	const name = "icmp4.RouterAdvertisement"
	if err := check(name, b, HeaderLen, TypeRouterAdvertisement, TypeRouterAdvertisement); err != nil {
		return RouterAdvertisement{}, err
	}
	if b[5] < minEntry {
		return RouterAdvertisement{}, &wire.ParseError{Type: name, Offset: 5, Reason: wire.Value}
	}
	end := HeaderLen + int(b[4])*int(b[5])*wordLen
	if end > len(b) {
		return RouterAdvertisement{}, &wire.ParseError{Type: name, Offset: len(b), Reason: wire.Short}
	}
	return RouterAdvertisement{
		Code: Code(b[1]), EntrySize: b[5], Lifetime: time.Duration(binary.BigEndian.Uint16(b[6:8])) * time.Second,
		Entries: b[HeaderLen:end:end], Trailing: b[end:], zero: readZero(b),
	}, nil
}

// entryLen returns the size of an entry in octets.
func (m RouterAdvertisement) entryLen() int {
	if m.EntrySize == 0 {
		return minEntry * wordLen
	}
	return int(m.EntrySize) * wordLen
}

// Routers yields the entries. Their Rest aliases Entries.
func (m RouterAdvertisement) Routers() iter.Seq[Router] {
	return func(yield func(Router) bool) {
		n := max(m.entryLen(), minEntry*wordLen)
		for b := m.Entries; len(b) >= n; b = b[n:] {
			r := Router{Addr: readAddr(b), Preference: int32(binary.BigEndian.Uint32(b[4:8]))}
			if n > minEntry*wordLen {
				r.Rest = b[minEntry*wordLen : n : n]
			}
			if !yield(r) {
				return
			}
		}
	}
}

// Kind implements [Message].
func (m RouterAdvertisement) Kind() Kind { return Kind{TypeRouterAdvertisement, m.Code} }

// Len implements [Message].
func (m RouterAdvertisement) Len() int { return HeaderLen + len(m.Entries) + len(m.Trailing) }

// AppendBinary implements [Message].
func (m RouterAdvertisement) AppendBinary(b []byte) ([]byte, error) {
	const name = "icmp4.RouterAdvertisement"
	n := m.entryLen()
	seconds, count := m.Lifetime/time.Second, len(m.Entries)/n
	switch {
	case m.EntrySize == 1:
		return b, &wire.FieldError{Type: name, Field: "EntrySize", Want: "0, or 2 and more"}
	case m.Lifetime%time.Second != 0 || seconds < 0 || seconds > math.MaxUint16:
		return b, &wire.FieldError{Type: name, Field: "Lifetime", Want: "whole seconds, 0 to 65535"}
	case len(m.Entries)%n != 0:
		return b, &wire.FieldError{Type: name, Field: "Entries", Want: "whole entries of EntrySize words"}
	case count > math.MaxUint8:
		return b, tooLong(name, "Entries", len(m.Entries), n*math.MaxUint8)
	case len(m.Entries) > maxBodyLen:
		return b, tooLong(name, "Entries", len(m.Entries), maxBodyLen)
	case m.Len() > MaxLen:
		return b, tooLong(name, "Trailing", len(m.Trailing), maxBodyLen-len(m.Entries))
	}
	start := len(b)
	b = append(b, byte(TypeRouterAdvertisement), byte(m.Code), 0, 0, byte(count), byte(n/wordLen), byte(seconds>>8), byte(seconds))
	b = append(b, m.Entries...)
	b = append(b, m.Trailing...)
	return m.zero.seal(b, start), nil
}

// String implements [Message].
func (m RouterAdvertisement) String() string {
	s := fmt.Sprintf("%v, lifetime %v", m.Kind(), m.Lifetime)
	for r := range m.Routers() {
		s += fmt.Sprintf(", %v preference %d", r.Addr, r.Preference)
	}
	return s
}
