package detect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// flat is one link with a gateway to another, and somebody on each.
const flat = `
name: flat
links:
  lan: {delay: 1ms}
  wan: {delay: 5ms}
nodes:
  a: {%s interfaces: [{link: lan, address: 10.0.1.10/24}], routes: [{to: default, via: 10.0.1.1}]}
  c: {interfaces: [{link: lan, address: 10.0.1.11/24}], routes: [{to: default, via: 10.0.1.1}]}
  r1: {kind: gateway, limit: {off: true}, interfaces: [{link: lan, address: 10.0.1.1/24}, {link: wan, address: 203.0.113.1/24%s}]}
  b: {interfaces: [{link: wan, address: 203.0.113.50/24}], routes: [{to: default, via: 203.0.113.1}], listen: [{tcp: 80}]}
  mallory: {interfaces: [{link: wan, address: 203.0.113.66/24}], routes: [{to: default, via: 203.0.113.1}]}
steps:
%s`

// lab runs steps on it.
func lab(t *testing.T, steps ...string) []conversation.Datagram {
	return labWith(t, "", "", steps...)
}

func labWith(t *testing.T, a, wan string, steps ...string) []conversation.Datagram {
	t.Helper()
	for i, s := range steps {
		steps[i] = "  - " + s
	}
	return traffic.Scenario(t, fmt.Sprintf(flat, a, wan, strings.Join(steps, "\n")))
}

// on keeps what was captured on some links.
func on(all []conversation.Datagram, links ...int) []conversation.Datagram {
	return slices.DeleteFunc(all, func(d conversation.Datagram) bool { return !slices.Contains(links, d.Link) })
}

// message is a forged step that sends an ICMP message as it stands.
func message(from, source, to string, m icmp4.Message) string {
	b, err := m.AppendBinary(nil)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("forge: {from: %s, source: %s, to: %s, proto: 1, payload: %x}", from, source, to, b)
}

func echo(reply bool, seq int, data []byte) icmp4.Echo {
	return icmp4.Echo{EchoType: icmp4.EchoType{Reply: reply}, ID: 900, Seq: uint16(seq), Data: data} //nolint:gosec // a test's
}

