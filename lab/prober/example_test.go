package prober_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/prober"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/wire/ip"
)

// The beginning of a trace, on the virtual clock.
func Example() {
	t, err := topology.Parse("example.yaml", []byte(`
links: {near: {delay: 1ms}, far: {delay: 20ms}}
nodes:
  a: {interfaces: [{link: near, address: 10.0.0.10/24}], routes: [{to: default, via: 10.0.0.1}]}
  r: {kind: gateway, interfaces: [{link: near, address: 10.0.0.1/24}, {link: far, address: 10.0.1.1/24}]}
  b: {interfaces: [{link: far, address: 10.0.1.10/24}], routes: [{to: default, via: 10.0.1.1}]}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, _ := probe.New(probe.Config{Seed: 1, IPID: true})
	u := prober.New("a", p)
	n, err := lab.New(t, lab.Options{Upper: u.On})
	if err != nil {
		fmt.Println(err)
		return
	}
	dst := netip.MustParseAddr("10.0.1.10")
	src, _ := u.Source(dst)
	for ttl := ip.TTL(1); ttl <= 2; ttl++ {
		if _, err := p.Send(n.Now(), &probe.Probe{Src: src, Dst: dst, TTL: ttl, Size: 32}); err != nil {
			fmt.Println(err)
		}
	}
	n.Run(n.Now().Add(time.Second), nil)
	for e, ok := p.NextEvent(); ok; e, ok = p.NextEvent() {
		fmt.Println(e.Kind, e.From, e.RTT, e.Claim)
	}
	// Output:
	// error 10.0.0.1 2ms 11/0 Time Exceeded: Time to Live exceeded in Transit
	// reply 10.0.1.10 42ms
}

// A strategy has its turn by itself: here the search for the path MTU.
func ExampleUpper_Drive() {
	t, err := scenario.Load("frag-needed")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := probe.New(probe.Config{Seed: 1, IPID: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	u := prober.New("A", p)
	n, err := lab.New(t, lab.Options{Upper: u.On})
	if err != nil {
		fmt.Println(err)
		return
	}
	b, _ := n.Host("B")
	src, err := u.Source(b.Addrs[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := mtu.New(p, mtu.Config{Src: src, Dst: b.Addrs[0], Max: 1500})
	if err != nil {
		fmt.Println(err)
		return
	}
	u.Drive(s)
	n.Run(n.Now().Add(time.Minute), nil)
	r := s.Result()
	fmt.Println(s.Done(), r.MTU, "octets pass, with", r.Probes, "probes")
	for _, x := range r.Reductions {
		fmt.Println("hop", x.Hop, x.Router, "lets", x.MTU, "of", x.Before, "pass")
	}
	// Output:
	// true 1000 octets pass, with 8 probes
	// hop 1 192.168.1.1 lets 1000 of 1500 pass
}
