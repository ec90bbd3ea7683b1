package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var conversionRows = []wiretest.Row[icmp4.ConversionError]{
	{
		Name:  "length",
		Value: icmp4.ConversionError{Code: 5, Pointer: 2, Quote: quote},
		Hex:   "1f05 0c14 00000002 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd",
		Text:  "31/5 Datagram Conversion Error: Overall length exceeded, pointer 2, quotes 28 octets",
	},
	{
		Name:  "pointer of four octets, code that nobody knows",
		Value: icmp4.ConversionError{Code: 12, Pointer: 0x01020304, Quote: []byte{}},
		Hex:   "1f0c dced 01020304",
		Text:  "31/12 Datagram Conversion Error, pointer 16909060, quotes 0 octets",
	},
}

func TestConversionError(t *testing.T) {
	conform.Row(t, "W-15")
	run(t, icmp4.ParseConversionError, 8, conversionRows)
	limited(t, "icmp4.ConversionError", "Quote", 65507, func(n int) icmp4.ConversionError {
		return icmp4.ConversionError{Quote: make([]byte, n)}
	})
}

func TestConversionCauses(t *testing.T) {
	conform.Row(t, "W-15")
	seen := map[string]bool{}
	for c := range icmp4.Code(12) {
		cause := icmp4.ConversionError{Code: c}.Cause()
		if cause == "" || seen[cause] {
			t.Errorf("code %d: cause %q", c, cause)
		}
		seen[cause] = true
	}
	for _, c := range []icmp4.Code{12, 255} {
		if cause := (icmp4.ConversionError{Code: c}).Cause(); cause != "" {
			t.Errorf("code %d: cause %q", c, cause)
		}
	}
	for c, want := range map[icmp4.Code]string{
		0: "Unknown or unspecified error", 4: "Unsupported transport protocol", 11: "Unknown mandatory transport option present",
	} {
		if cause := (icmp4.ConversionError{Code: c}).Cause(); cause != want {
			t.Errorf("code %d: cause %q, want %q", c, cause, want)
		}
	}
}
