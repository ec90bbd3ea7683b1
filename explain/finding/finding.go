package finding

import (
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
)

// Kind is what was found.
type Kind uint8

// The kinds.
const (
	EchoFlood Kind = iota + 1
	SmurfAttack
	SmurfVictim
	SmurfAmplifier
	Sweep
	UnsolicitedReplies
	Reconnaissance
	SuspiciousRedirect
	RedirectFlood
	BlindReset
	MTULowered
	SourceQuench
	RoutingLoop
	MTUBlackHole
	RateLimitedHop
	DuplicateAddress
	Tunnel
	PingOfDeath
	OverlappingFragments
	Teardrop
	numKinds
)

var kinds = [numKinds]string{
	EchoFlood: "echo_flood", SmurfAttack: "smurf_attack", SmurfVictim: "smurf_victim", SmurfAmplifier: "smurf_amplifier",
	Sweep: "sweep", UnsolicitedReplies: "unsolicited_replies", Reconnaissance: "reconnaissance",
	SuspiciousRedirect: "suspicious_redirect", RedirectFlood: "redirect_flood", BlindReset: "blind_reset",
	MTULowered: "mtu_lowered", SourceQuench: "source_quench", RoutingLoop: "routing_loop",
	MTUBlackHole: "mtu_black_hole", RateLimitedHop: "rate_limited_hop", DuplicateAddress: "duplicate_address",
	Tunnel: "tunnel", PingOfDeath: "ping_of_death", OverlappingFragments: "overlapping_fragments", Teardrop: "teardrop",
}

// Kinds returns all of them.
func Kinds() []Kind {
	var all []Kind
	for k := Kind(1); k < numKinds; k++ {
		all = append(all, k)
	}
	return all
}

// KindOf returns the kind of that name, and whether there is one.
func KindOf(name string) (Kind, bool) {
	i := slices.Index(kinds[:], name)
	return Kind(max(i, 0)), i > 0 //nolint:gosec // few
}

// String returns the name of the kind, as it stands in JSON.
func (k Kind) String() string {
	if k >= numKinds || k == 0 {
		return "unknown"
	}
	return kinds[k]
}

// MarshalText implements [encoding.TextMarshaler].
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Severity is how much it matters.
type Severity uint8

// The severities.
const (
	Notice  Severity = iota + 1 // worth knowing
	Warning                     // somebody should look at it
	Alarm                       // somebody does harm, or something is broken
)

var severities = [...]string{"none", "notice", "warning", "alarm"}

// String returns the name of the severity.
func (s Severity) String() string {
	if int(s) >= len(severities) {
		return "unknown"
	}
	return severities[s]
}

// MarshalText implements [encoding.TextMarshaler].
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is one thing that was found, with its evidence.
type Finding struct {
	Kind     Kind
	Severity Severity
	Start    time.Time // the first packet of it
	End      time.Time // the last one
	Count    uint64    // packets that are part of it
	Packets  []int     // the numbers of the first of them, at most [MostPackets]
	Rate     float64   // packets a second where it was highest; 0: it does not matter
	From, To netip.Addr
	// Addresses are others that have a part in it, at most [MostAddresses].
	Addresses []netip.Addr
	Facts     []Fact
}

// How many of each a finding names.
const (
	MostPackets   = 8
	MostAddresses = 8
)

// Fact is a piece of evidence. It is a number, or a text, or an address, or
// nothing but its name.
type Fact struct {
	Name   FactName
	Number float64
	Text   string
	Addr   netip.Addr
}

// Add enters one more packet.
func (f *Finding) Add(s *conversation.Seen) {
	f.Count++
	f.note(s.Number)
	if s.Time.Before(f.Start) {
		f.Start = s.Time
	}
	if s.Time.After(f.End) {
		f.End = s.Time
	}
}

func (f *Finding) note(number int) {
	if len(f.Packets) < MostPackets && (len(f.Packets) == 0 || f.Packets[len(f.Packets)-1] != number) {
		f.Packets = append(f.Packets, number)
	}
}

// Begin enters packets from before it was known that they matter: the first of
// them, and how many more there were.
func (f *Finding) Begin(first conversation.Ref, more int) {
	if !first.Known() {
		return
	}
	if first.Time.Before(f.Start) {
		f.Start = first.Time
	}
	f.Count += uint64(max(more, 0)) //nolint:gosec // not negative
	if at, has := slices.BinarySearch(f.Packets, first.Number); !has {
		f.Packets = slices.Insert(f.Packets, at, first.Number)
		f.Packets = f.Packets[:min(len(f.Packets), MostPackets)]
	}
}

// Involve names an address, once.
func (f *Finding) Involve(a netip.Addr) {
	if a.IsValid() && len(f.Addresses) < MostAddresses && !slices.Contains(f.Addresses, a) {
		f.Addresses = append(f.Addresses, a)
	}
}

// fact returns the fact of that name, made where there is none.
func (f *Finding) fact(name FactName) *Fact {
	for i := range f.Facts {
		if f.Facts[i].Name == name {
			return &f.Facts[i]
		}
	}
	f.Facts = append(f.Facts, Fact{Name: name})
	return &f.Facts[len(f.Facts)-1]
}

// Say states a fact that has no value.
func (f *Finding) Say(name FactName) { f.fact(name) }

// SayNumber states a fact with a number, in place of what it was.
func (f *Finding) SayNumber(name FactName, n float64) { f.fact(name).Number = n }

// SayText states a fact with a text.
func (f *Finding) SayText(name FactName, s string) { f.fact(name).Text = s }

// SayAddr states a fact with an address.
func (f *Finding) SayAddr(name FactName, a netip.Addr) { f.fact(name).Addr = a }

// Has reports whether a fact was stated.
func (f *Finding) Has(name FactName) bool {
	return slices.ContainsFunc(f.Facts, func(x Fact) bool { return x.Name == name })
}

// Number returns the number of a fact; 0: there is none.
func (f *Finding) Number(name FactName) float64 {
	for _, x := range f.Facts {
		if x.Name == name {
			return x.Number
		}
	}
	return 0
}

// LogValue implements [slog.LogValuer].
func (f *Finding) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("kind", f.Kind.String()), slog.String("severity", f.Severity.String()),
		slog.Any("from", f.From), slog.Any("to", f.To), slog.Uint64("count", f.Count),
	)
}
