package endpoint_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
)

// A host sends a datagram to itself, to a port that nobody listens on, and is
// told so.
func Example() {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	addr := netip.MustParseAddr("192.0.2.1")
	e, err := endpoint.New(endpoint.Config{})
	if err != nil {
		panic(err)
	}
	n, err := stack.New(stack.Config{
		Upper:      e,
		Interfaces: []stack.Interface{{Addrs: []netip.Prefix{netip.PrefixFrom(addr, 24)}}},
	})
	if err != nil {
		panic(err)
	}
	e.Attach(n)

	s, err := e.Listen(5000)
	if err != nil {
		panic(err)
	}
	if err := s.SendTo(now, netip.AddrPortFrom(addr, 33434), []byte("anyone?"), endpoint.Options{}); err != nil {
		panic(err)
	}
	e.Tick(now)
	n.Poll(now, nil)
	if t, ok := s.NextTrouble(); ok {
		fmt.Printf("%v says %d/%d, %v (%v)\n", t.From, t.Type, t.Code, t.Cause, t.Severity)
	}
	// Output:
	// 192.0.2.1 says 3/3, no listener on the port (hard)
}
