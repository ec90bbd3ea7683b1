package ndp

import "strings"

// RouterFlags is octet 5 of a router advertisement (RFC 4861 §4.2, RFC 5175).
// Two of its bits are a [Preference]; those without a name are kept.
type RouterFlags uint8

// The router flags.
const (
	RouterManaged   RouterFlags = 0x80 // M: addresses come by DHCPv6
	RouterOther     RouterFlags = 0x40 // O: other configuration comes by DHCPv6
	RouterHomeAgent RouterFlags = 0x20 // H: the router is a home agent (RFC 6275 §7.1)
	RouterProxy     RouterFlags = 0x04 // P: a proxy passed the message on (RFC 4389)
)

// Preference returns the preference that the flags hold.
func (f RouterFlags) Preference() Preference { return Preference(f >> 3 & 3) }

// WithPreference returns the flags with p for their preference.
func (f RouterFlags) WithPreference(p Preference) RouterFlags {
	return f&^0x18 | RouterFlags(p&3)<<3
}

// String returns the letters of the flags that are set, and the preference
// unless it is medium: "MO, preference high"; "none" without a letter.
func (f RouterFlags) String() string {
	s := letters(uint8(f), "MOH..P")
	if p := f.Preference(); p != PreferenceMedium {
		s += ", preference " + p.String()
	}
	return s
}

// Preference is how a router, or a route through it, ranks (RFC 4191 §2.1), 0 to
// 3.
type Preference uint8

// The preferences, by the two bits that say them. A route of the reserved value
// is ignored, a router of it is of medium preference.
const (
	PreferenceMedium   Preference = 0
	PreferenceHigh     Preference = 1
	PreferenceReserved Preference = 2
	PreferenceLow      Preference = 3
)

var preferenceNames = [4]string{"medium", "high", "reserved", "low"}

// String returns the preference in a word.
func (p Preference) String() string { return preferenceNames[p&3] }

// NeighborFlags is octet 4 of a neighbor advertisement (RFC 4861 §4.4). The bits
// without a name are kept.
type NeighborFlags uint8

// The neighbor flags.
const (
	NeighborRouter    NeighborFlags = 0x80 // R: the sender is a router
	NeighborSolicited NeighborFlags = 0x40 // S: in answer to a solicitation
	NeighborOverride  NeighborFlags = 0x20 // O: replaces a link-layer address already known
)

// String returns the letters of the flags that are set: "RSO"; "none" without a
// letter.
func (f NeighborFlags) String() string { return letters(uint8(f), "RSO") }

// PrefixFlags is octet 3 of a prefix information (RFC 4861 §4.6.2). The bits
// without a name are kept.
type PrefixFlags uint8

// The prefix flags.
const (
	PrefixOnLink     PrefixFlags = 0x80 // L: addresses in the prefix are on the link
	PrefixAutonomous PrefixFlags = 0x40 // A: for address autoconfiguration (RFC 4862)
	PrefixRouter     PrefixFlags = 0x20 // R: the prefix field is a router's address (RFC 6275 §7.2)
	PrefixDelegation PrefixFlags = 0x10 // P: prefer DHCPv6 prefix delegation (RFC 9762)
)

// String returns the letters of the flags that are set: "LA"; "none" without a
// letter.
func (f PrefixFlags) String() string { return letters(uint8(f), "LARP") }

// letters returns the letters whose bits, from the highest on, are set in f. A
// full stop stands for a bit without a letter.
func letters(f uint8, names string) string {
	var s strings.Builder
	for i := range len(names) {
		if names[i] != '.' && f&(0x80>>i) != 0 {
			s.WriteByte(names[i])
		}
	}
	if s.Len() == 0 {
		return "none"
	}
	return s.String()
}
