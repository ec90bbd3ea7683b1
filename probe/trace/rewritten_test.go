package trace_test

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// outside is what the source becomes.
var outside = addr("198.51.100.7")

// translate has a datagram of IPv4 come from outside, as a translator does, and
// returns eight octets of it behind the header.
func translate(p ip.Proto, d []byte) []byte {
	old, now := us4.As4(), outside.As4()
	copy(d[12:], now[:])
	at := map[ip.Proto]int{ip.ProtoUDP: 6, ip.ProtoUDPLite: 6}[p]
	if at > 0 {
		at += 20
		sum := checksum.Update32(binary.BigEndian.Uint16(d[at:]), binary.BigEndian.Uint32(old[:]), binary.BigEndian.Uint32(now[:]))
		binary.BigEndian.PutUint16(d[at:], sum)
	}
	return d[:28]
}

// TestRewritten: those behind a translator have answered, and it is known where it
// begins.
func TestRewritten(t *testing.T) {
	conform.Row(t, "P-08")
	for _, kind := range []probe.Kind{probe.UDP, probe.UDPLite, probe.TCP, probe.Echo} {
		for _, on := range []bool{true, false} {
			answer := line(4, func(q packet, s *say) *say {
				s.flags = transport.SYN
				if q.TTL > 2 {
					s.quote = translate(q.Proto, datagram(t, q))
				}
				return s
			})
			w := newWorld(t, probe.Config{Rewritten: on}, answer)
			tr := w.make(trace.Config{Kind: kind, MaxTTL: 8})
			took := w.run(tr)
			if !on {
				if len(tr.Changes()) > 0 || took < 100*ms {
					t.Errorf("%v: %+v after %v", kind, tr.Changes(), took)
				}
				continue
			}
			if !tr.Reached() || tr.Length() != 5 || took > 6*ms {
				t.Fatalf("%v: %v after %v", kind, tr.Hops(), took)
			}
			for _, r := range w.told {
				quotes := r.Claim.Present
				if r.Status != trace.Answered || r.RTT != min(line(4, nil)(packet{Transmit: probe.Transmit{TTL: r.TTL, Dst: them4}}).after, 5*ms) ||
					(r.Shown != nil) != (quotes && r.TTL > 2) || r.Shown != nil && r.Shown.Src != outside {
					t.Errorf("%v: %+v", kind, r)
				}
				if datagrams := kind == probe.UDP || kind == probe.UDPLite; quotes != (r.TTL < 5 || datagrams) {
					t.Errorf("%v: %+v", kind, r)
				}
			}
			c := tr.Changes()
			if len(c) != 1 || c[0].TTL != 3 || c[0].After != 2 || c[0].From != gateway(3, false) || c[0].Src != outside || c[0].Unfit {
				t.Errorf("%v: %+v", kind, c)
			}
			if n := w.p.Counters(); n.Rewritten == 0 || n.Timeouts > 0 {
				t.Errorf("%v: %+v", kind, n)
			}
		}
	}
}

// TestForgedTranslation: one who knows the probes' header, and sends errors about them with
// other addresses, is not believed: the hops stay silent.
func TestForgedTranslation(t *testing.T) {
	conform.Row(t, "P-01")
	for _, kind := range []probe.Kind{probe.UDP, probe.UDPLite, probe.TCP, probe.Echo} {
		w := newWorld(t, probe.Config{Rewritten: true}, line(4, func(q packet, s *say) *say {
			if s.flags = transport.SYN; q.TTL != 3 {
				return s
			}
			s.quote = translate(q.Proto, datagram(t, q))
			switch kind {
			case probe.TCP:
				s.quote[27] ^= 1
			case probe.Echo:
				s.quote[22] ^= 1
				s.quote[25] ^= 0x10 // so that the identifier has to be guessed, too
			default:
				s.quote[26] ^= 1
			}
			return s
		}))
		tr := w.make(trace.Config{Kind: kind, MaxTTL: 8})
		w.run(tr)
		for _, r := range w.told {
			if (r.Status == trace.Silent) != (r.TTL == 3) || r.From == (netip.Addr{}) != (r.TTL == 3) {
				t.Errorf("%v: %+v", kind, r)
			}
		}
		if c := tr.Changes(); len(c) > 0 {
			t.Errorf("%v: %+v", kind, c)
		}
	}
}

// TestRemarked: a gateway that takes the type of service away is found, and nothing
// else is told of it.
func TestRemarked(t *testing.T) {
	w := newWorld(t, probe.Config{Rewritten: true}, line(4, func(q packet, s *say) *say {
		if q.TTL > 3 {
			q.TOS = 0
			s.quote = datagram(t, q)
		}
		return s
	}))
	tr := w.make(trace.Config{Kind: probe.UDP, TOS: 0x48})
	w.run(tr)
	c := tr.Changes()
	if len(c) != 1 || c[0].TTL != 4 || c[0].After != 3 || !c[0].TOS || c[0].QuoteTOS != 0 || c[0].Translated() {
		t.Errorf("%+v", c)
	}
	if n := w.p.Counters(); n.Rewritten != 0 {
		t.Errorf("%+v", n)
	}
}
