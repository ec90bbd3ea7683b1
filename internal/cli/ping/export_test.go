package ping

import (
	"bytes"
	"net/netip"
)

// What the tests look at from outside.
var (
	Sentence    = sentence
	ClassicTime = classicTime
)

// Printed is what is printed of the options of replies, one after the other.
func Printed(options ...[]byte) string {
	var b bytes.Buffer
	var t trail
	for _, o := range options {
		t.show(&b, o, netip.Addr.String)
		b.WriteByte('|')
	}
	return b.String()
}
