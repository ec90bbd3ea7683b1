package icmp4_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/option"
)

var timestampRows = []wiretest.Row[icmp4.TimestampMessage]{
	{
		Name:  "request",
		Value: icmp4.TimestampMessage{ID: 0x0102, Seq: 0x0304, Originate: 47045006, Trailing: []byte{}},
		Hex:   "0d00 129e 0102 0304 02cdd98e 00000000 00000000",
		Text:  "13/0 Timestamp, id 258, seq 772, originate 13:04:05.006, receive 00:00:00.000, transmit 00:00:00.000",
	},
	{
		Name: "reply",
		Value: icmp4.TimestampMessage{
			Reply: true, ID: 1, Seq: 2, Originate: 1, Receive: 86399999, Transmit: icmp4.NonStandard(7), Trailing: []byte{},
		},
		Hex:  "0e00 10cf 0001 0002 00000001 05265bff 80000007",
		Text: "14/0 Timestamp Reply, id 1, seq 2, originate 00:00:00.001, receive 23:59:59.999, transmit 0x80000007",
	},
	{
		Name:  "octets behind the end, code that should be zero",
		Value: icmp4.TimestampMessage{Code: 1, Receive: 2, Trailing: []byte{0xee, 0xdd, 0xcc}},
		Hex:   "0d01 381e 0000 0000 00000000 00000002 00000000 eeddcc",
	},
}

func TestTimestampMessage(t *testing.T) {
	conform.Row(t, "W-10")
	run(t, icmp4.ParseTimestampMessage, 20, timestampRows)
	limited(t, "icmp4.TimestampMessage", "Trailing", 65495, func(n int) icmp4.TimestampMessage {
		return icmp4.TimestampMessage{Trailing: make([]byte, n)}
	})
}

// A timestamp is made of a time, a time of day or a number as the option's
// stamp is.
func TestTimestamp(t *testing.T) {
	conform.Row(t, "W-10")
	for _, c := range []struct {
		got  icmp4.Timestamp
		want option.Stamp
	}{
		{icmp4.TimestampOf(time.Date(2024, 2, 29, 13, 4, 5, 6_999_999, time.UTC)), 47045006},
		{icmp4.TimestampAt(-time.Millisecond), 86399999},
		{icmp4.NonStandard(7), 1<<31 | 7},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
}
