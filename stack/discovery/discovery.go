// Package discovery is ICMP router discovery (RFC 1256): when a router
// advertises itself on a network, when a host asks for routers, and what it
// makes of the answers. It sends nothing itself: it says when, and a node
// sends.
package discovery

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/wire/icmp4"
)

// Constants of RFC 1256 §5.
const (
	defaultMax           = 600 * time.Second
	maxInitialAdverts    = 3
	maxInitialInterval   = 16 * time.Second
	maxResponseDelay     = 2 * time.Second
	maxSolicitations     = 3
	solicitationInterval = 3 * time.Second
	maxSolicitationDelay = time.Second
)

// The bounds of an advertisement's times (RFC 1256 §4.1).
const (
	leastMax     = 4 * time.Second
	mostMax      = 1800 * time.Second
	leastMin     = 3 * time.Second
	mostLifetime = 9000 * time.Second
)

// Advertise is what router advertisements say (RFC 1256 §4.1). The zero value is
// silent.
type Advertise struct {
	On         bool
	Max        time.Duration // between advertisements at most: 4 s to 1800 s; 0: 600 s
	Min        time.Duration // between advertisements at least: 3 s to Max; 0: three quarters of Max
	Lifetime   time.Duration // Max to 9000 s; 0: three times Max
	Preference int32         // the higher the better; [icmp4.NotDefault]: not as a default router
}

// Fill puts the defaults in and returns an error that names the field that is
// out of range.
func (a *Advertise) Fill() error {
	if !a.On {
		return nil
	}
	if a.Max == 0 {
		a.Max = defaultMax
	}
	if a.Min == 0 {
		a.Min = max(a.Max*3/4, leastMin)
	}
	if a.Lifetime == 0 {
		a.Lifetime = 3 * a.Max
	}
	switch {
	case a.Max < leastMax || a.Max > mostMax:
		return fmt.Errorf("Max: %v is not between %v and %v", a.Max, leastMax, mostMax)
	case a.Min < leastMin || a.Min > a.Max:
		return fmt.Errorf("Min: %v is not between %v and Max, %v", a.Min, leastMin, a.Max)
	case a.Lifetime < a.Max || a.Lifetime > mostLifetime:
		return fmt.Errorf("Lifetime: %v is not between Max, %v, and %v", a.Lifetime, a.Max, mostLifetime)
	}
	return nil
}

// between returns a random time between a and b.
func between(r *rand.Rand, a, b time.Duration) time.Duration {
	if b <= a {
		return a
	}
	return a + time.Duration(r.Int64N(int64(b-a)))
}

// Advertiser is when a router advertises itself next on one network. The zero
// value never does.
type Advertiser struct {
	a    Advertise
	due  time.Time // zero: never
	sent int
}

// Start begins to advertise, soon (RFC 1256 §4.2). a has been filled.
func (v *Advertiser) Start(now time.Time, a Advertise, r *rand.Rand) {
	if a.On {
		*v = Advertiser{a: a, due: now.Add(between(r, 0, maxResponseDelay))}
	}
}

// Deadline returns when the next advertisement is due; zero: never.
func (v *Advertiser) Deadline() time.Time { return v.due }

// Due reports whether an advertisement is to be sent now, and sets the time of
// the next: at random within the interval, the first three within 16 seconds.
func (v *Advertiser) Due(now time.Time, r *rand.Rand) bool {
	if v.due.IsZero() || now.Before(v.due) {
		return false
	}
	next := between(r, v.a.Min, v.a.Max)
	if v.sent < maxInitialAdverts {
		next = min(next, maxInitialInterval)
	}
	v.sent++
	v.due = now.Add(next)
	return true
}

// Solicited is told of a solicitation: the next advertisement comes within two
// seconds. It reports whether there is one to come.
func (v *Advertiser) Solicited(now time.Time, r *rand.Rand) bool {
	if v.due.IsZero() {
		return false
	}
	if soon := now.Add(between(r, 0, maxResponseDelay)); soon.Before(v.due) {
		v.due = soon
	}
	return true
}

// Lifetime and Preference are what the advertisement says.
func (v *Advertiser) Lifetime() time.Duration { return v.a.Lifetime }

// Preference returns how much the router wants to be the default.
func (v *Advertiser) Preference() int32 { return v.a.Preference }

// MaxRouters is how many advertised routers a host remembers.
const MaxRouters = 16

// Routers is what a host has heard, and when it asks. The zero value has heard
// nothing and does not ask.
type Routers struct {
	known []Router
	ask   time.Time // when to solicit next; zero: never
	asked int
}

// Router is a default router that a host has heard of.
type Router struct {
	Iface      int
	Addr       netip.Addr
	Preference int32
	Expires    time.Time
}

// Start begins to ask for routers (RFC 1256 §5.3).
func (s *Routers) Start(now time.Time, r *rand.Rand) {
	s.ask = now.Add(between(r, 0, maxSolicitationDelay))
}

// Deadline returns when to call [Routers.Due]; zero: never.
func (s *Routers) Deadline() time.Time {
	t := s.ask
	for _, k := range s.known {
		if t.IsZero() || k.Expires.Before(t) {
			t = k.Expires
		}
	}
	return t
}

// Due forgets routers whose time is over, and reports whether a solicitation is
// to be sent now: three at most, until a router is known.
func (s *Routers) Due(now time.Time) bool {
	kept := s.known[:0]
	for _, k := range s.known {
		if now.Before(k.Expires) {
			kept = append(kept, k)
		}
	}
	s.known = kept
	if s.ask.IsZero() || now.Before(s.ask) {
		return false
	}
	s.ask = time.Time{}
	if len(s.known) > 0 || s.asked == maxSolicitations {
		return false
	}
	s.asked++
	s.ask = now.Add(solicitationInterval)
	return true
}

// Heard takes an advertisement that came by an interface (RFC 1256 §5.1) and
// returns how many routers it has taught. onLink reports whether an address is
// on a network of that interface; others are not believed.
func (s *Routers) Heard(now time.Time, iface int, m icmp4.RouterAdvertisement, onLink func(netip.Addr) bool) int {
	n := 0
	for e := range m.Routers() {
		if e.Preference == icmp4.NotDefault || m.Lifetime == 0 {
			s.forget(iface, e.Addr)
			continue
		}
		if !onLink(e.Addr) {
			continue
		}
		if s.learn(Router{iface, e.Addr, e.Preference, now.Add(m.Lifetime)}) {
			n++
		}
	}
	return n
}

// forget takes a router out that is none any more, or not by default.
func (s *Routers) forget(iface int, a netip.Addr) {
	s.known = slices.DeleteFunc(s.known, func(k Router) bool { return k.Iface == iface && k.Addr == a })
}

func (s *Routers) learn(r Router) bool {
	for i := range s.known {
		if k := &s.known[i]; k.Iface == r.Iface && k.Addr == r.Addr {
			*k = r
			return true
		}
	}
	if len(s.known) == MaxRouters {
		return false
	}
	s.known = append(s.known, r)
	return true
}

// Best returns the router with the highest preference, the first heard of
// among equals.
func (s *Routers) Best() (best Router, ok bool) {
	for _, k := range s.known {
		if !ok || k.Preference > best.Preference {
			best, ok = k, true
		}
	}
	return best, ok
}
