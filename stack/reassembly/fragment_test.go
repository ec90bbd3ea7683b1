package reassembly_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

// What is no fragment is whole already.
func TestNoFragment(t *testing.T) {
	r := open(t, reassembly.Config{})
	d := frag4(t, ip.Header4{ID: 7}, 0, 10, false)
	complete(t, r, append(bytes.Clone(d), 1, 2, 3), d) // with padding of the link
	complete(t, r, frag4(t, ip.Header4{}, 0, 0, false), frag4(t, ip.Header4{}, 0, 0, false))
	if r.Len() != 0 || r.Held() != 0 {
		t.Error("something is held")
	}
}

// RFC 6946: a fragment that is the whole datagram is taken by itself, and those
// of the same identification stay as they are.
func TestAtomic(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{})
	f := ip.Fragment6{ID: 9}
	kept(t, r, frag6(t, ip.Header6{}, f, nil, 8, 8, true))
	h := ip.Header6{NextHeader: ip.ProtoUDP, Src: src6, Dst: dst6, HopLimit: 3, TrafficClass: 0xff, FlowLabel: 5}
	for _, n := range []int{0, 1, 100} {
		whole, _ := h.AppendPacket(nil, pattern(n))
		complete(t, r, frag6(t, h, f, nil, 0, n, false), whole)
		complete(t, r, append(frag6(t, h, f, nil, 0, n, false), 1, 2, 3), whole)
	}
	if r.Len() != 1 {
		t.Errorf("%d incomplete, want the other one", r.Len())
	}
	kept(t, r, frag6(t, ip.Header6{}, f, nil, 0, 8, true))
}

// An authentication header counts its length in its own way (RFC 4302 §2.2).
func TestAuthenticationHeader(t *testing.T) {
	for _, words := range []byte{4, 6} {
		ah := make([]byte, (int(words)+2)*4)
		ah[0], ah[1] = byte(ip.ProtoFragment), words
		h := ip.Header6{NextHeader: ip.ProtoAH}
		f := ip.Fragment6{Next: ip.ProtoICMPv6}
		r := open(t, reassembly.Config{})
		kept(t, r, frag6(t, h, f, ah, 0, 8, true))
		h.Src, h.Dst = src6, dst6
		ah[0] = byte(ip.ProtoICMPv6)
		whole, _ := h.AppendPacket(nil, append(ah, pattern(16)...))
		ah[0] = byte(ip.ProtoFragment)
		complete(t, r, frag6(t, h, f, ah, 8, 8, false), whole)
	}
}

// What tells datagrams apart, and what does not.
func TestKey(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{})
	kept(t, r, frag4(t, ip.Header4{ID: 1}, 0, 8, true))
	for i, h := range []ip.Header4{
		{ID: 2}, {ID: 1, Src: host(1)}, {ID: 1, Dst: host(1)}, {ID: 1, Proto: ip.ProtoICMP}, {ID: 1, Src: dst4, Dst: src4},
	} {
		kept(t, r, frag4(t, h, 8, 8, false))
		if r.Len() != i+2 {
			t.Fatalf("%v: %d incomplete, want %d", h, r.Len(), i+2)
		}
	}
	h := ip.Header4{ID: 1, Src: src4, Dst: dst4, Proto: ip.ProtoUDP}
	whole, _ := h.AppendPacket(nil, pattern(16))
	complete(t, r, frag4(t, ip.Header4{ID: 1}, 8, 8, false), whole)

	r = open(t, reassembly.Config{})
	kept(t, r, frag6(t, ip.Header6{}, ip.Fragment6{ID: 1}, nil, 0, 8, true))
	kept(t, r, frag6(t, ip.Header6{}, ip.Fragment6{ID: 1 << 16}, nil, 8, 8, false))
	kept(t, r, frag6(t, ip.Header6{Src: dst6}, ip.Fragment6{ID: 1}, nil, 8, 8, false))
	kept(t, r, frag6(t, ip.Header6{Dst: src6}, ip.Fragment6{ID: 1}, nil, 8, 8, false))
	if r.Len() != 4 {
		t.Fatalf("%d incomplete, want 4", r.Len())
	}
	// The next header of a later fragment is not part of the key.
	h6 := ip.Header6{NextHeader: ip.ProtoUDP, Src: src6, Dst: dst6}
	whole, _ = h6.AppendPacket(nil, pattern(16))
	complete(t, r, frag6(t, ip.Header6{}, ip.Fragment6{ID: 1, Next: ip.ProtoTCP}, nil, 8, 8, false), whole)
}

