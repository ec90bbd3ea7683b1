package topology_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/lab/topology"
)

// TestUnknownKeys: no part of a file lets a key pass that it does not have, nor
// one in another case, nor one that another part has; and none stands twice.
func TestUnknownKeys(t *testing.T) {
	for _, tt := range []struct{ file, at string }{
		{inTop, "¤"},
		{inLink, "¤"},
		{inIface, "¤"},
		{inIface, "labels: [{value: 1, ¤}]"},
		{inIface, "advertise: {¤}"},
		{inIface, "nat: {¤}"},
		{inIface, "transmit: {¤}"},
		{inNode, "¤"},
		{inNode, "routes: [{to: default, dev: eth0, ¤}]"},
		{inNode, "listen: [{udp: 1, ¤}]"},
		{inNode, "clock: {¤}"},
		{inNode, "limit: {¤}"},
		{inNode, "limit: {each: {¤}}"},
		{inNode, "reassembly: {¤}"},
		{inNode, "pmtu: {¤}"},
		{inNode, "filter: [{action: drop, ¤}]"},
		{inSteps, "say: x, ¤"},
		{inSteps, "ping: {from: a, to: a, ¤}"},
		{inSteps, "query: {from: a, to: a, what: mask, ¤}"},
		{inSteps, "trace: {from: a, to: a, ¤}"},
		{inSteps, "send: {from: a, to: a, ¤}"},
		{inSteps, "forge: {from: a, to: a, icmp: 8/0, ¤}"},
		{inSteps, "forge: {from: a, to: a, icmp: 3/4, quote: {source: a, to: a, ¤}}"},
		{inSteps, "forge: {from: a, to: a, icmp: 8/0, fragment: {¤}}"},
		{inSteps, "tcp: {from: a, to: a, port: 1, ¤}"},
		{inSteps, "down: {link: l, ¤}"},
		{inSteps, "up: {link: l, ¤}"},
		{inSteps, "show: {node: a, what: tcp, ¤}"},
	} {
		for _, key := range []string{"nonsense", "Name", "yaml", "-", "MTU", "path"} {
			text := strings.Replace(tt.file, "¤", strings.Replace(tt.at, "¤", "§"+key+": 1", 1), 1)
			refuseOne(t, text, `unknown key "`+key+`", expected one of `)
		}
	}
}

// refuseOne holds a text to one error, which stands at § and begins so.
func refuseOne(t *testing.T, text, want string) {
	t.Helper()
	before, after, ok := strings.Cut(text, "§")
	if !ok {
		t.Fatalf("no place in %s", text)
	}
	_, err := topology.Parse("t", []byte(before+after))
	var all topology.Errors
	if !errors.As(err, &all) || len(all) != 1 {
		t.Errorf("%s: %v", text, err)
		return
	}
	at := topology.Pos{Line: strings.Count(before, "\n") + 1, Col: len(before) - strings.LastIndexByte(before, '\n')}
	if all[0].Pos != at || !strings.HasPrefix(all[0].What, want) {
		t.Errorf("%s:\n got %v\nwant %d:%d: %s", text, all[0], at.Line, at.Col, want)
	}
}

// put puts something into one of the files of bounds_test.go.
func put(file, at string) string { return strings.Replace(file, "¤", at, 1) }

