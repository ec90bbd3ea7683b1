package tcpstub_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/wire/ip"
)

// A connection of a host to itself, one second long.
func Example() {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	addr := netip.MustParseAddr("192.0.2.1")
	e, _ := endpoint.New(endpoint.Config{})
	t, _ := tcpstub.New(tcpstub.Config{})
	n, err := stack.New(stack.Config{
		Upper:      e,
		Interfaces: []stack.Interface{{Addrs: []netip.Prefix{netip.PrefixFrom(addr, 24)}}},
	})
	if err != nil {
		panic(err)
	}
	e.Attach(n)
	e.Handle(ip.ProtoTCP, t)
	t.Attach(n)
	if err := t.Listen(80, 0); err != nil {
		panic(err)
	}
	c, err := t.Connect(now, netip.AddrPortFrom(addr, 80), 100_000)
	if err != nil {
		panic(err)
	}
	for end := now.Add(time.Second); now.Before(end); now = now.Add(time.Millisecond) {
		e.Tick(now)
		n.Poll(now, nil)
	}
	fmt.Println(c.State(), c.Stats().Acked, "octets")
	// Output:
	// established 99280 octets
}
