package topology_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/lab/topology"
)

// Where a value may stand in a file: "¤" is where.
const (
	inTop   = "¤\nlinks: {l: }\nnodes: {a: {interfaces: [{link: l, address: 10.0.0.1/24}]}}\n"
	inLink  = "links:\n  l: {¤}\nnodes: {a: {interfaces: [{link: l, address: 10.0.0.1/24}]}}\n"
	inIface = "links: {l: }\nnodes:\n  a:\n    kind: gateway\n    interfaces:\n      - {link: l, address: 10.0.0.1/24, ¤}\n"
	inNode  = "links: {l: }\nnodes:\n  a:\n    ¤\n    interfaces: [{link: l, address: 10.0.0.1/24}]\n"
	inSteps = "links: {l: }\nnodes: {a: {interfaces: [{link: l, address: 10.0.0.1/24}]}}\nsteps:\n  - {¤}\n"
)

// Values that several fields share.
var (
	hour    = []string{"0s", "1ns", "1h", "3600s"}
	notHour = []string{"-1ns", "1h0m0.000000001s", "2h", "1", "h", "1 s"}
	day     = []string{"1ns", "24h"}
	notDay  = []string{"-1ns", "24h0m0.000000001s", "1d"}
	boolean = []string{"true", "false"}
	notBool = []string{"True", "yes", "0", "1", "tru"}
	octet   = []string{"0", "1", "255", "0xff"}
	notOct  = []string{"-1", "256", "1.0", "x"}
	port0   = []string{"0", "65535"}
	notPort = []string{"-1", "65536"}
	port1   = []string{"1", "65535"}
	notOne  = []string{"0", "-1", "65536"}
	shares  = []string{"0", "0%", "1", "100%", "0.001", ".5", "12.5%"}
	notShrs = []string{"-1", "1.0000001", "100.1%", "50 %", "%", "1e-3", "half", "NaN"}
	rates   = []string{"1bit", "0.001kbit", "1Gbit", "1000Gbit", "1.001kbit", "4.35Mbit"}
	notRts  = []string{"0bit", "0.5bit", "1.5bit", "1000.1Gbit", "1", "1kbps", "-1bit", "1Kbit", "bit"}
	sizes   = []string{"1", "1B", "1.5kB", "1073741824", "1024MiB", "1.001kB"}
	notSzs  = []string{"0", "0.5", "1.5", "1073741825", "1025MiB", "1KB", "-1", "1 kB", "kB"}
	kinds   = []string{"0", "255", "0/0", "255/255"}
	notKnds = []string{"256", "0/256", "256/0", "-1", "3/", "/4", "3/4/5", "3.4", "+3"}
)

// bounds is a key, the place of its value, and what it may be and may not.
type bounds struct {
	key, file, at string // at: "¤" is the value
	good, bad     []string
}

