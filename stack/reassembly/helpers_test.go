package reassembly_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

var (
	start = time.Date(1981, 9, 1, 0, 0, 0, 0, time.UTC)
	src4  = netip.MustParseAddr("192.0.2.1")
	dst4  = netip.MustParseAddr("198.51.100.1")
	src6  = netip.MustParseAddr("2001:db8:1::1")
	dst6  = netip.MustParseAddr("2001:db8:2::1")
)

func open(tb testing.TB, c reassembly.Config) *reassembly.Reassembler {
	tb.Helper()
	r, err := reassembly.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// audit fails when the books do not agree.
func audit(tb testing.TB, r *reassembly.Reassembler) {
	tb.Helper()
	if err := r.Audit(); err != nil {
		tb.Fatalf("books: %v", err)
	}
	if r.Size() > r.Limit() {
		tb.Fatalf("%d octets taken, over the limit of %d", r.Size(), r.Limit())
	}
}

var allOctets = func() []byte {
	b := make([]byte, 2*ip.MaxLen)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}()

// pattern returns n octets that tell their place.
func pattern(n int) []byte { return allOctets[:n:n] }

// frag4 is an IPv4 fragment with n octets of the pattern.
func frag4(tb testing.TB, h ip.Header4, off, n int, more bool) []byte {
	tb.Helper()
	h.FragOffset, h.MF = uint16(off), more
	if !h.Src.IsValid() {
		h.Src = src4
	}
	if !h.Dst.IsValid() {
		h.Dst = dst4
	}
	if h.Proto == 0 {
		h.Proto = ip.ProtoUDP
	}
	b, err := h.AppendPacket(nil, pattern(off + n)[off:])
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// frag6 is an IPv6 fragment with n octets of the pattern behind the extension
// headers ext, the last of which announces a fragment header, as h does without
// them.
func frag6(tb testing.TB, h ip.Header6, f ip.Fragment6, ext []byte, off, n int, more bool) []byte {
	tb.Helper()
	f.Offset, f.MF = uint16(off), more
	if !h.Src.IsValid() {
		h.Src = src6
	}
	if !h.Dst.IsValid() {
		h.Dst = dst6
	}
	if f.Next == 0 {
		f.Next = ip.ProtoUDP
	}
	if len(ext) == 0 {
		h.NextHeader = ip.ProtoFragment
	}
	p, err := f.AppendBinary(bytes.Clone(ext))
	if err != nil {
		tb.Fatal(err)
	}
	b, err := h.AppendPacket(nil, append(p, pattern(off + n)[off:]...))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// pieces cuts a datagram.
func pieces(tb testing.TB, whole []byte, mtu int) (all [][]byte) {
	tb.Helper()
	var f ip.Fragmenter
	var err error
	if whole[0]>>4 == 4 {
		f, err = ip.NewFragmenter4(whole, mtu)
	} else {
		f, err = ip.NewFragmenter6(whole, mtu, 0x01020304)
	}
	if err != nil {
		tb.Fatal(err)
	}
	for {
		b, ok := f.Next(nil)
		if !ok {
			return all
		}
		all = append(all, b)
	}
}

// add adds a fragment of either version.
func add(r *reassembly.Reassembler, now time.Time, d []byte) reassembly.Result {
	if d[0]>>4 == 4 {
		return r.Add4(now, d)
	}
	return r.Add6(now, d)
}

func kept(t *testing.T, r *reassembly.Reassembler, d []byte) {
	t.Helper()
	got := add(r, start, d)
	if got.Status != reassembly.Incomplete || got.Drop != mib.None || got.Datagram != nil {
		t.Fatalf("%v, %v; want incomplete", got.Status, got.Drop)
	}
	audit(t, r)
}

func complete(t *testing.T, r *reassembly.Reassembler, d, whole []byte) {
	t.Helper()
	got := add(r, start, d)
	if got.Status != reassembly.Complete || got.Drop != mib.None {
		t.Fatalf("%v, %v; want complete", got.Status, got.Drop)
	}
	if !bytes.Equal(got.Datagram, whole) {
		t.Fatalf("put together:\n got %x\nwant %x", head(got.Datagram), head(whole))
	}
	audit(t, r)
}

func dropped(t *testing.T, r *reassembly.Reassembler, d []byte, why mib.Drop) {
	t.Helper()
	got := add(r, start, d)
	if got.Status != reassembly.Dropped || got.Drop != why || got.Datagram != nil {
		t.Fatalf("%v, %v; want dropped: %v", got.Status, got.Drop, why)
	}
	audit(t, r)
}

func head(b []byte) []byte { return b[:min(len(b), 100)] }

// host is IPv4 address number i.
func host(i uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], 0x0a000000+i)
	return netip.AddrFrom4(b)
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// addr6 is a host of IPv6 network number net.
func addr6(net, host int) string { return fmt.Sprintf("2001:db8:0:%x::%x", net, host) }
