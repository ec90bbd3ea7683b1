package rules_test

import (
	"flag"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/rules"
	"github.com/sonde-net/sonde/internal/conform"
)

var update = flag.Bool("update", false, "write the golden files")

func parse(t *testing.T, text string) *rules.Set {
	t.Helper()
	p, err := policy.Parse("p", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return rules.For(p)
}

var policies = map[string]string{
	"host":           "role: host\n",
	"public-server":  "role: public-server\nothers: close\nservices: [tcp/22, udp/53, tcp/443]\nlimits: {errors: none, echo: 60/min}\n",
	"gateway":        "role: gateway\noutside: [eth0, eth1]\nexceptions:\n  - {allow: through, icmp: [13/0, 14], from: [192.0.2.7, 192.0.2.0/24, 192.0.2.7], limit: 5/min, why: our clock}\n  - {deny: any, icmp6: echo-request, interface: eth0, to: 2001:db8::/32, why: not there}\n",
	"closed-network": "role: closed-network\noutside: eth0\nothers: close\n",
}

// TestText: the text of each role, octet for octet, and each time the same.
func TestText(t *testing.T) {
	for name, text := range policies {
		got := parse(t, text).Text(rules.TextOptions{})
		if again := parse(t, text).Text(rules.TextOptions{}); again != got {
			t.Errorf("%s: not the same twice", name)
		}
		file := filepath.Join("testdata", name+".nft")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: not as in %s (go test -update):\n%s", name, file, got)
		}
		open := parse(t, text).Text(rules.TextOptions{Unlimited: true})
		if strings.Contains(open, "limit rate") || strings.Contains(open, "over the limit") {
			t.Errorf("%s: limits are left", name)
		}
	}
}

// roles are policies that have all rules between them.
func roles() map[string]string {
	all := maps.Clone(policies)
	for _, role := range []string{"host", "public-server", "gateway\noutside: eth0", "closed-network\noutside: eth0"} {
		all[role] = "role: " + role + "\n"
		all[role+", closed"] = "role: " + role + "\nothers: close\nservices: [tcp/22]\n"
	}
	return all
}

var quoted = regexp.MustCompile(` comment "([^"]*)"`)

// TestFrench: the same rules in both languages, each with a reason of its own
// language, and none cut off.
func TestFrench(t *testing.T) {
	same := []string{"services", "ping (RFC 4890 §4.3.1)"}
	for name, text := range roles() {
		en, fr := parse(t, text).Text(rules.TextOptions{}), parse(t, text).Text(rules.TextOptions{French: true})
		if a, b := quoted.ReplaceAllString(en, ""), quoted.ReplaceAllString(fr, ""); cutHeading(a) != cutHeading(b) {
			t.Errorf("%s: other rules in French:\n%s", name, fr)
		}
		a, b := quoted.FindAllStringSubmatch(en, -1), quoted.FindAllStringSubmatch(fr, -1)
		for i := range min(len(a), len(b)) {
			en, fr := a[i][1], b[i][1]
			if (en == fr) != slices.Contains(same, en) || strings.Contains(en, "RFC ") && !strings.HasSuffix(fr, ")") {
				t.Errorf("%s: %q is %q in French", name, en, fr)
			}
		}
		if !strings.HasPrefix(fr, "# Pare-feu ICMP, rôle ") || !strings.Contains(fr, "\n# Ce qui n'est pas ICMP est ") || strings.Contains(fr, "left to") || strings.Contains(fr, "closed, but") {
			t.Errorf("%s: %.200s", name, fr)
		}
		if why, ok := strings.CutPrefix(text, "role: gateway\noutside: [eth0, eth1]"); ok && (!strings.Contains(fr, `"exception : our clock"`) || why == "") {
			t.Errorf("%s: the exception is not there", name)
		}
	}
}

// cutHeading is a text without its first two lines.
func cutHeading(s string) string { return strings.SplitN(s, "\n", 3)[2] }

