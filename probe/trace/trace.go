package trace

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/rewrite"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
	"github.com/sonde-net/sonde/wire/transport"
)

// Trace is one trace: a [probe.Strategy]. Make one with [New].
type Trace struct {
	p *probe.Prober
	c Config
	q probe.Probe // what all probes have in common

	results []Result // of all probes that there may be, hop by hop
	asks    []ask    // likewise
	hops    []Hop    // each has a part of results

	next int // the first probe that was not sent yet
	head int // the first whose result may change
	told int // the first that Next has not told
	end  int // the first that is not wanted

	last    time.Time // when the last probe was handed over
	under   int       // how many count as under way
	again   []int     // to be asked again
	asking  int       // the one that is; -1: none
	doubts  int       // how many are overdue
	size    int       // octets of data of the probes to come
	mtu     int       // what the size was lowered to; 0: it was not
	lowered int       // how often that was
	err     error
	slow    time.Duration // the longest time so far
	over    bool          // it has ended
	seen    []rewrite.Seen
}

// ask is what is kept of a probe beside its result.
type ask struct {
	handle  probe.Handle
	at      time.Time     // handed over
	wait    time.Duration // how long it is waited for
	counted bool          // as one that is under way
	doubt   time.Time     // when it is given up, once its time is over
	tested  bool          // it was asked again because the destination may not answer all
}

var _ probe.Strategy = (*Trace)(nil)

// New makes a trace that asks by p. The error is a [*wire.FieldError] that says
// which field of the configuration is wrong.
func New(p *probe.Prober, c Config) (*Trace, error) {
	c, err := c.check()
	if err != nil {
		return nil, err
	}
	t := &Trace{p: p, c: c, asking: -1, size: max(c.Size, 0)}
	t.q = probe.Probe{
		Target: c.First, Kind: c.Kind, Src: c.Src, Dst: c.Dst,
		TOS: c.TOS, DF: c.DF, Discover: c.DF, FlowLabel: c.FlowLabel, Size: t.size, SrcPort: c.SrcPort, DstPort: c.Port,
	}
	if err := t.route(); err != nil {
		return nil, err
	}
	t.keep()
	if err := t.q.Check(c.First + 1); err != nil {
		return nil, asConfig(err)
	}
	n := (int(c.MaxTTL-c.FirstTTL) + 1) * c.Queries
	t.results, t.asks, t.end = make([]Result, n), make([]ask, n), n
	for i := range t.results {
		t.results[i].TTL, t.results[i].Query = c.FirstTTL+ip.TTL(i/c.Queries), 1+i%c.Queries
		if i%c.Queries == 0 {
			t.hops = append(t.hops, Hop{TTL: t.results[i].TTL, Probes: t.results[i : i+c.Queries : i+c.Queries]})
		}
	}
	return t, nil
}

// asConfig makes what is wrong with a probe what is wrong with a configuration.
func asConfig(err error) error {
	var f *wire.FieldError
	if errors.As(err, &f) {
		g := *f
		g.Type = "trace.Config"
		return &g
	}
	return err
}

// route makes the option of a loose source route.
func (t *Trace) route() error {
	if len(t.c.Via) == 0 {
		return nil
	}
	hops := append(append(t.c.Via[:0:0], t.c.Via[1:]...), t.c.Dst)
	b, err := option.AppendSourceRoute(nil, ip.OptLSRR, hops...)
	if err != nil {
		return err
	}
	t.q.Options, t.q.Dst, t.q.Peer = ip.PadOptions(b), t.c.Via[0], t.c.Dst
	return nil
}

// keep keeps the flow of all probes the same, unless that is not wanted. A
// checksum is what the flow of ICMP goes by.
func (t *Trace) keep() {
	switch {
	case t.c.Classic:
	case t.c.Kind != probe.Echo:
		t.q.SrcPort = cmp.Or(t.q.SrcPort, t.p.Port(t.c.Flow))
	default:
		t.q.Checksum = t.p.Port(t.c.Flow)
	}
}

