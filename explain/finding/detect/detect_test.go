package detect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// flat is one link with a gateway to another, and somebody on each.
const flat = `
name: flat
links:
  lan: {delay: 1ms}
  wan: {delay: 5ms}
nodes:
  a: {%s interfaces: [{link: lan, address: 10.0.1.10/24}], routes: [{to: default, via: 10.0.1.1}]}
  c: {interfaces: [{link: lan, address: 10.0.1.11/24}], routes: [{to: default, via: 10.0.1.1}]}
  r1: {kind: gateway, limit: {off: true}, interfaces: [{link: lan, address: 10.0.1.1/24}, {link: wan, address: 203.0.113.1/24%s}]}
  b: {interfaces: [{link: wan, address: 203.0.113.50/24}], routes: [{to: default, via: 203.0.113.1}], listen: [{tcp: 80}]}
  mallory: {interfaces: [{link: wan, address: 203.0.113.66/24}], routes: [{to: default, via: 203.0.113.1}]}
steps:
%s`

// lab runs steps on it.
func lab(t *testing.T, steps ...string) []conversation.Datagram {
	return labWith(t, "", "", steps...)
}

func labWith(t *testing.T, a, wan string, steps ...string) []conversation.Datagram {
	t.Helper()
	for i, s := range steps {
		steps[i] = "  - " + s
	}
	return traffic.Scenario(t, fmt.Sprintf(flat, a, wan, strings.Join(steps, "\n")))
}

// on keeps what was captured on some links.
func on(all []conversation.Datagram, links ...int) []conversation.Datagram {
	return slices.DeleteFunc(all, func(d conversation.Datagram) bool { return !slices.Contains(links, d.Link) })
}

// message is a forged step that sends an ICMP message as it stands.
func message(from, source, to string, m icmp4.Message) string {
	b, err := m.AppendBinary(nil)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("forge: {from: %s, source: %s, to: %s, proto: 1, payload: %x}", from, source, to, b)
}

func echo(reply bool, seq int, data []byte) icmp4.Echo {
	return icmp4.Echo{EchoType: icmp4.EchoType{Reply: reply}, ID: 900, Seq: uint16(seq), Data: data} //nolint:gosec // a test's
}

