package stack_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestMartians: addresses that nothing may come from or go to (G-14).
func TestMartians(t *testing.T) {
	conform.Row(t, "G-14")
	conform.Row(t, "E-05")
	for _, c := range []struct {
		src, dst string
		want     mib.Drop
	}{
		{"0.0.0.0", "10.0.2.100", mib.MartianSource},
		{"0.1.2.3", "10.0.2.100", mib.MartianSource},
		{"127.0.0.1", "10.0.2.100", mib.MartianSource},
		{"127.255.0.1", "10.0.1.1", mib.MartianSource},
		{"224.0.0.1", "10.0.2.100", mib.MartianSource},
		{"239.255.255.255", "10.0.2.100", mib.MartianSource},
		{"240.0.0.1", "10.0.2.100", mib.MartianSource},
		{"255.255.255.255", "10.0.2.100", mib.MartianSource},
		{"10.0.1.255", "10.0.2.100", mib.MartianSource},
		{"10.0.2.255", "10.0.2.100", mib.MartianSource},
		{"10.0.1.0", "10.0.2.100", mib.MartianSource},
		{"10.0.1.1", "10.0.2.100", mib.OwnSource},
		{"10.0.2.1", "10.0.1.1", mib.OwnSource},
		{"10.0.1.10", "127.0.0.1", mib.MartianDestination},
		{"10.0.1.10", "0.0.0.0", mib.MartianDestination},
		{"10.0.1.10", "0.9.9.9", mib.MartianDestination},
		{"10.0.1.10", "240.1.1.1", mib.MartianDestination},
		{"10.0.1.10", "255.255.255.254", mib.MartianDestination},
		{"169.254.1.1", "10.0.2.100", mib.BeyondScope},
		{"10.0.1.10", "169.254.1.1", mib.BeyondScope},
		{"223.255.255.1", "10.0.2.100", mib.None},
		{"1.0.0.1", "10.0.2.100", mib.None},
		{"128.0.0.1", "10.0.2.100", mib.None},
		{"126.255.255.255", "10.0.2.100", mib.None},
		{"::", "2001:db8:2::100", mib.MartianSource},
		{"::1", "2001:db8:2::100", mib.MartianSource},
		{"ff02::1", "2001:db8:2::100", mib.MartianSource},
		{"::ffff:10.0.1.10", "2001:db8:2::100", mib.MartianSource},
		{"2001:db8:1::1", "2001:db8:2::100", mib.OwnSource},
		{"2001:db8:1::10", "::1", mib.MartianDestination},
		{"2001:db8:1::10", "::", mib.MartianDestination},
		{"2001:db8:1::10", "::ffff:10.0.2.100", mib.MartianDestination},
		{"2001:db8:1::10", "fe80::9", mib.BeyondScope},
		{"2001:db8:1::10", "ff05::9", mib.NotJoined},
		{"2001:db8:1::10", "2001:db8:2::100", mib.None},
	} {
		t.Run(c.src+" to "+c.dst, func(t *testing.T) {
			w := newWorld(t, gatewayConfig())
			var d []byte
			if src, dst := addr(c.src), addr(c.dst); src.Is4() {
				d = datagram(t, ip.Header4{Src: src, Dst: dst, Proto: 99}, nil)
			} else {
				var err error
				if d, err = (ip.Header6{Src: src, Dst: dst, NextHeader: 99, HopLimit: 9}).AppendPacket(nil, nil); err != nil {
					// The codec writes no IPv4-mapped address.
					d, _ = ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: 99, HopLimit: 9}.AppendPacket(nil, nil)
					s, e := src.As16(), dst.As16()
					copy(d[8:], s[:])
					copy(d[24:], e[:])
				}
			}
			out := w.receive(0, d)
			if c.want == mib.None {
				w.one(out)
				return
			}
			if why := w.none(out); why != c.want {
				t.Errorf("%v, want %v", why, c.want)
			}
			w.dropped(c.want)
		})
	}
	cfg := gatewayConfig()
	cfg.AcceptOwnSource = true
	w := newWorld(t, cfg)
	w.one(w.receive(0, datagram(t, ip.Header4{Src: addr("10.0.2.1"), Dst: hostB, Proto: 99}, nil)))
	d, err := ip.Header6{Src: gate6, Dst: hostB6, NextHeader: 99, HopLimit: 9}.AppendPacket(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.one(w.receive(0, d))
}