// Hear implements [probe.Strategy].
func (t *Trace) Hear(now time.Time, e *probe.Event) {
	i := int(e.Tag)
	if e.Tag >= uint64(len(t.results)) || i < t.told || i >= t.end || i >= t.next {
		return
	}
	switch e.Kind {
	case probe.Reply, probe.Error, probe.Late:
		t.answered(i, e)
	case probe.Rewritten:
		if e.Handle == t.asks[i].handle && t.results[i].Status == Waiting {
			t.p.Cancel(e.Handle) // it is answered, and credited to nothing
			t.answered(i, e)
		}
	case probe.Timeout:
		if e.Handle == t.asks[i].handle {
			t.late(now, i)
		}
	case probe.Unsent:
		if e.Handle == t.asks[i].handle {
			t.unsent(i, e)
		}
	}
}

// answered takes an answer about a probe that was told of by nobody yet.
func (t *Trace) answered(i int, e *probe.Event) {
	r := &t.results[i]
	if r.Status == Answered {
		return
	}
	if t.c.MTU && t.tooLarge(i, e.Claim) {
		return
	}
	t.uncount(i)
	if t.asks[i].handle != e.Handle {
		t.p.Cancel(t.asks[i].handle)
	}
	r.Status, r.From, r.RTT, r.Stamp, r.ReplyTTL, r.ReplyTOS = Answered, e.From, e.RTT, e.Stamp, e.TTL, e.TOS
	r.Claim, r.Flags, r.Reached, r.Guessed, r.Late = e.Claim, e.Answer.Flags, e.Reached, e.Guessed, e.Kind == probe.Late
	r.SrcPort, r.DstPort, r.Shown = e.SrcPort, e.DstPort, e.Shown
	if s, ok := rewrite.Of(r.TTL, e); ok {
		t.seen = append(t.seen, s)
	}
	r.Claim.Ext = bytes.Clone(e.Claim.Ext)
	t.slow = max(t.slow, r.RTT)
	if r.Final() {
		t.cut((i/t.c.Queries + 1) * t.c.Queries)
	}
	if t.c.StopAtLoop {
		if l, ok := t.Loop(); ok {
			t.cut(t.index(l.To+1, 0))
		}
	}
	if r.Flags&transport.SYN != 0 && !t.c.Classic {
		t.halfOpen(i)
	}
	if r.Reached {
		t.reconsider()
	}
	t.patience()
}

// index returns the number of a hop's probe.
func (t *Trace) index(ttl ip.TTL, query int) int {
	return int(ttl-t.c.FirstTTL)*t.c.Queries + query
}

// cut ends the trace before the probe end.
func (t *Trace) cut(end int) {
	for i := end; i < min(t.end, t.next); i++ {
		t.drop(i)
	}
	t.end = min(t.end, end)
}

// drop gives up a probe.
func (t *Trace) drop(i int) {
	if t.results[i].Status == Waiting {
		t.p.Cancel(t.asks[i].handle)
		t.uncount(i)
		t.results[i].Status = Unasked
	}
}

// uncount ends that a probe is under way.
func (t *Trace) uncount(i int) {
	if t.asks[i].counted {
		t.asks[i].counted = false
		t.under--
	}
	if !t.asks[i].doubt.IsZero() {
		t.asks[i].doubt = time.Time{}
		t.doubts--
	}
	if t.asking == i {
		t.asking = -1
	}
}

// unsent takes note that a probe could not be sent. The trace ends with it, or
// with its hop when the size was what was wrong.
func (t *Trace) unsent(i int, e *probe.Event) {
	var big interface{ TooBig() int }
	large := errors.As(e.Err, &big)
	if large && t.c.MTU && t.lower(i, big.TooBig()) {
		return
	}
	r := &t.results[i]
	t.uncount(i)
	r.Status, r.Err, r.Why = Unsent, e.Err, e.Why
	if large {
		// The first link says what a gateway would.
		r.Claim = tooBig(t.c.Dst.Is6(), big.TooBig())
		t.cut((i/t.c.Queries + 1) * t.c.Queries)
		return
	}
	if t.err == nil {
		t.err = e.Err
	}
	t.cut(i + 1)
}

