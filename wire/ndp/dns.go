package ndp

import (
	"encoding/binary"
	"fmt"
	"iter"
	"net/netip"
	"strings"
	"time"

	"github.com/sonde-net/sonde/wire"
)

// addrLen is the length of an IPv6 address in octets.
const addrLen = 16

// RDNSS is a recursive DNS server option 25 (RFC 8106 §5.1).
type RDNSS struct {
	Reserved uint16 // octets 2 and 3; kept as they came
	Lifetime time.Duration
	// Servers are 16 octets each, at least one; read them with [RDNSS.All], build
	// them with [AppendServer].
	Servers []byte
}

// ParseRDNSS reads a recursive DNS server option.
func ParseRDNSS(o Option) (RDNSS, error) {
	if err := o.check("ndp.RDNSS", TypeRDNSS, 22, addrLen); err != nil {
		return RDNSS{}, err
	}
	return RDNSS{Reserved: binary.BigEndian.Uint16(o.Body[0:2]), Lifetime: seconds(o.Body[2:6]), Servers: o.Body[6:]}, nil
}

// All yields the servers.
func (r RDNSS) All() iter.Seq[netip.Addr] {
	return func(yield func(netip.Addr) bool) {
		for b := r.Servers; len(b) >= addrLen; b = b[addrLen:] {
			if !yield(netip.AddrFrom16([addrLen]byte(b[:addrLen]))) {
				return
			}
		}
	}
}

// AppendServer appends a server to the Servers of an [RDNSS]. What is no IPv6
// address is a [*wire.FieldError]; a zone is left out.
func AppendServer(b []byte, server netip.Addr) ([]byte, error) {
	if !server.Is6() {
		return b, &wire.FieldError{Type: "ndp.RDNSS", Field: "Servers", Want: "IPv6 addresses"}
	}
	addr := server.As16()
	return append(b, addr[:]...), nil
}

// AppendBinary appends the option to b. Servers that are not whole addresses,
// none, or more than 127 are a [*wire.FieldError], as is a lifetime that does
// not fit.
func (r RDNSS) AppendBinary(b []byte) ([]byte, error) {
	const name = "ndp.RDNSS"
	if err := checkSeconds(name, "Lifetime", r.Lifetime); err != nil {
		return b, err
	}
	if len(r.Servers) == 0 || len(r.Servers)%addrLen != 0 {
		return b, &wire.FieldError{Type: name, Field: "Servers", Want: "whole addresses of 16 octets, at least one"}
	}
	if limit := (maxLen - Unit) / addrLen * addrLen; len(r.Servers) > limit {
		return b, tooLong(name, "Servers", len(r.Servers), limit)
	}
	return appendTimed(b, TypeRDNSS, r.Reserved, r.Lifetime, r.Servers), nil
}

// appendTimed appends an option of a reserved half word, a lifetime, and rest,
// padded with zeros.
func appendTimed(b []byte, t Type, reserved uint16, d time.Duration, rest []byte) []byte {
	var fixed [6]byte
	binary.BigEndian.PutUint16(fixed[0:2], reserved)
	binary.BigEndian.PutUint32(fixed[2:6], uint32(d/time.Second))
	return appendPadded(b, t, fixed[:], rest)
}

// String returns the option on one line, for people.
func (r RDNSS) String() string {
	var s strings.Builder
	s.WriteString("dns servers")
	for a := range r.All() {
		s.WriteByte(' ')
		s.WriteString(a.String())
	}
	return s.String() + ", lifetime " + lifetime(r.Lifetime)
}

// DNSSL is a DNS search list 31 (RFC 8106 §5.2).
type DNSSL struct {
	Reserved uint16 // octets 2 and 3; kept as they came
	Lifetime time.Duration
	// Names are domain names as DNS has them (RFC 1035 §3.1), uncompressed; read
	// them with [DNSSL.All], build them with [AppendName]. The zeros that pad
	// the option stay on them when it is read.
	Names []byte
}

// The most that DNS allows, in octets (RFC 1035 §2.3.4).
const (
	maxLabel = 63
	maxName  = 255
)

// ParseDNSSL reads a DNS search list. What is wrong with a name is told by
// [DNSSL.All].
func ParseDNSSL(o Option) (DNSSL, error) {
	if err := o.check("ndp.DNSSL", TypeDNSSL, 14, Unit); err != nil {
		return DNSSL{}, err
	}
	return DNSSL{Reserved: binary.BigEndian.Uint16(o.Body[0:2]), Lifetime: seconds(o.Body[2:6]), Names: o.Body[6:]}, nil
}

