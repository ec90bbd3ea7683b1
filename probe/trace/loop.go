package trace

import (
	"net/netip"

	"github.com/sonde-net/sonde/wire/ip"
)

// Loop is where a way comes back to itself.
type Loop struct {
	From, To ip.TTL // the hops at which it was seen, two rounds of it
	Period   int    // gateways in a round
}

// Loop returns the first loop on the way, if there is one: the same gateways in
// the same order twice, one behind the other. One gateway alone counts from
// three times on: some let a datagram pass once whose time to live has run out.
func (t *Trace) Loop() (Loop, bool) {
	hops := t.Hops()
	for i := range hops {
		for period := 1; i+2*period <= len(hops); period++ {
			rounds := 2
			if period == 1 {
				rounds = 3
			}
			if n := rounds * period; i+n <= len(hops) && repeats(hops[i:i+n], period) {
				return Loop{From: hops[i].TTL, To: hops[i+n-1].TTL, Period: period}, true
			}
		}
	}
	return Loop{}, false
}

// repeats reports whether each hop has a gateway that the one a period later has
// too. It is not the destination that answers.
func repeats(hops []Hop, period int) bool {
	for i := range hops {
		a, ok := gateway(&hops[i])
		if !ok {
			return false
		}
		if i < period {
			continue
		}
		if b, _ := gateway(&hops[i-period]); a != b {
			return false
		}
	}
	return true
}

// gateway returns who has answered first, as a gateway.
func gateway(h *Hop) (netip.Addr, bool) {
	for i := range h.Probes {
		if r := &h.Probes[i]; r.Status == Answered {
			return r.From, !r.Final()
		}
	}
	return netip.Addr{}, false
}
