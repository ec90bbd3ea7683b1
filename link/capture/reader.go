package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// A Reader reads a capture. It is not safe for concurrent use, but for
// [Reader.Progress].
type Reader struct {
	src    *source
	raw    meter
	size   int64 // of the file; 0: not known
	closer []func()
	next   func(*Reader) error // reads a packet into packet
	packet Packet
	begin  int64 // of the packet or block that is being read
	err    error // why reading has stopped

	order      binary.ByteOrder
	interfaces []Interface
	section    int // the first interface of the section
	modified   int // what pcap packet headers have beside the usual 16 octets
}

// Open opens the capture in a file. It reads as much as it takes to know what
// it is: the errors are those of os.Open and of [NewReader].
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	r, err := NewReader(f)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
		r.size = st.Size()
	}
	r.closer = append(r.closer, func() { _ = f.Close() })
	return r, nil
}

// NewReader begins to read a capture from a stream, standard input for one. It
// reads as much as it takes to know what it is. The error is an [*Error]; its
// Reason is [NotCapture] for a stream that is no capture, empty for one.
func NewReader(from io.Reader) (*Reader, error) {
	r := &Reader{raw: meter{r: from}}
	r.src = &source{r: &r.raw}
	s, closer, err := unpack(r.src)
	switch {
	case err != nil && cutOff(err):
		return nil, r.stop(Cut, err)
	case err != nil:
		return nil, r.stop(Packing, err)
	case s != nil:
		r.src = s
		r.closer = append(r.closer, closer)
	}
	if err := r.start(); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// Close ends reading and closes the file that [Open] opened.
func (r *Reader) Close() error {
	for _, f := range r.closer {
		f()
	}
	r.closer = nil
	if r.err == nil {
		r.err = os.ErrClosed
	}
	return nil
}

// Progress returns how many octets of the file were read, as they are stored,
// and how many it has; size is 0 where that is not known. It may be called from
// any goroutine.
func (r *Reader) Progress() (read, size int64) { return r.raw.n.Load(), r.size }

// Interfaces returns the interfaces that the capture has described so far.
// [Packet.Interface] is an index into it.
func (r *Reader) Interfaces() []Interface { return r.interfaces }

// Next reads the next packet, valid until the next call. The error is io.EOF
// behind the last, [os.ErrClosed], or an [*Error], and the same from then on.
func (r *Reader) Next() (*Packet, error) {
	if r.err != nil {
		return nil, r.err
	}
	if err := r.next(r); err != nil {
		r.err = err
		return nil, err
	}
	return &r.packet, nil
}

// All iterates over the packets that are left. Each is valid until the next
// one. An error comes last.
func (r *Reader) All() iter.Seq2[*Packet, error] {
	return func(yield func(*Packet, error) bool) {
		for {
			p, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// start reads the beginning of a file, and chooses how to go on.
func (r *Reader) start() error {
	b := r.src.peek(4)
	if len(b) < 4 {
		return r.ended(NotCapture)
	}
	switch binary.LittleEndian.Uint32(b) {
	case magicMicro, magicNano, magicModified:
		r.order = binary.LittleEndian
	case blockSection:
		r.next = (*Reader).nextBlock
		return r.readSection()
	default:
		r.order = binary.BigEndian
	}
	return r.startClassic()
}

// stop returns the error that ends reading.
func (r *Reader) stop(why Reason, err error) error {
	return &Error{Packet: r.packet.Number + 1, Offset: r.begin, Reason: why, Err: err}
}

// ended returns the error for a stream with fewer octets than there have to be;
// why is what that means when nothing went wrong below.
func (r *Reader) ended(why Reason) error {
	err := r.src.failed()
	switch {
	case err == nil:
		return r.stop(why, nil)
	case cutOff(err):
		return r.stop(Cut, err)
	case r.packed():
		return r.stop(Packing, err)
	}
	return r.stop(System, err)
}

// packed reports whether what is read was unpacked.
func (r *Reader) packed() bool {
	_, raw := r.src.r.(*meter)
	return !raw
}
