package nft_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/filter/nft"
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/rules"
)

func read(t testing.TB, name string) *filter.Ruleset {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := nft.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// policies are those that testdata was made of: by nft -f, of what package rules
// writes, and nft -j list ruleset.
var policies = map[string]string{
	"host":           "role: host\n",
	"public-server":  "role: public-server\nothers: close\nservices: [tcp/22, udp/53, tcp/443]\nlimits: {errors: none, echo: 60/min}\n",
	"gateway":        "role: gateway\noutside: [eth0, eth1]\nexceptions:\n  - {allow: through, icmp: [13/0, 14], from: [192.0.2.7, 192.0.2.0/24, 192.0.2.7], limit: 5/min, why: our clock}\n  - {deny: any, icmp6: echo-request, interface: eth0, to: 2001:db8::/32, why: not there}\n",
	"closed-network": "role: closed-network\noutside: eth0\nothers: close\n",
}

// TestPromise: what is read from nft(8) does to every type and code what the
// rules promise that it was written from.
func TestPromise(t *testing.T) {
	for name, text := range policies {
		p, err := policy.Parse(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		want, got := rules.For(p), read(t, name)
		for _, f := range []kind.Family{kind.V4, kind.V6} {
			src, dst := netip.MustParseAddr("192.0.2.9"), netip.MustParseAddr("198.51.100.1")
			if f == kind.V6 {
				src, dst = netip.MustParseAddr("2001:db8::9"), netip.MustParseAddr("2001:db8:1::1")
			}
			for _, way := range []policy.Where{policy.In, policy.Through, policy.Out} {
				for _, outside := range []bool{true, false} {
					for _, hops := range []uint8{1, 64, 255} {
						for i := range 1 << 16 {
							if hops != 64 && i < 128<<8 || i&255 > 16 && i&255 < 255 {
								continue
							}
							k := kind.Kind{Family: f, Type: uint8(i >> 8), Code: uint8(i)}
							m := rules.Message{Kind: k, Where: way, Src: src, Dst: dst, HopLimit: hops, In: rules.Inside, Out: rules.Outside, Belongs: i%2 == 0}
							pkt := filter.ICMP(k)
							pkt.Src, pkt.Dst, pkt.HopLimit, pkt.State = src, dst, hops, filter.Invalid
							pkt.In, pkt.Out = "in0", "eth0"
							if m.Belongs {
								pkt.State = filter.Related
							}
							if outside {
								pkt.In, pkt.Out, m.In, m.Out = "eth0", "in0", rules.Outside, rules.Inside
							}
							if m.Interface = pkt.In; way == policy.Out {
								m.Interface = pkt.Out
							}
							v, o := want.Decide(m), got.Decide(pkt, way)
							if v.Pass != (o.Action == filter.Accept) || len(o.Perhaps) > 0 || v.Pass && v.Limit.Zero() == o.Limited {
								t.Fatalf("%s: %+v: promised %+v, read %+v", name, m, v, o)
							}
						}
					}
				}
			}
		}
	}
}

func tcp(port uint16, state filter.State) filter.Packet {
	return filter.Packet{Family: kind.V4, Proto: 6, Port: port, State: state, HopLimit: 60, Src: netip.MustParseAddr("198.51.100.1")}
}

// TestMixed: vmaps, named sets, jumps, limits, marks and rejects.
func TestMixed(t *testing.T) {
	s := read(t, "mixed")
	if fmt.Sprint(s.Skipped) != "[arp x]" {
		t.Errorf("skipped %v", s.Skipped)
	}
	icmp := func(f kind.Family, typ, code uint8, src string, state filter.State) filter.Packet {
		p := filter.ICMP(kind.Kind{Family: f, Type: typ, Code: code})
		p.Src, p.State, p.HopLimit = netip.MustParseAddr(src), state, 60
		return p
	}
	udp := tcp(53, filter.New)
	udp.Proto = 17
	for _, tt := range []struct {
		p     filter.Packet
		where policy.Where
		want  filter.Action
		by    string
		extra string
	}{
		{icmp(kind.V4, 8, 0, "198.51.100.1", filter.New), policy.In, filter.Accept, "icmp type echo-request limit rate 5/second accept", "limited"},
		{icmp(kind.V4, 8, 0, "192.168.3.4", filter.New), policy.In, filter.Drop, "ip saddr @bogons drop", ""},
		{icmp(kind.V4, 3, 3, "198.51.100.1", filter.Related), policy.In, filter.Accept, "ct state vmap", ""},
		{icmp(kind.V4, 3, 3, "198.51.100.1", filter.Invalid), policy.In, filter.Drop, "ct state vmap", ""},
		{icmp(kind.V4, 13, 0, "198.51.100.1", filter.New), policy.In, filter.Drop, "the policy of inet filter input", "accept because meta mark 5"},
		{icmp(kind.V6, 134, 0, "fe80::1", filter.Untracked), policy.In, filter.Accept, "icmpv6 type { echo-request, nd-router-advert } accept", ""},
		{icmp(kind.V6, 135, 0, "fe80::1", filter.Untracked), policy.In, filter.Accept, "inet filter more #", ""},
		{icmp(kind.V6, 136, 0, "fe80::1", filter.Untracked), policy.In, filter.Drop, "the policy of", ""},
		{tcp(22, filter.New), policy.In, filter.Accept, "tcp dport { 22, 443 } accept", ""},
		{tcp(23, filter.New), policy.In, filter.Drop, "the policy of", ""},
		{udp, policy.In, filter.Drop, "the policy of", ""},
		{icmp(kind.V4, 3, 4, "198.51.100.1", filter.Related), policy.Through, filter.Drop, "icmp type destination-unreachable drop", ""},
		{icmp(kind.V4, 8, 0, "198.51.100.1", filter.New), policy.Through, filter.Drop, "ip protocol icmp icmp type echo-request icmp code 0 reject", ""},
		{icmp(kind.V4, 8, 1, "198.51.100.1", filter.New), policy.Through, filter.Accept, "the policy of inet filter forward", ""},
		{icmp(kind.V6, 128, 0, "2001:db8::1", filter.New), policy.Through, filter.Accept, "the policy of inet filter forward", ""},
	} {
		o := s.Decide(tt.p, tt.where)
		extra := ""
		if o.Limited {
			extra = "limited"
		}
		for _, w := range o.Perhaps {
			extra = map[filter.Action]string{filter.Accept: "accept", filter.Drop: "drop"}[w.Action] + " because " + w.Because
		}
		if o.Action != tt.want || !strings.Contains(o.By, tt.by) || extra != tt.extra {
			t.Errorf("%+v, %s: %+v (%s), want %v by %q, %s", tt.p, tt.where, o, extra, tt.want, tt.by, tt.extra)
		}
	}
}

// rule makes a rule set of one rule in a chain that accepts.
func rule(expr string) string {
	return `{"nftables":[{"limit":{"family":"inet","table":"t","name":"over","inv":true}},{"limit":{"family":"inet","table":"t","name":"within"}},
{"quota":{"family":"inet","table":"t","name":"over","inv":true}},{"chain":{"family":"inet","table":"t","name":"c","handle":1,"type":"filter","hook":"input","prio":0,"policy":"accept"}},
{"rule":{"family":"inet","table":"t","chain":"c","handle":2,"expr":[` + expr + `,{"drop":null}]}}]}`
}

// TestMatch: each field and operator, on one message: is it dropped?
func TestMatch(t *testing.T) {
	p := filter.ICMP(kind.Kind{Family: kind.V4, Type: 8})
	p.Src, p.Dst, p.HopLimit, p.State, p.In = netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("192.0.2.1"), 60, filter.New, "eth0"
	match := func(left, op, right string) string {
		return fmt.Sprintf(`{"match":{"op":%q,"left":%s,"right":%s}}`, op, left, right)
	}
	payload := func(proto, field string) string {
		return fmt.Sprintf(`{"payload":{"protocol":%q,"field":%q}}`, proto, field)
	}
	meta := func(key string) string { return fmt.Sprintf(`{"meta":{"key":%q}}`, key) }
	for _, tt := range []struct{ expr, want string }{
		{match(payload("icmp", "type"), "==", `"echo-request"`), "drop"},
		{match(payload("icmp", "type"), "==", `8`), "drop"},
		{match(payload("icmp", "type"), "==", `9`), "no"},
		{match(payload("icmp", "type"), "!=", `9`), "drop"},
		{match(payload("icmp", "type"), "!=", `8`), "no"},
		{match(payload("icmp", "type"), "<", `9`), "drop"},
		{match(payload("icmp", "type"), "<", `8`), "no"},
		{match(payload("icmp", "type"), "<=", `8`), "drop"},
		{match(payload("icmp", "type"), ">", `8`), "no"},
		{match(payload("icmp", "type"), ">", `7`), "drop"},
		{match(payload("icmp", "type"), ">=", `8`), "drop"},
		{match(payload("icmp", "type"), ">=", `9`), "no"},
		{match(payload("icmp", "type"), "==", `{"range":[8,10]}`), "drop"},
		{match(payload("icmp", "type"), "==", `{"range":[9,10]}`), "no"},
		{match(payload("icmp", "type"), "==", `{"range":[9]}`), "perhaps"},
		{match(payload("icmp", "type"), "==", `{"set":[1,{"elem":{"val":8,"counter":null}}]}`), "drop"},
		{match(payload("icmp", "type"), "==", `{"set":[]}`), "no"},
		{match(payload("icmp", "type"), "==", `"nonsense"`), "perhaps"},
		{match(payload("icmp", "type"), "==", `"@missing"`), "perhaps"},
		{match(payload("icmpv6", "type"), "==", `8`), "no"},
		{match(payload("icmpv6", "type"), "!=", `9`), "no"},
		{match(payload("icmp", "id"), "==", `9`), "perhaps"},
		{match(payload("ip", "protocol"), "==", `"icmp"`), "drop"},
		{match(payload("ip", "protocol"), "!=", `"icmp"`), "no"},
		{match(payload("ip6", "nexthdr"), "==", `1`), "no"},
		{match(payload("ip", "ttl"), "<", `61`), "drop"},
		{match(payload("ip", "ttl"), "<", `60`), "no"},
		{match(payload("ip", "saddr"), "==", `"198.51.100.7"`), "drop"},
		{match(payload("ip", "saddr"), "!=", `"198.51.100.7"`), "no"},
		{match(payload("ip", "saddr"), "==", `{"prefix":{"addr":"198.51.100.0","len":24}}`), "drop"},
		{match(payload("ip", "saddr"), "==", `{"range":["198.51.100.7","198.51.100.8"]}`), "drop"},
		{match(payload("ip", "saddr"), "==", `{"range":["198.51.100.8","198.51.100.9"]}`), "no"},
		{match(payload("ip", "saddr"), "<", `"198.51.100.8"`), "perhaps"},
		{match(payload("ip", "daddr"), "==", `{"set":["192.0.2.1"]}`), "drop"},
		{match(payload("ip6", "saddr"), "!=", `"::1"`), "no"},
		{match(payload("ip6", "daddr"), "!=", `{"prefix":{"addr":"ff00::","len":8}}`), "no"},
		{match(payload("tcp", "dport"), "!=", `22`), "no"},
		{match(payload("th", "dport"), "==", `22`), "no"},
		{match(payload("tcp", "flags"), "==", `"syn"`), "no"},
		{match(payload("udp", "length"), ">", `5`), "no"},
		{match(meta("l4proto"), "==", `{"set":["icmp","ipv6-icmp"]}`), "drop"},
		{match(meta("l4proto"), "!=", `"tcp"`), "drop"},
		{match(meta("nfproto"), "==", `"ipv6"`), "no"},
		{match(meta("protocol"), "==", `"ip"`), "drop"},
		{match(meta("iifname"), "==", `"eth0"`), "drop"},
		{match(meta("iifname"), "!=", `"lo"`), "drop"},
		{match(meta("iif"), "==", `"lo"`), "no"},
		{match(meta("iifname"), "==", `"eth*"`), "drop"},
		{match(meta("iifname"), "==", `{"set":["a","b"]}`), "no"},
		{match(meta("oifname"), "==", `"eth1"`), "perhaps"},
		{match(meta("mark"), "==", `5`), "perhaps"},
		{match(`{"ct":{"key":"state"}}`, "in", `["new","related"]`), "drop"},
		{match(`{"ct":{"key":"state"}}`, "==", `"established"`), "no"},
		{match(`{"ct":{"key":"state"}}`, "!=", `"established"`), "drop"},
		{match(`{"ct":{"key":"mark"}}`, "==", `1`), "perhaps"},
		{match(`{"fib":{"result":"oif","flags":["saddr","iif"]}}`, "==", `false`), "no"},
		{match(`{"fib":{"result":"oif","flags":["saddr","iif"]}}`, "!=", `false`), "drop"},
		{match(`{"fib":{"result":"oif","flags":["saddr","iif"]}}`, "==", `true`), "drop"},
		{match(`{"fib":{"result":"oif","flags":["daddr"]}}`, "==", `false`), "perhaps"},
		{match(`{"fib":{"result":"oifname","flags":["saddr"]}}`, "==", `"eth0"`), "perhaps"},
		{match(`{"fib":{"result":"type","flags":["daddr"]}}`, "==", `"broadcast"`), "no"},
		{match(`{"fib":{"result":"type","flags":["daddr"]}}`, "==", `{"set":["local","broadcast"]}`), "drop"},
		{match(`{"fib":{"result":"type","flags":["daddr"]}}`, "!=", `"local"`), "no"},
		{match(`{"fib":{"result":"type","flags":["saddr"]}}`, "!=", `"unicast"`), "no"},
		{match(`{"fib":{"result":"type","flags":"daddr"}}`, "==", `5`), "perhaps"},
		{match(meta("pkttype"), "==", `{"set":["broadcast","multicast"]}`), "no"},
		{match(meta("pkttype"), "!=", `"host"`), "no"},
		{match(meta("pkttype"), "==", `"host"`), "drop"},
		{match(meta("protocol"), "==", `{"set":["arp","ip"]}`), "drop"},
		{match(meta("protocol"), "==", `"arp"`), "no"},
		// What a packet has not is not compared.
		{match(`{"&":[`+payload("tcp", "flags")+`,["fin","syn"]]}`, "!=", `"syn"`), "no"},
		{match(`{"tcp option":{"name":"maxseg","field":"size"}}`, "<", `500`), "no"},
		{match(payload("ip", "dscp"), "!=", `"cs1"`), "perhaps"},
		{match(payload("ip6", "dscp"), "!=", `"cs1"`), "no"},
		{match(payload("arp", "operation"), "==", `1`), "no"},
		{match(payload("th", "sport"), "!=", `53`), "no"},
		{match(payload("ether", "saddr"), "==", `"00:00:5e:00:53:01"`), "perhaps"},
		{match(`{"payload":{"base":"nh","offset":8,"len":8}}`, "==", `1`), "perhaps"},
		// Several fields at once.
		{match(`{"concat":[`+meta("l4proto")+`,`+payload("th", "dport")+`]}`, "==", `{"set":[{"concat":["tcp",22]},{"concat":["icmp",0]}]}`), "no"},
		{match(`{"concat":[`+payload("ip", "saddr")+`,`+meta("l4proto")+`]}`, "==", `{"set":[{"concat":["192.0.2.9","icmp"]},{"elem":{"val":{"concat":["198.51.100.7","icmp"]},"timeout":9}}]}`), "drop"},
		{match(`{"concat":[`+payload("ip", "saddr")+`,`+meta("l4proto")+`]}`, "!=", `{"set":[{"concat":["198.51.100.7","icmp"]}]}`), "no"},
		{match(`{"concat":[`+payload("ip", "saddr")+`,`+meta("mark")+`]}`, "==", `{"concat":["198.51.100.7",5]}`), "perhaps"},
		{match(`{"concat":[`+payload("ip", "saddr")+`,`+meta("mark")+`]}`, "==", `{"concat":["198.51.100.8",5]}`), "no"},
		{match(`{"concat":[`+payload("ip", "saddr")+`,`+meta("mark")+`]}`, "==", `{"concat":["198.51.100.7"]}`), "perhaps"},
		{match(`{"concat":[`+payload("ip6", "dscp")+`,`+meta("mark")+`]}`, "!=", `{"concat":["cs1",5]}`), "no"},
		{match(`{"concat":[`+payload("ip", "saddr")+`,`+meta("l4proto")+`]}`, "<", `{"concat":["198.51.100.8","icmp"]}`), "perhaps"},
		{match(`{"&":[{"ct":{"key":"state"}},["established","new"]]}`, "!=", `2`), "perhaps"},
		{match(`{"&":[{"ct":{"key":"state"}},{"|":[{"|":["established","related"]},"new"]}]}`, "!=", `0`), "drop"},
		{match(`{"&":[{"ct":{"key":"state"}},["established","related"]]}`, "!=", `0`), "no"},
		{match(`{"&":[{"ct":{"key":"state"}},["established","related"]]}`, "==", `0`), "perhaps"},
		{match(`{"&":[`+payload("ip", "frag-off")+`,8191]}`, "!=", `0`), "no"},
		{match(`{"&":[`+payload("ip", "frag-off")+`,8191]}`, "==", `0`), "drop"},
		{match(`{"&":[`+payload("ip", "id")+`,1]}`, "==", `0`), "perhaps"},
		{match(`{"exthdr":{"name":"frag","field":"frag-off"}}`, "!=", `0`), "no"},
		{match(`{"exthdr":{"name":"frag"}}`, "==", `false`), "drop"},
		{match(`{"exthdr":{"name":"frag"}}`, "==", `true`), "no"},
		{`{"limit":{"rate":5,"per":"second","inv":true}}`, "no"},
		{`{"limit":{"rate":5,"per":"second"}}`, "drop"},
		{`{"quota":{"val":10,"val_unit":"mbytes","inv":true}}`, "no"},
		{`{"quota":{"val":10,"val_unit":"mbytes"}}`, "drop"},
		{`{"ct count":{"val":20,"inv":true}}`, "no"},
		{`{"limit":"over"},{"limit":"within"}`, "no"},
		{`{"limit":"within"}`, "drop"},
		{`{"quota":"over"}`, "no"},
		{`{"limit":"elsewhere"}`, "drop"},
		{`{"set":{"op":"add","elem":` + payload("ip", "saddr") + `,"set":"@s","stmt":[{"limit":{"rate":5,"per":"second","inv":true}}]}}`, "no"},
		{`{"set":{"op":"add","elem":` + payload("ip", "saddr") + `,"set":"@s"}}`, "drop"},
		{`{"set":{"op":"add","elem":` + payload("ip6", "saddr") + `,"set":"@s"}}`, "no"},
		{`{"meter":{"key":` + payload("ip", "saddr") + `,"name":"m","stmt":{"limit":{"rate":5,"per":"second","inv":true}}}}`, "no"},
		{`{"meter":{"key":` + payload("ip6", "saddr") + `,"name":"m","stmt":{"limit":{"rate":5,"per":"second"}}}}`, "no"},
		{`"what this version has no JSON for"`, "perhaps"},
		{`{"something new":null}`, "perhaps"},
		{`{"xt":{"type":"watcher","name":"x"}}`, "perhaps"},
		{`{"xt":{"type":"target","name":"LOG"}}`, "drop"},
		{`{"counter":{"packets":0,"bytes":0}},{"log":{"prefix":"x"}}`, "drop"},
		{`{"xt":{"type":"match","name":"u32"}}`, "perhaps"},
		{`{"vmap":{"key":` + payload("icmp", "type") + `,"data":{"set":[["echo-request",{"accept":null}]]}}}`, "no"},
		{`{"vmap":{"key":` + payload("icmp", "type") + `,"data":{"set":[["*",{"accept":null}],["echo-reply",{"drop":null}]]}}}`, "no"},
		{`{"vmap":{"key":` + payload("icmp", "type") + `,"data":{"set":[["*",{"drop":null}],["echo-request",{"accept":null}]]}}}`, "no"},
		{`{"vmap":{"key":` + payload("icmp", "type") + `,"data":"@missing"}}`, "drop?"},
	} {
		s, err := nft.Parse([]byte(rule(tt.expr)))
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		o := s.Decide(p, policy.In)
		got := map[filter.Action]string{filter.Accept: "no", filter.Drop: "drop"}[o.Action]
		if len(o.Perhaps) > 0 {
			got = "perhaps"
		}
		if tt.want == "drop?" { // a map that is missing may say anything
			if got == "no" {
				t.Errorf("%s: %+v", tt.expr, o)
			}
			continue
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s (%+v)", tt.expr, got, tt.want, o)
		}
	}
}

// TestGroups: what is to one machine is to no group, though its address is not
// known.
func TestGroups(t *testing.T) {
	p := filter.ICMP(kind.Kind{Family: kind.V4, Type: 3, Code: 4})
	p.HopLimit = 57
	const all, one, ours = `{"prefix":{"addr":"224.0.0.0","len":4}}`, `"255.255.255.255"`, `"192.0.2.1"`
	for right, want := range map[string][2]string{ // equal, and not
		all: {"no", "drop"}, one: {"no", "drop"}, ours: {"perhaps", "perhaps"},
		`{"set":[` + all + `,` + one + `]}`:                         {"no", "drop"},
		`{"set":[` + all + `,` + ours + `]}`:                        {"perhaps", "perhaps"},
		`{"prefix":{"addr":"224.0.0.0","len":3}}`:                   {"perhaps", "perhaps"},
		`{"prefix":{"addr":"240.0.0.0","len":4}}`:                   {"perhaps", "perhaps"},
		`{"range":["224.0.0.0","224.0.0.9"]}`:                       {"perhaps", "perhaps"},
		`{"set":[` + all + `,{"range":["192.0.2.1","192.0.2.9"]}]}`: {"perhaps", "perhaps"},
		`{"prefix":{"addr":"239.255.0.0","len":16}}`:                {"no", "drop"},
		`{"prefix":{"addr":"255.255.255.254","len":31}}`:            {"perhaps", "perhaps"},
	} {
		for i, op := range []string{"==", "!="} {
			s, err := nft.Parse([]byte(rule(`{"match":{"op":"` + op + `","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":` + right + `}}`)))
			if err != nil {
				t.Fatal(err)
			}
			o := s.Decide(p, policy.In)
			got := map[filter.Action]string{filter.Accept: "no", filter.Drop: "drop"}[o.Action]
			if len(o.Perhaps) > 0 {
				got = "perhaps"
			}
			if got != want[i] {
				t.Errorf("%s %s: %s, want %s", op, right, got, want[i])
			}
		}
	}
}

// TestElsewhere: addresses that packets are from are not those that they are to, and
// ICMPv6 has no ports either.
func TestElsewhere(t *testing.T) {
	p := filter.ICMP(kind.Kind{Family: kind.V6, Type: 1})
	p.HopLimit = 57
	for expr, want := range map[string]int{
		`{"match":{"op":"==","left":{"payload":{"protocol":"ip6","field":"saddr"}},"right":{"prefix":{"addr":"ff00::","len":8}}}}`: 1,
		`{"match":{"op":"==","left":{"payload":{"protocol":"ip6","field":"daddr"}},"right":{"prefix":{"addr":"ff00::","len":8}}}}`: 0,
		`{"match":{"op":"!=","left":{"payload":{"protocol":"th","field":"sport"}},"right":53}}`:                                    0,
	} {
		s, err := nft.Parse([]byte(rule(expr)))
		if err != nil {
			t.Fatal(err)
		}
		if o := s.Decide(p, policy.In); o.Action != filter.Accept || len(o.Perhaps) != want {
			t.Errorf("%s: %+v, want %d", expr, o, want)
		}
	}
}

// TestTarget: what a rule without a verdict does that nft(8) has no words for may
// be to drop.
func TestTarget(t *testing.T) {
	for expr, want := range map[string]string{
		`{"xt":{"type":"target","name":"REJECT"}}`: "xt target REJECT",
		`{"xt":null}`:                            "xt",
		`"xt target \"REJECT\""`:                 `xt target "REJECT"`,
		`{"queue":{"num":1}}`:                    "queue",
		`{"xt":{"type":"target","name":"MARK"}}`: "",
		`{"xt":{"type":"match","name":"u32"}}`:   "",
		`{"dup":{"addr":"192.0.2.1"}}`:           "",
	} {
		s, err := nft.Parse([]byte(strings.Replace(rule(expr), `,{"drop":null}`, "", 1)))
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		o := s.Decide(filter.ICMP(kind.Kind{Family: kind.V4, Type: 8}), policy.In)
		got := ""
		if len(o.Perhaps) > 0 {
			got = o.Perhaps[0].Because
		}
		if o.Action != filter.Accept || got != want {
			t.Errorf("%s: %+v, want %q", expr, o, want)
		}
	}
}

// TestAsleep: the chains of a table that is asleep see nothing; of one with flags
// that are not understood, perhaps.
func TestAsleep(t *testing.T) {
	for flags, want := range map[string]string{
		`"dormant"`:           "accept [inet t]",
		`["owner","dormant"]`: "accept [inet t]",
		`"owner"`:             "drop []",
		`["owner","persist"]`: "drop []",
		`null`:                "drop []",
		`"t"`:                 "accept [] perhaps flags of table t",
	} {
		s, err := nft.Parse([]byte(`{"nftables":[{"table":{"family":"inet","name":"t","handle":1,"flags":` + flags + `}},
{"chain":{"family":"inet","table":"t","name":"c","type":"filter","hook":"input","prio":0,"policy":"drop"}}]}`))
		if err != nil {
			t.Errorf("%s: %v", flags, err)
			continue
		}
		o := s.Decide(filter.ICMP(kind.Kind{Family: kind.V4, Type: 8}), policy.In)
		got := fmt.Sprint(map[filter.Action]string{filter.Accept: "accept", filter.Drop: "drop"}[o.Action], " ", s.Skipped)
		for _, w := range o.Perhaps {
			got += " perhaps " + w.Because
		}
		if got != want {
			t.Errorf("%s: %s, want %s", flags, got, want)
		}
	}
}

// TestDevice: a chain of a device sees what comes in by it.
func TestDevice(t *testing.T) {
	for dev, want := range map[string][3]string{ // eth0, eth1, not known
		`"eth0"`:          {"drop", "accept", "accept perhaps device eth0"},
		`["eth0","eth1"]`: {"drop", "drop", "accept perhaps device eth0, eth1"},
		`null`:            {"drop", "drop", "drop"},
	} {
		s, err := nft.Parse([]byte(`{"nftables":[
{"chain":{"family":"inet","table":"t","name":"c","type":"filter","hook":"ingress","prio":0,"policy":"drop","dev":` + dev + `}}]}`))
		if err != nil {
			t.Errorf("%s: %v", dev, err)
			continue
		}
		for i, in := range []string{"eth0", "eth1", ""} {
			p := filter.ICMP(kind.Kind{Family: kind.V4, Type: 8})
			p.In = in
			o := s.Decide(p, policy.In)
			got := map[filter.Action]string{filter.Accept: "accept", filter.Drop: "drop"}[o.Action]
			for _, w := range o.Perhaps {
				got += " perhaps " + w.Because
			}
			if got != want[i] {
				t.Errorf("%s, in %q: %s, want %s", dev, in, got, want[i])
			}
		}
	}
}

// TestCircle: rules that jump in circles end.
func TestCircle(t *testing.T) {
	s, err := nft.Parse([]byte(`{"nftables":[{"chain":{"family":"ip","table":"t","name":"c","hook":"input","prio":0,"policy":"drop"}},
{"rule":{"family":"ip","table":"t","chain":"c","expr":[{"jump":{"target":"c"}}]}},
{"rule":{"family":"ip","table":"t","chain":"c","expr":[{"goto":{"target":"nowhere"}}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	o := s.Decide(filter.ICMP(kind.Kind{Family: kind.V4, Type: 8}), policy.In)
	if o.Action != filter.Drop || len(o.Perhaps) == 0 || o.Perhaps[0].Because != "the rules go in circles" {
		t.Errorf("%+v", o)
	}
}

func TestBad(t *testing.T) {
	for _, text := range []string{"", "x", "[]", "{}", `{"nftables":5}`, `{"nftables":[{"rule":5}]}`, `{"nftables":[{"chain":{"handle":"x"}}]}`} {
		if s, err := nft.Parse([]byte(text)); err == nil || s != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := nft.Parse(make([]byte, nft.MaxSize+1)); err == nil || !strings.Contains(err.Error(), "16 MiB") {
		t.Error(err)
	}
}

// FuzzParse: whatever a file holds, there is a rule set that can be asked, or an
// error.
func FuzzParse(f *testing.F) {
	for name := range policies {
		b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add(rule(`{"match":{"op":"==","left":{"payload":{"protocol":"icmp","field":"type"}},"right":{"set":[{"range":[1,"x"]}]}}}`))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := nft.Parse([]byte(text))
		if err != nil {
			return
		}
		for _, w := range []policy.Where{policy.In, policy.Through, policy.Out} {
			for _, k := range []kind.Kind{{Family: kind.V4, Type: 3, Code: 4}, {Family: kind.V6, Type: 135}} {
				if o := s.Decide(filter.ICMP(k), w); o.Action != filter.Accept && o.Action != filter.Drop {
					t.Fatalf("%+v", o)
				}
			}
		}
	})
}
