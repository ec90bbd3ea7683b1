package forgery_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

const (
	host, gateway, better, far = "10.0.0.5", "10.0.0.1", "10.0.0.2", "198.51.100.9"
)

// says reports whether the finding states these facts, and none of the others.
func says(f *finding.Finding, of []finding.FactName, want ...finding.FactName) bool {
	return !slices.ContainsFunc(of, func(n finding.FactName) bool { return f.Has(n) != slices.Contains(want, n) })
}

var redirectFacts = []finding.FactName{
	finding.FactUnseen, finding.FactNotItsOwn, finding.FactOffLink, finding.FactNamesItself, finding.FactForwarded, finding.FactNotFirstHop,
}

type redirect struct {
	from, to, gateway string
	src               string // of the quoted datagram
	unseen            bool
	ttl               ip.TTL
}

func (r redirect) writer() *traffic.Writer {
	w := &traffic.Writer{}
	quote := w.UDP(r.src, far, 1000, 53, 9)
	if r.unseen {
		w.All = nil
	}
	w.Wait(time.Millisecond)
	w.TTL = r.ttl
	w.ICMP(r.from, r.to, icmp4.Redirect{Code: icmp4.CodeRedirectHost, Gateway: traffic.Addr(r.gateway), Quote: quote[:28]})
	return w
}

func TestRedirect(t *testing.T) {
	good := redirect{from: gateway, to: host, gateway: better, src: host, ttl: 64}
	with := func(f func(r *redirect)) redirect { r := good; f(&r); return r }
	for name, tt := range map[string]struct {
		r    redirect
		c    detect.Config
		want []finding.FactName
		sev  finding.Severity
	}{
		"as it should be":   {r: good},
		"unseen":            {r: with(func(r *redirect) { r.unseen = true }), want: []finding.FactName{finding.FactUnseen}, sev: finding.Warning},
		"not its own":       {r: with(func(r *redirect) { r.src = "10.0.0.6" }), want: []finding.FactName{finding.FactNotItsOwn}, sev: finding.Alarm},
		"the same 16 bits":  {r: with(func(r *redirect) { r.gateway = "10.0.255.2" })},
		"the first 8 bits":  {r: with(func(r *redirect) { r.gateway = "10.1.0.2" }), want: []finding.FactName{finding.FactOffLink}, sev: finding.Alarm},
		"the second 8 bits": {r: with(func(r *redirect) { r.gateway = "11.0.0.2" }), want: []finding.FactName{finding.FactOffLink}, sev: finding.Alarm},
		"names the host":    {r: with(func(r *redirect) { r.gateway = host }), want: []finding.FactName{finding.FactNamesItself}, sev: finding.Alarm},
		"names itself":      {r: with(func(r *redirect) { r.gateway = gateway }), want: []finding.FactName{finding.FactNamesItself}, sev: finding.Alarm},
		"two of them": {
			r:    with(func(r *redirect) { r.unseen, r.gateway = true, gateway }),
			want: []finding.FactName{finding.FactUnseen, finding.FactNamesItself}, sev: finding.Alarm,
		},
		"in the network": {r: with(func(r *redirect) { r.gateway = "10.1.0.2" }), c: networks("10.0.0.0/8")},
		"not in the network": {
			r: with(func(r *redirect) { r.gateway = "10.0.1.2" }), c: networks("10.9.0.0/24", "10.0.0.0/24"),
			want: []finding.FactName{finding.FactOffLink}, sev: finding.Alarm,
		},
		"in no network that is known": {r: good, c: networks("10.9.0.0/24")},
	} {
		t.Run(name, func(t *testing.T) {
			f := traffic.One(t, tt.c, tt.r.writer(), finding.SuspiciousRedirect)
			if f == nil || tt.want == nil {
				if f != nil || tt.want != nil {
					t.Fatalf("%+v", f)
				}
				return
			}
			if !says(f, redirectFacts, tt.want...) || f.Severity != tt.sev || f.Count != 1 || f.From.String() != gateway || f.To.String() != host ||
				!slices.Equal(f.Addresses, []netip.Addr{traffic.Addr(tt.r.gateway)}) {
				t.Errorf("%+v", f)
			}
			for _, x := range f.Facts {
				if x.Name == finding.FactGateway && x.Addr.String() != tt.r.gateway || x.Name == finding.FactQuoted && x.Text != "UDP "+tt.r.src+":1000 → "+far+":53" {
					t.Errorf("%+v", x)
				}
			}
		})
	}
}

