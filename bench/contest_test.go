package bench_test

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/bench"
)

var quote = bench.Quote{
	Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("198.51.100.7"),
	TOS: 0x10, TTL: 5, Proto: 17, TotalLen: 1500, ID: 0xbeef, DF: true, Checksum: 0xc4d5,
	SrcPort: 53124, DstPort: 33434,
}

// quoteHex is the quoted datagram as it stands in the messages.
const quoteHex = "\x45\x10\x05\xdc\xbe\xef\x40\x00\x05\x11\xc4\xd5\xc0\x00\x02\x01\xc6\x33\x64\x07" +
	"\xcf\x84\x82\x9a\x05\xc8\x12\x34"

// want is what every contestant of a contest must find or build.
func want(c bench.Contest) any {
	switch c.Name {
	case "parse echo, 56 octets of data", "parse echo, 1400 octets of data":
		return bench.Echo{Type: 8, ID: 0x1234, Seq: 0x5678, Data: data(c.Octets - 8)}
	case "parse unreachable, 28 octets of quote", "parse unreachable, 548 octets of quote":
		return bench.Unreachable{Type: 3, Code: 4, MTU: 1400, Quote: quote}
	case "parse time exceeded with an MPLS label stack":
		return bench.TimeExceeded{
			Type: 11, Quote: quoteHex + strings.Repeat("\x00", 100),
			Labels: [2]bench.Label{{Label: 16004, TC: 3, TTL: 1}, {Label: 0xfffff, TC: 7, TTL: 254, Bottom: true}},
		}
	case "build echo, 56 octets of data", "build echo, 1400 octets of data":
		return sealed("\x08\x00\x00\x00\x12\x34\x56\x78" + data(c.Octets-8))
	case "build unreachable":
		return sealed("\x03\x03\x00\x00\x00\x00\x00\x00" + quoteHex)
	case "build time exceeded with an MPLS label stack":
		return sealed("\x0b\x00\x00\x00\x00\x20\x00\x00" + quoteHex + strings.Repeat("\x00", 100) +
			sealed("\x20\x00\x00\x00\x00\x0c\x01\x01\x03\xe8\x46\x01\xff\xff\xff\xfe"))
	case "checksum of 64 octets", "checksum of 1500 octets", "checksum of 65535 octets":
		return sum(data(c.Octets))
	}
	return fmt.Errorf("contest %q has no row in this test", c.Name)
}

func data(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + 1)
	}
	return string(b)
}

func sum(s string) uint16 {
	n := uint32(0)
	for i := range len(s) {
		n += uint32(s[i]) << (8 * (1 - i%2))
		n = n>>16 + n&0xffff
	}
	return uint16(n)
}

func sealed(s string) string {
	c := ^sum(s)
	return s[:2] + string([]byte{byte(c >> 8), byte(c)}) + s[4:]
}

// TestSameWork makes sure that the contests are fair: all find the same values
// in the same octets, and build the same octets from the same values.
func TestSameWork(t *testing.T) {
	for _, c := range bench.Contests() {
		want := want(c)
		if s, ok := want.(string); ok && len(s) != c.Octets {
			t.Errorf("%s: %d octets, said to be %d", c.Name, len(s), c.Octets)
		}
		for _, x := range c.Contestants {
			if x.Name == bench.Plain {
				continue // a measure, not a peer
			}
			for range 2 { // nothing may be left over from the time before
				x.Run(1)
				got := x.Result()
				if u, ok := got.(bench.Unreachable); ok && x.Name == bench.XNet {
					if u.MTU != -1 {
						t.Errorf("%s: x/net has learnt to read the next-hop MTU: compare it", c.Name)
					}
					u.MTU = 1400
					got = u
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s, %s:\n got %#v\nwant %#v", c.Name, x.Name, got, want)
				}
			}
		}
	}
}

// TestNames makes sure that pairs and promises name what there is.
func TestNames(t *testing.T) {
	times := map[string]map[string]bool{}
	for _, c := range bench.Contests() {
		times[c.Name] = map[string]bool{}
		for _, x := range c.Contestants {
			if times[c.Name][x.Name] {
				t.Errorf("%s: %s stands twice", c.Name, x.Name)
			}
			times[c.Name][x.Name] = true
		}
		for _, p := range c.Pairs {
			if !times[c.Name][p.Ours] || !times[c.Name][p.Peer] {
				t.Errorf("%s: no pair of %s and %s", c.Name, p.Ours, p.Peer)
			}
		}
	}
	for _, p := range bench.Promises {
		if !times[p.Contest][p.Ours] || !times[p.Contest][p.Peer] {
			t.Errorf("%s: no contest %q of %s and %s", p.Text, p.Contest, p.Ours, p.Peer)
		}
		if p.AtMost <= 0 {
			t.Errorf("%s: at most %v", p.Text, p.AtMost)
		}
	}
}

// TestNoAllocs: ours allocate nothing, whatever the peers do.
func TestNoAllocs(t *testing.T) {
	for _, c := range bench.Contests() {
		for _, x := range c.Contestants {
			if x.Name != bench.Sonde && x.Name != bench.SondeUnverified {
				continue
			}
			if n := testing.AllocsPerRun(100, func() { x.Run(1) }); n != 0 {
				t.Errorf("%s, %s: %v allocations, want none", c.Name, x.Name, n)
			}
		}
	}
}

func BenchmarkContests(b *testing.B) {
	for _, c := range bench.Contests() {
		for _, x := range c.Contestants {
			b.Run(fmt.Sprintf("work=%s/by=%s", c.Name, x.Name), func(b *testing.B) {
				b.SetBytes(int64(c.Octets))
				b.ReportAllocs()
				x.Run(b.N)
			})
		}
	}
}