// Tick implements [probe.Strategy].
func (t *Trace) Tick(now time.Time) {
	t.settle(now)
	t.release(now)
	for {
		i, ok := t.due(now)
		if !ok {
			break
		}
		t.send(now, i)
	}
	t.advance()
}

// due returns the probe that is to be sent now.
func (t *Trace) due(now time.Time) (i int, ok bool) {
	if t.under >= t.c.Parallel || now.Before(t.open()) {
		return 0, false
	}
	for len(t.again) > 0 && t.asking < 0 {
		i, t.again = t.again[0], t.again[1:]
		if i < t.end && t.results[i].Status == Waiting {
			t.asking = i
			return i, true
		}
	}
	if t.next >= t.end {
		return 0, false
	}
	t.next++
	return t.next - 1, true
}

// open is when the next probe may be sent, as far as Gap goes.
func (t *Trace) open() time.Time {
	if t.last.IsZero() || t.c.Gap == 0 {
		return time.Time{}
	}
	return t.last.Add(t.c.Gap)
}

func (t *Trace) send(now time.Time, i int) {
	r, a := &t.results[i], &t.asks[i]
	q := t.q
	q.TTL, q.Tag, q.Size = r.TTL, uint64(i), t.size
	if t.c.Classic && t.c.Kind == probe.UDP && !t.c.OnePort {
		q.DstPort = port(t.c.Port, i)
	}
	a.at, a.wait = now, t.waitFor(i)
	q.Timeout = a.wait
	r.Status, r.Size = Waiting, t.c.header()+t.size
	t.last = now
	h, err := t.p.Send(now, &q)
	if err != nil {
		t.unsent(i, &probe.Event{Err: err, Why: err.Error()})
		return
	}
	a.handle, a.counted = h, true
	t.under++
}

// port returns the i-th port from first on. There is no port 0.
func port(first uint16, i int) uint16 {
	return uint16((int(first)-1+i)%65535) + 1
}

// advance moves on over what can't change any more.
func (t *Trace) advance() {
	for t.head < min(t.next, t.end) && t.results[t.head].Status != Waiting {
		t.head++
	}
	t.over = t.head >= t.end
}

// Done implements [probe.Strategy].
func (t *Trace) Done() bool { return t.over }

// Next returns the next result that is final, in the order of hops and probes.
func (t *Trace) Next() (Result, bool) {
	if t.told >= min(t.head, t.end) {
		return Result{}, false
	}
	t.told++
	return t.results[t.told-1], true
}

// Hops returns the hops as far as they are wanted and were asked: all that is
// known now. They are the trace's own, and change as long as it is not done.
func (t *Trace) Hops() []Hop {
	n := (min(t.next, t.end) + t.c.Queries - 1) / t.c.Queries
	return t.hops[:n]
}

// Reached reports whether the destination has answered.
func (t *Trace) Reached() bool {
	for _, h := range t.Hops() {
		if h.Reached() {
			return true
		}
	}
	return false
}

// Changes returns where on the way probes begin to be seen otherwise than they were
// sent, as far as the prober tells of that ([probe.Config.Rewritten]).
func (t *Trace) Changes() []rewrite.Change {
	// What was beyond the end is none of the way.
	return rewrite.Changes(slices.DeleteFunc(slices.Clone(t.seen), func(s rewrite.Seen) bool { return s.TTL > t.Length() }))
}

// Length returns the time to live of the last hop: of the first one at which the
// destination has answered, or somebody has said that it cannot be reached;
// without such an answer of the last that was asked, and 0 before that.
func (t *Trace) Length() ip.TTL {
	if hops := t.Hops(); len(hops) > 0 {
		return hops[len(hops)-1].TTL
	}
	return 0
}

// Err returns why the trace has ended before its time: a probe could not be
// sent; nil: it has not.
func (t *Trace) Err() error { return t.err }

// Config returns the configuration with its defaults filled in.
func (t *Trace) Config() Config { return t.c }
