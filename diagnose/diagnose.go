package diagnose

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/probe/team"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/ip"
)

// What a zero Config stands for.
const (
	DefaultCount    = 10
	DefaultInterval = 100 * time.Millisecond
	DefaultTimeout  = time.Second
	DefaultRate     = 1000
	DefaultNames    = 2 * time.Second
)

// Config is what to find out about. Its zero value works, but for Dst.
type Config struct {
	Host string // as people call it; "": Dst
	Dst  netip.Addr

	Count    int           // echoes; 0: 10
	Interval time.Duration // between them; 0: 100 ms
	Timeout  time.Duration // for each answer; 0: a second
	Rate     int           // probes a second, of all; 0: 1,000
	UDPPort  uint16        // of the traces by UDP; 0: 33434
	TCPPort  uint16        // of the trace by TCP; 0: 80
	Ports    []uint16      // TCP ports to try besides

	// Numeric asks nobody for names and owners. Names is how long they are waited
	// for once everything else is known; 0: two seconds.
	Numeric bool
	Names   time.Duration
}

func (c *Config) fill() {
	if c.Host == "" {
		c.Host = c.Dst.String()
	}
	if c.Count == 0 {
		c.Count = DefaultCount
	}
	if c.Interval == 0 {
		c.Interval = DefaultInterval
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Rate == 0 {
		c.Rate = DefaultRate
	}
	if c.UDPPort == 0 {
		c.UDPPort = trace.DefaultPort
	}
	if c.TCPPort == 0 {
		c.TCPPort = trace.DefaultTCPPort
	}
	if c.Names == 0 {
		c.Names = DefaultNames
	}
}

// The traces: how many probes each hop has of each, and how far apart they begin.
// Gateways answer few probes at once, and then some a second.
const (
	queries     = 3
	tcpQueries  = 2
	flowQueries = 1
	flows       = 3 // of UDP
	apart       = 250 * time.Millisecond
	rounds      = 20 // of the closer look, one probe to each hop in each
	roundsApart = 100 * time.Millisecond
	portTTL     = 64
	portQueries = 2
)

// nobody is how long echoes are waited for when none was answered: a system takes
// three seconds to find out that a neighbour is not there, and says so then.
const nobody = 4 * time.Second

// inquiry is a diagnosis while it is made.
type inquiry struct {
	cfg    Config
	at     vantage.Point
	src    netip.Addr
	prober *probe.Prober
	team   team.Team
	book   *names.Book // nil: nobody is asked
	seen   map[netip.Addr]bool

	pings  []*ping.Ping
	traces []*trace.Trace
	ports  []*trace.Trace
	checks []*trace.Trace // of the flows once more
	mtu    *mtu.Strategy
	clock  *clock.Strategy
	ttl    ip.TTL // of the latest echo reply
	said   []facts.Said
	advice []facts.Said
	why    string // echoes could not be sent
	byte   int    // where an altered reply was
	alter  bool
	left   []facts.Omission
}

// Run measures from a place until all is known or ctx ends, which is no error:
// the facts say so then. The errors are those of finding a source address, and
// of a configuration that cannot be.
func Run(ctx context.Context, at vantage.Point, c Config) (facts.Facts, error) {
	c.fill()
	q := &inquiry{cfg: c, at: at, seen: map[netip.Addr]bool{}}
	f := facts.Facts{Host: c.Host, Dst: c.Dst}
	var err error
	if q.src, err = at.Source(c.Dst); err != nil {
		return f, err
	}
	f.Src = q.src
	if q.prober, err = at.Prober(probe.Config{Rate: c.Rate, Timeout: c.Timeout, Linger: nobody}); err != nil {
		return f, err
	}
	if !c.Numeric {
		q.book = openBook(at)
	}
	if q.book != nil {
		defer q.book.Close()
	}
	began := at.Now()
	if err := q.first(); err != nil {
		return f, err
	}
	if err := at.Run(ctx, &q.team, q.turn); err != nil {
		return f, err
	}
	if ctx.Err() == nil && q.unclear() {
		if err := q.second(); err != nil {
			return f, err
		}
		if err := at.Run(ctx, &q.team, q.turn); err != nil {
			return f, err
		}
	}
	if ctx.Err() == nil && q.parted() {
		if err := q.again(); err != nil {
			return f, err
		}
		if err := at.Run(ctx, &q.team, q.turn); err != nil {
			return f, err
		}
	}
	f.Took = at.Now().Sub(began)
	f.Interrupted = ctx.Err() != nil
	q.gather(&f)
	q.names(ctx, &f)
	return f, nil
}

func openBook(at vantage.Point) *names.Book {
	source, owners := at.Who()
	if source == nil && owners == nil {
		return nil
	}
	c := names.Config{Source: source}
	if owners != nil {
		c.Owners = []names.Owners{owners}
	}
	return names.New(c)
}

// first begins what is always asked.
func (q *inquiry) first() error {
	raw := q.at.Can().Raw
	c := &q.cfg
	err := errors.Join(
		q.ping(c.Count, c.Interval),
		q.trace(0, trace.Config{Kind: probe.Echo, Queries: queries}),
		q.trace(apart, trace.Config{Kind: probe.UDP, Port: c.UDPPort, Queries: queries}),
	)
	if raw {
		err = errors.Join(err, q.trace(2*apart, trace.Config{Kind: probe.TCP, Port: c.TCPPort, Queries: tcpQueries}))
	} else {
		q.leave("trace tcp", "privileges")
	}
	for flow := 1; flow < flows; flow++ {
		err = errors.Join(err, q.trace(time.Duration(2+flow)*apart, trace.Config{Kind: probe.UDP, Port: c.UDPPort, Queries: flowQueries, Flow: flow}))
	}
	n := q.team.Reserve(1)
	s, e := mtu.New(q.prober, mtu.Config{First: n, Src: q.src, Dst: c.Dst, DstPort: c.UDPPort, Timeout: c.Timeout})
	if e == nil {
		q.mtu = s
		q.team.Add(s, n, 1)
	}
	err = errors.Join(err, e)
	switch {
	case !c.Dst.Is4():
		q.leave("clock", "ipv6")
	case !raw:
		q.leave("clock", "privileges")
	default:
		err = errors.Join(err, q.compare())
	}
	if !raw && len(c.Ports) > 0 {
		q.leave("ports", "privileges")
		return err
	}
	for _, port := range c.Ports {
		err = errors.Join(err, q.port(port))
	}
	return err
}

func (q *inquiry) leave(what, why string) {
	q.left = append(q.left, facts.Omission{What: what, Why: why})
}

// unclear reports whether there is loss to be placed.
func (q *inquiry) unclear() bool {
	p := q.pings[0].Stats(0)
	return p.Received > 0 && p.Received < p.Sent-p.Unsent
}

// second begins what is asked when there is.
func (q *inquiry) second() error {
	err := q.ping(2*q.cfg.Count, q.cfg.Interval)
	for i := range rounds {
		err = errors.Join(err, q.trace(time.Duration(i)*roundsApart, trace.Config{Kind: probe.Echo, Queries: 1}))
	}
	return err
}

func (q *inquiry) ping(count int, interval time.Duration) error {
	n := q.team.Reserve(1)
	s, err := ping.New(q.prober, ping.Config{
		First: n, Targets: []ping.Target{{Src: q.src, Dst: q.cfg.Dst}}, Count: count, Interval: interval,
		Wait: max(q.cfg.Timeout, nobody), Timeout: q.cfg.Timeout, Size: 56, //nolint:mnd // as everyone's ping
	})
	if err != nil {
		return err
	}
	q.pings = append(q.pings, s)
	q.team.Add(s, n, 1)
	return nil
}

// trace begins a trace some time from now.
func (q *inquiry) trace(in time.Duration, c trace.Config) error {
	t, err := q.newTrace(in, c)
	if err == nil {
		q.traces = append(q.traces, t)
	}
	return err
}

func (q *inquiry) newTrace(in time.Duration, c trace.Config) (*trace.Trace, error) {
	c.First, c.Src, c.Dst, c.Wait = q.team.Reserve(1), q.src, q.cfg.Dst, q.cfg.Timeout
	c.StopAtLoop, c.Here, c.Near = true, -1, -1 // everything takes a second anyway: no haste
	t, err := trace.New(q.prober, c)
	if err != nil {
		return nil, err
	}
	q.team.Add(&late{Trace: t, in: in}, c.First, 1)
	return t, nil
}

// port tries one port: a trace of one hop, which is beyond the target.
func (q *inquiry) port(port uint16) error {
	t, err := q.newTrace(0, trace.Config{Kind: probe.TCP, Port: port, Flow: flows, FirstTTL: portTTL, MaxTTL: portTTL, Queries: portQueries})
	if err == nil {
		q.ports = append(q.ports, t)
	}
	return err
}

func (q *inquiry) compare() error {
	n := q.team.Reserve(1)
	s, err := clock.New(q.prober, clock.Config{First: n, Src: q.src, Dst: q.cfg.Dst, Timeout: q.cfg.Timeout})
	if err != nil {
		return err
	}
	q.clock = s
	q.team.Add(s, n, 1)
	return nil
}

// turn reads what is told, and asks for the names of whoever is new.
func (q *inquiry) turn(time.Time) {
	for _, s := range q.pings {
		for r, ok := s.Next(); ok; r, ok = s.Next() {
			q.echoed(&r)
		}
	}
	for _, t := range q.traces {
		for r, ok := t.Next(); ok; r, ok = t.Next() {
			q.meet(r.From)
		}
	}
	for _, t := range slices.Concat(q.ports, q.checks) {
		for _, ok := t.Next(); ok; _, ok = t.Next() {
			continue
		}
	}
	for _, ok := q.mtu.NextEvent(); ok; _, ok = q.mtu.NextEvent() {
		continue
	}
	if q.clock != nil {
		for _, ok := q.clock.Next(); ok; _, ok = q.clock.Next() {
			continue
		}
	}
}

func (q *inquiry) echoed(r *ping.Result) {
	q.meet(r.From)
	switch r.Kind {
	case ping.Reply, ping.Late:
		q.ttl = r.TTL
	case ping.Error:
		q.said = add(q.said, r.From, r.Claim)
	case ping.Advice:
		q.advice = add(q.advice, r.From, r.Claim)
	case ping.Unsent:
		q.why = r.Why
		if q.why == "" && r.Err != nil {
			q.why = r.Err.Error()
		}
	}
	if r.Altered && !q.alter {
		q.alter, q.byte = true, r.AlteredAt
	}
}

// add counts an error, which another may have said before.
func add(all []facts.Said, from netip.Addr, c probe.Claim) []facts.Said {
	for i := range all {
		if x := &all[i]; x.From == from && x.Claim.Type == c.Type && x.Claim.Code == c.Code {
			x.Count++
			return all
		}
	}
	c.Ext = nil // it is lent
	return append(all, facts.Said{From: from, Claim: c, Count: 1})
}

// meet has the name of an address looked up.
func (q *inquiry) meet(a netip.Addr) {
	if q.book == nil || !a.IsValid() || q.seen[a] {
		return
	}
	q.seen[a] = true
	q.book.Look(a)
}

// names waits for the names, and no longer than is reasonable.
func (q *inquiry) names(ctx context.Context, f *facts.Facts) {
	f.Who = map[netip.Addr]names.Who{}
	if q.book == nil {
		return
	}
	q.meet(q.cfg.Dst)
	all := make([]netip.Addr, 0, len(q.seen))
	for a := range q.seen {
		all = append(all, a)
	}
	ctx, cancel := context.WithTimeout(ctx, q.cfg.Names)
	defer cancel()
	_ = q.book.Wait(ctx, all...) // those that are not known by then stay so
	for _, a := range all {
		if who, _ := q.book.Look(a); who != (names.Who{}) {
			f.Who[a] = who
		}
	}
}
