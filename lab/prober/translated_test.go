package prober_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/multipath"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// translating is a line of four gateways, the second of which translates what
// leaves to 10.0.2.2; all quote so many octets behind the header.
func translating(quotes string, octets int) string {
	s := line(4, "")
	s = strings.ReplaceAll(s, "    kind: gateway\n", fmt.Sprintf("    kind: gateway\n    quote: %d\n", octets))
	s = strings.Replace(s, `{to: 10.0.0.0/24, via: 10.0.3.2}`, `{to: 10.0.0.0/22, via: 10.0.3.2}`, 1)
	return strings.Replace(s, `address: 10.0.2.2/24`, `address: 10.0.2.2/24, nat: {quotes: `+quotes+`}`, 1)
}

// TestTranslated traces through a translator that turns back what errors quote, and
// through one that does not, where routers quote eight octets and more.
func TestTranslated(t *testing.T) {
	conform.Row(t, "P-08")
	for _, kind := range []probe.Kind{probe.UDP, probe.TCP, probe.Echo} {
		for _, quotes := range []string{"mend", "leave"} {
			for _, octets := range []int{8, 500} {
				b := newBench(t, translating(quotes, octets), probe.Config{Rewritten: true})
				tr, err := trace.New(b.p, trace.Config{Src: addr("10.0.0.10"), Dst: addr("10.0.4.10"), Kind: kind, MaxTTL: 8})
				if err != nil {
					t.Fatal(err)
				}
				what := fmt.Sprintf("%v, %s, %d", kind, quotes, octets)
				b.u.Drive(tr)
				start := b.n.Now()
				for b.n.Now().Before(start.Add(time.Minute)) && !tr.Done() {
					b.run(ms)
				}
				if d := b.n.Now().Sub(start); !tr.Reached() || tr.Length() != 5 || d > 100*ms {
					t.Fatalf("%s: %v after %v", what, tr.Hops(), d)
				}
				for _, h := range tr.Hops() {
					want := addr(fmt.Sprintf("10.0.%d.1", h.TTL-1))
					if h.TTL == 5 {
						want = addr("10.0.4.10")
					}
					if a := h.Addrs(); len(a) != 1 || a[0] != want || h.Answered() != 3 {
						t.Errorf("%s: hop %d: %+v", what, h.TTL, h)
					}
				}
				c := tr.Changes()
				if quotes == "mend" {
					if len(c) > 0 || b.p.Counters().Rewritten > 0 {
						t.Errorf("%s: %+v", what, c)
					}
					continue
				}
				if len(c) != 1 || c[0].TTL != 3 || c[0].After != 2 || c[0].From != addr("10.0.2.1") || c[0].Src != addr("10.0.2.2") ||
					c[0].Dst.IsValid() || c[0].ID != (kind == probe.Echo) || (c[0].SrcPort != 0) != (kind != probe.Echo) || c[0].Unfit || c[0].IPID {
					t.Errorf("%s: %+v", what, c)
				}
			}
		}
	}
}

// TestTranslatedWays finds all the ways through a translator.
func TestTranslatedWays(t *testing.T) {
	conform.Row(t, "P-09")
	for _, kind := range []probe.Kind{probe.UDP, probe.TCP, probe.Echo} {
		b := newBench(t, translating("leave", 8), probe.Config{Rewritten: true})
		m, err := multipath.New(b.p, multipath.Config{Src: addr("10.0.0.10"), Dst: addr("10.0.4.10"), Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		b.u.Drive(m)
		for range 60_000 {
			if b.run(ms); m.Done() {
				break
			}
		}
		g := m.Graph()
		if !g.Reached || len(g.Vertices) != 5 || len(g.Rewritten) != 1 || g.Rewritten[0].TTL != 3 || g.Rewritten[0].After != 2 {
			t.Fatalf("%v: %+v", kind, g)
		}
		for i, v := range g.Vertices {
			errors := kind == probe.UDP || i < 4
			if (v.Shown != nil) != (i >= 2 && errors) || !v.Addr.IsValid() {
				t.Errorf("%v: %+v", kind, v)
			}
		}
	}
}

// TestTranslatedByForger: one beside who knows all of a probe's header but what only
// those can know who see it, and says that it was translated, is not believed.
func TestTranslatedByForger(t *testing.T) {
	conform.Row(t, "P-01")
	b := newBench(t, pair("delay: 50ms"), probe.Config{Rewritten: true})
	us, them := addr("10.0.0.1"), addr("10.0.0.2")
	b.send(probe.Probe{Kind: probe.UDP, Dst: them, DstPort: 33434, Size: 24, SrcPort: b.p.Port(0)})
	b.n.Run(b.n.Now().Add(ms), nil)
	mark, _, _ := b.p.Identifications()
	port := b.p.Port(0)
	c, _ := b.n.Host("c")
	// All ports and identifications are right in one of so many; the checksum is not.
	for id := range uint16(256) {
		d, err := ip.Header4{ID: mark | id, TTL: 1, Proto: ip.ProtoUDP, Src: addr("198.51.100.7"), Dst: them}.AppendPacket(nil,
			[]byte{byte(port >> 8), byte(port), 33434 >> 8, 33434 & 0xff, 0, 32, 0xbe, 0xef})
		if err != nil {
			t.Fatal(err)
		}
		m, err := icmp4.TimeExceeded{Quote: d}.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if d, err = (ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: them, Dst: us}).AppendPacket(nil, m); err != nil {
			t.Fatal(err)
		}
		if err := c.Node.SendDatagram(b.n.Now(), d); err != nil {
			t.Fatal(err)
		}
	}
	if all := b.run(5 * time.Second); len(all) != 1 || all[0].Kind != probe.Reply || all[0].RTT != 100*ms {
		t.Fatalf("%v", all)
	}
	if k := b.p.Counters(); k.Rewritten != 0 || k.Arrivals[probe.Credited] != 1 || k.Arrivals[probe.NotInFlight] != 256 {
		t.Errorf("%+v", k)
	}
}