// TestRedirectFirstHop: it comes in a frame of the gateway that the host sends by,
// but that several routers may stand behind.
func TestRedirectFirstHop(t *testing.T) {
	hop, other, virtual := [6]byte{2, 0, 0, 0, 0, 1}, [6]byte{2, 0, 0, 0, 0, 2}, [6]byte{0, 0, 0x5e, 0, 1, 7}
	for name, tt := range map[string]struct {
		to, from [6]byte
		want     bool
	}{
		"the gateway":      {hop, hop, false},
		"somebody else":    {hop, other, true},
		"a virtual router": {virtual, other, false},
		"to a virtual one": {other, virtual, true},
		"unknown":          {[6]byte{}, other, false},
	} {
		w := &traffic.Writer{SrcMAC: [6]byte{2, 0, 0, 0, 0, 9}, DstMAC: tt.to}
		quote := w.UDP(host, far, 1000, 53, 9)
		w.Wait(time.Millisecond)
		w.SrcMAC, w.DstMAC = tt.from, [6]byte{2, 0, 0, 0, 0, 9}
		w.ICMP(gateway, host, icmp4.Redirect{Code: icmp4.CodeRedirectHost, Gateway: traffic.Addr(better), Quote: quote[:28]})
		f := traffic.One(t, detect.Config{}, w, finding.SuspiciousRedirect)
		if (f != nil) != tt.want || f != nil && !says(f, redirectFacts, finding.FactNotFirstHop) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func networks(all ...string) (c detect.Config) {
	for _, p := range all {
		c.Redirect.Networks = append(c.Redirect.Networks, netip.MustParsePrefix(p))
	}
	return c
}

// TestRedirectTTL: what was sent on the link has a time to live that systems begin
// with.
func TestRedirectTTL(t *testing.T) {
	r := redirect{from: gateway, to: host, gateway: better, src: host}
	for ttl := ip.TTL(1); ttl > 0; ttl++ {
		r.ttl = ttl
		f := traffic.One(t, detect.Config{}, r.writer(), finding.SuspiciousRedirect)
		if begins := ttl == 32 || ttl == 64 || ttl == 128 || ttl == 255; (f == nil) != begins {
			t.Errorf("%d: %+v", ttl, f)
		}
	}
}

// TestRedirect6: a quote is held to the host's own datagrams in IPv6, too.
func TestRedirect6(t *testing.T) {
	option := func(quote []byte) []byte {
		b := append([]byte{4, 0, 0, 0, 0, 0, 0, 0}, quote...)
		for len(b)%8 != 0 {
			b = append(b, 0)
		}
		b[1] = byte(len(b) / 8)
		return b
	}
	for _, tt := range []struct {
		src    string
		unseen bool
		want   []finding.FactName
	}{
		{"fe80::5", false, nil},
		{"fe80::5", true, []finding.FactName{finding.FactUnseen}},
		{"fe80::6", false, []finding.FactName{finding.FactNotItsOwn}},
	} {
		w := &traffic.Writer{TTL: 255}
		quote := w.UDP(tt.src, "2001:db8::9", 1000, 53, 9)
		if tt.unseen {
			w.All = nil
		}
		w.ICMP6("fe80::1", "fe80::5", icmp6.Redirect{Target: traffic.Addr("fe80::2"), Dst: traffic.Addr("2001:db8::9"), Options: option(quote)})
		f := traffic.One(t, detect.Config{}, w, finding.SuspiciousRedirect)
		if f == nil != (tt.want == nil) || f != nil && (!says(f, redirectFacts, tt.want...) || !f.Has(finding.FactQuoted)) {
			t.Errorf("%+v: %+v", tt, f)
		}
	}
}

// TestFloodOfRedirects counts those to one host within ten seconds.
func TestFloodOfRedirects(t *testing.T) {
	flood := func(n int, every time.Duration, hosts ...string) *traffic.Writer {
		w := &traffic.Writer{}
		for i := range n {
			to := hosts[i%len(hosts)]
			q := w.UDP(to, far, 1000, 53, i)
			w.ICMP(gateway, to, icmp4.Redirect{Gateway: traffic.Addr(better), Quote: q[:28]})
			w.Wait(every)
		}
		return w
	}
	c := detect.Config{}
	c.Redirect.Flood = 5
	f := traffic.One(t, c, flood(6, time.Second, host), finding.RedirectFlood)
	if f == nil || f.Severity != finding.Warning || f.Count != 6 || f.Packets[0] != 2 || f.Start != traffic.Epoch || f.Rate < 1.1 || f.Rate > 1.3 ||
		f.To.String() != host || f.From.String() != gateway {
		t.Errorf("%+v", f)
	}
	for name, w := range map[string]*traffic.Writer{
		"four":       flood(4, time.Second, host),
		"slowly":     flood(20, 2500*time.Millisecond, host),
		"to several": flood(8, time.Second, host, "10.0.0.6"),
	} {
		if f := traffic.One(t, c, w, finding.RedirectFlood); f != nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if f := traffic.One(t, c, flood(5, 0, host), finding.RedirectFlood); f == nil || f.Rate != 5 || f.Count != 5 {
		t.Errorf("at once: %+v", f)
	}
}
