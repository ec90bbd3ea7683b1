package trace

import (
	"net/netip"

	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/vantage"
)

// system opens this machine.
func (o *options) system() (vantage.Point, error) {
	s := vantage.SystemOptions{Drop: drop, Options: sock.Options{
		Kinds:     []probe.Kind{o.trace.Kind},
		IPv4:      o.family != vantage.IPv6,
		IPv6:      o.family != vantage.IPv4,
		Interface: o.device,
		Mark:      o.mark,
		DontRoute: o.dontRoute,
	}}
	if a, err := netip.ParseAddr(o.host); err == nil {
		s.IPv4, s.IPv6 = a.Unmap().Is4(), !a.Unmap().Is4()
	}
	if a, err := netip.ParseAddr(o.source); err == nil {
		if s.Source = a.Unmap(); s.Source.Is4() && !s.IPv4 || s.Source.Is6() && !s.IPv6 {
			return nil, errMismatch
		}
	}
	if !o.numeric {
		s.Names = names.DNS{}
	}
	if o.as {
		var err error
		if s.Owners, err = place.Owners(o.register); err != nil {
			return nil, err
		}
	}
	return vantage.OpenSystem(s)
}

// drop gives up the privileges that the sockets needed; tests need them again.
var drop = true
