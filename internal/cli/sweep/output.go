package sweep

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
)

// output is where results go.
type output struct {
	name  string // of the file; "": the standard output
	f     *os.File
	w     io.Writer
	buf   []byte
	form  format
	fresh bool // nothing has been written to it
}

// open opens the file of the results; when the job goes on, behind what is there.
func (o *options) open(out io.Writer) (*output, error) {
	w := &output{name: o.output, w: out, form: o.format(), fresh: true}
	if o.output == "" {
		return w, nil
	}
	flags := os.O_RDWR | os.O_CREATE
	if !o.resume {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(o.output, flags, 0o644)
	if err != nil {
		return nil, err
	}
	w.f, w.w = f, f
	return w, nil
}

// earlier hands the targets that were written in an earlier run to each, and goes
// to the end: a line that was not written to its end is cut off.
func (w *output) earlier(each func(netip.Addr)) error {
	if w.f == nil {
		return nil
	}
	info, err := w.f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return err
	}
	w.fresh = false
	const most = 1 << 20
	s := bufio.NewScanner(w.f)
	s.Buffer(nil, most)
	whole := int64(0)
	s.Split(func(data []byte, eof bool) (int, []byte, error) {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return 0, nil, nil // what is left is no line
		}
		whole += int64(i + 1)
		return i + 1, data[:i], nil
	})
	if err := readBack(s, w.form, each); err != nil {
		return err
	}
	if err := w.f.Truncate(whole); err != nil {
		return err
	}
	_, err = w.f.Seek(whole, io.SeekStart)
	return err
}

// flush writes what was collected.
func (w *output) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	_, err := w.w.Write(w.buf)
	w.buf = w.buf[:0]
	if err == nil {
		return nil
	}
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	name := w.name
	if name == "" {
		name = "standard output"
	}
	return &lostError{fmt.Errorf("results: %s: %w", name, err)}
}

// lostError says that results could not be kept.
type lostError struct{ error }

func (e *lostError) Unwrap() error { return e.error }

func (w *output) close() error {
	if w.f == nil {
		return nil
	}
	return w.f.Close()
}