// Octets that are no fragment are dropped with the reason that fits.
func TestMalformed(t *testing.T) {
	conform.Row(t, "H-10")
	four := frag4(t, ip.Header4{}, 8, 8, true)
	six := frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 8, 8, true)
	plain, _ := ip.Header6{NextHeader: ip.ProtoUDP, Src: src6, Dst: dst6}.AppendPacket(nil, pattern(20))
	change := func(b []byte, at int, v byte) []byte {
		b = bytes.Clone(b)
		b[at] = v
		return b
	}
	ext := func(payload ...byte) []byte {
		b, _ := ip.Header6{NextHeader: ip.ProtoHopByHop, Src: src6, Dst: dst6}.AppendPacket(nil, payload)
		return b
	}
	long := bytes.Repeat([]byte{byte(ip.ProtoDestOpts), 0, 1, 4, 0, 0, 0, 0}, ip.MaxExtensions-1)
	long = append(long, byte(ip.ProtoFragment), 0, 1, 4, 0, 0, 0, 0)
	frag := []byte{17, 0, 0, 9, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8}
	ah := []byte{byte(ip.ProtoFragment), 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2}
	dest := []byte{byte(ip.ProtoAH), 0, 1, 4, 0, 0, 0, 0}
	for _, c := range []struct {
		name string
		v6   bool
		d    []byte
		want mib.Drop // None: kept
	}{
		{"nothing", false, nil, mib.HeaderShort},
		{"half a header", false, four[:19], mib.HeaderShort},
		{"IPv6 as IPv4", false, six, mib.HeaderVersion},
		{"cut", false, four[:27], mib.Truncated},
		{"header length", false, change(four, 0, 0x44), mib.HeaderLength},
		{"total length", false, change(four, 3, 19), mib.HeaderLength},
		{"whole", false, four, mib.None},
		{"nothing", true, nil, mib.HeaderShort},
		{"half a header", true, six[:39], mib.HeaderShort},
		{"IPv4 as IPv6", true, change(six, 0, 0x45), mib.HeaderVersion},
		{"cut", true, six[:55], mib.Truncated},
		{"no fragment header", true, plain, mib.ExtensionFault},
		{"nothing behind the header", true, ext(), mib.ExtensionFault},
		{"half of an extension header", true, ext(44), mib.ExtensionFault},
		{"an extension header that is not there", true, ext(44, 1, 0, 0, 0, 0, 0, 0), mib.ExtensionFault},
		{"extension headers up to the end", true, ext(44, 0, 0, 0, 0, 0, 0, 0), mib.ExtensionFault},
		{"half a fragment header", true, ext(44, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7), mib.ExtensionFault},
		{"a fragment header alone", true, ext(44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 9, 0, 0, 0, 1), mib.FragmentEmpty},
		{"too many extension headers", true, ext(append(bytes.Clone(long), frag...)...), mib.ExtensionFault},
		{"as many as may be", true, ext(append(bytes.Clone(long[8:]), frag...)...), mib.None},
		{"authentication header", true, ext(slices.Concat(dest, ah, frag)...), mib.None},
		{"whole", true, six, mib.None},
	} {
		r := open(t, reassembly.Config{})
		got := r.Add4
		if c.v6 {
			got = r.Add6
		}
		res := got(start, c.d)
		audit(t, r)
		if res.Drop != c.want || (res.Status == reassembly.Dropped) != (c.want != mib.None) {
			t.Errorf("%s, v6 %v: %v, %v; want %v", c.name, c.v6, res.Status, res.Drop, c.want)
		}
		if c.want != mib.None && (r.Len() != 0 || r.Held() != 0) {
			t.Errorf("%s: something is held", c.name)
		}
	}
}
