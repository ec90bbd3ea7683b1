// Package listen reads a capture packet by packet, and tells of each ICMP message
// how it belongs to the others, and what there is to be found: link/capture,
// explain/conversation and explain/finding in a row.
//
//	l, err := listen.New(listen.Config{})
//	for p, err := range reader.All() {
//		l.Packet(p, func(s *conversation.Seen) { … l.Fresh() … })
//	}
//	l.Close()
//	sum := l.Summary(10)
//
// Memory does not depend on the length of the capture, and once the tables are
// full, a packet that is no fragment costs no allocation.
package listen

import (
	"errors"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/fragments"
	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire"
)

// Config says how to listen. The zero Config works.
type Config struct {
	Conversation conversation.Config
	Detect       detect.Config
	NoFindings   bool // look for none
}

// Listener reads packets in their order. Make one with [New].
type Listener struct {
	machine   *conversation.Machine
	detect    *detect.Set // nil: nothing is looked for
	fragments *fragments.Assembler
	datagram  conversation.Datagram
	frames    Frames
	packets   []int
	direction frame.Direction
	last      time.Time
}

// Frames count what was read.
type Frames struct {
	Read      uint64 // packets
	NotIP     uint64 // that carry something else
	Cut       uint64 // before their datagram begins
	Unknown   uint64 // of a link type that is not known
	Rebuilt   uint64 // datagrams put together from fragments
	Backwards uint64 // with a time before that of the packet before
}

// New returns a listener. The error is about the configuration.
func New(c Config) (*Listener, error) {
	a, err := fragments.New(reassembly.Config{Seed: c.Conversation.Seed})
	if err != nil {
		return nil, err
	}
	l := &Listener{machine: conversation.New(c.Conversation), fragments: a}
	if !c.NoFindings {
		l.detect = detect.New(c.Detect)
	}
	return l, nil
}

// Packet reads one. It calls each for its datagram, and once more for the whole
// datagram when it is the last of its fragments.
func (l *Listener) Packet(p *capture.Packet, each func(*conversation.Seen)) {
	l.frames.Read++
	octets, meta, err := frame.Decode(p.Link, p.Data)
	if err != nil {
		l.refused(err)
		return
	}
	l.direction = p.Direction
	if l.direction == frame.Unknown {
		l.direction = meta.Direction
	}
	if p.Time.Before(l.last) {
		l.frames.Backwards++
	}
	l.last = p.Time
	link := p.Interface
	if meta.Index != 0 { // of a capture on all interfaces
		link = int(meta.Index)
	}
	d := &l.datagram
	*d = conversation.Datagram{
		Time: p.Time, Number: p.Number, Octets: octets, Length: p.Length - meta.Offset, Link: link,
		SrcMAC: meta.Src, DstMAC: meta.Dst, HasMAC: meta.Src != frame.MAC{},
		Group: meta.Dst[0]&1 != 0 || l.direction == frame.Broadcast,
	}
	l.packets = nil
	s := l.observe(d)
	fragment := s.Fragment
	each(s)
	if !fragment {
		return
	}
	w := l.fragments.Add(p.Number, p.Time, octets)
	if w.Status != reassembly.Complete || w.Packets == nil {
		return
	}
	l.frames.Rebuilt++
	d.Octets, d.Length, d.Whole, l.packets = w.Datagram, 0, true, w.Packets
	each(l.observe(d))
}

func (l *Listener) refused(err error) {
	switch {
	case errors.Is(err, frame.ErrNotIP):
		l.frames.NotIP++
	case errors.Is(err, wire.Truncated):
		l.frames.Cut++
	default:
		l.frames.Unknown++
	}
}

func (l *Listener) observe(d *conversation.Datagram) *conversation.Seen {
	s := l.machine.Receive(d)
	if l.detect != nil {
		l.detect.Observe(s)
	}
	return s
}

// Fresh returns the findings that the last datagram has brought about; after
// Close, those that showed at the end.
func (l *Listener) Fresh() []*finding.Finding {
	if l.detect == nil {
		return nil
	}
	return l.detect.Fresh()
}

// Touched returns the kinds of findings that the last datagram is part of.
func (l *Listener) Touched() []finding.Kind {
	if l.detect == nil {
		return nil
	}
	return l.detect.Touched()
}

// Packets returns the numbers of the packets that the last datagram was put
// together from; nil: it came whole.
func (l *Listener) Packets() []int { return l.packets }

// Direction returns which way the last packet went.
func (l *Listener) Direction() frame.Direction { return l.direction }

// Close has the detectors judge what they were still waiting for.
func (l *Listener) Close() {
	if l.detect != nil {
		l.detect.Close()
	}
}

// Summary is what there is to say at the end.
type Summary struct {
	conversation.Summary
	Frames   Frames
	Findings []*finding.Finding // the gravest first
	Omitted  uint64             // findings that there was no room for
}

// Summary sums up, with at most most talkers, pairs and troubles each; 0: all.
func (l *Listener) Summary(most int) Summary {
	sum := Summary{Summary: l.machine.Summary(most), Frames: l.frames}
	if l.detect != nil {
		sum.Findings, sum.Omitted = l.detect.Findings(), l.detect.Omitted()
	}
	return sum
}
