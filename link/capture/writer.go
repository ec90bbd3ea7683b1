package capture

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/wire"
)

// MaxComment is how much of a comment is written, in octets.
const MaxComment = 4096

// A Writer writes a pcapng file: a section, and in it an interface for each of
// those that packets come from, with time stamps to the nanosecond. Flush it
// before the file is closed.
type Writer struct {
	w          *bufio.Writer
	block      []byte
	interfaces map[origin]uint32
	last       origin
	lastID     uint32
	begun      bool
	app        string
}

// origin is what tells interfaces apart.
type origin struct {
	number int
	link   LinkType
	name   string
}

// NewWriter begins a file that says it was made by application; "" says nothing.
// Nothing is written before the first packet, or [Writer.Flush].
func NewWriter(w io.Writer, application string) *Writer {
	return &Writer{w: bufio.NewWriterSize(w, 64<<10), interfaces: map[origin]uint32{}, app: application}
}

// Write writes a packet, and beside it what there is to say about it. What a
// [Packet] has said beside it before is not written again. A comment is cut to
// [MaxComment] octets.
//
// The error is that of the underlying writer, or a [*wire.FieldError] about a
// packet that the format has no room for. A time that it has no room for, before
// 1970 or behind 2554, becomes the nearest that it has, and the zero time 1970.
func (w *Writer) Write(p *Packet, comment string) error {
	if err := check(p); err != nil {
		return err
	}
	id, err := w.from(p)
	if err != nil {
		return err
	}
	stamp := stamp(p.Time)
	b := begin(w.block[:0], blockEnhanced)
	b = le32(b, id)
	b = le32(b, uint32(stamp>>32))
	b = le32(b, uint32(stamp))
	b = le32(b, uint32(len(p.Data)))
	b = le32(b, uint32(max(p.Length, len(p.Data))))
	b = padded(b, p.Data)
	any := false
	if f := flags(p.Direction); f != 0 {
		b = le32(le32(b, optFlags|4<<16), f)
		any = true
	}
	if comment != "" {
		b = option(b, optComment, cut(comment))
		any = true
	}
	if any {
		b = le32(b, optEnd)
	}
	return w.end(b)
}

// Flush writes out what is buffered, and the beginning of the file if there was
// no packet.
func (w *Writer) Flush() error {
	if err := w.start(); err != nil {
		return err
	}
	return w.w.Flush()
}

func check(p *Packet) error {
	switch {
	case len(p.Data) > MaxPacket:
		return &wire.FieldError{Type: "capture.Packet", Field: "Data", Value: len(p.Data), Limit: MaxPacket}
	case int64(p.Length) > math.MaxUint32:
		return &wire.FieldError{Type: "capture.Packet", Field: "Length", Want: "a length of 32 bits"}
	}
	return nil
}

// start writes the section header, once.
func (w *Writer) start() error {
	if w.begun {
		return nil
	}
	w.begun = true
	b := begin(w.block[:0], blockSection)
	b = le32(b, byteOrder)
	b = le32(b, 1) // version 1.0
	b = le32(b, math.MaxUint32)
	b = le32(b, math.MaxUint32) // how long the section is, nobody knows
	if w.app != "" {
		b = option(b, optApplication, cut(w.app))
		b = le32(b, optEnd)
	}
	return w.end(b)
}

// from returns the number of the interface that a packet comes from, after
// describing it where it is new.
func (w *Writer) from(p *Packet) (uint32, error) {
	o := origin{p.Interface, p.Link, p.Name}
	if o == w.last && w.begun && len(w.interfaces) > 0 {
		return w.lastID, nil
	}
	id, ok := w.interfaces[o]
	if !ok {
		var err error
		if id, err = w.describe(o); err != nil {
			return 0, err
		}
	}
	w.last, w.lastID = o, id
	return id, nil
}

// Describe writes of an interface that there is one, before the first packet
// comes from it; those of which none comes are in the file, too. It is that of
// packets with this [Packet.Interface], Link and Name. The errors are those of
// [Writer.Write].
func (w *Writer) Describe(number int, link LinkType, name string) error {
	o := origin{number, link, name}
	if _, ok := w.interfaces[o]; ok {
		return nil
	}
	_, err := w.describe(o)
	return err
}

func (w *Writer) describe(o origin) (id uint32, err error) {
	if len(w.interfaces) >= maxInterfaces {
		return 0, &wire.FieldError{
			Type: "capture.Packet", Field: "Interface", Value: len(w.interfaces) + 1, Limit: maxInterfaces,
		}
	}
	if err := w.start(); err != nil {
		return 0, err
	}
	id = uint32(len(w.interfaces))
	w.interfaces[o] = id
	b := begin(w.block[:0], blockInterface)
	b = le32(b, uint32(o.link))
	b = le32(b, 0) // no limit of length
	if o.name != "" {
		b = option(b, optName, cut(o.name))
	}
	b = option(b, optResolution, []byte{9})
	b = le32(b, optEnd)
	return id, w.end(b)
}

// end fills in the length of a block, in both places, and writes it.
func (w *Writer) end(b []byte) error {
	n := uint32(len(b) + trailer)
	binary.LittleEndian.PutUint32(b[4:], n)
	w.block = le32(b, n)
	_, err := w.w.Write(w.block)
	return err
}

func begin(b []byte, kind uint32) []byte { return le32(le32(b, kind), 0) }

func le32(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(b, v) }

func padded[T string | []byte](b []byte, data T) []byte {
	b = append(b, data...)
	for range -len(data) & 3 {
		b = append(b, 0)
	}
	return b
}

func option[T string | []byte](b []byte, code uint16, value T) []byte {
	b = le32(b, uint32(code)|uint32(len(value))<<16)
	return padded(b, value)
}

// stamp returns a time in nanoseconds since 1970.
func stamp(t time.Time) uint64 {
	const last = math.MaxUint64 / 1_000_000_000
	switch s := t.Unix(); {
	case s < 0:
		return 0
	case s >= last:
		return math.MaxUint64
	default:
		return uint64(s)*1e9 + uint64(t.Nanosecond())
	}
}

// flags is the reverse of flagged.
func flags(d frame.Direction) uint32 {
	switch d {
	case frame.Inbound:
		return 1
	case frame.Broadcast:
		return 1 | 3<<2
	case frame.Multicast:
		return 1 | 2<<2
	case frame.Foreign:
		return 1 | 4<<2
	case frame.Outbound:
		return 2
	}
	return 0
}

// cut shortens a text to what is written of it, between two characters.
func cut(s string) string {
	if len(s) <= MaxComment {
		return s
	}
	n := MaxComment
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// text reads a text of somebody else's.
func text(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
