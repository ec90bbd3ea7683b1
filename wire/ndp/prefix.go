package ndp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire"
)

// Infinity is the lifetime without end: all ones on the wire (RFC 4861 §4.6.2).
const Infinity = 0xffffffff * time.Second

// seconds reads a lifetime of 32 bits.
func seconds(b []byte) time.Duration {
	return time.Duration(binary.BigEndian.Uint32(b)) * time.Second
}

// checkSeconds returns the error of a lifetime that 32 bits of seconds do not
// hold.
func checkSeconds(name, field string, d time.Duration) error {
	if d < 0 || d > Infinity || d%time.Second != 0 {
		return &wire.FieldError{Type: name, Field: field, Want: "whole seconds, 0 to Infinity"}
	}
	return nil
}

// lifetime returns d for people.
func lifetime(d time.Duration) string {
	if d == Infinity {
		return "infinity"
	}
	return d.String()
}

// checkPrefix returns the error of a prefix that is none of IPv6.
func checkPrefix(name string, p netip.Prefix) error {
	if p.IsValid() && p.Addr().Is6() {
		return nil
	}
	return &wire.FieldError{Type: name, Field: "Prefix", Want: "an IPv6 prefix"}
}

// PrefixInformation is a prefix information 3 (RFC 4861 §4.6.2).
type PrefixInformation struct {
	// Prefix is the prefix. Its address is kept as it came, octets behind the
	// prefix included: with [PrefixRouter] they are the router's address.
	Prefix    netip.Prefix
	Flags     PrefixFlags
	Valid     time.Duration // how long the prefix is on the link
	Preferred time.Duration // how long addresses made of it are preferred
	Reserved  uint32        // octets 12 to 15; kept as they came
}

// ParsePrefixInformation reads a prefix information. A prefix length over 128 is
// [wire.Value].
func ParsePrefixInformation(o Option) (PrefixInformation, error) {
	if err := o.check("ndp.PrefixInformation", TypePrefixInformation, 30, 0); err != nil {
		return PrefixInformation{}, err
	}
	b := o.Body
	if b[0] > 128 {
		return PrefixInformation{}, o.fault("ndp.PrefixInformation", 0, wire.Value)
	}
	return PrefixInformation{
		Prefix:    netip.PrefixFrom(netip.AddrFrom16([16]byte(b[14:30])), int(b[0])),
		Flags:     PrefixFlags(b[1]),
		Valid:     seconds(b[2:6]),
		Preferred: seconds(b[6:10]),
		Reserved:  binary.BigEndian.Uint32(b[10:14]),
	}, nil
}

// AppendBinary appends the option to b. A prefix or a lifetime that does not fit
// is a [*wire.FieldError].
func (p PrefixInformation) AppendBinary(b []byte) ([]byte, error) {
	const name = "ndp.PrefixInformation"
	if err := checkPrefix(name, p.Prefix); err != nil {
		return b, err
	}
	if err := checkSeconds(name, "Valid", p.Valid); err != nil {
		return b, err
	}
	if err := checkSeconds(name, "Preferred", p.Preferred); err != nil {
		return b, err
	}
	addr := p.Prefix.Addr().As16()
	b = append(appendHeader(b, TypePrefixInformation, 30), byte(p.Prefix.Bits()), byte(p.Flags))
	b = binary.BigEndian.AppendUint32(b, uint32(p.Valid/time.Second))
	b = binary.BigEndian.AppendUint32(b, uint32(p.Preferred/time.Second))
	b = binary.BigEndian.AppendUint32(b, p.Reserved)
	return append(b, addr[:]...), nil
}

// String returns the option on one line, for people.
func (p PrefixInformation) String() string {
	return fmt.Sprintf("prefix %v, flags %v, valid %s, preferred %s",
		p.Prefix, p.Flags, lifetime(p.Valid), lifetime(p.Preferred))
}

// RouteInformation is a route information 24 (RFC 4191 §2.3).
type RouteInformation struct {
	Prefix     netip.Prefix // its address is kept as it came
	Preference Preference
	Lifetime   time.Duration
	// Octets is how many octets of the address stand in the option: 8 or 16; 0:
	// as few of 0, 8 and 16 as hold the prefix and all of the address that is
	// not zero. Set when an option that was read has more than that.
	Octets   uint8
	Reserved uint8 // the six bits of octet 3 about the preference, in place; kept as they came
}

// least returns how many octets of p's address have to stand in the option.
func least(p netip.Prefix) int {
	addr, n := p.Addr().As16(), (p.Bits()+63)/64*8
	for i := n; i < len(addr); i++ {
		if addr[i] != 0 {
			n = i/8*8 + 8
		}
	}
	return n
}

