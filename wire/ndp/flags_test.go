package ndp_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/wire/ndp"
)

func TestRouterFlags(t *testing.T) {
	conform.Row(t, "W-19")
	for f, want := range map[ndp.RouterFlags]string{
		0: "none", 0x80: "M", 0x40: "O", 0x20: "H", 0x04: "P", 0x03: "none", 0x08: "none, preference high",
		0x10: "none, preference reserved", 0x18: "none, preference low", 0xff: "MOHP, preference low",
		ndp.RouterManaged | ndp.RouterOther: "MO", ndp.RouterHomeAgent | ndp.RouterProxy: "HP",
	} {
		if got := f.String(); got != want {
			t.Errorf("%02x: %q, want %q", uint8(f), got, want)
		}
	}
}

func TestPreference(t *testing.T) {
	conform.Row(t, "W-19")
	for i, want := range []string{"medium", "high", "reserved", "low", "medium"} {
		p := ndp.Preference(i)
		if got := p.String(); got != want {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
		for _, f := range []ndp.RouterFlags{0, 0xff, 0xe7, 0x18} {
			g := f.WithPreference(p)
			if g.Preference() != p&3 || g&^0x18 != f&^0x18 {
				t.Errorf("%02x with preference %v is %02x", uint8(f), p, uint8(g))
			}
		}
	}
}

func TestNeighborFlags(t *testing.T) {
	conform.Row(t, "W-19")
	for f, want := range map[ndp.NeighborFlags]string{
		0: "none", 0x1f: "none", ndp.NeighborRouter: "R", ndp.NeighborSolicited: "S", ndp.NeighborOverride: "O", 0xff: "RSO",
	} {
		if got := f.String(); got != want {
			t.Errorf("%02x: %q, want %q", uint8(f), got, want)
		}
	}
}

func TestPrefixFlags(t *testing.T) {
	conform.Row(t, "W-19")
	for f, want := range map[ndp.PrefixFlags]string{
		0: "none", 0x0f: "none", ndp.PrefixOnLink: "L", ndp.PrefixAutonomous: "A", ndp.PrefixRouter: "R",
		ndp.PrefixDelegation: "P", 0xff: "LARP",
	} {
		if got := f.String(); got != want {
			t.Errorf("%02x: %q, want %q", uint8(f), got, want)
		}
	}
}
