package pmtu_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/pmtu"
)

func TestPlateau(t *testing.T) {
	conform.Row(t, "H-15")
	for _, r := range [][2]int{
		{1 << 20, 65535},
		{65536, 65535},
		{65535, 32000},
		{32001, 32000},
		{32000, 17914},
		{17914, 8166},
		{9000, 8166},
		{8166, 4352},
		{4352, 2002},
		{2002, 1492},
		{1500, 1492},
		{1493, 1492},
		{1492, 1006},
		{1006, 508},
		{576, 508},
		{508, 296},
		{296, 68},
		{69, 68},
		{68, 68},
		{67, 68},
		{0, 68},
		{-1, 68},
	} {
		if got := pmtu.Plateau(r[0]); got != r[1] {
			t.Errorf("below %d: %d, want %d", r[0], got, r[1])
		}
	}
}
