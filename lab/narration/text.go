package narration

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/stack/event"
)

// TextOptions say how a run is told. The zero value tells it in English.
type TextOptions struct {
	Lang Lang
	// Most is how many messages of one kind, in one flow, from one node to
	// another are told in each step before the rest are counted; 0: 3; below
	// zero: all.
	Most int
	// Quiet leaves out what goes over the links and what nodes do about it.
	Quiet bool
	// Name is what a type and code are called in Lang; nil: as the registry does,
	// which it is asked of in French only.
	Name func(six bool, typ, code uint8) string
}

// defaultMost is what a Most of zero stands for.
const defaultMost = 3

// Text is a sink that writes a sequence diagram for people.
type Text struct {
	w     *bufio.Writer
	o     TextOptions
	lanes *lanes
	start time.Time
	most  int               // as Most says, less in a trace, whose probes are all alike
	told  map[string]*crowd // since the step began
	order []string          // their keys
}

// crowd is the messages of one kind, or what happens at a node again and again.
type crowd struct {
	count    int // of them
	told     int
	from, to string // to "": it happens at from
	what     string // the first
	lasting  bool   // it goes on over the steps
}

// NewText returns a sink that writes to w. Nothing is buffered between items.
func NewText(w io.Writer, o TextOptions) *Text {
	if o.Most == 0 {
		o.Most = defaultMost
	}
	return &Text{w: bufio.NewWriter(w), o: o, most: o.Most, lanes: newLanes(nil), told: map[string]*crowd{}}
}

// Put implements [Sink].
func (t *Text) Put(i Item) error {
	switch i := i.(type) {
	case Begin:
		t.begin(i)
	case Step:
		t.rest(false)
		t.step(i)
	case End:
		t.rest(true)
		t.line("")
		t.line(t.o.Lang.say(wTook, t.o.Lang.decimal(short(i.Took))))
	case Message:
		i.What = t.packet(i.What, i.Src.Is6())
		c := crowd{from: i.From, to: i.To, what: i.What, lasting: i.Segment}
		if !t.o.Quiet && t.newest(i.From+" "+i.To+" "+i.Fate.String()+" "+i.Flow, c) {
			t.row(i.Time, t.lanes.arrow(i.From, i.To, i.Fate == record.Delivered), t.message(&i))
		}
	case Happened:
		t.happened(&i)
	default:
		t.put(i)
	}
	return t.w.Flush()
}

func (t *Text) begin(b Begin) {
	t.start = b.Time
	t.lanes = newLanes(b.Nodes)
	t.line(b.Name + t.o.Lang.colon() + b.Title)
	if h := t.lanes.head(); h != "" && !t.o.Quiet {
		t.line("")
		t.line(strings.TrimRight(fmt.Sprintf("%15s  %s", t.o.Lang.say(wTime), h), " "))
	}
}

func (t *Text) step(s Step) {
	if t.most = t.o.Most; s.What == "trace" {
		t.most = min(t.most, 1)
	}
	if s.What == "show" || s.What == "wait" {
		return
	}
	t.line("")
	if s.What == "say" {
		for l := range strings.Lines(s.Text) {
			t.line("# " + strings.TrimRight(l, "\n"))
		}
		return
	}
	t.line("> " + s.What + " " + s.Text)
}

// line writes a line; the writer keeps its first error for Flush.
func (t *Text) line(s string) { fmt.Fprintln(t.w, strings.TrimRight(s, " ")) }

// row writes what happens at a time.
func (t *Text) row(at time.Time, where, what string) {
	ms := float64(at.Sub(t.start)) / float64(time.Millisecond)
	t.line(fmt.Sprintf("%s ms  %s  %s", t.o.Lang.decimal(fmt.Sprintf("%12.3f", ms)), where, what))
}

// newest counts a message, and reports whether it is to be told.
func (t *Text) newest(key string, first crowd) bool {
	c := t.told[key]
	if c == nil {
		c = &first
		t.told[key] = c
		t.order = append(t.order, key)
	}
	c.count++
	if t.most < 0 || c.count <= t.most {
		c.told++
		return true
	}
	return false
}

