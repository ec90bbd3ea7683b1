//go:build amd64 && !purego

package checksum_test

import (
	"testing"

	"github.com/sonde-net/sonde/wire/checksum"
)

// TestVector checks that the vector unit takes every whole block, and that
// nobody asks a machine without one. That the sums agree is TestSum's matter.
func TestVector(t *testing.T) {
	if !checksum.HasVector() {
		t.Skip("this machine has no AVX2")
	}
	for _, n := range []int{0, 1, 127, 128, 129, 255, 256, 1500, 65535, 65536, 65537, 65536 + 127, 65536 + 128, 3*65536 - 1} {
		b := make([]byte, n)
		if got, want := checksum.SumLong(b), n%128; got != want {
			t.Errorf("%d octets: %d left, want %d", n, got, want)
		}
		checksum.Scalar(func() {
			if got := checksum.SumLong(b); got != n {
				t.Errorf("%d octets without the vector unit: %d left, want all", n, got)
			}
		})
	}
}
