package detect_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
)

// FuzzObserve has any sequence of packets looked at: nothing panics, and no
// finding grows beyond its limits. The input is a list of packets, each behind
// its length, a flag octet and a step of time.
func FuzzObserve(f *testing.F) {
	for _, all := range [][]conversation.Datagram{traffic.Scenario(f, "attack-redirect"), redirects(5).All, mtr(5, 3, 50, false).All, stream(1400, 4, false, nil).All} {
		var b []byte
		for _, d := range all {
			b = binary.BigEndian.AppendUint16(b, uint16(len(d.Octets))) //nolint:gosec // a datagram's
			b = append(b, 0, 20)
			b = append(b, d.Octets...)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m := conversation.New(conversation.Config{Flows: 16, Requests: 16, Pairs: 16, Talkers: 16, Troubled: 16})
		d := detect.New(small)
		now := traffic.Epoch
		for n := 1; len(b) >= 4; n++ {
			size, flags, step := min(int(binary.BigEndian.Uint16(b)), len(b)-4), b[2], b[3]
			octets := append([]byte(nil), b[4:4+size]...)
			b = b[4+size:]
			if flags&1 == 0 {
				mend(octets)
			}
			now = now.Add(time.Duration(int8(step)) * 10 * time.Millisecond) //nolint:gosec // also back
			g := conversation.Datagram{
				Time: now, Number: n, Octets: octets, Length: size + int(flags>>5), Link: int(flags >> 1 & 1),
				HasMAC: flags&4 != 0, SrcMAC: [6]byte{2, 0, 0, 0, 0, flags >> 3 & 3}, Group: flags&8 != 0, Whole: flags&16 != 0,
			}
			d.Observe(m.Receive(&g))
		}
		d.Close()
		m.Summary(3)
		for _, x := range d.Findings() {
			if len(x.Packets) > finding.MostPackets || len(x.Addresses) > finding.MostAddresses || len(x.Facts) > 20 || x.End.Before(x.Start) {
				t.Errorf("%+v", x)
			}
		}
	})
}

// small has tables that are soon full.
var small = func() (c detect.Config) {
	c.Flood.Size, c.Smurf.Size, c.Sweep.Size, c.Unsolicited.Size, c.Recon.Size = 16, 16, 16, 16, 16
	c.Redirect.Size, c.Reset.Size, c.Lowering.Size, c.Loop.Size, c.BlackHole.Size = 16, 16, 16, 16, 16
	c.Limited.Size, c.Duplicate.Size, c.Tunnel.Size, c.Fragment.Size = 16, 16, 16, 16
	return c
}()

// mend makes the checksums right, so that what is behind them is reached.
func mend(b []byte) {
	if len(b) < 28 || b[0] != 0x45 || b[9] != byte(ip.ProtoICMP) {
		return
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b))) //nolint:gosec // at most 65535
	b[22], b[23] = 0, 0
	binary.BigEndian.PutUint16(b[22:], checksum.Of(b[20:]))
	ip.Seal4(b)
}
