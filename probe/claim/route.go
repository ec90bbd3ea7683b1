package claim

import (
	"net/netip"

	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
	"github.com/sonde-net/sonde/wire/quote"
)

// Destination returns who a quoted datagram is for in the end, and whether it
// has a source route that says so.
func Destination(q *quote.Quote) (final netip.Addr, route bool) {
	if q.Version != 4 {
		return q.Dst, false
	}
	final = q.Dst
	for o, err := range ip.Options4(q.Options) {
		if err != nil {
			break
		}
		if o.Type != ip.OptLSRR && o.Type != ip.OptSSRR {
			continue
		}
		r, err := option.ParseRoute(o)
		if err != nil {
			break
		}
		route = true
		if !r.Full() {
			final = r.Slot(len(r.Slots)/addrLen - 1)
		}
	}
	return final, route
}

const addrLen = 4 // of IPv4, in octets

// Routed reports whether the options have a source route.
func Routed(options []byte) bool {
	for o, err := range ip.Options4(options) {
		if err == nil && (o.Type == ip.OptLSRR || o.Type == ip.OptSSRR) {
			return true
		}
	}
	return false
}
