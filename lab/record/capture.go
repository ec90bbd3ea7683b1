package record

import (
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// Capture writes datagrams to a pcapng file, with link type raw IP, times to
// the nanosecond, an interface for each link, and a comment on each datagram
// that says who sent it to whom by which rule (see [Record.Comment]).
//
// A datagram stands in the file when it leaves, once however many get it. What
// the link loses stands there too, its comment says so.
type Capture struct {
	to    io.Writer
	w     *pcapgo.NgWriter // nil: nothing is written yet
	links map[string]int
	all   bool
	last  uint64
}

// maxComment is how much of a comment is written, in octets.
const maxComment = 1024

// NewCapture begins a file of the links with these names, or, when there are
// none, of every link that a datagram goes over.
func NewCapture(w io.Writer, links ...string) (*Capture, error) {
	c := &Capture{to: w, links: map[string]int{}, all: len(links) == 0}
	for _, l := range links {
		if _, err := c.link(l); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func wire(name string) pcapgo.NgInterface {
	return pcapgo.NgInterface{Name: name, LinkType: layers.LinkTypeRaw}
}

// link returns the number of a link's interface, after adding it where it is
// new.
func (c *Capture) link(name string) (int, error) {
	if i, ok := c.links[name]; ok {
		return i, nil
	}
	i, err := c.begin(name)
	if err == nil {
		c.links[name] = i
	}
	return i, err
}

// begin adds an interface; the first begins the file.
func (c *Capture) begin(name string) (i int, err error) {
	if c.w != nil {
		return c.w.AddInterface(wire(name))
	}
	c.w, err = pcapgo.NewNgWriterInterface(c.to, wire(name), pcapgo.NgWriterOptions{
		SectionInfo: pcapgo.NgSectionInfo{Application: "sonde"},
	})
	return 0, err
}

// Write writes a record, if it is of a datagram on one of the links.
func (c *Capture) Write(r *Record) error {
	_, known := c.links[r.Link]
	again := r.Seq == c.last && !r.Duplicate
	if r.IsEvent() || !known && !c.all || again {
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
	return c.w.WritePacketWithOptions(gopacket.CaptureInfo{
		Timestamp: since1970(r.Time), CaptureLength: len(r.Octets), Length: len(r.Octets), InterfaceIndex: i,
	}, r.Octets, pcapgo.NgPacketOptions{Comments: []string{comment}})
}

// since1970 keeps a time in what the format has room for.
func since1970(t time.Time) time.Time {
	if t.Before(time.Unix(0, 0)) {
		return time.Unix(0, 0)
	}
	return t
}

// Flush writes out what is buffered. Call it before the file is closed.
func (c *Capture) Flush() error {
	if c.w == nil {
		if _, err := c.begin("lab"); err != nil {
			return err
		}
	}
	return c.w.Flush()
}
