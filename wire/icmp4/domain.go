package icmp4

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/sonde-net/sonde/wire"
)

// DomainNameRequest is domain name request 37 (RFC 1788 p. 4): what is your name?
// Deprecated by RFC 6918.
type DomainNameRequest struct {
	Code     Code // 0; kept as it came
	ID       uint16
	Seq      uint16
	Trailing []byte // what stands behind; kept as it came

	zero
}

// ParseDomainNameRequest reads a domain name request that fills b, checksum
// verified.
func ParseDomainNameRequest(b []byte) (DomainNameRequest, error) {
	return verified(b, DecodeDomainNameRequest)
}

// DecodeDomainNameRequest is [ParseDomainNameRequest] without the checksum.
func DecodeDomainNameRequest(b []byte) (DomainNameRequest, error) {
	if err := check("icmp4.DomainNameRequest", b, HeaderLen, TypeDomainNameRequest, TypeDomainNameRequest); err != nil {
		return DomainNameRequest{}, err
	}
	return DomainNameRequest{
		Code: Code(b[1]), ID: binary.BigEndian.Uint16(b[4:6]), Seq: binary.BigEndian.Uint16(b[6:8]),
		Trailing: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m DomainNameRequest) Kind() Kind { return Kind{TypeDomainNameRequest, m.Code} }

// Len implements [Message].
func (m DomainNameRequest) Len() int { return HeaderLen + len(m.Trailing) }

// AppendBinary implements [Message].
func (m DomainNameRequest) AppendBinary(b []byte) ([]byte, error) {
	return appendRest(b, "icmp4.DomainNameRequest", "Trailing", m.Kind(), twoHalves(m.ID, m.Seq), m.Trailing, m.zero)
}

// String implements [Message].
func (m DomainNameRequest) String() string {
	return fmt.Sprintf("%v, id %d, seq %d", m.Kind(), m.ID, m.Seq)
}

const (
	domainReplyLen = 12 // octets
	maxLabel       = 63 // octets of a label (RFC 1035 §2.3.4)
	maxName        = 255
)

// DomainNameReply is domain name reply 38 (RFC 1788 p. 5): the names of the host
// that was asked. Without a name it says that there is none. Deprecated by RFC
// 6918.
type DomainNameReply struct {
	Code Code // 0; kept as it came
	ID   uint16
	Seq  uint16
	// TTL is how long the names may be remembered: whole seconds, as many as
	// 32 bits with a sign hold.
	TTL time.Duration
	// Names are the names as they stand on the wire: read them with
	// [DomainNameReply.All], build them with [AppendName].
	Names []byte

	zero
}

// ParseDomainNameReply reads a domain name reply that fills b, checksum
// verified. What is wrong with a name is told by [DomainNameReply.All].
func ParseDomainNameReply(b []byte) (DomainNameReply, error) {
	return verified(b, DecodeDomainNameReply)
}

// DecodeDomainNameReply is [ParseDomainNameReply] without the checksum.
func DecodeDomainNameReply(b []byte) (DomainNameReply, error) {
	if err := check("icmp4.DomainNameReply", b, domainReplyLen, TypeDomainNameReply, TypeDomainNameReply); err != nil {
		return DomainNameReply{}, err
	}
	return DomainNameReply{
		Code: Code(b[1]), ID: binary.BigEndian.Uint16(b[4:6]), Seq: binary.BigEndian.Uint16(b[6:8]),
		TTL:   time.Duration(int32(binary.BigEndian.Uint32(b[8:12]))) * time.Second,
		Names: b[domainReplyLen:], zero: readZero(b),
	}, nil
}

// All yields the names, each with the dot of the root at its end. Dots,
// backslashes and what is not printable within a label are escaped as in zone
// files (RFC 1035 §5.1). A name that cannot be read yields an error last, its
// offset counted from the start of Names.
//
// Reading: names stand there as in RFC 1035 §3.1, label after label, without
// the pointers of §4.1.4: those count from the start of a DNS message, and here
// is none.
func (m DomainNameReply) All() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for at := 0; at < len(m.Names); {
			name, next, err := readName(m.Names, at)
			if !yield(name, err) || err != nil {
				return
			}
			at = next
		}
	}
}

