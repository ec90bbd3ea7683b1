package path

import (
	"fmt"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ndp"
)

// DuplicateConfig says when two hosts have one address. Zeros stand for the
// values in brackets.
type DuplicateConfig struct {
	Changes int           // of the link address that an address is at, within Span [2]: there and back
	Span    time.Duration // [1m]
	Size    int           // of the table [8192]
}

// Duplicate finds addresses that two hosts have: where duplicate address
// detection is answered (RFC 4862 §5.4), and where the link address changes
// there and back, on one link: in the frames, of what has not passed a router, or
// in the option of neighbour advertisements. One change is a host that was replaced.
type Duplicate struct {
	c      DuplicateConfig
	report *finding.Report
	owners *table.Table[owner]
}

type owner struct {
	mac, before [6]byte
	known       bool
	changes     int
	first       conversation.Ref
	probe       conversation.Ref // duplicate address detection
}

// NewDuplicate returns the detector.
func NewDuplicate(c DuplicateConfig, seed uint64, r *finding.Report) *Duplicate {
	c = DuplicateConfig{finding.Or(c.Changes, 2), finding.Or(c.Span, time.Minute), finding.Or(c.Size, 8192)}
	return &Duplicate{c, r, table.New[owner](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Duplicate) Interest() finding.Interest { return finding.Messages | finding.Begins }

// Tick implements [finding.Detector].
func (*Duplicate) Tick(time.Time, bool) {}

// Observe implements [finding.Detector].
func (d *Duplicate) Observe(s *conversation.Seen) {
	if s.Fault&^conversation.Cut != 0 {
		return
	}
	if s.ICMP && s.Header.Version == 6 {
		switch icmp6.Type(s.Type) { //nolint:exhaustive // the others are like any datagram
		case icmp6.TypeNeighborSolicitation:
			d.solicited(s)
			return
		case icmp6.TypeNeighborAdvertisement:
			d.advertised(s)
			return
		}
	}
	if s.HasMAC && initialTTL(uint8(s.Header.TTL)) && !s.Header.Src.IsUnspecified() {
		key := onLink(s, s.SrcAddr)
		d.owned(s, key, s.SrcMAC)
	}
}

// onLink is the key of an address on the link that s was captured on: a host may
// have one address on several, each with a link address of its own.
func onLink(s *conversation.Seen, a table.Addr) table.Key {
	return table.One(a, uint64(s.Link)) //nolint:gosec // what tells links apart
}

func initialTTL(ttl uint8) bool { return ttl == 255 || ttl == 128 || ttl == 64 }

// solicited takes down who asks whether an address is free.
func (d *Duplicate) solicited(s *conversation.Seen) {
	if !s.Header.Src.IsUnspecified() || !s.Target.IsValid() {
		return
	}
	key := onLink(s, table.AddrOf(s.Target))
	v, _ := d.owners.Put(&key)
	v.probe = conversation.Ref{Number: s.Number, Time: s.Time}
}

// defended is how long after duplicate address detection an answer counts.
const defended = 2 * time.Second

func (d *Duplicate) advertised(s *conversation.Seen) {
	if !s.Target.IsValid() {
		return
	}
	key := onLink(s, table.AddrOf(s.Target))
	v, _ := d.owners.Put(&key)
	if v.probe.Known() && s.Time.Sub(v.probe.Time) < defended && s.Header.Dst.IsMulticast() {
		// What answers goes to all nodes (RFC 4861 §7.2.4): the asker has no
		// address yet. One that announces its own new address has waited a second.
		if s.Time.Sub(v.probe.Time) < ownWait {
			d.found(s, key, v).Say(finding.FactDAD)
		}
		v.probe = conversation.Ref{}
	}
	if mac, ok := linkAddress(s); ok {
		d.owned(s, key, mac)
	}
}

// ownWait is how long a host waits for an answer before it uses an address and
// may announce it: RetransTimer (RFC 4861 §10), less what clocks are off.
const ownWait = 950 * time.Millisecond

// linkAddress returns the target link-layer address that an advertisement tells.
func linkAddress(s *conversation.Seen) (mac [6]byte, ok bool) {
	const options = 24
	if len(s.Message) < options {
		return mac, false
	}
	b := s.Message[options:]
	for len(b) >= 8 && b[1] != 0 && int(b[1])*8 <= len(b) {
		if ndp.Type(b[0]) == ndp.TypeTargetLinkLayerAddress {
			return [6]byte(b[2:8]), true
		}
		b = b[int(b[1])*8:]
	}
	return mac, false
}

// owned takes down at which link address an address is, but for those of virtual
// routers, which an address has beside that of a network card.
func (d *Duplicate) owned(s *conversation.Seen, key table.Key, mac [6]byte) {
	if finding.Virtual(mac) {
		return
	}
	v, _ := d.owners.Put(&key)
	if !v.known {
		v.mac, v.known = mac, true
		return
	}
	if v.mac == mac {
		return
	}
	if v.changes == 0 || s.Time.Sub(v.first.Time) > d.c.Span {
		v.changes, v.first = 0, conversation.Ref{Number: s.Number, Time: s.Time}
	} else if mac != v.before {
		// To a third: it moves on, and not back.
		v.changes = 0
	}
	v.before, v.mac = v.mac, mac
	if v.changes++; v.changes < d.c.Changes {
		return
	}
	f := d.found(s, key, v)
	f.SayText(finding.FactMACs, fmt.Sprintf("%s, %s", hex(v.before), hex(v.mac)))
}

func hex(m [6]byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// found never returns nil: what is too much goes into a finding that nobody sees.
func (d *Duplicate) found(s *conversation.Seen, key table.Key, v *owner) *finding.Finding {
	f := d.report.Found(s, finding.DuplicateAddress, finding.Alarm, table.Key{key[0], key[1]})
	if f == nil {
		return &finding.Finding{}
	}
	f.From = table.Addr{key[0], key[1]}.Netip()
	f.Involve(f.From)
	if v.probe.Known() {
		f.Begin(v.probe, 1)
	}
	if v.first.Known() {
		f.Begin(v.first, 0)
	}
	return f
}
