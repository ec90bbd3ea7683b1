package pmtu_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/pmtu"
)

var (
	start = time.Date(1990, 11, 1, 12, 0, 0, 0, time.UTC)
	dst4  = netip.MustParseAddr("192.0.2.1")
	dst6  = netip.MustParseAddr("2001:db8::1")
)

func open(tb testing.TB, c pmtu.Config) *pmtu.Cache {
	tb.Helper()
	p, err := pmtu.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// want checks the estimate for a link MTU of 1500.
func want(t *testing.T, p *pmtu.Cache, now time.Time, dst netip.Addr, mtu int, df bool) {
	t.Helper()
	if got, gotDF := p.Get(now, dst, 1500); got != mtu || gotDF != df {
		t.Errorf("%v: estimate %d, don't fragment %v; want %d, %v", dst, got, gotDF, mtu, df)
	}
}

func TestUnknown(t *testing.T) {
	p := open(t, pmtu.Config{})
	want(t, p, start, dst4, 1500, true)
	want(t, p, start, dst6, 1500, true)
	if p.Size() != 0 {
		t.Errorf("%d octets before the first estimate", p.Size())
	}
}

// One report about a link MTU of 1500, on a fresh cache or after others.
func TestLower(t *testing.T) {
	conform.Row(t, "H-15")
	type R = pmtu.Report
	for _, r := range []struct {
		name    string
		c       pmtu.Config
		dst     netip.Addr
		reports []R // all but the last only prepare
		mtu     int
		df      bool
		why     mib.Drop
	}{
		{"the MTU reported", pmtu.Config{}, dst4, []R{{MTU: 1000, QuotedLen: 1500}}, 1000, true, mib.None},
		{"quoted length not known", pmtu.Config{}, dst4, []R{{MTU: 1000}}, 1000, true, mib.None},
		{"one octet lower", pmtu.Config{}, dst4, []R{{MTU: 1499, QuotedLen: 1500}}, 1499, true, mib.None},
		{"no lower", pmtu.Config{}, dst4, []R{{MTU: 1500, QuotedLen: 1501}}, 1500, true, mib.PTBNotLower},
		{"over the link's", pmtu.Config{}, dst4, []R{{MTU: 9000}}, 1500, true, mib.PTBNotLower},
		{"never up", pmtu.Config{}, dst4, []R{{MTU: 1000}, {MTU: 1400}}, 1000, true, mib.PTBNotLower},
		{"down again", pmtu.Config{}, dst4, []R{{MTU: 1400}, {MTU: 1000}}, 1000, true, mib.None},
		{"as long as the quote", pmtu.Config{}, dst4, []R{{MTU: 1000, QuotedLen: 1000}}, 1500, true, mib.PTBNotLower},
		{"one less than the quote", pmtu.Config{}, dst4, []R{{MTU: 1000, QuotedLen: 1001}}, 1000, true, mib.None},

		{"plateau", pmtu.Config{}, dst4, []R{{QuotedLen: 1500}}, 1492, true, mib.None},
		{"plateau below a plateau", pmtu.Config{}, dst4, []R{{QuotedLen: 1492}}, 1006, true, mib.None},
		{"plateau of the estimate", pmtu.Config{}, dst4, []R{{}}, 1492, true, mib.None},
		{"plateau twice", pmtu.Config{}, dst4, []R{{}, {}}, 1006, true, mib.None},
		{"an old datagram's plateau", pmtu.Config{}, dst4, []R{{MTU: 1006}, {QuotedLen: 1500, HeaderLen: 20}}, 1006, true, mib.PTBNotLower},
		{"4.2BSD", pmtu.Config{}, dst4, []R{{MTU: 1006}, {QuotedLen: 1026, HeaderLen: 20}}, 552, false, mib.None},
		{"4.2BSD by one less", pmtu.Config{}, dst4, []R{{MTU: 1007}, {QuotedLen: 1026, HeaderLen: 20}}, 552, false, mib.None},
		{"4.2BSD by one more", pmtu.Config{}, dst4, []R{{MTU: 1005}, {QuotedLen: 1026, HeaderLen: 20}}, 1005, true, mib.PTBNotLower},
		{"4.2BSD not, the length is the estimate", pmtu.Config{}, dst4, []R{{MTU: 1020}, {QuotedLen: 1020, HeaderLen: 20}}, 1006, true, mib.None},
		{"nothing that short is too big", pmtu.Config{}, dst4, []R{{QuotedLen: 68}}, 1500, true, mib.PTBNotLower},
		{"the shortest that can be", pmtu.Config{}, dst4, []R{{QuotedLen: 69}}, 552, false, mib.None},

		{"the floor", pmtu.Config{}, dst4, []R{{MTU: 552}}, 552, true, mib.None},
		{"under the floor", pmtu.Config{}, dst4, []R{{MTU: 551}}, 552, false, mib.None},
		{"the protocol's minimum", pmtu.Config{}, dst4, []R{{MTU: 68}}, 552, false, mib.None},
		{"under the protocol's minimum", pmtu.Config{}, dst4, []R{{MTU: 67}}, 1500, true, mib.PTBTooLow},
		{"minus", pmtu.Config{}, dst4, []R{{MTU: -1}}, 1500, true, mib.PTBTooLow},
		{"at the floor, then under it", pmtu.Config{}, dst4, []R{{MTU: 552}, {MTU: 300}}, 552, false, mib.None},
		{"under the floor twice", pmtu.Config{}, dst4, []R{{MTU: 300}, {MTU: 200}}, 552, false, mib.PTBNotLower},
		{"under the floor, then at it", pmtu.Config{}, dst4, []R{{MTU: 300}, {MTU: 552}}, 552, false, mib.PTBNotLower},
		{"floor 68", pmtu.Config{Floor: 68}, dst4, []R{{MTU: 68}}, 68, true, mib.None},
		{"floor 1000", pmtu.Config{Floor: 1000}, dst4, []R{{MTU: 999}}, 1000, false, mib.None},
		{"a link under the floor", pmtu.Config{Floor: 2000}, dst4, []R{{MTU: 1200}}, 1500, false, mib.None},

		{"IPv6", pmtu.Config{}, dst6, []R{{MTU: 1400, QuotedLen: 1500}}, 1400, true, mib.None},
		{"IPv6 minimum", pmtu.Config{}, dst6, []R{{MTU: 1280}}, 1280, true, mib.None},
		{"IPv6 under the minimum", pmtu.Config{}, dst6, []R{{MTU: 1279}}, 1500, true, mib.PTBTooLow},
		{"IPv6 without MTU", pmtu.Config{}, dst6, []R{{QuotedLen: 1500}}, 1500, true, mib.PTBTooLow},
		{"IPv6 has another floor", pmtu.Config{Floor: 1450}, dst6, []R{{MTU: 1300}}, 1300, true, mib.None},
		{"IPv6 never up", pmtu.Config{}, dst6, []R{{MTU: 1300}, {MTU: 1301}}, 1300, true, mib.PTBNotLower},
	} {
		t.Run(r.name, func(t *testing.T) {
			p := open(t, r.c)
			var mtu int
			var why mib.Drop
			for _, report := range r.reports {
				report.Dst, report.LinkMTU = r.dst, 1500
				mtu, why = p.Lower(start, report)
			}
			if mtu != r.mtu || why != r.why {
				t.Errorf("lowered to %d (%v), want %d (%v)", mtu, why, r.mtu, r.why)
			}
			want(t, p, start, r.dst, r.mtu, r.df)
		})
	}
}

// Without a link MTU the estimate begins at the longest datagram.
func TestNoLinkMTU(t *testing.T) {
	for _, link := range []int{0, -1} {
		p := open(t, pmtu.Config{})
		if mtu, why := p.Lower(start, pmtu.Report{Dst: dst4, LinkMTU: link}); mtu != 32000 || why != mib.None {
			t.Errorf("lowered to %d (%v), want 32000", mtu, why)
		}
	}
}

func TestLinkLimits(t *testing.T) {
	p := open(t, pmtu.Config{})
	p.Lower(start, pmtu.Report{Dst: dst4, MTU: 1400, LinkMTU: 9000})
	for link, mtu := range map[int]int{9000: 1400, 1401: 1400, 1400: 1400, 1399: 1399, 576: 576} {
		if got, _ := p.Get(start, dst4, link); got != mtu {
			t.Errorf("link MTU %d: estimate %d, want %d", link, got, mtu)
		}
	}
	// A link that has become smaller is the estimate.
	if mtu, why := p.Lower(start, pmtu.Report{Dst: dst4, MTU: 1300, LinkMTU: 1200}); mtu != 1200 || why != mib.PTBNotLower {
		t.Errorf("lowered to %d (%v), want 1200 as before", mtu, why)
	}
}

func TestExpiry(t *testing.T) {
	conform.Row(t, "H-15")
	conform.Row(t, "E-17")
	for _, age := range []time.Duration{0, 5 * time.Minute} {
		hold := age
		if age == 0 {
			hold = 10 * time.Minute
		}
		p := open(t, pmtu.Config{Age: age})
		p.Lower(start, pmtu.Report{Dst: dst4, MTU: 1000, LinkMTU: 1500})
		want(t, p, start.Add(hold-1), dst4, 1000, true)
		want(t, p, start.Add(hold), dst4, 1500, true)
		if n := count(p, start.Add(hold-1)); n != 1 {
			t.Errorf("%d estimates before the end, want 1", n)
		}
		if n := count(p, start.Add(hold)); n != 0 {
			t.Errorf("%d estimates after the end, want none", n)
		}
		// Tried higher, and narrow still: a larger report is news again.
		if mtu, why := p.Lower(start.Add(hold), pmtu.Report{Dst: dst4, MTU: 1200, LinkMTU: 1500}); mtu != 1200 || why != mib.None {
			t.Errorf("after the end: lowered to %d (%v), want 1200", mtu, why)
		}
		if n := count(p, start.Add(hold)); n != 1 {
			t.Errorf("%d estimates for one destination, want 1", n)
		}
	}
}

// What makes an estimate hold longer, and what does not.
func TestRenewal(t *testing.T) {
	conform.Row(t, "H-15")
	const later = 6 * time.Minute
	for _, r := range []struct {
		name          string
		first, second int
		mtu           int // 10 minutes after the first; 1500: forgotten
		df            bool
	}{
		{"lowered", 1000, 900, 900, true},
		{"the same again", 1000, 1000, 1000, true},
		{"higher", 1000, 1001, 1500, true},
		{"under the floor", 1000, 300, 552, false},
		{"under the floor again", 300, 200, 552, false},
		{"too low", 1000, 67, 1500, true},
	} {
		t.Run(r.name, func(t *testing.T) {
			p := open(t, pmtu.Config{})
			p.Lower(start, pmtu.Report{Dst: dst4, MTU: r.first, LinkMTU: 1500})
			p.Lower(start.Add(later), pmtu.Report{Dst: dst4, MTU: r.second, LinkMTU: 1500})
			want(t, p, start.Add(10*time.Minute), dst4, r.mtu, r.df)
			want(t, p, start.Add(later+10*time.Minute), dst4, 1500, true)
		})
	}
	// A report as large as the link's MTU, and no estimate: nothing to renew.
	p := open(t, pmtu.Config{})
	if _, why := p.Lower(start, pmtu.Report{Dst: dst4, MTU: 1500, LinkMTU: 1500}); why != mib.PTBNotLower || count(p, start) != 0 {
		t.Errorf("an estimate of the link's MTU: %v", why)
	}
}

func TestDestinationsApart(t *testing.T) {
	p := open(t, pmtu.Config{})
	other := netip.MustParseAddr("192.0.2.2")
	p.Lower(start, pmtu.Report{Dst: dst4, MTU: 1000, LinkMTU: 1500})
	p.Lower(start.Add(time.Second), pmtu.Report{Dst: dst6, MTU: 1400, LinkMTU: 1500})
	want(t, p, start, other, 1500, true)
	got := map[netip.Addr]pmtu.Entry{}
	for e := range p.All(start) {
		got[e.Dst] = e
	}
	for _, e := range []pmtu.Entry{
		{dst4, 1000, true, start.Add(10 * time.Minute)},
		{dst6, 1400, true, start.Add(10*time.Minute + time.Second)},
	} {
		if got[e.Dst] != e {
			t.Errorf("listed %+v, want %+v", got[e.Dst], e)
		}
	}
	if len(got) != 2 {
		t.Errorf("%d listed, want 2", len(got))
	}
	for range p.All(start) {
		break // a loop may end early
	}
}

func count(p *pmtu.Cache, now time.Time) (n int) {
	for range p.All(now) {
		n++
	}
	return n
}

func host(i uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], i)
	return netip.AddrFrom4(b)
}