// readName reads the name at b[at] and returns where the next one begins.
func readName(b []byte, at int) (name string, next int, err error) {
	var s strings.Builder
	for start := at; ; {
		fail := func(r wire.Reason) (string, int, error) {
			return "", 0, &wire.ParseError{Type: "icmp4.DomainNameReply.Names", Offset: at, Reason: r}
		}
		if at == len(b) {
			return fail(wire.Short)
		}
		n := int(b[at])
		switch {
		case n > maxLabel:
			return fail(wire.Value)
		case n >= len(b)-at:
			return fail(wire.Length)
		case at+n+1-start > maxName:
			return fail(wire.Length)
		case n == 0:
			if s.Len() == 0 {
				return ".", at + 1, nil
			}
			return s.String(), at + 1, nil
		}
		for _, c := range b[at+1 : at+1+n] {
			switch {
			case c == '.' || c == '\\':
				s.WriteByte('\\')
				s.WriteByte(c)
			case c <= ' ' || c > '~':
				fmt.Fprintf(&s, "\\%03d", c)
			default:
				s.WriteByte(c)
			}
		}
		s.WriteByte('.')
		at += 1 + n
	}
}

// AppendName appends a domain name to b, the Names of a [DomainNameReply]. The
// dot at the end may be left out; escapes are not known. A name that does not
// fit is a [*wire.FieldError] and leaves b as it was.
func AppendName(b []byte, name string) ([]byte, error) {
	name = strings.TrimSuffix(name, ".")
	if n := len(name) + 2; n > maxName {
		return b, tooLong("icmp4.DomainNameReply", "Names", n, maxName)
	}
	start := len(b)
	for label := range strings.SplitSeq(name, ".") {
		switch n := len(label); {
		case n == 0 && name == "":
		case n == 0:
			return b[:start], &wire.FieldError{Type: "icmp4.DomainNameReply", Field: "Names", Want: "no empty label"}
		case n > maxLabel:
			return b[:start], tooLong("icmp4.DomainNameReply", "Names", n, maxLabel)
		default:
			b = append(append(b, byte(n)), label...)
		}
	}
	return append(b, 0), nil
}

// Kind implements [Message].
func (m DomainNameReply) Kind() Kind { return Kind{TypeDomainNameReply, m.Code} }

// Len implements [Message].
func (m DomainNameReply) Len() int { return domainReplyLen + len(m.Names) }

// AppendBinary implements [Message].
func (m DomainNameReply) AppendBinary(b []byte) ([]byte, error) {
	const name = "icmp4.DomainNameReply"
	seconds := m.TTL / time.Second
	switch n := len(m.Names); {
	case m.TTL%time.Second != 0 || seconds < math.MinInt32 || seconds > math.MaxInt32:
		return b, &wire.FieldError{Type: name, Field: "TTL", Want: "whole seconds that fit in 32 bits"}
	case n > MaxLen-domainReplyLen:
		return b, tooLong(name, "Names", n, MaxLen-domainReplyLen)
	}
	start := len(b)
	b = append(b, byte(TypeDomainNameReply), byte(m.Code), 0, 0)
	b = binary.BigEndian.AppendUint32(b, twoHalves(m.ID, m.Seq))
	b = binary.BigEndian.AppendUint32(b, uint32(int32(seconds)))
	b = append(b, m.Names...)
	return m.zero.seal(b, start), nil
}

// String implements [Message].
func (m DomainNameReply) String() string {
	s := fmt.Sprintf("%v, id %d, seq %d, ttl %v", m.Kind(), m.ID, m.Seq, m.TTL)
	for name, err := range m.All() {
		if err != nil {
			return s + ", then a name that cannot be read"
		}
		s += ", " + name
	}
	return s
}
