package reassembly

import (
	"encoding/binary"
	"errors"
	"net/netip"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// fragment is one fragment, read.
type fragment struct {
	key     key
	next    ip.Proto // what the payload of the first one begins with
	off     int      // where payload belongs, in octets
	more    bool
	ecn     uint8
	nextAt  int    // IPv6: the octet of head that announces the fragment header
	head    []byte // what stands before the payload
	fixed   int    // octets of head that do not count against the longest datagram
	payload []byte
}

// len is how many octets the fragment has, with its headers.
func (f *fragment) len() int { return len(f.head) + len(f.payload) }

// read4 reads an IPv4 fragment whose header has been checked.
func read4(d []byte) (f fragment, why mib.Drop) {
	h, payload, err := ip.Decode4(d)
	if err != nil {
		return f, fault(err)
	}
	return fragment{
		key:     key{h.Src, h.Dst, uint32(h.ID), h.Proto},
		next:    h.Proto,
		off:     int(h.FragOffset),
		more:    h.MF,
		ecn:     h.TOS & 3,
		head:    d[:h.HeaderLen()],
		payload: payload,
	}, mib.None
}

// read6 reads an IPv6 fragment: what stands before the first fragment header is
// the part that was not cut.
func read6(d []byte) (f fragment, why mib.Drop) {
	h, payload, err := ip.Parse6(d)
	if err != nil {
		return f, fault(err)
	}
	d = d[:ip.HeaderLen6+len(payload)]
	at, nextAt, next := ip.HeaderLen6, 6, h.NextHeader
	for range ip.MaxExtensions {
		if next == ip.ProtoFragment {
			fh, rest, err := ip.ParseFragment6(d[at:])
			if err != nil {
				return f, mib.ExtensionFault
			}
			return fragment{
				key:     key{src: h.Src, dst: h.Dst, id: fh.ID},
				next:    fh.Next,
				off:     int(fh.Offset),
				more:    fh.MF,
				ecn:     h.TrafficClass & 3,
				nextAt:  nextAt,
				head:    d[:at+ip.FragmentLen6],
				fixed:   ip.HeaderLen6 + ip.FragmentLen6,
				payload: rest,
			}, mib.None
		}
		if !next.IsExtension() || at+2 > len(d) {
			break
		}
		n := (int(d[at+1]) + 1) * 8
		if next == ip.ProtoAH {
			n = (int(d[at+1]) + 2) * 4
		}
		next, nextAt, at = ip.Proto(d[at]), at, at+n
		if at > len(d) {
			break
		}
	}
	return f, mib.ExtensionFault
}

// fault is the reason to drop what does not parse.
func fault(err error) mib.Drop {
	switch {
	case errors.Is(err, wire.Truncated):
		return mib.Truncated
	case errors.Is(err, wire.Short):
		return mib.HeaderShort
	case errors.Is(err, wire.Version):
		return mib.HeaderVersion
	}
	return mib.HeaderLength
}

// check finds what is wrong with a fragment whatever else has arrived.
func (f *fragment) check() mib.Drop {
	switch {
	case len(f.payload) == 0:
		return mib.FragmentEmpty
	case f.more && len(f.payload)%unit != 0:
		return mib.FragmentLength
	case len(f.head)-f.fixed+f.off+len(f.payload) > ip.MaxLen:
		return mib.FragmentOversize
	}
	return mib.None
}

// shareOf returns the share of a source: its address, or its network of 64 bits,
// out of which one IPv6 host may use any.
func (r *Reassembler) shareOf(src netip.Addr) int32 {
	h := r.key.Addr(src)
	if src.Is6() {
		b := src.As16()
		h = r.key.Words(binary.LittleEndian.Uint64(b[:8]), 1)
	}
	return int32(h % shares)
}
