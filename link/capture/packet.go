package capture

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"

	"github.com/sonde-net/sonde/link/capture/frame"
)

// MaxPacket is the most octets that a packet may have, captured: four times
// what IP has room for, and what tcpdump takes.
const MaxPacket = 256 << 10

// LinkType says what the octets of a packet are; link/capture/frame reads them.
type LinkType = frame.LinkType

// A Packet is what was captured of one packet. It is valid until the next
// packet is read: Data is a piece of the reader's buffer. Clone makes one that
// lasts.
type Packet struct {
	Number    int       // the first is 1
	Time      time.Time // UTC; zero: the capture does not say
	Link      LinkType
	Interface int             // which of the capture's interfaces, the first is 0; live: as the system numbers them
	Name      string          // of the interface; "": not known
	Direction frame.Direction // as the capture says beside the frame
	Data      []byte          // what was captured
	Length    int             // on the wire, in octets; never less than Data is long

	options []byte
	order   binary.ByteOrder
}

// Clone returns a packet that owns its octets.
func (p *Packet) Clone() *Packet {
	c := *p
	c.Data, c.options = bytes.Clone(p.Data), bytes.Clone(p.options)
	return &c
}

// Cut reports whether the packet was longer than what was captured of it.
func (p *Packet) Cut() bool { return p.Length > len(p.Data) }

// Comment returns what somebody has written beside the packet, the lines of
// several comments one below the other; "" when there is nothing.
func (p *Packet) Comment() string {
	var b strings.Builder
	for code, value := range options(p.order, p.options) {
		if code != optComment {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.Write(value)
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

// An Interface is where packets were captured.
type Interface struct {
	Link        LinkType
	Name        string // "": not known; of this and of Description, 256 octets are kept
	Description string
	SnapLen     int // the most octets captured of a packet; 0: all

	resolution
}
