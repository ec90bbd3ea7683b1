// Package ledger remembers what UDP probes looked like that left by sockets of the
// system's. Its error queue gives the data of the one that an error quotes, as far
// as it quotes any, but not the header: the checksum, by which a prober tells its
// probes apart, is known here alone.
package ledger

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// Size is how many probes are remembered, the latest.
const Size = 1 << 10

// Flow is what an error shows of a probe in any case.
type Flow struct {
	Proto ip.Proto // UDP or UDP-Lite
	Own   uint16   // port that it left from
	Peer  netip.AddrPort
}

// Ledger is the probes that were sent last. The zero Ledger is empty.
type Ledger struct {
	ring [Size]entry
	next int
}

// cookie is how much of the data is remembered, in octets: what is different in
// each probe.
const cookie = 8

type entry struct {
	flow      Flow
	checksum  uint16
	data      [cookie]byte
	n         int  // octets of data there are
	mentioned bool // by an error
}

// checksumAt is where the checksum stands in a header of either protocol.
const checksumAt = 6

// Put takes note of a probe: a whole packet with its header.
func (l *Ledger) Put(f Flow, packet []byte) {
	e := entry{flow: f, checksum: binary.BigEndian.Uint16(packet[checksumAt:])}
	e.n = copy(e.data[:], packet[transport.UDPLen:])
	l.ring[l.next%Size] = e
	l.next++
}

// Find returns the checksum of the probe that an error is about: of the latest
// with the data that it quotes, or, when it quotes none, of the oldest that no
// error was about yet, and of the last one when there was one about each.
func (l *Ledger) Find(f Flow, data []byte) (checksum uint16, ok bool) {
	var found *entry
	for i := max(l.next-Size, 0); i < l.next; i++ {
		e := &l.ring[i%Size]
		n := min(e.n, len(data))
		switch {
		case e.flow != f || !bytes.Equal(e.data[:n], data[:n]):
		case n > 0, found == nil, found.mentioned:
			found = e
		}
	}
	if found == nil {
		return 0, false
	}
	found.mentioned = true
	return found.checksum, true
}
