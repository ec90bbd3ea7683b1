package icmp4

import (
	"fmt"

	"github.com/sonde-net/sonde/wire/extension"
)

// bareLen is the longest message without a length attribute that cannot hold an
// extension, in octets (RFC 4884 §5.5).
const bareLen = HeaderLen + 128

// errorWord returns the second word of an error that may carry extensions: its
// octets 4 and 5, and its last two.
func errorWord(octet4, length uint8, word3 uint16) uint32 {
	return uint32(octet4)<<24 | uint32(length)<<16 | uint32(word3)
}

// appendError appends an error that may carry extensions: destination
// unreachable, time exceeded, parameter problem. They differ in octet 4 and in
// octets 6 and 7; octet 5 is the length attribute (RFC 4884 §4.1 to §4.3).
func appendError(b []byte, name string, k Kind, octet4 uint8, word3 uint16, e extension.Body, z zero) ([]byte, error) {
	length, err := e.Attribute(name, extension.Unit4)
	if err != nil {
		return b, err
	}
	if over := HeaderLen + e.Len(extension.Unit4) - MaxLen; over > 0 {
		if n := len(e.Ext); n > 0 {
			return b, tooLong(name, "Ext", n, n-over)
		}
		return b, tooLong(name, "Quote", len(e.Quote), maxBodyLen)
	}
	start := len(b)
	b = append(b, byte(k.Type), byte(k.Code), 0, 0, octet4, length, byte(word3>>8), byte(word3))
	b = e.Append(b, extension.Unit4)
	return z.seal(b, start), nil
}

// quoted is the end of the line for a message with a quote and extensions.
func quoted(quote, ext []byte) string {
	s := fmt.Sprintf(", quotes %d octets", len(quote))
	if len(ext) > 0 {
		s += fmt.Sprintf(", extensions of %d octets", len(ext))
	}
	return s
}
