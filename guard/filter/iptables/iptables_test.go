package iptables_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/filter/iptables"
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func packet(f kind.Family, proto, typ, code uint8, src string, state filter.State) filter.Packet {
	return filter.Packet{Family: f, Proto: proto, Type: typ, Code: code, Src: netip.MustParseAddr(src), State: state, HopLimit: 60, In: "eth0"}
}

func port(p uint16, src string) filter.Packet {
	x := packet(kind.V4, 6, 0, 0, src, filter.New)
	x.Port = p
	return x
}

func TestParse(t *testing.T) {
	s4, err := iptables.Parse(file(t, "server.save"), kind.V4)
	if err != nil {
		t.Fatal(err)
	}
	s6, err := iptables.Parse(file(t, "server6.save"), kind.V6)
	if err != nil {
		t.Fatal(err)
	}
	const stranger = "198.51.100.1"
	low := packet(kind.V4, 1, 8, 1, stranger, filter.New)
	low.HopLimit = 9
	link := packet(kind.V6, 58, 135, 0, "fe80::1", filter.Untracked)
	far := link
	link.HopLimit = 255
	advert := packet(kind.V6, 58, 136, 0, "fe80::1", filter.Untracked)
	advert.HopLimit = 255
	for _, tt := range []struct {
		s     *filter.Ruleset
		p     filter.Packet
		where policy.Where
		want  filter.Action
		by    string
		extra string
	}{
		{s4, packet(kind.V4, 1, 8, 0, stranger, filter.New), policy.In, filter.Accept, "ip filter icmp_in, line 32: -p icmp --icmp-type 8 --limit 10/sec --limit-burst 20 -j ACCEPT", "limited"},
		{s4, packet(kind.V4, 1, 8, 0, "192.0.2.9", filter.New), policy.In, filter.Drop, "the policy of ip filter INPUT", ""},
		{s4, packet(kind.V4, 1, 13, 0, stranger, filter.New), policy.In, filter.Accept, "line 35: -p icmp --icmp-type 13/0 -j ACCEPT", ""},
		{s4, packet(kind.V4, 1, 13, 1, stranger, filter.New), policy.In, filter.Drop, "the policy of ip filter INPUT", ""},
		{s4, packet(kind.V4, 1, 17, 0, stranger, filter.New), policy.In, filter.Drop, "ip raw PREROUTING, line 5", ""},
		{s4, packet(kind.V4, 1, 3, 4, stranger, filter.Related), policy.In, filter.Accept, "--ctstate RELATED,ESTABLISHED", ""},
		{s4, packet(kind.V4, 1, 3, 4, stranger, filter.Invalid), policy.In, filter.Drop, "--ctstate INVALID", ""},
		{s4, low, policy.In, filter.Accept, "--icmp-type 8", "limited"},
		{s4, packet(kind.V4, 1, 10, 0, stranger, filter.New), policy.In, filter.Drop, "the policy of ip filter INPUT", ""},
		{s4, port(22, stranger), policy.In, filter.Accept, "! -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT", ""},
		{s4, port(22, "10.1.1.1"), policy.In, filter.Drop, "ip filter LOGDROP, line 30: -j DROP", ""},
		{s4, port(8010, stranger), policy.In, filter.Accept, "--dports 80,443,8000:8010", ""},
		{s4, port(8011, stranger), policy.In, filter.Drop, "ip filter LOGDROP", ""},
		{s4, packet(kind.V4, 1, 3, 4, stranger, filter.Related), policy.Through, filter.Drop, "--icmp-type fragmentation-needed", ""},
		{s4, packet(kind.V4, 1, 3, 3, stranger, filter.Related), policy.Through, filter.Accept, "the policy of ip filter FORWARD", "drop because -j TARPIT"},
		{s4, packet(kind.V4, 1, 3, 3, stranger, filter.Related), policy.Out, filter.Accept, "the policy of ip filter OUTPUT", ""},
		{s6, link, policy.In, filter.Accept, "--icmpv6-type 135 --hl-eq 255", ""},
		{s6, far, policy.In, filter.Drop, "the policy of ip6 filter INPUT", ""},
		{s6, advert, policy.In, filter.Accept, "neighbour-advertisement", ""},
		{s6, packet(kind.V6, 58, 134, 0, "fe80::9", filter.Untracked), policy.In, filter.Accept, "-s fe80::/10", ""},
		{s6, packet(kind.V6, 58, 134, 0, "2001:db8::9", filter.Untracked), policy.In, filter.Drop, "the policy", ""},
		{s6, packet(kind.V6, 58, 1, 3, "2001:db8::9", filter.Related), policy.In, filter.Accept, "--state RELATED", ""},
		{s6, packet(kind.V6, 58, 1, 4, "2001:db8::9", filter.Related), policy.In, filter.Drop, "the policy", ""},
	} {
		o := tt.s.Decide(tt.p, tt.where)
		extra := ""
		if o.Limited {
			extra = "limited"
		}
		for _, w := range o.Perhaps {
			extra = map[filter.Action]string{filter.Accept: "accept", filter.Drop: "drop"}[w.Action] + " because " + w.Because
		}
		if o.Action != tt.want || !strings.Contains(o.By, tt.by) || extra != tt.extra {
			t.Errorf("%+v, %s:\n%+v (%s), want %v by %q, %q", tt.p, tt.where, o, extra, tt.want, tt.by, tt.extra)
		}
	}
}

