package stack_test

import (
	"net/netip"
	"strconv"
	"testing"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/checksum"
)

func newRouter(tb testing.TB, routes int) *stack.Node {
	tb.Helper()
	c := stack.Config{Forward: true, Interfaces: []stack.Interface{
		{Name: "lan", Addrs: []netip.Prefix{prefix("10.0.1.1/24")}, MTU: 65535},
		{Name: "wan", Addrs: []netip.Prefix{prefix("10.0.2.1/24")}, Queue: 1 << 20},
	}}
	for i := range routes {
		a := netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)})
		c.Routes = append(c.Routes, route.Route{
			Prefix: netip.PrefixFrom(a, 32), Hops: []route.Hop{{Iface: 1, Via: addr("10.0.2.2")}},
		})
	}
	n, err := stack.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// BenchmarkEcho is what an echo request costs that is answered in memory, in one
// datagram; beside it, what summing it twice costs.
func BenchmarkEcho(b *testing.B) {
	for _, size := range []int{56, 1400, 65507} {
		d := echo(b, hostA, gateway, 64, size)
		b.Run("answer/data="+strconv.Itoa(size), func(b *testing.B) {
			n, buf := newRouter(b, 0), make([]byte, 0, 65535)
			b.SetBytes(int64(len(d)))
			b.ReportAllocs()
			for b.Loop() {
				n.Receive(epoch, stack.Datagram{Octets: d})
				if _, _, ok := n.Poll(epoch, buf); !ok {
					b.Fatal("no answer")
				}
			}
		})
		b.Run("checksum/data="+strconv.Itoa(size), func(b *testing.B) {
			b.SetBytes(int64(len(d)))
			for b.Loop() {
				checksum.Of(d)
				checksum.Of(d)
			}
		})
	}
}

// BenchmarkForward is what a datagram of 64 octets costs on its way through a
// gateway.
func BenchmarkForward(b *testing.B) {
	for _, routes := range []int{1, 1000, 100_000} {
		b.Run("routes="+strconv.Itoa(routes), func(b *testing.B) {
			n, buf := newRouter(b, routes), make([]byte, 0, 2048)
			d := echo(b, hostA, netip.AddrFrom4([4]byte{11, 0, byte(routes / 2 >> 8), byte(routes / 2)}), 64, 36)
			b.SetBytes(int64(len(d)))
			b.ReportAllocs()
			for b.Loop() {
				n.Receive(epoch, stack.Datagram{Octets: d})
				if _, _, ok := n.Poll(epoch, buf); !ok {
					b.Fatal("not forwarded")
				}
			}
		})
	}
}
