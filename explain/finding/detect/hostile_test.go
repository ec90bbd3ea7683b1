package detect_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// IPv6 does not count its header in the length of a datagram (RFC 8200 §4.5).
func TestTheLongestOfIPv6IsNoPingOfDeath(t *testing.T) {
	for n, want := range map[int][]finding.Kind{65508: nil, 65535: nil, 65536: {finding.PingOfDeath}} {
		var w traffic.Writer
		for at := 0; at < n; at += 1232 {
			more := at+1232 < n
			h := []byte{byte(ip.ProtoICMPv6), 0, byte(at >> 8), byte(at & 0xf8), 0, 0, 0, 7}
			if more {
				h[3] |= 1
			}
			w.IP("2001:db8::1", "2001:db8::2", ip.ProtoFragment, append(h, make([]byte, min(1232, n-at))...))
		}
		t.Run("", func(t *testing.T) { expect(t, &w, want...) })
	}
}

// Hosts follow redirects that quote nothing (RFC 4861 §4.5: the option is one).
func TestRedirectWithoutAQuote(t *testing.T) {
	redirect := func(from, target, dst string, ttl ip.TTL) *traffic.Writer {
		w := &traffic.Writer{TTL: ttl}
		w.ICMP6(from, "fe80::5", icmp6.Redirect{Target: traffic.Addr(target), Dst: traffic.Addr(dst)})
		return w
	}
	f := expect(t, redirect("fe80::66", "2001:db8::66", "2001:db8:9::1", 255), finding.SuspiciousRedirect)[0]
	if !f.Has(finding.FactOffLink) || f.Has(finding.FactForwarded) || f.Has(finding.FactQuoted) || f.From.String() != "fe80::66" {
		t.Errorf("%+v", f)
	}
	f = expect(t, redirect("fe80::66", "fe80::2", "2001:db8:9::1", 254), finding.SuspiciousRedirect)[0]
	if !f.Has(finding.FactForwarded) || f.Has(finding.FactOffLink) {
		t.Errorf("%+v", f)
	}
	expect(t, redirect("fe80::1", "fe80::2", "2001:db8:9::1", 255))
	expect(t, redirect("fe80::1", "2001:db8::7", "2001:db8::7", 255)) // a neighbour
}

// One packet with a time that is far ahead changes nothing for the others.
func TestOneWrongTime(t *testing.T) {
	var w traffic.Writer
	for i := range 60 {
		w.Ping("10.0.0.1", "10.0.0.2", 1, uint16(i), traffic.Data(56), 20*time.Millisecond) //nolint:gosec // few
		w.Wait(100 * time.Millisecond)
		if i == 10 {
			w.UDP("10.0.0.8", "10.0.0.9", 1, 2, 3)
			w.All[len(w.All)-1].Time = time.Date(2106, 2, 7, 0, 0, 0, 0, time.UTC)
		}
	}
	if found := traffic.Find(detect.Config{}, w.All); len(found) != 0 {
		t.Errorf("%v", kindsOf(found))
	}
}
