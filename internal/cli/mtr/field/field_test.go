package field_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/cli/mtr/field"
	"github.com/sonde-net/sonde/probe/mtr"
)

func stats(sent int, ds ...time.Duration) *mtr.Stats {
	s := &mtr.Stats{Sent: sent}
	for _, d := range ds {
		s.Add(d)
	}
	return s
}

// TestCells: each letter's title and value, as wide as mtr has them.
func TestCells(t *testing.T) {
	s := stats(5, 10*time.Millisecond, 20*time.Millisecond, 12*time.Millisecond, 10499*time.Microsecond)
	all, err := field.Parse("LDRSNBAWVGJMXI")
	if err != nil {
		t.Fatal(err)
	}
	var heads, cells strings.Builder
	for i := range all {
		heads.WriteString(all[i].Head())
		cells.WriteString(all[i].Cell(s))
		if all[i].Help == "" || all[i].Aide == "" || all[i].Blank() {
			t.Errorf("%c is not explained", all[i].Letter)
		}
	}
	if got, want := heads.String(), " Loss% Drop   Rcv   Snt  Last  Best   Avg  Wrst StDev Gmean Jttr Javg Jmax Jint"; got != want {
		t.Errorf("\n%q\n%q", got, want)
	}
	if got, want := cells.String(), " 20.0%    1     4     5  10.5  10.0  13.1  20.0   4.7  12.6  1.5  6.5 10.0  1.1"; got != want {
		t.Errorf("\n%q\n%q", got, want)
	}
}

// TestWide: what is large loses its decimal, and no digit.
func TestWide(t *testing.T) {
	for _, tt := range []struct {
		order string
		s     *mtr.Stats
		want  string
	}{
		{"L", stats(3), "100.0%"},
		{"L", stats(0), "  0.0%"},
		{"N", stats(1, 999900*time.Microsecond), " 999.9"},
		{"N", stats(1, 1234567*time.Microsecond), "  1235"},
		{"N", stats(1, 1234567*time.Millisecond), " 1234567"},
		{"X", stats(2, 0, 193456*time.Microsecond), "  193"},
		{"S", stats(1234567), "1234567"},
		{" ", stats(1), " "},
		{"_", stats(1), " "},
	} {
		f, err := field.Parse(tt.order)
		if err != nil || len(f) != 1 {
			t.Fatal(f, err)
		}
		if got := f[0].Cell(tt.s); got != tt.want && strings.TrimSpace(got) != strings.TrimSpace(tt.want) || len(got) < f[0].Width {
			t.Errorf("%s: %q, and not %q", tt.order, got, tt.want)
		}
	}
}

// TestNumbers: values for machines are in whole microseconds.
func TestNumbers(t *testing.T) {
	s := stats(4, 1234567*time.Nanosecond)
	f, err := field.Parse("LDN ")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{75, 3, 1.235, 0} {
		if got := f[i].Float(s); got != want {
			t.Errorf("%c: %v", f[i].Letter, got)
		}
		if n := f[i].Count(s); f[i].Integer() != (i == 1) || i == 1 && n != 3 || i != 1 && n != 0 {
			t.Errorf("%c: %d", f[i].Letter, n)
		}
	}
}

// TestParse: letters and spaces, nothing else.
func TestParse(t *testing.T) {
	for _, s := range []string{field.Default, field.Other, "", "LLL", "  "} {
		f, err := field.Parse(s)
		if err != nil || len(f) != len(s) {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"Z", "l", "L,D", "LÉ"} {
		if _, err := field.Parse(s); err == nil || !strings.HasPrefix(err.Error(), "Unknown field identifier: ") {
			t.Errorf("%q: %v", s, err)
		}
	}
}
