package detect_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

const (
	inner = "10.0.0.1"
	outer = "203.0.113.9"
)

// host is the nth of a network.
func host(n int) string { return fmt.Sprintf("203.0.%d.%d", n/200, 1+n%200) }

func u16(n int) uint16 { return uint16(n) } //nolint:gosec // a test's

// altered is n pings, the replies to the last bad of which have other data.
func altered(n, bad int) *traffic.Writer {
	w := &traffic.Writer{}
	for i := range n {
		data := traffic.Data(40)
		w.Echo(inner, outer, false, 1, u16(i), data)
		if i >= n-bad {
			data[30]++
		}
		w.Echo(outer, inner, true, 1, u16(i), data)
		w.Wait(time.Second)
	}
	return w
}

// pieces are fragments of octets from, to, more.
func pieces(all ...[3]int) *traffic.Writer {
	w := &traffic.Writer{}
	for _, p := range all {
		b := w.IP(outer, inner, ip.ProtoUDP, make([]byte, p[1]-p[0]))
		binary.BigEndian.PutUint16(b[4:], 77)
		binary.BigEndian.PutUint16(b[6:], u16(p[0]/8|p[2]<<13))
		ip.Seal4(b)
	}
	return w
}

// searched asks n hosts, of which silent don't answer.
func searched(n, silent int, every time.Duration) *traffic.Writer {
	w := &traffic.Writer{}
	for i := range n {
		w.Echo(inner, host(i), false, 1, u16(i), nil)
		if i >= silent {
			w.Echo(host(i), inner, true, 1, u16(i), nil)
		}
		w.Wait(every)
	}
	return w
}

func told(mtu, sent, quotedLen int, df bool) *traffic.Writer {
	w := &traffic.Writer{DF: df}
	b := slices.Clone(w.UDP(inner, outer, 5, 6, sent-28)[:28])
	binary.BigEndian.PutUint16(b[2:], u16(quotedLen))
	if quotedLen != sent {
		b[4]++ // another datagram of the flow
	}
	ip.Seal4(b)
	w.ICMP("203.0.113.1", inner, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: u16(mtu), Quote: b})
	return w
}

func repeat(n int, f func(w *traffic.Writer, i int)) *traffic.Writer {
	w := &traffic.Writer{}
	for i := range n {
		f(w, i)
	}
	return w
}

func asks(class int) func(w *traffic.Writer, i int) {
	return func(w *traffic.Writer, i int) {
		w.Wait(time.Second)
		switch class {
		case 0:
			w.ICMP(inner, host(i), icmp4.TimestampMessage{ID: 1, Seq: u16(i)})
		case 1:
			// An interface by its index (RFC 8335 §2.1).
			ext := []byte{0x20, 0, 0, 0, 0, 8, 3, 2, 0, 0, 0, byte(i)}
			w.ICMP(inner, outer, icmp4.ExtendedEchoRequest{ID: 1, Seq: uint8(i), Ext: ext}) //nolint:gosec // few
		}
	}
}

// changing is n requests, the last bad of which have other data than the one
// before.
func changing(n, bad int) *traffic.Writer {
	return repeat(n, func(w *traffic.Writer, i int) {
		w.Echo(inner, outer, false, 1, u16(i), noise(max(i-(n-bad)+1, 0), 64))
	})
}

// carry is n requests with a datagram inside, of a header and so many octets.
func carry(n, octets int) *traffic.Writer {
	return repeat(n, func(w *traffic.Writer, i int) {
		var in traffic.Writer
		b := in.IP("172.16.0.1", "172.16.0.2", ip.ProtoUDP, make([]byte, max(octets, 0)))
		w.Echo(inner, outer, false, 1, u16(i), b[:len(b)+min(octets, 0)])
	})
}

