package lab_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestExactTime: over links of 1 ms each, the round trip takes just so long.
func TestExactTime(t *testing.T) {
	conform.Row(t, "E-17")
	for hops := 1; hops < 5; hops++ {
		n := network(t, line(hops, nil))
		start := n.Now()
		send(t, n, "a", echo(t, "10.0.0.10", fmt.Sprintf("10.0.%d.10", hops), 64, 1))
		n.Run(start.Add(time.Second), nil)
		got := arrivals(records(n), "a")
		if len(got) != 1 || kind(t, got[0].Octets) != "0/0" {
			t.Fatalf("%d gateways: %d arrivals", hops, len(got))
		}
		if rtt, want := got[0].Arrive.Sub(start), time.Duration(2*(hops+1))*time.Millisecond; rtt != want {
			t.Errorf("%d gateways: round trip of %v, want %v", hops, rtt, want)
		}
		if n.Now() != start.Add(time.Second) {
			t.Errorf("time is %v", n.Now())
		}
	}
}

// hop is a line of a traceroute.
type hop struct {
	from string
	rtt  time.Duration
}

// trace sends UDP probes with growing time to live, one at a time, and waits
// for each answer up to the time-out, as traceroute does.
func trace(t *testing.T, n *lab.Network, from, to string, most int, timeout time.Duration) (hops []hop) {
	t.Helper()
	h := host(t, n, from)
	s, err := h.Endpoint.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for ttl := 1; ttl <= most; ttl++ {
		sent := n.Now()
		peer := host(t, n, to).Addrs[0]
		dst := fmt.Sprintf("%v:%d", peer, 33434+ttl)
		if err := s.SendTo(sent, addrPort(dst), make([]byte, 10), endpoint.Options{TTL: ip.TTL(ttl)}); err != nil {
			t.Fatal(err)
		}
		got := hop{from: "*"}
		for got.from == "*" {
			d := n.Deadline()
			if d.IsZero() || d.After(sent.Add(timeout)) {
				n.Advance(sent.Add(timeout))
				break
			}
			n.Advance(d)
			if e, ok := s.NextTrouble(); ok {
				got = hop{e.From.String(), e.Time.Sub(sent)}
			}
		}
		hops = append(hops, got)
		if got.from == peer.String() {
			break
		}
	}
	return hops
}

