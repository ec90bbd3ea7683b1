package forgery

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// RedirectConfig says which redirects are suspicious. Zeros stand for the values
// in brackets.
type RedirectConfig struct {
	Flood int // redirects to one host within ten seconds [30]; gateways limit theirs
	// Networks are the prefixes of the link. Where one is of the host, the
	// gateway has to be in it. Without: gateway and host have to have the first 16
	// bits in common.
	Networks []netip.Prefix
	Size     int // of the table [1024]
}

// Redirect finds redirects that did not come as the host's own gateway would
// send them (RFC 1122 §3.2.2.2, RFC 4861 §8.1), and floods of them.
type Redirect struct {
	c      RedirectConfig
	report *finding.Report
	hosts  *table.Table[finding.Window]
}

// NewRedirect returns the detector.
func NewRedirect(c RedirectConfig, seed uint64, r *finding.Report) *Redirect {
	c.Flood, c.Size = finding.Or(c.Flood, 30), finding.Or(c.Size, 1024)
	return &Redirect{c, r, table.New[finding.Window](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Redirect) Interest() finding.Interest { return finding.Errors | finding.Messages }

// Tick implements [finding.Detector].
func (*Redirect) Tick(time.Time, bool) {}

// Observe implements [finding.Detector].
func (d *Redirect) Observe(s *conversation.Seen) {
	v6 := s.Header.Version == 6
	if v6 && icmp6.Type(s.Type) != icmp6.TypeRedirect || !v6 && icmp4.Type(s.Type) != icmp4.TypeRedirect {
		return
	}
	// Hosts ignore what quotes nothing, but in IPv6 (RFC 4861 §4.5).
	if !s.HasQuote && !(v6 && s.Gateway.IsValid()) {
		return
	}
	d.flood(s)
	facts := d.judge(s)
	if len(facts) == 0 {
		return
	}
	key := table.Pair(s.SrcAddr, s.DstAddr, 0)
	sev := finding.Alarm
	if len(facts) == 1 && facts[0] == finding.FactUnseen {
		sev = finding.Warning
	}
	f := d.report.Found(s, finding.SuspiciousRedirect, sev, key)
	if f == nil {
		return
	}
	for _, name := range facts {
		f.Say(name)
	}
	f.SayAddr(finding.FactGateway, s.Gateway)
	if s.HasQuote {
		f.SayText(finding.FactQuoted, about(&s.Quote))
	}
	f.Involve(s.Gateway)
}

func (d *Redirect) flood(s *conversation.Seen) {
	key := table.One(s.DstAddr, 0)
	w, _ := d.hosts.Put(&key)
	w.Add(s, 10*time.Second)
	if w.N < d.c.Flood {
		return
	}
	if f := d.report.Found(s, finding.RedirectFlood, finding.Warning, key); f != nil {
		if w.N == d.c.Flood {
			f.Begin(w.First, w.N-1)
		}
		f.Rate = max(f.Rate, float64(w.N)/max(s.Time.Sub(w.Start).Seconds(), 1))
	}
}

// judge returns what is wrong with a redirect.
func (d *Redirect) judge(s *conversation.Seen) (facts []finding.FactName) {
	h, q := &s.Header, &s.Quote
	say := func(wrong bool, name finding.FactName) {
		if wrong {
			facts = append(facts, name)
		}
	}
	say(s.Relation == conversation.Orphan, finding.FactUnseen)
	say(s.HasQuote && q.Src != h.Dst, finding.FactNotItsOwn)
	direct := h.Version == 6 && s.Gateway == s.Target // the destination is a neighbour
	say(!direct && !d.onLink(s.Gateway, h.Dst), finding.FactOffLink)
	say(s.Gateway == h.Dst || s.Gateway == h.Src, finding.FactNamesItself)
	if h.Version == 6 {
		say(h.TTL != 255, finding.FactForwarded)
	} else {
		say(!initial(uint8(h.TTL)), finding.FactForwarded)
	}
	if s.HasMAC && s.Flow != nil && s.Relation == conversation.Caused {
		hop := s.Flow.NextHop[s.From]
		say(hop != ([6]byte{}) && hop != s.SrcMAC && !finding.Virtual(hop), finding.FactNotFirstHop)
	}
	return facts
}

// initial reports whether a time to live is one that systems begin with: what is
// sent on the link has one.
func initial(ttl uint8) bool { return ttl == 255 || ttl == 128 || ttl == 64 || ttl == 32 }

func (d *Redirect) onLink(gateway, host netip.Addr) bool {
	if gateway.Is6() {
		return gateway.IsLinkLocalUnicast()
	}
	for _, p := range d.c.Networks {
		if p.Contains(host) {
			return p.Contains(gateway)
		}
	}
	a, b := gateway.As4(), host.As4()
	return a[0] == b[0] && a[1] == b[1]
}
