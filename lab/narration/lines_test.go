package narration_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/stack/event"
)

// TestColumns: a column is as wide as the longest name asks, and the columns go
// where they would be over 80 characters.
func TestColumns(t *testing.T) {
	const what = "10.0.0.1 > 10.0.0.2 8/0 Echo"
	for _, tt := range []struct {
		nodes []string
		want  []string
	}{
		{[]string{"a", "eight678"}, []string{"           time  a         eight678", "       0.000 ms  |-------->|      " + what}},
		{[]string{"a", "nine56789"}, []string{"           time  a          nine56789", "       0.000 ms  |--------->|      " + what}},
		{[]string{"alpha", "gateway-of-site-1"}, []string{"           time  alpha              gateway-of-site-1", "       0.000 ms  |----------------->|      " + what}},
		{[]string{"a", strings.Repeat("x", 38)}, []string{
			"           time  a" + strings.Repeat(" ", 39) + strings.Repeat("x", 38), "       0.000 ms  |" + strings.Repeat("-", 38) + ">|      " + what,
		}},
		{[]string{"a", strings.Repeat("x", 39)}, []string{"       0.000 ms  a -> " + strings.Repeat("x", 39) + "  " + what}},
	} {
		got := write(t, narration.TextOptions{}, tt.nodes, message(0, tt.nodes[0], tt.nodes[1]))
		if len(tt.want) == 2 {
			tt.want = append([]string{""}, tt.want...)
		}
		check(t, got, tt.want...)
	}
	check(t, write(t, narration.TextOptions{}, nil, message(0, "a", "b")), "       0.000 ms  a -> b  "+what)
	check(t, write(t, narration.TextOptions{Lang: narration.French}, []string{"a"})[1:], "          temps  a")
	check(t, write(t, narration.TextOptions{Quiet: true}, abc), "")
}

// TestArrowsBothWays: over one column and over several, those that arrive and
// those that do not.
func TestArrowsBothWays(t *testing.T) {
	for _, tt := range []struct {
		from, to     string
		comes, fails string
	}{
		{"a", "b", "|-------->|         |         |     ", "|----x    |         |         |     "},
		{"b", "a", "|<--------|         |         |     ", "|    x----|         |         |     "},
		{"a", "c", "|---------|-------->|         |     ", "|---------x         |         |     "},
		{"c", "a", "|<--------|---------|         |     ", "|         x---------|         |     "},
		{"a", "d", "|---------|---------|-------->|     ", "|---------|----x    |         |     "},
		{"d", "a", "|<--------|---------|---------|     ", "|         |    x----|---------|     "},
		{"d", "c", "|         |         |<--------|     ", "|         |         |    x----|     "},
		{"a", "a", "|<--      |         |         |     ", "|---x     |         |         |     "},
		{"d", "d", "|         |         |         |<--  ", "|         |         |         |---x "},
		{"b", "", "|         |---x     |         |     ", "|         |---x     |         |     "},
		{"b", "out", "b -> out", "b --x out"},
		{"out", "b", "out -> b", "out --x b"},
		{"out", "", "out --x", "out --x"},
	} {
		m := message(0, tt.from, tt.to)
		m.Src, m.What = addr("::"), ""
		check(t, write(t, narration.TextOptions{}, []string{"a", "b", "c", "d"}, m)[2:],
			strings.TrimRight("       0.000 ms  "+narrow(tt.comes)+"  :: > 10.0.0.2", " "))
		m.Fate = record.Crowded
		check(t, write(t, narration.TextOptions{}, []string{"a", "b", "c", "d"}, m)[2:],
			"       0.000 ms  "+narrow(tt.fails)+"  :: > 10.0.0.2 ; too much in flight")
	}
}

// narrow cuts a drawing of four columns to the width that it has.
func narrow(s string) string {
	if len(s) > 35 {
		return s[:35]
	}
	return s
}

// TestFates: what becomes of a message, in both languages.
func TestFates(t *testing.T) {
	for fate, want := range map[record.Fate][2]string{
		record.Delivered:  {"", ""},
		record.Lost:       {"; lost by the link", " ; perdu par le lien"},
		record.TooBig:     {"; over the MTU of the link, lost", " ; plus long que le MTU du lien, perdu"},
		record.Cut:        {"; the link is down", " ; le lien est coupé"},
		record.Unresolved: {"; nobody answers for the next hop", " ; personne ne répond pour le saut suivant"},
		record.Crowded:    {"; too much in flight", " ; trop de datagrammes en vol"},
	} {
		for l, want := range want {
			m := message(0, "a", "b")
			m.Fate = fate
			got := write(t, narration.TextOptions{Lang: narration.Lang(l)}, abc, m)[2]
			if !strings.HasSuffix(got, "8/0 Echo"+want) || strings.Contains(got, ">|") != (fate == record.Delivered) {
				t.Errorf("%v: %q, want %q at its end", fate, got, want)
			}
		}
	}
}

