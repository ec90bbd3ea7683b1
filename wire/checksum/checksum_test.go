package checksum_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/checksum"
)

// oracle is RFC 1071 §1 to the letter and nothing else: octets at even places
// are high halves of words, the others low halves, and each carry comes back.
func oracle(b []byte, initial uint16) uint16 {
	s := uint32(initial)
	for i, o := range b {
		s += uint32(o) << (8 * (1 - i%2))
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}

// sum is checksum.Sum by the path that this machine takes; the path for all
// machines must agree.
func sum(t *testing.T, b []byte, initial uint16) uint16 {
	t.Helper()
	got := checksum.Sum(b, initial)
	checksum.Scalar(func() {
		if s := checksum.Sum(b, initial); s != got {
			t.Fatalf("%d octets, initial %#04x: %#04x with the vector unit, %#04x without", len(b), initial, got, s)
		}
	})
	return got
}

var initials = []uint16{0, 1, 0x00ff, 0x1234, 0x8000, 0xfffe, 0xffff}

// patterns fill a slice. They are chosen for their carries: none, one out of
// every addition, none but by way of the initial sum, any.
var patterns = []struct {
	name string
	fill func(b []byte)
}{
	{"zeros", func(b []byte) { clear(b) }},
	{"ones", func(b []byte) { fill(b, 0xff) }},
	{"high bits", func(b []byte) { fill(b, 0x80) }},
	{"all but the least", func(b []byte) {
		for i := range b {
			b[i] = 0xff - byte(i&1)
		}
	}},
	{"ascending", func(b []byte) {
		for i := range b {
			b[i] = byte(i + 1)
		}
	}},
	{"random", func(b []byte) {
		r := rand.New(rand.NewPCG(uint64(len(b)), 1071))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
	}},
}

func fill(b []byte, o byte) {
	for i := range b {
		b[i] = o
	}
}

func TestSum(t *testing.T) {
	conform.Row(t, "W-02")
	// The octets around the slice must not count.
	buf := bytes.Repeat([]byte{0xa5}, 400)
	for _, p := range patterns {
		for n := range 301 {
			for off := range 8 {
				b := buf[off : off+n : off+n]
				p.fill(b)
				for _, initial := range initials {
					if got, want := sum(t, b, initial), oracle(b, initial); got != want {
						t.Fatalf("%s, %d octets at %d, initial %#04x: %#04x, want %#04x", p.name, n, off, initial, got, want)
					}
				}
				fill(b, 0xa5)
			}
		}
	}
}

// TestSumEveryOctet gives each octet alone a value: it must count once, and in
// its own half of a word.
func TestSumEveryOctet(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 8, 9, 63, 64, 65, 127, 128, 129, 255, 256, 257, 383, 384, 385, 1500, 65535, 70000} {
		b := make([]byte, n)
		step := max(1, n/3000)
		for i := 0; i < n; i += step {
			b[i] = 0x31
			want := uint16(0x31)
			if i%2 == 0 {
				want = 0x3100
			}
			if got := sum(t, b, 0); got != want {
				t.Fatalf("octet %d of %d: %#04x, want %#04x", i, n, got, want)
			}
			b[i] = 0
		}
	}
}

func TestSumLong(t *testing.T) {
	sizes := []int{
		383, 384, 385, 511, 512, 513, 576, 1279, 1280, 1500, 9000,
		65407, 65408, 65409, 65515, 65535, 65536, 65537,
		65536 + 127, 65536 + 128, 65536 + 129, 2*65536 - 1, 2 * 65536, 2*65536 + 1, 200_001,
	}
	for _, p := range patterns {
		for _, n := range sizes {
			buf := make([]byte, n+3)
			b := buf[3:]
			p.fill(b)
			for _, initial := range initials {
				if got, want := sum(t, b, initial), oracle(b, initial); got != want {
					t.Errorf("%s, %d octets, initial %#04x: %#04x, want %#04x", p.name, n, initial, got, want)
				}
			}
		}
	}
}

func TestSumOfNothing(t *testing.T) {
	for _, b := range [][]byte{nil, {}} {
		for _, initial := range initials {
			if got := checksum.Sum(b, initial); got != initial {
				t.Errorf("initial %#04x: %#04x", initial, got)
			}
		}
	}
}

