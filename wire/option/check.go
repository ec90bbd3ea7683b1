package option

import (
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// Check reads all options of an IPv4 header, [ip.Header4.Options], and returns
// the first fault as a [*wire.ParseError]; its offset is what a parameter
// problem points to. Besides what the Parse functions refuse, a second record
// route, timestamp or source route is a fault, at its type octet: RFC 791
// allows one of each, and RFC 1122 §3.2.1.8 one source route of either kind.
func Check(options []byte) error {
	var route, source, stamps bool
	for o, err := range ip.Options4(options) {
		if err != nil {
			return err
		}
		var seen *bool
		switch o.Type {
		case ip.OptRecordRoute:
			seen = &route
			_, err = ParseRoute(o)
		case ip.OptLSRR, ip.OptSSRR:
			seen = &source
			_, err = ParseRoute(o)
		case ip.OptTimestamp:
			seen = &stamps
			_, err = ParseTimestamps(o)
		case ip.OptRouterAlert:
			_, err = ParseRouterAlert(o)
		}
		if err != nil {
			return err
		}
		if seen == nil {
			continue
		}
		if *seen {
			return &wire.ParseError{Type: "ip.Option4", Offset: o.Offset, Reason: wire.Value}
		}
		*seen = true
	}
	return nil
}