// A full set forgets the estimate that ends first.
func TestOldestGoes(t *testing.T) {
	p := open(t, pmtu.Config{Entries: 8})
	order := []uint32{4, 1, 7, 2, 6, 3, 8, 5}
	for i, h := range order {
		p.Lower(start.Add(time.Duration(i)), pmtu.Report{Dst: host(h), MTU: 1000, LinkMTU: 1500})
	}
	for i, h := range order {
		p.Lower(start.Add(time.Minute+time.Duration(i)), pmtu.Report{Dst: host(100 + h), MTU: 1000, LinkMTU: 1500})
		for j, g := range order {
			mtu := 1000
			if j <= i {
				mtu = 1500
			}
			want(t, p, start.Add(time.Minute), host(g), mtu, true)
		}
		want(t, p, start.Add(time.Minute), host(100+h), 1000, true)
	}
	if n := count(p, start.Add(time.Minute)); n != 8 {
		t.Errorf("%d estimates, want 8", n)
	}
}

// A million destinations take no more than the table.
func TestBounded(t *testing.T) {
	conform.Row(t, "H-15")
	p := open(t, pmtu.Config{})
	for i := range uint32(1_000_000) {
		p.Lower(start, pmtu.Report{Dst: host(i), MTU: 1000, LinkMTU: 1500})
	}
	if n := count(p, start); n != pmtu.DefaultEntries {
		t.Errorf("%d estimates, want %d", n, pmtu.DefaultEntries)
	}
	if p.Size() != p.Limit() || p.Limit() > 1<<16 {
		t.Errorf("%d octets of %d, want no more than 64 KiB", p.Size(), p.Limit())
	}
	t.Logf("a million destinations: %d octets", p.Size())
}