// TestTrace: a path of 30 hops, three of them silent, with time-outs of 5 s.
// All of it takes milliseconds, and a quarter of a minute of virtual time.
func TestTrace(t *testing.T) {
	conform.Row(t, "G-01")
	n, err := lab.New(parse(t, line(29, map[int]string{7: "silent: true", 8: "silent: true", 20: "silent: true"})), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	start, began := n.Now(), time.Now()
	hops := trace(t, n, "a", "b", 30, 5*time.Second)
	took := time.Since(began)
	if len(hops) != 30 {
		t.Fatalf("%d hops: %v", len(hops), hops)
	}
	total := time.Duration(0)
	for i, h := range hops {
		want := hop{fmt.Sprintf("10.0.%d.1", i), time.Duration(2*(i+1)) * time.Millisecond}
		switch i + 1 {
		case 7, 8, 20:
			want = hop{"*", 0}
			total += 5 * time.Second
		case 30:
			want.from = "10.0.29.10"
		}
		if h != want {
			t.Errorf("hop %d: %v, want %v", i+1, h, want)
		}
		total += want.rtt
	}
	if n.Now().Sub(start) != total {
		t.Errorf("it took %v of virtual time, want %v", n.Now().Sub(start), total)
	}
	// Far more than it takes, for machines with something else to do, and less than one
	// silent hop would take.
	if took > 5*time.Second {
		t.Errorf("it took %v of real time", took)
	}
	t.Logf("30 hops, three silent, in %v", took)
}

const wild = "delay: 3ms, jitter: 2ms, spread: normal, loss: 10%, duplicate: 10%, reorder: 10%, gap: 5ms, corrupt: 10%, rate: 1Mbit"

// play sends 200 echo requests over a bad link and tells all that happened.
func play(t *testing.T, seed uint64) []byte {
	t.Helper()
	n, err := lab.New(parse(t, pair(wild)), lab.Options{Records: 10_000, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for i := range 200 {
		send(t, n, "a", echo(t, "10.0.0.1", "10.0.0.2", 64, uint16(i)))
		n.Run(n.Now().Add(time.Millisecond), nil)
	}
	n.Run(n.Now().Add(time.Minute), nil)
	for _, r := range records(n) {
		fmt.Fprintf(&b, "%d %d %s %v %x\n", r.Time.UnixNano(), r.Arrive.UnixNano(), r.Comment(), r.Event, r.Octets)
	}
	return b.Bytes()
}

// TestDeterministic: the same seed gives the same run, octet for octet.
func TestDeterministic(t *testing.T) {
	conform.Row(t, "E-17")
	first := play(t, 1)
	if !bytes.Equal(first, play(t, 1)) {
		t.Error("the same seed gave another run")
	}
	if bytes.Equal(first, play(t, 2)) {
		t.Error("another seed gave the same run")
	}
}

// TestSteps: however time is cut into steps, the same happens.
func TestSteps(t *testing.T) {
	run := func(step time.Duration) string {
		n := network(t, line(3, nil))
		for i := range 5 {
			send(t, n, "a", echo(t, "10.0.0.10", "10.0.3.10", 64, uint16(i)))
		}
		end := n.Now().Add(20 * time.Millisecond)
		for n.Now().Before(end) {
			n.Advance(n.Now().Add(step))
		}
		s := ""
		for _, r := range records(n) {
			s += fmt.Sprintf("%v %v %s\n", r.Time, r.Arrive, r.Comment())
		}
		return s
	}
	if a, b := run(20*time.Millisecond), run(100*time.Microsecond); a != b {
		t.Errorf("at once:\n%s\nin steps:\n%s", a, b)
	}
}

// TestOrder: what happens at one time happens in the order in which it was
// caused.
func TestOrder(t *testing.T) {
	n := network(t, lan)
	p := port(t, n, "10.0.0.200/24")
	const burst = 50
	for i := range burst {
		from, src := "h", "10.0.0.7"
		if i%3 == 0 {
			from, src = "r2", "10.0.0.2"
		}
		send(t, n, from, echo(t, src, "10.0.0.200", 64, uint16(i)))
		n.Advance(n.Now())
	}
	n.Run(n.Now().Add(time.Second), nil)
	for i := range burst {
		d, at, ok := p.Next()
		if !ok || int(d[27]) != i || at.Sub(lab.Epoch) != time.Millisecond {
			t.Fatalf("datagram %d: %v, number %d after %v", i, ok, d[27], at.Sub(lab.Epoch))
		}
	}
}

func TestClock(t *testing.T) {
	top := parse(t, pair("delay: 1ms"))
	for _, tt := range []struct {
		name string
		file time.Time
		o    lab.Options
		want time.Time
	}{
		{"nobody says", time.Time{}, lab.Options{}, lab.Epoch},
		{"the file says", lab.Epoch.Add(time.Hour), lab.Options{}, lab.Epoch.Add(time.Hour)},
		{"the caller says", lab.Epoch.Add(time.Hour), lab.Options{Start: lab.Epoch.Add(2)}, lab.Epoch.Add(2)},
	} {
		top.Start = tt.file
		n, err := lab.New(top, tt.o)
		if err != nil {
			t.Fatal(err)
		}
		if !n.Now().Equal(tt.want) {
			t.Errorf("%s: time begins %v, want %v", tt.name, n.Now(), tt.want)
		}
		if d := n.Deadline(); !d.IsZero() {
			t.Errorf("%s: something is due at %v in silence", tt.name, d)
		}
	}
}

// TestHosts: nodes are found by name and by address, names and owners as the
// file has them.
func TestHosts(t *testing.T) {
	n := network(t, pair("delay: 1ms")+`
names:
  10.0.0.1: {name: a.example.net}
  10.0.0.2: {name: b.example.net, owner: B alone}
  10.0.0.0/24: {owner: Example}
  10.0.0.0/8: {owner: Private}
`)
	if h, ok := n.HostByAddr(addr("10.0.0.2")); !ok || h.Name != "b" || h != n.Hosts()[1] {
		t.Errorf("by address: %v, %v", h, ok)
	}
	if _, ok := n.HostByAddr(addr("10.0.0.3")); ok {
		t.Error("a host that is not there")
	}
	if _, ok := n.Host("c"); ok {
		t.Error("a host of no name")
	}
	for _, tt := range []struct{ addr, name, owner string }{
		{"10.0.0.1", "a.example.net", "Example"},
		{"10.0.0.2", "b.example.net", "B alone"},
		{"10.0.0.3", "", "Example"},
		{"10.9.0.1", "", "Private"},
		{"10.0.0.0", "", "Example"},
		{"192.0.2.1", "", ""},
	} {
		if name, owner := n.Name(addr(tt.addr)); name != tt.name || owner != tt.owner {
			t.Errorf("%s: %q, %q", tt.addr, name, owner)
		}
	}
}

// BenchmarkForward is what a datagram costs on its way over ten gateways and
// back.
func BenchmarkForward(b *testing.B) {
	n, err := lab.New(parse(b, line(10, nil)), lab.Options{})
	if err != nil {
		b.Fatal(err)
	}
	d := echo(b, "10.0.0.10", "10.0.10.10", 64, 1)
	b.ReportAllocs()
	for b.Loop() {
		send(b, n, "a", d)
		n.Run(n.Now().Add(time.Second), nil)
	}
}