// noise is data in which no octet tells of the next.
func noise(seed, n int) []byte {
	b := make([]byte, n)
	x := uint32(seed)*2654435761 + 1 //nolint:gosec // a test's
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

func kindsOf(all []*finding.Finding) (kinds []finding.Kind) {
	for _, f := range all {
		kinds = append(kinds, f.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// smurf is a network whose hosts answer to broadcast, twelve of them.
func smurf(t *testing.T, step string) []conversation.Datagram {
	var b strings.Builder
	b.WriteString("name: smurf\nlinks: {net: {delay: 1ms}, open: {delay: 1ms}}\nnodes:\n" +
		"  mallory: {interfaces: [{link: net, address: 203.0.113.66/24}], routes: [{to: default, via: 203.0.113.1}]}\n" +
		"  victim: {interfaces: [{link: net, address: 203.0.113.7/24}], routes: [{to: default, via: 203.0.113.1}]}\n" +
		"  r1: {kind: gateway, interfaces: [{link: net, address: 203.0.113.1/24}, {link: open, address: 10.1.0.1/24, directed_broadcast: true}]}\n")
	for i := range 12 {
		fmt.Fprintf(&b, "  o%d: {answer_broadcast: true, interfaces: [{link: open, address: 10.1.0.%d/24}], routes: [{to: default, via: 10.1.0.1}]}\n", i, 10+i)
	}
	return traffic.Scenario(t, b.String()+"steps:\n  - "+step+"\n")
}

// replies drops the requests, as a capture at the victim's has it.
func replies(all []conversation.Datagram) []conversation.Datagram {
	return slices.DeleteFunc(all, func(d conversation.Datagram) bool { return d.Link != 0 || d.Octets[20] != 0 })
}

type row struct {
	name    string
	capture func(*testing.T) []conversation.Datagram
	want    []finding.Kind // none: it is innocent
	facts   []finding.FactName
	from    string
	count   uint64 // 0: not looked at
}

func scene(name string, links ...string) func(*testing.T) []conversation.Datagram {
	return func(t *testing.T) []conversation.Datagram { return traffic.Scenario(t, name, links...) }
}

func steps(s ...string) func(*testing.T) []conversation.Datagram {
	return func(t *testing.T) []conversation.Datagram { return lab(t, slices.Clone(s)...) }
}

// lanLink is the number of the link lan where mallory, on wan, sends first.
const lanLink = 1

// inside is steps as the link lan shows them.
func inside(s ...string) func(*testing.T) []conversation.Datagram {
	return func(t *testing.T) []conversation.Datagram { return on(lab(t, slices.Clone(s)...), lanLink) }
}

func many(n int, f func(i int) string) (s []string) {
	for i := range n {
		s = append(s, f(i))
	}
	return s
}

var rows = []row{
	{name: "echo flood", capture: scene("attack-flood"), want: []finding.Kind{finding.EchoFlood}, from: "10.0.0.7", count: 1000},
	{name: "fast ping", capture: steps("ping: {from: a, to: b, count: 500, interval: 10ms}")},

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
	{name: "ping to the own network", capture: func(t *testing.T) []conversation.Datagram {
		return smurf(t, "ping: {from: o1, to: 10.1.0.255, count: 5}")
	}},
	{name: "ping to a broadcast address that nobody answers", capture: func(t *testing.T) []conversation.Datagram {
		return lab(t, "ping: {from: a, to: 10.0.1.255, count: 9}")
	}},

	{name: "sweep", capture: steps(many(40, func(i int) string {
		return fmt.Sprintf("forge: {from: mallory, to: 10.0.1.%d, icmp: 8/0, id: 1, seq: %d}", 1+i, i)
	})...), want: []finding.Kind{finding.Sweep}, from: "203.0.113.66", facts: []finding.FactName{finding.FactTargets, finding.FactSilent}},
	{name: "monitoring", capture: func(t *testing.T) []conversation.Datagram {
		return smurf(t, strings.Join(many(72, func(i int) string {
			return fmt.Sprintf("ping: {from: mallory, to: 10.1.0.%d}", 10+i%12)
		}), "\n  - "))
	}},

	{name: "unsolicited replies", capture: func(t *testing.T) []conversation.Datagram {
		return on(lab(t, message("mallory", "mallory", "a", echo(true, 1, nil)),
			"forge: {from: mallory, source: b, to: a, icmp: 0/0, id: 5, size: 56, count: 60, interval: 50ms}"), 0)
	}, want: []finding.Kind{finding.UnsolicitedReplies}, from: "203.0.113.50"},
	{name: "a few late replies", capture: steps("forge: {from: mallory, source: b, to: a, icmp: 0/0, id: 5, size: 56, count: 15, interval: 50ms}")},

	{name: "reconnaissance of one host", capture: steps("forge: {from: mallory, to: a, icmp: 13/0, id: 1, seq: 1}",
		"forge: {from: mallory, to: a, icmp: 17/0, id: 1, seq: 2}"), want: []finding.Kind{finding.Reconnaissance}, from: "203.0.113.66"},
	{name: "reconnaissance of many", capture: scene("timestamp"), want: []finding.Kind{finding.Reconnaissance}, from: "10.0.0.1"},
	{name: "clocks compared", capture: steps("query: {from: a, to: b, what: timestamp, count: 50, interval: 100ms}")},

	{
		name: "forged redirects", capture: scene("attack-redirect", "lan"), want: []finding.Kind{finding.SuspiciousRedirect}, from: "10.0.1.1",
		facts: []finding.FactName{finding.FactUnseen, finding.FactOffLink, finding.FactGateway},
	},
	{
		name: "redirect that was forwarded", capture: inside(
			"forge: {from: mallory, source: 10.0.1.2, to: a, icmp: 5/1, gateway: 10.0.1.66, quote: {source: a, to: b, port: 9}}"),
		want: []finding.Kind{finding.SuspiciousRedirect}, facts: []finding.FactName{finding.FactForwarded},
	},
	{name: "redirect by the book", capture: scene("redirect", "lan")},

	{
		name: "blind reset", capture: scene("attack-reset", "lan"), want: []finding.Kind{finding.BlindReset}, from: "203.0.113.50",
		facts: []finding.FactName{finding.FactOutOfWindow, finding.FactAlive}, count: 3,
	},
	{name: "resets about nothing", capture: steps(append([]string{"tcp: {from: a, to: b, port: 80}", "wait: 1s"},
		many(3, func(i int) string {
			return fmt.Sprintf("forge: {from: mallory, source: b, to: a, icmp: 3/3, quote: {source: a, to: b, proto: tcp, from_port: %d, port: 99, seq: 1}}", 2000+i)
		})...)...), want: []finding.Kind{finding.BlindReset}, facts: []finding.FactName{finding.FactNoConversation}, count: 3},
	{name: "two errors about what was sent before", capture: steps(append([]string{"tcp: {from: a, to: b, port: 80}", "wait: 1s"},
		many(2, func(i int) string {
			return fmt.Sprintf("forge: {from: mallory, source: b, to: a, icmp: 3/3, quote: {source: a, to: b, proto: tcp, from_port: %d, port: 99, seq: 1}}", 2000+i)
		})...)...)},
	{name: "closed port", capture: steps("trace: {from: a, to: b}", "send: {from: a, to: b, udp: 99, count: 5}")},

	{
		name: "MTU lowered", capture: scene("attack-mtu", "lan"), want: []finding.Kind{finding.MTULowered}, from: "192.0.2.1",
		facts: []finding.FactName{finding.FactTooLow, finding.FactMTU, finding.FactOutOfWindow},
	},
	{
		name: "MTU lowered to what would fit", capture: steps("send: {from: a, to: b, udp: 9, size: 1000, df: true}",
			"forge: {from: mallory, to: a, icmp: 3/4, mtu: 1400, quote: {source: a, to: b, port: 9, size: 1000, df: true}}"),
		want: []finding.Kind{finding.MTULowered}, facts: []finding.FactName{finding.FactFits},
	},
	{name: "path MTU by the book", capture: scene("frag-needed")},

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
	{name: "a trace", capture: scene("cmu-mit")},
	{name: "time to live that is used up", capture: scene("time-exceeded")},

	{
		name: "black hole of echo", capture: func(t *testing.T) []conversation.Datagram {
			return labWith(t, "", ", mtu: 1000, black_hole: true",
				"ping: {from: a, to: b, size: 900, df: true, count: 2}", "ping: {from: a, to: b, size: 1200, df: true, count: 4}",
				"wait: 2s", "ping: {from: a, to: b, size: 900, df: true, count: 3}")
		}, want: []finding.Kind{finding.MTUBlackHole}, from: "10.0.1.10",
		facts: []finding.FactName{finding.FactLength, finding.FactPassed},
	},
	{name: "small MTU, told", capture: func(t *testing.T) []conversation.Datagram {
		return labWith(t, "", ", mtu: 1000",
			"ping: {from: a, to: b, size: 900, df: true, count: 2}", "ping: {from: a, to: b, size: 1200, df: true, count: 4}",
			"wait: 2s", "ping: {from: a, to: b, size: 900, df: true, count: 3}")
	}},
	{name: "large pings with loss", capture: func(t *testing.T) []conversation.Datagram {
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
	{name: "pings of noise, always the same", capture: steps(many(60, func(i int) string {
		return message("a", "a", "b", echo(false, i, noise(7, 512)))
	})...)},
	{name: "pings of all sizes", capture: steps(many(40, func(i int) string {
		return fmt.Sprintf("ping: {from: a, to: b, size: %d}", 56+i*20)
	})...)},
	{name: "pings on a bad link", capture: scene("echo-bad-link")},

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
	{name: "fragments that fit, one twice", capture: steps("forge: {from: mallory, to: a, icmp: 8/0, size: 992, fragment: {id: 7, offset: 0, more: true}}",
		"forge: {from: mallory, to: a, icmp: 8/0, size: 992, fragment: {id: 7, offset: 0, more: true}}",
		"forge: {from: mallory, to: a, icmp: 8/0, size: 992, fragment: {id: 7, offset: 1000}}",
		"ping: {from: a, to: b, size: 5000, count: 3}")},
}

// TestDetectors has each attack of the laboratory found, and nothing else in it,
// and nothing in what looks like it.
func TestDetectors(t *testing.T) {
	conform.Row(t, "A-04")
	for _, r := range rows {
		t.Run(strings.ReplaceAll(r.name, " ", "-"), func(t *testing.T) {
			all := r.capture(t)
			found := traffic.Find(detect.Config{}, all)
			if got := kindsOf(found); !slices.Equal(got, r.want) {
				t.Fatalf("found %v in %d datagrams, want %v", got, len(all), r.want)
			}
			if len(r.want) == 0 {
				return
			}
			f := found[slices.IndexFunc(found, func(f *finding.Finding) bool { return f.Kind == r.want[0] })]
			for _, name := range r.facts {
				if !slices.ContainsFunc(found, func(f *finding.Finding) bool { return f.Has(name) }) {
					t.Errorf("no evidence %q", name)
				}
			}
			if r.from != "" && f.From.String() != r.from {
				t.Errorf("from %s, want %s", f.From, r.from)
			}
			if r.count != 0 && f.Count != r.count {
				t.Errorf("%d packets, want %d", f.Count, r.count)
			}
			if f.Count == 0 || len(f.Packets) == 0 || f.End.Before(f.Start) || f.Start.IsZero() || !slices.IsSorted(f.Packets) {
				t.Errorf("evidence is lacking: %+v", f)
			}
		})
	}
}

// TestEveryKind has every kind found somewhere in these tests.
func TestEveryKind(t *testing.T) {
	for _, k := range finding.Kinds() {
		if !slices.ContainsFunc(rows, func(r row) bool { return slices.Contains(r.want, k) }) &&
			!slices.Contains(byHand, k) {
			t.Errorf("%s is not found by any test", k)
		}
	}
}

// TestDay finds nothing in an ordinary day.
func TestDay(t *testing.T) {
	conform.Row(t, "A-04")
	for seed := range uint64(3) {
		all := traffic.Day(seed)
		if len(all) < 50000 {
			t.Fatalf("a day of %d datagrams", len(all))
		}
		for _, f := range traffic.Find(detect.Config{}, all) {
			t.Errorf("day %d: %s %s → %s, %d packets %v, %v", seed, f.Kind, f.From, f.To, f.Count, f.Packets, f.Facts)
		}
	}
}

// TestNoAllocs has a day looked at again, when all tables are full.
func TestNoAllocs(t *testing.T) {
	all := traffic.Day(1)[:20000]
	m, d := conversation.New(conversation.Config{}), detect.New(detect.Config{})
	shift := time.Duration(0)
	round := func() {
		for i := range all {
			g := all[i]
			g.Time = g.Time.Add(shift)
			d.Observe(m.Receive(&g))
		}
		shift += 24 * time.Hour
	}
	round()
	wiretest.NoAllocs(t, "a day", round)
}

func BenchmarkObserve(b *testing.B) {
	all := traffic.Day(1)
	for _, with := range []bool{false, true} {
		b.Run(fmt.Sprintf("findings=%v", with), func(b *testing.B) {
			m, d := conversation.New(conversation.Config{}), detect.New(detect.Config{})
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				s := m.Receive(&all[i%len(all)])
				if with {
					d.Observe(s)
				}
				i++
			}
		})
	}
}
