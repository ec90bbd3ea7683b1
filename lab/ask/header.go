package ask

import (
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// The slots of options that record: as many as there is room for.
const (
	routeSlots = 9
	stampSlots = 9
	pairSlots  = 4
)

// Header turns what a step says about the IP header into options of a socket,
// and the address that the datagram is sent to: with a source route the first
// stop.
func Header(t *topology.Topology, h *topology.Header, to netip.Addr) (o endpoint.Options, first netip.Addr, err error) {
	o = endpoint.Options{Src: h.Source, TTL: ip.TTL(h.TTL), TOS: h.TOS, DF: h.DF}
	first = to
	var b []byte
	switch {
	case h.Option == "record-route":
		b, err = option.AppendRecordRoute(nil, routeSlots)
	case h.Option == "timestamp":
		b, err = option.AppendTimestamps(nil, option.StampsOnly, stampSlots)
	case h.Option == "timestamp-address":
		b, err = option.AppendTimestamps(nil, option.StampsAndAddrs, pairSlots)
	case len(h.Route) > 0:
		hops := make([]netip.Addr, 0, len(h.Route)+1)
		for _, x := range h.Route {
			a, _ := t.Addr(x)
			hops = append(hops, a)
		}
		first = hops[0]
		kind := ip.OptLSRR
		if h.Strict {
			kind = ip.OptSSRR
		}
		b, err = option.AppendSourceRoute(nil, kind, append(hops[1:], to)...)
	}
	if len(b) > 0 {
		o.IPOptions = ip.PadOptions(b)
	}
	return o, first, err
}

// label is an entry of an MPLS label stack as traceroute writes it.
func label(l extension.Label) string {
	bottom := 0
	if l.Bottom {
		bottom = 1
	}
	return fmt.Sprintf("L=%d,E=%d,S=%d,T=%d", l.Label, l.TC, bottom, l.TTL)
}