// TestSumContinued sums in parts, all but the last even.
func TestSumContinued(t *testing.T) {
	b := make([]byte, 301)
	patterns[len(patterns)-1].fill(b)
	want := oracle(b, 0)
	for i := 0; i <= len(b); i += 2 {
		if got := checksum.Sum(b[i:], checksum.Sum(b[:i], 0)); got != want {
			t.Errorf("parts of %d and %d octets: %#04x, want %#04x", i, len(b)-i, got, want)
		}
		if got := checksum.Combine(checksum.Sum(b[:i], 0), checksum.Sum(b[i:], 0)); got != want {
			t.Errorf("combined at %d: %#04x, want %#04x", i, got, want)
		}
	}
}

// Messages whose checksums are known from elsewhere.
func TestKnown(t *testing.T) {
	for _, tt := range []struct {
		name, hex string
		sum       uint16
	}{
		{"RFC 1071 §3", "0001 f203 f4f5 f6f7", 0xddf2},
		{"an IPv4 header, as it stands on the wire", "4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7", 0xffff},
		{"the same, field zero", "4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7", 0xffff - 0xb861},
		{"echo request, id 1, seq 1, no data", "0800 f7fd 0001 0001", 0xffff},
		{"echo request, id 0, seq 0, one octet", "0800 b6ff 0000 0000 41", 0xffff},
	} {
		b := octets(t, tt.hex)
		if got := checksum.Sum(b, 0); got != tt.sum {
			t.Errorf("%s: sum %#04x, want %#04x", tt.name, got, tt.sum)
		}
		if got := checksum.Of(b); got != ^tt.sum {
			t.Errorf("%s: checksum %#04x, want %#04x", tt.name, got, ^tt.sum)
		}
		if got := checksum.Valid(b); got != (tt.sum == 0xffff) {
			t.Errorf("%s: valid %v", tt.name, got)
		}
	}
}