// TestBounds has every threshold met, and missed by one.
func TestBounds(t *testing.T) {
	flood := func(n int, span time.Duration) *traffic.Writer {
		return repeat(n, func(w *traffic.Writer, i int) {
			w.Echo(inner, outer, false, 1, u16(i), nil)
			w.Echo(outer, inner, true, 1, u16(i), nil)
			w.Wait(span / time.Duration(n))
		})
	}
	fromAll := func(n int) *traffic.Writer {
		return repeat(n, func(w *traffic.Writer, i int) {
			from := fmt.Sprintf("10.0.1.%d", i%50)
			w.Echo(from, outer, false, 1, u16(i), nil)
			w.Echo(outer, from, true, 1, u16(i), nil)
		})
	}
	strays := func(n, hosts int, every time.Duration) *traffic.Writer {
		return repeat(n, func(w *traffic.Writer, i int) { w.Echo(host(i%hosts), inner, true, 1, u16(i), nil); w.Wait(every) })
	}
	broadcast := func(n int) *traffic.Writer {
		return repeat(n, func(w *traffic.Writer, i int) { w.Echo(inner, "203.0.113.255", false, 1, u16(i), nil) })
	}
	loop := func(n int) *traffic.Writer {
		w := &traffic.Writer{}
		b := w.UDP(inner, outer, 5, 6, 7)
		for range n - 1 {
			b = slices.Clone(b)
			b[8] -= 2
			ip.Seal4(b)
			w.Put(b)
		}
		return w
	}
	expiredAt := func(ttl int) *traffic.Writer {
		w := &traffic.Writer{TTL: ip.TTL(ttl)} //nolint:gosec // few
		b := w.UDP(inner, outer, 5, 6, 7)
		w.TTL = 64
		w.ICMP("203.0.113.1", inner, icmp4.TimeExceeded{Quote: b})
		return w
	}
	tooBig6 := func(mtu uint32) *traffic.Writer {
		w := &traffic.Writer{}
		b := w.UDP("2001:db8::1", "2001:db8::2", 5, 6, 1400)
		w.ICMP6("2001:db8::9", "2001:db8::1", icmp6.PacketTooBig{MTU: mtu, Quote: b})
		return w
	}
	for _, tt := range []struct {
		name string
		w    *traffic.Writer
		want []finding.Kind
	}{
		{"199 a second", flood(199, time.Second), nil},
		{"200 a second", flood(200, time.Second), []finding.Kind{finding.EchoFlood}},
		{"200 in a little more", flood(200, 1006*time.Millisecond), nil},
		{"999 from many", fromAll(999), nil},
		{"1000 from many", fromAll(1000), []finding.Kind{finding.EchoFlood}},
		{"19 to broadcast", broadcast(19), nil},
		{"20 to broadcast", broadcast(20), []finding.Kind{finding.SmurfAttack}},
		{"19 strays", strays(19, 1, 0), nil},
		{"20 strays", strays(20, 1, 0), []finding.Kind{finding.UnsolicitedReplies}},
		{"20 strays of 7", strays(20, 7, 0), []finding.Kind{finding.UnsolicitedReplies}},
		{"20 strays of 8", strays(20, 8, 0), []finding.Kind{finding.SmurfVictim}},
		{"20 strays, slowly", strays(20, 8, 527*time.Millisecond), nil},
		{"19 asked", searched(19, 19, 0), nil},
		{"20 asked", searched(20, 20, 0), []finding.Kind{finding.Sweep}},
		{"29 % silent", searched(100, 29, 0), nil},
		{"30 % silent", searched(100, 30, 0), []finding.Kind{finding.Sweep}},
		{"20 asked, slowly", searched(20, 20, 3200*time.Millisecond), nil},
		{"3 clocks", repeat(3, asks(0)), nil},
		{"4 clocks", repeat(4, asks(0)), []finding.Kind{finding.Reconnaissance}},
		{"2 interfaces", repeat(2, asks(1)), nil},
		{"3 interfaces", repeat(3, asks(1)), []finding.Kind{finding.Reconnaissance}},
		{"9 altered", altered(20, 9), nil},
		{"10 altered", altered(20, 10), []finding.Kind{finding.Tunnel}},
		{"one mark", repeat(1, func(w *traffic.Writer, i int) { w.Echo(inner, outer, false, 1, u16(i), []byte("hanc....")) }), nil},
		{"two marks", repeat(2, func(w *traffic.Writer, i int) { w.Echo(inner, outer, false, 1, u16(i), []byte("hanc....")) }), []finding.Kind{finding.Tunnel}},
		{"50 that change", repeat(50, func(w *traffic.Writer, i int) { w.Echo(inner, outer, false, 1, u16(i), noise(i, 64)) }), nil},
		{"51 that change", repeat(51, func(w *traffic.Writer, i int) { w.Echo(inner, outer, false, 1, u16(i), noise(i, 64)) }), []finding.Kind{finding.Tunnel}},
		{"51 that change in the first octets only", repeat(51, func(w *traffic.Writer, i int) {
			w.Echo(inner, outer, false, 1, u16(i), append(noise(i, 24), traffic.Data(40)...))
		}), nil},
		{"10 altered of 30", altered(30, 10), []finding.Kind{finding.Tunnel}},
		{"10 altered of 31", altered(31, 10), nil},
		{"50 of 55 that change", changing(55, 50), []finding.Kind{finding.Tunnel}},
		{"50 of 56 that change", changing(56, 50), nil},
		{"2 with IP inside", carry(2, 8), nil},
		{"3 with IP inside", carry(3, 8), []finding.Kind{finding.Tunnel}},
		{"3 with a bare header inside", carry(3, 0), []finding.Kind{finding.Tunnel}},
		{"3 with less than a header", carry(3, -1), nil},
		{"ends at 65535", pieces([3]int{64512, 65515, 0}), nil},
		{"ends at 65536", pieces([3]int{64512, 65516, 0}), []finding.Kind{finding.PingOfDeath}},
		{"side by side", pieces([3]int{0, 800, 1}, [3]int{800, 900, 0}), nil},
		{"the other way round", pieces([3]int{800, 900, 0}, [3]int{0, 800, 1}), nil},
		{"eight too many", pieces([3]int{0, 808, 1}, [3]int{800, 900, 0}), []finding.Kind{finding.OverlappingFragments}},
		{"the same beginning", pieces([3]int{0, 800, 1}, [3]int{0, 400, 1}), []finding.Kind{finding.OverlappingFragments}},
		{"the same end", pieces([3]int{0, 800, 1}, [3]int{400, 800, 0}), []finding.Kind{finding.OverlappingFragments}},
		{"inside", pieces([3]int{0, 800, 1}, [3]int{8, 792, 0}), []finding.Kind{finding.Teardrop}},
		{"around", pieces([3]int{8, 792, 1}, [3]int{0, 800, 1}), []finding.Kind{finding.Teardrop}},
		{"the number again, when all are there", pieces([3]int{0, 800, 1}, [3]int{800, 900, 0}, [3]int{0, 808, 1}), nil},
		{"MTU 576", told(576, 1500, 1500, true), nil},
		{"MTU 575", told(575, 1500, 1500, true), []finding.Kind{finding.MTULowered}},
		{"MTU 0", told(0, 1500, 1500, true), nil},
		{"one less than was sent", told(1499, 1500, 1500, true), nil},
		{"as much as was sent", told(1500, 1500, 1500, true), []finding.Kind{finding.MTULowered}},
		{"may be fragmented", told(1400, 1500, 1500, false), []finding.Kind{finding.MTULowered}},
		{"another, and one as large was sent", told(1400, 1401, 1500, true), nil},
		{"another, and none as large was sent", told(1400, 1400, 1500, true), []finding.Kind{finding.MTULowered}},
		{"1280 in IPv6", tooBig6(1280), nil},
		{"1279 in IPv6", tooBig6(1279), []finding.Kind{finding.MTULowered}},
		{"twice on the link", loop(2), nil},
		{"three times on the link", loop(3), []finding.Kind{finding.RoutingLoop}},
		{"39 hops left", expiredAt(39), nil},
		{"40 hops left", expiredAt(40), []finding.Kind{finding.RoutingLoop}},
	} {
		if got := kindsOf(traffic.Find(detect.Config{}, tt.w.All)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: found %v, want %v", tt.name, got, tt.want)
		}
	}
}