// noise is data in which no octet tells of the next.
func noise(seed, n int) []byte {
	b := make([]byte, n)
	x := uint32(seed)*2654435761 + 1 //nolint:gosec // a test's
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

func kindsOf(all []*finding.Finding) (kinds []finding.Kind) {
	for _, f := range all {
		kinds = append(kinds, f.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// smurf is a network whose hosts answer to broadcast, twelve of them.
func smurf(t *testing.T, step string) []conversation.Datagram {
	var b strings.Builder
	b.WriteString("name: smurf\nlinks: {net: {delay: 1ms}, open: {delay: 1ms}}\nnodes:\n" +
		"  mallory: {interfaces: [{link: net, address: 203.0.113.66/24}], routes: [{to: default, via: 203.0.113.1}]}\n" +
		"  victim: {interfaces: [{link: net, address: 203.0.113.7/24}], routes: [{to: default, via: 203.0.113.1}]}\n" +
		"  r1: {kind: gateway, interfaces: [{link: net, address: 203.0.113.1/24}, {link: open, address: 10.1.0.1/24, directed_broadcast: true}]}\n")
	for i := range 12 {
		fmt.Fprintf(&b, "  o%d: {answer_broadcast: true, interfaces: [{link: open, address: 10.1.0.%d/24}], routes: [{to: default, via: 10.1.0.1}]}\n", i, 10+i)
	}
	return traffic.Scenario(t, b.String()+"steps:\n  - "+step+"\n")
}

// replies drops the requests, as a capture at the victim's has it.
func replies(all []conversation.Datagram) []conversation.Datagram {
	return slices.DeleteFunc(all, func(d conversation.Datagram) bool { return d.Link != 0 || d.Octets[20] != 0 })
}

type row struct {
	name    string
	capture func(*testing.T) []conversation.Datagram
	want    []finding.Kind // none: it is innocent
	like    []finding.Kind // of what is innocent: what it looks like
	facts   []finding.FactName
	from    string
	count   uint64 // 0: not looked at
}

func scene(name string, links ...string) func(*testing.T) []conversation.Datagram {
	return func(t *testing.T) []conversation.Datagram { return traffic.Scenario(t, name, links...) }
}

func steps(s ...string) func(*testing.T) []conversation.Datagram {
	return func(t *testing.T) []conversation.Datagram { return lab(t, slices.Clone(s)...) }
}

// lanLink is the number of the link lan where mallory, on wan, sends first.
const lanLink = 1

// inside is steps as the link lan shows them.
func inside(s ...string) func(*testing.T) []conversation.Datagram {
	return func(t *testing.T) []conversation.Datagram { return on(lab(t, slices.Clone(s)...), lanLink) }
}

func many(n int, f func(i int) string) (s []string) {
	for i := range n {
		s = append(s, f(i))
	}
	return s
}

// TestDetectors has each attack of the laboratory found, and nothing else in it,
// and nothing in what looks like it.
func TestDetectors(t *testing.T) {
	conform.Row(t, "A-04")
	for _, r := range rows {
		t.Run(strings.ReplaceAll(r.name, " ", "-"), func(t *testing.T) {
			all := r.capture(t)
			found := traffic.Find(detect.Config{}, all)
			if got := kindsOf(found); !slices.Equal(got, r.want) {
				t.Fatalf("found %v in %d datagrams, want %v", got, len(all), r.want)
			}
			if len(r.want) == 0 {
				return
			}
			f := found[slices.IndexFunc(found, func(f *finding.Finding) bool { return f.Kind == r.want[0] })]
			for _, name := range r.facts {
				if !slices.ContainsFunc(found, func(f *finding.Finding) bool { return f.Has(name) }) {
					t.Errorf("no evidence %q", name)
				}
			}
			if r.from != "" && f.From.String() != r.from {
				t.Errorf("from %s, want %s", f.From, r.from)
			}
			if r.count != 0 && f.Count != r.count {
				t.Errorf("%d packets, want %d", f.Count, r.count)
			}
			if f.Count == 0 || len(f.Packets) == 0 || f.End.Before(f.Start) || f.Start.IsZero() || !slices.IsSorted(f.Packets) {
				t.Errorf("evidence is lacking: %+v", f)
			}
		})
	}
}

// TestEveryKind has every kind found in traffic of the laboratory, and not found
// in traffic that looks like it.
func TestEveryKind(t *testing.T) {
	conform.Row(t, "A-04")
	for _, k := range finding.Kinds() {
		if !slices.ContainsFunc(rows, func(r row) bool { return slices.Contains(r.want, k) }) {
			t.Errorf("%s is not found in the laboratory", k)
		}
		if !slices.ContainsFunc(rows, func(r row) bool { return len(r.want) == 0 && slices.Contains(r.like, k) }) {
			t.Errorf("nothing in the laboratory looks like %s", k)
		}
	}
}

// TestDay finds nothing in an ordinary day.
func TestDay(t *testing.T) {
	conform.Row(t, "A-04")
	for seed := range uint64(3) {
		all := traffic.Day(seed)
		if len(all) < 50000 {
			t.Fatalf("a day of %d datagrams", len(all))
		}
		for _, f := range traffic.Find(detect.Config{}, all) {
			t.Errorf("day %d: %s %s → %s, %d packets %v, %v", seed, f.Kind, f.From, f.To, f.Count, f.Packets, f.Facts)
		}
	}
}

// TestNoAllocs has a day looked at again, when all tables are full.
func TestNoAllocs(t *testing.T) {
	all := traffic.Day(1)[:20000]
	m, d := conversation.New(conversation.Config{}), detect.New(detect.Config{})
	shift := time.Duration(0)
	round := func() {
		for i := range all {
			g := all[i]
			g.Time = g.Time.Add(shift)
			d.Observe(m.Receive(&g))
		}
		shift += 24 * time.Hour
	}
	round()
	if n := testing.AllocsPerRun(5, round); n != 0 {
		t.Errorf("a day: %v allocations, want none", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	all := traffic.Day(1)
	for _, with := range []bool{false, true} {
		b.Run(fmt.Sprintf("findings=%v", with), func(b *testing.B) {
			m, d := conversation.New(conversation.Config{}), detect.New(detect.Config{})
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				s := m.Receive(&all[i%len(all)])
				if with {
					d.Observe(s)
				}
				i++
			}
		})
	}
}
