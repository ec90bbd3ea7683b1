//go:build linux

package proof

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"time"

	"github.com/vishvananda/netns"

	"github.com/sonde-net/sonde/guard/kernel"
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/rules"
)

// Run makes the proof. It ends early with the context, and returns its error.
func Run(ctx context.Context, c Config) (*Report, error) {
	if c.Set != nil {
		c.Forwards = c.Set.Policy.Role.Forwards()
		if c.Forwards {
			c.Outside = c.Set.Policy.Outside[0]
		}
		for i := range c.Set.Policy.Exceptions {
			if name := c.Set.Policy.Exceptions[i].Interface; name != "" && !c.Forwards && c.Outside == "" {
				c.Outside = name
			}
		}
		if c.Outside == c.Inside || c.Outside == "in0" {
			c.Inside = "in1"
		}
	}
	var r *Report
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the namespace goes with the thread
		var err error
		r, err = run(ctx, &c)
		done <- err
	}()
	err := <-done
	return r, err
}

func run(ctx context.Context, c *Config) (*Report, error) {
	l, err := build(c)
	defer l.close()
	if err != nil {
		return nil, err
	}
	text := c.Text
	if c.Set != nil {
		text = c.Set.Text(rules.TextOptions{Unlimited: true})
	}
	if err := kernel.Load(ctx, text); err != nil {
		return nil, err
	}
	t := &trial{lab: l, config: c, buffer: make([]byte, 1<<16)}
	ways := c.ways()
	for i := range ways {
		t.of += len(ways[i].kinds())
	}
	r := &Report{}
	for i, w := range ways {
		result, err := t.way(ctx, i, w)
		if err != nil {
			return nil, err
		}
		r.Results = append(r.Results, result)
	}
	if c.Set != nil && c.Limits {
		if err := kernel.Load(ctx, c.Set.Text(rules.TextOptions{})); err != nil {
			return nil, err
		}
		r.Limits, err = t.limits(ctx, len(ways))
	}
	return r, err
}

// trial sends and counts.
type trial struct {
	*lab
	config *Config
	buffer []byte
	out    []byte
	sent   int
	of     int
}

// course is where messages of a way go.
type course struct {
	from     *node // nil: the machine
	src, dst netip.Addr
	counter  int    // where they are counted
	whole    bool   // the counter sees IP headers
	name     string // of the machine's interface
}

func (t *trial) course(w Way) course {
	near, far := t.inside, t.outside
	if w.In == rules.Outside || w.Out == rules.Inside && w.Where == policy.Through {
		near, far = t.outside, t.inside
	}
	f := w.Family
	src := near.far[f]
	if w.Source.IsValid() {
		src = w.Source
	}
	switch w.Where {
	case policy.In:
		return course{near.peer, src, near.own[f], t.machine.hear[f], f == kind.V4, near.name}
	case policy.Through:
		return course{near.peer, src, far.far[f], far.peer.packet[f], true, near.name}
	}
	to := t.inside
	if w.Out == rules.Outside {
		to = t.outside
	}
	return course{nil, to.own[f], to.far[f], to.peer.packet[f], true, to.name}
}

// way sends all kinds of a way and counts what passes.
func (t *trial) way(ctx context.Context, number int, w Way) (Result, error) {
	r := Result{Way: w}
	c := t.course(w)
	if w.Belongs {
		if err := t.converse(w, c); err != nil {
			return r, err
		}
	}
	var seen [256][256]bool
	count := func(b []byte) {
		if way, k, ok := read(b, w.Family, c.whole); ok && way == number {
			seen[k.Type][k.Code] = true
		}
	}
	if err := settle(c.counter, t.buffer, func([]byte) {}); err != nil {
		return r, err
	}
	kinds := w.kinds()
	for i, k := range kinds {
		if err := t.send(number, w, c, k); err != nil {
			return r, fmt.Errorf("%v, %v: %w", w, k, err)
		}
		r.Sent++
		t.sent++
		if i%128 == 127 {
			if err := drain(c.counter, t.buffer, count); err != nil {
				return r, err
			}
			if ctx.Err() != nil {
				return r, ctx.Err()
			}
			if t.config.Progress != nil && t.sent%(1<<14) < 128 {
				t.config.Progress(t.sent, t.of)
			}
		}
	}
	missing := func() bool {
		return t.config.Set != nil && slices.ContainsFunc(kinds, func(k kind.Kind) bool {
			return !seen[k.Type][k.Code] && w.promise(t.config.Set, k, c.src, c.dst, c.name).Pass
		})
	}
	if err := settleAll(c.counter, t.buffer, count, missing); err != nil {
		return r, err
	}
	for _, k := range kinds {
		passed := seen[k.Type][k.Code]
		if passed {
			r.Passed = append(r.Passed, k)
		}
		if s := t.config.Set; s != nil && passed != w.promise(s, k, c.src, c.dst, c.name).Pass {
			r.Wrong = append(r.Wrong, Wrong{k, passed})
		}
	}
	return r, nil
}

