package space_test

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/probe/sweep/space"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		err        error
	}{
		{"192.0.2.1", "192.0.2.1", nil},
		{"::ffff:192.0.2.1", "192.0.2.1", nil},
		{"::ffff:192.0.2.0/120", "192.0.2.0-192.0.2.255", nil},
		{"::ffff:192.0.2.1-9", "192.0.2.1-192.0.2.9", nil},
		{"::ffff:192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.9", nil},
		{"::/80", "::-::ffff:255.255.255.255", nil},
		{"::-::ffff:255.255.255.255", "::-::ffff:255.255.255.255", nil},
		{"::ffff:255.255.255.255-::1:0:0:1", "::ffff:255.255.255.255-::1:0:0:1", nil},
		{"192.0.2.77/24", "192.0.2.0-192.0.2.255", nil},
		{"192.0.2.77/32", "192.0.2.77", nil},
		{"0.0.0.0/0", "0.0.0.0-255.255.255.255", nil},
		{"10.0.0.0/9", "10.0.0.0-10.127.255.255", nil},
		{"192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.9", nil},
		{"192.0.2.1 - 192.0.3.9", "192.0.2.1-192.0.3.9", nil},
		{"192.0.2.1-9", "192.0.2.1-192.0.2.9", nil},
		{"192.0.2.1-1", "192.0.2.1", nil},
		{"2001:db8::/127", "2001:db8::-2001:db8::1", nil},
		{"2001:db8::5-2001:db8::9", "2001:db8::5-2001:db8::9", nil},
		{"::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil},
		{"192.0.2.9-192.0.2.1", "", space.ErrReversed},
		{"192.0.2.9-1", "", space.ErrReversed},
		{"192.0.2.9-300", "", space.ErrSyntax},
		{"192.0.2.9-", "", space.ErrSyntax},
		{"-192.0.2.9", "", space.ErrSyntax},
		{"192.0.2.1-::9", "", space.ErrFamilies},
		{"::1-192.0.2.1", "", space.ErrFamilies},
		{"::1-9", "", space.ErrSyntax},
		{"192.0.2.0/33", "", space.ErrSyntax},
		{"192.0.2/24", "", space.ErrSyntax},
		{"fe80::1%eth0", "", space.ErrZone},
		{"host", "", space.ErrSyntax},
		{"", "", space.ErrSyntax},
	} {
		r, err := space.Parse(tt.text)
		if !errors.Is(err, tt.err) || err == nil && r.String() != tt.want {
			t.Errorf("%q: %v, %v", tt.text, r, err)
		}
	}
}

// TestSet compares with a set that has each address by itself.
func TestSet(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	base := addr("10.0.0.0").As4()
	at := func(i int) netip.Addr { b := base; b[3] = byte(i); return netip.AddrFrom4(b) }
	for range 500 {
		var s space.Set
		var want [256]bool
		for range 1 + dice.IntN(8) {
			a := dice.IntN(256)
			b := min(a+dice.IntN(40), 255)
			var already, n uint64
			r := space.Range{First: at(a), Last: at(b)}
			if dice.IntN(3) == 0 {
				for i := a; i <= b; i++ {
					if want[i] {
						n++
					}
					want[i] = false
				}
				already = s.Remove(r, space.Range{First: addr("::"), Last: addr("::5")})
			} else {
				for i := a; i <= b; i++ {
					if want[i] {
						n++
					}
					want[i] = true
				}
				var err error
				if already, err = s.Add(r); err != nil {
					t.Fatal(err)
				}
			}
			if already != n {
				t.Fatalf("%v: %d were there, want %d", r, already, n)
			}
		}
		k := uint64(0)
		for i, in := range want {
			n, ok := s.Index(at(i))
			if ok != in || s.Contains(at(i)) != in || in && (n != k || s.At(k) != at(i)) {
				t.Fatalf("%v in %v: %d, %v", at(i), s.Ranges(), n, ok)
			}
			if in {
				k++
			}
		}
		if s.Len() != k {
			t.Fatalf("%d addresses, want %d", s.Len(), k)
		}
		for i, r := range s.Ranges() {
			if i > 0 && !s.Ranges()[i-1].Last.Next().Less(r.First) {
				t.Fatalf("ranges touch: %v", s.Ranges())
			}
		}
	}
}