// TestFrench: the lines of the diagram in French; those of ping and traceroute
// are as those have them.
func TestFrench(t *testing.T) {
	o := narration.TextOptions{Lang: narration.French}
	const before = "       1,000 ms  |         *         |      "
	check(t, write(t, o, abc, events...)[1:],
		"          temps  a         b         c",
		before+"rejeté : pas de route (G-02)",
		before+"retenu : « pas de route » : pas d'erreur au sujet d'une erreur (E-01)",
		before+"la machine ne répond pas : cru (H-04)",
		before+"la route vers 192.0.2.9 passe désormais par 10.0.0.7 (H-07)",
		before+"le MTU du chemin vers 192.0.2.9 est désormais de 1000 octets (H-15)",
		before+"fragments réassemblés : 4000 octets",
	)
	to := addr("10.0.0.2")
	m := message(0, "b", "a")
	m.Origin, m.Duplicate, m.Late, m.Corrupt = event.Origin{Kind: event.Answer}, true, true, true
	check(t, write(t, o, abc, m,
		narration.Sent{Node: "a", Dst: to, Count: 3, Size: 100, Refused: 2, Why: "output queue is full"},
		narration.Connection{Moment: narration.At(m.Time), Node: "a", Local: netip.AddrPortFrom(to, 1), Remote: netip.AddrPortFrom(to, 2), Why: "hard ICMP error"},
		narration.Shown{Node: "a", What: "pmtu"},
		narration.QueryReply{What: "mask", From: to, Text: "18/0 Address Mask Reply, id 1, mask 255.0.0.0", RTT: time.Millisecond},
		narration.QueryReply{What: "timestamp", From: to, Text: "14/0", RTT: time.Millisecond, HasOffset: true, Offset: 10 * time.Second},
		narration.QueryReply{What: "timestamp", From: to, Text: "14/0", RTT: time.Millisecond, HasOffset: true, Offset: -9999 * time.Millisecond},
		narration.QueryEnd{What: "mask", To: to, Sent: 3, Received: 1},
		narration.TraceEnd{Hops: 30},
		narration.TraceEnd{Hops: 13, Reached: true, Owners: []string{"A", "B"}},
		narration.PingError{Seq: 1, What: "no route to host"},
		narration.PingEnd{To: to, Sent: 3, Received: 1, Min: 1500 * time.Microsecond},
		narration.End{Took: 10 * time.Second},
	)[2:],
		"       0,000 ms  |<--------|         |      10.0.0.1 > 10.0.0.2 8/0 Echo ; H-01 réponse ; copie faite par le lien ; retardé par le lien ; un bit inversé par le lien",
		"                 a en a envoyé 3 à 10.0.0.2, le dernier de 100 octets ; 2 non pris par le nœud : la file de sortie est pleine",
		"       0,000 ms  *         |         |      la connexion 10.0.0.2:1 vers 10.0.0.2:2 est MORTE : erreur ICMP dure",
		"", "a, pmtu :", "  rien",
		"mask de 10.0.0.2 : 18/0 Address Mask Reply, id 1, masque 255.0.0.0 ; aller-retour 1,000 ms",
		"timestamp de 10.0.0.2 : 14/0 ; aller-retour 1,000 ms ; son horloge avance de 10,000 s",
		"timestamp de 10.0.0.2 : 14/0 ; aller-retour 1,000 ms ; son horloge retarde de 9999,000 ms",
		"mask à 10.0.0.2 : pas de réponse à 2 sur 3",
		"cible non atteinte en 30 sauts",
		"12 équipements séparent la source et la cible",
		"propriétaires des équipements traversés : A, B",
		"ping: le nœud lui-même : pas de route vers la destination",
		"--- 10.0.0.2 ping statistics ---",
		"3 packets transmitted, 1 received, 66% packet loss, time 0ms",
		"rtt min/avg/max/mdev = 1.500/0.000/0.000/0.000 ms",
		"",
		"fin après 10,000 s de temps virtuel",
	)
}