// answered is the identifier of the question that was asked.
const answered = 0x5e7d

func (t *trial) send(number int, w Way, c course, k kind.Kind) error {
	p := packet{
		way: number, kind: k, src: c.src, dst: c.dst, hops: w.HopLimit, belongs: w.Belongs,
		back: w.Where == policy.Through && w.In == rules.Inside,
		id:   uint16(number)<<8 | uint16(k.Type),
	}
	if w.Belongs {
		p.id = answered
	}
	t.out = p.append(t.out[:0])
	if c.from == nil {
		return t.machine.emit(w.Family, t.out, c.dst)
	}
	return c.from.transmit(w.Family, t.out)
}

// converse begins the conversation that the messages of a way belong to: a
// datagram of UDP, and a question. Of those through the machine, inside begins.
func (t *trial) converse(w Way, c course) error {
	asker, peer, at := c.dst, c.src, t.machine
	if w.Where == policy.Through {
		asker, peer, at = t.inside.far[w.Family], t.outside.far[w.Family], t.inside.peer
	}
	if err := netns.Set(at.ns); err != nil {
		return err
	}
	u, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(asker, portClient)), net.UDPAddrFromAddrPort(netip.AddrPortFrom(peer, portServer)))
	if back := netns.Set(t.machine.ns); back != nil {
		return back
	}
	if err != nil {
		return err
	}
	defer u.Close()
	if _, err := u.Write([]byte(mark)); err != nil {
		return err
	}
	echo := kind.Kind{Family: w.Family, Type: 8}
	if w.Family == kind.V6 {
		echo.Type = 128
	}
	p := packet{way: 255, kind: echo, src: asker, dst: peer, hops: unicast, id: answered}
	t.out = p.append(t.out[:0])
	if at == t.machine {
		return t.machine.emit(w.Family, t.out, peer)
	}
	return at.transmit(w.Family, t.out)
}

// limits sends more of each kind that is limited than may pass at once.
func (t *trial) limits(ctx context.Context, number int) ([]Limited, error) {
	const most = 20000
	var out []Limited
	for _, w := range t.config.ways() {
		c := t.course(w)
		var last *rules.Rule
		for _, k := range w.kinds() {
			v := w.promise(t.config.Set, k, c.src, c.dst, c.name)
			// One of each rule; what belongs to nothing, where it may.
			if !v.Pass || v.Limit.Zero() || v.Rule == last || v.Rule.Belongs != w.Belongs || w.HopLimit != unicast && v.Rule.HopLimit == 0 {
				continue
			}
			last = v.Rule
			x := Limited{Way: w, Kind: k, Limit: v.Limit, Sent: min(2*v.Limit.Burst+10, most)}
			if err := t.flood(ctx, number, c, &x); err != nil {
				return nil, err
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// flood sends messages of a kind as fast as it goes, and counts.
func (t *trial) flood(ctx context.Context, number int, c course, x *Limited) error {
	// Each begins with a limit that is full.
	if err := kernel.Load(ctx, t.config.Set.Text(rules.TextOptions{})); err != nil {
		return err
	}
	if x.Belongs {
		if err := t.converse(x.Way, c); err != nil {
			return err
		}
	}
	if err := settle(c.counter, t.buffer, func([]byte) {}); err != nil {
		return err
	}
	count := func(b []byte) {
		if way, k, ok := read(b, x.Family, c.whole); ok && way == number && k == x.Kind {
			x.Passed++
		}
	}
	start := time.Now()
	for i := range x.Sent {
		if err := t.send(number, x.Way, c, x.Kind); err != nil {
			return err
		}
		if i%128 == 127 {
			if err := drain(c.counter, t.buffer, count); err != nil {
				return err
			}
		}
	}
	x.Least = min(x.Limit.Burst, x.Sent)
	if err := settleAll(c.counter, t.buffer, count, func() bool { return x.Passed < x.Least }); err != nil {
		return err
	}
	x.Took = time.Since(start)
	x.Most = min(x.Limit.Burst+1+int(float64(x.Limit.Packets)*float64(x.Took)/float64(x.Limit.Per)), x.Sent)
	x.Allowed = x.Least <= x.Passed && x.Passed <= x.Most
	return nil
}