// rest tells how many were left out, those of connections at the end only.
func (t *Text) rest(end bool) {
	left := t.order[:0]
	for _, key := range t.order {
		c := t.told[key]
		if c.lasting && !end {
			left = append(left, key)
			continue
		}
		delete(t.told, key)
		n := c.count - c.told
		switch {
		case n == 0 || t.o.Quiet:
		case c.to == "":
			t.line(strings.Repeat(" ", 17) + t.o.Lang.say(wMoreAt, n, c.from, c.what))
		default:
			t.line(strings.Repeat(" ", 17) + t.o.Lang.say(wMore, n, c.from, c.to, c.what))
		}
	}
	t.order = left
}

var fateWords = map[record.Fate]word{
	record.Lost: wLost, record.TooBig: wTooBig, record.Cut: wCut, record.Unresolved: wUnresolved, record.Crowded: wCrowded,
}

// message says what goes over a link, and which rule made it.
func (t *Text) message(m *Message) string {
	var b strings.Builder
	if m.Src.IsValid() {
		fmt.Fprintf(&b, "%v > %v ", m.Src, m.Dst)
	}
	b.WriteString(m.What)
	switch o := m.Origin; o.Kind {
	case event.Error:
		fmt.Fprintf(&b, "%s%s %s", t.o.Lang.semi(), o.Rule(), t.o.Lang.cause(o.Cause))
	case event.Answer:
		fmt.Fprintf(&b, "%s%s %s", t.o.Lang.semi(), o.Rule(), t.o.Lang.say(wReply))
	case event.Advertise:
		fmt.Fprintf(&b, "%s%s", t.o.Lang.semi(), o.Rule())
	}
	for _, x := range []struct {
		on bool
		w  word
	}{{m.Duplicate, wCopy}, {m.Late, wLate}, {m.Corrupt, wCorrupt}} {
		if x.on {
			b.WriteString(t.o.Lang.semi() + t.o.Lang.say(x.w))
		}
	}
	if w, ok := fateWords[m.Fate]; ok {
		b.WriteString(t.o.Lang.semi() + t.o.Lang.say(w))
	}
	return b.String()
}

// happened says what a node did, where messages do not show it.
func (t *Text) happened(h *Happened) {
	l, e := t.o.Lang, &h.Event
	var s string
	rule := e.Rule
	news := false
	switch e.Kind {
	case event.Drop:
		s, rule = l.say(wDropped, l.drop(e.Drop)), e.Drop.Rule()
	case event.Withheld:
		s = l.say(wWithheld, l.cause(e.Cause), l.drop(e.Drop))
	case event.Trouble:
		s = l.say(wBelieved, l.cause(e.Cause))
	case event.Redirect:
		s, news = l.say(wRoute, h.Dst, e.Via), true
	case event.PMTU:
		s, news = l.say(wPMTU, h.Dst, e.MTU), true
	case event.Reassemble:
		s = l.say(wReassembled, e.Len)
	default:
		return
	}
	if rule != "" {
		s += " (" + rule + ")"
	}
	if t.o.Quiet && !news {
		return
	}
	if news || t.newest(h.Node+" "+s, crowd{from: h.Node, what: s}) {
		t.row(h.Time, t.lanes.mark(h.Node), s)
	}
}

// short is a duration in milliseconds, or in seconds when there are many.
func short(d time.Duration) string {
	if d >= 10*time.Second || d <= -10*time.Second {
		return fmt.Sprintf("%.3f s", d.Seconds())
	}
	return fmt.Sprintf("%.3f ms", float64(d)/float64(time.Millisecond))
}

// colon is what stands between a name and what it is.
func (l Lang) colon() string {
	if l == French {
		return " : "
	}
	return ": "
}

// semi is what stands between two parts of a line.
func (l Lang) semi() string {
	if l == French {
		return " ; "
	}
	return "; "
}

// decimal writes the point of a number as the language does.
func (l Lang) decimal(s string) string {
	if l == French {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}

// bits is a rate in bits, in the unit that suits it.
func bits(n float64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.2f Mbit", n/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kbit", n/1e3)
	}
	return fmt.Sprintf("%.0f bit", n)
}
