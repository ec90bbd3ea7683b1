package field

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/words"
)

// A Field is one field of the octets. Fields stand in their order, and every
// octet is in exactly one.
type Field struct {
	Layer   string `json:"layer"`
	Octet   int    `json:"octet"` // counted from the first that was given
	Len     int    `json:"len"`   // in octets
	Name    string `json:"name"`
	Raw     string `json:"raw"` // hexadecimal; long ones end in "…"
	Value   string `json:"value,omitempty"`
	Meaning string `json:"meaning,omitempty"`
}

// A Fault is something that is wrong with the octets.
type Fault struct {
	Octet int    `json:"octet"` // counted from the first that was given
	Text  string `json:"text"`
}

// A Page takes fields and faults, in the language of its printer.
type Page struct {
	words.Printer
	Lang   language.Tag
	Fields []Field
	Faults []Fault
}

// New returns an empty page in that language.
func New(lang language.Tag) *Page { return &Page{Printer: words.In(lang), Lang: lang} }

// Fault enters a fault: a key of package words, and what fills its holes.
func (x *Page) Fault(octet int, key string, args ...string) {
	x.Faults = append(x.Faults, Fault{octet, x.Say(key, args...)})
}

// maxRaw is how many octets a field shows in hexadecimal.
const maxRaw = 32

// A Sheet takes the fields of one layer.
type Sheet struct {
	x      *Page
	layer  string
	Base   int    // where the layer begins in the octets
	Octets []byte // the layer, as far as it is there
}

// Sheet returns the sheet of a layer: a key of package words that names it, where
// it begins in the octets, and what there is of it.
func (x *Page) Sheet(layer string, base int, b []byte) Sheet {
	return Sheet{x, x.Say(layer), base, b}
}

// part is the sheet of what stands behind the first n octets.
func (s Sheet) part(n int) Sheet {
	n = min(n, len(s.Octets))
	s.Octets, s.Base = s.Octets[n:], s.Base+n
	return s
}

// clip returns how many of the n octets from off on are there.
func (s Sheet) clip(off, n int) int { return max(0, min(n, len(s.Octets)-off)) }

// Put enters a field; one that is cut is entered as far as it is there, without
// its value.
func (s Sheet) Put(off, n int, key, value, meaning string) {
	have := s.clip(off, n)
	if have == 0 {
		return
	}
	if have < n {
		value, meaning = "", s.x.Say("r.1")
	}
	raw := hex.EncodeToString(s.Octets[off : off+min(have, maxRaw)])
	if have > maxRaw {
		raw += "…"
	}
	s.x.Fields = append(s.x.Fields, Field{s.layer, s.Base + off, have, s.x.Say(key), raw, value, meaning})
}

// Get reads a number of up to four octets; 0 where they are not all there.
func (s Sheet) Get(off, n int) uint32 {
	if s.clip(off, n) < n {
		return 0
	}
	var b [4]byte
	copy(b[4-n:], s.Octets[off:off+n])
	return binary.BigEndian.Uint32(b[:])
}

// Num enters a number.
func (s Sheet) Num(off, n int, key, meaning string) {
	s.Put(off, n, key, strconv.FormatUint(uint64(s.Get(off, n)), 10), meaning)
}

// Addr enters an address of 4 or 16 octets.
func (s Sheet) Addr(off, n int, key string) netip.Addr {
	var a netip.Addr
	if s.clip(off, n) == n {
		a, _ = netip.AddrFromSlice(s.Octets[off : off+n])
	}
	s.Put(off, n, key, a.String(), "")
	return a
}

// Tail enters all that is left from off on.
func (s Sheet) Tail(off int, key string) {
	if n := len(s.Octets) - off; n > 0 {
		s.Put(off, n, key, "", s.x.Say("m.tail", Dec(n)))
	}
}

// Dec writes a number.
func Dec[N ~int | ~uint8 | ~uint16 | ~uint32 | ~int32](n N) string {
	return strconv.FormatInt(int64(n), 10)
}

// Hex writes a number in hexadecimal with its digits.
func Hex(v uint32, digits int) string {
	s := strconv.FormatUint(uint64(v), 16)
	for len(s) < digits {
		s = "0" + s
	}
	return "0x" + s
}
