package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sonde-net/sonde/lab/topology"
)

// Place is where an outside party stands in a topology: on a link, with an
// address there.
type Place struct {
	Link string
	Addr netip.Prefix
	Via  netip.Addr // the first gateway there; the zero Addr: there is none
	// Networks are the networks of the topology that are not those of the link,
	// IPv4 before IPv6, none inside another.
	Networks []netip.Prefix
}

// FindPlace finds the place of an outside party. Without a link it is the first
// that the topology gives to outside parties, and without an address the first
// that it gives to them there; the errors say what is to be chosen from.
func FindPlace(t *topology.Topology, link string, addr netip.Prefix) (Place, error) {
	if link == "" {
		i := slices.IndexFunc(t.Links, func(l topology.Link) bool { return len(l.Outside) > 0 })
		if i < 0 {
			return Place{}, fmt.Errorf("lab: the topology has no place for outsiders: name a link and an address; there are %s", strings.Join(linkNames(t), ", "))
		}
		link = t.Links[i].Name
	}
	l := t.Link(link)
	if l == nil {
		return Place{}, fmt.Errorf("lab: there is no link %q; there are %s", link, strings.Join(linkNames(t), ", "))
	}
	p := Place{Link: link, Addr: addr}
	if !addr.IsValid() {
		if len(l.Outside) == 0 {
			return Place{}, fmt.Errorf("lab: the topology has no address for outsiders on link %s: give one", link)
		}
		p.Addr = l.Outside[0]
	}
	p.find(t)
	return p, nil
}

func linkNames(t *topology.Topology) []string {
	var names []string
	for i := range t.Links {
		names = append(names, t.Links[i].Name)
	}
	return names
}

// find fills in the gateway and the networks.
func (p *Place) find(t *topology.Topology) {
	here := p.Addr.Masked()
	for i := range t.Nodes {
		for j := range t.Nodes[i].Interfaces {
			f := &t.Nodes[i].Interfaces[j]
			for _, a := range f.Addrs() {
				if f.Link == p.Link && t.Nodes[i].Gateway() && !p.Via.IsValid() && here.Contains(a.Addr()) {
					p.Via = a.Addr()
				}
				if n := a.Masked(); !n.Overlaps(here) {
					p.Networks = append(p.Networks, n)
				}
			}
		}
	}
	slices.SortFunc(p.Networks, func(a, b netip.Prefix) int {
		if c := a.Addr().Compare(b.Addr()); c != 0 {
			return c
		}
		return a.Bits() - b.Bits()
	})
	kept := p.Networks[:0]
	for _, n := range p.Networks {
		if len(kept) == 0 || !kept[len(kept)-1].Overlaps(n) {
			kept = append(kept, n)
		}
	}
	p.Networks = kept
}