// The same input gives the same table; another seed another one.
func TestDeterministic(t *testing.T) {
	conform.Row(t, "E-17")
	fill := func(seed uint64) (all []pmtu.Entry) {
		p := open(t, pmtu.Config{Entries: 64, Seed: seed})
		for i := range uint32(1000) {
			p.Lower(start.Add(time.Duration(i)), pmtu.Report{Dst: host(i), MTU: 1000, LinkMTU: 1500})
		}
		for e := range p.All(start) {
			all = append(all, e)
		}
		return all
	}
	a, b, c := fill(1), fill(1), fill(2)
	same := true
	for i := range a {
		if a[i] != b[i] {
			t.Fatal("the same seed and input, and another table")
		}
		same = same && a[i] == c[i]
	}
	if same {
		t.Error("the seed does not count")
	}
}

func TestNoAllocs(t *testing.T) {
	conform.Row(t, "H-15")
	p := open(t, pmtu.Config{})
	p.Lower(start, pmtu.Report{Dst: dst4, MTU: 1000, LinkMTU: 1500})
	i := uint32(0)
	wiretest.NoAllocs(t, "lower and get", func() {
		i++
		p.Lower(start, pmtu.Report{Dst: host(i), MTU: 1000, LinkMTU: 1500})
		p.Get(start, host(i), 1500)
	})
}

func BenchmarkGet(b *testing.B) {
	for _, n := range []uint32{0, 1, 1000} {
		name := map[uint32]string{0: "entries=0", 1: "entries=1", 1000: "entries=1000"}[n]
		b.Run(name, func(b *testing.B) {
			p := open(b, pmtu.Config{})
			for i := range n {
				p.Lower(start, pmtu.Report{Dst: host(i), MTU: 1000, LinkMTU: 1500})
			}
			b.ReportAllocs()
			for b.Loop() {
				p.Get(start, host(0), 1500)
			}
		})
	}
}

func BenchmarkLower(b *testing.B) {
	p := open(b, pmtu.Config{})
	i := uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		i++
		p.Lower(start, pmtu.Report{Dst: host(i), MTU: 1000, LinkMTU: 1500})
	}
}
