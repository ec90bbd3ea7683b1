//go:build linux

package main

import (
	"testing"
	"time"
)

func TestDifference(t *testing.T) {
	const a = "head\n 1  10.0.0.2  0.017 ms  0.003 ms *\n 2  10.0.1.2  0.1 ms !H\n"
	for _, x := range []struct {
		b    string
		same bool
	}{
		{a, true},
		{"other\n 1  10.0.0.2  1.017 ms  2.003 ms *\n 2  10.0.1.2  0.2 ms !H\n", true},
		{"head\n 1  10.0.0.2  0.017 ms  0.003 ms  0.1 ms\n 2  10.0.1.2  0.1 ms !H\n", false},
		{"head\n 1  10.0.0.3  0.017 ms  0.003 ms *\n 2  10.0.1.2  0.1 ms !H\n", false},
		{"head\n 1  10.0.0.2  0.017 ms  0.003 ms *\n 2  10.0.1.2  0.1 ms !N\n", false},
	} {
		if d := difference(a, x.b); (d == "") != x.same {
			t.Errorf("%q: %s", x.b, d)
		}
	}
}

func TestMedian(t *testing.T) {
	if m := median([]time.Duration{5, 1, 9}); m != 5 {
		t.Error(m)
	}
}
