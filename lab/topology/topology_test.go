package topology_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
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
  In two lines.
try: sonde lab run triangle
start: 2026-03-01T09:00:00+01:00
seed: 7
links:
  lan: {delay: 1ms, jitter: 100us, loss: 1%, rate: 10Mbit, queue: 64KiB, mtu: 1500, outside: 10.0.1.200/24}
  wan:
    delay: 2ms
nodes:
  a:
    interfaces:
      - {link: lan, address: 10.0.1.10/24, address6: 2001:db8:1::10/64, more: [10.0.5.1/24, 2001:db8:5::1/64]}
    routes:
      - {to: default, via: 10.0.1.1}
      - {to: default6, dev: eth0}
    echo: false
  r:
    kind: gateway
    icmp_delay: [44ms, 5.9ms]
    interfaces:
      - {link: lan, address: 10.0.1.1/24, name: up}
      - {link: wan, address: 10.0.2.1/24, labels: [{value: 100, tc: 7}], transmit: {loss: 0.25}}
    routes: [{to: 10.9.0.0/16, via: [10.0.2.9, 10.0.2.9], choice: packet, tos: 0x10}]
    filter:
      - {in: up, proto: udp, port: 53, action: reject, with: 3/9}
      - {proto: icmp, icmp: 8, action: drop}
  b:
    interfaces: [{link: wan, address: 10.0.2.9/24}]
    routes:
      - {to: default, via: 10.0.2.1}
    listen: [{udp: 7, answer: echo}]
names:
  10.0.1.1: {name: gw.example.net, owner: Example}
  10.0.0.0/8: {owner: Private}
  2001:db8::/32: {owner: Documentation}
steps:
  - ping: {from: a, to: b, count: 3, interval: 1s, size: 56, df: true, ttl: 64, route: [r/up]}
  - at: 10s
    say: and now
  - forge: {from: a, source: 10.0.2.9, to: r, icmp: 3/4, mtu: 68, quote: {source: a, to: b, port: 7}}
  - down: {link: wan}
