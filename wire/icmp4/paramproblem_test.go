package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var problemRows = []wiretest.Row[icmp4.ParameterProblem]{
	{
		Name:  "pointer",
		Value: icmp4.ParameterProblem{Pointer: 20, Quote: quote},
		Hex:   "0c00 0b1b 14000000 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd",
		Text:  "12/0 Parameter Problem: Pointer indicates the error, pointer 20, quotes 28 octets",
	},
	{
		Name:  "missing option",
		Value: icmp4.ParameterProblem{Code: icmp4.CodeMissingOption, Pointer: 130, Quote: []byte{}},
		Hex:   "0c01 71fe 82000000",
		Text:  "12/1 Parameter Problem: Missing a Required Option, option 130, quotes 0 octets",
	},
	{
		Name:  "bad length, unused octets in use",
		Value: icmp4.ParameterProblem{Code: icmp4.CodeBadLength, Pointer: 255, Unused: 0xfedc, Length: 1, Quote: []byte{1, 2, 3, 4}},
		Hex:   "0c02 f218 ff01fedc 01020304",
		Text:  "12/2 Parameter Problem: Bad Length, pointer 255, quotes 4 octets",
	},
	{
		Name:  "code that nobody knows",
		Value: icmp4.ParameterProblem{Code: 3, Pointer: 1, Quote: []byte{}},
		Hex:   "0c03 f2fc 01000000",
		Text:  "12/3 Parameter Problem, pointer 1, quotes 0 octets",
	},
	{
		Name:  "extension",
		Value: icmp4.ParameterProblem{Pointer: 1, Quote: padded(128), Ext: mpls, Length: 32},
		Hex:   "0c00 1dfb 01200000 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 2000ca0d 00080101 03e81101",
		Text:  "12/0 Parameter Problem: Pointer indicates the error, pointer 1, quotes 128 octets, extensions of 12 octets",
	},
}

func TestParameterProblem(t *testing.T) {
	conform.Row(t, "W-09")
	run(t, icmp4.ParseParameterProblem, 8, problemRows)
	limited(t, "icmp4.ParameterProblem", "Quote", 65507, func(n int) icmp4.ParameterProblem {
		return icmp4.ParameterProblem{Quote: make([]byte, n)}
	})
}
