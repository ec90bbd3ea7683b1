package detect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// detour is a host that sends everything to one of two gateways, and much of it
// ought to go to the other.
const detour = `
name: detour
links: {lan: {delay: 1ms}, far: {delay: 1ms}}
nodes:
  a: {redirects: %s, interfaces: [{link: lan, address: 10.0.1.10/24}], routes: [{to: default, via: 10.0.1.1}]}
  r1: {kind: gateway, interfaces: [{link: lan, address: 10.0.1.1/24}], routes: [{to: 10.2.0.0/16, via: 10.0.1.2}]}
  r2: {kind: gateway, interfaces: [{link: lan, address: 10.0.1.2/24}, {link: far, address: 10.2.0.1/24}], routes: [{to: default, via: 10.0.1.1}]}
  b: {interfaces: [{link: far, address: 10.2.0.20/24}], routes: [{to: default, via: 10.2.0.1}]}
steps:
  - ping: {from: a, to: b, count: 40, interval: 200ms}
`

// polled is what mtr does, beside each other: the gateway and the host behind it
// are asked twenty times a second each.
const polled = `
name: polled
seed: 3
links: {lan: {delay: 1ms, loss: %d%%}, wan: {delay: 5ms, loss: %d%%}}
nodes:
  a: {interfaces: [{link: lan, address: 10.0.1.10/24}], routes: [{to: default, via: 10.0.1.1}]}
  r1: {kind: gateway, %s interfaces: [{link: lan, address: 10.0.1.1/24}, {link: wan, address: 203.0.113.1/24}]}
  b: {interfaces: [{link: wan, address: 203.0.113.50/24}], routes: [{to: default, via: 203.0.113.1}]}
steps:
  - at: 0s
    ping: {from: a, to: b, ttl: 1, count: 100, interval: 50ms}
  - at: 25ms
    ping: {from: a, to: b, ttl: 2, count: 100, interval: 50ms}
`

func poll(lan, wan int, r1 string) func(*testing.T) []conversation.Datagram {
	return func(t *testing.T) []conversation.Datagram {
		return traffic.Scenario(t, fmt.Sprintf(polled, lan, wan, r1), "lan")
	}
}

// connection is one from a to b with that much loss on the far link, whose
// gateway is as said.
func connection(loss int, wan string) func(*testing.T) []conversation.Datagram {
	return func(t *testing.T) []conversation.Datagram {
		text := fmt.Sprintf(flat, "", wan, "  - tcp: {from: a, to: b, port: 80, rate: 200kbit}\n  - wait: 60s\n")
		return traffic.Scenario(t, strings.Replace(text, "wan: {delay: 5ms", fmt.Sprintf("wan: {delay: 5ms, loss: %d%%", loss), 1), "lan")
	}
}

// neighbours is a link with IPv6 on it.
const neighbours = `
name: neighbours
links: {lan: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: lan, address6: 2001:db8::a/64}]}
  b: {interfaces: [{link: lan, address6: 2001:db8::b/64}]}
steps:
`

// says is a forged step, at a time, of an ICMPv6 message.
func says(at, from, src, dst string, hops ip.TTL, m icmp6.Message) string {
	s, d := traffic.Addr(src), traffic.Addr(dst)
	b, err := m.Append(nil, s, d)
	if err == nil {
		b, err = ip.Header6{Src: s, Dst: d, NextHeader: ip.ProtoICMPv6, HopLimit: hops}.AppendPacket(nil, b)
	}
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("  - at: %s\n    forge: {from: %s, datagram: %x}\n", at, from, b)
}

func six(steps ...string) func(*testing.T) []conversation.Datagram {
	return func(t *testing.T) []conversation.Datagram {
		return traffic.Scenario(t, neighbours+strings.Join(steps, ""))
	}
}

// claimed is duplicate address detection by a, and what b advertises so much
// later.
func claimed(after, to string) func(*testing.T) []conversation.Datagram {
	const wanted = "2001:db8::7"
	return six(
		says("0s", "a", "::", "ff02::1:ff00:7", 255, icmp6.NeighborSolicitation{Target: traffic.Addr(wanted)}),
		says(after, "b", wanted, to, 255, icmp6.NeighborAdvertisement{Flags: 0x20, Target: traffic.Addr(wanted)}),
	)
}

