package icmp6_test

import (
	"strconv"
	"testing"

	"github.com/sonde-net/sonde/wire/icmp6"
)

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{56, 1400} {
		octets := built(b, icmp6.Echo{ID: 1, Seq: 2, Data: make([]byte, n)})
		b.Run("msg=echo/data="+strconv.Itoa(n), func(b *testing.B) {
			b.SetBytes(int64(len(octets)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := icmp6.ParseEcho(octets, src, dst); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	unreachable := built(b, icmp6.DestUnreachable{Code: icmp6.CodePortUnreachable, Quote: make([]byte, 48)})
	b.Run("msg=unreachable/data=48", func(b *testing.B) {
		b.SetBytes(int64(len(unreachable)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := icmp6.ParseDestUnreachable(unreachable, src, dst); err != nil {
				b.Fatal(err)
			}
		}
	})
	echo := built(b, icmp6.Echo{ID: 1, Seq: 2, Data: make([]byte, 56)})
	b.Run("msg=any/data=56", func(b *testing.B) {
		b.SetBytes(int64(len(echo)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := icmp6.Parse(echo, src, dst); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A benchmark of building m, whose concrete type the compiler knows.
func benchmarkBuild[M icmp6.Message](b *testing.B, name string, m M) {
	b.Run("msg="+name, func(b *testing.B) {
		buf := make([]byte, 0, 2048)
		b.SetBytes(int64(m.Len()))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.Append(buf, src, dst); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	benchmarkBuild(b, "echo/data=56", icmp6.Echo{ID: 1, Seq: 2, Data: make([]byte, 56)})
	benchmarkBuild(b, "echo/data=1400", icmp6.Echo{ID: 1, Seq: 2, Data: make([]byte, 1400)})
	benchmarkBuild(b, "unreachable/data=48", icmp6.DestUnreachable{Code: icmp6.CodePortUnreachable, Quote: make([]byte, 48)})
	benchmarkBuild(b, "redirect/data=0", icmp6.Redirect{Target: target, Dst: dst})
}
