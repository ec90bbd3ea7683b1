package kind

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// Family is that of IP, by its version.
type Family uint8

// The families.
const (
	V4 Family = 4
	V6 Family = 6
)

// String returns "icmp" or "icmp6".
func (f Family) String() string {
	switch f {
	case V4:
		return "icmp"
	case V6:
		return "icmp6"
	}
	return "family " + strconv.Itoa(int(f))
}

// Proto returns the number of the protocol in the header of IP.
func (f Family) Proto() uint8 {
	if f == V6 {
		return 58
	}
	return 1
}

// Kind is a type and code of one family.
type Kind struct {
	Family     Family
	Type, Code uint8
}

// String returns "icmp 3/4".
func (k Kind) String() string { return fmt.Sprintf("%s %d/%d", k.Family, k.Type, k.Code) }

// Name returns what the registry calls it.
func (k Kind) Name() string {
	if k.Family == V6 {
		return icmp6.Kind{Type: icmp6.Type(k.Type), Code: icmp6.Code(k.Code)}.String()
	}
	return icmp4.Kind{Type: icmp4.Type(k.Type), Code: icmp4.Code(k.Code)}.String()
}

// Error reports whether the message is an error, which quotes what it is about.
func (k Kind) Error() bool {
	if k.Family == V6 {
		return k.Type < 128
	}
	switch k.Type {
	case 3, 4, 5, 11, 12:
		return true
	}
	return false
}

// Reply reports whether the message answers a question that connection tracking
// of Linux follows.
func (k Kind) Reply() bool {
	if k.Family == V6 {
		return k.Type == 129
	}
	switch k.Type {
	case 0, 14, 16, 18:
		return true
	}
	return false
}

// Request returns the type of the question that a reply answers.
func (k Kind) Request() (uint8, bool) {
	if !k.Reply() {
		return 0, false
	}
	if k.Family == V6 {
		return 128, true
	}
	return map[uint8]uint8{0: 8, 14: 13, 16: 15, 18: 17}[k.Type], true
}

// Compare orders kinds by family, type and code.
func (k Kind) Compare(o Kind) int {
	return cmp.Or(cmp.Compare(k.Family, o.Family), cmp.Compare(k.Type, o.Type), cmp.Compare(k.Code, o.Code))
}

// Range is numbers from From to To, both among them.
type Range struct{ From, To uint8 }

// String returns "3", or "0-15".
func (r Range) String() string {
	if r.From == r.To {
		return strconv.Itoa(int(r.From))
	}
	return strconv.Itoa(int(r.From)) + "-" + strconv.Itoa(int(r.To))
}

// Set is kinds of one family: all of its types with all of its codes.
type Set struct {
	Family Family
	Types  []Range
	Codes  []Range // none: every code
}

// Of returns the set of some types, with every code.
func Of(f Family, types ...uint8) Set { return Set{Family: f, Types: Ranges(types...)} }

// With returns the set with these codes only.
func (s Set) With(codes ...Range) Set {
	s.Codes = codes
	return s
}

// Ranges returns numbers as ranges, in order.
func Ranges(n ...uint8) []Range {
	n = slices.Clone(n)
	slices.Sort(n)
	var out []Range
	for _, x := range slices.Compact(n) {
		if last := len(out) - 1; last >= 0 && int(out[last].To)+1 == int(x) {
			out[last].To = x
		} else {
			out = append(out, Range{x, x})
		}
	}
	return out
}

// Has reports whether a kind is in the set.
func (s Set) Has(k Kind) bool {
	return s.Family == k.Family && in(s.Types, k.Type) && (len(s.Codes) == 0 || in(s.Codes, k.Code))
}

func in(rs []Range, n uint8) bool {
	return slices.ContainsFunc(rs, func(r Range) bool { return r.From <= n && n <= r.To })
}

// String returns "icmp 3/0-4", "icmp 8,0".
func (s Set) String() string {
	out := s.Family.String() + " " + Join(s.Types, ",")
	if len(s.Codes) > 0 {
		out += "/" + Join(s.Codes, ",")
	}
	return out
}

// Join writes ranges in a row.
func Join(rs []Range, by string) string {
	out := make([]string, len(rs))
	for i, r := range rs {
		out[i] = r.String()
	}
	return strings.Join(out, by)
}
