package audit

import (
	"net/netip"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

func v4(t, c uint8) kind.Kind { return kind.Kind{Family: kind.V4, Type: t, Code: c} }
func v6(t, c uint8) kind.Kind { return kind.Kind{Family: kind.V6, Type: t, Code: c} }

// Hop limits of what was not forwarded.
const (
	onLink    = 255
	multicast = 1
)

// needs are the messages that a working network needs.
func needs() []question {
	return concat(
		all("pmtud", High, policy.In, filter.Related, 0, everyone, v4(3, 4), v6(2, 0)),
		all("pmtud", High, policy.Through, filter.Related, 0, everyone, v4(3, 4), v6(2, 0)),
		all("pmtud", High, policy.Out, filter.Related, 0, forwarder, v4(3, 4), v6(2, 0)),
		all("neighbours", High, policy.In, filter.Untracked, onLink, everyone, v6(135, 0), v6(136, 0)),
		all("neighbours", High, policy.Out, filter.Untracked, onLink, everyone, v6(135, 0), v6(136, 0)),
		from(netip.IPv6Unspecified(), all("dad", Medium, policy.In, filter.Untracked, onLink, everyone, v6(135, 0))),
		all("routers", High, policy.In, filter.Untracked, onLink, station, v6(134, 0)),
		all("routers", High, policy.Out, filter.Untracked, onLink, station, v6(133, 0)),
		all("listeners", Medium, policy.In, filter.Untracked, multicast, everyone, v6(130, 0)),
		all("listeners", Medium, policy.Out, filter.Untracked, multicast, everyone, v6(131, 0), v6(143, 0)),
		all("unreachable", Medium, policy.In, filter.Related, 0, everyone, v4(3, 0), v4(3, 1), v4(3, 3), v6(1, 0), v6(1, 3), v6(1, 4)),
		all("unreachable", Medium, policy.Through, filter.Related, 0, everyone, v4(3, 0), v4(3, 1), v4(3, 3), v6(1, 0), v6(1, 3), v6(1, 4)),
		all("traceroute", Medium, policy.In, filter.Related, 0, everyone, v4(11, 0), v6(3, 0)),
		all("traceroute", Medium, policy.Through, filter.Related, 0, everyone, v4(11, 0), v6(3, 0)),
		all("traceroute", Medium, policy.Out, filter.Related, 0, forwarder, v4(11, 0), v6(3, 0)),
		all("parameter", Medium, policy.In, filter.Related, 0, everyone, v6(4, 1), v6(4, 2)),
		all("parameter", Medium, policy.Through, filter.Related, 0, everyone, v6(4, 1), v6(4, 2)),
		all("parameter", Low, policy.In, filter.Related, 0, everyone, v4(12, 0), v6(4, 0)),
		all("fragments", Low, policy.In, filter.Related, 0, everyone, v4(11, 1), v6(3, 1)),
		all("ping-out", Low, policy.Out, filter.New, 0, everyone, v4(8, 0), v6(128, 0)),
		all("ping-out", Low, policy.In, filter.Established, 0, everyone, v4(0, 0), v6(129, 0)),
		all("ping-in", Low, policy.In, filter.New, 0, visible, v4(8, 0), v6(128, 0)),
		all("ping-in", Low, policy.Out, filter.Established, 0, visible, v4(0, 0), v6(129, 0)),
	)
}

// dangers are the messages that are better dropped.
func dangers() []question {
	return concat(
		all("redirect", Medium, policy.In, filter.Related, 0, everyone, v4(5, 0), v4(5, 1), v4(5, 2), v4(5, 3)),
		all("redirect", Medium, policy.In, filter.Invalid, onLink, everyone, v6(137, 0)), // not among what Linux does not track
		all("redirect", High, policy.Through, filter.Related, 0, everyone, v4(5, 0), v4(5, 1)),
		all("link", Medium, policy.Through, filter.Untracked, onLink, everyone, v6(133, 0), v6(134, 0), v6(135, 0), v6(136, 0)),
		all("link", Medium, policy.Through, filter.Invalid, onLink, everyone, v6(137, 0)),
		all("router", Medium, policy.In, filter.Invalid, 0, everyone, v4(9, 0)),
		all("router-far", Low, policy.In, filter.Untracked, 0, everyone, v6(134, 0)),
		all("renumbering", Medium, policy.In, filter.Invalid, 0, everyone, v6(138, 0)),
		all("renumbering", Medium, policy.Through, filter.Invalid, 0, everyone, v6(138, 0)),
		all("quench", Low, policy.In, filter.Related, 0, everyone, v4(4, 0)),
		all("quench", Low, policy.Through, filter.Related, 0, everyone, v4(4, 0)),
		all("timestamp", Low, policy.In, filter.New, 0, everyone, v4(13, 0)),
		all("timestamp", Low, policy.Through, filter.New, 0, everyone, v4(13, 0)),
		all("deprecated", Low, policy.In, filter.New, 0, everyone, v4(15, 0), v4(17, 0)),
		all("deprecated", Low, policy.Through, filter.New, 0, everyone, v4(15, 0), v4(17, 0)),
		all("probe", Low, policy.In, filter.Invalid, 0, everyone, v4(42, 0), v6(160, 0)),
		all("node-information", Low, policy.In, filter.New, 0, everyone, v6(139, 0)),
		all("blind", Low, policy.In, filter.Invalid, 0, everyone, v4(3, 2), v4(3, 3), v6(1, 4)),
		all("unasked", Low, policy.In, filter.Invalid, 0, everyone, v4(0, 0), v6(129, 0)),
		all("unknown", Low, policy.In, filter.Invalid, 0, everyone, v4(200, 0), v6(201, 0)),
		all("unknown", Low, policy.Through, filter.Invalid, 0, everyone, v4(200, 0), v6(201, 0)),
	)
}

func all(id string, s Severity, w policy.Where, state filter.State, hops uint8, only roles, kinds ...kind.Kind) []question {
	out := make([]question, len(kinds))
	for i, k := range kinds {
		out[i] = question{id: id, severity: s, where: w, kind: k, state: state, hops: hops, only: only}
	}
	return out
}

func from(src netip.Addr, qs []question) []question {
	for i := range qs {
		qs[i].src = src
	}
	return qs
}

func concat(qs ...[]question) []question {
	var out []question
	for _, q := range qs {
		out = append(out, q...)
	}
	return out
}