// framed is steps as the link lan shows them with its link addresses.
func framed(steps ...string) func(*testing.T) []conversation.Datagram {
	return func(t *testing.T) []conversation.Datagram {
		return traffic.Frames(t, fmt.Sprintf(flat, "", "", "  - "+strings.Join(steps, "\n  - ")+"\n"), "lan")
	}
}

const (
	own    = "ping: {from: a, to: b}"
	forged = "forge: {from: c, source: a, to: b, icmp: 8/0, id: 77, seq: 1, size: 56}"
)

// mannered are what needs hosts, gateways and links with manners of their own.
var mannered = []row{
	{name: "redirects that are ignored", capture: func(t *testing.T) []conversation.Datagram {
		return traffic.Scenario(t, fmt.Sprintf(detour, "ignore"), "lan")
	}, want: []finding.Kind{finding.RedirectFlood}, from: "10.0.1.1", count: 40},
	{name: "a redirect that is heeded", capture: func(t *testing.T) []conversation.Datagram {
		return traffic.Scenario(t, fmt.Sprintf(detour, "secure"), "lan")
	}, like: []finding.Kind{finding.RedirectFlood}},

	{
		name: "gateway that limits its errors", capture: poll(0, 0, ""), want: []finding.Kind{finding.RateLimitedHop}, from: "10.0.1.10",
		facts: []finding.FactName{finding.FactHop, finding.FactShare},
	},
	{name: "gateway that does not limit", capture: poll(0, 0, "limit: {off: true},"), like: []finding.Kind{finding.RateLimitedHop}},
	{name: "gateway that is silent", capture: poll(0, 0, "silent: true,"), like: []finding.Kind{finding.RateLimitedHop}},
	{name: "loss before the gateway", capture: poll(30, 0, "limit: {off: true},"), like: []finding.Kind{finding.RateLimitedHop}},
	{name: "loss behind the gateway", capture: poll(0, 30, "limit: {off: true},"), like: []finding.Kind{finding.RateLimitedHop}},

	{
		name: "black hole of TCP", capture: connection(0, ", mtu: 1000, black_hole: true"), want: []finding.Kind{finding.MTUBlackHole}, from: "10.0.1.10",
		facts: []finding.FactName{finding.FactLength, finding.FactRetransmitted},
	},
	{name: "connection over a small MTU, told", capture: connection(0, ", mtu: 1000"), like: []finding.Kind{finding.MTUBlackHole}},
	{name: "connection over a bad link", capture: connection(20, ""), like: []finding.Kind{finding.MTUBlackHole}},

	{
		name: "address that is taken", capture: claimed("10ms", "ff02::1"), want: []finding.Kind{finding.DuplicateAddress}, from: "2001:db8::7",
		facts: []finding.FactName{finding.FactDAD}, count: 2,
	},
	{name: "address that is free, and announced", capture: claimed("1100ms", "ff02::1"), like: []finding.Kind{finding.DuplicateAddress}},
	{
		name: "two hosts with one address", capture: framed(own, forged, own, forged), want: []finding.Kind{finding.DuplicateAddress}, from: "10.0.1.10",
		facts: []finding.FactName{finding.FactMACs},
	},
	{name: "host that is replaced", capture: framed(own, own, forged, forged, forged), like: []finding.Kind{finding.DuplicateAddress}},
	{name: "replies through the gateway", capture: framed(own, "ping: {from: c, to: b}", own, "ping: {from: r1, to: a}", own), like: []finding.Kind{finding.DuplicateAddress}},

	{
		name: "type 4 of IPv6", capture: six(says("0s", "a", "2001:db8::a", "2001:db8::b", 64, icmp6.ParameterProblem{Code: 1, Pointer: 6, Quote: make([]byte, 48)})),
		like: []finding.Kind{finding.SourceQuench},
	},
	{name: "the longest ping", capture: steps("ping: {from: a, to: b, size: 65507, count: 2}"), like: []finding.Kind{finding.PingOfDeath}},
}
