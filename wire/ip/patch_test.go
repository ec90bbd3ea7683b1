package ip_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
)

// Whatever a patch changes, the header is afterwards what building it anew
// gives.
func TestPatch4(t *testing.T) {
	h := ip.Header4{TTL: 255, ID: 0x1234, Proto: ip.ProtoUDP, Src: a4, Dst: b4, Options: []byte{1, 1, 1, 0}}
	b, _ := h.AppendPacket(nil, []byte("payload"))
	same := func(what string) {
		t.Helper()
		want, _ := h.AppendPacket(nil, []byte("payload"))
		if !bytes.Equal(b, want) {
			t.Fatalf("%s:\n got %x\nwant %x", what, b, want)
		}
	}
	for ttl := 254; ttl >= 0; ttl-- {
		left, ok := ip.DecrementTTL4(b)
		h.TTL = ip.TTL(ttl)
		if same("ttl"); !ok || left != h.TTL {
			t.Fatalf("ttl: %d, %t; want %d", left, ok, ttl)
		}
	}
	if left, ok := ip.DecrementTTL4(b); ok || left != 0 {
		t.Errorf("ttl 0: %d, %t", left, ok)
	}
	same("ttl 0")
	for _, s := range []string{"0.0.0.0", "255.255.255.255", "10.20.30.40", "192.0.2.1"} {
		a := netip.MustParseAddr(s)
		if h.Src = a; !ip.SetSrc4(b, a) {
			t.Errorf("source %v refused", a)
		}
		same("source")
		if h.Dst = a; !ip.SetDst4(b, a) {
			t.Errorf("destination %v refused", a)
		}
		same("destination")
	}
	b[20] = 0
	h.Options = []byte{0, 1, 1, 0}
	if !ip.Seal4(b) {
		t.Error("not sealed")
	}
	same("seal")
	for _, a := range []netip.Addr{a6, {}} {
		if ip.SetSrc4(b, a) || ip.SetDst4(b, a) {
			t.Errorf("%v accepted", a)
		}
	}
	same("refused addresses")
}

// A header that was damaged before stays damaged.
func TestPatch4KeepsDamage(t *testing.T) {
	h := ip.Header4{TTL: 9, Proto: ip.ProtoUDP, Src: a4, Dst: b4}
	b, _ := h.AppendPacket(nil, nil)
	b[4] ^= 1
	ip.DecrementTTL4(b)
	ip.SetSrc4(b, b4)
	if checksum.Valid(b) {
		t.Error("mended")
	}
	if ip.Seal4(b); !checksum.Valid(b) {
		t.Error("not sealed")
	}
}

func TestPatchShort(t *testing.T) {
	h := ip.Header4{TTL: 9, Proto: ip.ProtoUDP, Src: a4, Dst: b4, Options: []byte{1, 1, 1, 0}}
	whole, _ := h.AppendPacket(nil, nil)
	for n := range 24 {
		b := bytes.Clone(whole[:n])
		if ip.Seal4(b) {
			t.Errorf("%d octets of 24 sealed", n)
		}
		if n < 20 {
			if _, ok := ip.DecrementTTL4(b); ok || ip.SetSrc4(b, b4) || ip.SetDst4(b, a4) {
				t.Errorf("%d octets patched", n)
			}
		}
		if !bytes.Equal(b, whole[:n]) {
			t.Errorf("%d octets changed", n)
		}
	}
	b := bytes.Clone(whole[:20])
	if _, ok := ip.DecrementTTL4(b); !ok || !ip.SetSrc4(b, b4) || !ip.SetDst4(b, a4) {
		t.Error("20 octets not patched")
	}
	for _, first := range []byte{0x65, 0x44} {
		b := bytes.Clone(whole)
		if b[0] = first; ip.Seal4(b) {
			t.Errorf("first octet %#x sealed", first)
		}
	}
}

func TestDecrementHopLimit6(t *testing.T) {
	h := ip.Header6{HopLimit: 2, NextHeader: ip.ProtoUDP, Src: a6, Dst: b6}
	b, _ := h.AppendBinary(nil)
	for want := 1; want >= 0; want-- {
		left, ok := ip.DecrementHopLimit6(b)
		h.HopLimit = ip.TTL(want)
		rebuilt, _ := h.AppendBinary(nil)
		if !ok || left != h.HopLimit || !bytes.Equal(b, rebuilt) {
			t.Errorf("%d, %t, %x; want %x", left, ok, b, rebuilt)
		}
	}
	if left, ok := ip.DecrementHopLimit6(b); ok || left != 0 || b[7] != 0 {
		t.Errorf("hop limit 0: %d, %t", left, ok)
	}
	b[7] = 9
	if _, ok := ip.DecrementHopLimit6(b[:39]); ok || b[7] != 9 {
		t.Error("39 octets patched")
	}
}

func TestPatchAllocs(t *testing.T) {
	h := ip.Header4{TTL: 255, Proto: ip.ProtoUDP, Src: a4, Dst: b4}
	b, _ := h.AppendPacket(nil, nil)
	wiretest.NoAllocs(t, "patch", func() {
		ip.DecrementTTL4(b)
		ip.SetSrc4(b, b4)
		ip.SetDst4(b, a4)
		ip.Seal4(b)
	})
}
