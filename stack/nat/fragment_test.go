package nat_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/nat"
	"github.com/sonde-net/sonde/wire/ip"
)

// cut cuts a datagram into fragments.
func cut(tb testing.TB, d []byte, mtu int) [][]byte {
	tb.Helper()
	f, err := ip.NewFragmenter4(d, mtu)
	if err != nil {
		tb.Fatal(err)
	}
	var parts [][]byte
	for {
		p, ok := f.Next(nil)
		if !ok {
			return parts
		}
		parts = append(parts, p)
	}
}

// join puts fragments that came in order together again.
func join(tb testing.TB, parts [][]byte) []byte {
	tb.Helper()
	whole := bytes.Clone(parts[0])
	for _, p := range parts[1:] {
		if _, _, err := ip.Parse4(p); err != nil {
			tb.Fatal(err)
		}
		if !bytes.Equal(p[12:20], whole[12:20]) {
			tb.Errorf("fragment from %x, the first from %x", p[12:20], whole[12:20])
		}
		whole = append(whole, p[20:]...)
	}
	binary.BigEndian.PutUint16(whole[2:], uint16(len(whole)))
	whole[6], whole[7] = 0, 0
	ip.Seal4(whole)
	return whole
}

func TestFragments(t *testing.T) {
	n := translator(t, nat.Config{})
	data := strings.Repeat("fragments ", 300)
	parts := cut(t, udp(t, addrPort(host, 40000), addrPort(peer, 53), data), 1000)
	if len(parts) < 3 {
		t.Fatal("no fragments")
	}
	before := bytes.Clone(parts[1])
	if why := n.Outbound(epoch, parts[1]); why != mib.NATUntranslatable || !bytes.Equal(parts[1], before) {
		t.Errorf("a fragment before its first: %v", why)
	}
	for i, p := range parts {
		if why := n.Outbound(epoch, p); why != mib.None {
			t.Fatalf("fragment %d out: %v", i, why)
		}
	}
	port := binary.BigEndian.Uint16(parts[0][20:])
	check(t, join(t, parts), want{outside, peer, port, 53})

	parts = cut(t, udp(t, addrPort(peer, 53), addrPort(outside, port), data), 1000)
	if why := n.Inbound(epoch, parts[1]); why != mib.NATUntranslatable {
		t.Errorf("a fragment before its first: %v", why)
	}
	for i, p := range parts {
		if why := n.Inbound(epoch, p); why != mib.None {
			t.Fatalf("fragment %d in: %v", i, why)
		}
	}
	check(t, join(t, parts), want{peer, host, 53, 40000})
}

// TestFragmentsForGateway: what is not translated is left alone to its last
// fragment, errors in fragments among it.
func TestFragmentsForGateway(t *testing.T) {
	n := translator(t, nat.Config{})
	long := strings.Repeat("x", 2000)
	fault := packet(t, ip.ProtoICMP, peer, outside, append([]byte{11, 0, 0, 0, 0, 0, 0, 0}, long...))
	for name, d := range map[string][]byte{
		"udp":   udp(t, addrPort(peer, 53), addrPort(outside, 9), long),
		"gre":   packet(t, ip.ProtoGRE, peer, outside, []byte(long)),
		"error": fault,
	} {
		for i, p := range cut(t, d, 1000) {
			if why := n.Inbound(epoch, p); why != mib.NATUnmatched {
				t.Errorf("%s, fragment %d: %v", name, i, why)
			}
		}
	}
}

// TestFragmentIdentity: source, destination, identification and protocol each
// tell datagrams apart, and time does.
func TestFragmentIdentity(t *testing.T) {
	n := translator(t, nat.Config{})
	parts := cut(t, udp(t, addrPort(host, 40000), addrPort(peer, 53), strings.Repeat("x", 2000)), 1000)
	later := bytes.Clone(parts[1])
	if why := n.Outbound(epoch, parts[0]); why != mib.None {
		t.Fatal(why)
	}
	for name, at := range map[string]int{"identification": 5, "protocol": 9, "source": 15, "destination": 19} {
		d := bytes.Clone(later)
		d[at] ^= 1
		if why := n.Outbound(epoch, d); why != mib.NATUntranslatable {
			t.Errorf("another %s: %v", name, why)
		}
	}
	if why := n.Outbound(at(30*time.Second-1), bytes.Clone(later)); why != mib.None {
		t.Errorf("in time: %v", why)
	}
	if why := n.Outbound(at(30*time.Second), bytes.Clone(later)); why != mib.NATUntranslatable {
		t.Errorf("too late: %v", why)
	}
}

// TestFragmentTable: the oldest goes, and the same datagram again takes no
// second place.
func TestFragmentTable(t *testing.T) {
	n := translator(t, nat.Config{Fragments: 4})
	first := func(last byte, now time.Duration) []byte {
		parts := cut(t, udp(t, addrPort(netip.AddrFrom4([4]byte{10, 0, 0, last}), 40000), addrPort(peer, 53), strings.Repeat("x", 1000)), 600)
		if why := n.Outbound(at(now), parts[0]); why != mib.None {
			t.Fatal(why)
		}
		return parts[1]
	}
	var later [6][]byte
	for i := range 4 {
		later[i] = first(byte(i+1), time.Duration(i)*time.Second)
	}
	later[0] = first(1, 4*time.Second)
	for i := range 4 {
		if why := n.Outbound(at(5*time.Second), bytes.Clone(later[i])); why != mib.None {
			t.Errorf("datagram %d: %v", i, why)
		}
	}
	later[4] = first(5, 5*time.Second)
	for i, want := range []mib.Drop{mib.None, mib.NATUntranslatable, mib.None, mib.None, mib.None} {
		if why := n.Outbound(at(5*time.Second), bytes.Clone(later[i])); why != want {
			t.Errorf("datagram %d after the fifth: %v, want %v", i, why, want)
		}
	}
}

// TestTinyFirst: a first fragment that ends before the TCP checksum.
func TestTinyFirst(t *testing.T) {
	n := translator(t, nat.Config{})
	parts := cut(t, tcp(t, addrPort(host, 40000), addrPort(peer, 53), 0), 28)
	if why := n.Outbound(epoch, parts[0]); why != mib.NATUntranslatable || n.Len(epoch) != 0 {
		t.Errorf("%v, %d mappings", why, n.Len(epoch))
	}
}
