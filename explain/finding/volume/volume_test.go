package volume_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp4"
)

const (
	inner = "10.0.0.1"
	outer = "203.0.113.9"
)

func nth(n int) string { return fmt.Sprintf("203.0.%d.%d", 113+n/200, 1+n%200) }

func u16(n int) uint16 { return uint16(n) } //nolint:gosec // few

// send calls f n times, so often.
func send(n int, every time.Duration, f func(w *traffic.Writer, i int)) *traffic.Writer {
	w := &traffic.Writer{}
	for i := range n {
		f(w, i)
		w.Wait(every)
	}
	return w
}

func TestFlood(t *testing.T) {
	c := detect.Config{}
	c.Flood.Rate = 10
	request := func(w *traffic.Writer, i int) {
		w.Echo(inner, outer, false, 1, u16(i), nil)
		w.Echo(outer, inner, true, 1, u16(i), nil)
	}
	f := traffic.One(t, c, send(15, 50*time.Millisecond, request), finding.EchoFlood)
	if f == nil || f.Count != 15 || f.Rate != 15 || f.Severity != finding.Alarm || f.From.String() != inner || f.To.String() != outer ||
		f.Packets[0] != 1 || f.Packets[1] != 19 || f.Start != traffic.Epoch || f.End != traffic.Epoch.Add(700*time.Millisecond) || f.Has(finding.FactSources) {
		t.Errorf("%+v", f)
	}
	if f := traffic.One(t, c, send(9, 0, request), finding.EchoFlood); f != nil {
		t.Errorf("nine: %+v", f)
	}
	if f := traffic.One(t, c, send(100, 112*time.Millisecond, request), finding.EchoFlood); f != nil {
		t.Errorf("nine a second: %+v", f)
	}
}

func TestFloodFromMany(t *testing.T) {
	c := detect.Config{}
	c.Flood.Rate, c.Flood.Total = 10, 20
	from := func(hosts int) func(*traffic.Writer, int) {
		return func(w *traffic.Writer, i int) {
			a := fmt.Sprintf("10.0.0.%d", 1+i%hosts)
			w.Echo(a, outer, false, 1, u16(i), nil)
			w.Echo(outer, a, true, 1, u16(i), nil)
		}
	}
	f := traffic.One(t, c, send(23, time.Millisecond, from(3)), finding.EchoFlood)
	if f == nil || f.Count != 23 || f.Rate != 23 || f.Number(finding.FactSources) != 3 || len(f.Addresses) != 3 || f.Packets[0] != 1 {
		t.Errorf("%+v", f)
	}
	if f := traffic.One(t, c, send(19, 0, from(3)), finding.EchoFlood); f != nil {
		t.Errorf("19: %+v", f)
	}
	if f := traffic.One(t, c, send(60, 60*time.Millisecond, from(3)), finding.EchoFlood); f != nil {
		t.Errorf("17 a second: %+v", f)
	}
	c.Flood.Rate = 100
	if f := traffic.One(t, c, send(50, 0, from(1)), finding.EchoFlood); f != nil {
		t.Errorf("from one, and not so many: %+v", f)
	}
}

func TestSmurf(t *testing.T) {
	ask := func(to string) func(*traffic.Writer, int) {
		return func(w *traffic.Writer, i int) { w.Echo(inner, to, false, 1, u16(i), nil) }
	}
	f := traffic.One(t, detect.Config{}, send(30, 100*time.Millisecond, ask("203.0.113.255")), finding.SmurfAttack)
	if f == nil || f.Count != 30 || f.Packets[0] != 1 || f.Packets[1] != 20 || f.Rate < 10 || f.Rate > 11 || traffic.Text(f, finding.FactBroadcast) != "203.0.113.255" {
		t.Errorf("%+v", f)
	}
	if f := traffic.One(t, detect.Config{}, send(60, 530*time.Millisecond, ask("203.0.113.255")), finding.SmurfAttack); f != nil {
		t.Errorf("slowly: %+v", f)
	}
	if f := traffic.One(t, detect.Config{}, send(30, 0, ask("224.0.0.1")), finding.SmurfAttack); f != nil {
		t.Errorf("to a group: %+v", f)
	}
}

