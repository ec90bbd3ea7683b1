package scenario_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
)

// pair is two hosts on a link of 1 ms, and what is done there.
func pair(t *testing.T, steps string) *topology.Topology {
	t.Helper()
	return parse(t, `
name: pair
links: {wire: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: wire, address: 10.0.0.1/24, address6: "2001:db8::1/64"}]}
  b: {interfaces: [{link: wire, address: 10.0.0.2/24, address6: "2001:db8::2/64"}], listen: [{udp: 9}, {tcp: 80}]}
steps:
`+steps)
}

func parse(t *testing.T, text string) *topology.Topology {
	t.Helper()
	top, err := topology.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return top
}

// times returns when messages of a node were sent, in milliseconds.
func (x *told) times(from string) (out []float64) {
	for _, m := range narration.Of[narration.Message](x.Items) {
		if m.From == from {
			out = append(out, float64(m.Time.Sub(lab.Epoch))/float64(time.Millisecond))
		}
	}
	return out
}

// TestOrder: a step begins when the one before is done and what it sent has
// come to rest; or at its time, whatever is still going on.
func TestOrder(t *testing.T) {
	x := runs(t, pair(t, `
  - send: {from: a, to: b, udp: 9, size: 60}
  - send: {from: a, to: b, udp: 9, size: 60, count: 3, interval: 10ms}
  - send: {from: a, to: b, udp: 9, size: 60}
  - wait: 1s
  - send: {from: a, to: b, udp: 9, size: 60}
  - at: 3s
    send: {from: a, to: b, udp: 9, size: 60, count: 2, interval: 100ms}
  - at: 3050ms
    send: {from: a, to: b, udp: 9, size: 60}
  - say: done
`), scenario.Options{})
	if got, want := x.times("a"), []float64{0, 1, 11, 21, 22, 1023, 3000, 3050, 3100}; !slices.Equal(got, want) {
		t.Errorf("sent at %v, want %v", got, want)
	}
	if x.Took != 3101*time.Millisecond {
		t.Errorf("it took %v", x.Took)
	}
	var numbers []int
	for _, s := range narration.Of[narration.Step](x.Items) {
		numbers = append(numbers, s.Number)
	}
	if !slices.Equal(numbers, []int{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("steps %v", numbers)
	}
	if e := narration.Of[narration.End](x.Items); len(e) != 1 || e[0].Took != x.Took {
		t.Errorf("%+v", e)
	}
}

// TestPast: a time that has passed means at once.
func TestPast(t *testing.T) {
	x := runs(t, pair(t, `
  - wait: 1s
  - at: 2s
    say: later
  - at: 1s
    send: {from: a, to: b, udp: 9, size: 60}
`), scenario.Options{})
	if got := x.times("a"); !slices.Equal(got, []float64{2000}) {
		t.Errorf("sent at %v", got)
	}
}

func TestSeedAndStart(t *testing.T) {
	tell := func(o scenario.Options) string {
		var b bytes.Buffer
		if _, err := scenario.Run(load(t, "echo-bad-link"), narration.NewJSON(&b), o); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	first := tell(scenario.Options{})
	if first != tell(scenario.Options{Seed: 3}) {
		t.Error("the seed of the file gives another run")
	}
	if first == tell(scenario.Options{Seed: 4}) {
		t.Error("another seed gives the same run")
	}
	if later := tell(scenario.Options{Start: lab.Epoch.Add(24 * time.Hour)}); later != strings.ReplaceAll(first, "2026-01-01T", "2026-01-02T") {
		t.Error("a day later something else happens")
	}
}

type full struct{ left int }

var errFull = errors.New("full")

func (f *full) Put(narration.Item) error {
	if f.left--; f.left < 0 {
		return errFull
	}
	return nil
}

// TestSinkError: a sink that takes no more ends the run.
func TestSinkError(t *testing.T) {
	top := load(t, "attack-flood")
	for _, n := range []int{0, 1, 5, 100} {
		f := &full{left: n}
		r, err := scenario.Run(top, f, scenario.Options{})
		if !errors.Is(err, errFull) || f.left != -1 {
			t.Errorf("after %d items: %v, asked %d times more", n, err, -f.left)
		}
		if r.Took > time.Second {
			t.Errorf("after %d items it went on for %v", n, r.Took)
		}
	}
}

func TestCapture(t *testing.T) {
	var b bytes.Buffer
	var items narration.Items
	if _, err := scenario.Run(load(t, "nat"), &items, scenario.Options{Capture: &b}); err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewNgReader(&b, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, _, err = r.ReadPacketData(); err == nil; _, _, err = r.ReadPacketData() {
		n++
	}
	if want := len(narration.Of[narration.Message](items)); n != want || n == 0 {
		t.Errorf("%d datagrams in the file, %d told", n, want)
	}
	if _, err := scenario.Run(load(t, "nat"), &items, scenario.Options{Capture: broken{}}); !errors.Is(err, errFull) {
		t.Errorf("a file that cannot be written: %v", err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errFull }

// TestForge: each kind of message, quote and fragment is sent as it is written.
func TestForge(t *testing.T) {
	for step, want := range map[string]string{
		"icmp: 8/0, id: 3, seq: 9, size: 4":                                                    "8/0 Echo, id 3, seq 9, 4 octets, ttl 64",
		"icmp: 0/0, id: 3, ttl: 9, df: true, tos: 0x10":                                        "0/0 Echo Reply, id 3, seq 0, 0 octets, ttl 9, tos 0x10, df",
		"icmp: 3/4, mtu: 68, quote: {source: b, to: a, from_port: 5, port: 6}":                 "3/4 Destination Unreachable: Fragmentation Needed and Don't Fragment was Set, mtu 68, quotes 28 octets, about UDP 10.0.0.2:5 > 10.0.0.1:6, ttl 64",
		"icmp: 4/0, quote: {source: b, to: a, proto: tcp, from_port: 5, port: 6, seq: 7}":      "4/0 Source Quench, quotes 28 octets, about TCP 10.0.0.2:5 > 10.0.0.1:6, ttl 64",
		"icmp: 5/1, gateway: 10.0.0.9, size: 2, quote: {source: b, to: a, proto: icmp, id: 5}": "5/1 Redirect: Redirect Datagram for the Host, gateway 10.0.0.9, quotes 30 octets, about ICMP 10.0.0.2 > 10.0.0.1, ttl 64",
		"icmp: 11/1, quote: {source: b, to: a, size: 1500, ttl: 3}":                            "11/1 Time Exceeded: Fragment Reassembly Time Exceeded, quotes 28 octets, about UDP 10.0.0.2:0 > 10.0.0.1:0, ttl 64",
		"icmp: 12/0, pointer: 20":                                                              "12/0 Parameter Problem: Pointer indicates the error, pointer 20, quotes 0 octets, ttl 64",
		"icmp: 9/0, gateway: 10.0.0.9, lifetime: 60":                                           "9/0 Router Advertisement: Normal router advertisement, lifetime 1m0s, 10.0.0.9 preference 0, ttl 64",
		"icmp: 10/0":                "10/0 Router Solicitation, ttl 64",
		"icmp: 14/0, id: 1, seq: 2": "14/0 Timestamp Reply, id 1, seq 2, originate 00:00:00.000, receive 00:00:00.000, transmit 00:00:00.000, ttl 64",
		"icmp: 13/0":                "13/0 Timestamp, id 0, seq 0, originate 00:00:00.000, receive 00:00:00.000, transmit 00:00:00.000, ttl 64",
		"icmp: 15/0, id: 1":         "15/0 Information Request, id 1, seq 0, ttl 64",
		"icmp: 16/0, seq: 1":        "16/0 Information Reply, id 0, seq 1, ttl 64",
		"icmp: 17/0":                "17/0 Address Mask Request, id 0, seq 0, mask 0.0.0.0, ttl 64",
		"icmp: 18/0":                "18/0 Address Mask Reply, id 0, seq 0, mask 0.0.0.0, ttl 64",
		"icmp: 253/1, size: 3":      "253/1 RFC3692-style Experiment 1, 7 octets, ttl 64",
		"proto: 17, payload: 0005 0006 0008 0000":       "UDP 5 > 6, 8 octets, ttl 64",
		"proto: 17, payload: 00, options: 94 04 00 00":  "UDP, 1 octets, ttl 64, Router Alert",
		"icmp: 8/0, fragment: {id: 7, more: true}":      "8/0 Echo, id 0, seq 0, 0 octets, fragment 7 at 0 of 8 octets, ttl 64",
		"proto: 1, payload: 00, fragment: {offset: 16}": "ICMP, fragment 0 at 16 of 1 octets, ttl 64",
	} {
		x := runs(t, pair(t, "  - forge: {from: a, source: 10.0.0.77, to: b, "+step+"}"), scenario.Options{})
		m := narration.Of[narration.Message](x.Items)[0]
		if m.What != want || m.Src != addr("10.0.0.77") || m.Dst != addr("10.0.0.2") {
			t.Errorf("%s: %v > %v\n got %s\nwant %s", step, m.Src, m.Dst, m.What, want)
		}
	}
	x := runs(t, pair(t, "  - forge: {from: a, to: b, datagram: 45000014 00010000 07110000 0a000009 0a000002}"), scenario.Options{})
	if m := narration.Of[narration.Message](x.Items)[0]; m.Src != addr("10.0.0.9") || m.Octets != 20 {
		t.Errorf("%+v", m)
	}
	x = runs(t, pair(t, "  - forge: {from: a, to: b, icmp: 8/0, seq: 5, count: 3, interval: 10ms}"), scenario.Options{})
	if n, last := x.count("a", "8/0", ""), x.times("a"); n != 3 || last[2] != 20 || x.count("a", "8/0 Echo, id 0, seq 7", "") != 1 || x.first("a", "8/0").Src != addr("10.0.0.1") {
		t.Errorf("%d messages at %v", n, last)
	}
}

func TestForgeErrors(t *testing.T) {
	for step, want := range map[string]string{
		`{from: a, to: "2001:db8::2", icmp: 8/0}`:    "IPv4 only",
		"{from: a, to: 192.0.2.1, icmp: 8/0}":        "no route to host",
		"{from: a, to: b, datagram: 45 00}":          "ip",
		"{from: a, to: b, icmp: 8/0, size: 65507}":   "",
		"{from: a, to: b, icmp: 5/0}":                "Gateway",
		"{from: a, to: b, icmp: 9/0, lifetime: 100}": "Addr",
	} {
		var items narration.Items
		_, err := scenario.Run(pair(t, "  - forge: "+step), &items, scenario.Options{})
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", step, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "pair: ") {
			t.Errorf("%s: %v, want %q in it", step, err, want)
		}
	}
}

// TestSend: sizes, protocols, what the node does not take.
func TestSend(t *testing.T) {
	x := runs(t, pair(t, `
  - send: {from: a, to: b, udp: 9, port: 5555, data: hello}
  - send: {from: a, to: b, proto: 132, size: 40, ttl: 9}
  - send: {from: a, to: b, udp: 9, size: 1501, df: true}
  - send: {from: a, to: b, udp: 9, size: 100, option: record-route}
  - send: {from: a, to: "2001:db8::2", udp: 9, size: 100}
  - send: {from: a, to: 192.0.2.1, udp: 9, size: 60}
`), scenario.Options{})
	var got []string
	for _, m := range narration.Of[narration.Message](x.Items) {
		if m.From == "a" {
			got = append(got, m.What)
		}
	}
	want := []string{"UDP 5555 > 9, 13 octets, ttl 64", "SCTP, 20 octets, ttl 9"}
	if len(got) != 4 || !slices.Equal(got[:2], want) || !strings.HasSuffix(got[2], "40 octets, ttl 64, Record Route") || !strings.HasSuffix(got[3], "60 octets, ttl 64") {
		t.Errorf("%q", got)
	}
	s := narration.Of[narration.Sent](x.Items)
	if len(s) != 2 || s[0].Refused != 1 || s[0].Count != 0 || !strings.Contains(s[0].Why, "1501 octets is over the path MTU of 1500") || s[1].Why != "no route to host" {
		t.Errorf("%+v", s)
	}
}

// TestRates: what a node sends is told by the second, and again when it changes.
func TestRates(t *testing.T) {
	x := runs(t, pair(t, `
  - send: {from: a, to: b, udp: 9, size: 125, count: 30, interval: 100ms}
  - wait: 5s
  - send: {from: a, to: b, udp: 9, size: 125, count: 19, interval: 100ms}
`), scenario.Options{})
	var got []int
	for _, r := range narration.Of[narration.Rate](x.Items) {
		if d, bits := r.PerSecond(); d*1000 != bits || r.Node != "a" || r.Interval != time.Second {
			t.Errorf("%+v", r)
		}
		got = append(got, r.Datagrams)
	}
	if !slices.Equal(got, []int{10, 0}) {
		t.Errorf("datagrams %v", got)
	}
}

func TestSwitch(t *testing.T) {
	x := runs(t, pair(t, `
  - down: {link: wire}
  - ping: {from: a, to: b, timeout: 100ms}
  - wait: 2s
  - up: {link: wire}
  - ping: {from: a, to: b}
  - down: {link: wire, node: b}
  - ping: {from: a, to: b, timeout: 100ms}
  - up: {link: wire, node: b}
  - ping: {from: a, to: b}
`), scenario.Options{})
	x.received(0, 1, 0, 1)
	var got []narration.Switched
	for _, s := range narration.Of[narration.Switched](x.Items) {
		s.Moment = narration.Moment{}
		got = append(got, s)
	}
	if !slices.Equal(got, []narration.Switched{{Link: "wire"}, {Link: "wire", Up: true}, {Link: "wire", Node: "b"}, {Link: "wire", Node: "b", Up: true}}) {
		t.Errorf("%+v", got)
	}
}

func TestShow(t *testing.T) {
	top := parse(t, `
name: show
links: {l: {delay: 1ms}, m: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: l, address: 10.0.0.1/24}], routes: [{to: default, via: 10.0.0.2}, {to: 10.9.0.0/16, via: [10.0.0.2, 10.0.0.3], tos: 0x10}], redirects: unchecked}
  r: {kind: gateway, interfaces: [{link: l, address: 10.0.0.2/24}, {link: m, address: 10.1.0.1/24}], listen: [{tcp: 80}]}
  s: {kind: gateway, interfaces: [{link: l, address: 10.0.0.3/24}]}
steps:
  - show: {node: a, what: routes}
  - show: {node: a, what: routes, to: 10.1.0.9}
  - show: {node: a, what: routes, to: s}
  - show: {node: r, what: routes, to: 192.0.2.1}
  - show: {node: a, what: redirects}
  - forge: {from: s, source: 10.0.0.2, to: a, icmp: 5/1, gateway: 10.0.0.3, quote: {source: a, to: r/eth1}}
  - forge: {from: s, source: 10.0.0.2, to: a, icmp: 5/1, gateway: 10.0.0.3, quote: {source: a, to: r}}
  - show: {node: a, what: redirects}
  - show: {node: a, what: redirects, to: 10.1.0.1}
  - show: {node: a, what: routes, to: 10.1.0.1}
  - show: {node: a, what: pmtu}
  - show: {node: a, what: pmtu, to: 10.1.0.1}
  - tcp: {from: a, to: r, port: 80}
  - tcp: {from: a, to: r, port: 81}
  - show: {node: a, what: tcp}
  - show: {node: s, what: counters}
`)
	x := runs(t, top, scenario.Options{})
	var got [][]string
	for _, s := range narration.Of[narration.Shown](x.Items) {
		got = append(got, s.Lines)
	}
	want := [][]string{
		{"0.0.0.0/0 by 10.0.0.2", "10.0.0.0/24 on interface 0", "10.9.0.0/16 tos 0x10 by 10.0.0.2 by 10.0.0.3"},
		{"0.0.0.0/0 by 10.0.0.2"},
		{"10.0.0.0/24 on interface 0"},
		nil, nil,
		{"10.0.0.2 by 10.0.0.3"},
		{"10.1.0.1 by 10.0.0.3"},
		{"10.1.0.1 by 10.0.0.3 redirected"},
		{"10.0.0.2 mtu 1500", "10.0.0.3 mtu 1500"},
		{"10.1.0.1 mtu 1500"},
	}
	for i, w := range want {
		if !slices.Equal(got[i], w) {
			t.Errorf("%d: %q, want %q", i, got[i], w)
		}
	}
	tcp := got[len(want)]
	if len(tcp) != 2 || !strings.Contains(tcp[0], "> 10.0.0.2:80 established, mss 1460, sent 0") || !strings.Contains(tcp[1], "> 10.0.0.2:81 aborted") || !strings.HasSuffix(tcp[1], "; connection reset by peer") {
		t.Errorf("%q", tcp)
	}
	if c := got[len(want)+1]; !slices.Contains(c, "ipSystemStatsOutRequests.ipv4 3") {
		t.Errorf("%q", c)
	}
	conns := narration.Of[narration.Connection](x.Items)
	if len(conns) != 2 || conns[0].State != "established" || conns[0].Why != "" || conns[1].Why != "connection reset by peer" {
		t.Errorf("%+v", conns)
	}
}

func TestStepTexts(t *testing.T) {
	x := runs(t, pair(t, `
  - ping: {from: a, to: b, size: 9, ttl: 3, tos: 0x10, df: true, option: timestamp}
  - query: {from: a, to: b, what: probe, interface: eth0, timeout: 1ms}
  - trace: {from: a, to: b, by: icmp, flow: vary}
  - send: {from: a, to: b, udp: 9, size: 60, df: true, discover: true, count: 2, interval: 5ms}
  - send: {from: a, to: b, proto: 132, size: 60}
  - forge: {from: a, source: b, to: b, icmp: 5/1, gateway: 10.0.0.9, ttl: 9, count: 2, quote: {source: a, to: b}, fragment: {id: 1}}
  - tcp: {from: a, to: b, port: 80}
  - down: {link: wire, node: a}
  - up: {link: wire, node: a}
  - wait: 1s
  - show: {node: a, what: pmtu, to: b}
  - say: |
      one
      two
`), scenario.Options{})
	var got []string
	for _, s := range narration.Of[narration.Step](x.Items) {
		got = append(got, s.What+" "+s.Text)
	}
	want := []string{
		"ping a b size 9 ttl 3 tos 0x10 df timestamp", "query a b probe eth0", "trace a b icmp flow vary",
		"send a b udp 9 size 60 discover count 2 every 5ms df", "send a b proto 132 size 60",
		"forge a b icmp 5/1 as b gateway 10.0.0.9 ttl 9 a fragment count 2", "tcp a b port 80",
		"down wire a", "up wire a", "wait 1s", "show a pmtu b", "say one\ntwo",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestStepError: what cannot be done ends the run, and says which step it was.
func TestStepError(t *testing.T) {
	top := parse(t, `
name: alone
links: {l: {}}
nodes: {a: {interfaces: [{link: l, address: 10.0.0.1/24}], listen: [{udp: 7}]}}
steps:
  - say: first
  - trace: {from: a, to: 192.0.2.1}
`)
	var items narration.Items
	_, err := scenario.Run(top, &items, scenario.Options{})
	if err == nil || err.Error() != "alone: step 2: trace: stack: no route to host" {
		t.Errorf("%v", err)
	}
	for _, step := range []string{"tcp: {from: a, to: 192.0.2.1, port: 1}", "send: {from: a, to: a, udp: 9, port: 7}"} {
		top := parse(t, "name: x\nlinks: {l: {}}\nnodes: {a: {interfaces: [{link: l, address: 10.0.0.1/24}], listen: [{udp: 7}]}}\nsteps: [{"+step+"}]\n")
		if _, err := scenario.Run(top, &items, scenario.Options{}); err == nil || !strings.HasPrefix(err.Error(), "x: step 1: "+step[:3]) {
			t.Errorf("%s: %v", step, err)
		}
	}
}
