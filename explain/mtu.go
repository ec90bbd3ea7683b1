package explain

import (
	"slices"

	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/explain/field"
)

// usual are the MTUs that have a reason which is known (mtu.N in the words).
var usual = []uint32{9000, 1500, 1492, 1480, 1476, 1472, 1460, 1450, 1440, 1420, 1400, 1280, 1006, 1000, 576}

// plateaus are the sizes that a host tries in turn when a router does not tell
// the MTU (RFC 1191 §7.1).
var plateaus = []uint32{65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68}

// The smallest MTUs.
const (
	minimum4   = 68   // RFC 791 §3.2
	suspicious = 552  // what careful hosts do not go below (RFC 5927 §7)
	minimum6   = 1280 // RFC 8200 §5
)

// mtu says what a next-hop MTU says, and whether it is plausible.
func (x *explainer) mtu(mtu uint32) {
	c, was := x.out.Conversation, uint32(0)
	if c != nil {
		was = c.Octets
	}
	if mtu == 0 && x.family == catalogue.ICMPv4 {
		x.says("s.mtu.zero", field.Dec(plateau(was)))
		return
	}
	x.says("s.mtu", field.Dec(mtu))
	switch {
	case was > mtu:
		x.says("s.mtu.was", field.Dec(was), field.Dec(was-mtu))
	case was > 0:
		x.says("s.mtu.fits", field.Dec(was))
	}
	if x.family == catalogue.ICMPv4 && c != nil && !c.DF && was > 0 {
		x.says("s.mtu.nodf")
	}
	fits := was > 0 && was <= mtu
	switch {
	case fits:
	case x.family == catalogue.ICMPv6 && mtu < minimum6:
		x.says("s.mtu.low6")
	case slices.Contains(usual, mtu):
		x.says("s.mtu.plausible", x.Say("mtu."+field.Dec(mtu)))
	case mtu < minimum4:
		x.says("s.mtu.min4")
	case mtu < suspicious:
		x.says("s.mtu.low4")
	default:
		x.says("s.mtu.other")
	}
}

// plateau is the largest usual size below n; the smallest where there is none.
func plateau(n uint32) uint32 {
	for _, p := range plateaus {
		if p < n {
			return p
		}
	}
	return plateaus[len(plateaus)-1]
}
