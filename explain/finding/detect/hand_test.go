package detect_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

func expect(t *testing.T, w *traffic.Writer, want ...finding.Kind) []*finding.Finding {
	t.Helper()
	found := traffic.Find(detect.Config{}, w.All)
	if got := kindsOf(found); !slices.Equal(got, want) {
		t.Fatalf("found %v, want %v", got, want)
	}
	return found
}

func mac(n byte) [6]byte { return [6]byte{2, 0, 0, 0, 0, n} }

func TestDuplicateAddressByFrames(t *testing.T) {
	owners := func(macs ...byte) *traffic.Writer {
		w := &traffic.Writer{}
		for i, m := range macs {
			w.SrcMAC = mac(m)
			w.Ping("10.0.0.1", "10.0.0.2", 1, uint16(i), nil, 0) //nolint:gosec // few
			w.All = w.All[:len(w.All)-1]
			w.Wait(time.Second)
		}
		return w
	}
	f := expect(t, owners(1, 1, 2, 1, 2), finding.DuplicateAddress)[0]
	if f.From.String() != "10.0.0.1" || !f.Has(finding.FactMACs) || !slices.Contains(f.Packets, 4) {
		t.Errorf("%+v", f)
	}
	expect(t, owners(1, 1, 2, 2, 2))       // replaced
	expect(t, owners(1, 2, 3, 4, 5, 6, 7)) // moves on
	w := owners(1, 2, 1, 2)
	for i := range w.All {
		w.All[i].Octets[8] = 60 // from behind routers
		ip.Seal4(w.All[i].Octets)
	}
	expect(t, w)
}

func TestDuplicateAddressDetection(t *testing.T) {
	answered := func(after time.Duration, to string) *traffic.Writer {
		w := &traffic.Writer{TTL: 255}
		w.ICMP6("::", "ff02::1:ff00:7", icmp6.NeighborSolicitation{Target: traffic.Addr("fe80::7")})
		w.Wait(after)
		w.ICMP6("fe80::7", to, icmp6.NeighborAdvertisement{Flags: 0x20, Target: traffic.Addr("fe80::7")})
		return w
	}
	f := expect(t, answered(10*time.Millisecond, "ff02::1"), finding.DuplicateAddress)[0]
	if !f.Has(finding.FactDAD) || f.From.String() != "fe80::7" || f.Count != 2 {
		t.Errorf("%+v", f)
	}
	expect(t, answered(1100*time.Millisecond, "ff02::1")) // its own announcement
	expect(t, answered(10*time.Millisecond, "fe80::1"))
}

func redirects(n int) *traffic.Writer {
	w := &traffic.Writer{}
	for i := range n {
		sent := w.UDP("10.0.0.5", "10.9.0.1", 1000, 53, i)
		w.Wait(time.Millisecond)
		w.ICMP("10.0.0.1", "10.0.0.5", icmp4.Redirect{Code: icmp4.CodeRedirectHost, Gateway: traffic.Addr("10.0.0.2"), Quote: sent[:28]})
		w.Wait(100 * time.Millisecond)
	}
	return w
}

func TestRedirectFlood(t *testing.T) {
	f := expect(t, redirects(30), finding.RedirectFlood)[0]
	if f.Count != 30 || f.Packets[0] != 2 || f.Rate < 9 || f.Rate > 11 {
		t.Errorf("%+v", f)
	}
	expect(t, redirects(29))
}

func TestRedirectFromAnotherFrame(t *testing.T) {
	for _, from := range []byte{1, 9} {
		w := &traffic.Writer{SrcMAC: mac(5), DstMAC: mac(1)}
		sent := w.UDP("10.0.0.5", "10.9.0.1", 1000, 53, 9)
		w.SrcMAC, w.DstMAC = mac(from), mac(5)
		w.ICMP("10.0.0.1", "10.0.0.5", icmp4.Redirect{Code: icmp4.CodeRedirectHost, Gateway: traffic.Addr("10.0.0.2"), Quote: sent[:28]})
		if from == 1 {
			expect(t, w)
			continue
		}
		if f := expect(t, w, finding.SuspiciousRedirect)[0]; !f.Has(finding.FactNotFirstHop) {
			t.Errorf("%+v", f)
		}
	}
}