// TestReasons: each rule says why, and nft(8) takes the comment.
func TestReasons(t *testing.T) {
	for name, text := range roles() {
		set := parse(t, text)
		for l := range strings.Lines(set.Text(rules.TextOptions{}) + set.Text(rules.TextOptions{French: true})) {
			if l = strings.TrimSpace(l); !strings.HasSuffix(l, "accept;") && (strings.Contains(l, " accept") || strings.Contains(l, " drop") || strings.Contains(l, "counter drop")) {
				_, comment, ok := strings.Cut(l, ` comment "`)
				if !ok || len(comment) < 5 || len(comment) > 128 {
					t.Errorf("%s: %q", name, l)
				}
			}
		}
	}
}

// want is a verdict: "" dropped, "+" passes, "~" passes up to a limit, "b" passes
// when it belongs to a conversation, "b~" the same up to a limit.
type row struct {
	k    kind.Kind
	hops uint8
	host, server, gateway, closed,
	through, closedIn, closedOut, out string
}

func v4(t, c uint8) kind.Kind { return kind.Kind{Family: kind.V4, Type: t, Code: c} }
func v6(t, c uint8) kind.Kind { return kind.Kind{Family: kind.V6, Type: t, Code: c} }

// table is written from the RFCs, not from the rules: in, for each role (from
// outside, where that matters); through a gateway; through a closed network from
// outside and from inside; out.
var table = []row{
	{v4(0, 0), 64, "b", "~", "~", "b", "+", "b", "", "+"},
	{v4(0, 1), 64, "", "", "", "", "", "", "", ""},
	{v4(3, 0), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v4(3, 1), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v4(3, 3), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v4(3, 4), 64, "b", "+", "+", "b", "+", "b", "b", "+"},
	{v4(3, 5), 64, "", "", "", "", "", "", "", ""},
	{v4(3, 8), 64, "", "", "", "", "", "", "", ""},
	{v4(3, 9), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v4(3, 13), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v4(3, 14), 64, "", "", "", "", "", "", "", ""},
	{v4(4, 0), 64, "", "", "", "", "", "", "", ""},
	{v4(5, 1), 64, "", "", "", "", "", "", "", ""},
	{v4(8, 0), 64, "~", "~", "~", "", "+", "", "+", "+"},
	{v4(8, 1), 64, "", "", "", "", "", "", "", ""},
	{v4(9, 0), 64, "", "", "", "", "", "", "", ""},
	{v4(10, 0), 64, "", "", "", "", "", "", "", ""},
	{v4(11, 0), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v4(11, 1), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v4(11, 2), 64, "", "", "", "", "", "", "", ""},
	{v4(12, 2), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v4(12, 3), 64, "", "", "", "", "", "", "", ""},
	{v4(13, 0), 64, "", "", "", "", "", "", "", ""},
	{v4(17, 0), 64, "", "", "", "", "", "", "", ""},
	{v4(42, 0), 64, "", "", "", "", "", "", "", ""},
	{v4(255, 0), 64, "", "", "", "", "", "", "", ""},

	// RFC 4890 §4.3.1 and §4.4.1: must not be dropped.
	{v6(1, 0), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v6(1, 255), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v6(2, 0), 64, "b", "+", "+", "b", "+", "b", "b", "+"},
	{v6(3, 0), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v6(4, 1), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v6(4, 2), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v6(128, 0), 64, "~", "~", "~", "", "+", "", "+", "+"},
	{v6(129, 0), 64, "b", "~", "~", "b", "+", "b", "", "+"},
	// §4.3.2 and §4.4.2: should not be dropped.
	{v6(3, 1), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v6(4, 0), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"},
	{v6(144, 0), 64, "", "", "", "", "+", "", "", ""},
	{v6(147, 0), 64, "", "", "", "", "+", "", "", ""},
	// The link: §4.4.1, and §4.3.3 across it.
	{v6(133, 0), 255, "+", "+", "", "", "", "", "", "+"}, // from outside, to outside
	{v6(134, 0), 255, "+", "+", "+", "+", "", "", "", ""},
	{v6(135, 0), 255, "+", "+", "+", "+", "", "", "", "+"},
	{v6(136, 0), 255, "+", "+", "+", "+", "", "", "", "+"},
	{v6(136, 0), 254, "", "", "", "", "", "", "", ""},
	{v6(136, 1), 255, "", "", "", "", "", "", "", ""},
	{v6(141, 0), 255, "+", "+", "+", "+", "", "", "", "+"},
	{v6(142, 0), 255, "+", "+", "+", "+", "", "", "", "+"},
	{v6(130, 0), 1, "+", "+", "+", "+", "", "", "", "+"},
	{v6(131, 0), 1, "+", "+", "+", "+", "", "", "", "+"},
	{v6(132, 0), 1, "+", "+", "+", "+", "", "", "", "+"},
	{v6(143, 0), 1, "+", "+", "+", "+", "", "", "", "+"},
	{v6(143, 0), 2, "", "", "", "", "", "", "", ""},
	{v6(148, 0), 255, "+", "+", "+", "+", "", "", "", "+"},
	{v6(149, 0), 255, "+", "+", "+", "+", "", "", "", "+"},
	{v6(151, 0), 1, "+", "+", "+", "+", "", "", "", "+"},
	{v6(153, 0), 1, "+", "+", "+", "+", "", "", "", "+"},
	// §4.3.4, §4.3.5, §4.4.3 to §4.4.5: policy, or should be dropped.
	{v6(137, 0), 255, "", "", "", "", "", "", "", ""},
	{v6(138, 0), 64, "", "", "", "", "", "", "", ""},
	{v6(139, 0), 64, "", "", "", "", "", "", "", ""},
	{v6(150, 0), 64, "", "", "", "", "", "", "", ""},
	{v6(100, 0), 64, "", "", "", "", "", "", "", ""},
	{v6(127, 0), 64, "", "", "", "", "", "", "", ""},
	{v6(200, 0), 64, "", "", "", "", "", "", "", ""},
	{v6(255, 0), 64, "", "", "", "", "", "", "", ""},
	{v6(4, 10), 64, "b~", "~", "~", "b~", "+", "b", "b", "+"}, // RFC 8883
	{v6(4, 11), 64, "", "", "", "", "", "", "", ""},
	{v6(2, 1), 64, "", "", "", "", "", "", "", ""},
}

func verdict(s *rules.Set, m rules.Message) string {
	m.Belongs = false
	alone := s.Decide(m)
	m.Belongs = true
	of := s.Decide(m)
	mark := map[bool]string{true: "+", false: "~"}[of.Limit.Zero()]
	switch {
	case !of.Pass && !alone.Pass:
		return ""
	case alone.Pass:
		return mark
	case mark == "+":
		return "b"
	}
	return "b~"
}

func TestDecide(t *testing.T) {
	conform.Row(t, "A-05")
	host, server := parse(t, "role: host\n"), parse(t, "role: public-server\n")
	gateway, closed := parse(t, "role: gateway\noutside: eth0\n"), parse(t, "role: closed-network\noutside: eth0\n")
	for _, r := range table {
		in := rules.Message{Kind: r.k, Where: policy.In, In: rules.Outside, HopLimit: r.hops}
		down := rules.Message{Kind: r.k, Where: policy.Through, In: rules.Outside, Out: rules.Inside, HopLimit: r.hops}
		up := rules.Message{Kind: r.k, Where: policy.Through, In: rules.Inside, Out: rules.Outside, HopLimit: r.hops}
		out := rules.Message{Kind: r.k, Where: policy.Out, Out: rules.Outside, HopLimit: r.hops}
		for _, c := range []struct {
			what string
			set  *rules.Set
			m    rules.Message
			want string
		}{
			{"host in", host, in, r.host},
			{"server in", server, in, r.server},
			{"gateway in", gateway, in, r.gateway},
			{"closed in", closed, in, r.closed},
			{"through a gateway, down", gateway, down, r.through},
			{"through a gateway, up", gateway, up, r.through},
			{"through a closed one, down", closed, down, r.closedIn},
			{"through a closed one, up", closed, up, r.closedOut},
			{"host out", host, out, r.out},
			{"server out", server, out, r.out},
			{"gateway out", gateway, out, r.out},
			{"closed out", closed, out, r.out},
		} {
			if got := verdict(c.set, c.m); got != c.want {
				t.Errorf("%v hop limit %d, %s: %q, want %q", r.k, r.hops, c.what, got, c.want)
			}
		}
	}
	// A host has no rules for what it does not do.
	if v := host.Decide(rules.Message{Kind: v4(5, 0), Where: policy.Through}); !v.Pass || v.Rule != nil {
		t.Errorf("%+v", v)
	}
}

// TestInside: what is different on the inner side.
func TestInside(t *testing.T) {
	for name, s := range map[string]*rules.Set{
		"gateway": parse(t, "role: gateway\noutside: eth0\n"), "closed": parse(t, "role: closed-network\noutside: eth0\n"),
	} {
		for _, c := range []struct {
			m    rules.Message
			want string
		}{
			{rules.Message{Kind: v6(133, 0), Where: policy.In, In: rules.Inside, HopLimit: 255}, "+"},
			{rules.Message{Kind: v6(134, 0), Where: policy.In, In: rules.Inside, HopLimit: 255}, ""},
			{rules.Message{Kind: v6(134, 0), Where: policy.Out, Out: rules.Inside, HopLimit: 255}, "+"},
			{rules.Message{Kind: v6(133, 0), Where: policy.Out, Out: rules.Inside, HopLimit: 255}, ""},
			{rules.Message{Kind: v4(8, 0), Where: policy.In, In: rules.Inside, HopLimit: 64}, "~"},
			{rules.Message{Kind: v6(128, 0), Where: policy.In, In: rules.Inside, HopLimit: 64}, "~"},
			{rules.Message{Kind: v4(8, 0), Where: policy.Through, In: rules.Inside, Out: rules.Inside, HopLimit: 64}, "+"},
		} {
			if got := verdict(s, c.m); got != c.want {
				t.Errorf("%s: %+v: %q, want %q", name, c.m, got, c.want)
			}
		}
	}
}

// TestExceptions: they come first, and ask for addresses and interfaces.
func TestExceptions(t *testing.T) {
	s := parse(t, policies["gateway"])
	in, six := netip.MustParseAddr("192.0.2.200"), netip.MustParseAddr("2001:db8::5")
	for _, c := range []struct {
		m    rules.Message
		want string
	}{
		{rules.Message{Kind: v4(13, 0), Where: policy.Through, Src: in}, "~"},
		{rules.Message{Kind: v4(13, 1), Where: policy.Through, Src: in}, ""},
		{rules.Message{Kind: v4(14, 9), Where: policy.Through, Src: in}, "~"},
		{rules.Message{Kind: v4(13, 0), Where: policy.Through, Src: netip.MustParseAddr("192.0.3.0")}, ""},
		{rules.Message{Kind: v4(13, 0), Where: policy.In, Src: in}, ""},
		{rules.Message{Kind: v6(128, 0), Where: policy.Through, Interface: "eth0", Dst: six}, ""},
		{rules.Message{Kind: v6(128, 0), Where: policy.Through, Interface: "eth1", Dst: six}, "+"},
		{rules.Message{Kind: v6(128, 0), Where: policy.Through, Interface: "eth0", Dst: netip.MustParseAddr("2001:db9::")}, "+"},
		{rules.Message{Kind: v6(128, 0), Where: policy.Out, Interface: "eth0", Dst: six}, ""},
	} {
		if got := verdict(s, c.m); got != c.want {
			t.Errorf("%+v: %q, want %q", c.m, got, c.want)
		}
	}
	v := s.Decide(rules.Message{Kind: v4(13, 0), Where: policy.Through, Src: in})
	if v.Rule.Why != "exception: our clock" || v.Limit.String() != "5/min burst 5" {
		t.Errorf("%+v", v)
	}
}

// TestLong: a comment is cut to what nft(8) takes.
func TestLong(t *testing.T) {
	s := parse(t, "role: host\n")
	s.Chains[0].Rules[0].Why = strings.Repeat("é", 100)
	text := s.Text(rules.TextOptions{})
	if !strings.Contains(text, `"`+strings.Repeat("é", 63)+`"`) {
		t.Error(text[:600])
	}
}
