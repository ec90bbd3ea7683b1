package capture

import (
	"encoding/binary"
	"iter"
	"time"

	"github.com/sonde-net/sonde/link/capture/frame"
)

// Types of pcapng blocks (draft-ietf-opsawg-pcapng §10.1). That of a section
// reads the same in both byte orders.
const (
	blockInterface = 0x00000001
	blockPacket    = 0x00000002 // obsolete
	blockSimple    = 0x00000003
	blockEnhanced  = 0x00000006
	blockSection   = 0x0a0d0d0a
)

// byteOrder is what the second field of a section says in its own order.
const byteOrder = 0x1a2b3c4d

// Lengths of blocks in octets, without options and packet, but with the length
// at the end.
const (
	blockMin     = 12
	sectionMin   = 28
	interfaceMin = 20
	enhancedMin  = 32
	simpleMin    = 16
	trailer      = 4
)

// maxInterfaces is how many interfaces a capture may describe, in all of its
// sections.
const maxInterfaces = 1 << 16

// maxName is how much is kept of the name of an interface, and of its
// description, in octets: a capture may describe many.
const maxName = 256

// nextBlock reads blocks until one is a packet.
func (r *Reader) nextBlock() error {
	for {
		r.begin = r.src.offset()
		b := r.src.peek(8)
		if len(b) < 8 {
			return r.noRecord(len(b))
		}
		kind, total := r.order.Uint32(b), int64(r.order.Uint32(b[4:]))
		switch kind {
		case blockSection:
			if err := r.readSection(); err != nil {
				return err
			}
		case blockEnhanced, blockPacket, blockSimple, blockInterface:
			if b, err := r.block(total); err != nil {
				return err
			} else if kind == blockInterface {
				if err := r.readInterface(b); err != nil {
					return err
				}
			} else {
				return r.readPacket(kind, b)
			}
		default:
			if err := r.pass(total); err != nil {
				return err
			}
		}
	}
}

// block shows a block whole.
func (r *Reader) block(total int64) ([]byte, error) {
	if total < blockMin || total%4 != 0 || total > bufferLen {
		return nil, r.stop(Lie, nil)
	}
	b := r.src.peek(int(total))
	if len(b) < int(total) {
		return nil, r.ended(Cut)
	}
	if int64(r.order.Uint32(b[total-trailer:])) != total {
		return nil, r.stop(Lie, nil)
	}
	return b, nil
}

// pass goes on behind a block of any length without looking at it.
func (r *Reader) pass(total int64) error {
	if total < blockMin || total%4 != 0 {
		return r.stop(Lie, nil)
	}
	if !r.src.discard(total - trailer) {
		return r.ended(Cut)
	}
	b := r.src.peek(trailer)
	switch {
	case len(b) < trailer:
		return r.ended(Cut)
	case int64(r.order.Uint32(b)) != total:
		return r.stop(Lie, nil)
	}
	r.src.skip(trailer)
	return nil
}

// readSection reads a section header (§4.1), which says the byte order of all
// that follows and forgets the interfaces.
func (r *Reader) readSection() error {
	b := r.src.peek(sectionMin)
	if len(b) >= blockMin {
		switch {
		case binary.LittleEndian.Uint32(b[8:]) == byteOrder:
			r.order = binary.LittleEndian
		case binary.BigEndian.Uint32(b[8:]) == byteOrder:
			r.order = binary.BigEndian
		case r.begin == 0:
			return r.stop(NotCapture, nil)
		default:
			return r.stop(Lie, nil)
		}
	}
	if len(b) < sectionMin {
		return r.ended(Cut)
	}
	if r.order.Uint16(b[12:]) != 1 {
		return r.stop(Version, nil)
	}
	total := int64(r.order.Uint32(b[4:]))
	if total < sectionMin {
		return r.stop(Lie, nil)
	}
	r.section = len(r.interfaces)
	return r.pass(total)
}

// readInterface reads an interface description (§4.2).
func (r *Reader) readInterface(b []byte) error {
	if len(b) < interfaceMin {
		return r.stop(Lie, nil)
	}
	if len(r.interfaces) >= maxInterfaces {
		return r.stop(Crowd, nil)
	}
	i := Interface{
		Link: LinkType(r.order.Uint16(b[8:])), SnapLen: int(r.order.Uint32(b[12:])), resolution: decimal(6),
	}
	for code, value := range options(r.order, b[16:len(b)-trailer]) {
		switch {
		case code == optName:
			i.Name = text(value[:min(len(value), maxName)])
		case code == optDescription:
			i.Description = text(value[:min(len(value), maxName)])
		case code == optResolution && len(value) == 1:
			offset := i.offset
			i.resolution = parseResolution(value[0])
			i.offset = offset
		case code == optOffset && len(value) == 8:
			i.offset = int64(r.order.Uint64(value))
		}
	}
	r.interfaces = append(r.interfaces, i)
	r.src.skip(len(b))
	return nil
}