// TestMartiansFromHere: not even to itself does a node send what nobody could be
// answered about; its loopback addresses are its own affair.
func TestMartiansFromHere(t *testing.T) {
	conform.Row(t, "G-14")
	for _, src := range []string{"255.255.255.255", "224.0.0.1", "240.0.0.1", "10.0.1.255", "10.0.1.0", "0.0.0.0", "127.0.0.1", "10.0.1.10", "ff02::1", "::", "::1", "2001:db8:1::10"} {
		w := newWorld(t, hostConfig())
		fit := addr(src).IsLoopback() || addr(src) == hostA || addr(src) == hostA6
		var d []byte
		if addr(src).Is4() {
			d = message(t, addr(src), hostA, icmp4.Echo{})
		} else {
			d = message6(t, addr(src), hostA6, icmp6.Echo{})
		}
		if err := w.node.SendDatagram(w.now, d); err != nil {
			t.Fatal(err)
		}
		w.none(w.poll())
		if c := w.node.Counters(); (c.Dropped(mib.MartianSource) == 0) != fit || (len(w.up.packets) > 0) != fit {
			t.Errorf("from %s: %d delivered", src, len(w.up.packets))
		}
	}
}

// TestHeaders: what is no datagram is counted by what is wrong with it.
func TestHeaders(t *testing.T) {
	conform.Row(t, "E-06")
	conform.Row(t, "E-14")
	good := echo(t, hostA, gateway, 64, 8)
	six := message6(t, hostA6, gate6, icmp6.Echo{})
	edit := func(d []byte, at int, v byte) []byte {
		c := append([]byte(nil), d...)
		c[at] = v
		return c
	}
	reseal := func(d []byte) []byte { ip.Seal4(d); return d }
	for _, c := range []struct {
		name string
		d    []byte
		want mib.Drop
		k    mib.Counter
	}{
		{"nothing", nil, mib.HeaderShort, mib.InHdrErrors},
		{"19 octets", good[:19], mib.HeaderShort, mib.InHdrErrors},
		{"39 octets", six[:39], mib.HeaderShort, mib.InHdrErrors},
		{"version 5", edit(good, 0, 0x55), mib.HeaderVersion, mib.InHdrErrors},
		{"header length 4", edit(good, 0, 0x44), mib.HeaderLength, mib.InHdrErrors},
		{"header beyond the datagram", edit(good[:24], 0, 0x4f), mib.HeaderShort, mib.InHdrErrors},
		{"total length 19", reseal(edit(edit(good, 2, 0), 3, 19)), mib.TotalLength, mib.InHdrErrors},
		{"cut", good[:len(good)-1], mib.Truncated, mib.InTruncatedPkts},
		{"cut, six", six[:len(six)-1], mib.Truncated, mib.InTruncatedPkts},
		{"checksum", edit(good, 10, good[10]^1), mib.HeaderChecksum, mib.InHdrErrors},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, gatewayConfig())
			if why := w.none(w.receive(0, c.d)); why != c.want {
				t.Errorf("%v, want %v", why, c.want)
			}
			n := w.node.Counters()
			if n.Dropped(c.want) != 1 || n.IP[0][c.k]+n.IP[1][c.k] != 1 || n.IP[0][mib.InReceives]+n.IP[1][mib.InReceives] != 1 {
				t.Errorf("counted %v", n.IP)
			}
		})
	}
}

// TestSameInput: the same input gives the same output (E-17).
func TestSameInput(t *testing.T) {
	conform.Row(t, "E-17")
	run := func(seed uint64) []sent {
		cfg := gatewayConfig()
		cfg.Seed = seed
		w := newWorld(t, cfg)
		var all []sent
		for i := range 200 {
			d := datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: ip.ProtoUDP, TTL: ip.TTL(i % 3), ID: uint16(i)}, udp(uint16(i), 9, i))
			all = append(all, w.receive(i%2, d)...)
		}
		return all
	}
	a, b, c := run(1), run(1), run(2)
	if len(a) != len(b) || len(a) == 0 {
		t.Fatalf("%d and %d datagrams", len(a), len(b))
	}
	for i := range a {
		if string(a[i].octets) != string(b[i].octets) || a[i].Transmit != b[i].Transmit {
			t.Fatalf("datagram %d differs", i)
		}
	}
	differ := len(a) != len(c)
	for i := range min(len(a), len(c)) {
		differ = differ || string(a[i].octets) != string(c[i].octets)
	}
	if !differ {
		t.Error("the seed changes nothing")
	}
}

// TestNotForThisHost: a host says nothing about what is for others, whatever is
// wrong with it (RFC 1122 §3.2.1.3).
func TestNotForThisHost(t *testing.T) {
	w := newWorld(t, hostConfig())
	bad := datagram(t, ip.Header4{Src: hostB, Dst: addr("10.0.1.30"), Proto: ip.ProtoUDP, Options: []byte{7, 7, 3, 0, 0, 0, 0, 0}}, udp(1, 2, 0))
	if why := w.none(w.receive(0, bad)); why != mib.NotMine {
		t.Errorf("dropped: %v", why)
	}
}