// All yields the names, labels joined by full stops, without one at the end.
// Other octets than letters, digits, hyphens and underscores, a full stop within
// a label for one, are written \DDD (RFC 4343 §2.1). Octets that are no name end
// it with a [*wire.ParseError], which counts from the first name: [wire.Short]
// when they end inside a name, [wire.Value] at a label of more than 63 octets or
// a compressed one, [wire.Length] at the label that makes a name longer than
// 255.
func (d DNSSL) All() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for at := 0; at < len(d.Names); {
			if d.Names[at] == 0 { // padding
				at++
				continue
			}
			name, next, err := readName(d.Names, at)
			if !yield(name, err) || err != nil {
				return
			}
			at = next
		}
	}
}

// readName reads the name at b[at] and returns where the next one begins.
func readName(b []byte, at int) (string, int, error) {
	var s strings.Builder
	for start := at; ; {
		if at == len(b) {
			return "", 0, fault("ndp.DNSSL", at, wire.Short)
		}
		n := int(b[at])
		switch end := at + 1 + n; {
		case n == 0:
			return s.String(), end, nil
		case n > maxLabel:
			return "", 0, fault("ndp.DNSSL", at, wire.Value)
		case end > len(b):
			return "", 0, fault("ndp.DNSSL", len(b), wire.Short)
		case end-start >= maxName: // the root label is still to come
			return "", 0, fault("ndp.DNSSL", at, wire.Length)
		default:
			if at > start {
				s.WriteByte('.')
			}
			writeLabel(&s, b[at+1:end])
			at = end
		}
	}
}

// writeLabel writes a label for people.
func writeLabel(s *strings.Builder, label []byte) {
	for _, c := range label {
		if plain(c) {
			s.WriteByte(c)
		} else {
			fmt.Fprintf(s, `\%03d`, c)
		}
	}
}

// plain reports whether c stands for itself in a name.
func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// AppendName appends a domain name, with or without a full stop at its end, to
// the Names of a [DNSSL]. An empty name, an empty label, a label of more than 63
// octets, a name of more than 255 and an octet that is neither letter, digit,
// hyphen nor underscore are a [*wire.FieldError].
func AppendName(b []byte, name string) ([]byte, error) {
	start, labels := len(b), strings.TrimSuffix(name, ".")
	if n := len(labels) + 2; n > maxName {
		return b, tooLong("ndp.DNSSL", "Names", n, maxName)
	}
	for label := range strings.SplitSeq(labels, ".") {
		if len(label) == 0 || len(label) > maxLabel || !plainLabel(label) {
			return b[:start], &wire.FieldError{Type: "ndp.DNSSL", Field: "Names", Want: "labels of 1 to 63 letters, digits, hyphens"}
		}
		b = append(append(b, byte(len(label))), label...)
	}
	return append(b, 0), nil
}

// plainLabel reports whether every octet of a label stands for itself.
func plainLabel(label string) bool {
	for i := range len(label) {
		if !plain(label[i]) {
			return false
		}
	}
	return true
}

// AppendBinary appends the option to b. Names of no octets or more than 2032 are
// a [*wire.FieldError], as is a lifetime that does not fit.
func (d DNSSL) AppendBinary(b []byte) ([]byte, error) {
	if err := checkSeconds("ndp.DNSSL", "Lifetime", d.Lifetime); err != nil {
		return b, err
	}
	if len(d.Names) == 0 {
		return b, &wire.FieldError{Type: "ndp.DNSSL", Field: "Names", Want: "at least one name"}
	}
	if limit := maxLen - Unit; len(d.Names) > limit {
		return b, tooLong("ndp.DNSSL", "Names", len(d.Names), limit)
	}
	return appendTimed(b, TypeDNSSL, d.Reserved, d.Lifetime, d.Names), nil
}

// String returns the option on one line, for people.
func (d DNSSL) String() string {
	var s strings.Builder
	s.WriteString("dns search list")
	for name, err := range d.All() {
		if err != nil {
			name = "(" + err.Error() + ")"
		}
		s.WriteByte(' ')
		s.WriteString(name)
	}
	return s.String() + ", lifetime " + lifetime(d.Lifetime)
}
