package ping

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// RecordRoute returns the options of a probe that records its route: one with
// room for nine addresses, behind a no operation.
func RecordRoute() []byte {
	b, err := option.AppendRecordRoute([]byte{byte(ip.OptNOP)}, maxRoute)
	if err != nil {
		panic(err) // nine are not too many
	}
	return b
}

const maxRoute = 9

// Timestamps returns the options of a probe that gateways write the time on: all
// on the way, with or without their addresses, or those that hops names, at most
// four. The errors are those of [option.AppendTimestamps].
func Timestamps(f option.StampFlag, hops ...netip.Addr) ([]byte, error) {
	slots := maxRoute
	if f != option.StampsOnly {
		slots = maxStamps
	}
	return option.AppendTimestamps(nil, f, slots, hops...)
}

const maxStamps = 4

// Through makes t a target that is reached by a source route through hops, at
// most nine, the first of which Dst becomes, and returns the options that this
// takes. The errors are those of [option.AppendSourceRoute].
func (t *Target) Through(strict bool, hops ...netip.Addr) ([]byte, error) {
	if len(hops) == 0 {
		return nil, nil
	}
	kind := ip.OptLSRR
	if strict {
		kind = ip.OptSSRR
	}
	last := t.Who()
	b, err := option.AppendSourceRoute([]byte{byte(ip.OptNOP)}, kind, append(hops[1:len(hops):len(hops)], last)...)
	if err == nil {
		t.Dst, t.Peer = hops[0], last
	}
	return b, err
}

// passed returns the options of a probe that src sends at a time: the sender is
// the first on the way, and writes itself down as gateways do. Source routes are
// as they were.
func (c *Config) passed(b []byte, src netip.Addr, now time.Time) []byte {
	b = append(b[:0], c.Options...)
	for o, err := range ip.Options4(b) {
		if err != nil {
			break
		}
		// What is wrong with an option is for those who get it to say.
		switch o.Type {
		case ip.OptRecordRoute:
			_, _, _ = option.Record(o, src)
		case ip.OptTimestamp:
			_, _ = option.AddStamp(o, src, nil, option.StampOf(now))
		}
	}
	return b
}
