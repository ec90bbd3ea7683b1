package ping

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	engine "github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/vantage"
)

// host is somebody who is asked.
type host struct {
	engine.Target
	shown   string // as it was given
	numeric bool   // no names: it was given as an address
	tooLong int    // probes that were too long for the way out
}

// count takes note of probes that were too long to leave: the original counts
// them as errors.
func (h *host) count(r *engine.Result) {
	if r.Kind != engine.Unsent {
		return
	}
	if _, yes := tooLong(r.Err); yes {
		h.tooLong++
	}
}

// resolve finds who a host is, and the address to ask from.
func (s *session) resolve(ctx context.Context, arg string) (host, error) {
	h := host{shown: arg, numeric: s.o.numeric}
	who, literal, err := s.lookup(ctx, arg, s.o.family)
	if err != nil {
		return h, err
	}
	h.numeric = h.numeric || literal
	h.Dst, h.Src = who, s.o.source
	if err := s.through(ctx, &h); err != nil {
		return h, err
	}
	return h, s.from(&h)
}

// lookup returns the address of a host, and whether it was given as one: with a
// colon, or with a number for its last part, as no name has it.
func (s *session) lookup(ctx context.Context, arg string, f vantage.Family) (a netip.Addr, literal bool, err error) {
	all, err := s.at.Lookup(ctx, arg, f)
	if err != nil {
		return a, false, fmt.Errorf("%s: %w", arg, err)
	}
	last := arg[strings.LastIndexByte(arg, '.')+1:]
	literal = strings.Contains(arg, ":") || last != "" && last[0] >= '0' && last[0] <= '9'
	return all[0], literal, nil
}

// through makes a host one that is reached through hops, when some are named and
// are not there to stamp.
func (s *session) through(ctx context.Context, h *host) error {
	if len(s.o.via) == 0 {
		return nil
	}
	var hops []netip.Addr
	for _, v := range s.o.via {
		a, _, err := s.lookup(ctx, v, vantage.IPv4)
		if err != nil {
			return err
		}
		hops = append(hops, a)
	}
	if h.Dst.Is6() {
		return errors.New("IPv6 has no source routes any more (RFC 5095)")
	}
	var err error
	if s.o.stampSet {
		s.cfg.Options, err = engine.Timestamps(s.o.stamp, hops...)
	} else {
		s.cfg.Options, err = h.Through(s.o.bypass, hops...)
	}
	return err
}

// from finds the address to ask from, and out whether anyone may answer.
func (s *session) from(h *host) error {
	switch {
	case !h.Dst.IsUnspecified():
	case h.Dst.Is4():
		h.Dst = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	default:
		h.Dst = netip.IPv6Loopback()
	}
	h.Anyone = s.o.broadcast && h.Dst.Is4() || h.Dst.IsMulticast()
	if h.Src.IsValid() {
		if h.Src.Is4() != h.Dst.Is4() {
			return fmt.Errorf("%s: %w", h.shown, vantage.ErrFamily)
		}
		return nil
	}
	src, err := s.at.Source(h.Dst)
	switch {
	case errors.Is(err, syscall.EACCES):
		return errBroadcast
	case err != nil:
		return errors.New("connect: " + cause(err))
	case h.Dst == limited && !s.o.broadcast:
		return errBroadcast
	}
	h.Src = src
	return nil
}

// limited is the broadcast address of the network that one is on.
var limited = netip.AddrFrom4([4]byte{255, 255, 255, 255})

var errBroadcast = errors.New("Do you want to ping broadcast? Then -b. If not, check your local firewall rules")

// cause is what the system says was wrong, as it says it.
func cause(err error) string {
	words := err.Error()
	var n syscall.Errno
	if errors.As(err, &n) {
		words = n.Error()
	}
	r, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(r)) + words[size:]
}
