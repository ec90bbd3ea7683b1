package sock_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/probe"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func open(t testing.TB, o sock.Options) *sock.Conn {
	t.Helper()
	c, err := sock.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// ear is a receiver that keeps what it hears.
type ear struct {
	arrivals int
	bad      int
	last     probe.Arrival
	sent     map[probe.Handle]int
	at       time.Time
	by       probe.Stamp
}

func (e *ear) Receive(_ time.Time, a *probe.Arrival) probe.Verdict {
	e.arrivals++
	e.last = *a
	return probe.Credited
}

func (e *ear) Sent(h probe.Handle, at time.Time, by probe.Stamp) bool {
	e.at, e.by = at, by
	if e.sent != nil {
		e.sent[h]++
	}
	return true
}

// echo is an echo request of a prober's, ready to be sent.
func echo(t testing.TB, c *sock.Conn, dst string, n int) ([]probe.Transmit, [][]byte) {
	t.Helper()
	p, err := probe.New(probe.Config{Seed: 7, ID: c.ID(), IPID: c.Identifies()})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Use(p); err != nil {
		t.Fatal(err)
	}
	src, err := sock.Source(addr(dst), sock.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	var txs []probe.Transmit
	var payloads [][]byte
	for range n {
		if _, err := p.Send(now, &probe.Probe{Src: src, Dst: addr(dst), Size: 56}); err != nil {
			t.Fatal(err)
		}
		b, tx, ok := p.Poll(now, nil)
		if !ok {
			t.Fatal("nothing to send")
		}
		txs, payloads = append(txs, tx), append(payloads, b)
	}
	return txs, payloads
}

// hear receives until so many have come.
func hear(t testing.TB, c *sock.Conn, e *ear, n int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for e.arrivals < n {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d arrivals", e.arrivals, n)
		}
		if _, err := c.Receive(time.Now(), e); err != nil {
			t.Fatal(err)
		}
		if e.arrivals < n {
			if err := c.Wait(deadline); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestNoAllocs sends and receives batches over real sockets.
func TestNoAllocs(t *testing.T) {
	testnet.Enter(t)
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "0 2147483647")
	for _, dst := range []string{"127.0.0.1", "::1"} {
		for _, o := range []sock.Options{{}, {Unprivileged: true}, {SystemHeader: true}, {NoSentStamps: true}} {
			o.Kinds = []probe.Kind{probe.Echo}
			c := open(t, o)
			txs, payloads := echo(t, c, dst, 8)
			e := &ear{}
			wiretest.NoAllocs(t, dst, func() {
				e.arrivals = 0
				if n, err := c.Send(txs, payloads); n != len(txs) || err != nil {
					e.bad++
				}
				for tries := 0; e.arrivals < len(txs) && tries < 1000; tries++ {
					if _, err := c.Receive(time.Time{}, e); err != nil {
						e.bad++
					}
					if e.arrivals < len(txs) {
						_ = c.Wait(time.Now().Add(time.Millisecond))
					}
				}
			})
			if e.bad > 0 || e.arrivals != len(txs) {
				t.Errorf("%s %+v: %d errors, %d of %d arrivals", dst, o, e.bad, e.arrivals, len(txs))
			}
		}
	}
}

// TestStamps: each datagram that has left has its own stamp, also after one that
// could not leave.
func TestStamps(t *testing.T) {
	conform.Row(t, "P-04")
	testnet.Enter(t)
	c := open(t, sock.Options{Kinds: []probe.Kind{probe.Echo}})
	txs, payloads := echo(t, c, "127.0.0.1", 20)
	for i := range txs {
		if i%5 == 4 {
			txs[i].Dst = addr("203.0.113.1") // there is no way there
		}
	}
	e := &ear{sent: map[probe.Handle]int{}}
	begin := time.Now()
	for i := 0; i < len(txs); {
		n, err := c.Send(txs[i:], payloads[i:])
		i += n
		if err != nil {
			if i%5 != 4 || !errors.Is(err, syscall.ENETUNREACH) {
				t.Fatalf("%d: %v", i, err)
			}
			i++
		}
		// The stamps of what has left come with the next.
		hear(t, c, e, i-i/5)
	}
	for i, tx := range txs {
		want := 1
		if i%5 == 4 {
			want = 0
		}
		if e.sent[tx.Handle] != want {
			t.Errorf("datagram %d has %d stamps, want %d", i, e.sent[tx.Handle], want)
		}
	}
	if e.by != probe.Kernel || e.at.Before(begin.Add(-time.Millisecond)) || e.at.After(time.Now().Add(time.Millisecond)) {
		t.Errorf("the last left at %v by the %v", e.at, e.by)
	}
	if e.last.Stamp != probe.Kernel || e.last.At.Before(e.at) || e.last.TTL != 64 || e.last.From != addr("127.0.0.1") || e.last.To != addr("127.0.0.1") {
		t.Errorf("the last arrival: %+v", e.last)
	}
}

// TestDrops asks the kernel itself what it has thrown away.
func TestDrops(t *testing.T) {
	conform.Row(t, "P-05")
	testnet.Enter(t)
	told := uint64(0)
	c := open(t, sock.Options{Buffer: 1, Kinds: []probe.Kind{probe.Echo}, Overflow: func(n uint64) { told += n }})
	txs, payloads := echo(t, c, "127.0.0.1", 30)
	if n, err := c.Send(txs, payloads); n != len(txs) || err != nil {
		t.Fatal(n, err)
	}
	// Nothing has been received, and nothing is to come that could tell.
	if n := c.Drops(); n == 0 || n != told || c.Counters().Overflow != n {
		t.Errorf("%d thrown away, told %d, %+v", n, told, c.Counters())
	}
	if n := c.Drops(); n != told {
		t.Errorf("asked again: %d", n)
	}
}

// TestSlack: waits end no closer together than is asked for, whatever signals
// the thread gets meanwhile, but for an interruption.
func TestSlack(t *testing.T) {
	testnet.Enter(t)
	const slack = 20 * time.Millisecond
	c := open(t, sock.Options{Slack: slack, Kinds: []probe.Kind{probe.Echo}})
	defer sock.Precise()()
	thread, done := unix.Gettid(), make(chan struct{})
	go func() {
		for tick := time.NewTicker(slack / 10); ; {
			select {
			case <-tick.C:
				_ = unix.Tgkill(os.Getpid(), thread, unix.SIGURG)
			case <-done:
				tick.Stop()
				return
			}
		}
	}()
	due := time.Now()
	begin := due
	for range 5 {
		if err := c.Wait(due); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	if d := time.Since(begin); d < 4*slack {
		t.Errorf("5 waits in %v", d)
	}
	c.Interrupt()
	begin = time.Now()
	if err := c.Wait(begin.Add(time.Hour)); err != nil || time.Since(begin) > time.Minute {
		t.Errorf("interrupted after %v: %v", time.Since(begin), err)
	}
	c.Interrupt()
	if err := c.Wait(time.Time{}); err != nil {
		t.Error(err)
	}
}

// TestSlackLooks: where waits are long, there is a look behind an answer that came
// alone before the next.
func TestSlackLooks(t *testing.T) {
	testnet.Enter(t)
	c := open(t, sock.Options{Slack: time.Hour, Kinds: []probe.Kind{probe.Echo}})
	txs, payloads := echo(t, c, "127.0.0.1", 1)
	if n, err := c.Send(txs, payloads); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	hear(t, c, new(ear), 1)
	defer time.AfterFunc(10*time.Second, c.Interrupt).Stop()
	begin := time.Now()
	if err := c.Wait(time.Time{}); err != nil || time.Since(begin) > 5*time.Second {
		t.Errorf("waited for %v: %v", time.Since(begin), err)
	}
}

// TestClosed: what is closed says so.
func TestClosed(t *testing.T) {
	testnet.Enter(t)
	c := open(t, sock.Options{})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(make([]probe.Transmit, 1), make([][]byte, 1)); !errors.Is(err, link.ErrClosed) {
		t.Errorf("send: %v", err)
	}
	if _, err := c.Receive(time.Now(), &ear{}); !errors.Is(err, link.ErrClosed) {
		t.Errorf("receive: %v", err)
	}
	if err := c.Wait(time.Time{}); !errors.Is(err, link.ErrClosed) {
		t.Errorf("wait: %v", err)
	}
	c.Interrupt()
}

// TestUnnamed: without privileges, what cannot be asked is refused when it is, and
// so is what was not named when the sockets were opened.
func TestUnnamed(t *testing.T) {
	testnet.Enter(t)
	txs, payloads := echo(t, open(t, sock.Options{}), "127.0.0.1", 1)
	c := open(t, sock.Options{Unprivileged: true})
	var p *link.PrivilegeError
	if n, err := c.Send(txs, payloads); n != 0 || !errors.As(err, &p) || !p.Sysctl || p.What != "ICMP sockets" {
		t.Errorf("%d, %v", n, err)
	}
	c = open(t, sock.Options{Kinds: []probe.Kind{probe.UDP}, Unprivileged: true})
	if n, err := c.Send(txs, payloads); n != 0 || err == nil || errors.As(err, &p) {
		t.Errorf("not named: %d, %v", n, err)
	}
	payloads[0][0] = 250 // no kind of ours
	if n, err := c.Send(txs, payloads); n != 0 || !errors.As(err, &p) {
		t.Errorf("no kind: %d, %v", n, err)
	}
}

// TestZones: an address with a zone is sent from where that is, by its name or its
// number.
func TestZones(t *testing.T) {
	testnet.Enter(t)
	ip := testnet.Need(t, "ip")
	for _, args := range []string{"link add va type veth peer name vb", "addr add fe80::a/64 dev va nodad", "link set va up", "link set vb up"} {
		if out, status := testnet.Run(t, ip, strings.Fields(args)...); status != 0 {
			t.Fatal(out)
		}
	}
	a, err := net.InterfaceByName("va")
	if err != nil {
		t.Fatal(err)
	}
	for _, zone := range []string{"va", strconv.Itoa(a.Index)} {
		src, err := sock.Source(addr("fe80::b%"+zone), sock.Options{})
		if err != nil || src.WithZone("") != addr("fe80::a") {
			t.Errorf("zone %q: %v, %v", zone, src, err)
		}
	}
	if _, err := sock.Source(addr("fe80::b%none"), sock.Options{}); err == nil {
		t.Error("a zone that is not there")
	}
}

// TestFamilies: only the families that are asked for are there.
func TestFamilies(t *testing.T) {
	testnet.Enter(t)
	c := open(t, sock.Options{IPv4: true})
	txs, payloads := echo(t, open(t, sock.Options{}), "::1", 1)
	if n, err := c.Send(txs, payloads); n != 0 || !errors.Is(err, syscall.EAFNOSUPPORT) {
		t.Errorf("%d, %v", n, err)
	}
	if !c.Can().Raw || !c.Can().Stamps || !c.Identifies() || c.ID() != 0 {
		t.Errorf("can %+v", c.Can())
	}
	if open(t, sock.Options{SystemHeader: true}).Identifies() {
		t.Error("a header of the system's has an identification of ours")
	}
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "0 2147483647")
	if c := open(t, sock.Options{Unprivileged: true}); c.ID() == 0 || c.Can().Raw || c.Identifies() {
		t.Errorf("without privileges: identifier %d, %+v", c.ID(), c.Can())
	}
}

// BenchmarkConn sends echo requests to this host in batches, and receives the
// replies.
func BenchmarkConn(b *testing.B) {
	for _, o := range []struct {
		name string
		sock.Options
	}{{"stamps=sent", sock.Options{}}, {"stamps=arrivals", sock.Options{NoSentStamps: true}}, {"header=system", sock.Options{NoSentStamps: true, SystemHeader: true}}} {
		b.Run(o.name, func(b *testing.B) {
			o.Kinds = []probe.Kind{probe.Echo}
			c, err := sock.Open(o.Options)
			if err != nil {
				b.Skip(err)
			}
			defer c.Close()
			txs, payloads := echo(b, c, "127.0.0.1", 32)
			e := &ear{}
			b.ReportAllocs()
			for b.Loop() {
				e.arrivals = 0
				if _, err := c.Send(txs, payloads); err != nil {
					b.Fatal(err)
				}
				hear(b, c, e, len(txs))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(txs)), "ns/probe")
		})
	}
}