func TestFamily(t *testing.T) {
	for name, want := range map[string]kind.Family{"server.save": kind.V4, "server6.save": kind.V6} {
		b := file(t, name)
		if got := iptables.FamilyOf(b); got != want || !iptables.Is(b) {
			t.Errorf("%s: %v, %v", name, got, iptables.Is(b))
		}
	}
	if iptables.Is([]byte("{}")) || iptables.Is(nil) || iptables.Is([]byte("# only\n")) {
		t.Error("is none")
	}
}

// TestOption: what a rule asks for, on one message: is it dropped?
func TestOption(t *testing.T) {
	p := packet(kind.V4, 1, 8, 0, "198.51.100.1", filter.New)
	for rule, want := range map[string]string{
		"-p icmp":                                  "drop",
		"-p vrrp":                                  "no", // a name that is not that of ICMP
		"! -p vrrp":                                "drop",
		"-p 112":                                   "no",
		"-p 999":                                   "no",
		"-s ! 10.0.0.0/8":                          "drop", // as of before 1.4.3
		"-s ! 198.51.100.0/24":                     "no",
		"-p ! icmp":                                "no",
		"! -i lo":                                  "drop",
		"-i ! lo":                                  "drop",
		"-d 224.0.0.0/4":                           "no",
		"! -d 224.0.0.0/4":                         "drop",
		"-d 255.255.255.255/32":                    "no",
		"-d 192.0.2.1/32":                          "perhaps",
		"-s 224.0.0.0/4":                           "no",
		"-m addrtype --dst-type LOCAL":             "drop",
		"-m addrtype ! --dst-type LOCAL":           "no",
		"-m addrtype --dst-type BROADCAST":         "no",
		"-m addrtype --src-type LOCAL":             "no",
		"-m addrtype --src-type LOCAL,UNICAST":     "drop",
		"-m pkttype --pkt-type multicast":          "no",
		"-m pkttype --pkt-type unicast":            "drop",
		"-m rpfilter --loose --validmark --invert": "no",
		"-m rpfilter --loose":                      "drop",
		"-m limit --limit 1/sec --limit-burst 5":   "drop",
		"-m hashlimit --hashlimit 1/sec --hashlimit-mode srcip --hashlimit-name x":                                   "drop",
		"-m hashlimit --hashlimit-above 1/sec --hashlimit-mode srcip --hashlimit-htable-expire 9 --hashlimit-name x": "limited",
		"-m connlimit --connlimit-above 9 --connlimit-mask 32 --connlimit-saddr":                                     "limited",
		"-m connlimit --connlimit-upto 9 --connlimit-mask 32 --connlimit-saddr":                                      "drop",
		"-m iprange --src-range 10.0.0.1-10.0.0.9":                                                                   "perhaps",
		"-m recent --update --seconds 60 --name x --rsource":                                                         "perhaps",
		"-p icmp -m icmp ! --icmp-type any":                                                                          "no",
		"-p tcp -m tcp --tcp-flags SYN,ACK SYN":                                                                      "no",
	} {
		s, err := iptables.Parse([]byte("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT "+rule+" -j DROP\nCOMMIT\n"), kind.V4)
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		o := s.Decide(p, policy.In)
		got := map[filter.Action]string{filter.Accept: "no", filter.Drop: "drop"}[o.Action]
		switch {
		case len(o.Perhaps) > 0:
			got = "perhaps"
		case o.Limited:
			got = "limited"
		}
		if got != want {
			t.Errorf("%s: %s, want %s (%+v)", rule, got, want, o)
		}
	}
}

