package scenario_test

import (
	"fmt"
	"os"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
)

// A scenario that comes with the package, told in French, answers only.
func Example() {
	t, err := scenario.Load("host-unreachable")
	if err != nil {
		fmt.Println(err)
		return
	}
	sink := narration.NewText(os.Stdout, narration.TextOptions{Lang: narration.French, Quiet: true})
	r, err := scenario.Run(t.In("fr"), sink, scenario.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Took)
	// Output:
	// host-unreachable : un hôte d'un réseau connecté ne répond pas (3/1)
	//
	// # b est là et répond.
	//
	// > ping a b
	// PING 10.0.2.20 (10.0.2.20) 56(84) bytes of data.
	// 64 bytes from 10.0.2.20: icmp_seq=1 ttl=63 time=4.00 ms
	// --- 10.0.2.20 ping statistics ---
	// 1 packets transmitted, 1 received, 0% packet loss, time 0ms
	// rtt min/avg/max/mdev = 4.000/4.000/4.000/0.000 ms
	//
	// # 10.0.2.100 est sur le même réseau, et personne n'a cette adresse.
	//
	// > ping a 10.0.2.100
	// PING 10.0.2.100 (10.0.2.100) 56(84) bytes of data.
	// From 10.0.1.1 icmp_seq=1 3/1 Destination Unreachable: Host Unreachable, cite 84 octets
	// --- 10.0.2.100 ping statistics ---
	// 1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
	//
	// fin après 1006,000 ms de temps virtuel
	// 1.006s
}
