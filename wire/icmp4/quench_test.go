package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var quenchRows = []wiretest.Row[icmp4.SourceQuench]{
	{
		Name:  "quench",
		Value: icmp4.SourceQuench{Quote: quote},
		Hex:   "0400 271b 00000000 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd",
		Text:  "4/0 Source Quench, quotes 28 octets",
	},
	{
		Name:  "unused octets in use, code that should be zero",
		Value: icmp4.SourceQuench{Code: 9, Unused: 0x01020304, Quote: []byte{}},
		Hex:   "0409 f7f0 01020304",
		Text:  "4/9 Source Quench, quotes 0 octets",
	},
}

func TestSourceQuench(t *testing.T) {
	conform.Row(t, "W-06")
	run(t, icmp4.ParseSourceQuench, 8, quenchRows)
	limited(t, "icmp4.SourceQuench", "Quote", 65507, func(n int) icmp4.SourceQuench {
		return icmp4.SourceQuench{Quote: make([]byte, n)}
	})
}
