package capture

import (
	"errors"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// bufferLen is how much is read ahead, in octets: more than the longest block
// that is looked at, and little enough to stay in the processor's caches.
const bufferLen = 1 << 20

// maxWindow is how far back zstd may reach, in octets: what zstd itself unpacks
// without being asked twice.
const maxWindow = 128 << 20

// A source is a stream, read through a window that shows a piece of it.
type source struct {
	r    io.Reader
	buf  []byte
	i, j int   // buf[i:j] is what was read and not yet passed
	base int64 // of buf[0] in the stream
	err  error // why there is no more
}

// offset returns where in the stream the window begins.
func (s *source) offset() int64 { return s.base + int64(s.i) }

// peek shows the next n octets, at most bufferLen, without passing them, or
// fewer when there are no more. They are valid until the next call.
func (s *source) peek(n int) []byte {
	if s.j-s.i < n {
		s.fill(n)
	}
	return s.buf[s.i:min(s.i+n, s.j)]
}

// fill reads until the window shows n octets.
func (s *source) fill(n int) {
	if s.buf == nil {
		s.buf = make([]byte, bufferLen)
	}
	if s.err == nil && s.i > 0 {
		s.base += int64(s.i)
		s.j = copy(s.buf, s.buf[s.i:s.j])
		s.i = 0
	}
	for idle := 0; s.j-s.i < n && s.err == nil; idle++ {
		var k int
		k, s.err = s.r.Read(s.buf[s.j:])
		if k > 0 {
			s.j += k
			idle = 0
		} else if s.err == nil && idle == 100 {
			s.err = io.ErrNoProgress
		}
	}
}

// skip passes n octets that peek has shown.
func (s *source) skip(n int) { s.i += n }

// discard passes n octets, however many, and reports whether there were so
// many.
func (s *source) discard(n int64) bool {
	for n > 0 {
		k := len(s.peek(int(min(n, bufferLen))))
		if k == 0 {
			return false
		}
		s.skip(k)
		n -= int64(k)
	}
	return true
}

// failed returns what was wrong with the stream, nil when it just ended.
func (s *source) failed() error {
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}

// A meter counts what is read through it.
type meter struct {
	r io.Reader
	n atomic.Int64
}

// Read implements io.Reader.
func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	m.n.Add(int64(n))
	return n, err
}

// unpack looks at the first octets of s, and puts in front of it what they ask
// for.
func unpack(s *source) (packed *source, closer func(), err error) {
	b := s.peek(4)
	if len(b) < 4 {
		return nil, nil, nil
	}
	switch {
	case b[0] == 0x1f && b[1] == 0x8b: // RFC 1952 §2.3.1
		z, err := gzip.NewReader(rest{s})
		if err != nil {
			return nil, nil, err
		}
		return &source{r: z}, func() { _ = z.Close() }, nil
	case b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd, // RFC 8878 §3.1.1
		b[0]&0xf0 == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18: // a frame to be skipped, §3.1.2
		z, err := zstd.NewReader(rest{s},
			zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return &source{r: z}, z.Close, nil
	}
	return nil, nil, nil
}

// rest reads what a source has not yet shown.
type rest struct{ s *source }

// Read implements io.Reader.
func (r rest) Read(b []byte) (int, error) {
	shown := r.s.peek(1)
	if len(shown) == 0 {
		return 0, r.s.err
	}
	n := copy(b, r.s.buf[r.s.i:r.s.j])
	r.s.skip(n)
	return n, nil
}

// cutOff reports whether an error of unpacking means that the end is missing.
func cutOff(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }
