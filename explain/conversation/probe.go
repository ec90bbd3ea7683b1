package conversation

import (
	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// probe is a datagram with a small time to live. Traces send many in one flow
// before the first error is back, more than a flow remembers.
type probe struct {
	ref  Ref
	id   uint32
	word uint32
	sum  uint16
	ttl  uint8
}

// probeTTL is the largest time to live of a probe.
const probeTTL = 32

// probeKey returns the key of a datagram, or of that which a quote is of, and
// what it is told apart by: the checksum too where there is no number, as
// [Flow.cause] has it.
func probeKey(h *quote.Quote) (table.Key, probe) {
	p := probe{id: h.ID}
	p.word, _ = wordOf(h)
	if (h.Version == 6 || h.ID == 0) && h.Proto != ip.ProtoTCP {
		p.sum = h.Checksum
	}
	const mix = 0x9e3779b97f4a7c15
	ports := uint64(h.Proto)<<32 | uint64(h.SrcPort)<<16 | uint64(h.DstPort)
	word := (uint64(p.id)<<32|uint64(p.word))*mix ^ uint64(p.sum)<<48 ^ ports
	return table.Pair(table.AddrOf(h.Src), table.AddrOf(h.Dst), word), p
}

// probe remembers s, if it is one and was not seen before.
func (m *Machine) probe(s *Seen) {
	if s.Header.TTL > probeTTL || s.Relation == SeenBefore {
		return
	}
	key, p := probeKey(&s.Header)
	p.ref, p.ttl = Ref{s.Number, s.Time}, uint8(s.Header.TTL)
	v, _ := m.probes.Put(&key)
	*v = p
}

// probeOf returns the probe that q quotes; nil: none is known.
func (m *Machine) probeOf(q *quote.Quote) *probe {
	key, p := probeKey(q)
	v := m.probes.Get(&key)
	if v == nil || v.id != p.id || v.word != p.word || v.sum != p.sum {
		return nil
	}
	return v
}
