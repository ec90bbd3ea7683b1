package trace_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// rewriting is what a translator without memory does with what goes out and what
// comes back, rules of nftables: nothing in the quotes of errors is put back.
type rewriting struct {
	name    string
	out, in []string
	// what those behind it are to see
	src, dst string
	port, id bool
	at       int // the first hop that shows it
}

// flip has a port be another, and again the same.
const flip = "0x4000"

var rewritings = []rewriting{
	{
		name: "source", src: "10.0.1.1", at: 2,
		out: []string{"ip saddr 10.0.0.1 ip saddr set 10.0.1.1"},
		in:  []string{"ip daddr 10.0.1.1 ip daddr set 10.0.0.1"},
	},
	{
		name: "source and port", src: "10.0.1.1", port: true, id: true, at: 2,
		out: []string{
			"ip saddr 10.0.0.1 udp sport set udp sport ^ " + flip, "ip saddr 10.0.0.1 tcp sport set tcp sport ^ " + flip,
			"ip saddr 10.0.0.1 icmp type echo-request icmp id set icmp id ^ " + flip,
			"ip saddr 10.0.0.1 ip saddr set 10.0.1.1",
		},
		in: []string{
			"ip daddr 10.0.1.1 udp dport set udp dport ^ " + flip, "ip daddr 10.0.1.1 tcp dport set tcp dport ^ " + flip,
			"ip daddr 10.0.1.1 icmp type echo-reply icmp id set icmp id ^ " + flip,
			"ip daddr 10.0.1.1 ip daddr set 10.0.0.1",
		},
	},
	{
		name: "destination", dst: "10.0.3.2", at: 1,
		// Who is asked for does not exist; the host at the end answers.
		in:  []string{"ip daddr 10.9.9.9 ip daddr set 10.0.3.2"},
		out: []string{"ip saddr 10.0.3.2 ip saddr set 10.9.9.9"},
	},
}

// apply has the first router rewrite.
func (x *rewriting) apply(r *testnet.Room) {
	r.Sh("nft add table ip nat0; nft 'add chain ip nat0 untracked { type filter hook prerouting priority raw; }'; nft add rule ip nat0 untracked notrack; " +
		"nft 'add chain ip nat0 out { type filter hook postrouting priority 0; }'; nft 'add chain ip nat0 in { type filter hook prerouting priority 0; }'")
	for chain, rules := range map[string][]string{"out": x.out, "in": x.in} {
		for _, rule := range rules {
			r.Sh("nft 'add rule ip nat0 %s %s'", chain, rule)
		}
	}
}

// TestTranslatedKernel traces through a translator of the kernel's that leaves alone
// what errors quote, by each method: all hops are named, it is known where the
// probes begin to be others, and in what. Where ports are others, that has come
// through the filter of the sockets.
func TestTranslatedKernel(t *testing.T) {
	conform.Row(t, "P-05")
	conform.Row(t, "P-08")
	for i := range rewritings {
		x := &rewritings[i]
		all, far, _ := chain(t, 3)
		testnet.Need(t, "nft")
		x.apply(all[1])
		for n := 3; n <= 4; n++ {
			all[n].Sh("ip route add 10.0.1.0/24 via 10.0.%d.1", n-1)
		}
		if x.dst != "" {
			far = "10.9.9.9"
			all[1].Sh("ip route add 10.9.9.9 via 10.0.1.2")
		}
		sonde := binary(t, "sonde")
		for _, method := range []string{"", "-U", "-I", "-T"} {
			what := x.name + " " + method
			args := append(strings.Fields("trace --json -n -w 2 -m 6 "+method), far)
			out, status := testnet.Run(t, sonde, args...)
			if status != 0 {
				t.Fatalf("%s: status %d\n%s", what, status, out)
			}
			x.judge(t, what, method, far, out)
			w := find(t, sonde, method+" -w 0.5 -m 6 "+far)
			if method == "-U" {
				continue // as without
			}
			if !w.Reached || len(w.Vertices) != 4 || len(w.Rewritten) != 1 || w.Rewritten[0].TTL != x.at || w.Rewritten[0].After != x.at-1 {
				t.Errorf("%s: %+v", what, w)
			}
		}
	}
}

