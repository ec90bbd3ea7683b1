package icmp4_test

import (
	"net/netip"
	"strconv"
	"testing"

	"github.com/sonde-net/sonde/wire/icmp4"
)

// built appends m to nothing.
func built(tb testing.TB, m icmp4.Message) []byte {
	tb.Helper()
	b, err := m.AppendBinary(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{56, 1400} {
		octets := built(b, icmp4.Echo{ID: 1, Seq: 2, Data: make([]byte, n)})
		b.Run("msg=echo/data="+strconv.Itoa(n), func(b *testing.B) {
			b.SetBytes(int64(len(octets)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := icmp4.ParseEcho(octets); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	unreachable := built(b, icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: make([]byte, 28)})
	b.Run("msg=unreachable/data=28", func(b *testing.B) {
		b.SetBytes(int64(len(unreachable)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := icmp4.ParseDestUnreachable(unreachable); err != nil {
				b.Fatal(err)
			}
		}
	})
	echo := built(b, icmp4.Echo{ID: 1, Seq: 2, Data: make([]byte, 56)})
	b.Run("msg=any/data=56", func(b *testing.B) {
		b.SetBytes(int64(len(echo)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := icmp4.Parse(echo); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A benchmark of building m, whose concrete type the compiler knows.
func benchmarkBuild[M icmp4.Message](b *testing.B, name string, m M) {
	b.Run("msg="+name, func(b *testing.B) {
		buf := make([]byte, 0, 2048)
		b.SetBytes(int64(m.Len()))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.AppendBinary(buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	benchmarkBuild(b, "echo/data=56", icmp4.Echo{ID: 1, Seq: 2, Data: make([]byte, 56)})
	benchmarkBuild(b, "echo/data=1400", icmp4.Echo{ID: 1, Seq: 2, Data: make([]byte, 1400)})
	benchmarkBuild(b, "unreachable/data=28", icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: make([]byte, 28)})
	benchmarkBuild(b, "redirect/data=28", icmp4.Redirect{Gateway: netip.AddrFrom4([4]byte{192, 0, 2, 1}), Quote: make([]byte, 28)})
}
