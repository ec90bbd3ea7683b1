package checksum_test

import (
	"encoding/binary"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/checksum"
)

// words are values that meet at every carry and at both zeros.
var words = []uint16{0, 1, 2, 0x00ff, 0x0100, 0x1234, 0x5555, 0x7fff, 0x8000, 0xaaaa, 0xedcb, 0xff00, 0xfffe, 0xffff}

func TestUpdate(t *testing.T) {
	for _, other := range words {
		for _, old := range words {
			for _, new := range words {
				check := ^oracle(word(other, old), 0)
				want := ^oracle(word(other, new), 0)
				if other == 0 && new == 0 {
					want = 0 // all is zero now: see Update
				}
				if got := checksum.Update(check, old, new); got != want {
					t.Errorf("%#04x %#04x→%#04x under %#04x: %#04x, want %#04x", other, old, new, check, got, want)
				}
			}
		}
	}
}

func word(w ...uint16) []byte {
	var b []byte
	for _, w := range w {
		b = binary.BigEndian.AppendUint16(b, w)
	}
	return b
}

// TestUpdateZeros begins with either zero in the field, as a sender by RFC 1141
// may leave it; what Update returns must hold all the same.
func TestUpdateZeros(t *testing.T) {
	for _, check := range []uint16{0, 0xffff} {
		for _, old := range words[1:] {
			for _, new := range words[1:] {
				b := word(check, old, ^old)
				if !checksum.Valid(b) {
					t.Fatalf("%x: not valid", b)
				}
				b = word(checksum.Update(check, old, new), new, ^old)
				if ^old != 0 && !checksum.Valid(b) {
					t.Errorf("%#04x→%#04x under %#04x: %x, not valid", old, new, check, b)
				}
			}
		}
	}
}

// The numbers of RFC 1624 §4, where RFC 1141's equation gives 0xffff.
func TestUpdateRFC1624(t *testing.T) {
	if got := checksum.Update(0xdd2f, 0x5555, 0x3285); got != 0x0000 {
		t.Errorf("%#04x, want 0x0000", got)
	}
}

func TestUpdate32(t *testing.T) {
	var values []uint32
	for _, hi := range words {
		for _, lo := range words {
			values = append(values, uint32(hi)<<16|uint32(lo))
		}
	}
	for _, other := range []uint16{1, 0x1234, 0x8000, 0xfffe, 0xffff} {
		for _, old := range values {
			check := ^oracle(word(other, uint16(old>>16), uint16(old)), 0)
			for _, new := range values {
				want := ^oracle(word(other, uint16(new>>16), uint16(new)), 0)
				if got := checksum.Update32(check, old, new); got != want {
					t.Fatalf("%#04x %#08x→%#08x under %#04x: %#04x, want %#04x", other, old, new, check, got, want)
				}
			}
		}
	}
}

func TestUpdateNoAllocs(t *testing.T) {
	var s uint16
	wiretest.NoAllocs(t, "Update", func() { s = checksum.Update(s, 1, 2) })
	wiretest.NoAllocs(t, "Update32", func() { s = checksum.Update32(s, 1, 2) })
}

func FuzzUpdate(f *testing.F) {
	f.Add(uint16(0x5555), uint32(0x5555aaaa), uint32(0x32850000))
	f.Add(uint16(1), uint32(0xffffffff), uint32(0))
	f.Fuzz(func(t *testing.T, other uint16, old, new uint32) {
		if other == 0 {
			return // words that all become zero: see Update
		}
		check := ^oracle(word(other, uint16(old>>16), uint16(old)), 0)
		want := ^oracle(word(other, uint16(new>>16), uint16(new)), 0)
		if got := checksum.Update32(check, old, new); got != want {
			t.Errorf("Update32: %#04x, want %#04x", got, want)
		}
		check = checksum.Update(check, uint16(old>>16), uint16(new>>16))
		if got := checksum.Update(check, uint16(old), uint16(new)); got != want {
			t.Errorf("Update twice: %#04x, want %#04x", got, want)
		}
	})
}
