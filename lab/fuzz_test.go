package lab_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/topology"
)

// FuzzNetwork sends any datagram from outside into any laboratory: it ends, what
// it records is within the bounds, and time does not go back.
func FuzzNetwork(f *testing.F) {
	d := []byte{0x45, 0, 0, 28, 0, 1, 0, 0, 2, 1, 0, 0, 10, 0, 0, 200, 10, 1, 0, 9, 8, 0, 0xf7, 0xff, 0, 0, 0, 0}
	reseal(d)
	f.Add([]byte(lan), d)
	f.Add([]byte(strings.Replace(lan, "delay: 1ms", wild, 1)), d)
	if page, err := os.ReadFile("../docs/topology.md"); err == nil {
		_, rest, _ := strings.Cut(string(page), "```yaml\n")
		example, _, _ := strings.Cut(rest, "```")
		f.Add([]byte(example), d)
	}
	f.Fuzz(func(t *testing.T, text, d []byte) {
		top, err := topology.Parse("fuzz", text)
		if err != nil {
			return
		}
		n, err := lab.New(top, lab.Options{Records: 100})
		if err != nil {
			return
		}
		for _, l := range top.Links {
			for _, a := range l.Outside {
				p, err := n.Port(l.Name, a)
				if err != nil {
					continue
				}
				p.Inject(n.Now(), d)
			}
		}
		last, steps := n.Now(), 0
		n.Run(n.Now().Add(50*time.Millisecond), func() {
			if n.Now().Before(last) {
				t.Fatalf("from %v back to %v", last, n.Now())
			}
			if last = n.Now(); steps > 100_000 {
				t.Fatal("no end")
			}
			steps++
		})
		got := 0
		for r, ok := n.NextRecord(); ok; r, ok = n.NextRecord() {
			_ = r.Comment()
			got++
		}
		if got > 100 {
			t.Errorf("%d records", got)
		}
	})
}

// TestAllocs: in the steady state the laboratory itself allocates nothing.
func TestAllocs(t *testing.T) {
	n, err := lab.New(parse(t, line(5, nil)), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := echo(t, "10.0.0.10", "10.0.5.10", 64, 1)
	h := host(t, n, "a")
	round := func() {
		if err := h.Node.SendDatagram(n.Now(), d); err != nil {
			t.Fatal(err)
		}
		n.Run(n.Now().Add(time.Second), nil)
	}
	round()
	wiretest.NoAllocs(t, "an echo over five gateways", round)
}
