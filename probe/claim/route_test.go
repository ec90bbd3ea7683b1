package claim_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/wire/quote"
)

// TestRoutes: who a datagram with a source route is for stands last in it, until it
// has been everywhere; then it is where it goes.
func TestRoutes(t *testing.T) {
	to := netip.MustParseAddr("192.0.2.1")
	loose := []byte{1, 131, 11, 4, 10, 0, 0, 1, 10, 0, 0, 2}
	strict := []byte{137, 7, 4, 10, 0, 0, 3, 0}
	full := []byte{1, 131, 11, 12, 10, 0, 0, 1, 10, 0, 0, 2}
	for _, c := range []struct {
		options []byte
		version uint8
		want    string
		route   bool
	}{
		{nil, 4, "192.0.2.1", false},
		{[]byte{1, 1, 1, 1}, 4, "192.0.2.1", false},
		{loose, 4, "10.0.0.2", true},
		{strict, 4, "10.0.0.3", true},
		{full, 4, "192.0.2.1", true},
		{[]byte{131, 2, 0, 0}, 4, "192.0.2.1", false}, // no room for a pointer
		{loose, 6, "192.0.2.1", false},
	} {
		q := quote.Quote{Version: c.version, Dst: to, Options: c.options}
		got, route := claim.Destination(&q)
		if got.String() != c.want || route != c.route {
			t.Errorf("% x: %v, %v", c.options, got, route)
		}
	}
	if !claim.Routed(loose) || !claim.Routed(strict) || claim.Routed(nil) || claim.Routed([]byte{1, 7, 7, 4, 0, 0, 0, 0}) {
		t.Error("routed")
	}
}
