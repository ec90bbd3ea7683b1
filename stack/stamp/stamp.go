// Package stamp fills in the IPv4 options that a node writes to: record route,
// timestamp and source route, on the way through (RFC 791 §3.1) and in replies
// (RFC 1122 §3.2.2.6, E-15).
package stamp

import (
	"net/netip"

	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// Writer is who writes.
type Writer struct {
	Own  netip.Addr            // of the interface that the datagram leaves through
	Mine func(netip.Addr) bool // reports whether an address is the node's own
	Time func() option.Stamp   // the time of day; asked for only where it is written
}

// Fill writes what the node adds to the options, in place. With source, the
// source route is one whose stop this node is, and is advanced too. The error
// is that of the option at fault, to be told as a parameter problem: a
// timestamp whose overflow count is at its end, for one.
func (w *Writer) Fill(options []byte, source bool) error {
	for o, err := range ip.Options4(options) {
		if err != nil {
			return err
		}
		switch o.Type {
		case ip.OptRecordRoute:
			_, _, err = option.Record(o, w.Own)
		case ip.OptLSRR, ip.OptSSRR:
			if source {
				_, _, err = option.Record(o, w.Own)
			}
		case ip.OptTimestamp:
			_, err = option.AddStamp(o, w.Own, w.Mine, w.Time())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Reply appends to b the options of the reply to a request with these options
// from src, and returns where the reply goes first: record route and timestamp
// go back with this node entered, a source route goes back reversed. The
// result is padded. Options that cannot be filled in are left out altogether.
func (w *Writer) Reply(b, options []byte, src netip.Addr) ([]byte, netip.Addr) {
	dst := src
	start := len(b)
	for o, err := range ip.Options4(options) {
		if err != nil {
			break
		}
		switch o.Type {
		case ip.OptRecordRoute, ip.OptTimestamp:
			if grown, err := o.AppendBinary(b); err == nil {
				b = grown
			}
		case ip.OptLSRR, ip.OptSSRR:
			r, err := option.ParseRoute(o)
			if err != nil {
				continue
			}
			if grown, first, err := option.AppendReturnRoute(b, r, src); err == nil {
				b, dst = grown, first
			}
		}
	}
	for (len(b)-start)%4 != 0 {
		b = append(b, byte(ip.OptEnd))
	}
	if w.Fill(b[start:], false) != nil {
		return b[:start], src
	}
	return b, dst
}
