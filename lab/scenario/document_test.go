package scenario_test

import (
	"bytes"
	"strings"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
)

// The listings of an introduction to ICMP, as it prints them.
const (
	documentPing = `PING 18.7.22.69 (18.7.22.69) 56(84) bytes of data.
64 bytes from 18.7.22.69: icmp_seq=1 ttl=240 time=84.1 ms
64 bytes from 18.7.22.69: icmp_seq=2 ttl=240 time=83.6 ms
64 bytes from 18.7.22.69: icmp_seq=3 ttl=240 time=82.9 ms
64 bytes from 18.7.22.69: icmp_seq=4 ttl=240 time=83.2 ms
64 bytes from 18.7.22.69: icmp_seq=5 ttl=240 time=83.1 ms
--- 18.7.22.69 ping statistics ---
5 packets transmitted, 5 received, 0% packet loss, time 4010ms
rtt min/avg/max/mdev = 82.926/83.421/84.157/0.427 ms
`
	documentTrace = `traceroute to 18.7.22.69 (18.7.22.69), 30 hops max, 38 byte packets
1 POD-C-CYH-VL4.GW.CMU.NET (128.2.4.48) 0.355 ms 0.994 ms 0.252 ms
2 CORE255-VL907.GW.CMU.NET (128.2.255.186) 0.337 ms 0.247 ms 0.240 ms
3 POD-I-CYH-VL987.GW.CMU.NET (128.2.255.250) 44.844 ms 199.384 ms 5.931 ms
4 bar-cmu-ge-4-0-0-2.3rox.net (192.88.115.185) 0.547 ms 14.157 ms 2.545 ms
5 leviathan-bar-te0-0-0-1-508.3rox.net (192.88.115.85) 0.903 ms 0.655 ms 0.638 ms
6 wash-psc10G.layer3.nlr.net (192.88.115.165) 7.205 ms 6.688 ms 6.473 ms
7 newy-wash-98.layer3.nlr.net (216.24.186.22) 12.449 ms 12.419 ms 11.874 ms
8 216.24.184.102 (216.24.184.102) 11.745 ms 11.703 ms 11.641 ms
9 W92-RTR-1-BACKBONE.MIT.EDU (18.168.0.25) 19.069 ms 21.824 ms 18.624 ms
10 WEB.MIT.EDU (18.7.22.69) 17.754 ms 17.227 ms 17.147 ms
`
)

// documentOwners is who owns each of the ten hops.
var documentOwners = []string{
	"cmu.net", "cmu.net", "cmu.net", "3rox.net", "3rox.net", "nlr.net", "nlr.net", "nlr.net", "mit.edu", "mit.edu",
}

// document checks that cmu-mit prints both listings.
func (x *told) document() {
	x.t.Helper()
	var b bytes.Buffer
	top := load(x.t, "cmu-mit")
	if _, err := scenario.Run(top, narration.NewText(&b, narration.TextOptions{Quiet: true}), scenario.Options{}); err != nil {
		x.t.Fatal(err)
	}
	for _, want := range []string{documentPing, documentTrace} {
		if !strings.Contains(b.String(), "\n"+want) {
			x.t.Errorf("printed\n%s\nwant\n%s", b.String(), want)
		}
	}
	hops := x.traces()[0]
	if len(hops) != len(documentOwners) {
		x.t.Fatalf("%d hops", len(hops))
	}
	for i, h := range hops {
		for _, p := range h.Probes {
			if !strings.HasSuffix(p.Owner, "("+documentOwners[i]+")") {
				x.t.Errorf("hop %d is of %q, want %s", i+1, p.Owner, documentOwners[i])
			}
		}
	}
}