// judge looks at what a trace has printed.
func (x *rewriting) judge(t *testing.T, what, method, far, out string) {
	t.Helper()
	answered := 0
	for l := range strings.Lines(out) {
		var p struct {
			Event   string `json:"event"`
			TTL     int    `json:"ttl"`
			From    string `json:"from"`
			Reached bool   `json:"reached"`
			Claim   *struct{}
			Shown   *struct {
				Src, Dst string
				SrcPort  int `json:"src_port"`
				ID       bool
			}
			Rewritten []struct {
				TTL     int `json:"ttl"`
				After   int `json:"after_ttl"`
				From    netip.Addr
				Src     string
				SrcPort int `json:"src_port"`
				Dst     string
				ID      bool
				Unfit   bool
				IPID    bool `json:"ip_id"`
			}
		}
		if err := json.Unmarshal([]byte(l), &p); err != nil {
			t.Fatalf("%s: %v\n%s", what, err, l)
		}
		switch p.Event {
		case "probe":
			want := fmt.Sprintf("10.0.%d.2", p.TTL-1)
			if p.TTL == 4 {
				want = far
			}
			if p.From != want || (p.Shown != nil) != (p.Claim != nil && p.TTL >= x.at) {
				t.Errorf("%s: %s", what, l)
			}
			answered++
		case "end":
			if !p.Reached || len(p.Rewritten) != 1 {
				t.Fatalf("%s: %s", what, l)
			}
			c := p.Rewritten[0]
			echo := method == "-I"
			if c.TTL != x.at || c.After != x.at-1 || c.From.String() != fmt.Sprintf("10.0.%d.2", x.at-1) || c.Src != x.src || c.Dst != x.dst ||
				(c.SrcPort != 0) != (x.port && !echo) || c.ID != (x.id && echo) || c.Unfit || c.IPID {
				t.Errorf("%s: %s", what, l)
			}
		}
	}
	if answered != 12 {
		t.Errorf("%s: %d answers\n%s", what, answered, out)
	}
}

// TestTranslatedText is what is said of it below the hops, and what is not: called
// by the original's name, and by one without privileges.
func TestTranslatedText(t *testing.T) {
	all, far, _ := chain(t, 3)
	testnet.Need(t, "nft")
	rewritings[0].apply(all[1])
	for n := 3; n <= 4; n++ {
		all[n].Sh("ip route add 10.0.1.0/24 via 10.0.%d.1", n-1)
	}
	sonde := binary(t, "sonde")
	for lang, want := range map[string]string{
		"en": "hop 2 (10.0.1.2) saw the probes with source 10.0.1.1: translated at hop 1 or behind it\n",
		"fr": "le saut 2 (10.0.1.2) a vu les sondes avec la source 10.0.1.1 : traduction au saut 1 ou derrière lui\n",
	} {
		out, _ := testnet.Run(t, sonde, "trace", "-n", "--lang", lang, far)
		if !strings.HasSuffix(out, want) || strings.Count(out, "ms") != 12 {
			t.Errorf("%s", out)
		}
		out, _ = testnet.Run(t, sonde, "trace", "--multipath", "-n", "--lang", lang, far)
		if !strings.Contains(out, "\n"+want) || strings.Count(out, " source 10.0.1.1") != 2 {
			t.Errorf("%s", out)
		}
	}
	out, _ := testnet.Run(t, sonde, "trace", "--multipath", "-n", "--dot", far)
	if !strings.Contains(out, `ms\nsaw source 10.0.1.1"]`) {
		t.Error(out)
	}
	// The type of service is taken away.
	all[2].Sh("nft add table ip tos0; nft 'add chain ip tos0 out { type filter hook postrouting priority 0; }'; nft add rule ip tos0 out ip daddr %s ip dscp set cs0", far)
	out, _ = testnet.Run(t, sonde, "trace", "-n", "-t", "0x48", "--lang", "en", far)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if want := "hop 3 (10.0.2.2) saw the probes with DSCP 0 instead of 18: changed at hop 2 or behind it"; !slices.Contains(lines, want) || len(lines) != 7 {
		t.Error(out)
	}
}
