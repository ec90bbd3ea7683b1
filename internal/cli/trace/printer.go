package trace

import (
	"bufio"
	"context"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/vantage"
)

// nameWait is how long a line waits for the name of an address, from when it
// could be printed.
const nameWait = 2 * time.Second

// renderer turns a trace into text or JSON.
type renderer interface {
	head()
	result(r *trace.Result, w names.Who)
	tail()
}

// printer prints results in their order, each when it is known who answered, or
// when that takes too long.
type printer struct {
	t       *trace.Trace
	at      vantage.Point
	w       *bufio.Writer
	book    *names.Book // nil: nobody wants to know
	pending []waiting
	render  renderer
	wake    *time.Timer // when the first that is pending has waited for long enough
}

// waiting is a result that waits for its turn.
type waiting struct {
	r     trace.Result
	since time.Time // by the clock of this machine, as names are
}

func newPrinter(o *options, t *trace.Trace, at vantage.Point, w *bufio.Writer) *printer {
	p := &printer{t: t, at: at, w: w}
	source, owners := at.Who()
	if o.numeric {
		source = nil
	}
	if !o.as && o.place.Lab == "" {
		owners = nil
	}
	if source != nil || owners != nil {
		c := names.Config{Source: source}
		if owners != nil {
			c.Owners = []names.Owners{owners}
		}
		p.book = names.New(c)
		p.book.Notify(at.Interrupt)
	}
	p.render = newText(o, t, w)
	if o.json {
		p.render = newJSON(o, t, w)
	}
	return p
}

func (p *printer) begin() {
	p.render.head()
	_ = p.w.Flush()
}

// turn prints what can be printed.
func (p *printer) turn() {
	n := len(p.pending)
	for r, ok := p.t.Next(); ok; r, ok = p.t.Next() {
		p.pending = append(p.pending, waiting{r, time.Now()})
		p.who(r.From)
	}
	if len(p.pending) == 0 {
		return
	}
	p.print(p.at.Can().Virtual)
	if len(p.pending) > 0 && len(p.pending) != n {
		p.wake = time.AfterFunc(time.Until(p.pending[0].since.Add(nameWait)), p.at.Interrupt)
	}
	_ = p.w.Flush()
}

// print prints pending results in their order, up to the first whose name is not
// known yet; all of them, when it has to be now.
func (p *printer) print(now bool) {
	for len(p.pending) > 0 {
		x := &p.pending[0]
		who, all := p.who(x.r.From)
		if !all && now {
			who = p.wait(context.Background(), x)
		} else if !all && time.Since(x.since) < nameWait {
			return
		}
		p.render.result(&x.r, who)
		p.pending = p.pending[1:]
	}
}

// who returns who an address is, and whether that is all there is to know.
func (p *printer) who(a netip.Addr) (names.Who, bool) {
	if p.book == nil || !a.IsValid() {
		return names.Who{}, true
	}
	return p.book.Look(a)
}

// wait waits for the name in a result, as long as is left for it.
func (p *printer) wait(ctx context.Context, x *waiting) names.Who {
	ctx, cancel := context.WithDeadline(ctx, x.since.Add(nameWait))
	defer cancel()
	_ = p.book.Wait(ctx, x.r.From) // what is not known by then is not printed
	who, _ := p.book.Look(x.r.From)
	return who
}

// end prints the rest.
func (p *printer) end(ctx context.Context) {
	p.turn()
	for len(p.pending) > 0 {
		if ctx.Err() == nil {
			p.wait(ctx, &p.pending[0])
		} else {
			p.pending[0].since = time.Time{}
		}
		p.print(ctx.Err() != nil)
		_ = p.w.Flush()
	}
	p.render.tail()
}

// close ends the questions, and does not wait for those who do not listen.
func (p *printer) close() {
	if p.wake != nil {
		p.wake.Stop()
	}
	if p.book != nil {
		p.book.Notify(nil)
		go p.book.Close()
	}
}
