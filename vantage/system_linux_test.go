package vantage_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	wireip "github.com/sonde-net/sonde/wire/ip"
)

// questions are what this host answers itself.
var questions = []probe.Probe{
	{Kind: probe.Echo, Size: 56},
	{Kind: probe.Echo, Size: 0},
	{Kind: probe.Echo, Size: 20000},
	{Kind: probe.Echo, Size: 56, TTL: 9, TOS: 0x10, DF: true},
	{Kind: probe.UDP, Size: 32, DstPort: 33434},
	{Kind: probe.UDP, Size: 32, SrcPort: 999, DstPort: 33434},
	{Kind: probe.UDPLite, Size: 32, DstPort: 33434},
	{Kind: probe.TCP, DstPort: 81},
	{Kind: probe.Timestamp},
}

// answered asks a question some times, and holds the answers to what has to be.
func answered(t *testing.T, o vantage.SystemOptions, q probe.Probe) {
	t.Helper()
	o.Kinds = []probe.Kind{q.Kind}
	const n = 3
	at := system(t, o)
	begin := time.Now()
	events := inquire(t, at, time.Millisecond, q, q, q)
	took := time.Since(begin)
	if len(events) != n {
		t.Errorf("%v %v: %d events: %v", q.Dst, q.Kind, len(events), events)
	}
	for _, e := range events {
		if e.Kind != probe.Reply || e.From != q.Dst || e.TTL != 64 || e.RTT <= 0 || e.RTT > took {
			t.Errorf("%v %v: %s", q.Dst, q.Kind, tell(e))
		}
		if e.SentBy != probe.Kernel && e.Stamp == probe.Kernel {
			t.Errorf("%v %v: sent by the clock of the %v", q.Dst, q.Kind, e.SentBy)
		}
	}
	if c := at.Counters(); c.Sent != n || c.Overflow != 0 || c.Busy != 0 || c.Received < n {
		t.Errorf("%v %v: %+v", q.Dst, q.Kind, c)
	}
}

// TestKinds asks this host each kind that it answers, in both families.
func TestKinds(t *testing.T) {
	conform.Row(t, "P-05")
	testnet.Enter(t)
	for _, dst := range []string{"127.0.0.1", "::1"} {
		for _, q := range questions {
			q.Dst = addr(dst)
			if q.Kind != probe.Timestamp || q.Dst.Is4() {
				answered(t, vantage.SystemOptions{}, q)
			}
		}
		var o vantage.SystemOptions
		o.SystemHeader = true
		for _, q := range questions {
			if q.Dst = addr(dst); q.Kind == probe.Echo {
				answered(t, o, q)
			}
		}
	}
}

// TestStamps: times are the kernel's, of what arrives and of what leaves, and the
// caller knows; a time that the program has taken is longer.
func TestStamps(t *testing.T) {
	conform.Row(t, "P-04")
	pair(t)
	var asks []probe.Probe
	for range 50 {
		asks = append(asks, probe.Probe{Dst: addr("10.0.0.2"), Size: 56})
	}
	for _, without := range []bool{false, true} {
		var o vantage.SystemOptions
		o.NoSentStamps = without
		at := system(t, o)
		if !at.Can().Kernel || !at.Can().Raw || at.Can().Virtual {
			t.Errorf("can %+v", at.Can())
		}
		want := probe.Kernel
		if without {
			want = probe.Program
		}
		kernel := 0
		begin := time.Now()
		events := inquire(t, at, 100*time.Microsecond, asks...)
		took := time.Since(begin)
		for _, e := range events {
			if e.Kind != probe.Reply || e.RTT <= 0 || e.RTT > took || e.SentBy != want && e.Stamp == probe.Kernel {
				t.Error(tell(e))
			}
			if e.Stamp == probe.Kernel {
				kernel++
			}
		}
		// The kernel may begin with it a little later than it was asked to.
		if kernel < len(asks)/2 {
			t.Errorf("%d of %d arrivals have the kernel's time", kernel, len(asks))
		}
	}
}

// errands are questions that somebody on the way answers with an error.
var errands = []struct {
	dst  string
	ttl  int
	size int
	df   bool
	port uint16

	from         string
	typ4, code4  uint8
	typ6, code6  uint8
	mtu          int
	kind         probe.EventKind
	echo, notUDP bool // only these
}{
	{dst: "10.2.0.1", ttl: 1, size: 56, from: "10.0.0.2", typ4: uint8(icmp4.TypeTimeExceeded), kind: probe.Error},
	{dst: "fd00:2::1", ttl: 1, size: 56, from: "fd00::2", typ4: uint8(icmp6.TypeTimeExceeded), kind: probe.Error},
	{dst: "10.2.0.1", ttl: 9, size: 1430, df: true, from: "10.0.0.2", typ4: uint8(icmp4.TypeDestUnreachable), code4: uint8(icmp4.CodeFragNeeded), mtu: 1400, kind: probe.Error},
	{dst: "fd00:2::1", ttl: 9, size: 1430, df: true, from: "fd00::2", typ4: uint8(icmp6.TypePacketTooBig), mtu: 1400, kind: probe.Error},
}