`

func TestParse(t *testing.T) {
	top, err := topology.Parse("t.yaml", []byte(triangle))
	if err != nil {
		t.Fatal(err)
	}
	no := false
	ten := 10 * time.Second
	p, a := netip.MustParsePrefix, netip.MustParseAddr
	lan := topology.Link{
		Name: "lan", Path: topology.Path{Delay: time.Millisecond, Jitter: 100 * time.Microsecond, Loss: 0.01},
		Rate: 10_000_000, Queue: 65536, MTU: 1500, Outside: []netip.Prefix{p("10.0.1.200/24")},
	}
	for _, tt := range []struct {
		what      string
		got, want any
	}{
		{"head", []string{top.Name, top.Title, top.Teaches, top.Try}, []string{
			"triangle", "A datagram too big", "Path MTU discovery.\nIn two lines.\n", "sonde lab run triangle",
		}},
		{"start", top.Start, time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)},
		{"seed", top.Seed, uint64(7)},
		{"lan", top.Links[0], lan},
		{"wan", top.Links[1], topology.Link{Name: "wan", Path: topology.Path{Delay: 2 * time.Millisecond}}},
		{"found", top.Link("wan"), &top.Links[1]},
		{"not found", top.Link("none"), (*topology.Link)(nil)},
		{"a", top.Nodes[0], topology.Node{
			Name: "a",
			Interfaces: []topology.Interface{{
				Link: "lan", Address: p("10.0.1.10/24"), Address6: p("2001:db8:1::10/64"),
				More: []netip.Prefix{p("10.0.5.1/24"), p("2001:db8:5::1/64")},
			}},
			Routes: []topology.Route{
				{To: p("0.0.0.0/0"), Via: []netip.Addr{a("10.0.1.1")}}, {To: p("::/0"), Dev: "eth0"},
			},
			Manners: topology.Manners{Echo: &no},
		}},
		{"addresses", top.Nodes[0].Interfaces[0].Addrs(), []netip.Prefix{
			p("10.0.1.10/24"), p("2001:db8:1::10/64"), p("10.0.5.1/24"), p("2001:db8:5::1/64"),
		}},
		{"gateways", []bool{top.Nodes[0].Gateway(), top.Nodes[1].Gateway()}, []bool{false, true}},
		{"delays", top.Nodes[1].ICMPDelay, []time.Duration{44 * time.Millisecond, 5900 * time.Microsecond}},
		{"labels", top.Nodes[1].Interfaces[1].Labels, []topology.Label{{Value: 100, TC: 7}}},
		{"transmit", *top.Nodes[1].Interfaces[1].Transmit, topology.Path{Loss: 0.25}},
		{"ecmp", top.Nodes[1].Routes, []topology.Route{{
			To: p("10.9.0.0/16"), Via: []netip.Addr{a("10.0.2.9"), a("10.0.2.9")}, Choice: "packet", TOS: 16,
		}}},
		{"filter", top.Nodes[1].Filter, []topology.Rule{
			{In: "up", Proto: "udp", Port: 53, Action: "reject", With: &topology.Kind{Type: 3, Code: 9}},
			{Proto: "icmp", ICMP: &topology.Kind{Type: 8, Any: true}, Action: "drop"},
		}},
		{"listen", top.Nodes[2].Listen, []topology.Listen{{UDP: 7, Answer: "echo"}}},
		{"names", top.Names, []topology.Named{
			{p("10.0.1.1/32"), "gw.example.net", "Example"},
			{p("10.0.0.0/8"), "", "Private"},
			{p("2001:db8::/32"), "", "Documentation"},
		}},
		{"ping", *top.Steps[0].Ping, topology.Ping{
			From: "a", To: "b", Size: 56, Series: topology.Series{Count: 3, Interval: time.Second},
			Header: topology.Header{DF: true, TTL: 64, Route: []topology.Target{"r/up"}},
		}},
		{"say", top.Steps[1], topology.Step{At: &ten, Say: "and now"}},
		{"forge", *top.Steps[2].Forge, topology.Forge{
			From: "a", Source: "10.0.2.9", To: "r", ICMP: &topology.Kind{Type: 3, Code: 4}, MTU: 68,
			Quote: &topology.Quoted{Source: "a", To: "b", Port: 7},
		}},
		{"down", *top.Steps[3].Down, topology.Switch{Link: "wan"}},
		{"kinds", []string{top.Steps[0].Kind(), top.Steps[1].Kind(), top.Steps[3].Kind()}, []string{"ping", "say", "down"}},
	} {
		if !reflect.DeepEqual(tt.got, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.what, tt.got, tt.want)
		}
	}
}

func TestAddr(t *testing.T) {
	top, err := topology.Parse("t.yaml", []byte(triangle))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ target, want string }{
		{"a", "10.0.1.10"},
		{"r", "10.0.1.1"},
		{"r/up", "10.0.1.1"},
		{"r/eth1", "10.0.2.1"},
		{"r/eth0", ""},
		{"none", ""},
		{"", ""},
		{"192.0.2.7", "192.0.2.7"},
		{"2001:db8::7", "2001:db8::7"},
		{"::ffff:10.0.0.1", ""},
		{"fe80::1%eth0", ""},
	} {
		got, ok := top.Addr(topology.Target(tt.target))
		if ok != (tt.want != "") || ok && got.String() != tt.want {
			t.Errorf("%q: %v, %v", tt.target, got, ok)
		}
	}
	r := top.Node("r")
	if f, i := r.Interface("up"); i != 0 || f != &r.Interfaces[0] || r.InterfaceName(1) != "eth1" {
		t.Errorf("up: %v, %d", f, i)
	}
	if f, i := r.Interface("none"); i != -1 || f != nil || top.Node("none") != nil {
		t.Errorf("none: %v, %d", f, i)
	}
	for _, tt := range []struct {
		addr string
		want int
	}{{"10.0.1.99", 0}, {"10.0.2.99", 1}, {"10.0.3.1", -1}} {
		if got := r.Toward(netip.MustParseAddr(tt.addr)); got != tt.want {
			t.Errorf("toward %s: %d", tt.addr, got)
		}
	}
}

// wrong is what is put into a good file in the place of something else, and what
// is said about it: where § stands in it, or at.
type wrong struct{ old, new, at, want string }

func refuse(t *testing.T, tests []wrong) {
	t.Helper()
	for _, tt := range tests {
		if strings.Count(triangle, tt.old) == 0 {
			t.Fatalf("the file has no %q", tt.old)
		}
		text := strings.Replace(triangle, tt.old, tt.new, 1)
		if before, after, marked := strings.Cut(text, "§"); marked {
			text = before + after
			line := strings.LastIndexByte(before, '\n')
			tt.at = fmt.Sprintf("%d:%d", strings.Count(before, "\n")+1, len(before)-line)
		}
		_, err := topology.Parse("t.yaml", []byte(text))
		var e *topology.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", tt.new, err)
			continue
		}
		if at := fmt.Sprintf("%d:%d", e.Line, e.Col); at != tt.at || !strings.Contains(e.What, tt.want) {
			t.Errorf("%q:\n got %s %s\nwant %s %s", tt.new, at, e.What, tt.at, tt.want)
		}
		if want := fmt.Sprintf("t.yaml:%d:%d: %s", e.Line, e.Col, e.What); e.Error() != want {
			t.Errorf("%q", e.Error())
		}
	}
}

// TestValues: what is no value of its kind is refused where it stands, with what
// was expected.
func TestValues(t *testing.T) {
	refuse(t, []wrong{
		{"name: triangle", "§nam: triangle", "", `unknown key "nam", expected one of name, title,`},
		{"name: triangle", "name: §[a]", "", "name: expected text"},
		{"seed: 7", "seed: §-7", "", "seed: expected a whole number, found \"-7\""},
		{"seed: 7", "seed: §18446744073709551616", "", "expected a whole number"},
		{"seed: 7", "seed: §seven", "", "expected a whole number"},
		{"start: 2026-03-01T09:00:00+01:00", "start: §yesterday", "", "expected a time such as 2026-01-01T12:00:00Z"},
		{"start: 2026-03-01T09:00:00+01:00", "start: §1969-03-01T09:00:00Z", "", "expected a time"},
		{"start: 2026-03-01T09:00:00+01:00", "start: §2200-03-01T09:00:00Z", "", "expected a time"},
		{"delay: 1ms,", "delay: §1,", "", "delay: expected a duration such as 10ms or 1.5s, 1h at most, found \"1\""},
		{"delay: 1ms,", "delay: §-1ms,", "", "expected a duration"},
		{"delay: 1ms,", "delay: §61m,", "", "expected a duration"},
		{"delay: 1ms,", "delay:§ ,", "", "delay: expected a duration"},
		{"loss: 1%", "loss: §101%", "", "loss: expected a share such as 0.5% or 0.005, from 0 to 1"},
		{"loss: 1%", "loss: §1.01", "", "expected a share"},
		{"loss: 1%", "loss: §-1%", "", "expected a share"},
		{"loss: 1%", "loss: §1x", "", "expected a share"},
		{"rate: 10Mbit", "rate: §10", "", "rate: expected a rate such as 64kbit, 10Mbit or 1Gbit"},
		{"rate: 10Mbit", "rate: §0bit", "", "expected a rate"},
		{"rate: 10Mbit", "rate: §1001Gbit", "", "expected a rate"},
		{"queue: 64KiB", "queue: §64Kib", "", "queue: expected octets, such as 1500, 64kB or 64KiB"},
		{"queue: 64KiB", "queue: §1025MiB", "", "expected octets"},
		{"queue: 64KiB", "queue: §0", "", "expected octets"},
		{"mtu: 1500", "mtu: §67", "", "mtu: expected a whole number, from 68 to 65535, found \"67\""},
		{"mtu: 1500", "mtu: §65536", "", "from 68 to 65535"},
		{"mtu: 1500", "mtu: §1500.5", "", "from 68 to 65535"},
		{"outside: 10.0.1.200/24", "outside: §10.0.1.200", "", "outside: expected an address with the length of its network"},
		{"outside: 10.0.1.200/24", "outside: §{a: b}", "", "outside: expected a list"},
		{"kind: gateway", "kind: §router", "", "kind: expected one of host, gateway, found \"router\""},
		{"echo: false", "echo: §no", "", "echo: expected true or false, found \"no\""},
		{"icmp_delay: [44ms, 5.9ms]", "icmp_delay: [44ms, §2h]", "", "icmp_delay: expected a duration such as 10ms or 1.5s, 1h at most"},
		{"icmp_delay: [44ms, 5.9ms]", "icmp_delay: [44ms, §[1ms]]", "", "icmp_delay: expected a duration"},
		{"tc: 7", "tc: §8", "", "tc: expected a whole number, 7 at most"},
		{"value: 100", "value: §1048576", "", "value: expected a whole number, 1048575 at most"},
		{"tos: 0x10", "tos: §29", "", "tos: expected a whole number, 28 at most"},
		{"port: 53", "port: §0", "", "port: expected a whole number, 1 at least"},
		{"with: 3/9", "with: §3-9", "", "with: expected an ICMP type and code such as 3/4"},
		{"with: 3/9", "with: §3/256", "", "with: expected an ICMP type and code"},
		{"with: 3/9", "with: §256/1", "", "with: expected an ICMP type and code"},
		{"to: default, via: 10.0.1.1}", "to: default, via: §10.0.1.x}", "", "via: expected an address such as 192.0.2.1"},
		{"to: default, via: 10.0.1.1}", "to: default, via: §'::ffff:10.0.1.1'}", "", "via: expected an address"},
		{"to: 10.9.0.0/16", "to: §10.9.0.1/16", "", "to: expected a network such as 192.0.2.0/24, no bits set behind its length"},
		{"10.0.1.1: {name: gw", "§x: {name: gw", "", "names: expected a network"},
		{"10.0.0.0/8: {owner", "§default: {owner", "", "names: expected a network"},
		{"mtu: 68,", "payload: §4x,", "", "payload: expected octets in hexadecimal"},
		{"links:\n", "links: §[]\nlinkz:\n", "", "links: expected names with what they are"},
		{"names:\n", "names: §x\nnamez:\n", "", "names: expected names with what they are"},
		{"  wan:\n    delay: 2ms", "  wan: §2ms", "", "wan: expected keys with values"},
		{"steps:\n", "steps: §{a: b}\nstepz:\n", "", "steps: expected a list"},
	})
}

// TestYAML: what is no YAML, or more of it than a topology needs.
func TestYAML(t *testing.T) {
	refuse(t, []wrong{
		{"name: triangle", "name: §'triangle", "", "expected YAML: "},
		{"seed: 7", "§name: again", "", `mapping key "name" already defined`},
		{"seed: 7", "seed: §&x 7", "", "seed: expected a whole number"},
		{"seed: 7", "seed: §!!int 7", "", "seed: expected a whole number"},
		{"seed: 7", "§<<: {seed: 7}", "", "unknown key"},
		{"seed: 7", "§? seed\n: 7", "", "unknown key"},
		{"steps:\n", "§---\nsteps:\n", "", "expected one document"},
		{"seed: 7", "seed: " + strings.Repeat("[", 33), "9:39", "nested 32 deep"},
		{"seed: 7", "seed: " + strings.Repeat("{a: ", 33), "9:135", "nested 32 deep"},
		{"seed: 7", strings.Repeat("- ", 33), "9:1", "nested 32 deep"},
	})
	for _, tt := range []struct{ text, want string }{
		{"", "f:1:1: expected a topology, found an empty file"},
		{"# nothing\n", "f:1:1: expected a topology"},
		{strings.Repeat("#", topology.MaxSize+1), "f:1:1: expected a file of 256 KiB at most"},
		{"- a\n", "f:1:1: : expected keys with values"},
	} {
		if _, err := topology.Parse("f", []byte(tt.text)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%.20q: %v", tt.text, err)
		}
	}
	big := "# " + strings.Repeat("x", topology.MaxSize-2-len(triangle)-1) + "\n" + triangle
	if _, err := topology.Parse("f", []byte(big)); err != nil || len(big) != topology.MaxSize {
		t.Errorf("%d octets: %v", len(big), err)
	}
}

// TestChecks: what does not fit together.
func TestChecks(t *testing.T) {
	refuse(t, []wrong{
		{"  wan:\n", "  §w n:\n", "", "expected the name of a link: 1 to 40 of A-Z a-z 0-9 . _ -, found \"w n\""},
		{"  b:\n", "  " + strings.Repeat("b", 41) + ":\n", "32:3", "expected the name of a node"},
		{"name: up}", "name: §u/p}", "", "expected the name of an interface"},
		{"outside: 10.0.1.200/24", "outside: §10.0.1.0/24", "", "expected the address of a host, 10.0.1.0 is that of the network 10.0.1.0/24 or its broadcast"},
		{"outside: 10.0.1.200/24", "outside: §10.0.1.255/24", "", "expected the address of a host"},
		{"outside: 10.0.1.200/24", "outside: §224.0.0.1/24", "", "expected an address that one host can have"},
		{"outside: 10.0.1.200/24", "outside: §127.0.0.1/8", "", "expected an address that one host can have"},
		{"outside: 10.0.1.200/24", "outside: §0.0.0.0/8", "", "expected an address that one host can have"},
		{"outside: 10.0.1.200/24", "outside: §255.255.255.255/32", "", "expected an address that one host can have"},
		{"outside: 10.0.1.200/24", "outside: 10.0.1.10/24", "17:30", "expected an address of its own, 10.0.1.10 is that of outside of lan"},
		{"link: wan, address: 10.0.2.9/24", "link: wan, address: §10.0.1.10/24", "", "expected an address of its own, 10.0.1.10 is that of a"},
		{"{link: wan, address: 10.0.2.9/24}", "{link: §van, address: 10.0.2.9/24}", "", `expected the name of a link, there is no "van": there is lan, wan`},
		{"{link: wan, address: 10.0.2.9/24}", "§{address: 10.0.2.9/24}", "", `expected the name of a link, there is no ""`},
		{"interfaces: [{link: wan, address: 10.0.2.9/24}]", "interfaces: []", "33:17", "expected interfaces: node b has none"},
		{"{link: wan, address: 10.0.2.9/24}", "§{link: wan}", "", "expected an address, this interface of b has none"},
		{"{link: wan, address: 10.0.2.9/24}", "{link: wan, address: §2001:db8::9/64}", "", "address: expected an IPv4 address"},
		{"address6: 2001:db8:1::10/64", "address6: §10.0.9.1/24", "", "address6: expected an IPv6 address"},
		{"mtu: 1500, outside", "mtu: 1279, outside", "17:9", "mtu: expected 1280 at least"},
		{"name: up}", "name: eth1}", "27:9", "expected another name, r has an interface eth1 already"},
		{"address: 10.0.2.9/24}", "address: 10.0.2.9/24, nat: §{}}", "", "expected an IPv4 address here and kind: gateway, for nat"},
		{"address: 10.0.2.9/24}", "address: 10.0.2.9/24, advertise: §{on: true}}", "", "expected kind: gateway, hosts do not advertise"},
		{"{to: default, via: 10.0.1.1}", "§{via: 10.0.1.1}", "", "to: expected a network, or default"},
		{"{to: default, via: 10.0.1.1}", "{to: '::/0', via: §10.0.1.1}", "", "via: expected an address of the family of ::/0"},
		{"{to: default, via: 10.0.1.1}", "§{to: default}", "", "expected via or dev, and not both"},
		{"{to: default, via: 10.0.1.1}", "{to: default, via: §10.0.1.1, dev: eth0}", "", "expected via or dev, and not both"},
		{"{to: default, via: 10.0.1.1}", "{to: default, via: §10.0.2.1}", "", "via: expected a neighbour, 10.0.2.1 is on no network of a"},
		{"{to: default, via: 10.0.1.1}", "{to: default, via: §10.0.1.10}", "", "via: expected a neighbour, 10.0.1.10 is a itself"},
		{"{to: default, via: 10.0.1.1}", "{to: default, via: §10.0.1.7}", "", "via: expected somebody's address, nobody on lan has 10.0.1.7"},
		{"{to: default6, dev: eth0}", "{to: §default, dev: eth0}", "", "to: expected one route of each metric, there is one to 0.0.0.0/0 already"},
		{"{to: default6, dev: eth0}", "{to: default6, dev: §eth1}", "", `dev: expected an interface of a, there is no "eth1"`},
		{"{to: default6, dev: eth0}", "{to: default6, dev: eth0, tos: §4}", "", "tos: expected bits of 0x1c, in a route of IPv4"},
		{"tos: 0x10", "tos: §1", "", "tos: expected bits of 0x1c"},
		{"via: [10.0.2.9, 10.0.2.9]", "via: [" + strings.Repeat("10.0.2.9, ", 65) + "]", "28:37", "via: expected 64 gateways at most"},
		{"{udp: 7, answer: echo}", "§{answer: echo}", "", "expected udp or tcp with a port, and not both"},
		{"{udp: 7, answer: echo}", "{udp: §7, tcp: 7}", "", "expected udp or tcp with a port, and not both"},
		{"{udp: 7, answer: echo}", "{udp: 7}, {udp: §7}", "", "expected each port once"},
		{"{udp: 7, answer: echo}", "{tcp: 7, answer: §echo}", "", "answer: expected udp with it"},
		{"{udp: 7, answer: echo}", "{udp: 7, rate: §1kbit}", "", "rate: expected tcp with it"},
		{"in: up", "in: §eth0", "", `in: expected an interface of r, there is no "eth0"`},
		{"in: up", "out: §eth0", "", `out: expected an interface of r, there is no "eth0"`},
		{"port: 53, action: reject, with: 3/9", "port: 53", "30:9", "action: expected accept, drop or reject"},
		{"proto: udp, port: 53", "proto: icmp, port: §53", "", "port: expected proto tcp or udp with it"},
		{"proto: icmp, icmp: 8", "proto: udp, icmp: §8", "", "icmp: expected proto icmp or icmp6 with it"},
		{"reject, with: 3/9", "drop, with: §3/9", "", "with: expected action reject with it"},
		{"reject, with: 3/9", "reject, with: §11/0", "", "with: expected a code of destination unreachable that has a cause"},
		{"reject, with: 3/9", "reject, with: §3/99", "", "with: expected a code"},
		{"reject, with: 3/9", "reject, with: §3", "", "with: expected a code"},
		{"10.0.0.0/8: {owner", "§10.0.1.1/32: {owner", "", "expected 10.0.1.1/32 once"},
		{"10.0.0.0/8: {owner: Private}", "10.0.0.0/8: {name: §x}", "", "name: expected that of an address, 10.0.0.0/8 is a network"},
		{"{owner: Private}", `{owner: "a\nb"}`, "39:3", "expected a name and an owner on one line"},
	})
}

// TestStepChecks: steps that cannot be done.
func TestStepChecks(t *testing.T) {
	refuse(t, []wrong{
		{"    say: and now", "    ", "43:5", "expected one of say, wait, ping, query, trace, send, forge, tcp, down, up, show, once"},
		{"    say: and now", "    say: x\n    wait: 1s", "43:5", "expected one of say, wait"},
		{"ping: {from: a", "ping: {from: §c", "", `from: expected a node, there is no "c": there is a, b, r`},
		{"ping: {from: a, to: b", "ping: {from: a, to: §c", "", `to: expected an address or a node, there is no "c"`},
		{"ping: {from: a, to: b", "ping: §{from: a", "", `to: expected an address or a node, there is no ""`},
		{"route: [r/up]", "route: [§r/down]", "", `route: expected an address or a node, there is no "r/down"`},
		{"route: [r/up]", "route: [r/up], option: §timestamp", "", "expected option or route, and not both"},
		{"    say: and now", "    query: §{from: a, to: b}", "", "what: expected what to ask for"},
		{"    say: and now", "    query: {from: §x, to: b, what: mask}", "", "from: expected a node"},
		{"    say: and now", "    query: {from: a, to: §x, what: mask}", "", "to: expected an address or a node"},
		{"    say: and now", "    trace: {from: §x, to: b}", "", "from: expected a node"},
		{"    say: and now", "    trace: {from: a, to: §x}", "", "to: expected an address or a node"},
		{"    say: and now", "    send: {from: §x, to: b}", "", "from: expected a node"},
		{"    say: and now", "    send: {from: a, to: §x}", "", "to: expected an address or a node"},
		{"    say: and now", "    tcp: {from: §x, to: b, port: 80}", "", "from: expected a node"},
		{"    say: and now", "    tcp: {from: a, to: §x, port: 80}", "", "to: expected an address or a node"},
		{"    say: and now", "    tcp: §{from: a, to: b}", "", "port: expected that of the peer"},
		{"    say: and now", "    up: {link: §van}", "", `link: expected the name of a link, there is no "van"`},
		{"    say: and now", "    up: {link: wan, node: §x}", "", `node: expected a node, there is no "x"`},
		{"    say: and now", "    up: {link: wan, node: §a}", "", "node: expected one on wan, a is not"},
		{"    say: and now", "    show: {node: §x, what: pmtu}", "", "node: expected a node"},
		{"    say: and now", "    show: §{node: a}", "", "what: expected what to show"},
		{"    say: and now", "    show: {node: a, what: pmtu, to: §x}", "", "to: expected an address or a node"},
		{"forge: {from: a,", "forge: {from: §x,", "", "from: expected a node"},
		{"source: 10.0.2.9, to: r", "source: §x, to: r", "", "source: expected an address or a node"},
		{"to: r, icmp: 3/4", "to: §x, icmp: 3/4", "", "to: expected an address or a node"},
		{"icmp: 3/4", "icmp: §3", "", "icmp: expected type and code, such as 3/4"},
		{"icmp: 3/4,", "", "45:12", "expected one of icmp, payload, datagram"},
		{"mtu: 68,", "payload: §00,", "", "expected one of icmp, payload, datagram"},
		{"mtu: 68,", "fragment: {offset: §7},", "", "offset: expected a multiple of 8"},
		{"mtu: 68,", "options: §000000,", "", "options: expected a multiple of 4 octets, 40 at most"},
		{"mtu: 68,", "options: §" + strings.Repeat("00", 44) + ",", "", "options: expected a multiple of 4 octets"},
		{"quote: {source: a", "quote: {source: §x", "", "source: expected an address or a node"},
		{"to: b, port: 7}}", "to: §x, port: 7}}", "", "to: expected an address or a node"},
	})
}

// TestErrors: all are told, in their order, and no more than twenty.
func TestErrors(t *testing.T) {
	text := strings.NewReplacer("seed: 7", "seed: x", "loss: 1%", "loss: 2", "kind: gateway", "kind: x").Replace(triangle)
	_, err := topology.Parse("t.yaml", []byte(text))
	var all topology.Errors
	if !errors.As(err, &all) || len(all) != 3 {
		t.Fatalf("%v", err)
	}
	lines := strings.Split(err.Error(), "\n")
	for i, at := range []string{"t.yaml:9:7: ", "t.yaml:11:42: ", "t.yaml:23:11: "} {
		if !strings.HasPrefix(lines[i], at) || lines[i] != all[i].Error() {
			t.Errorf("error %d: %s", i, lines[i])
		}
	}
	_, err = topology.Parse("t.yaml", []byte("nodes:\n"+strings.Repeat("", 1)+many(50)))
	if !errors.As(err, &all) || len(all) != 20 {
		t.Errorf("%d errors", len(all))
	}
	long := strings.Repeat("é", 100)
	_, err = topology.Parse("t.yaml", []byte("seed: "+long))
	if err == nil || !strings.Contains(err.Error(), strings.Repeat("é", 40)+"…\"") {
		t.Errorf("%v", err)
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  n%d: {kind: %d}\n", i, i)
	}
	return b.String()
}

func TestUnits(t *testing.T) {
	const head = "nodes: {a: {interfaces: [{link: l, address: 10.0.0.1/24}]}}\nlinks:\n  l: "
	for _, tt := range []struct {
		text string
		want topology.Link
	}{
		{"{rate: 1bit}", topology.Link{Rate: 1}},
		{"{rate: 64kbit}", topology.Link{Rate: 64_000}},
		{"{rate: 1.5Mbit}", topology.Link{Rate: 1_500_000}},
		{"{rate: 1000Gbit}", topology.Link{Rate: 1_000_000_000_000}},
		{"{queue: 1}", topology.Link{Queue: 1}},
		{"{queue: 7B}", topology.Link{Queue: 7}},
		{"{queue: 2kB}", topology.Link{Queue: 2000}},
		{"{queue: 2KiB}", topology.Link{Queue: 2048}},
		{"{queue: 2MB}", topology.Link{Queue: 2_000_000}},
		{"{queue: 1024MiB}", topology.Link{Queue: 1 << 30}},
		{"{loss: 100%}", topology.Link{Path: topology.Path{Loss: 1}}},
		{"{loss: 0}", topology.Link{}},
		{"{loss: 1}", topology.Link{Path: topology.Path{Loss: 1}}},
		{"{loss: 50%}", topology.Link{Path: topology.Path{Loss: 0.5}}},
		{"{delay: 1h}", topology.Link{Path: topology.Path{Delay: time.Hour}}},
		{"{delay: 0s}", topology.Link{}},
		{"{resolve: 1ns}", topology.Link{Resolve: 1}},
		{"{mtu: 68}", topology.Link{MTU: 68}},
		{"{mtu: 65535}", topology.Link{MTU: 65535}},
		{"{outside: []}", topology.Link{Outside: []netip.Prefix{}}},
		{"{outside: }", topology.Link{Outside: []netip.Prefix{}}},
		{"", topology.Link{}},
	} {
		top, err := topology.Parse("t", []byte(head+tt.text+"\n"))
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		tt.want.Name = "l"
		if !reflect.DeepEqual(top.Links[0], tt.want) {
			t.Errorf("%s: %+v", tt.text, top.Links[0])
		}
	}
}

func TestCause(t *testing.T) {
	for _, tt := range []struct {
		r    topology.Rule
		want report.Cause
		ok   bool
	}{
		{topology.Rule{Action: "drop"}, 0, true},
		{topology.Rule{Action: "accept"}, 0, true},
		{topology.Rule{Action: "reject"}, report.AdminProhibited, true},
		{topology.Rule{Action: "reject", With: &topology.Kind{Type: 3, Code: 9}}, report.NetProhibited, true},
		{topology.Rule{Action: "reject", With: &topology.Kind{Type: 3, Code: 3}}, report.PortUnreachable, true},
	} {
		if got, ok := tt.r.Cause(); got != tt.want || ok != tt.ok {
			t.Errorf("%+v: %v, %v", tt.r, got, ok)
		}
	}
	if s := (topology.Kind{Type: 3, Code: 4}).String(); s != "3/4" {
		t.Error(s)
	}
	if s := (topology.Kind{Type: 8, Any: true}).String(); s != "8" {
		t.Error(s)
	}
}

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.yaml")
	if err := os.WriteFile(file, []byte(triangle), 0o600); err != nil {
		t.Fatal(err)
	}
	if top, err := topology.Load(file); err != nil || top.Name != "triangle" {
		t.Errorf("%v", err)
	}
	if _, err := topology.Load(file + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := topology.Load(filepath.Dir(file)); err == nil {
		t.Error("a directory is a file")
	}
	if err := os.WriteFile(file, make([]byte, topology.MaxSize+100), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := topology.Load(file); err == nil || !strings.Contains(err.Error(), "256 KiB") {
		t.Errorf("too long: %v", err)
	}
}

// FuzzParse: whatever a file says, it is a topology or an error with a place in
// the file; and what is a topology makes a laboratory or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(triangle))
	f.Add([]byte("nodes: {a: {interfaces: [{link: l, address: 2001:db8::1/64}]}}\nlinks: {l: }\n"))
	f.Add([]byte("links: {l: {outside: [2001:db8::1/64, x: y]}}"))
	f.Add([]byte("a: *b\n? - x\n: |\n  y\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := topology.Parse("f", text)
		if err == nil {
			return
		}
		var all topology.Errors
		if !errors.As(err, &all) || len(all) == 0 || len(all) > 20 {
			t.Fatalf("%T: %v", err, err)
		}
		for _, e := range all {
			if e.Line < 1 || e.Col < 1 || e.What == "" || e.File != "f" {
				t.Errorf("%+v", e)
			}
		}
	})
}

// TestLimits: what is just within the limits is let in, what is just outside is
// not.
func TestLimits(t *testing.T) {
	node := func(name, address string) string {
		return fmt.Sprintf("links: {l: }\nnodes: {'%s': {interfaces: [{link: l, address: %s}]}}\n", name, address)
	}
	hosts := func(n int) string {
		var b strings.Builder
		b.WriteString("links:\n")
		for i := range n {
			fmt.Fprintf(&b, "  l%d:\n", i)
		}
		return b.String() + "nodes: {a: {interfaces: [{link: x, address: 10.0.0.1/24}]}}\n"
	}
	ways := func(n int) string {
		return "links: {l: }\nnodes: {a: {interfaces: [{link: l, address: 10.0.0.1/24}], routes: [{to: default, via: [" +
			strings.Repeat("10.0.0.2, ", n) + "]}]}, b: {interfaces: [{link: l, address: 10.0.0.2/24}]}}\n"
	}
	for _, tt := range []struct{ text, want string }{
		{node("azAZ09._-", "10.0.0.1/24"), ""},
		{node(strings.Repeat("n", 40), "10.0.0.1/24"), ""},
		{node(strings.Repeat("n", 41), "10.0.0.1/24"), "expected the name of a node"},
		{node("", "10.0.0.1/24"), "expected the name of a node"},
		{node("a/b", "10.0.0.1/24"), "expected the name of a node"},
		{node("a:b", "10.0.0.1/24"), "expected the name of a node"},
		{node("a@b", "10.0.0.1/24"), "expected the name of a node"},
		{node("a[b", "10.0.0.1/24"), "expected the name of a node"},
		{node("a`b", "10.0.0.1/24"), "expected the name of a node"},
		{node("a{b", "10.0.0.1/24"), "expected the name of a node"},
		{node("é", "10.0.0.1/24"), "expected the name of a node"},
		{node("a", "10.0.0.0/31"), ""},
		{node("a", "10.0.0.1/31"), ""},
		{node("a", "10.0.0.1/32"), ""},
		{node("a", "10.0.0.0/30"), "expected the address of a host"},
		{node("a", "10.0.0.3/30"), "expected the address of a host"},
		{node("a", "10.0.0.2/30"), ""},
		{hosts(12), "there is l0, l1, l10, l11, l2, l3, l4, l5, l6, l7, l8, l9"},
		{hosts(13), `there is no "x"`},
		{ways(64), ""},
		{ways(65), "expected 64 gateways at most"},
	} {
		_, err := topology.Parse("t", []byte(tt.text))
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.text, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, want %s", tt.text, err, tt.want)
		}
	}
	if _, err := topology.Parse("t", []byte(hosts(13))); err == nil || strings.Contains(err.Error(), "there is l0") {
		t.Errorf("13 names are told: %v", err)
	}
}

// TestToward: the longest of the networks that an address is on.
func TestToward(t *testing.T) {
	for _, order := range []string{
		"[{link: l, address: 10.0.0.1/8}, {link: l, address: 10.1.0.1/16, name: x}]",
		"[{link: l, address: 10.1.0.1/16, name: x}, {link: l, address: 10.0.0.1/8, name: eth0}]",
	} {
		top, err := topology.Parse("t", []byte("links: {l: }\nnodes: {a: {interfaces: "+order+"}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		n := top.Node("a")
		if i := n.Toward(netip.MustParseAddr("10.1.2.3")); n.InterfaceName(i) != "x" {
			t.Errorf("%s: interface %d", order, i)
		}
		if i := n.Toward(netip.MustParseAddr("10.2.2.3")); n.InterfaceName(i) != "eth0" {
			t.Errorf("%s: interface %d", order, i)
		}
	}
}