func octets(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestValid(t *testing.T) {
	conform.Row(t, "W-02")
	if checksum.Valid(nil) || checksum.Valid([]byte{}) {
		t.Error("an empty slice is valid")
	}
	for n := 4; n < 600; n = n*5/4 + 1 {
		b := make([]byte, n)
		patterns[len(patterns)-1].fill(b)
		b[2], b[3] = 0, 0
		binary.BigEndian.PutUint16(b[2:], checksum.Of(b))
		if !checksum.Valid(b) {
			t.Fatalf("%d octets, just sealed: not valid", n)
		}
		for i := range b {
			for bit := range 8 {
				b[i] ^= 1 << bit
				if checksum.Valid(b) {
					t.Errorf("%d octets, bit %d of octet %d turned: still valid", n, bit, i)
				}
				b[i] ^= 1 << bit
			}
		}
	}
}

// TestZeros is about the two zeros of ones' complement: a sum is 0x0000 only
// when every octet is zero, and a receiver takes a field of either.
func TestZeros(t *testing.T) {
	for _, n := range []int{2, 8, 20, 64, 512, 1500, 65535} {
		b := make([]byte, n)
		if got := sum(t, b, 0); got != 0 {
			t.Errorf("%d zero octets: sum %#04x", n, got)
		}
		if got := checksum.Of(b); got != 0xffff {
			t.Errorf("%d zero octets: checksum %#04x, want 0xffff", n, got)
		}
		if checksum.Valid(b) {
			t.Errorf("%d zero octets: valid", n)
		}
		b[0], b[1] = 0xff, 0xff
		if got := sum(t, b, 0); got != 0xffff {
			t.Errorf("0xffff and zeros, %d octets: sum %#04x, want 0xffff", n, got)
		}
		if got := sum(t, b, 0xffff); got != 0xffff {
			t.Errorf("0xffff to 0xffff and zeros, %d octets: sum %#04x, want 0xffff", n, got)
		}
	}
	for _, field := range []uint16{0x0000, 0xffff} {
		b := []byte{0x12, 0x34, byte(field >> 8), byte(field), 0xed, 0xcb}
		if !checksum.Valid(b) {
			t.Errorf("words that sum to 0xffff with field %#04x: not valid", field)
		}
	}
}

func TestWords(t *testing.T) {
	for _, a := range words {
		for _, b := range words {
			for _, c := range words {
				w := word(a, b, c, 0x1234)
				if got, want := checksum.Words(binary.BigEndian.Uint64(w)), oracle(w, 0); got != want {
					t.Errorf("%x: %#04x, want %#04x", w, got, want)
				}
			}
		}
	}
	if got := checksum.Words(0); got != 0 {
		t.Errorf("zero: %#04x", got)
	}
}

func TestCombine(t *testing.T) {
	for _, tt := range []struct{ a, b, want uint16 }{
		{0, 0, 0},
		{0, 0xffff, 0xffff},
		{0xffff, 0, 0xffff},
		{0xffff, 0xffff, 0xffff},
		{0xfffe, 1, 0xffff},
		{0xffff, 1, 1},
		{0x8000, 0x8000, 1},
		{0x8000, 0x7fff, 0xffff},
		{0x1234, 0x4321, 0x5555},
		{0xfff0, 0x0011, 0x0002},
	} {
		if got := checksum.Combine(tt.a, tt.b); got != tt.want {
			t.Errorf("%#04x and %#04x: %#04x, want %#04x", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestNoAllocs(t *testing.T) {
	b := make([]byte, 1500)
	var s uint16
	wiretest.NoAllocs(t, "Sum", func() { s = checksum.Sum(b, s) })
	wiretest.NoAllocs(t, "Of", func() { s = checksum.Of(b) })
	wiretest.NoAllocs(t, "Valid", func() { checksum.Valid(b) })
	wiretest.NoAllocs(t, "Combine", func() { s = checksum.Combine(s, 1) })
}

func FuzzSum(f *testing.F) {
	f.Add([]byte{}, uint16(0), uint8(0))
	f.Add([]byte{0x45, 0, 0}, uint16(0xffff), uint8(1))
	for _, p := range patterns {
		for _, n := range []int{7, 8, 20, 64, 129, 576, 1500} {
			b := make([]byte, n)
			p.fill(b)
			f.Add(b, uint16(n), uint8(n))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, initial uint16, cut uint8) {
		want := oracle(b, initial)
		if got := sum(t, b, initial); got != want {
			t.Fatalf("%d octets, initial %#04x: %#04x, want %#04x", len(b), initial, got, want)
		}
		// The same octets at another place in memory.
		moved := append(make([]byte, cut%8, len(b)+8), b...)[cut%8:]
		if got := sum(t, moved, initial); got != want {
			t.Errorf("moved by %d: %#04x, want %#04x", cut%8, got, want)
		}
		i := min(int(cut)*2, len(b)&^1)
		if got := checksum.Combine(sum(t, b[:i], initial), sum(t, b[i:], 0)); got != want {
			t.Errorf("combined at %d: %#04x, want %#04x", i, got, want)
		}
		if got := checksum.Valid(b); got != (oracle(b, 0) == 0xffff) {
			t.Errorf("valid %v, sum %#04x", got, oracle(b, 0))
		}
	})
}

func BenchmarkSum(b *testing.B) {
	for _, n := range []int{20, 64, 576, 1500, 65535} {
		buf := make([]byte, n)
		patterns[len(patterns)-1].fill(buf)
		run := func(b *testing.B) {
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				checksum.Sum(buf, 0)
			}
		}
		b.Run(fmt.Sprintf("octets=%d/path=machine", n), run)
		if checksum.HasVector() {
			b.Run(fmt.Sprintf("octets=%d/path=scalar", n), func(b *testing.B) { checksum.Scalar(func() { run(b) }) })
		}
	}
}

// TestValidHeader compares the sum of twenty octets without folding with the
// one to the letter, above all where the sum is a multiple of 0xffff.
func TestValidHeader(t *testing.T) {
	var h [20]byte
	if checksum.ValidHeader(&h) {
		t.Error("all zeros: valid")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 20_000 {
		for j := range h {
			h[j] = byte(r.Uint32())
		}
		if i%4 != 0 { // make it valid, or nearly so
			h[10], h[11] = 0, 0
			binary.BigEndian.PutUint16(h[10:], checksum.Of(h[:])+uint16(i%4-1))
		}
		if i%8 == 7 {
			copy(h[:], bytes.Repeat([]byte{0xff}, i%20+1))
		}
		if got, want := checksum.ValidHeader(&h), checksum.Valid(h[:]); got != want {
			t.Fatalf("%x: %v, want %v", h, got, want)
		}
	}
	for i := range h {
		h[i] = 0xff
	}
	if !checksum.ValidHeader(&h) {
		t.Error("all ones: not valid")
	}
}
