// Package paths puts the results of a sweep with times to live together: which
// routers are on the way to each target (Yarrp, Beverly 2016).
//
//	p := paths.New(&targets, 32)
//	for r, ok := s.NextResult(); ok; r, ok = s.NextResult() { p.Add(&r) }
//	for x := range p.All() { fmt.Println(x.Target, x.Hops) }
//
// It takes eight octets for each target and time to live, and something for each
// router.
package paths

import (
	"iter"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe/sweep"
	"github.com/sonde-net/sonde/probe/sweep/space"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// MaxCells is for how many targets and times to live together there is memory:
// 256 MiB.
const MaxCells = 1 << 25

// cell is what came of one probe.
type cell struct {
	router uint32 // which of routers, from 1 on; 0: nobody has answered
	rtt    uint32 // microseconds; the longest there is stands for all longer ones
}

// Paths are the paths to the targets of a sweep. Make them with [New].
type Paths struct {
	targets *space.Set
	hops    int
	cells   []cell
	ends    []end
	routers []netip.Addr
	known   map[netip.Addr]uint32
}

// end is how a path ends: at the least time to live that somebody else than a
// router has answered at.
type end struct {
	hop       uint8 // 0: it is open
	reached   bool
	typ, code uint8 // of an error that ends it
}

// New makes the paths to targets, with times to live from 1 to hops; nil: there
// are more than [MaxCells].
func New(targets *space.Set, hops int) *Paths {
	n := targets.Len()
	if n > MaxCells/uint64(max(hops, 1)) {
		return nil
	}
	return &Paths{
		targets: targets, hops: hops, cells: make([]cell, n*uint64(hops)), ends: make([]end, n),
		known: map[netip.Addr]uint32{},
	}
}

// Add takes a result.
func (p *Paths) Add(r *sweep.Result) {
	i, ok := p.targets.Index(r.Target)
	if !ok || r.Hop == 0 || int(r.Hop) > p.hops {
		return
	}
	c := &p.cells[i*uint64(p.hops)+uint64(r.Hop-1)]
	if c.router == 0 {
		*c = cell{p.router(r.From), uint32(min(r.RTT/time.Microsecond, 1<<32-1))}
	}
	e := &p.ends[i]
	if passing(r) || e.hop != 0 && e.hop <= r.Hop {
		return
	}
	*e = end{hop: r.Hop, reached: r.Kind == sweep.Reply, typ: r.Type, code: r.Code}
}

// passing reports whether a result is that of a router that would have passed the
// probe on.
func passing(r *sweep.Result) bool {
	if r.Kind == sweep.Reply {
		return false
	}
	if r.Target.Is4() {
		return r.Type == uint8(icmp4.TypeTimeExceeded)
	}
	return r.Type == uint8(icmp6.TypeTimeExceeded)
}

func (p *Paths) router(a netip.Addr) uint32 {
	n, ok := p.known[a]
	if !ok {
		p.routers = append(p.routers, a)
		n = uint32(len(p.routers))
		p.known[a] = n
	}
	return n
}

// Hop is somebody on the way.
type Hop struct {
	TTL  uint8         `json:"ttl"`
	Addr netip.Addr    `json:"addr,omitzero"` // the zero Addr: nobody has answered
	RTT  time.Duration `json:"rtt_ns,omitzero"`
}

// Path is the way to a target.
type Path struct {
	Target  netip.Addr `json:"target"`
	Reached bool       `json:"reached"`
	Type    uint8      `json:"type,omitzero"` // of the error that ends it
	Code    uint8      `json:"code,omitzero"`
	Hops    []Hop      `json:"hops"` // up to the last that has answered
}

// Routers returns how many have answered, targets included.
func (p *Paths) Routers() int { return len(p.routers) }

// All returns the paths on which anybody has answered, in the order of the targets.
// The hops are good until the next path.
func (p *Paths) All() iter.Seq[Path] {
	return func(yield func(Path) bool) {
		hops := make([]Hop, 0, p.hops)
		for i := range p.ends {
			e := &p.ends[i]
			last := p.hops
			if e.hop != 0 {
				last = int(e.hop)
			}
			x := Path{Reached: e.reached, Type: e.typ, Code: e.code, Hops: hops[:0]}
			heard := 0
			for h := range last {
				c := p.cells[i*p.hops+h]
				hop := Hop{TTL: uint8(h + 1)}
				if c.router != 0 {
					hop.Addr, hop.RTT = p.routers[c.router-1], time.Duration(c.rtt)*time.Microsecond
					heard = h + 1
				}
				x.Hops = append(x.Hops, hop)
			}
			if heard == 0 {
				continue
			}
			x.Hops, x.Target = x.Hops[:heard], p.targets.At(uint64(i))
			if !yield(x) {
				return
			}
		}
	}
}