// TestBoth: the outputs of both programs may stand in one file.
func TestBoth(t *testing.T) {
	for _, order := range [][]string{{"server.save", "server6.save"}, {"server6.save", "server.save"}} {
		s, err := iptables.Parse(append(file(t, order[0]), file(t, order[1])...), kind.V4)
		if err != nil {
			t.Fatal(err)
		}
		four := s.Decide(packet(kind.V4, 1, 3, 4, "198.51.100.1", filter.Related), policy.Through)
		six := s.Decide(packet(kind.V6, 58, 2, 0, "2001:db8::9", filter.Related), policy.Through)
		if !strings.Contains(four.By, "ip filter FORWARD, line") || six.By != "the policy of ip6 filter FORWARD" {
			t.Errorf("%v: %+v, %+v", order, four, six)
		}
	}
	// A table belongs to the comment above it.
	if _, err := iptables.Parse([]byte("*filter\n:INPUT DROP [0:0]\n# Generated by ip6tables-save v1.8.9\n:INPUT DROP"), kind.V4); err == nil || err.Error() != "line 4: expected a table, as in *filter" {
		t.Error(err)
	}
	for text, want := range map[string]kind.Family{
		"# Generated by iptables-save v1.8.9 (nf_tables) on x\n*filter\n-A INPUT -j LOG --log-prefix \"::/\"\n": kind.V4,
		"# Generated by ip6tables-save v1.8.9 on x\n*filter\n":                                                  kind.V6,
		"*filter\n-A INPUT -p ipv6-icmp\n":                                                                      kind.V6,
		"*filter\n-A INPUT -s ::/0\n":                                                                           kind.V6,
		"*filter\n# by hand\n":                                                                                  kind.V4,
	} {
		if got := iptables.FamilyOf([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestBad(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "no chain: the output of iptables-save is expected",
		"*filter\nCOMMIT\n":          "no chain: the output of iptables-save is expected",
		":INPUT ACCEPT":              "line 1: expected a table, as in *filter",
		"*filter\n:INPUT":            "line 2: expected a chain with its policy, as in :INPUT ACCEPT [0:0]",
		"*filter\n:I DROP\n-I I":     "line 3: expected a rule, as in -A INPUT -j ACCEPT",
		"*filter\n:I DROP\n-A":       "line 3: expected a rule, as in -A INPUT -j ACCEPT",
		"*filter\n:I DROP\n-A X":     `line 3: there is no chain "X" before it`,
		"*filter\n:I DROP\n-A I \"x": "line 3: a quotation mark is open",
	} {
		if _, err := iptables.Parse([]byte(text), kind.V4); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := iptables.Parse(make([]byte, iptables.MaxSize+1), kind.V4); err == nil {
		t.Error("too large")
	}
}

// FuzzParse: whatever a file holds, there is a rule set that can be asked, or an
// error.
func FuzzParse(f *testing.F) {
	f.Add(string(file(f, "server.save")))
	f.Add(string(file(f, "server6.save")))
	f.Add("*filter\n:INPUT DROP\n-A INPUT ! -p 300 --dport x -s 1/99 --hl-eq 999 -j INPUT")
	f.Fuzz(func(t *testing.T, text string) {
		for _, fam := range []kind.Family{kind.V4, kind.V6} {
			s, err := iptables.Parse([]byte(text), fam)
			if err != nil {
				continue
			}
			for _, w := range []policy.Where{policy.In, policy.Through, policy.Out} {
				if o := s.Decide(filter.ICMP(kind.Kind{Family: fam, Type: 3, Code: 4}), w); o.Action != filter.Accept && o.Action != filter.Drop {
					t.Fatalf("%+v", o)
				}
			}
		}
	})
}
