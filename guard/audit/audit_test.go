package audit_test

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/guard/audit"
	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/filter/iptables"
	"github.com/sonde-net/sonde/guard/filter/nft"
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/internal/conform"
)

func read(t *testing.T, name string) *filter.Ruleset {
	t.Helper()
	b, err := os.ReadFile("../filter/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var s *filter.Ruleset
	if strings.HasPrefix(name, "nft") {
		s, err = nft.Parse(b)
	} else {
		s, err = iptables.Parse(b, iptables.FamilyOf(b))
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func lines(found []audit.Finding) string {
	var b strings.Builder
	for _, f := range found {
		perhaps := ""
		if f.Perhaps {
			perhaps = " perhaps: " + f.Because
		}
		fmt.Fprintf(&b, "%s %s %s %s %s | %s%s\n", f.Grade, f.Severity, f.ID, f.Where, strings.Join(f.Messages, ","), f.By, perhaps)
	}
	return b.String()
}

// TestOwn: what guard itself makes breaks nothing and leaves nothing open.
func TestOwn(t *testing.T) {
	conform.Row(t, "A-05")
	// But for what these policies have as exceptions, and without limits.
	want := map[policy.Role]string{
		policy.Server: `open low blind in icmp 3/2,icmp 3/3 | inet sonde_guard in4 #19: icmp type destination-unreachable icmp code { 0-3, 9-13 } accept # unreachable or prohibited: who asks need not wait (RFC 1122 §3.2.2.1)
open low blind in icmp6 1/4 | inet sonde_guard in6 #35: icmpv6 type destination-unreachable accept # unreachable: who asks need not wait (RFC 4890 §4.3.1, §4.4.1)
`,
		policy.Gateway: `breaks low ping-in in icmp6 128/0 | inet sonde_guard in6 #35: iifname eth0 ip6 daddr 2001:db8::/32 icmpv6 type echo-request drop # exception: not there perhaps: ip6 daddr 2001:db8::/32
`,
	}
	for _, r := range policy.Roles {
		s := read(t, "nft/testdata/"+string(r)+".json")
		if got := lines(audit.Rules(s, audit.Options{Role: r, Outside: "eth0"})); got != want[r] {
			t.Errorf("%s:\n%s", r, got)
		}
	}
}

// TestNone: no rules break nothing, and leave everything open.
func TestNone(t *testing.T) {
	for _, f := range audit.Rules(&filter.Ruleset{}, audit.Options{}) {
		if f.Grade != audit.Open || f.By != "no rule" || f.Perhaps {
			t.Errorf("%+v", f)
		}
	}
}

// TestAll: a policy of drop without a rule breaks everything, and leaves nothing
// open.
func TestAll(t *testing.T) {
	s, err := nft.Parse([]byte(`{"nftables":[
{"chain":{"family":"inet","table":"t","name":"i","type":"filter","hook":"input","prio":0,"policy":"drop"}},
{"chain":{"family":"inet","table":"t","name":"f","type":"filter","hook":"forward","prio":0,"policy":"drop"}},
{"chain":{"family":"inet","table":"t","name":"o","type":"filter","hook":"output","prio":0,"policy":"drop"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[policy.Role]string{
		policy.Host:   "pmtud neighbours dad routers neighbours routers listeners listeners unreachable traceroute parameter parameter fragments ping-out ping-out ping-in ping-in",
		policy.Closed: "pmtud pmtud pmtud dad neighbours neighbours listeners listeners unreachable unreachable traceroute traceroute traceroute parameter parameter parameter fragments ping-out ping-out",
	}
	for role, ids := range want {
		var got []string
		for _, f := range audit.Rules(s, audit.Options{Role: role}) {
			if f.Grade != audit.Breaks || !strings.HasPrefix(f.By, "the policy of inet t ") {
				t.Errorf("%+v", f)
			}
			got = append(got, f.ID)
		}
		have, need := map[string]int{}, map[string]int{}
		for _, id := range got {
			have[id]++
		}
		for _, id := range strings.Fields(ids) {
			need[id]++
		}
		for id := range need {
			if have[id] == 0 {
				t.Errorf("%s: %s is not found in %v", role, id, got)
			}
		}
		for id := range have {
			if need[id] == 0 {
				t.Errorf("%s: %s is found", role, id)
			}
		}
		if got[0] != "pmtud" {
			t.Errorf("%s: %v", role, got)
		}
	}
}

const mixed = `breaks high neighbours in icmp6 136/0 | the policy of inet filter input
breaks medium listeners in icmp6 130/0 | the policy of inet filter input
open medium redirect in icmp 5/0,icmp 5/1,icmp 5/2,icmp 5/3 | inet filter input #8: ct state vmap
open low router-far in icmp6 134/0 | inet filter input #14: icmpv6 type { echo-request, nd-router-advert } accept
open low quench in icmp 4/0 | inet filter input #8: ct state vmap
open low flood in icmp6 128/0 | inet filter input #14: icmpv6 type { echo-request, nd-router-advert } accept
`

func TestMixed(t *testing.T) {
	if got := lines(audit.Rules(read(t, "nft/testdata/mixed.json"), audit.Options{})); got != mixed {
		t.Errorf("got\n%s\nwant\n%s", got, mixed)
	}
	s := read(t, "iptables/testdata/server.save")
	got := lines(audit.Rules(s, audit.Options{Role: policy.Gateway, Families: []kind.Family{kind.V4}}))
	for _, want := range []string{
		"breaks high pmtud through icmp 3/4 | ip filter FORWARD, line 27: -p icmp --icmp-type fragmentation-needed -j DROP",
		"breaks medium unreachable through icmp 3/0,icmp 3/1,icmp 3/3 | ip filter FORWARD, line 28: -i eth+ -p icmp --icmp-type any -j TARPIT perhaps: -i eth+",
		"open high redirect through icmp 5/0,icmp 5/1 | the policy of ip filter FORWARD perhaps: -i eth+",
		"open low timestamp in icmp 13/0 | ip filter icmp_in, line 35: -p icmp --icmp-type 13/0 -j ACCEPT",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "icmp6") {
		t.Errorf("of another family:\n%s", got)
	}
}

// TestInvalid: what Linux calls invalid is dropped by a rule about that: redirects
// of IPv6 among it, other messages of the link not.
func TestInvalid(t *testing.T) {
	s, err := nft.Parse([]byte(`{"nftables":[{"chain":{"family":"inet","table":"t","name":"c","type":"filter","hook":"prerouting","prio":0,"policy":"accept"}},
{"rule":{"family":"inet","table":"t","chain":"c","handle":7,"expr":[{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":"invalid"}},{"drop":null}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []policy.Role{policy.Host, policy.Gateway} {
		got := lines(audit.Rules(s, audit.Options{Role: role}))
		if strings.Contains(got, "137/0") || strings.Contains(got, "breaks") {
			t.Errorf("%s:\n%s", role, got)
		}
		if strings.Contains(got, "icmp6 133/0,icmp6 134/0,icmp6 135/0,icmp6 136/0") != (role == policy.Gateway) {
			t.Errorf("%s:\n%s", role, got)
		}
	}
}

// TestUnlimited: a limit is one where what is above it does not pass by another
// rule.
func TestUnlimited(t *testing.T) {
	const limited = `{"rule":{"family":"inet","table":"t","chain":"c","handle":7,"expr":[{"match":{"op":"==","left":{"payload":{"protocol":"icmp","field":"type"}},"right":"echo-request"}},{"limit":{"rate":5,"per":"second"}},{"accept":null}]}}`
	const over = `{"rule":{"family":"inet","table":"t","chain":"c","handle":8,"expr":[{"match":{"op":"==","left":{"payload":{"protocol":"icmp","field":"type"}},"right":"echo-request"}},{"drop":null}]}}`
	for rules, want := range map[string]bool{limited: true, limited + "," + over: false} {
		s, err := nft.Parse([]byte(`{"nftables":[{"chain":{"family":"inet","table":"t","name":"c","type":"filter","hook":"input","prio":0,"policy":"accept"}},` + rules + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		got := lines(audit.Rules(s, audit.Options{Families: []kind.Family{kind.V4}}))
		if strings.Contains(got, "flood in icmp 8/0") != want || strings.Contains(got, "breaks") {
			t.Errorf("%s: want %v\n%s", rules, want, got)
		}
	}
}

// one makes a rule set of one chain and one rule that drops what matches.
func one(t *testing.T, hook, match, verdict, policy string) *filter.Ruleset {
	t.Helper()
	s, err := nft.Parse([]byte(`{"nftables":[{"chain":{"family":"inet","table":"t","name":"c","type":"filter","hook":"` + hook + `","prio":0,"policy":"` + policy + `"}},
{"rule":{"family":"inet","table":"t","chain":"c","handle":7,"expr":[` + match + `,{"` + verdict + `":null}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAddresses: messages are from and to addresses that they have in networks: a
// list of addresses in which nobody is breaks nothing, nor does a rule about the
// link or its groups; one that leaves out a source does.
func TestAddresses(t *testing.T) {
	addr := func(proto, field, op, right string) string {
		return fmt.Sprintf(`{"match":{"op":%q,"left":{"payload":{"protocol":%q,"field":%q}},"right":%s}}`, op, proto, field, right)
	}
	prefix := func(a string, n int) string { return fmt.Sprintf(`{"prefix":{"addr":%q,"len":%d}}`, a, n) }
	bogons4 := `{"set":[` + prefix("10.0.0.0", 8) + `,` + prefix("192.0.0.0", 24) + `,` + prefix("192.0.2.0", 24) + `,` + prefix("198.51.100.0", 24) + `,` + prefix("203.0.113.0", 24) + `]}`
	bogons6 := `{"set":[` + prefix("2001:db8::", 32) + `,` + prefix("3fff::", 20) + `,` + prefix("fc00::", 7) + `]}`
	for _, tt := range []struct {
		hook, match, verdict, policy string
		want                         string // ids of what breaks in IPv6 on the link, or at all
	}{
		{"input", addr("ip", "saddr", "==", bogons4), "drop", "accept", ""},
		{"input", addr("ip6", "saddr", "==", bogons6), "drop", "accept", ""},
		{"output", addr("ip6", "daddr", "==", bogons6), "drop", "accept", ""},
		{"output", addr("ip6", "daddr", "==", `{"set":[`+prefix("::", 96)+`,`+prefix("2002::", 16)+`]}`), "drop", "accept", ""},
		{"input", addr("ip6", "saddr", "==", `"::"`), "drop", "accept", "dad"},
		{"input", addr("ip6", "saddr", "!=", prefix("fe80::", 10)), "drop", "accept", "dad fragments parameter ping-in ping-out pmtud traceroute unreachable"},
		{"input", addr("ip6", "daddr", "==", prefix("ff00::", 8)), "drop", "accept", "dad listeners neighbours routers"},
		{"input", addr("ip6", "daddr", "==", prefix("fe80::", 10)), "drop", "accept", "neighbours"},
		{"output", addr("ip6", "daddr", "==", `"ff02::2"`), "drop", "accept", "routers"},
		{"output", addr("ip6", "daddr", "==", `"ff02::16"`), "drop", "accept", "listeners"},
		{"output", addr("ip6", "saddr", "==", `"fe80::1"`), "drop", "accept", "listeners neighbours routers"},
	} {
		var got []string
		for _, f := range audit.Rules(one(t, tt.hook, tt.match, tt.verdict, tt.policy), audit.Options{}) {
			if f.Grade == audit.Breaks && !f.Perhaps {
				got = append(got, f.ID)
			}
		}
		slices.Sort(got)
		if all := strings.Join(slices.Compact(got), " "); all != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.hook, tt.match, all, tt.want)
		}
	}
}

// TestWords: every finding and risk has its texts, in both languages, and they
// differ.
func TestWords(t *testing.T) {
	drop, err := nft.Parse([]byte(`{"nftables":[{"chain":{"family":"inet","table":"t","name":"i","hook":"prerouting","prio":0,"policy":"drop"}},{"chain":{"family":"inet","table":"t","name":"o","hook":"output","prio":0,"policy":"drop"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, role := range policy.Roles {
		for _, s := range []*filter.Ruleset{{}, drop} {
			for _, f := range audit.Rules(s, audit.Options{Role: role}) {
				seen++
				en, fr := f.Text(language.English), f.Text(language.French)
				if en == "" || fr == "" || en == fr || f.Title(language.English) == "" || f.Title(language.French) == "" {
					t.Errorf("%s: %q, %q, %q, %q", f.ID, f.Title(language.English), f.Title(language.French), en, fr)
				}
			}
		}
	}
	for _, id := range []string{"lockout", "pmtud"} {
		r := audit.Risk{ID: id}
		if en, fr := r.Text(language.English), r.Text(language.French); en == "" || fr == "" || en == fr {
			t.Errorf("%s: %q, %q", id, en, fr)
		}
	}
	f := audit.Finding{ID: "pmtud"}
	if en, fr := f.Title(language.English), f.Title(language.French); en != "path MTU discovery" || fr != "découverte du MTU du chemin" || f.Title(language.German) != en {
		t.Errorf("%q, %q", en, fr)
	}
	ping := audit.Setting{ID: "ip_no_pmtu_disc"}
	if en, fr := ping.Text(language.English), ping.Text(language.French); en != "path MTU discovery is off" || fr != "la découverte du MTU du chemin est coupée" {
		t.Errorf("%q, %q", en, fr)
	}
	if seen < 50 {
		t.Errorf("only %d findings", seen)
	}
}

func TestSession(t *testing.T) {
	a := netip.MustParseAddr
	for in, want := range map[string]audit.Session{
		"192.0.2.1 5000 10.0.0.1 22":          {a("192.0.2.1"), a("10.0.0.1"), 5000, 22},
		"fe80::1%eth0 5000 fe80::2%eth0 2222": {a("fe80::1"), a("fe80::2"), 5000, 2222},
		"":                                    {},
		"192.0.2.1 5000 10.0.0.1":             {},
		"x 5000 10.0.0.1 22":                  {},
		"192.0.2.1 5000 ::1 22":               {},
		"192.0.2.1 70000 10.0.0.1 22":         {},
	} {
		got, ok := audit.ParseSession(in)
		if ok != (want != audit.Session{}) || ok && got != want {
			t.Errorf("%q: %+v, %v", in, got, ok)
		}
	}
}

// TestRanks: what breaks comes first, and of that what matters most; a perhaps
// comes behind what is certain.
func TestRanks(t *testing.T) {
	rank := func(f audit.Finding) int {
		n := map[audit.Severity]int{audit.High: 0, audit.Medium: 1, audit.Low: 2}[f.Severity]
		if f.Perhaps {
			n += 3
		}
		if f.Grade == audit.Open {
			n += 6
		}
		return n
	}
	for _, name := range []string{"iptables/testdata/server.save", "nft/testdata/mixed.json"} {
		all := audit.Rules(read(t, name), audit.Options{Role: policy.Gateway})
		for i := 1; i < len(all); i++ {
			if rank(all[i-1]) > rank(all[i]) {
				t.Errorf("%s: %+v\nbefore\n%+v", name, all[i-1], all[i])
			}
		}
	}
}

// TestRiskPerhaps: a session that may be cut off, as far as anybody knows, is at
// risk.
func TestRiskPerhaps(t *testing.T) {
	s, err := nft.Parse([]byte(`{"nftables":[{"chain":{"family":"ip","table":"t","name":"i","hook":"input","prio":0,"policy":"accept"}},
{"rule":{"family":"ip","table":"t","chain":"i","handle":7,"expr":[{"match":{"op":"==","left":{"meta":{"key":"mark"}},"right":1}},{"drop":null}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	ssh, _ := audit.ParseSession("192.0.2.1 5000 10.0.0.1 22")
	got := audit.Risks(s, &ssh, audit.Options{})
	if len(got) != 1 || got[0] != (audit.Risk{ID: "lockout", By: "ip t i #7: meta mark 1 drop"}) {
		t.Errorf("%+v", got)
	}
}

func TestRisks(t *testing.T) {
	ssh4, _ := audit.ParseSession("192.0.2.1 5000 10.0.0.1 22")
	http, _ := audit.ParseSession("192.0.2.1 5000 10.0.0.1 81")
	ssh6, _ := audit.ParseSession("2001:db8::1 5000 2001:db8::2 22")
	host, closed := read(t, "nft/testdata/public-server.json"), read(t, "nft/testdata/closed-network.json")
	mixed := read(t, "nft/testdata/mixed.json")
	save := read(t, "iptables/testdata/server.save")
	for _, tt := range []struct {
		what string
		s    *filter.Ruleset
		ses  *audit.Session
		o    audit.Options
		want string
	}{
		{"a service", host, &ssh4, audit.Options{}, ""},
		{"a service by IPv6", host, &ssh6, audit.Options{}, ""},
		{"no service", host, &http, audit.Options{}, "lockout: inet sonde_guard in #"},
		{"nobody", host, nil, audit.Options{}, ""},
		{"closed from outside", closed, &ssh4, audit.Options{Role: policy.Closed, Outside: "eth0"}, "lockout: inet sonde_guard in #"},
		{"no neighbours", mixed, &ssh6, audit.Options{}, "lockout: the policy of inet filter input"},
		{"neighbours do not matter", mixed, &ssh4, audit.Options{}, ""},
		{"pmtud", save, nil, audit.Options{Role: policy.Gateway}, "pmtud: ip filter FORWARD, line 27"},
		{"pmtud of others", save, nil, audit.Options{Role: policy.Host}, ""},
	} {
		var got []string
		for _, r := range audit.Risks(tt.s, tt.ses, tt.o) {
			got = append(got, r.ID+": "+r.By)
		}
		if all := strings.Join(got, "; "); !strings.HasPrefix(all, tt.want) || (tt.want == "") != (all == "") {
			t.Errorf("%s: %q, want %q", tt.what, all, tt.want)
		}
	}
}

// TestSysctls: each variable, as it should be and as it should not, by role.
func TestSysctls(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s + "\n")} }
	good := map[string]string{
		"ipv4/conf/all/accept_redirects": "0", "ipv4/conf/eth0/secure_redirects": "1", "ipv4/conf/all/send_redirects": "0",
		"ipv4/conf/all/accept_source_route": "0", "ipv4/conf/all/rp_filter": "2", "ipv4/icmp_echo_ignore_broadcasts": "1",
		"ipv4/icmp_echo_ignore_all": "0", "ipv4/icmp_echo_enable_probe": "0", "ipv4/icmp_ignore_bogus_error_responses": "1",
		"ipv4/icmp_ratelimit": "1", "ipv4/icmp_ratemask": "6168", "ipv4/icmp_msgs_per_sec": "10000", "ipv4/ip_no_pmtu_disc": "0",
		"ipv4/tcp_mtu_probing": "1", "ipv6/conf/eth0/accept_ra": "0", "ipv6/conf/eth0.7/accept_redirects": "0",
		"ipv6/conf/all/accept_source_route": "-1", "ipv6/icmp/echo_ignore_multicast": "1", "ipv6/icmp/ratelimit": "1000",
	}
	bad := map[string]string{
		"ipv4/conf/all/accept_redirects": "1", "ipv4/conf/eth0/secure_redirects": "0", "ipv4/conf/all/send_redirects": "1",
		"ipv4/conf/all/accept_source_route": "1", "ipv4/conf/all/rp_filter": "0", "ipv4/icmp_echo_ignore_broadcasts": "0",
		"ipv4/icmp_echo_ignore_all": "1", "ipv4/icmp_echo_enable_probe": "1", "ipv4/icmp_ignore_bogus_error_responses": "0",
		"ipv4/icmp_ratelimit": "0", "ipv4/icmp_ratemask": "0", "ipv4/icmp_msgs_per_sec": "0", "ipv4/ip_no_pmtu_disc": "1",
		"ipv4/tcp_mtu_probing": "0", "ipv6/conf/eth0/accept_ra": "2", "ipv6/conf/eth0.7/accept_redirects": "1",
		"ipv6/conf/all/accept_source_route": "1", "ipv6/icmp/echo_ignore_multicast": "0", "ipv6/icmp/ratelimit": "x",
	}
	for _, role := range policy.Roles {
		for name := range good {
			fs := fstest.MapFS{name: file(good[name]), "ipv4/conf/lo/accept_redirects": file("1")}
			if got := audit.Sysctls(fs, audit.Options{Role: role}); len(got) != 0 {
				t.Errorf("%s, %s: %+v", role, name, got)
			}
			fs[name] = file(bad[name])
			got := audit.Sysctls(fs, audit.Options{Role: role})
			if role == policy.Closed && name == "ipv4/icmp_echo_ignore_all" {
				if len(got) != 0 {
					t.Errorf("%s, %s: %+v", role, name, got)
				}
				continue
			}
			if len(got) != 1 {
				t.Errorf("%s, %s: %+v", role, name, got)
				continue
			}
			s := got[0]
			want := "net." + strings.ReplaceAll(name, "/", ".")
			if strings.Contains(name, "eth0.7") { // as sysctl(8) has it
				want = "net.ipv6.conf.eth0/7.accept_redirects"
			}
			en, fr := s.Text(language.English), s.Text(language.French)
			if s.Name != want || s.Value != bad[name] || s.Advised == "" || en == "" || fr == "" || en == fr {
				t.Errorf("%s: %+v, %q, %q", name, s, en, fr)
			}
		}
	}
	if got := audit.Sysctls(fstest.MapFS{}, audit.Options{}); got != nil {
		t.Errorf("%+v", got)
	}
	ra := fstest.MapFS{"ipv6/conf/eth0/accept_ra": file("1")}
	if h, g := audit.Sysctls(ra, audit.Options{}), audit.Sysctls(ra, audit.Options{Role: policy.Gateway}); len(h) != 0 || len(g) != 1 || g[0].Advised != "0" {
		t.Errorf("%+v, %+v", h, g)
	}
}

// TestEffect: the kernel makes of two variables, that of an interface and that of
// all, what its documentation says; what comes out harmless is not told.
func TestEffect(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s + "\n")} }
	for _, tt := range []struct {
		what string
		on   map[string]string
		o    audit.Options
		want string
	}{
		{"source routes as the kernel has them", map[string]string{
			"ipv4/conf/all/accept_source_route": "0", "ipv4/conf/default/accept_source_route": "1", "ipv4/conf/eth0/accept_source_route": "1",
		}, audit.Options{}, ""},
		{"source routes on one", map[string]string{
			"ipv4/conf/all/accept_source_route": "1", "ipv4/conf/default/accept_source_route": "0", "ipv4/conf/eth0/accept_source_route": "1", "ipv4/conf/eth1/accept_source_route": "0",
		}, audit.Options{}, "net.ipv4.conf.all.accept_source_route net.ipv4.conf.eth0.accept_source_route"},
		{"source routes on none", map[string]string{
			"ipv4/conf/all/accept_source_route": "1", "ipv4/conf/default/accept_source_route": "0", "ipv4/conf/eth0/accept_source_route": "0",
		}, audit.Options{}, ""},
		{"source routes on those to come", map[string]string{
			"ipv4/conf/all/accept_source_route": "1", "ipv4/conf/default/accept_source_route": "1", "ipv4/conf/eth0/accept_source_route": "0",
		}, audit.Options{}, "net.ipv4.conf.all.accept_source_route net.ipv4.conf.default.accept_source_route"},
		{"routing headers, off for all", map[string]string{
			"ipv6/conf/all/accept_source_route": "0", "ipv6/conf/eth0/accept_source_route": "1",
		}, audit.Options{}, ""},
		{"routing headers, all refused", map[string]string{
			"ipv6/conf/all/accept_source_route": "-1", "ipv6/conf/eth0/accept_source_route": "1",
		}, audit.Options{}, ""},
		{"filters on each", map[string]string{
			"ipv4/conf/all/rp_filter": "0", "ipv4/conf/default/rp_filter": "2", "ipv4/conf/eth0/rp_filter": "1", "ipv4/conf/lo/rp_filter": "0",
		}, audit.Options{}, ""},
		{"filters not on one", map[string]string{
			"ipv4/conf/all/rp_filter": "0", "ipv4/conf/default/rp_filter": "2", "ipv4/conf/eth0/rp_filter": "1", "ipv4/conf/eth1/rp_filter": "0",
		}, audit.Options{}, "net.ipv4.conf.all.rp_filter"},
		{"filters not on those to come", map[string]string{
			"ipv4/conf/all/rp_filter": "0", "ipv4/conf/default/rp_filter": "0", "ipv4/conf/eth0/rp_filter": "1",
		}, audit.Options{}, "net.ipv4.conf.all.rp_filter"},
		{"redirects of a host: either", map[string]string{
			"ipv4/conf/all/accept_redirects": "0", "ipv4/conf/eth0/accept_redirects": "1", "ipv4/conf/eth0/forwarding": "0",
		}, audit.Options{}, "net.ipv4.conf.eth0.accept_redirects"},
		{"redirects of who forwards: both", map[string]string{
			"ipv4/conf/all/accept_redirects": "0", "ipv4/conf/eth0/accept_redirects": "1", "ipv4/conf/eth0/forwarding": "1",
		}, audit.Options{Role: policy.Gateway}, ""},
		{"both have it", map[string]string{
			"ipv4/conf/all/accept_redirects": "1", "ipv4/conf/all/forwarding": "1", "ipv4/conf/eth0/accept_redirects": "1", "ipv4/conf/eth0/forwarding": "1",
		}, audit.Options{Role: policy.Gateway}, "net.ipv4.conf.all.accept_redirects net.ipv4.conf.eth0.accept_redirects"},
		{"redirects to any gateway", map[string]string{
			"ipv4/conf/all/accept_redirects": "0", "ipv4/conf/all/secure_redirects": "0", "ipv4/conf/eth0/accept_redirects": "1", "ipv4/conf/eth0/secure_redirects": "0",
		}, audit.Options{}, "net.ipv4.conf.eth0.accept_redirects net.ipv4.conf.eth0.secure_redirects"},
		{"redirects to any gateway, of all", map[string]string{
			"ipv4/conf/all/accept_redirects": "1", "ipv4/conf/all/secure_redirects": "0", "ipv4/conf/eth0/accept_redirects": "0", "ipv4/conf/eth0/secure_redirects": "0",
		}, audit.Options{}, "net.ipv4.conf.all.accept_redirects net.ipv4.conf.eth0.secure_redirects"},
		{"to known gateways for all", map[string]string{
			"ipv4/conf/all/accept_redirects": "1", "ipv4/conf/all/secure_redirects": "1", "ipv4/conf/eth0/secure_redirects": "0",
		}, audit.Options{}, "net.ipv4.conf.all.accept_redirects"},
		{"to any gateway, but not believed", map[string]string{
			"ipv4/conf/all/accept_redirects": "0", "ipv4/conf/all/secure_redirects": "0", "ipv4/conf/eth0/accept_redirects": "0", "ipv4/conf/eth0/secure_redirects": "0",
		}, audit.Options{}, ""},
		{"redirects of IPv6", map[string]string{
			"ipv6/conf/all/accept_redirects": "1", "ipv6/conf/default/accept_redirects": "1", "ipv6/conf/eth0/accept_redirects": "1", "ipv6/conf/eth0/forwarding": "1",
			"ipv6/conf/eth1/accept_redirects": "1", "ipv6/conf/eth1/forwarding": "0",
		}, audit.Options{}, "net.ipv6.conf.default.accept_redirects net.ipv6.conf.eth1.accept_redirects"},
		{"routers and a gateway", map[string]string{
			"ipv6/conf/all/accept_ra": "2", "ipv6/conf/eth0/accept_ra": "2", "ipv6/conf/eth0/forwarding": "1", "ipv6/conf/eth1/accept_ra": "2", "ipv6/conf/eth1/forwarding": "1",
			"ipv6/conf/eth2/accept_ra": "1", "ipv6/conf/eth2/forwarding": "1", "ipv6/conf/eth3/accept_ra": "1", "ipv6/conf/eth3/forwarding": "0",
		}, audit.Options{Role: policy.Gateway, Outside: "eth0"}, "net.ipv6.conf.eth1.accept_ra net.ipv6.conf.eth3.accept_ra"},
	} {
		fs := fstest.MapFS{}
		for name, v := range tt.on {
			fs[name] = file(v)
		}
		var got []string
		for _, s := range audit.Sysctls(fs, tt.o) {
			got = append(got, s.Name)
		}
		if all := strings.Join(got, " "); all != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, all, tt.want)
		}
	}
}
