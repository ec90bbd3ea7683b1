package icmp6_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

var echoRows = []wiretest.Row[icmp6.Echo]{
	{
		Name:  "request without data",
		Value: icmp6.Echo{ID: 0x1234, Seq: 1, Data: []byte{}},
		Hex:   `8000 1201 1234 0001`,
		Text:  "128/0 Echo Request, id 4660, seq 1, 0 octets",
	},
	{
		Name:  "reply with an odd number of octets",
		Value: icmp6.Echo{EchoType: icmp6.EchoType{Reply: true}, ID: 0xfffe, Seq: 0xff01, Data: []byte("abcdefg")},
		Hex:   `8100 9300 fffe ff01 61626364656667`,
		Text:  "129/0 Echo Reply, id 65534, seq 65281, 7 octets",
	},
	{
		Name:  "request with a code",
		Value: icmp6.Echo{EchoType: icmp6.EchoType{Code: 9}, Data: []byte{0xff}},
		Hex:   `8009 252b 0000 0000 ff`,
		Text:  "128/9 Echo Request, id 0, seq 0, 1 octets",
	},
}

func TestEcho(t *testing.T) {
	conform.Row(t, "W-19")
	conform.Row(t, "W-21")
	conform.Row(t, "W-22")
	rows(t, "icmp6.Echo", 8, icmp6.ParseEcho, icmp6.DecodeEcho, echoRows)
}

func TestEchoLimit(t *testing.T) {
	accepted(t, icmp6.Echo{Data: make([]byte, 65527)}, 65535)
	refused(t, icmp6.Echo{Data: make([]byte, 65528)},
		wire.FieldError{Type: "icmp6.Echo", Field: "Data", Value: 65528, Limit: 65527})
}

func TestEchoAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	m := icmp6.Echo{ID: 1, Seq: 2, Data: make([]byte, 56)}
	b, buf := built(t, m), make([]byte, 0, 128)
	wiretest.NoAllocs(t, "parse", func() { _, _ = icmp6.ParseEcho(b, src, dst) })
	wiretest.NoAllocs(t, "append", func() { _, _ = m.Append(buf, src, dst) })
}
