package detect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/traffic"
)

// rows are all that is looked at.
var rows = slices.Concat(common, mannered)

var common = []row{
	{name: "echo flood", capture: scene("attack-flood"), want: []finding.Kind{finding.EchoFlood}, from: "10.0.0.7", count: 1000},
	{name: "fast ping", like: []finding.Kind{finding.EchoFlood}, capture: steps("ping: {from: a, to: b, count: 500, interval: 10ms}")},

	{
		name: "smurf amplifier", capture: scene("attack-smurf"), want: []finding.Kind{finding.SmurfAmplifier}, from: "10.1.0.255", count: 3,
		facts: []finding.FactName{finding.FactBroadcast, finding.FactReplies},
	},
	{name: "smurf attack", capture: func(t *testing.T) []conversation.Datagram {
		return smurf(t, "forge: {from: mallory, source: victim, to: 10.1.0.255, icmp: 8/0, id: 1, size: 56, count: 50, interval: 20ms}")
	}, want: []finding.Kind{finding.SmurfAttack, finding.SmurfAmplifier}, from: "203.0.113.7"},
	{name: "smurf victim", capture: func(t *testing.T) []conversation.Datagram {
		return replies(smurf(t, "forge: {from: mallory, source: victim, to: 10.1.0.255, icmp: 8/0, id: 1, size: 56, count: 50, interval: 20ms}"))
	}, want: []finding.Kind{finding.SmurfVictim}, facts: []finding.FactName{finding.FactSources}},
	{name: "ping to the own network", like: []finding.Kind{finding.SmurfAttack, finding.SmurfAmplifier}, capture: func(t *testing.T) []conversation.Datagram {
		return smurf(t, "ping: {from: o1, to: 10.1.0.255, count: 5}")
	}},
	{name: "ping to a broadcast address that nobody answers", like: []finding.Kind{finding.SmurfAttack}, capture: func(t *testing.T) []conversation.Datagram {
		return lab(t, "ping: {from: a, to: 10.0.1.255, count: 9}")
	}},

	{name: "sweep", capture: steps(many(40, func(i int) string {
		return fmt.Sprintf("forge: {from: mallory, to: 10.0.1.%d, icmp: 8/0, id: 1, seq: %d}", 1+i, i)
	})...), want: []finding.Kind{finding.Sweep}, from: "203.0.113.66", facts: []finding.FactName{finding.FactTargets, finding.FactSilent}},
	{name: "monitoring", like: []finding.Kind{finding.Sweep, finding.SmurfVictim}, capture: func(t *testing.T) []conversation.Datagram {
		return smurf(t, strings.Join(many(72, func(i int) string {
			return fmt.Sprintf("ping: {from: mallory, to: 10.1.0.%d}", 10+i%12)
		}), "\n  - "))
	}},

	{name: "unsolicited replies", capture: func(t *testing.T) []conversation.Datagram {
		return on(lab(t, message("mallory", "mallory", "a", echo(true, 1, nil)),
			"forge: {from: mallory, source: b, to: a, icmp: 0/0, id: 5, size: 56, count: 60, interval: 50ms}"), 0)
	}, want: []finding.Kind{finding.UnsolicitedReplies}, from: "203.0.113.50"},
	{name: "a few late replies", like: []finding.Kind{finding.UnsolicitedReplies}, capture: steps("forge: {from: mallory, source: b, to: a, icmp: 0/0, id: 5, size: 56, count: 15, interval: 50ms}")},

	{name: "reconnaissance of one host", capture: steps("forge: {from: mallory, to: a, icmp: 13/0, id: 1, seq: 1}",
		"forge: {from: mallory, to: a, icmp: 17/0, id: 1, seq: 2}"), want: []finding.Kind{finding.Reconnaissance}, from: "203.0.113.66"},
	{name: "reconnaissance of many", capture: scene("timestamp"), want: []finding.Kind{finding.Reconnaissance}, from: "10.0.0.1"},
	{name: "clocks compared", like: []finding.Kind{finding.Reconnaissance}, capture: steps("query: {from: a, to: b, what: timestamp, count: 50, interval: 100ms}")},

	{
		name: "forged redirects", capture: scene("attack-redirect", "lan"), want: []finding.Kind{finding.SuspiciousRedirect}, from: "10.0.1.1",
		facts: []finding.FactName{finding.FactUnseen, finding.FactOffLink, finding.FactGateway},
	},
	{
		name: "redirect that was forwarded", capture: inside(
			"forge: {from: mallory, source: 10.0.1.2, to: a, icmp: 5/1, gateway: 10.0.1.66, quote: {source: a, to: b, port: 9}}"),
		want: []finding.Kind{finding.SuspiciousRedirect}, facts: []finding.FactName{finding.FactForwarded},
	},
	{name: "redirect by the book", like: []finding.Kind{finding.SuspiciousRedirect}, capture: scene("redirect", "lan")},

	{
		name: "blind reset", capture: scene("attack-reset", "lan"), want: []finding.Kind{finding.BlindReset}, from: "203.0.113.50",
		facts: []finding.FactName{finding.FactOutOfWindow, finding.FactAlive}, count: 3,
	},
	{name: "resets about nothing", capture: steps(append([]string{"tcp: {from: a, to: b, port: 80}", "wait: 1s"},
		many(3, func(i int) string {
			return fmt.Sprintf("forge: {from: mallory, source: b, to: a, icmp: 3/3, quote: {source: a, to: b, proto: tcp, from_port: %d, port: 99, seq: 1}}", 2000+i)
		})...)...), want: []finding.Kind{finding.BlindReset}, facts: []finding.FactName{finding.FactNoConversation}, count: 3},
	{name: "two errors about what was sent before", like: []finding.Kind{finding.BlindReset}, capture: steps(append([]string{"tcp: {from: a, to: b, port: 80}", "wait: 1s"},
		many(2, func(i int) string {
			return fmt.Sprintf("forge: {from: mallory, source: b, to: a, icmp: 3/3, quote: {source: a, to: b, proto: tcp, from_port: %d, port: 99, seq: 1}}", 2000+i)
		})...)...)},
	{name: "closed port", like: []finding.Kind{finding.BlindReset}, capture: steps("trace: {from: a, to: b}", "send: {from: a, to: b, udp: 99, count: 5}")},

	{
		name: "MTU lowered", capture: scene("attack-mtu", "lan"), want: []finding.Kind{finding.MTULowered}, from: "192.0.2.1",
		facts: []finding.FactName{finding.FactTooLow, finding.FactMTU, finding.FactOutOfWindow},
	},
	{
		name: "MTU lowered to what would fit", capture: steps("send: {from: a, to: b, udp: 9, size: 1000, df: true}",
			"forge: {from: mallory, to: a, icmp: 3/4, mtu: 1400, quote: {source: a, to: b, port: 9, size: 1000, df: true}}"),
		want: []finding.Kind{finding.MTULowered}, facts: []finding.FactName{finding.FactFits},
	},
	{name: "path MTU by the book", like: []finding.Kind{finding.MTULowered}, capture: scene("frag-needed")},

	{name: "source quench forged", capture: scene("attack-quench", "lan"), want: []finding.Kind{finding.SourceQuench}, count: 10},
	{name: "source quench", capture: scene("source-quench"), want: []finding.Kind{finding.SourceQuench}},

	{
		name: "routing loop at its edge", capture: scene("routing-loop", "lan"), want: []finding.Kind{finding.RoutingLoop}, from: "10.0.1.10",
		facts: []finding.FactName{finding.FactHopsLeft, finding.FactRouters, finding.FactAlternating},
	},
	{
		name: "routing loop inside", capture: scene("routing-loop"), want: []finding.Kind{finding.RoutingLoop},
		facts: []finding.FactName{finding.FactSameDatagram},
	},
	{name: "a trace", like: []finding.Kind{finding.RoutingLoop}, capture: scene("cmu-mit")},
	{name: "time to live that is used up", like: []finding.Kind{finding.RoutingLoop}, capture: scene("time-exceeded")},

	{
		name: "black hole of echo", capture: func(t *testing.T) []conversation.Datagram {
			return labWith(t, "", ", mtu: 1000, black_hole: true",
				"ping: {from: a, to: b, size: 900, df: true, count: 2}", "ping: {from: a, to: b, size: 1200, df: true, count: 4}",
				"wait: 2s", "ping: {from: a, to: b, size: 900, df: true, count: 3}")
		}, want: []finding.Kind{finding.MTUBlackHole}, from: "10.0.1.10",
		facts: []finding.FactName{finding.FactLength, finding.FactPassed},
	},
	{name: "small MTU, told", like: []finding.Kind{finding.MTUBlackHole}, capture: func(t *testing.T) []conversation.Datagram {
		return labWith(t, "", ", mtu: 1000",
			"ping: {from: a, to: b, size: 900, df: true, count: 2}", "ping: {from: a, to: b, size: 1200, df: true, count: 4}",
			"wait: 2s", "ping: {from: a, to: b, size: 900, df: true, count: 3}")
	}},
	{name: "large pings with loss", like: []finding.Kind{finding.MTUBlackHole}, capture: func(t *testing.T) []conversation.Datagram {
		return traffic.Scenario(t, strings.Replace(fmt.Sprintf(flat, "", "", "  - ping: {from: a, to: b, size: 1400, df: true, count: 50}\n"),
			"wan: {delay: 5ms", "wan: {delay: 5ms, loss: 30%", 1))
	}},

	{name: "tunnel that carries IP", capture: steps(many(4, func(i int) string {
		inner := traffic.Writer{}
		return message("a", "a", "b", echo(false, i, inner.UDP("172.16.0.1", "172.16.0.2", 1, 2, 30+i)))
	})...), want: []finding.Kind{finding.Tunnel}, from: "10.0.1.10", facts: []finding.FactName{finding.FactInside}},
	{name: "tunnel with a mark", capture: steps(many(2, func(i int) string {
		return message("a", "a", "b", echo(false, i, append([]byte{0xd5, 0x20, 0x08, 0x80}, noise(i, 40)...)))
	})...), want: []finding.Kind{finding.Tunnel}, facts: []finding.FactName{finding.FactMark}},
	{name: "tunnel of noise", capture: steps(many(60, func(i int) string {
		return message("a", "a", "b", echo(false, i, noise(i, 512)))
	})...), want: []finding.Kind{finding.Tunnel}, facts: []finding.FactName{finding.FactChanging, finding.FactEntropy}},
	{name: "pings of noise, always the same", like: []finding.Kind{finding.Tunnel}, capture: steps(many(60, func(i int) string {
		return message("a", "a", "b", echo(false, i, noise(7, 512)))
	})...)},
	{name: "pings of all sizes", like: []finding.Kind{finding.Tunnel}, capture: steps(many(40, func(i int) string {
		return fmt.Sprintf("ping: {from: a, to: b, size: %d}", 56+i*20)
	})...)},
	{name: "pings on a bad link", like: []finding.Kind{finding.Tunnel}, capture: scene("echo-bad-link")},

	{
		name: "ping of death", capture: inside("forge: {from: mallory, to: a, icmp: 8/0, size: 1000, fragment: {id: 7, offset: 65000}}"),
		want: []finding.Kind{finding.PingOfDeath}, facts: []finding.FactName{finding.FactEnd}, count: 1,
	},
	{
		name: "overlapping fragments", capture: inside("forge: {from: mallory, to: a, icmp: 8/0, size: 992, fragment: {id: 7, offset: 0, more: true}}",
			"forge: {from: mallory, to: a, icmp: 8/0, size: 992, fragment: {id: 7, offset: 800}}"),
		want: []finding.Kind{finding.OverlappingFragments}, count: 1,
	},
	{
		name: "teardrop", capture: inside("forge: {from: mallory, to: a, icmp: 8/0, size: 992, fragment: {id: 7, offset: 0, more: true}}",
			"forge: {from: mallory, to: a, icmp: 8/0, size: 92, fragment: {id: 7, offset: 240}}"),
		want: []finding.Kind{finding.Teardrop}, count: 1,
	},
	{name: "fragments that fit, one twice", like: []finding.Kind{finding.OverlappingFragments, finding.Teardrop}, capture: steps("forge: {from: mallory, to: a, icmp: 8/0, size: 992, fragment: {id: 7, offset: 0, more: true}}",
		"forge: {from: mallory, to: a, icmp: 8/0, size: 992, fragment: {id: 7, offset: 0, more: true}}",
		"forge: {from: mallory, to: a, icmp: 8/0, size: 992, fragment: {id: 7, offset: 1000}}",
		"ping: {from: a, to: b, size: 5000, count: 3}")},
}
