package tcpstub_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// FuzzConn plays a script of segments, errors and time to a connection: what is
// in flight stays within the window, and what is acknowledged stays so.
func FuzzConn(f *testing.F) {
	f.Add(uint64(1), []byte{0, 18, 0, 1, 1, 16, 200, 0, 2, 3, 1, 0, 3, 50, 0, 0})
	f.Add(uint64(2), []byte{0, 18, 0, 1, 3, 255, 0, 0, 2, 4, 2, 0, 3, 255, 9, 9, 2, 0, 0, 0})
	f.Fuzz(func(t *testing.T, seed uint64, script []byte) {
		p := newPair(t, tcpstub.Config{Seed: seed, Window: 5000, MSS: 1000, Credulous: seed%2 == 1}, tcpstub.Config{})
		c, err := p.a.Connect(epoch, addrPort(addrB, 80), 100_000)
		if err != nil {
			t.Fatal(err)
		}
		acked := uint64(0)
		for ; len(script) >= 4; script = script[4:] {
			op, x, y, z := script[0]%4, script[1], uint32(script[2]), script[3]
			una, _ := c.Window()
			switch op {
			case 0, 1: // a segment that acknowledges, or does not
				s := transport.TCP{Seq: 900 + uint32(z), Ack: una + y*y, Flags: transport.TCPFlags(x) &^ transport.RST}
				p.segment(c.Local().Port(), s, make([]byte, z%8))
			case 2: // an error about something near the window
				q := quoteOf(t, c, una+y-1)[:28]
				switch x % 4 {
				case 0:
					p.fault(icmp4.SourceQuench{Quote: q})
				case 1:
					p.fault(icmp4.TimeExceeded{Quote: q})
				case 2:
					p.fault(icmp4.DestUnreachable{Code: icmp4.Code(z % 16), MTU: uint16(y) * 8, Quote: q})
				case 3:
					p.fault(icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: uint16(z) * 8, Quote: q})
				}
			case 3: // time
				p.now = p.now.Add(time.Duration(x) * time.Duration(z) * time.Millisecond)
				p.a.end.Tick(p.now)
			}
			for {
				d, _, ok := p.a.node.Poll(p.now, nil)
				if !ok {
					break
				}
				if _, _, err := ip.Parse4(d); err != nil || len(d) > 1040 {
					t.Fatalf("%d octets, %v", len(d), err)
				}
			}
			st := c.Stats()
			if una, next := c.Window(); next-una > 5000 || st.Acked < acked || st.MSS < 8 || st.MSS > 1000 {
				t.Fatalf("%d in flight, %+v", next-una, st)
			}
			if acked = st.Acked; c.State() == tcpstub.Aborted && c.Err() == nil {
				t.Fatal("aborted without a reason")
			}
		}
	})
}
