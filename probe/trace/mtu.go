package trace

import (
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// plateaus are sizes that links have (RFC 1191 §7.1), for gateways that say that
// a datagram is too large and not what is not.
var plateaus = [...]int{65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68}

// tooLarge takes an error that says what the next link takes, and asks again
// with that. It reports whether it was one.
func (t *Trace) tooLarge(i int, c probe.Claim) bool {
	switch {
	case !c.Present:
		return false
	case c.V6 && icmp6.Type(c.Type) == icmp6.TypePacketTooBig:
	case !c.V6 && icmp4.Type(c.Type) == icmp4.TypeDestUnreachable && icmp4.Code(c.Code) == icmp4.CodeFragNeeded:
	default:
		return false
	}
	return t.lower(i, c.MTU)
}

// mostLowered is how often the size is lowered: more often than there are links,
// and sizes that links have.
const mostLowered = 256

// lower lowers the size to an MTU and asks again. It reports whether that was
// possible: an MTU that is not below the size that was sent tells nothing, nor
// does one of somebody who goes on and on.
func (t *Trace) lower(i, mtu int) bool {
	r := &t.results[i]
	if mtu == 0 {
		for _, mtu = range plateaus {
			if mtu < r.Size {
				break
			}
		}
	}
	data := mtu - t.c.header()
	if mtu >= r.Size || data < t.c.least() || t.lowered == mostLowered {
		return false
	}
	t.lowered++
	t.uncount(i)
	if data < t.size {
		t.size, t.mtu = data, mtu
	}
	r.MTU = t.mtu
	r.Status = Waiting
	t.again = append([]int{i}, t.again...)
	return true
}

// tooBig is what a gateway claims when a datagram is over the MTU.
func tooBig(v6 bool, mtu int) probe.Claim {
	c := probe.Claim{Present: true, V6: v6, Type: uint8(icmp4.TypeDestUnreachable), Code: uint8(icmp4.CodeFragNeeded), MTU: mtu}
	if v6 {
		c.Type, c.Code = uint8(icmp6.TypePacketTooBig), 0
	}
	return c
}
