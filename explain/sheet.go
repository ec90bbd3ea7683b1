package explain

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
)

// maxRaw is how many octets a field shows in hexadecimal.
const maxRaw = 32

// A sheet takes the fields of one layer.
type sheet struct {
	x     *explainer
	layer string
	base  int    // where the layer begins in the octets
	b     []byte // the layer, as far as it is there
}

func (x *explainer) sheet(layer string, base int, b []byte) sheet {
	return sheet{x, x.Say(layer), base, b}
}

// part is the sheet of what stands behind the first n octets.
func (s sheet) part(n int) sheet {
	n = min(n, len(s.b))
	s.b, s.base = s.b[n:], s.base+n
	return s
}

// clip returns how many of the n octets from off on are there.
func (s sheet) clip(off, n int) int { return max(0, min(n, len(s.b)-off)) }

// put enters a field; one that is cut is entered as far as it is there, without
// its value.
func (s sheet) put(off, n int, key, value, meaning string) {
	have := s.clip(off, n)
	if have == 0 {
		return
	}
	if have < n {
		value, meaning = "", s.x.Say("r.1")
	}
	raw := hex.EncodeToString(s.b[off : off+min(have, maxRaw)])
	if have > maxRaw {
		raw += "…"
	}
	s.x.out.Fields = append(s.x.out.Fields, Field{s.layer, s.base + off, have, s.x.Say(key), raw, value, meaning})
}

// get reads a number of up to four octets; 0 where they are not all there.
func (s sheet) get(off, n int) uint32 {
	if s.clip(off, n) < n {
		return 0
	}
	var b [4]byte
	copy(b[4-n:], s.b[off:off+n])
	return binary.BigEndian.Uint32(b[:])
}

// num enters a number.
func (s sheet) num(off, n int, key, meaning string) uint32 {
	v := s.get(off, n)
	s.put(off, n, key, strconv.FormatUint(uint64(v), 10), meaning)
	return v
}

// addr enters an address of 4 or 16 octets.
func (s sheet) addr(off, n int, key, meaning string) netip.Addr {
	var a netip.Addr
	if s.clip(off, n) == n {
		a, _ = netip.AddrFromSlice(s.b[off : off+n])
	}
	s.put(off, n, key, a.String(), meaning)
	return a
}

// tail enters all that is left from off on.
func (s sheet) tail(off int, key string) {
	if n := len(s.b) - off; n > 0 {
		s.put(off, n, key, "", s.x.Say("m.tail", dec(n)))
	}
}

// dec writes a number.
func dec[N ~int | ~uint8 | ~uint16 | ~uint32 | ~int32](n N) string {
	return strconv.FormatInt(int64(n), 10)
}

// hex0 writes a number in hexadecimal with its digits.
func hex0(v uint32, digits int) string {
	s := strconv.FormatUint(uint64(v), 16)
	for len(s) < digits {
		s = "0" + s
	}
	return "0x" + s
}
