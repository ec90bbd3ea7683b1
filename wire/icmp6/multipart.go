package icmp6

import (
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire/extension"
)

// bareLen is the longest message without a length attribute that cannot hold an
// extension, in octets (RFC 4884 §5.5).
const bareLen = HeaderLen + 128

// errorWord returns the second word of an error that may carry extensions: its
// length attribute, and octets 5 to 7.
func errorWord(length uint8, unused [3]byte) uint32 {
	return uint32(length)<<24 | uint32(unused[0])<<16 | uint32(unused[1])<<8 | uint32(unused[2])
}

// appendError appends an error that carries extensions: destination unreachable,
// time exceeded. Octet 4 is the length attribute (RFC 4884 §4.4,
// §4.5).
func appendError(b []byte, name string, k Kind, unused [3]byte, e extension.Body, z zero, src, dst netip.Addr) ([]byte, error) {
	if err := checkAddrs(name, src, dst); err != nil {
		return b, err
	}
	length, err := e.Attribute(name, extension.Unit6)
	if err != nil {
		return b, err
	}
	if over := HeaderLen + e.Len(extension.Unit6) - MaxLen; over > 0 {
		return b, tooLong(name, "Ext", len(e.Ext), len(e.Ext)-over)
	}
	start := len(b)
	b = append(b, byte(k.Type), byte(k.Code), 0, 0, length, unused[0], unused[1], unused[2])
	b = e.Append(b, extension.Unit6)
	return z.seal(b, start, src, dst), nil
}

// quoted is the end of the line for a message with a quote and extensions.
func quoted(quote, ext []byte) string {
	s := fmt.Sprintf(", quotes %d octets", len(quote))
	if len(ext) > 0 {
		s += fmt.Sprintf(", extensions of %d octets", len(ext))
	}
	return s
}