// TestRates: bits in the unit that suits them.
func TestRates(t *testing.T) {
	for octets, want := range map[int]string{
		0: "0 bit", 1: "8 bit", 124: "992 bit", 125: "1.0 kbit", 12_345: "98.8 kbit", 124_900: "999.2 kbit", 125_000: "1.00 Mbit", 1_250_000: "10.00 Mbit",
	} {
		got := write(t, narration.TextOptions{}, abc, narration.Rate{Moment: at(1), Node: "c", Dst: addr("::1"), Interval: time.Second, Datagrams: 2, Octets: octets})
		check(t, got[2:], "       1.000 ms  |         |         *      c sends "+want+" a second to ::1: 2.0 datagrams")
	}
	d, b := narration.Rate{Interval: 250 * time.Millisecond, Datagrams: 3, Octets: 100}.PerSecond()
	if d != 12 || b != 3200 {
		t.Errorf("%v, %v", d, b)
	}
}

// TestHappenedMost: what happens again and again at a node is counted like
// messages; in each step anew, and news are told each time.
func TestHappenedMost(t *testing.T) {
	var items []narration.Item
	for range 5 {
		items = append(items, events[0], events[4])
	}
	const drop, news = "       1.000 ms  |         *         |      dropped: no route (G-02)", "       1.000 ms  |         *         |      path MTU to 192.0.2.9 is now 1000 octets (H-15)"
	items = append(items, narration.Step{What: "wait"}, events[0], narration.Step{What: "show"})
	check(t, write(t, narration.TextOptions{Most: 2}, abc, items...)[2:],
		drop, news, drop, news, news, news, news,
		"                 … and 3 more at b: dropped: no route (G-02)", drop)
}

// TestCrowds: messages are counted by who sends to whom, flow and fate.
func TestCrowds(t *testing.T) {
	lost, other := message(3, "a", "b"), message(4, "a", "b")
	lost.Fate, other.Flow = record.Lost, "other"
	got := write(t, narration.TextOptions{Most: 1}, abc,
		message(0, "a", "b"), message(1, "b", "a"), message(2, "a", "c"), lost, other, message(5, "a", "b"), message(6, "c", "a"), narration.Step{What: "wait"})
	if n := len(got); n != 9 || got[8] != "                 … and 1 more from a to b: 8/0 Echo" {
		t.Errorf("%d lines:\n%s", n, strings.Join(got, "\n"))
	}
}

// TestLoss: percent of what was sent, cut and not rounded; replies above that
// are told beside it.
func TestLoss(t *testing.T) {
	to := addr("10.0.0.2")
	for _, tt := range []struct {
		end  narration.PingEnd
		want string
	}{
		{narration.PingEnd{Sent: 1}, "1 packets transmitted, 0 received, 100% packet loss, time 0ms"},
		{narration.PingEnd{Sent: 1, Received: 1}, "1 packets transmitted, 1 received, 0% packet loss, time 0ms"},
		{narration.PingEnd{Sent: 1000, Received: 999}, "1000 packets transmitted, 999 received, 0% packet loss, time 0ms"},
		{narration.PingEnd{Sent: 3, Received: 1, Dup: 1}, "3 packets transmitted, 1 received, +1 duplicates, 66% packet loss, time 0ms"},
		{narration.PingEnd{Sent: 3, Errors: 3, Took: 1999999 * time.Microsecond}, "3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 1999ms"},
	} {
		tt.end.To = to
		got := write(t, narration.TextOptions{}, abc, tt.end)[2:]
		if got[0] != "--- 10.0.0.2 ping statistics ---" || got[1] != tt.want || (len(got) == 3) != (tt.end.Received > 0) {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// TestHops: an address is told once as long as it stays, its mark each time.
func TestHops(t *testing.T) {
	p := func(a, mark string) narration.TraceProbe {
		return narration.TraceProbe{From: addr(a), RTT: 1999999, Mark: mark}
	}
	for _, tt := range []struct {
		probes []narration.TraceProbe
		want   string
	}{
		{nil, "5"},
		{[]narration.TraceProbe{{}, {}, {}}, "5 * * *"},
		{[]narration.TraceProbe{p("::1", "!X"), p("::1", "!X")}, "5 ::1 (::1) 1.999 ms !X 1.999 ms !X"},
		{[]narration.TraceProbe{{}, p("::1", ""), {}, p("::1", ""), p("::2", "")}, "5 * ::1 (::1) 1.999 ms * 1.999 ms ::2 (::2) 1.999 ms"},
		{[]narration.TraceProbe{p("::1", ""), p("::2", "!<3>"), p("::1", "")}, "5 ::1 (::1) 1.999 ms ::2 (::2) 1.999 ms !<3> ::1 (::1) 1.999 ms"},
	} {
		check(t, write(t, narration.TextOptions{}, abc, narration.TraceHop{TTL: 5, Probes: tt.probes})[2:], tt.want)
	}
}
