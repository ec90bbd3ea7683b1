package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var infoRows = []wiretest.Row[icmp4.Info]{
	{
		Name:  "request",
		Value: icmp4.Info{ID: 0x0a0b, Seq: 0x0c0d, Trailing: []byte{}},
		Hex:   "0f00 dae7 0a0b 0c0d",
		Text:  "15/0 Information Request, id 2571, seq 3085",
	},
	{
		Name:  "reply",
		Value: icmp4.Info{Reply: true, ID: 1, Seq: 2, Trailing: []byte{}},
		Hex:   "1000 effc 0001 0002",
		Text:  "16/0 Information Reply, id 1, seq 2",
	},
	{
		Name:  "octets behind the end, code that should be zero",
		Value: icmp4.Info{Reply: true, Code: 3, Trailing: []byte{1}},
		Hex:   "1003 eefc 0000 0000 01",
	},
}

func TestInfo(t *testing.T) {
	conform.Row(t, "W-11")
	run(t, icmp4.ParseInfo, 8, infoRows)
	limited(t, "icmp4.Info", "Trailing", 65507, func(n int) icmp4.Info { return icmp4.Info{Trailing: make([]byte, n)} })
}
