package fragments_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/link/capture/fragments"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

// part is a fragment of 16 octets of the datagram with that identification, the
// first or the last of two.
func part(t *testing.T, id uint16, last bool) []byte {
	t.Helper()
	h := ip.Header4{
		Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("192.0.2.2"), Proto: ip.ProtoUDP, TTL: 64, ID: id,
	}
	b, err := h.AppendPacket(nil, make([]byte, 16))
	if err != nil {
		t.Fatal(err)
	}
	flags := uint16(0x2000)
	if last {
		flags = 2
	}
	binary.BigEndian.PutUint16(b[6:], flags)
	ip.Seal4(b)
	return b
}

// TestTheOldestMakesRoom: no more are remembered than the Config allows, and of
// the others each knows its packets, however many there were before.
func TestTheOldestMakesRoom(t *testing.T) {
	const limit = 4
	a, err := fragments.New(reassembly.Config{Datagrams: limit})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1000, 0)
	number := 0
	add := func(id uint16, last bool) fragments.Whole {
		number++
		return a.Add(number, now, part(t, id, last))
	}
	for round := range uint16(100) {
		var first [limit + 2]int
		for i := range uint16(len(first)) {
			id := round*16 + i
			if w := add(id, false); w.Status != reassembly.Incomplete || w.Packets != nil {
				t.Fatalf("%d: %+v", id, w)
			}
			first[i] = number
			if want := min(int(i)+1, limit); a.Waiting() > limit || round == 0 && a.Waiting() != want {
				t.Fatalf("%d: %d wait, want %d", id, a.Waiting(), want)
			}
		}
		for i := uint16(2); i < limit+2; i++ {
			if w := add(round*16+i, true); w.Status != reassembly.Complete || !slices.Equal(w.Packets, []int{first[i], number}) {
				t.Fatalf("round %d, %d: %+v", round, i, w)
			}
		}
	}
	if a.Waiting() != 0 {
		t.Errorf("%d wait", a.Waiting())
	}
}

// TestWhatIsNoFragment: too short to tell, or without a sign of being one.
func TestWhatIsNoFragment(t *testing.T) {
	a, err := fragments.New(reassembly.Config{})
	if err != nil {
		t.Fatal(err)
	}
	whole := part(t, 7, false)
	six := append([]byte{0x60, 0, 0, 0, 0, 0, byte(ip.ProtoFragment), 64}, make([]byte, 32)...)
	for name, b := range map[string][]byte{
		"nothing":          {},
		"19 octets":        whole[:19],
		"another version":  append([]byte{0x50}, whole[1:]...),
		"39 octets of six": six[:39],
		"no fragment":      append(append(append([]byte(nil), whole[:6]...), 0x40, 0), whole[8:]...),
	} {
		w := a.Add(1, time.Unix(1, 0), b)
		if w.Status != reassembly.Complete || w.Packets != nil || len(w.Datagram) != len(b) || a.Waiting() != 0 {
			t.Errorf("%s: %+v", name, w)
		}
	}
	for name, at := range map[string][2]byte{"more": {0x20, 0}, "the upper offset": {0x01, 0}, "the lower offset": {0, 1}} {
		b := append([]byte(nil), whole...)
		b[6], b[7] = at[0], at[1]
		ip.Seal4(b)
		a, err := fragments.New(reassembly.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if w := a.Add(1, time.Unix(1, 0), b); w.Status != reassembly.Incomplete {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

// TestHowManyByDefault: the memory allows for so many.
func TestHowManyByDefault(t *testing.T) {
	a, err := fragments.New(reassembly.Config{Memory: 256 << 10})
	if err != nil {
		t.Fatal(err)
	}
	for id := range uint16(200) {
		a.Add(int(id)+1, time.Unix(1, 0), part(t, id, false))
	}
	if n := a.Waiting(); n != 64 {
		t.Errorf("%d wait", n)
	}
}
