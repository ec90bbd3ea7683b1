package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var echoRows = []wiretest.Row[icmp4.Echo]{
	{
		Name:  "request",
		Value: icmp4.Echo{ID: 0x1234, Seq: 0x0102, Data: []byte("sonde")},
		Hex:   "0800 9df5 1234 0102 736f6e6465",
		Text:  "8/0 Echo, id 4660, seq 258, 5 octets",
	},
	{
		Name:  "reply",
		Value: icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: 0xffff, Seq: 1, Data: []byte{0, 1, 2, 3}},
		Hex:   "0000 fdfa ffff 0001 00010203",
		Text:  "0/0 Echo Reply, id 65535, seq 1, 4 octets",
	},
	{
		Name:  "no data",
		Value: icmp4.Echo{Data: []byte{}},
		Hex:   "0800 f7ff 0000 0000",
		Text:  "8/0 Echo, id 0, seq 0, 0 octets",
	},
	{
		Name:  "code that should be zero",
		Value: icmp4.Echo{EchoType: icmp4.EchoType{Code: 7}, ID: 1, Seq: 2, Data: []byte{0xff}},
		Hex:   "0807 f8f4 0001 0002 ff",
		Text:  "8/7 Echo, id 1, seq 2, 1 octets",
	},
}

func TestEcho(t *testing.T) {
	conform.Row(t, "W-01")
	conform.Row(t, "W-02")
	conform.Row(t, "W-04")
	run(t, icmp4.ParseEcho, 8, echoRows)
}

func TestEchoLimit(t *testing.T) {
	conform.Row(t, "W-04")
	limited(t, "icmp4.Echo", "Data", 65507, func(n int) icmp4.Echo { return icmp4.Echo{Data: make([]byte, n)} })
}
