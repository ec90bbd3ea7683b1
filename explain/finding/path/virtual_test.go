package path_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
)

// TestVirtualRouter: a router sends from its own link address and from that which
// it shares; two routers that both think the address theirs are another matter.
func TestVirtualRouter(t *testing.T) {
	virtual := [6]byte{0, 0, 0x5e, 0, 1, 1}
	for name, tt := range map[string]struct {
		macs [][6]byte
		want bool
	}{
		"one":       {[][6]byte{virtual, mac(1), virtual, mac(1), virtual}, false},
		"two":       {[][6]byte{mac(1), virtual, mac(2), virtual, mac(1)}, true},
		"fail-over": {[][6]byte{mac(1), virtual, mac(2), virtual, mac(2)}, false},
	} {
		w := &traffic.Writer{TTL: 64}
		for i, m := range tt.macs {
			w.SrcMAC = m
			w.UDP(inner, outer, 5, u16(i), 7)
			w.Wait(time.Second)
		}
		if f := traffic.One(t, detect.Config{}, w, finding.DuplicateAddress); (f != nil) != tt.want {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
