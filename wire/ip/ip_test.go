package ip_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
)

var (
	a4 = netip.MustParseAddr("192.0.2.1")
	b4 = netip.MustParseAddr("198.51.100.7")
	a6 = netip.MustParseAddr("2001:db8::1")
	b6 = netip.MustParseAddr("2001:db8:ffff::7")
)

// octets decodes hex, spaces allowed.
func octets(tb testing.TB, s string) []byte {
	tb.Helper()
	return wiretest.Octets(tb, s)
}

// wantParseError checks reason and offset of err.
func wantParseError(t *testing.T, what string, err error, offset int, reason wire.Reason) {
	t.Helper()
	var pe *wire.ParseError
	switch {
	case !errors.As(err, &pe):
		t.Errorf("%s: error %v, want a *wire.ParseError", what, err)
	case pe.Offset != offset || pe.Reason != reason || pe.Type == "":
		t.Errorf("%s: error %q, want octet %d: %v", what, pe, offset, reason)
	}
}

// wantFieldError checks that appending has failed on the field and left the
// destination, which held the octet 0x77, as it was.
func wantFieldError(t *testing.T, what string, got []byte, err error, field string) {
	t.Helper()
	var fe *wire.FieldError
	switch {
	case !errors.As(err, &fe):
		t.Errorf("%s: error %v, want a *wire.FieldError", what, err)
	case fe.Field != field:
		t.Errorf("%s: field %q at fault, want %q", what, fe.Field, field)
	case !bytes.Equal(got, []byte{0x77}):
		t.Errorf("%s: refused, and the slice is now %x", what, got)
	}
}

// wantLimit checks value and limit of a field error.
func wantLimit(t *testing.T, what string, err error, value, limit int) {
	t.Helper()
	var fe *wire.FieldError
	if !errors.As(err, &fe) || fe.Value != value || fe.Limit != limit || fe.Want != "" {
		t.Errorf("%s: error %v, want %d over the limit of %d", what, err, value, limit)
	}
}

// seal4 writes the header checksum of b by the sum of RFC 1071, word by word.
func seal4(b []byte) []byte {
	n := int(b[0]&15) * 4
	b[10], b[11] = 0, 0
	sum := 0
	for i := 0; i < n; i += 2 {
		sum += int(b[i])<<8 | int(b[i+1])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	b[10], b[11] = byte(^sum>>8), byte(^sum)
	return b
}
