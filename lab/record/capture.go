package record

import (
	"io"

	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// Capture writes datagrams to a pcapng file, with link type raw IP, times to
// the nanosecond, an interface for each link, and a comment on each datagram
// that says who sent it to whom by which rule (see [Record.Comment]).
//
// A datagram stands in the file when it leaves, once however many get it. What
// the link loses stands there too, its comment says so.
type Capture struct {
	w     *capture.Writer
	links map[string]int
	all   bool
	last  uint64
}

// maxComment is how much of a comment is written, in octets.
const maxComment = 1024

// NewCapture begins a file of the links with these names, or, when there are
// none, of every link that a datagram goes over.
func NewCapture(w io.Writer, links ...string) (*Capture, error) {
	c := &Capture{w: capture.NewWriter(w, "sonde"), links: map[string]int{}, all: len(links) == 0}
	for _, l := range links {
		if _, err := c.link(l); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// link returns the number of a link's interface, after adding it where it is
// new.
func (c *Capture) link(name string) (int, error) {
	if i, ok := c.links[name]; ok {
		return i, nil
	}
	i := len(c.links)
	c.links[name] = i
	return i, c.w.Describe(i, frame.Raw, name)
}

// Write writes a record, if it is of a datagram on one of the links.
func (c *Capture) Write(r *Record) error {
	_, known := c.links[r.Link]
	again := r.Seq == c.last && !r.Duplicate
	if !r.IsDatagram() || !known && !c.all || again {
		return nil
	}
	c.last = r.Seq
	i, err := c.link(r.Link)
	if err != nil {
		return err
	}
	comment := r.Comment()
	if len(comment) > maxComment {
		comment = comment[:maxComment]
	}
	return c.w.Write(&capture.Packet{
		Time: r.Time, Link: frame.Raw, Interface: i, Name: r.Link, Data: r.Octets, Length: len(r.Octets),
	}, comment)
}

// Flush writes out what is buffered. Call it before the file is closed.
func (c *Capture) Flush() error {
	if len(c.links) == 0 {
		// Some readers want an interface to be there.
		if _, err := c.link("lab"); err != nil {
			return err
		}
	}
	return c.w.Flush()
}
