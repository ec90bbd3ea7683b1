package lab_test

import (
	"fmt"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// A host sends an echo request through a gateway, on the virtual clock, and all
// that goes over the links is looked at.
func Example() {
	t, err := topology.Parse("example", []byte(`
links:
  lan: {delay: 1ms}
  far: {delay: 10ms}
nodes:
  a:
    interfaces: [{link: lan, address: 10.0.1.10/24}]
    routes: [{to: default, via: 10.0.1.1}]
  r:
    kind: gateway
    interfaces: [{link: lan, address: 10.0.1.1/24}, {link: far, address: 10.0.2.1/24}]
  b:
    interfaces: [{link: far, address: 10.0.2.20/24}]
    routes: [{to: default, via: 10.0.2.1}]
`))
	if err != nil {
		fmt.Println(err) // each thing that is wrong, with its line and column
		return
	}
	n, err := lab.New(t, lab.Options{Records: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	a, _ := n.Host("a")
	b, _ := n.Host("b")
	ping, err := ip.Enclose4(nil, ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: a.Addrs[0], Dst: b.Addrs[0]}, icmp4.Echo{ID: 1, Seq: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	start := n.Now()
	if err := a.Node.SendDatagram(start, ping); err != nil {
		fmt.Println(err)
		return
	}
	n.Run(start.Add(time.Second), nil)
	for r, ok := n.NextRecord(); ok; r, ok = n.NextRecord() {
		if r.IsDatagram() {
			fmt.Println(r.Time.Sub(start), r.Comment())
		}
	}
	// Output:
	// 0s a to r; send
	// 1ms r to b; forward
	// 11ms b to r; answer (H-01)
	// 21ms r to a; forward
}