// readPacket reads a block that is a packet (§4.3, §4.4, appendix A).
func (r *Reader) readPacket(kind uint32, b []byte) error {
	switch {
	case kind == blockSimple:
		return r.readSimple(b)
	case len(b) < enhancedMin:
		return r.stop(Lie, nil)
	}
	id := r.order.Uint32(b[8:])
	if kind == blockPacket {
		id = uint32(r.order.Uint16(b[8:]))
	}
	caplen := r.order.Uint32(b[20:])
	if caplen > MaxPacket || enhancedMin+int(caplen) > len(b) {
		return r.stop(Lie, nil)
	}
	i, err := r.in(id)
	if err != nil {
		return err
	}
	const head = enhancedMin - trailer
	p := &r.packet
	p.Data = b[head : head+int(caplen) : head+int(caplen)]
	p.Time = i.time(uint64(r.order.Uint32(b[12:]))<<32 | uint64(r.order.Uint32(b[16:])))
	p.Length = max(int(r.order.Uint32(b[24:])), int(caplen))
	p.Direction, p.options = 0, nil
	if at := head + (int(caplen)+3)&^3; at < len(b)-trailer {
		p.order, p.options = r.order, b[at:len(b)-trailer]
		p.Direction = flagged(p.order, p.options)
	}
	p.Number++
	r.src.skip(len(b))
	return nil
}

// readSimple reads a packet without time and interface: it is of the first.
func (r *Reader) readSimple(b []byte) error {
	if len(b) < simpleMin {
		return r.stop(Lie, nil)
	}
	i, err := r.in(0)
	if err != nil {
		return err
	}
	length := int(r.order.Uint32(b[8:]))
	caplen := length
	if i.SnapLen > 0 {
		caplen = min(length, i.SnapLen)
	}
	if caplen > MaxPacket || simpleMin+caplen > len(b) {
		return r.stop(Lie, nil)
	}
	const head = simpleMin - trailer
	p := &r.packet
	p.Data = b[head : head+caplen : head+caplen]
	p.Time, p.Length, p.Direction, p.options = time.Time{}, length, 0, nil
	p.Number++
	r.src.skip(len(b))
	return nil
}

// in notes of which interface the packet is.
func (r *Reader) in(id uint32) (*Interface, error) {
	if int64(id) >= int64(len(r.interfaces)-r.section) {
		return nil, r.stop(Stranger, nil)
	}
	n := r.section + int(id)
	i := &r.interfaces[n]
	r.packet.Interface, r.packet.Link, r.packet.Name = n, i.Link, i.Name
	return i, nil
}

// Options of blocks (§3.5, §4.2, §4.3).
const (
	optEnd         = 0
	optComment     = 1
	optName        = 2
	optDescription = 3
	optResolution  = 9
	optOffset      = 14
	optFlags       = 2
	optApplication = 4
)

// options iterates over options. What is no option any more ends them: nothing
// but the packet matters enough to be refused for it.
func options(order binary.ByteOrder, b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= 4 {
			code, n := order.Uint16(b), int(order.Uint16(b[2:]))
			padded := 4 + (n+3)&^3
			if code == optEnd || padded > len(b) || !yield(code, b[4:4+n]) {
				return
			}
			b = b[padded:]
		}
	}
}

// flagged returns the direction that the options of a packet tell (§4.3.1).
func flagged(order binary.ByteOrder, b []byte) frame.Direction {
	for code, value := range options(order, b) {
		if code != optFlags || len(value) != 4 {
			continue
		}
		flags := order.Uint32(value)
		switch flags & 3 {
		case 2:
			return frame.Outbound
		case 1:
			return inbound[flags>>2&7]
		}
	}
	return frame.Unknown
}

// inbound is what the kind of reception tells of a packet that came in.
var inbound = [8]frame.Direction{
	frame.Inbound, frame.Inbound, frame.Multicast, frame.Broadcast, frame.Foreign,
	frame.Inbound, frame.Inbound, frame.Inbound,
}
