package topology_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack/report"
)

const triangle = `# two hosts and a gateway
name: triangle
title: A datagram too big
teaches: |
  Path MTU discovery.
start: 2026-03-01T08:00:00Z
seed: 7
links:
  lan: {delay: 1ms, jitter: 100us, loss: 1%, rate: 10Mbit, queue: 64KiB, mtu: 1500, outside: 10.0.1.200/24}
  wan:
    delay: 2ms
nodes:
  a:
    interfaces:
      - {link: lan, address: 10.0.1.10/24, address6: 2001:db8:1::10/64}
    routes:
      - {to: default, via: 10.0.1.1}
  r:
    kind: gateway
    icmp_delay: [44ms, 5.9ms]
    interfaces:
      - {link: lan, address: 10.0.1.1/24, name: up}
      - {link: wan, address: 10.0.2.1/24, labels: [{value: 100}]}
    routes: [{to: 10.9.0.0/16, via: [10.0.2.9, 10.0.2.9], choice: packet, tos: 0x10}]
    filter:
      - {in: up, proto: udp, port: 53, action: reject, with: 3/9}
  b:
    interfaces: [{link: wan, address: 10.0.2.9/24}]
    routes:
      - {to: default, via: 10.0.2.1}
    listen: {udp: 7, answer: echo}
names:
  10.0.1.1: {name: gw.example.net, owner: Example}
  10.0.0.0/8: {owner: Private}
steps:
  - ping: {from: a, to: b, count: 3, interval: 1s, size: 56, df: true, ttl: 64}
  - at: 10s
    say: and now
`

func TestParse(t *testing.T) {
	top, err := topology.Parse("t.yaml", []byte(strings.Replace(triangle, "listen: {udp: 7, answer: echo}", "listen: [{udp: 7, answer: echo}]", 1)))
	if err != nil {
		t.Fatal(err)
	}
	_ = top
	_ = errors.As
	_ = netip.Addr{}
	_ = time.Now
	_ = report.Cause(0)
}