var scalars = []bounds{
	{"Topology.seed", inTop, "seed: ¤", []string{"0", "18446744073709551615"}, []string{"-1", "18446744073709551616", "1.5"}},
	{"Topology.start", inTop, "start: ¤", []string{"1970-01-01T00:00:00Z", "2199-12-31T23:59:59Z", "2200-01-01T00:59:59+01:00"}, []string{"1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "2026-01-01", "1970-01-01T00:00:00+01:00"}},
	{"Path.delay", inLink, "delay: ¤", hour, notHour},
	{"Path.jitter", inLink, "jitter: ¤", hour, notHour},
	{"Path.gap", inLink, "gap: ¤", hour, notHour},
	{"Path.spread", inLink, "spread: ¤", []string{"uniform", "normal"}, []string{"Normal", "pareto", "'uniform,normal'", "''"}},
	{"Path.loss", inLink, "loss: ¤", shares, notShrs},
	{"Path.duplicate", inLink, "duplicate: ¤", shares, notShrs},
	{"Path.reorder", inLink, "reorder: ¤", shares, notShrs},
	{"Path.corrupt", inLink, "corrupt: ¤", shares, notShrs},
	{"Link.rate", inLink, "rate: ¤", rates, notRts},
	{"Link.queue", inLink, "queue: ¤", sizes, notSzs},
	{"Link.mtu", inLink, "mtu: ¤", []string{"68", "65535"}, []string{"67", "65536", "0", "-68"}},
	{"Link.resolve", inLink, "resolve: ¤", []string{"1ns", "60s", "1m"}, []string{"0s", "-1ns", "60.000000001s"}},
	{"Link.down", inLink, "down: ¤", boolean, notBool},
	{"Cut.from", inLink, "cuts: [{from: ¤}]", []string{"0s", "1ns", "24h"}, notDay},
	{"Cut.to", inLink, "cuts: [{to: ¤}]", day, append(notDay, "0s")},
	{"Cut.every", inLink, "cuts: [{to: 1ms, every: ¤}]", []string{"10ms", "24h"}, append(notDay, "0s", "9.999999ms")},
	{"Interface.detect", inIface, "detect: ¤", hour, notHour},
	{"Interface.restore", inIface, "restore: ¤", hour, notHour},
	{"Interface.mtu", inIface, "mtu: ¤", []string{"68", "65535"}, []string{"67", "65536", "0"}},
	{"Interface.rate", inIface, "rate: ¤", rates, notRts},
	{"Interface.queue", inIface, "queue: ¤", sizes, notSzs},
	{"Interface.quench_at", inIface, "quench_at: ¤", sizes, notSzs},
	{"Interface.black_hole", inIface, "black_hole: ¤", boolean, notBool},
	{"Interface.min_precedence", inIface, "min_precedence: ¤", []string{"0", "7"}, []string{"8", "-1", "256"}},
	{"Label.value", inIface, "labels: [{value: ¤}]", []string{"0", "1048575"}, []string{"1048576", "-1"}},
	{"Label.tc", inIface, "labels: [{tc: ¤}]", []string{"0", "7"}, []string{"8", "-1"}},
	{"Advertise.max", inIface, "advertise: {max: ¤}", []string{"4s", "30m"}, []string{"3.999999999s", "30m0.000000001s", "0s"}},
	{"Advertise.min", inIface, "advertise: {min: ¤}", []string{"3s", "30m"}, []string{"2.999999999s", "30m0.000000001s", "0s"}},
	{"Advertise.lifetime", inIface, "advertise: {lifetime: ¤}", []string{"4s", "150m"}, []string{"3.999999999s", "150m0.000000001s"}},
	{"Advertise.preference", inIface, "advertise: {preference: ¤}", []string{"-2147483648", "2147483647", "0"}, []string{"-2147483649", "2147483648"}},
	{"NAT.mappings", inIface, "nat: {mappings: ¤}", []string{"0", "32768"}, []string{"-1", "32769"}},
	{"NAT.udp", inIface, "nat: {udp: ¤}", day, notDay},
	{"NAT.icmp", inIface, "nat: {icmp: ¤}", day, notDay},
	{"NAT.quotes", inIface, "nat: {quotes: ¤}", []string{"mend", "leave"}, []string{"yes", "restore"}},
	{"NAT.inside", inIface, "nat: {inside: ¤}", []string{"10.0.0.0/8", "10.0.0.1", "::/0", "2001:db8::/127"}, []string{"10.0.0.1/8", "10.0.0.0/33", "default", "2001:db8::1/64", "x"}},
	{"Interface.more", inIface, "more: ¤", []string{"10.0.9.1/24", "10.0.9.1/32", "fd00::1/64"}, []string{"10.0.9.1", "10.0.9.1/33", "fd00::1/129", "fe80::1%a/64", "'::ffff:10.0.9.1/120'"}},
	{"Route.tos", inNode, "routes: [{to: default, dev: eth0, tos: ¤}]", []string{"0", "4", "28", "0x1c"}, []string{"29", "-1", "256"}},
	{"Route.metric", inNode, "routes: [{to: default, dev: eth0, metric: ¤}]", []string{"0", "65535"}, []string{"-1", "65536", "1.5"}},
	{"Route.choice", inNode, "routes: [{to: default, dev: eth0, choice: ¤}]", []string{"flow", "pair", "packet"}, []string{"flows", "random"}},
	{"Route.to", inNode, "routes: [{dev: eth0, to: ¤}]", []string{"default", "default6", "10.0.0.0/8", "10.0.0.1", "10.0.0.1/32"}, []string{"Default", "default4", "10.0.0.1/31", "10.0.0.0/-1"}},
	{"Listen.udp", inNode, "listen: [{udp: ¤}]", port1, notOne},
	{"Listen.tcp", inNode, "listen: [{tcp: ¤}]", port1, notOne},
	{"Listen.rate", inNode, "listen: [{tcp: 1, rate: ¤}]", rates, notRts},
	{"Listen.answer", inNode, "listen: [{udp: 1, answer: ¤}]", []string{"none", "echo"}, []string{"discard"}},
	{"Node.kind", inNode, "kind: ¤", []string{"host", "gateway"}, []string{"Host", "router"}},
	{"Manners.ttl", inNode, "ttl: ¤", []string{"1", "255"}, []string{"0", "256", "-1"}},
	{"Manners.silent", inNode, "silent: ¤", boolean, notBool},
	{"Manners.timestamp", inNode, "timestamp: ¤", boolean, notBool},
	{"Manners.no_route", inNode, "no_route: ¤", []string{"net", "host"}, []string{"network"}},
	{"Manners.redirects", inNode, "redirects: ¤", []string{"ignore", "secure", "unchecked"}, []string{"true", "all"}},
	{"Manners.quote", inNode, "quote: ¤", []string{"8", "65535"}, []string{"7", "65536", "0"}},
	{"Manners.error_limit", inNode, "error_limit: ¤", []string{"68", "65535"}, []string{"67", "65536", "0"}},
	{"Manners.icmp_delay", inNode, "icmp_delay: ¤", hour, notHour},
	{"Manners.icmp_jitter", inNode, "icmp_jitter: ¤", hour, notHour},
	{"Clock.offset", inNode, "clock: {offset: ¤}", []string{"-8760h", "8760h", "0s"}, []string{"-8760h0m0.000000001s", "8760h0m0.000000001s"}},
	{"Clock.drift", inNode, "clock: {drift: ¤}", []string{"-1", "1", "-1.0", "1e-6", "0"}, []string{"-1.0000001", "1.0000001", ".nan", "NaN", "Inf", "-.inf", "1%", "fast"}},
	{"Clock.unit", inNode, "clock: {unit: ¤}", []string{"milliseconds", "nonstandard", "seconds"}, []string{"ms"}},
	{"Rate.every", inNode, "limit: {each: {every: ¤}}", hour, notHour},
	{"Rate.burst", inNode, "limit: {all: {burst: ¤}}", []string{"0", "10000"}, []string{"-1", "10001"}},
	{"Assembly.timeout", inNode, "reassembly: {timeout: ¤}", hour, notHour},
	{"Assembly.memory", inNode, "reassembly: {memory: ¤}", []string{"262144", "256KiB", "64MiB", "67108864"}, []string{"262143", "67108865", "256kB", "65MiB"}},
	{"PMTU.floor", inNode, "pmtu: {floor: ¤}", []string{"68", "1500"}, []string{"67", "1501", "0"}},
	{"PMTU.age", inNode, "pmtu: {age: ¤}", day, notDay},
	{"Rule.port", inNode, "filter: [{proto: udp, action: drop, port: ¤}]", port1, notOne},
	{"Rule.proto", inNode, "filter: [{action: drop, proto: ¤}]", []string{"icmp", "icmp6", "tcp", "udp"}, []string{"17", "sctp"}},
	{"Rule.action", inNode, "filter: [{action: ¤}]", []string{"accept", "drop", "reject"}, []string{"allow"}},
	{"Rule.icmp", inNode, "filter: [{action: drop, proto: icmp, icmp: ¤}]", kinds, notKnds},
	{"Rule.from", inNode, "filter: [{action: drop, from: ¤}]", []string{"10.0.0.0/8", "10.0.0.1", "::/0"}, []string{"10.0.0.1/8", "default", "any"}},
	{"Step.at", inSteps, "say: x, at: ¤", append([]string{"0s"}, day...), notDay},
	{"Step.wait", inSteps, "wait: ¤", day, notDay},
	{"Ping.size", inSteps, "ping: {from: a, to: a, size: ¤}", []string{"0", "65507"}, []string{"-1", "65508"}},
	{"Ping.timeout", inSteps, "ping: {from: a, to: a, timeout: ¤}", hour, notHour},
	{"Series.count", inSteps, "ping: {from: a, to: a, count: ¤}", []string{"1", "100000"}, []string{"0", "100001", "-1"}},
	{"Series.interval", inSteps, "ping: {from: a, to: a, interval: ¤}", hour, notHour},
	{"Header.source", inSteps, "ping: {from: a, to: a, source: ¤}", []string{"10.0.0.1", "'::'", "0.0.0.0"}, []string{"a", "10.0.0.1/24", "fe80::1%a", "'::ffff:10.0.0.1'", "10.0.0.256"}},
	{"Header.ttl", inSteps, "ping: {from: a, to: a, ttl: ¤}", octet, notOct},
	{"Header.tos", inSteps, "ping: {from: a, to: a, tos: ¤}", octet, notOct},
	{"Header.option", inSteps, "ping: {from: a, to: a, option: ¤}", []string{"record-route", "timestamp", "timestamp-address"}, []string{"rr"}},
	{"Query.what", inSteps, "query: {from: a, to: a, what: ¤}", []string{"timestamp", "mask", "information", "router", "probe"}, []string{"echo"}},
	{"Query.timeout", inSteps, "query: {from: a, to: a, what: mask, timeout: ¤}", hour, notHour},
	{"Trace.by", inSteps, "trace: {from: a, to: a, by: ¤}", []string{"udp", "icmp", "tcp"}, []string{"sctp"}},
	{"Trace.flow", inSteps, "trace: {from: a, to: a, flow: ¤}", []string{"same", "vary"}, []string{"paris"}},
	{"Trace.port", inSteps, "trace: {from: a, to: a, port: ¤}", port0, notPort},
	{"Trace.queries", inSteps, "trace: {from: a, to: a, queries: ¤}", []string{"0", "10"}, []string{"-1", "11"}},
	{"Trace.first", inSteps, "trace: {from: a, to: a, first: ¤}", octet, notOct},
	{"Trace.max", inSteps, "trace: {from: a, to: a, max: ¤}", octet, notOct},
	{"Trace.size", inSteps, "trace: {from: a, to: a, size: ¤}", []string{"0", "65535"}, []string{"-1", "65536"}},
	{"Trace.timeout", inSteps, "trace: {from: a, to: a, timeout: ¤}", hour, notHour},
	{"Send.udp", inSteps, "send: {from: a, to: a, udp: ¤}", port0, notPort},
	{"Send.proto", inSteps, "send: {from: a, to: a, proto: ¤}", octet, notOct},
	{"Send.size", inSteps, "send: {from: a, to: a, size: ¤}", []string{"0", "65535"}, []string{"-1", "65536"}},
	{"Forge.icmp", inSteps, "forge: {from: a, to: a, icmp: ¤}", []string{"0/0", "255/255"}, notKnds},
	{"Forge.pointer", inSteps, "forge: {from: a, to: a, icmp: 12/0, pointer: ¤}", octet, notOct},
	{"Forge.mtu", inSteps, "forge: {from: a, to: a, icmp: 3/4, mtu: ¤}", port0, notPort},
	{"Forge.size", inSteps, "forge: {from: a, to: a, icmp: 8/0, size: ¤}", []string{"0", "65507"}, []string{"-1", "65508"}},
	{"Forge.payload", inSteps, "forge: {from: a, to: a, payload: ¤}", []string{"00", "aAfF09", "'00 01  02'", "'0 0'"}, []string{"'0'", "0g", "0x00", "000"}},
	{"Forge.options", inSteps, "forge: {from: a, to: a, icmp: 8/0, options: ¤}", []string{"''", "'01010101'", "'" + strings.Repeat("01", 40) + "'"}, []string{"'0101010'", "xx"}},
	{"Quoted.proto", inSteps, "forge: {from: a, to: a, icmp: 3/4, quote: {source: a, to: a, proto: ¤}}", []string{"icmp", "tcp", "udp"}, []string{"17"}},
	{"Quoted.seq", inSteps, "forge: {from: a, to: a, icmp: 3/4, quote: {source: a, to: a, seq: ¤}}", []string{"0", "4294967295"}, []string{"-1", "4294967296"}},
	{"Quoted.size", inSteps, "forge: {from: a, to: a, icmp: 3/4, quote: {source: a, to: a, size: ¤}}", []string{"0", "65535"}, []string{"-1", "65536"}},
	{"Fragment.offset", inSteps, "forge: {from: a, to: a, icmp: 8/0, fragment: {offset: ¤}}", []string{"0", "8", "65528"}, []string{"-8", "65536", "65529"}},
	{"Fragment.id", inSteps, "forge: {from: a, to: a, icmp: 8/0, fragment: {id: ¤}}", port0, notPort},
	{"TCP.port", inSteps, "tcp: {from: a, to: a, port: ¤}", port1, notOne},
	{"TCP.rate", inSteps, "tcp: {from: a, to: a, port: 1, rate: ¤}", rates, notRts},
	{"Show.what", inSteps, "show: {node: a, what: ¤}", []string{"routes", "redirects", "pmtu", "counters", "tcp"}, []string{"route"}},
}

// TestScalars: each value is let in up to its bounds and refused beyond, with
// one error, where it stands.
func TestScalars(t *testing.T) {
	for _, s := range scalars {
		_, name, _ := strings.Cut(s.key, ".")
		put := func(v string) string {
			return strings.Replace(s.file, "¤", strings.Replace(s.at, "¤", v, 1), 1)
		}
		for _, v := range s.good {
			if _, err := topology.Parse("t", []byte(put(v))); err != nil {
				t.Errorf("%s: %s: %v", s.key, v, err)
			}
		}
		before, _, _ := strings.Cut(put("¤"), "¤")
		line, col := strings.Count(before, "\n")+1, len(before)-strings.LastIndexByte(before, '\n')
		for _, v := range s.bad {
			_, err := topology.Parse("t", []byte(put(v)))
			var all topology.Errors
			if !errors.As(err, &all) || len(all) != 1 {
				t.Errorf("%s: %s: %v", s.key, v, err)
				continue
			}
			e := all[0]
			if e.Line != line || e.Col != col || !strings.HasPrefix(e.What, name+": expected ") ||
				!strings.HasSuffix(e.What, fmt.Sprintf(", found %q", strings.Trim(v, "'"))) {
				t.Errorf("%s: %s: %v, want it at %d:%d", s.key, v, e, line, col)
			}
		}
	}
}

// TestScalarsAll: no key with bounds or with words of its own is forgotten in
// TestScalars, and what an error says are the bounds are those.
func TestScalarsAll(t *testing.T) {
	tested := map[string]bounds{}
	for _, s := range scalars {
		tested[s.key] = s
	}
	for part, keys := range topology.Schema() {
		for _, k := range keys {
			if k.Min == "" && k.Max == "" && k.One == "" {
				continue
			}
			s, ok := tested[part+"."+k.Name]
			if !ok {
				t.Errorf("%s.%s is not tested", part, k.Name)
				continue
			}
			text := strings.Replace(s.file, "¤", strings.Replace(s.at, "¤", "?!", 1), 1)
			_, err := topology.Parse("t", []byte(text))
			if err == nil {
				t.Errorf("%s: ?! is let in", s.key)
				continue
			}
			for _, b := range []string{k.Min, k.Max, strings.ReplaceAll(k.One, ",", ", ")} {
				if !strings.Contains(err.Error(), b) {
					t.Errorf("%s: no %q in %v", s.key, b, err)
				}
			}
		}
	}
}

// TestRounding: decimals with a unit are what they say, and not one less.
func TestRounding(t *testing.T) {
	top, err := topology.Parse("t", []byte(strings.Replace(inLink, "¤", "rate: 1.001kbit, queue: 1.001kB", 1)))
	if err != nil || top.Links[0].Rate != 1001 || top.Links[0].Queue != 1001 {
		t.Errorf("%+v, %v", top, err)
	}
	top, err = topology.Parse("t", []byte(strings.Replace(inLink, "¤", "rate: 999.999999999Gbit, queue: 0.5KiB", 1)))
	if err != nil || top.Links[0].Rate != 999_999_999_999 || top.Links[0].Queue != 512 {
		t.Errorf("%+v, %v", top, err)
	}
}
