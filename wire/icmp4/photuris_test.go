package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var photurisRows = []wiretest.Row[icmp4.Photuris]{
	{
		Name:  "bad SPI",
		Value: icmp4.Photuris{Pointer: 24, Quote: quote},
		Hex:   "2800 0303 0000 0018 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd",
		Text:  "40/0 Photuris: Bad SPI, pointer 24, quotes 28 octets",
	},
	{
		Name:  "need authorization, reserved octets in use",
		Value: icmp4.Photuris{Code: icmp4.CodeNeedAuthorization, Reserved: 0x0102, Pointer: 0x0304, Quote: []byte{}},
		Hex:   "2805 d3f4 0102 0304",
		Text:  "40/5 Photuris: Need Authorization, pointer 772, quotes 0 octets",
	},
}

func TestPhoturis(t *testing.T) {
	conform.Row(t, "W-15")
	run(t, icmp4.ParsePhoturis, 8, photurisRows)
	limited(t, "icmp4.Photuris", "Quote", 65507, func(n int) icmp4.Photuris {
		return icmp4.Photuris{Quote: make([]byte, n)}
	})
	for n, c := range []icmp4.Code{
		icmp4.CodeBadSPI, icmp4.CodeAuthFailed, icmp4.CodeDecompressionFailed,
		icmp4.CodeDecryptionFailed, icmp4.CodeNeedAuthentication, icmp4.CodeNeedAuthorization,
	} {
		if int(c) != n || (icmp4.Photuris{Code: c}).Kind().CodeName() == "" {
			t.Errorf("code %d: constant %d, name %q", n, c, (icmp4.Photuris{Code: c}).Kind().CodeName())
		}
	}
}
