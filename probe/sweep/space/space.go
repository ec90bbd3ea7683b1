// Package space is sets of addresses that can be counted: prefixes and ranges,
// less those that are excluded, each address with a number.
//
//	var s space.Set
//	_, err := s.Parse("10.0.0.0/16")
//	_, err = s.Parse("192.0.2.1-192.0.2.50")
//	s.Remove(space.Reserved()...)
//	for i := range s.Len() { a := s.At(i); … }
//
// A set takes the memory of its ranges, however many addresses are in it.
package space

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"sort"
	"strings"
)

// MaxLen is how many addresses a set may have.
const MaxLen = 1 << 40

// The errors of [Set.Add] and [Set.Parse], wrapped with what is wrong.
var (
	ErrSyntax   = errors.New("not an address, a prefix, or a range")
	ErrReversed = errors.New("range ends before it begins")
	ErrFamilies = errors.New("range begins in one family and ends in another")
	ErrZone     = errors.New("address with a zone")
	ErrTooMany  = errors.New("more addresses than can be numbered")
)

// Range is the addresses from First to Last, both ends included.
type Range struct{ First, Last netip.Addr }

// RangeOf returns the addresses of a prefix.
func RangeOf(p netip.Prefix) Range {
	first := p.Masked().Addr()
	b := first.As16()
	host := first.BitLen() - p.Bits()
	for i := 15; host > 0; i-- {
		b[i] |= byte(1<<min(host, 8) - 1)
		host -= 8
	}
	last := netip.AddrFrom16(b)
	if first.Is4() {
		last = last.Unmap()
	}
	return Range{first, last}
}

// String returns the range as it is written: an address alone where it has one.
func (r Range) String() string {
	if r.First == r.Last {
		return r.First.String()
	}
	return r.First.String() + "-" + r.Last.String()
}

// size returns how many addresses there are less one, so that all of IPv6 has a
// size too.
func (r Range) size() (hi, lo uint64) {
	ah, al := words(r.First)
	bh, bl := words(r.Last)
	lo, borrow := bits.Sub64(bl, al, 0)
	hi, _ = bits.Sub64(bh, ah, borrow)
	return hi, lo
}

// words returns an address as a number of two words.
func words(a netip.Addr) (hi, lo uint64) {
	b := a.As16()
	return binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
}

// plus returns the address n behind a, of the same family.
func plus(a netip.Addr, n uint64) netip.Addr {
	hi, lo := words(a)
	lo, carry := bits.Add64(lo, n, 0)
	if a.Is4() {
		return netip.AddrFrom4([4]byte{byte(lo >> 24), byte(lo >> 16), byte(lo >> 8), byte(lo)})
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], hi+carry)
	binary.BigEndian.PutUint64(b[8:], lo)
	return netip.AddrFrom16(b)
}

// Parse reads how people write addresses: 192.0.2.1, 192.0.2.0/24,
// 192.0.2.1-192.0.2.9, 192.0.2.1-9 (of the last octet), the like for IPv6.
func Parse(s string) (Range, error) {
	if first, last, ok := strings.Cut(s, "-"); ok {
		return parseRange(s, first, last)
	}
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return Range{}, fmt.Errorf("%q: %w", s, ErrSyntax)
		}
		const mapped = 96 // bits before an IPv4 address
		if p.Addr().Is4In6() && p.Bits() >= mapped {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
		}
		return RangeOf(p), nil
	}
	a, err := parseAddr(s)
	a = a.Unmap()
	return Range{a, a}, err
}

// parseAddr reads an address as it is written: an IPv4 address may be one that is
// mapped into IPv6.
func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return a, fmt.Errorf("%q: %w", s, ErrSyntax)
	case a.Zone() != "":
		return a, fmt.Errorf("%q: %w", s, ErrZone)
	}
	return a, nil
}

func parseRange(s, first, last string) (Range, error) {
	a, err := parseAddr(strings.TrimSpace(first))
	switch {
	case errors.Is(err, ErrSyntax):
		return Range{}, fmt.Errorf("%q: %w", s, ErrSyntax)
	case err != nil:
		return Range{}, err
	}
	last = strings.TrimSpace(last)
	if a.Unmap().Is4() && !strings.ContainsAny(last, ".:") {
		i := strings.LastIndexByte(first, '.')
		last = first[:i+1] + last
	}
	b, err := parseAddr(last)
	if a.Unmap().Is4() && b.Unmap().Is4() { // a range of IPv6 may begin or end among those that are mapped
		a, b = a.Unmap(), b.Unmap()
	}
	switch {
	case err != nil:
		return Range{}, fmt.Errorf("%q: %w", s, ErrSyntax)
	case a.Is4() != b.Is4():
		return Range{}, fmt.Errorf("%q: %w", s, ErrFamilies)
	case b.Less(a):
		return Range{}, fmt.Errorf("%q: %w", s, ErrReversed)
	}
	return Range{a, b}, nil
}

