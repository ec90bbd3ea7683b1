package ip_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// count returns n octets, each of another value than its neighbours.
func count(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// fragments runs f to its end. Every fragment is written behind a prefix.
func fragments(t *testing.T, f ip.Fragmenter) (all [][]byte) {
	t.Helper()
	for {
		b, ok := f.Next([]byte{1, 2, 3})
		if !bytes.HasPrefix(b, []byte{1, 2, 3}) {
			t.Fatalf("the prefix is gone: %x", b)
		}
		if !ok {
			if len(b) != 3 {
				t.Errorf("behind the last: %x", b)
			}
			return all
		}
		if all = append(all, b[3:]); len(all) > 9000 {
			t.Fatal("it does not end")
		}
	}
}

func TestFragment4(t *testing.T) {
	conform.Row(t, "W-24")
	// One octet more than fits, for every length of the last fragment.
	for _, r := range []struct {
		name         string
		offset       uint16
		mf, reserved bool
		length, mtu  int
		want         string // "offset:length" and + for MF
	}{
		{"fits", 0, false, false, 100, 120, "0:100"},
		{"one octet too many", 0, false, false, 101, 120, "0:96+ 96:5"},
		{"the smallest MTU", 0, false, false, 17, 28, "0:8+ 8:8+ 16:1"},
		{"MTU no multiple", 0, false, false, 40, 51, "0:24+ 24:16"},
		{"the last fits exactly", 0, false, false, 48, 44, "0:24+ 24:24"},
		{"the last fits though no multiple", 0, false, false, 55, 51, "0:24+ 24:31"},
		{"a first fragment", 0, true, false, 48, 44, "0:24+ 24:24+"},
		{"a middle fragment", 800, true, true, 56, 44, "800:24+ 824:24+ 848:8+"},
		{"a last fragment", 800, false, false, 30, 44, "800:24+ 824:6"},
		{"a fragment that fits", 800, true, false, 24, 44, "800:24+"},
		{"the last offset", 65504, false, false, 31, 44, "65504:24+ 65528:7"},
	} {
		t.Run(r.name, func(t *testing.T) {
			h := ip.Header4{
				TOS: 0x48, ID: 0xbeef, Reserved: r.reserved, MF: r.mf, FragOffset: r.offset,
				TTL: 9, Proto: ip.ProtoUDP, Src: a4, Dst: b4,
			}
			payload := count(r.length)
			b, err := h.AppendPacket(nil, payload)
			if err != nil {
				t.Fatal(err)
			}
			before := bytes.Clone(b)
			f, err := ip.NewFragmenter4(append(b, "padding"...), r.mtu)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, frag := range fragments(t, f) {
				g, piece, err := ip.Parse4(frag)
				if err != nil || len(frag) > r.mtu || len(frag) != int(g.TotalLen) {
					t.Fatalf("fragment %x: %v", frag, err)
				}
				got += fmt.Sprintf(" %d:%d", g.FragOffset, len(piece))
				if g.MF {
					got += "+"
				}
				if at := int(g.FragOffset - r.offset); !bytes.Equal(piece, payload[at:at+len(piece)]) {
					t.Errorf("fragment at %d holds %x", g.FragOffset, piece)
				}
				// Nothing else may differ.
				g.TotalLen, g.MF, g.FragOffset = h.TotalLen, h.MF, h.FragOffset
				if g.String() != h.String() || g.Reserved != h.Reserved {
					t.Errorf("header %v", g)
				}
			}
			if got != " "+r.want {
				t.Errorf("got %q, want %q", got, r.want)
			}
			if !bytes.Equal(b[:len(before)], before) {
				t.Error("the datagram has changed")
			}
		})
	}
}

// Options without copy flag go into the first fragment only.
func TestFragment4Options(t *testing.T) {
	conform.Row(t, "W-24")
	for _, r := range []struct {
		name, options, later string
	}{
		{"none", "", ""},
		{"router alert", "94040000", "94040000"},
		{"record route", "0707040000000000", ""},
		{"no operations", "01010100", ""},
		{"source route behind a no operation", "01 8307 04 0a000001", "8307040a00000100"},
		{"two of four", "820301 070304 44080500 00000000 94040000 0000", "820301 94040000 00"},
		{
			"one that fills the header", "8328" + "0000000000000000000000000000000000000000000000000000000000000000000000000000",
			"8328" + "0000000000000000000000000000000000000000000000000000000000000000000000000000",
		},
	} {
		t.Run(r.name, func(t *testing.T) {
			options, later := octets(t, r.options), octets(t, r.later)
			h := ip.Header4{TTL: 9, Proto: ip.ProtoUDP, Src: a4, Dst: b4, Options: options}
			b, err := h.AppendPacket(nil, count(200))
			if err != nil {
				t.Fatal(err)
			}
			f, err := ip.NewFragmenter4(b, 84)
			if err != nil {
				t.Fatal(err)
			}
			var whole []byte
			for i, frag := range fragments(t, f) {
				g, piece, err := ip.Parse4(frag)
				if err != nil || len(frag) > 84 || int(g.FragOffset) != len(whole) {
					t.Fatalf("fragment %x: %v", frag, err)
				}
				whole = append(whole, piece...)
				want := options
				if i > 0 {
					want = later
				}
				if !bytes.Equal(g.Options, want) {
					t.Errorf("fragment %d has the options %x, want %x", i, g.Options, want)
				}
				// Each is as large as the MTU allows.
				if room := (84 - g.HeaderLen()) / 8 * 8; g.MF && len(piece) != room {
					t.Errorf("fragment %d carries %d octets, want %d", i, len(piece), room)
				}
			}
			if !bytes.Equal(whole, count(200)) {
				t.Errorf("together %x", whole)
			}
		})
	}
}

func TestFragment4Refuses(t *testing.T) {
	conform.Row(t, "W-24")
	h := ip.Header4{TTL: 9, Proto: ip.ProtoUDP, Src: a4, Dst: b4}
	df := h
	df.DF = true
	b, _ := df.AppendPacket(nil, count(8))
	if _, err := ip.NewFragmenter4(b, 27); !errors.Is(err, ip.ErrDontFragment) {
		t.Errorf("DF: %v", err)
	}
	f, err := ip.NewFragmenter4(b, 28)
	if all := fragments(t, f); err != nil || len(all) != 1 || !bytes.Equal(all[0], b) {
		t.Errorf("DF that fits: %x, %v", all, err)
	}

	options := h
	options.Options = octets(t, "94040000")
	b, _ = options.AppendPacket(nil, count(16))
	if _, err := ip.NewFragmenter4(b, 31); !errors.Is(err, ip.ErrMTU) {
		t.Errorf("MTU of 31: %v", err)
	}
	if f, err := ip.NewFragmenter4(b, 32); err != nil || len(fragments(t, f)) != 2 {
		t.Errorf("MTU of 32: %v", err)
	}
	if _, err := ip.NewFragmenter4(b, -1); !errors.Is(err, ip.ErrMTU) {
		t.Errorf("MTU of -1: %v", err)
	}

	mf := h
	mf.MF = true
	b, _ = mf.AppendPacket(nil, count(33))
	_, err = ip.NewFragmenter4(b, 40)
	wiretest.WantParseError(t, "fragment of 33 octets", err, 2, wire.Length)

	far := h
	far.FragOffset = 65504
	b, _ = far.AppendPacket(nil, count(32))
	_, err = ip.NewFragmenter4(b, 44)
	wiretest.WantParseError(t, "fragment beyond the longest datagram", err, 6, wire.Length)

	broken := h
	broken.Options = octets(t, "01070104")
	b, _ = broken.AppendPacket(nil, count(64))
	_, err = ip.NewFragmenter4(b, 44)
	wiretest.WantParseError(t, "broken option", err, 22, wire.Length)

	b, _ = h.AppendPacket(nil, count(64))
	_, err = ip.NewFragmenter4(b[:83], 44)
	wiretest.WantParseError(t, "cut", err, 83, wire.Truncated)
	b[11]++
	_, err = ip.NewFragmenter4(b, 44)
	wiretest.WantParseError(t, "checksum", err, 10, wire.Checksum)
}

// packet6 returns an IPv6 datagram whose chain is the hex octets.
func packet6(t *testing.T, next ip.Proto, chain string, payload []byte) []byte {
	t.Helper()
	h := ip.Header6{TrafficClass: 0x12, FlowLabel: 0x34567, NextHeader: next, HopLimit: 9, Src: a6, Dst: b6}
	b, err := h.AppendPacket(nil, append(octets(t, chain), payload...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFragment6Datagram(t *testing.T) {
	conform.Row(t, "W-24")
	const (
		hop     = " 00 0104 00000000"
		dest    = " 00 0104 00000000"
		routing = " 00 0400 00000000"
	)
	for _, r := range []struct {
		name  string
		next  ip.Proto
		chain string
		per   int // octets of per-fragment headers behind the IPv6 header
		frag  ip.Proto
		mtu   int
	}{
		{"no extension", ip.ProtoUDP, "", 0, ip.ProtoUDP, 128},
		{"MTU no multiple", ip.ProtoUDP, "", 0, ip.ProtoUDP, 135},
		{"hop-by-hop", ip.ProtoHopByHop, "11" + hop, 8, ip.ProtoUDP, 128},
		{"destination options behind", ip.ProtoHopByHop, "3c" + hop + "11" + dest, 8, ip.ProtoDestOpts, 128},
		{"destination options alone", ip.ProtoDestOpts, "11" + dest, 0, ip.ProtoDestOpts, 128},
		{"routing", ip.ProtoRouting, "3c" + routing + "11" + dest, 8, ip.ProtoDestOpts, 128},
		{"everything", ip.ProtoHopByHop, "3c" + hop + "2b" + dest + "3c" + routing + "11" + dest, 24, ip.ProtoDestOpts, 128},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := packet6(t, r.next, r.chain, count(301))
			before := bytes.Clone(b)
			f, err := ip.NewFragmenter6(append(b, "padding"...), r.mtu, 0xcafe0001)
			if err != nil {
				t.Fatal(err)
			}
			head := 40 + r.per
			var whole []byte
			all := fragments(t, f)
			for i, frag := range all {
				h, payload, err := ip.Parse6(frag)
				if err != nil || len(payload) != int(h.PayloadLen) || len(frag) != 40+len(payload) {
					t.Fatalf("fragment %x: %v", frag, err)
				}
				if room := (r.mtu - head - 8) / 8 * 8; i < len(all)-1 && len(frag) != head+8+room || len(frag) > r.mtu {
					t.Errorf("fragment %d has %d octets", i, len(frag))
				}
				last := ip.Extension6{}
				for e, err := range h.Extensions(payload) {
					if err != nil {
						t.Fatal(err)
					}
					if last = e; e.Type == ip.ProtoFragment {
						break
					}
				}
				g, _ := last.Fragment()
				if want := (ip.Fragment6{Next: r.frag, Offset: uint16(len(whole)), MF: i < len(all)-1, ID: 0xcafe0001}); g != want || last.Offset != head {
					t.Errorf("fragment %d: %v at %d, want %v at %d", i, g, last.Offset, want, head)
				}
				whole = append(whole, frag[head+8:]...)
				// But for length and the header announced, the head is that of the datagram.
				copy(frag[4:6], before[4:6])
				frag[last.NextOffset] = byte(r.frag)
				if !bytes.Equal(frag[:head], before[:head]) {
					t.Errorf("fragment %d begins with %x, want %x", i, frag[:head], before[:head])
				}
			}
			if !bytes.Equal(whole, before[head:]) || len(all) < 4 {
				t.Errorf("%d fragments, together %x", len(all), whole)
			}
			if !bytes.Equal(b[:len(before)], before) {
				t.Error("the datagram has changed")
			}
		})
	}
}

func TestFragment6Refuses(t *testing.T) {
	conform.Row(t, "W-24")
	b := packet6(t, ip.ProtoUDP, "", count(60))
	f, err := ip.NewFragmenter6(append(b, 0), 100, 1)
	if all := fragments(t, f); err != nil || len(all) != 1 || !bytes.Equal(all[0], b) {
		t.Errorf("one that fits: %x, %v", all, err)
	}
	if f, err = ip.NewFragmenter6(b, 99, 1); err != nil || len(fragments(t, f)) != 2 {
		t.Errorf("one octet too many: %v", err)
	}
	if f, err = ip.NewFragmenter6(b, 56, 1); err != nil || len(fragments(t, f)) != 8 {
		t.Errorf("MTU of 56: %v", err)
	}
	for _, mtu := range []int{55, 48, 40, 0, -100} {
		if _, err := ip.NewFragmenter6(b, mtu, 1); !errors.Is(err, ip.ErrMTU) {
			t.Errorf("MTU of %d: %v", mtu, err)
		}
	}
	// The first fragment must hold the destination options and eight octets.
	b = packet6(t, ip.ProtoDestOpts, "11 00 0104 00000000", count(60))
	if _, err := ip.NewFragmenter6(b, 63, 1); !errors.Is(err, ip.ErrMTU) {
		t.Errorf("MTU of 63: %v", err)
	}
	if _, err := ip.NewFragmenter6(b, 64, 1); err != nil {
		t.Errorf("MTU of 64: %v", err)
	}

	b = packet6(t, ip.ProtoFragment, "11 00 0001 00000007", count(60))
	if _, err := ip.NewFragmenter6(b, 100, 1); !errors.Is(err, ip.ErrDontFragment) {
		t.Errorf("a fragment: %v", err)
	}
	b = packet6(t, ip.ProtoDestOpts, "11 09 0104 00000000", count(60))
	_, err = ip.NewFragmenter6(b, 100, 1)
	wiretest.WantParseError(t, "broken chain", err, 41, wire.Length)
	_, err = ip.NewFragmenter6(b[:80], 60, 1)
	wiretest.WantParseError(t, "cut", err, 80, wire.Truncated)
}

func TestFragmenterAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	h := ip.Header4{Proto: ip.ProtoUDP, Src: a4, Dst: b4, Options: octets(t, "8207040a000001 00")}
	v4, _ := h.AppendPacket(nil, count(2000))
	v6 := packet6(t, ip.ProtoHopByHop, "11 00 0104 00000000", count(2000))
	buf := make([]byte, 0, 1500)
	run := func(f ip.Fragmenter, err error) {
		for ok := err == nil; ok; {
			_, ok = f.Next(buf)
		}
	}
	wiretest.NoAllocs(t, "IPv4", func() { run(ip.NewFragmenter4(v4, 576)) })
	wiretest.NoAllocs(t, "IPv6", func() { run(ip.NewFragmenter6(v6, 1280, 1)) })
}

// What comes out fits the MTU and is together what went in.
func FuzzFragmenter(f *testing.F) {
	h := ip.Header4{Proto: ip.ProtoUDP, Src: a4, Dst: b4, Options: []byte{0x94, 4, 0, 0}}
	b, _ := h.AppendPacket(nil, count(99))
	f.Add(b, 68)
	h6 := ip.Header6{NextHeader: ip.ProtoUDP, Src: a6, Dst: b6}
	b, _ = h6.AppendPacket(nil, count(99))
	f.Add(b, 88)
	f.Fuzz(func(t *testing.T, b []byte, mtu int) {
		ip.Seal4(b)
		if f, err := ip.NewFragmenter4(b, mtu); err == nil {
			orig, payload, _ := ip.Parse4(b)
			var whole []byte
			for _, frag := range fragments(t, f) {
				g, piece, err := ip.Parse4(frag)
				if err != nil || len(frag) > mtu || int(g.FragOffset) != int(orig.FragOffset)+len(whole) {
					t.Fatalf("fragment %v: %v", g, err)
				}
				whole = append(whole, piece...)
			}
			if !bytes.Equal(whole, payload) {
				t.Fatalf("together %x, want %x", whole, payload)
			}
		}
		if f, err := ip.NewFragmenter6(b, mtu, 1); err == nil {
			for _, frag := range fragments(t, f) {
				if _, _, err := ip.Parse6(frag); err != nil || len(frag) > mtu {
					t.Fatalf("fragment %x: %v", frag, err)
				}
			}
		}
	})
}

func BenchmarkFragment(b *testing.B) {
	h := ip.Header4{Proto: ip.ProtoUDP, Src: a4, Dst: b4}
	v4, _ := h.AppendPacket(nil, count(4000))
	buf := make([]byte, 0, 1500)
	b.Run("family=4/data=4000/mtu=1500", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(v4)))
		for b.Loop() {
			f, err := ip.NewFragmenter4(v4, 1500)
			if err != nil {
				b.Fatal(err)
			}
			for ok := true; ok; {
				_, ok = f.Next(buf)
			}
		}
	})
}