// ParseRouteInformation reads a route information. A prefix length that does not
// fit the octets that are there is [wire.Value].
func ParseRouteInformation(o Option) (RouteInformation, error) {
	if err := o.check("ndp.RouteInformation", TypeRouteInformation, 6, Unit); err != nil {
		return RouteInformation{}, err
	}
	b := o.Body
	n := len(b) - 6
	if n > 16 {
		return RouteInformation{}, fault("ndp.RouteInformation", o.Offset+1, wire.Length)
	}
	if int(b[0]) > n*8 {
		return RouteInformation{}, o.fault("ndp.RouteInformation", 0, wire.Value)
	}
	var addr [16]byte
	copy(addr[:], b[6:])
	r := RouteInformation{
		Prefix:     netip.PrefixFrom(netip.AddrFrom16(addr), int(b[0])),
		Preference: Preference(b[1] >> 3 & 3),
		Lifetime:   seconds(b[2:6]),
		Reserved:   b[1] &^ 0x18,
	}
	if n != least(r.Prefix) {
		r.Octets = uint8(n)
	}
	return r, nil
}

// AppendBinary appends the option to b. A value that does not fit is a
// [*wire.FieldError].
func (r RouteInformation) AppendBinary(b []byte) ([]byte, error) {
	const name = "ndp.RouteInformation"
	if err := checkPrefix(name, r.Prefix); err != nil {
		return b, err
	}
	if r.Preference > PreferenceLow {
		return b, tooLong(name, "Preference", int(r.Preference), int(PreferenceLow))
	}
	if err := checkSeconds(name, "Lifetime", r.Lifetime); err != nil {
		return b, err
	}
	if r.Reserved&0x18 != 0 {
		return b, &wire.FieldError{Type: name, Field: "Reserved", Want: "no bit of the preference"}
	}
	n := least(r.Prefix)
	if r.Octets != 0 {
		if r.Octets != 8 && r.Octets != 16 || int(r.Octets) < n {
			return b, &wire.FieldError{Type: name, Field: "Octets", Want: "0, 8 or 16, enough for Prefix"}
		}
		n = int(r.Octets)
	}
	addr := r.Prefix.Addr().As16()
	b = append(appendHeader(b, TypeRouteInformation, 6+n), byte(r.Prefix.Bits()), byte(r.Preference)<<3|r.Reserved)
	b = binary.BigEndian.AppendUint32(b, uint32(r.Lifetime/time.Second))
	return append(b, addr[:n]...), nil
}

// String returns the option on one line, for people.
func (r RouteInformation) String() string {
	return fmt.Sprintf("route %v, preference %v, lifetime %s", r.Prefix, r.Preference, lifetime(r.Lifetime))
}

// PREF64 is a PREF64 38 (RFC 8781 §4): the prefix of the network's NAT64.
type PREF64 struct {
	// Prefix is of 32, 40, 48, 56, 64 or 96 bits. The first 96 bits of its
	// address are kept as they came.
	Prefix   netip.Prefix
	Lifetime time.Duration // a multiple of 8 seconds, up to 65528
}

// pref64Bits are the prefix lengths by their code.
var pref64Bits = [...]int{96, 64, 56, 48, 40, 32}

// pref64Unit is what the lifetime counts in.
const pref64Unit = 8 * time.Second

// ParsePREF64 reads a PREF64. A code that stands for no prefix length is
// [wire.Value]; a node ignores such an option.
func ParsePREF64(o Option) (PREF64, error) {
	if err := o.check("ndp.PREF64", TypePREF64, 14, 0); err != nil {
		return PREF64{}, err
	}
	word := binary.BigEndian.Uint16(o.Body[0:2])
	code := int(word & 7)
	if code >= len(pref64Bits) {
		return PREF64{}, o.fault("ndp.PREF64", 1, wire.Value)
	}
	var addr [16]byte
	copy(addr[:12], o.Body[2:14])
	return PREF64{
		Prefix:   netip.PrefixFrom(netip.AddrFrom16(addr), pref64Bits[code]),
		Lifetime: time.Duration(word>>3) * pref64Unit,
	}, nil
}

// AppendBinary appends the option to b. A prefix or a lifetime that does not fit
// is a [*wire.FieldError].
func (p PREF64) AppendBinary(b []byte) ([]byte, error) {
	const name = "ndp.PREF64"
	if err := checkPrefix(name, p.Prefix); err != nil {
		return b, err
	}
	code := -1
	for i, bits := range pref64Bits {
		if p.Prefix.Bits() == bits {
			code = i
		}
	}
	addr := p.Prefix.Addr().As16()
	if code < 0 || [4]byte(addr[12:]) != [4]byte{} {
		return b, &wire.FieldError{Type: name, Field: "Prefix", Want: "32, 40, 48, 56, 64 or 96 bits, and zeros behind 96"}
	}
	if p.Lifetime < 0 || p.Lifetime%pref64Unit != 0 || p.Lifetime > 0x1fff*pref64Unit {
		return b, &wire.FieldError{Type: name, Field: "Lifetime", Want: "a multiple of 8 seconds, 0 to 65528"}
	}
	word := uint16(p.Lifetime/pref64Unit)<<3 | uint16(code)
	b = binary.BigEndian.AppendUint16(appendHeader(b, TypePREF64, 14), word)
	return append(b, addr[:12]...), nil
}

// String returns the option on one line, for people.
func (p PREF64) String() string {
	return fmt.Sprintf("nat64 prefix %v, lifetime %s", p.Prefix, p.Lifetime)
}
