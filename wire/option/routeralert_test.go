package option_test

import (
	"bytes"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

func TestRouterAlert(t *testing.T) {
	conform.Row(t, "W-24")
	b := option.AppendRouterAlert([]byte{0x77}, 0x1234)
	if !bytes.Equal(b, []byte{0x77, 0x94, 4, 0x12, 0x34}) {
		t.Errorf("append: %x", b)
	}
	v, err := option.ParseRouterAlert(only(t, b[1:]))
	if v != 0x1234 || err != nil {
		t.Errorf("parse: %#x, %v", v, err)
	}
	_, err = option.ParseRouterAlert(ip.Option4{Offset: 28, Type: ip.OptRouterAlert, Data: make([]byte, 3)})
	wiretest.WantParseError(t, "five octets", err, 29, wire.Length)
	_, err = option.ParseRouterAlert(ip.Option4{Offset: 28, Type: ip.OptRouterAlert, Data: make([]byte, 1)})
	wiretest.WantParseError(t, "three octets", err, 29, wire.Length)
	_, err = option.ParseRouterAlert(ip.Option4{Offset: 28, Type: ip.OptLSRR, Data: make([]byte, 2)})
	wiretest.WantParseError(t, "another type", err, 28, wire.Mismatch)
}