// TestCrossChecks: what is right by itself and does not fit the rest.
func TestCrossChecks(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{put(inIface, "advertise: {on: true, max: 4s, min: §5s}"), "min: expected no more than max, 4s"},
		{put(inIface, "advertise: {on: true, min: §10m0.000000001s}"), "min: expected no more than max, 10m0s"},
		{put(inIface, "advertise: {on: true, max: 30m, lifetime: §1799s}"), "lifetime: expected no less than max, 30m0s"},
		{put(inIface, "advertise: {on: true, lifetime: §599s}"), "lifetime: expected no less than max, 10m0s"},
		{put(inIface, "more: [10.0.5.1/24, §10.0.5.1/24]"), "expected an address of its own, 10.0.5.1 is that of a"},
		{put(inIface, "more: [§10.0.0.1/8]"), "expected an address of its own, 10.0.0.1 is that of a"},
		{put(inIface, "more: [§10.0.5.255/24]"), "expected the address of a host, 10.0.5.255 is that of the network 10.0.5.0/24 or its broadcast"},
		{put(inIface, "more: [§ff02::1/64]"), "expected an address that one host can have, found ff02::1"},
		{put(inIface, "more: [§'::/64']"), "expected an address that one host can have, found ::"},
		{put(inIface, "more: [§'::1/128']"), "expected an address that one host can have, found ::1"},
		{put(inIface, "mtu: §1279, address6: fd00::1/64"), "mtu: expected 1280 at least, there is an IPv6 address (RFC 8200)"},
		{put(inNode, "routes: [{to: default, dev: eth0}, {to: §0.0.0.0/0, dev: eth0}]"), "to: expected one route of each metric, there is one to 0.0.0.0/0 already"},
		{put(inNode, "routes: [{to: 10.1.0.0/16, dev: eth0, tos: 4}, {to: §10.1.0.0/16, dev: eth0, tos: 4}]"), "to: expected one route"},
		{put(inNode, "routes: [{to: default, dev: eth0}, {to: default, dev: eth0, metric: 7}, {to: §default, dev: eth0, metric: 7}]"), "to: expected one route of each metric"},
		{put(inNode, "routes: [{to: default, dev: eth0, tos: §2}]"), "tos: expected bits of 0x1c, in a route of IPv4"},
		{put(inNode, "listen: [{tcp: 80}, §{tcp: 80}]"), "expected each port once"},
		{put(inNode, "filter: [{action: drop, port: §7}]"), "port: expected proto tcp or udp with it"},
		{put(inNode, "filter: [{action: drop, icmp: §8}]"), "icmp: expected proto icmp or icmp6 with it"},
		{put(inNode, "filter: [{action: accept, with: §3/13}]"), "with: expected action reject with it"},
		{put(inSteps, "forge: §{from: a, to: a}"), "expected one of icmp, payload, datagram"},
		{put(inSteps, "forge: {from: a, to: a, icmp: 8/0, payload: §00}"), "expected one of icmp, payload, datagram"},
		{put(inSteps, "forge: {from: a, to: a, icmp: 8/0, fragment: {offset: §65527}}"), "offset: expected a multiple of 8"},
		{put(inSteps, "forge: {from: a, to: a, icmp: 8/0, options: §'0101'}"), "options: expected a multiple of 4 octets, 40 at most"},
		{put(inSteps, "forge: {from: §b, datagram: 45}"), `from: expected a node, there is no "b": there is a`},
		{put(inSteps, "say: x, at: 1s}\n  - §{at: 2s"), "expected one of say, wait, ping, query, trace, send, forge, tcp, down, up, show, once, besides at"},
		{put(inTop, "names: {10.0.0.0/8: {name: §x}}"), "name: expected that of an address, 10.0.0.0/8 is a network and has an owner only"},
	} {
		refuseOne(t, tt.text, tt.want)
	}
	for _, good := range []string{
		put(inIface, "advertise: {on: true, max: 4s, min: 4s, lifetime: 4s}"),
		put(inIface, "advertise: {on: true, min: 10m, lifetime: 10m}"),
		put(inIface, "advertise: {max: 4s, min: 5s}"), // not in service
		put(inIface, "mtu: 1280, address6: fd00::1/64"),
		put(inIface, "mtu: 1279"),
		put(inNode, "routes: [{to: 10.1.0.0/16, dev: eth0, tos: 4}, {to: 10.1.0.0/16, dev: eth0}, {to: 10.1.0.0/17, dev: eth0}]"),
		put(inNode, "listen: [{tcp: 80}, {udp: 80}, {tcp: 81}]"),
		put(inNode, "filter: [{action: reject, with: 3/13, proto: tcp, port: 7}, {action: drop, proto: icmp6, icmp: 128}]"),
		put(inSteps, "forge: {from: a, datagram: 45}"),
		put(inSteps, "say: x, at: 1s}\n  - {say: y, at: 1s"),
	} {
		if _, err := topology.Parse("t", []byte(good)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}