// TestErrors: errors are told of, whole, with and without privileges, of each
// kind of probe.
func TestErrors(t *testing.T) {
	conform.Row(t, "P-06")
	pair(t)
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "0 2147483647")
	for _, plain := range []bool{false, true} {
		for _, k := range []probe.Kind{probe.Echo, probe.UDP, probe.UDPLite, probe.TCP} {
			if plain && k == probe.TCP {
				continue
			}
			for _, x := range errands {
				q := probe.Probe{Kind: k, Dst: addr(x.dst), TTL: wireip.TTL(x.ttl), Size: x.size, DF: x.df}
				if !k.ICMP() {
					q.DstPort = 33434
				}
				if k == probe.TCP {
					if q.Size = 0; x.mtu != 0 {
						continue
					}
				}
				name := fmt.Sprintf("plain %t, %v to %s ttl %d", plain, k, x.dst, x.ttl)
				var o vantage.SystemOptions
				o.Unprivileged, o.Kinds = plain, []probe.Kind{k}
				events := inquireOnce(t, o, 0, q, q)
				if len(events) != 2 {
					t.Errorf("%s: %+v", name, events)
				}
				for _, e := range events {
					c := e.Claim
					if e.Kind != x.kind || e.From != addr(x.from) || c.Type != x.typ4 || c.Code != x.code4 || c.MTU != x.mtu || !c.Present {
						t.Errorf("%s: %s", name, tell(e))
					}
					if e.TTL != 64 {
						t.Errorf("%s: the error came with TTL %d", name, e.TTL)
					}
				}
				ip(t, "route flush cache\n-6 route flush cache")
			}
		}
	}
}

// TestSizes: what is longer than the first link carries is cut, or refused when it
// must not be, with the MTU.
func TestSizes(t *testing.T) {
	pair(t)
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "0 2147483647")
	for _, plain := range []bool{false, true} {
		for _, dst := range []string{"10.0.0.2", "fd00::2"} {
			for _, k := range []probe.Kind{probe.Echo, probe.UDP} {
				q := probe.Probe{Kind: k, Dst: addr(dst), Size: 1472}
				if k == probe.UDP {
					q.DstPort = 33434
				}
				if q.Dst.Is6() {
					q.Size = 1452
				}
				longer, df, exact := q, q, q
				longer.Size = 30000
				df.DF, exact.DF = true, true
				df.Size++
				var o vantage.SystemOptions
				o.Unprivileged, o.Kinds = plain, []probe.Kind{k}
				events := inquireOnce(t, o, time.Millisecond, q, longer, exact, df)
				if len(events) != 4 {
					t.Fatalf("plain %t, %v to %s: %+v", plain, k, dst, events)
				}
				for i, e := range events {
					var size *link.SizeError
					switch {
					case i < 3 && (e.Kind != probe.Reply || e.From != q.Dst):
						t.Errorf("plain %t, %v to %s, %d: %s", plain, k, dst, i, tell(e))
					case i == 3 && (e.Kind != probe.Unsent || !errors.Is(e.Err, syscall.EMSGSIZE) || !errors.As(e.Err, &size) || size.MTU != 1500):
						t.Errorf("plain %t, %v to %s, %d: %s", plain, k, dst, i, tell(e))
					}
				}
			}
		}
	}
}

// TestRefused: what the system does not want to send is told of with its reason,
// and what follows has its own times.
func TestRefused(t *testing.T) {
	pair(t)
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "0 2147483647")
	nft := func(args ...string) {
		t.Helper()
		if out, status := testnet.Run(t, "nft", args...); status != 0 {
			t.Fatal(out)
		}
	}
	nft("add table inet x")
	nft("add chain inet x out { type filter hook output priority 0 ; }")
	nft("add rule inet x out ip daddr 10.1.0.9 drop")
	nft("add rule inet x out ip6 daddr fd00:1::9 drop")
	for _, plain := range []bool{false, true} {
		for _, to := range [][2]string{{"10.1.0.8", "10.1.0.9"}, {"fd00:1::8", "fd00:1::9"}} {
			good, bad := probe.Probe{Dst: addr(to[0]), Size: 56}, probe.Probe{Dst: addr(to[1]), Size: 56}
			var o vantage.SystemOptions
			o.Unprivileged = plain
			kinds := map[probe.EventKind]int{}
			for _, e := range inquireOnce(t, o, 0, good, bad, good, good, bad, good) {
				kinds[e.Kind]++
				if e.Kind == probe.Unsent && !errors.Is(e.Err, syscall.EPERM) || e.Kind == probe.Reply && (e.From != good.Dst || e.RTT <= 0) {
					t.Error(tell(e))
				}
			}
			// Of an ICMPv6 datagram socket, the kernel keeps it to itself.
			if plain && good.Dst.Is6() {
				kinds[probe.Unsent], kinds[probe.Timeout] = kinds[probe.Timeout], 0
			}
			if kinds[probe.Unsent] != 2 || kinds[probe.Reply] != 4 {
				t.Errorf("plain %t, %v: %v", plain, to, kinds)
			}
		}
	}
}

// tell is what there is to see of an event.
func tell(e probe.Event) string {
	return fmt.Sprintf("%v from %v in %v by %v and %v, TTL %d, claim %v mtu %d, error %v", e.Kind, e.From, e.RTT, e.SentBy, e.Stamp, e.TTL, e.Claim, e.Claim.MTU, e.Err)
}
