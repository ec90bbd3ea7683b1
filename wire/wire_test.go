package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
)

var reasons = []struct {
	reason wire.Reason
	text   string
}{
	{wire.Truncated, "cut short by the capture or the quote"},
	{wire.Short, "shorter than its type requires"},
	{wire.Checksum, "checksum does not hold"},
	{wire.Version, "unknown version"},
	{wire.Length, "length field contradicts the octets"},
	{wire.Mismatch, "another type than the one asked for"},
	{wire.Value, "value not allowed here"},
}

// Every reason has a number and a text of its own; those beside them tell
// their number.
func TestReason(t *testing.T) {
	conform.Row(t, "W-20")
	for i, r := range reasons {
		if int(r.reason) != i+1 || r.reason.Error() != r.text {
			t.Errorf("%d: %q, want %d: %q", r.reason, r.reason.Error(), i+1, r.text)
		}
	}
	for _, n := range []int{0, len(reasons) + 1, len(reasons) + 2, 255} {
		if got, want := wire.Reason(n).Error(), fmt.Sprint("reason ", n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestParseError(t *testing.T) {
	conform.Row(t, "W-20")
	for _, r := range reasons {
		err := error(&wire.ParseError{Type: "icmp4.Echo", Offset: 2, Reason: r.reason})
		if want := "icmp4.Echo: octet 2: " + r.text; err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
		for _, other := range reasons {
			if got := errors.Is(err, other.reason); got != (other == r) {
				t.Errorf("%v is %v: %t", err, other.reason, got)
			}
		}
	}
}

// An error that others wrap still tells its reason.
func TestParseErrorWrapped(t *testing.T) {
	err := fmt.Errorf("capture.pcap: packet 3: %w", &wire.ParseError{Type: "ip.Header4", Reason: wire.Truncated})
	var pe *wire.ParseError
	if !errors.Is(err, wire.Truncated) || errors.Is(err, wire.Short) || !errors.As(err, &pe) || pe.Type != "ip.Header4" {
		t.Errorf("%v is no %v any more", err, wire.Truncated)
	}
}

func TestFieldError(t *testing.T) {
	for want, err := range map[string]wire.FieldError{
		"icmp4.Echo: field Data: 65508 is over the limit of 65507": {Type: "icmp4.Echo", Field: "Data", Value: 65508, Limit: 65507},
		"icmp4.Redirect: field Gateway: want an IPv4 address":      {Type: "icmp4.Redirect", Field: "Gateway", Want: "an IPv4 address"},
		// Where it says what it wants, the numbers say nothing.
		"ndp.MTU: field MTU: want more": {Type: "ndp.MTU", Field: "MTU", Value: 1, Limit: 2, Want: "more"},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A reason becomes an error, and is compared, without allocation.
func TestReasonAllocates(t *testing.T) {
	conform.Row(t, "W-23")
	pe := &wire.ParseError{Type: "icmp4.Echo", Reason: wire.Short}
	var err error = pe
	wiretest.NoAllocs(t, "unwrap", func() {
		if !errors.Is(pe, wire.Short) || errors.Is(err, wire.Truncated) {
			t.Error("not short")
		}
	})
	wiretest.NoAllocs(t, "text", func() {
		if strings.ContainsRune(wire.Short.Error(), '\n') {
			t.Error("two lines")
		}
	})
}