// mtr asks six hops n times; those of hop silent answer share percent.
func mtr(n, silent, share int, all bool) *traffic.Writer {
	w := &traffic.Writer{}
	for i := range n {
		for ttl := 1; ttl <= 6; ttl++ {
			w.TTL = ip.TTL(ttl)                                                                      //nolint:gosec // few
			probe := w.Echo("10.0.0.5", "198.51.100.1", false, 7, uint16(i*6+ttl), make([]byte, 20)) //nolint:gosec // few
			w.Wait(10 * time.Millisecond)
			if (ttl == silent || all && ttl > silent) && i%100 >= share {
				continue
			}
			w.TTL = 60
			if ttl == 6 {
				w.Echo("198.51.100.1", "10.0.0.5", true, 7, uint16(i*6+ttl), make([]byte, 20)) //nolint:gosec // few
				continue
			}
			quoted := slices.Clone(probe)
			quoted[8] = 1
			ip.Seal4(quoted)
			w.ICMP(fmt.Sprintf("10.%d.0.1", ttl), "10.0.0.5", icmp4.TimeExceeded{Quote: quoted})
		}
		w.Wait(time.Second)
	}
	return w
}

func TestRateLimitedHop(t *testing.T) {
	f := expect(t, mtr(100, 3, 50, false), finding.RateLimitedHop)[0]
	if f.Number(finding.FactHop) != 3 || f.Addresses[0].String() != "10.3.0.1" || f.To.String() != "198.51.100.1" {
		t.Errorf("%+v", f)
	}
	expect(t, mtr(100, 3, 0, false))   // silent altogether
	expect(t, mtr(100, 3, 100, false)) // all answer
	expect(t, mtr(100, 3, 50, true))   // loss from there on
}

// stream is a connection whose segments of n octets are sent so many times.
func stream(n, times int, acked bool, tell func(w *traffic.Writer, big []byte)) *traffic.Writer {
	w := &traffic.Writer{DF: true}
	up := transport.TCP{SrcPort: 4000, DstPort: 80, Seq: 100, Flags: transport.SYN}
	w.TCP("10.0.0.1", "10.0.0.2", up, 0)
	down := transport.TCP{SrcPort: 80, DstPort: 4000, Seq: 900, Ack: 101, Flags: transport.SYN | transport.ACK}
	w.TCP("10.0.0.2", "10.0.0.1", down, 0)
	up.Flags, up.Seq, up.Ack = transport.ACK, 101, 901
	w.TCP("10.0.0.1", "10.0.0.2", up, 0)
	down.Flags, down.Seq = transport.ACK, 901
	if acked {
		w.TCP("10.0.0.1", "10.0.0.2", up, n)
		up.Seq += uint32(n) //nolint:gosec // few
		down.Ack = up.Seq
		w.TCP("10.0.0.2", "10.0.0.1", down, 0)
	}
	for range times {
		w.Wait(2 * time.Second)
		big := w.TCP("10.0.0.1", "10.0.0.2", up, n)
		if tell != nil {
			tell(w, big)
			tell = nil
		}
	}
	return w
}

func TestBlackHoleOfTCP(t *testing.T) {
	f := expect(t, stream(1400, 4, false, nil), finding.MTUBlackHole)[0]
	if f.Number(finding.FactLength) != 1440 || f.Number(finding.FactRetransmitted) != 4 || f.Count != 3 {
		t.Errorf("%+v", f)
	}
	expect(t, stream(1400, 3, false, nil)) // not often enough
	expect(t, stream(900, 9, false, nil))  // not large
	expect(t, stream(1400, 9, true, nil))  // large ones did arrive
	told := func(w *traffic.Writer, big []byte) {
		w.ICMP("10.0.0.9", "10.0.0.1", icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1300, Quote: big[:28]})
	}
	if f := expect(t, stream(1400, 5, false, told), finding.MTUBlackHole)[0]; !f.Has(finding.FactIgnored) || f.Number(finding.FactMTU) != 1300 {
		t.Errorf("%+v", f)
	}
}
