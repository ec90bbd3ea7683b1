package listen

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// Choice says which messages are to be shown. The zero Choice is all of them.
type Choice struct {
	Types   []Kind // any of these
	Codes   []uint8
	From    netip.Prefix // of the sender
	To      netip.Prefix
	Host    netip.Prefix // of either, or of the datagram that an error quotes
	Toward  Toward
	Finding []finding.Kind // part of one of these; not nil and empty: of any
}

// Kind is a type, and perhaps a code, of a family or of both.
type Kind struct {
	Version uint8 // of IP; 0: both
	Type    uint8
	Code    uint8
	HasCode bool
}

// Toward is which way a message goes.
type Toward uint8

// The ways. Where the capture does not tell, in is to Host, and out from it.
const (
	Anywhere Toward = iota
	In
	Out
)

// ParseKind reads "8", "3/4", "v6:128", "v4:3/4".
func ParseKind(s string) (k Kind, err error) {
	rest := s
	if v, after, ok := strings.Cut(s, ":"); ok {
		switch v {
		case "v4", "4", "icmp":
			k.Version = 4
		case "v6", "6", "icmp6":
			k.Version = 6
		default:
			return k, fmt.Errorf("%q is no type: want 8, 3/4 or v6:128", s)
		}
		rest = after
	}
	t, c, hasCode := strings.Cut(rest, "/")
	n, err := strconv.ParseUint(t, 10, 8)
	if err == nil && hasCode {
		var code uint64
		code, err = strconv.ParseUint(c, 10, 8)
		k.Code, k.HasCode = uint8(code), true //nolint:gosec // eight bits were asked for
	}
	if err != nil {
		return Kind{}, fmt.Errorf("%q is no type: want 8, 3/4 or v6:128", s)
	}
	k.Type = uint8(n) //nolint:gosec // eight bits were asked for
	return k, nil
}

// ParsePrefix reads an address, or a network.
func ParsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("%q is neither an address nor a network", s)
	}
	return p.Masked(), nil
}

// Match reports whether a message is chosen.
func (c *Choice) Match(s *conversation.Seen, way frame.Direction, touched []finding.Kind) bool {
	h := &s.Header
	switch {
	case c.Types != nil && !slices.ContainsFunc(c.Types, func(k Kind) bool { return k.match(s) }),
		c.Codes != nil && !slices.Contains(c.Codes, s.Code),
		c.From.IsValid() && !c.From.Contains(h.Src),
		c.To.IsValid() && !c.To.Contains(h.Dst),
		c.Host.IsValid() && !c.host(s),
		c.Toward != Anywhere && !c.toward(s, way):
		return false
	case c.Finding == nil:
		return true
	case len(c.Finding) == 0:
		return len(touched) > 0
	}
	return slices.ContainsFunc(touched, func(k finding.Kind) bool { return slices.Contains(c.Finding, k) })
}

func (k Kind) match(s *conversation.Seen) bool {
	return k.Type == s.Type && (k.Version == 0 || k.Version == s.Header.Version) && (!k.HasCode || k.Code == s.Code)
}

func (c *Choice) host(s *conversation.Seen) bool {
	return c.Host.Contains(s.Header.Src) || c.Host.Contains(s.Header.Dst) ||
		s.HasQuote && (c.Host.Contains(s.Quote.Src) || c.Host.Contains(s.Quote.Dst))
}

func (c *Choice) toward(s *conversation.Seen, way frame.Direction) bool {
	switch way {
	case frame.Outbound:
		return c.Toward == Out
	case frame.Inbound, frame.Broadcast, frame.Multicast:
		return c.Toward == In
	}
	if !c.Host.IsValid() {
		return false
	}
	if c.Toward == In {
		return c.Host.Contains(s.Header.Dst)
	}
	return c.Host.Contains(s.Header.Src)
}
