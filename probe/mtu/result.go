package mtu

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
)

// Fault is what is wrong with what a router says about a datagram that was too
// big for it.
type Fault uint8

// The faults.
const (
	None       Fault = iota
	Absent           // no size is said, as before RFC 1191
	NotLower         // a size no smaller than that of the datagram it refuses
	BelowLeast       // a size that no link of the protocol may have: 68 octets, 1280 in IPv6
	TooLow           // more than it says passes
	TooHigh          // what it says does not pass
	Refused          // it refuses large datagrams by another error than the one for that
)

var faults = [...]string{"none", "absent", "not lower", "below least", "too low", "too high", "refused"}

// String returns the fault in words.
func (f Fault) String() string {
	if int(f) < len(faults) {
		return faults[f]
	}
	return faults[None]
}

// MarshalText implements [encoding.TextMarshaler].
func (f Fault) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Reduction is a place on the path behind which less passes than before it.
type Reduction struct {
	// Hop is how far from here the router is that refuses what is too big, 1 being
	// the first; 0: not known. It is Sure when a probe that expires there was
	// answered by the same router.
	Hop    int        `json:"hop"`
	Sure   bool       `json:"sure"`
	Router netip.Addr `json:"router"`

	Before int         `json:"before"`         // octets that reach the router
	MTU    int         `json:"mtu"`            // octets that pass it; 0: not found out
	Said   int         `json:"said"`           // octets that it says pass
	Fault  Fault       `json:"fault"`          // what is wrong with what it says
	Claim  probe.Claim `json:"claim,omitzero"` // what it says
}

// Way is on which way it is that something happens.
type Way uint8

// The ways.
const (
	Unknown Way = iota
	There       // from here to the target
	Back        // and from it
)

var ways = [...]string{"unknown", "there", "back"}

// String returns the way in a word.
func (w Way) String() string {
	if int(w) < len(ways) {
		return ways[w]
	}
	return ways[Unknown]
}

// MarshalText implements [encoding.TextMarshaler].
func (w Way) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// Hole is a black hole: datagrams above a size vanish and nobody says so.
type Hole struct {
	// Size is how many octets the smallest datagram has that vanishes, as far as
	// known. It is more than the path MTU and one where who refuses smaller ones is
	// behind the hole.
	Size int `json:"size"`
	Way  Way `json:"way"`
	// After is the last hop that large datagrams reach, Before the first that
	// they do not reach and small ones do; 0: not known.
	After      int        `json:"after"`
	AfterAddr  netip.Addr `json:"after_addr"`
	Before     int        `json:"before"`
	BeforeAddr netip.Addr `json:"before_addr"`
}

// WayBack is what is known of the way back. Answers tell that are as large as what
// they answer, which those to echoes are.
type WayBack struct {
	// MTU is how many octets have come in one piece, the IP header included; 0:
	// nothing is known. It is Exact when an answer that is larger by an octet comes
	// in fragments, or not at all while its request arrives.
	MTU   int  `json:"mtu"`
	Exact bool `json:"exact"`
	// Cut is how many octets the smallest answer has that came in fragments; 0:
	// none did. Who has cut it, a router or the target, does not show.
	Cut int `json:"cut"`
	// Silent is how many octets the smallest echo has that is not answered; 0:
	// there is none above the MTU that was asked, and has not come in fragments.
	Silent int `json:"silent"`
	Probes int `json:"probes"` // that were sent for the way back alone
}

// Result is what was found out.
type Result struct {
	Target   int        `json:"target"`
	Src      netip.Addr `json:"src"`
	Dst      netip.Addr `json:"dst"`
	Probe    probe.Kind `json:"probe"`    // what the target answers to
	Answered bool       `json:"answered"` // the target answers to small probes
	// Refused is why it does not, where somebody says so.
	Refused     probe.Claim `json:"refused,omitzero"`
	RefusedFrom netip.Addr  `json:"refused_from,omitzero"`

	LinkMTU int `json:"link_mtu"` // octets of the largest datagram that left here
	// MTU is how many octets pass in one datagram, its IP header included. Without
	// answers from the target it is what the routers say, and at most that.
	MTU   int  `json:"mtu"`
	Exact bool `json:"exact"` // one octet more does not pass
	Hops  int  `json:"hops"`  // to the target; 0: not known
	// BackHops is how far the answers have come, as their time to live suggests;
	// 0: it does not.
	BackHops int `json:"back_hops"`

	Back WayBack `json:"back"`

	Reductions []Reduction `json:"reductions"` // in their order on the path
	Hole       *Hole       `json:"hole"`
	Probes     int         `json:"probes"` // that have left
	Cut        bool        `json:"cut"`    // the limit of probes ended the search
	Err        string      `json:"error,omitzero"`
}

// LogValue implements [slog.LogValuer].
func (r Result) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("dst", r.Dst.String()), slog.Bool("answered", r.Answered),
		slog.Int("link_mtu", r.LinkMTU), slog.Int("mtu", r.MTU), slog.Bool("exact", r.Exact),
		slog.Int("back", r.Back.MTU), slog.Int("reductions", len(r.Reductions)), slog.Bool("hole", r.Hole != nil), slog.Int("probes", r.Probes))
}

// Outcome is what came of one size.
type Outcome uint8

// The outcomes.
const (
	pending  Outcome = iota
	Passed           // the target has answered
	TooBig           // a router says that it is too big
	Denied           // somebody says something else
	Expired          // its time to live ran out on the way
	Silent           // nothing, after all tries
	Unsent           // it did not leave
	Answered         // the target has answered what may have been cut on the way
)

var outcomes = [...]string{"pending", "passed", "too big", "denied", "expired", "silent", "unsent", "answered"}

// String returns the outcome in words.
func (o Outcome) String() string {
	if int(o) < len(outcomes) {
		return outcomes[o]
	}
	return outcomes[pending]
}

// MarshalText implements [encoding.TextMarshaler].
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Event is what came of one probe, or of several that were alike when the first
// ones were lost.
type Event struct {
	Time    time.Time     `json:"time"`
	Probe   probe.Kind    `json:"probe"`
	Size    int           `json:"size"` // octets with the IP header
	TTL     int           `json:"ttl"`
	Tries   int           `json:"tries"`
	Outcome Outcome       `json:"outcome"`
	From    netip.Addr    `json:"from,omitzero"`
	RTT     time.Duration `json:"rtt_ns,omitzero"`
	Claim   probe.Claim   `json:"claim,omitzero"`
	// Largest is how many octets the largest fragment had of an answer that came in
	// fragments; 0: it came whole, or that is not known.
	Largest int `json:"largest,omitzero"`
}

// LogValue implements [slog.LogValuer].
func (e Event) LogValue() slog.Value {
	a := []slog.Attr{
		slog.String("probe", e.Probe.String()), slog.Int("size", e.Size), slog.Int("ttl", e.TTL),
		slog.Int("tries", e.Tries), slog.String("outcome", e.Outcome.String()),
	}
	if e.From.IsValid() {
		a = append(a, slog.String("from", e.From.String()), slog.Duration("rtt", e.RTT))
	}
	return slog.GroupValue(a...)
}
