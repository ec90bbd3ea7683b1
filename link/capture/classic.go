package capture

import (
	"encoding/binary"
	"io"
	"time"
)

// The first four octets of a pcap file.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d
	magicModified = 0xa1b2cd34 // packet headers of 24 octets, of old Linux systems
)

// Lengths in octets (draft-ietf-opsawg-pcap §4, §5).
const (
	classicHeader = 24
	recordHeader  = 16
	modifiedMore  = 8
)

// startClassic reads the file header of a pcap file in the byte order r.order.
func (r *Reader) startClassic() error {
	b := r.src.peek(classicHeader)
	magic := r.order.Uint32(b)
	var res resolution
	switch magic {
	case magicMicro, magicModified:
		res = decimal(6)
	case magicNano:
		res = decimal(9)
	default:
		return r.stop(NotCapture, nil)
	}
	if magic == magicModified {
		r.modified = modifiedMore
	}
	if len(b) < classicHeader {
		return r.ended(Cut)
	}
	if major := r.order.Uint16(b[4:]); major != 2 {
		return r.stop(Version, nil)
	}
	// The upper bits of the link type tell of a frame check sequence, which is
	// padding to us.
	r.interfaces = []Interface{{
		Link: LinkType(r.order.Uint32(b[20:])), SnapLen: int(r.order.Uint32(b[16:])), resolution: res,
	}}
	r.packet.Link = r.interfaces[0].Link
	r.src.skip(classicHeader)
	r.next = (*Reader).nextBig
	if r.order == binary.LittleEndian {
		r.next = (*Reader).nextLittle
	}
	return nil
}

// nextLittle and nextBig are one function for each order, so that the compiler
// sees it and reads the fields in one go.
func (r *Reader) nextLittle() error {
	b := r.src.peek(recordHeader + r.modified)
	if len(b) < recordHeader+r.modified {
		return r.noRecord(len(b))
	}
	o := binary.LittleEndian
	return r.record(o.Uint32(b), o.Uint32(b[4:]), o.Uint32(b[8:]), o.Uint32(b[12:]))
}

func (r *Reader) nextBig() error {
	b := r.src.peek(recordHeader + r.modified)
	if len(b) < recordHeader+r.modified {
		return r.noRecord(len(b))
	}
	o := binary.BigEndian
	return r.record(o.Uint32(b), o.Uint32(b[4:]), o.Uint32(b[8:]), o.Uint32(b[12:]))
}

// noRecord says why there are only n octets where a packet would begin.
func (r *Reader) noRecord(n int) error {
	r.begin = r.src.offset()
	if n == 0 && r.src.failed() == nil {
		return io.EOF
	}
	return r.ended(Cut)
}

// record reads the packet behind a packet header with these fields.
func (r *Reader) record(sec, frac, caplen, length uint32) error {
	r.begin = r.src.offset()
	if caplen > MaxPacket {
		return r.stop(Lie, nil)
	}
	head := recordHeader + r.modified
	b := r.src.peek(head + int(caplen))
	if len(b) < head+int(caplen) {
		return r.ended(Cut)
	}
	r.src.skip(len(b))
	p := &r.packet
	p.Number++
	p.Time = time.Unix(int64(sec), int64(frac)*int64(r.interfaces[0].nanos)).UTC()
	p.Data = b[head:len(b):len(b)]
	p.Length = max(int(length), len(p.Data))
	return nil
}
