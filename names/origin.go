package names

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Zones of the origin service of Team Cymru, which tells from the routing
// tables of the internet who announces an address.
const (
	zone4  = "origin.asn.cymru.com"
	zone6  = "origin6.asn.cymru.com"
	zoneAS = "asn.cymru.com"
)

// Origin tells owners by the origin.asn DNS service. It is asked about public
// addresses only ([Public]); others are unknown without a question. The zero
// Origin asks through the system's resolver. Its methods may be called
// concurrently; it must not be copied once used.
type Origin struct {
	Resolver Resolver // nil: the system's

	mu   sync.Mutex
	orgs map[uint32]organisation // by autonomous system, maxOrgs at most
}

type organisation struct{ name, country string }

// maxOrgs is how many names of autonomous systems are remembered.
const maxOrgs = 4096

// Owner implements [Owners]: whoever announces the longest prefix that holds the
// address. Of several autonomous systems that announce it, it is the first. When
// the system's name cannot be had, the rest is returned without it.
func (o *Origin) Owner(ctx context.Context, a netip.Addr) (Owner, error) {
	a = a.Unmap().WithZone("")
	if !Public(a) {
		return Owner{}, ErrUnknown
	}
	texts, err := o.resolver().LookupTXT(ctx, originName(a))
	if err != nil {
		return Owner{}, failed("owner of "+a.String(), err)
	}
	var best Owner
	found := false
	for _, s := range texts {
		w, ok := parseOrigin(s)
		if ok && w.Prefix.Contains(a) && (!found || w.Prefix.Bits() > best.Prefix.Bits()) {
			best, found = w, true
		}
	}
	if !found {
		return Owner{}, fmt.Errorf("names: owner of %v: %s answers what is no origin", a, zoneAS)
	}
	org := o.organisation(ctx, best.ASN)
	best.Organisation = org.name
	if best.Country == "" {
		best.Country = org.country
	}
	return best, nil
}

func (o *Origin) resolver() Resolver { return DNS{o.Resolver}.resolver() }

// organisation returns who an autonomous system is.
func (o *Origin) organisation(ctx context.Context, asn uint32) organisation {
	o.mu.Lock()
	org, ok := o.orgs[asn]
	o.mu.Unlock()
	if ok {
		return org
	}
	texts, err := o.resolver().LookupTXT(ctx, "AS"+strconv.FormatUint(uint64(asn), 10)+"."+zoneAS)
	for _, s := range texts {
		if org, ok = parseSystem(s, asn); ok {
			break
		}
	}
	if err != nil && !errors.Is(failed("", err), ErrUnknown) {
		return organisation{} // not to be remembered
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.orgs == nil || len(o.orgs) >= maxOrgs {
		o.orgs = make(map[uint32]organisation)
	}
	o.orgs[asn] = org
	return org
}

// originName is the name that stands for an address.
func originName(a netip.Addr) string {
	if a.Is4() {
		return digits(a) + "." + zone4
	}
	return digits(a) + "." + zone6
}

// digits is an address as it stands in names: its octets in decimal, or its half
// octets in hexadecimal, the last one first, a dot between them.
func digits(a netip.Addr) string {
	if a.Is4() {
		x := a.As4()
		return fmt.Sprintf("%d.%d.%d.%d", x[3], x[2], x[1], x[0])
	}
	x := a.As16()
	all := strings.Split(hex.EncodeToString(x[:]), "")
	slices.Reverse(all)
	return strings.Join(all, ".")
}

// columns splits an answer: its columns stand between bars.
func columns(s string) []string {
	c := strings.Split(s, "|")
	for i := range c {
		c[i] = strings.TrimSpace(c[i])
	}
	return c
}

// parseOrigin reads "3 | 18.0.0.0/8 | US | arin | 1994-01-01".
func parseOrigin(s string) (Owner, bool) {
	c := columns(s)
	if len(c) < 3 {
		return Owner{}, false
	}
	first, _, _ := strings.Cut(c[0], " ")
	asn, err := strconv.ParseUint(first, 10, 32)
	p, perr := netip.ParsePrefix(c[1])
	if err != nil || perr != nil {
		return Owner{}, false
	}
	return Owner{ASN: uint32(asn), Prefix: p.Masked(), Country: cleanCountry(c[2])}, true
}

// parseSystem reads "3 | US | arin | 1994-01-01 | MIT-GATEWAYS - Massachusetts
// Institute of Technology, US".
func parseSystem(s string, asn uint32) (organisation, bool) {
	c := columns(s)
	if len(c) < 5 || c[0] != strconv.FormatUint(uint64(asn), 10) {
		return organisation{}, false
	}
	name := strings.Join(c[4:], " | ")
	if i := strings.LastIndex(name, ", "); i >= 0 && cleanCountry(name[i+2:]) != "" && len(name) == i+4 {
		name = name[:i]
	}
	return organisation{name: cleanText(name), country: cleanCountry(c[1])}, true
}