// TestFamilies: IPv4 is numbered before IPv6, and the end of the one does not
// touch the beginning of the other.
func TestFamilies(t *testing.T) {
	var s space.Set
	for _, x := range []string{"::/126", "255.255.255.254/31", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127"} {
		if _, err := s.Parse(x); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"255.255.255.254", "255.255.255.255", "::", "::1", "::2", "::3",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	}
	if len(s.Ranges()) != 3 || s.Len() != uint64(len(want)) {
		t.Fatalf("%v", s.Ranges())
	}
	for i, w := range want {
		if n, ok := s.Index(addr(w)); s.At(uint64(i)) != addr(w) || n != uint64(i) || !ok {
			t.Errorf("%d: %v, %d", i, s.At(uint64(i)), n)
		}
	}
	if n := s.Remove(space.RangeOf(netip.MustParsePrefix("::/0"))); n != 6 || s.Len() != 2 {
		t.Errorf("%d removed, %d left", n, s.Len())
	}
	if n := s.Remove(space.RangeOf(netip.MustParsePrefix("0.0.0.0/0"))); n != 2 || s.Len() != 0 {
		t.Errorf("%d removed, %d left", n, s.Len())
	}
	if _, ok := s.Index(addr("::")); ok {
		t.Error("an empty set has an address")
	}
}

// TestTooMany: what cannot be numbered is refused, and the set is as it was.
func TestTooMany(t *testing.T) {
	var s space.Set
	if _, err := s.Parse("2001::/88"); err != nil || s.Len() != 1<<40 {
		t.Fatalf("%v, %d", err, s.Len())
	}
	for _, x := range []string{"10.0.0.1", "::/0", "2000::/87", "2000::-2001::"} {
		if _, err := s.Parse(x); !errors.Is(err, space.ErrTooMany) {
			t.Errorf("%s: %v", x, err)
		}
	}
	if already, err := s.Parse("2001::5"); already != 1 || err != nil || s.Len() != 1<<40 {
		t.Errorf("%d, %v, %d", already, err, s.Len())
	}
	for _, r := range []space.Range{{addr("10.0.0.2"), addr("10.0.0.1")}, {addr("10.0.0.2"), addr("::")}} {
		if _, err := s.Add(r); err == nil {
			t.Errorf("%v was taken", r)
		}
	}
}

func TestSpecial(t *testing.T) {
	var s space.Set
	if _, err := s.Parse("0.0.0.0/0"); err != nil {
		t.Fatal(err)
	}
	s.Remove(space.Reserved()...)
	for _, a := range []string{"0.1.2.3", "127.0.0.1", "192.0.2.9", "224.0.0.1", "239.255.255.255", "255.255.255.255", "198.51.100.1", "203.0.113.255", "192.88.99.1"} {
		if s.Contains(addr(a)) {
			t.Errorf("%s is left", a)
		}
	}
	for _, a := range []string{"1.0.0.0", "10.1.2.3", "192.168.1.1", "192.0.3.0", "223.255.255.255", "126.255.255.255", "128.0.0.0", "100.64.0.1"} {
		if !s.Contains(addr(a)) {
			t.Errorf("%s is gone", a)
		}
	}
	for _, tt := range []struct {
		text string
		want uint64
	}{
		{"10.0.0.0/8", 0},
		{"192.168.0.0/24", 0},
		{"8.8.8.0/24", 256},
		{"172.31.255.255-172.32.0.0", 1},
		{"fd00::/100", 0},
		{"2001:db8::/120", 0},
		{"100:0:0:1::/120", 0},
		{"100:0:0:2::/120", 256},
		{"2001:1f:ffff:ffff:ffff:ffff:ffff:fff0/120", 0}, // the last of ORCHID
		{"2001:20::/120", 256},
		{"2600::/120", 256},
		{"fe80::1", 0},
		{"223.255.255.254-224.0.0.5", 2},
		{"::ffff:0:0/120", 0},
	} {
		var s space.Set
		if _, err := s.Parse(tt.text); err != nil {
			t.Fatal(tt.text, err)
		}
		n := s.Len()
		if got := s.Public(); got != tt.want || s.Len() != n {
			t.Errorf("%s: %d, want %d", tt.text, got, tt.want)
		}
	}
	for _, tt := range []struct{ p, want string }{
		{"10.0.0.7/24", "10.0.0.0 10.0.0.255 "}, {"10.0.0.4/30", "10.0.0.4 10.0.0.7 "}, {"10.0.0.0/31", ""}, {"10.0.0.0/32", ""}, {"fd00::/64", ""},
	} {
		got := ""
		for _, r := range space.Edges(netip.MustParsePrefix(tt.p)) {
			got += r.String() + " "
		}
		if got != tt.want {
			t.Errorf("%s: %s", tt.p, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"192.0.2.1-9", "::/0", "1.2.3.4/5", "a-b", "::/80", "::fffe:0:0/90", "::ffff:1.2.3.0/120", "::ffff:1.2.3.4-9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := space.Parse(text)
		if err != nil {
			return
		}
		again, err := space.Parse(r.String())
		if err != nil || again != r {
			t.Errorf("%q: %v, then %v, %v", text, r, again, err)
		}
	})
}