// TestAmplifier: several hosts answer one request, which came from elsewhere.
func TestAmplifier(t *testing.T) {
	answered := func(asker, to string, hosts int) *traffic.Writer {
		w := &traffic.Writer{}
		w.Echo(asker, to, false, 1, 1, nil)
		for i := range hosts {
			w.Wait(time.Millisecond)
			w.Echo(fmt.Sprintf("203.0.113.%d", 1+i), asker, true, 1, 1, nil)
			w.Echo(fmt.Sprintf("203.0.113.%d", 1+i), asker, true, 1, 1, nil)
		}
		return w
	}
	f := traffic.One(t, detect.Config{}, answered(inner, "203.0.113.255", 3), finding.SmurfAmplifier)
	if f == nil || f.Count != 3 || !slices.Equal(f.Packets, []int{2, 4, 6}) || f.Number(finding.FactReplies) != 3 || f.From.String() != "203.0.113.255" ||
		f.To.String() != inner || len(f.Addresses) != 3 || f.Severity != finding.Alarm {
		t.Errorf("%+v", f)
	}
	for name, w := range map[string]*traffic.Writer{
		"one host":         answered(inner, "203.0.113.255", 1),
		"its own network":  answered("203.0.113.200", "203.0.113.255", 5),
		"the limited one":  answered("203.0.112.200", "255.255.255.255", 5),
		"a network of two": answered("203.0.112.200", "203.0.113.255", 5),
	} {
		if f := traffic.One(t, detect.Config{}, w, finding.SmurfAmplifier); f != nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
	for _, asker := range []string{"203.0.111.200", "203.0.114.200", "203.1.113.200", "204.0.113.200"} {
		if f := traffic.One(t, detect.Config{}, answered(asker, "203.0.113.255", 2), finding.SmurfAmplifier); f == nil {
			t.Errorf("%s is near", asker)
		}
	}
}

func TestSweep(t *testing.T) {
	ask := func(silent int) func(*traffic.Writer, int) {
		return func(w *traffic.Writer, i int) {
			w.Echo(inner, nth(i), false, 1, u16(i), nil)
			if i >= silent {
				w.Echo(nth(i), inner, true, 1, u16(i), nil)
			}
		}
	}
	f := traffic.One(t, detect.Config{}, send(40, 10*time.Millisecond, ask(40)), finding.Sweep)
	if f == nil || f.Number(finding.FactTargets) != 40 || f.Number(finding.FactSilent) != 40 || f.From.String() != inner || f.To.IsValid() ||
		f.Severity != finding.Warning || f.Count != 40 || f.Packets[0] != 1 || f.Rate != 40 {
		t.Errorf("%+v", f)
	}
	f = traffic.One(t, detect.Config{}, send(20, 10*time.Millisecond, ask(6)), finding.Sweep)
	if f == nil || f.Number(finding.FactTargets) != 20 || f.Number(finding.FactSilent) != 6 {
		t.Errorf("six of twenty: %+v", f)
	}
	for name, w := range map[string]*traffic.Writer{
		"few silent":          send(20, 10*time.Millisecond, ask(5)),
		"few":                 send(19, 10*time.Millisecond, ask(19)),
		"one again and again": send(60, 10*time.Millisecond, func(w *traffic.Writer, i int) { w.Echo(inner, outer, false, 1, u16(i), nil) }),
		"groups": send(60, 10*time.Millisecond, func(w *traffic.Writer, i int) {
			w.Echo(inner, fmt.Sprintf("224.0.1.%d", i+1), false, 1, u16(i), nil)
		}),
		"answers come late": func() *traffic.Writer {
			w := send(20, time.Millisecond, ask(20))
			w.Wait(1900 * time.Millisecond)
			for i := range 20 {
				w.Echo(nth(i), inner, true, 1, u16(i), nil)
			}
			w.Wait(5 * time.Second)
			w.UDP(inner, outer, 1, 2, 3)
			return w
		}(),
	} {
		if f := traffic.One(t, detect.Config{}, w, finding.Sweep); f != nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestSweepIsToldEarly: not only at the end, and what comes later counts.
func TestSweepIsToldEarly(t *testing.T) {
	w := send(20, time.Millisecond, func(w *traffic.Writer, i int) { w.Echo(inner, nth(i), false, 1, u16(i), nil) })
	for range 40 {
		w.Wait(time.Second)
		w.UDP(inner, outer, 1, 2, 3)
	}
	f := traffic.One(t, detect.Config{}, w, finding.Sweep)
	if end := traffic.Epoch.Add(5 * time.Second); f == nil || f.End.After(end) || f.Count != 20 {
		t.Errorf("%+v", f)
	}
}

func TestUnsolicited(t *testing.T) {
	stray := func(hosts int) func(*traffic.Writer, int) {
		return func(w *traffic.Writer, i int) { w.Echo(nth(i%hosts), inner, true, 1, u16(i), nil) }
	}
	f := traffic.One(t, detect.Config{}, send(25, 100*time.Millisecond, stray(7)), finding.UnsolicitedReplies)
	if f == nil || f.Count != 25 || f.Packets[0] != 1 || f.Packets[1] != 20 || f.Number(finding.FactSources) != 7 || len(f.Addresses) != 7 ||
		f.To.String() != inner || f.Severity != finding.Warning || traffic.Text(f, finding.FactClasses) != "echo" || f.Rate < 10 || f.Rate > 11 {
		t.Errorf("%+v", f)
	}
	f = traffic.One(t, detect.Config{}, send(25, 100*time.Millisecond, stray(1)), finding.UnsolicitedReplies)
	if f == nil || f.Has(finding.FactSources) || len(f.Addresses) != 0 {
		t.Errorf("of one: %+v", f)
	}
	f = traffic.One(t, detect.Config{}, send(25, 100*time.Millisecond, stray(20)), finding.SmurfVictim)
	if f == nil || f.Severity != finding.Alarm || f.Number(finding.FactSources) != 16 {
		t.Errorf("of many: %+v", f)
	}
	stamps := send(25, 0, func(w *traffic.Writer, i int) {
		w.ICMP(nth(i), inner, icmp4.TimestampMessage{Reply: true, ID: 1, Seq: u16(i)})
	})
	if f := traffic.One(t, detect.Config{}, stamps, finding.UnsolicitedReplies); f == nil || traffic.Text(f, finding.FactClasses) != "timestamp" {
		t.Errorf("no echo: %+v", f)
	}
}

func TestReconnaissance(t *testing.T) {
	clocks := func(w *traffic.Writer, i int) { w.ICMP(inner, nth(i), icmp4.TimestampMessage{ID: 1, Seq: u16(i)}) }
	f := traffic.One(t, detect.Config{}, send(5, time.Second, clocks), finding.Reconnaissance)
	if f == nil || f.Count != 5 || !slices.Equal(f.Packets, []int{1, 4, 5}) || f.Number(finding.FactTargets) != 5 || traffic.Text(f, finding.FactClasses) != "timestamp" ||
		f.Severity != finding.Warning || !slices.Contains(f.Addresses, netip.MustParseAddr(nth(4))) || f.Has(finding.FactUnknowns) {
		t.Errorf("%+v", f)
	}
	both := func(w *traffic.Writer, i int) {
		if i%2 == 0 {
			w.ICMP(inner, outer, icmp4.TimestampMessage{ID: 1, Seq: u16(i)})
		} else {
			w.ICMP(inner, outer, icmp4.AddressMask{ID: 1, Seq: u16(i)})
		}
	}
	f = traffic.One(t, detect.Config{}, send(2, time.Second, both), finding.Reconnaissance)
	if f == nil || traffic.Text(f, finding.FactClasses) != "timestamp, mask" || f.Count != 2 || f.Number(finding.FactTargets) != 1 {
		t.Errorf("two classes: %+v", f)
	}
	same := func(w *traffic.Writer, i int) { w.ICMP(inner, nth(i%3), icmp4.TimestampMessage{ID: 1, Seq: u16(i)}) }
	for name, w := range map[string]*traffic.Writer{
		"slowly":            send(9, 21*time.Second, clocks),
		"the same three":    send(50, time.Second, same),
		"two, a minute off": send(2, time.Minute, both),
	} {
		if f := traffic.One(t, detect.Config{}, w, finding.Reconnaissance); f != nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
	probe := func(w *traffic.Writer, i int) {
		ext := []byte{0x20, 0, 0, 0, 0, 8, 3, 2, 0, 0, 0, byte(i % 3)}
		w.ICMP(inner, outer, icmp4.ExtendedEchoRequest{ID: 1, Seq: uint8(i), Ext: ext}) //nolint:gosec // few
	}
	f = traffic.One(t, detect.Config{}, send(6, time.Second, probe), finding.Reconnaissance)
	if f == nil || f.Number(finding.FactUnknowns) != 3 || f.Count != 6 || traffic.Text(f, finding.FactClasses) != "extended echo" {
		t.Errorf("interfaces: %+v", f)
	}
}

// TestSweepLater: who is not judged a searcher at first is looked at again.
func TestSweepLater(t *testing.T) {
	w := send(20, 10*time.Millisecond, func(w *traffic.Writer, i int) {
		w.Echo(inner, nth(i), false, 1, u16(i), nil)
		if i >= 5 {
			w.Echo(nth(i), inner, true, 1, u16(i), nil)
		}
	})
	quiet := func(n int) {
		for range n {
			w.Wait(time.Second)
			w.UDP(inner, outer, 1, 2, 3)
		}
	}
	quiet(4)
	for i := range 10 {
		w.Echo(inner, nth(20+i), false, 1, u16(20+i), nil)
	}
	quiet(50)
	f := traffic.One(t, detect.Config{}, w, finding.Sweep)
	if f == nil || f.Number(finding.FactTargets) != 30 || f.Number(finding.FactSilent) != 15 || f.End.After(traffic.Epoch.Add(9*time.Second)) {
		t.Errorf("%+v", f)
	}
}
