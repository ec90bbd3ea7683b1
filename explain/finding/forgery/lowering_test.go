package forgery_test

import (
	"testing"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestLoweringAlone: what the report itself shows, about a datagram that was seen.
func TestLoweringAlone(t *testing.T) {
	facts := []finding.FactName{finding.FactTooLow, finding.FactFits, finding.FactNoDF, finding.FactUnseen, finding.FactNeverLarge, finding.FactOutOfWindow}
	for _, tt := range []struct {
		mtu, sent uint16
		df        bool
		want      []finding.FactName
	}{
		{576, 1500, true, nil},
		{575, 1500, true, []finding.FactName{finding.FactTooLow}},
		{1, 1500, true, []finding.FactName{finding.FactTooLow}},
		{0, 1500, true, nil},
		{1499, 1500, true, nil},
		{1500, 1500, true, []finding.FactName{finding.FactFits}},
		{1500, 1400, false, []finding.FactName{finding.FactFits, finding.FactNoDF}},
		{1400, 1500, false, []finding.FactName{finding.FactNoDF}},
		{0, 1500, false, []finding.FactName{finding.FactNoDF}},
	} {
		w := &traffic.Writer{DF: tt.df}
		q := w.UDP(host, far, 5, 6, int(tt.sent)-28)
		w.ICMP(gateway, host, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: tt.mtu, Quote: q[:28]})
		f := traffic.One(t, detect.Config{}, w, finding.MTULowered)
		if f == nil != (tt.want == nil) || f != nil && (!says(f, facts, tt.want...) || f.Number(finding.FactMTU) != float64(tt.mtu)) {
			t.Errorf("%+v: %+v", tt, f)
		}
	}
	// Other errors tell of no size.
	w := &traffic.Writer{}
	q := w.UDP(host, far, 5, 6, 1400)
	w.ICMP(gateway, host, icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: q[:28]})
	w.ICMP(gateway, host, icmp4.TimeExceeded{Code: 4, Quote: q[:28]})
	if f := traffic.One(t, detect.Config{}, w, finding.MTULowered); f != nil {
		t.Errorf("%+v", f)
	}
}

func TestLowering6(t *testing.T) {
	for _, tt := range []struct {
		mtu    uint32
		unseen bool
		want   finding.FactName
	}{
		{1280, false, 0},
		{1279, false, finding.FactTooLow},
		{1447, false, 0},
		{1448, false, finding.FactFits},
		{1400, true, finding.FactUnseen},
	} {
		w := &traffic.Writer{}
		if tt.unseen {
			w.UDP("2001:db8::1", "2001:db8::3", 5, 6, 7)
		}
		q := w.UDP("2001:db8::1", "2001:db8::2", 5, 6, 1400)
		if tt.unseen {
			w.All = w.All[:1]
		}
		w.ICMP6("2001:db8::9", "2001:db8::1", icmp6.PacketTooBig{MTU: tt.mtu, Quote: q[:1200]})
		w.ICMP6("2001:db8::9", "2001:db8::1", icmp6.DestUnreachable{Quote: q[:1200]})
		f := traffic.One(t, detect.Config{}, w, finding.MTULowered)
		if (f != nil) != (tt.want != 0) || f != nil && (!f.Has(tt.want) || f.Count != 1) {
			t.Errorf("%+v: %+v", tt, f)
		}
	}
}

// TestFirstHop: the frame of a redirect comes from where those of the datagram
// went, as far as both are known.
func TestFirstHop(t *testing.T) {
	mac := func(n byte) [6]byte { return [6]byte{2, 0, 0, 0, 0, n} }
	for _, tt := range []struct {
		hop, from [6]byte
		other     bool // another datagram of the flow is quoted
		want      bool
	}{
		{mac(1), mac(1), false, false},
		{mac(1), mac(9), false, true},
		{[6]byte{}, mac(9), false, false},
		{mac(1), [6]byte{}, false, false},
		{mac(1), mac(9), true, false},
	} {
		w := &traffic.Writer{SrcMAC: mac(5), DstMAC: tt.hop}
		q := w.UDP(host, far, 1000, 53, 9)
		if tt.other {
			q = append([]byte(nil), q...)
			q[5]++
			ip.Seal4(q)
		}
		w.SrcMAC, w.DstMAC = tt.from, mac(5)
		w.ICMP(gateway, host, icmp4.Redirect{Gateway: traffic.Addr(better), Quote: q[:28]})
		f := traffic.One(t, detect.Config{}, w, finding.SuspiciousRedirect)
		if (f != nil) != tt.want || f != nil && !says(f, redirectFacts, finding.FactNotFirstHop) {
			t.Errorf("%+v: %+v", tt, f)
		}
	}
}
