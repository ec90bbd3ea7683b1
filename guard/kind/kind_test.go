package kind_test

import (
	"testing"

	"github.com/sonde-net/sonde/guard/kind"
)

func k4(t, c uint8) kind.Kind { return kind.Kind{Family: kind.V4, Type: t, Code: c} }
func k6(t, c uint8) kind.Kind { return kind.Kind{Family: kind.V6, Type: t, Code: c} }

func TestKind(t *testing.T) {
	for _, tt := range []struct {
		k            kind.Kind
		text         string
		err, reply   bool
		request, has int // -1: none
	}{
		{k4(0, 0), "icmp 0/0", false, true, 8, 1},
		{k4(3, 4), "icmp 3/4", true, false, 0, 0},
		{k4(4, 0), "icmp 4/0", true, false, 0, 0},
		{k4(5, 1), "icmp 5/1", true, false, 0, 0},
		{k4(8, 0), "icmp 8/0", false, false, 0, 0},
		{k4(11, 0), "icmp 11/0", true, false, 0, 0},
		{k4(12, 0), "icmp 12/0", true, false, 0, 0},
		{k4(14, 0), "icmp 14/0", false, true, 13, 1},
		{k4(16, 0), "icmp 16/0", false, true, 15, 1},
		{k4(18, 0), "icmp 18/0", false, true, 17, 1},
		{k6(0, 0), "icmp6 0/0", true, false, 0, 0},
		{k6(127, 0), "icmp6 127/0", true, false, 0, 0},
		{k6(128, 0), "icmp6 128/0", false, false, 0, 0},
		{k6(129, 5), "icmp6 129/5", false, true, 128, 1},
	} {
		q, ok := tt.k.Request()
		if tt.k.String() != tt.text || tt.k.Error() != tt.err || tt.k.Reply() != tt.reply || ok != (tt.has == 1) || int(q) != tt.request {
			t.Errorf("%v: error %v, reply %v, request %d %v; want %+v", tt.k, tt.k.Error(), tt.k.Reply(), q, ok, tt)
		}
	}
	if kind.V4.Proto() != 1 || kind.V6.Proto() != 58 || kind.Family(5).String() != "family 5" {
		t.Error(kind.V4.Proto(), kind.V6.Proto(), kind.Family(5))
	}
	for _, tt := range []struct {
		a, b kind.Kind
		want int
	}{{k4(1, 1), k4(1, 1), 0}, {k4(9, 9), k6(0, 0), -1}, {k4(2, 0), k4(1, 9), 1}, {k4(1, 1), k4(1, 2), -1}} {
		if got := tt.a.Compare(tt.b); got != tt.want {
			t.Errorf("%v, %v: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestSet(t *testing.T) {
	s := kind.Of(kind.V4, 5, 3, 4, 3, 11).With(kind.Range{From: 0, To: 3}, kind.Range{From: 9, To: 9})
	if got := s.String(); got != "icmp 3-5,11/0-3,9" {
		t.Error(got)
	}
	for _, k := range []kind.Kind{k4(3, 0), k4(5, 3), k4(11, 9)} {
		if !s.Has(k) {
			t.Errorf("%v is not in %v", k, s)
		}
	}
	for _, k := range []kind.Kind{k4(2, 0), k4(6, 0), k4(3, 4), k4(3, 8), k4(3, 10), k6(3, 0)} {
		if s.Has(k) {
			t.Errorf("%v is in %v", k, s)
		}
	}
	if all := kind.Of(kind.V6, 255, 0); !all.Has(k6(255, 255)) || !all.Has(k6(0, 0)) || all.String() != "icmp6 0,255" {
		t.Error(all)
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		f        kind.Family
		in, want string // "": refused
	}{
		{kind.V4, "8", "icmp 8"},
		{kind.V4, "3/4", "icmp 3/4"},
		{kind.V4, "3/0-15", "icmp 3/0-15"},
		{kind.V4, "echo-request", "icmp 8"},
		{kind.V4, "destination-unreachable/frag-needed", "icmp 3/4"},
		{kind.V4, "destination-unreachable/host-prohibited", "icmp 3/10"},
		{kind.V4, "fragmentation-needed", "icmp 3/4"},
		{kind.V4, "ttl-zero-during-transit", "icmp 11/0"},
		{kind.V6, "echo-request", "icmp6 128"},
		{kind.V6, "nd-neighbor-solicit", "icmp6 135"},
		{kind.V6, "1/no-route", "icmp6 1/0"},
		{kind.V6, "address-unreachable", "icmp6 1/3"},
		{kind.V6, "255/255", "icmp6 255/255"},
		{kind.V4, "256", ""},
		{kind.V4, "-1", ""},
		{kind.V4, "", ""},
		{kind.V4, "3/", ""},
		{kind.V4, "3/256", ""},
		{kind.V4, "3/4-3", ""},
		{kind.V4, "3/1-x", ""},
		{kind.V4, "3/x-1", ""},
		{kind.V4, "packet-too-big", ""},
		{kind.V6, "fragmentation-needed", ""},
		{kind.V6, "source-quench", ""},
	} {
		s, ok := kind.Parse(tt.f, tt.in)
		if ok != (tt.want != "") || ok && s.String() != tt.want {
			t.Errorf("%v %q: %v, %v, want %q", tt.f, tt.in, s, ok, tt.want)
		}
	}
}

// TestWords: each word is of a type or a code.
func TestWords(t *testing.T) {
	for _, f := range []kind.Family{kind.V4, kind.V6} {
		words := kind.Words(f)
		if len(words) < 20 {
			t.Error(len(words))
		}
		for _, w := range words {
			_, isType := kind.ParseType(f, w)
			_, isCode := kind.ParseCode(f, w)
			if !isType && !isCode {
				t.Errorf("%v: %q", f, w)
			}
		}
	}
}
