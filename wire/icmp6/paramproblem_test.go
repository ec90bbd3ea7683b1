package icmp6_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

var paramProblemRows = []wiretest.Row[icmp6.ParameterProblem]{
	{
		Name:  "unknown next header",
		Value: icmp6.ParameterProblem{Code: icmp6.CodeUnknownNextHeader, Pointer: 6, Quote: quote},
		Hex: `0401 7c6d 00000006
			6000000000081140 20010db8000000000000000000000001
			20010db8000000000000000000000002 d431829a00080000`,
		Text: "4/1 Parameter Problem: unrecognized Next Header type encountered, pointer 6, quotes 48 octets",
	},
	{
		Name:  "every bit of the pointer",
		Value: icmp6.ParameterProblem{Code: icmp6.CodeOptionTooBig, Pointer: 0x91929394, Quote: []byte{}},
		Hex:   `040a 7b05 91929394`,
		Text:  "4/10 Parameter Problem: Option too big, pointer 2442302356, quotes 0 octets",
	},
}

func TestParameterProblem(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.ParameterProblem", 8, icmp6.ParseParameterProblem, icmp6.DecodeParameterProblem, paramProblemRows)
}

// What stands at octet 128 is the quote's, whatever it looks like: this message
// takes no extensions (RFC 4884 §4.6).
func TestParameterProblemTakesNoExtensions(t *testing.T) {
	conform.Row(t, "W-17")
	m := icmp6.ParameterProblem{Quote: append(padded(128), labels...)}
	got, err := icmp6.ParseParameterProblem(built(t, m), src, dst)
	if err != nil || len(got.Quote) != 128+len(labels) {
		t.Errorf("quote of %d octets, error %v", len(got.Quote), err)
	}
}

func TestParameterProblemLimit(t *testing.T) {
	accepted(t, icmp6.ParameterProblem{Quote: make([]byte, 65527)}, 65535)
	refused(t, icmp6.ParameterProblem{Quote: make([]byte, 65528)},
		wire.FieldError{Type: "icmp6.ParameterProblem", Field: "Quote", Value: 65528, Limit: 65527})
}