// Set is a set of addresses, each of which has a number: in their order, IPv4
// before IPv6. The zero Set is empty.
type Set struct {
	ranges []Range  // in order, apart from each other
	before []uint64 // of each range: how many addresses are in those before it
	n      uint64
}

// Add adds the addresses of ranges, and returns how many of them were in the set
// already. The errors are [ErrReversed], [ErrFamilies] and [ErrTooMany]; the set
// is as it was then.
func (s *Set) Add(rs ...Range) (already uint64, err error) {
	all := append(make([]Range, 0, len(s.ranges)+len(rs)), s.ranges...)
	given := s.n
	for _, r := range rs {
		if err := r.Check(); err != nil {
			return 0, err
		}
		_, lo := r.size()
		given += lo + 1
		all = append(all, r)
	}
	if given < s.n {
		return 0, ErrTooMany
	}
	t := join(all)
	if t.n > MaxLen {
		return 0, fmt.Errorf("%w: 2^40", ErrTooMany)
	}
	already = given - t.n
	*s = t
	return already, nil
}

// Check returns why a range cannot be in a set: [ErrReversed], [ErrFamilies] or
// [ErrTooMany].
func (r Range) Check() error {
	switch hi, lo := r.size(); {
	case r.First.Is4() != r.Last.Is4():
		return fmt.Errorf("%v: %w", r, ErrFamilies)
	case r.Last.Less(r.First):
		return fmt.Errorf("%v: %w", r, ErrReversed)
	case hi > 0 || lo >= MaxLen:
		return fmt.Errorf("%v: %w: 2^40", r, ErrTooMany)
	}
	return nil
}

// Parse adds what [Parse] reads.
func (s *Set) Parse(text string) (already uint64, err error) {
	r, err := Parse(text)
	if err != nil {
		return 0, err
	}
	return s.Add(r)
}

// Remove takes the addresses of ranges out of the set, and returns how many of
// them were in it. They may be of any size.
func (s *Set) Remove(rs ...Range) (removed uint64) {
	had := s.n
	gone := join(slices.Clone(rs)).ranges
	if len(gone) == 0 {
		return 0
	}
	left := make([]Range, 0, len(s.ranges)+len(gone))
	for _, o := range s.ranges {
		for len(gone) > 0 && gone[0].Last.Less(o.First) {
			gone = gone[1:]
		}
		// What is left of o begins at o.First; nothing is once it is invalid.
		for _, r := range gone {
			if o.Last.Less(r.First) {
				break
			}
			if o.First.Less(r.First) {
				left = append(left, Range{o.First, r.First.Prev()})
			}
			if o.First = r.Last.Next(); !r.Last.Less(o.Last) {
				o.First = netip.Addr{}
				break
			}
		}
		if o.First.IsValid() {
			left = append(left, o)
		}
	}
	*s = join(left)
	return had - s.n
}

// join makes a set of ranges that may overlap, in their own memory.
func join(rs []Range) Set {
	slices.SortFunc(rs, func(a, b Range) int { return a.First.Compare(b.First) })
	t := Set{ranges: rs[:0]}
	for _, r := range rs {
		if k := len(t.ranges); k > 0 {
			last := &t.ranges[k-1]
			next := last.Last.Next()
			if !next.IsValid() || next.Is4() != r.First.Is4() {
				next = last.Last
			}
			if !next.Less(r.First) {
				if last.Last.Less(r.Last) {
					last.Last = r.Last
				}
				continue
			}
		}
		t.ranges = append(t.ranges, r)
	}
	t.before = make([]uint64, len(t.ranges))
	for i, r := range t.ranges {
		t.before[i] = t.n
		_, lo := r.size()
		t.n += lo + 1
	}
	return t
}

// Len returns how many addresses there are.
func (s *Set) Len() uint64 { return s.n }

// Ranges returns the ranges of the set in their order; they are apart from each
// other. The slice is the set's own.
func (s *Set) Ranges() []Range { return s.ranges }

// At returns the address with the number i, which is less than [Set.Len].
func (s *Set) At(i uint64) netip.Addr {
	k := sort.Search(len(s.before), func(k int) bool { return s.before[k] > i }) - 1
	return plus(s.ranges[k].First, i-s.before[k])
}

// Index returns the number of an address, and whether it is in the set.
func (s *Set) Index(a netip.Addr) (uint64, bool) {
	k := sort.Search(len(s.ranges), func(k int) bool { return a.Less(s.ranges[k].First) }) - 1
	if k < 0 || s.ranges[k].Last.Less(a) {
		return 0, false
	}
	_, lo := Range{s.ranges[k].First, a}.size()
	return s.before[k] + lo, true
}

// Contains reports whether an address is in the set.
func (s *Set) Contains(a netip.Addr) bool {
	_, ok := s.Index(a)
	return ok
}
