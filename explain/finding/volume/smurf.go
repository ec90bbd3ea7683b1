package volume

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
)

// SmurfConfig says what smurf is. Zeros stand for the values in brackets.
type SmurfConfig struct {
	Requests int // echo requests to a broadcast address within ten seconds [20]
	Replies  int // hosts that answer one request from outside [2]
	Size     int // of the tables [1024]
}

// Smurf finds broadcast echo that is an attack, and networks that amplify it.
// Its victims are found by [Unsolicited].
//
// Reading: a request is from outside when its sender is on none of the networks
// that the address can be the broadcast address of: 10.0.3.255 is that of
// 10.0.0.0/22 at most. What is on the same /24 is near in any case. So ping -b on
// one's own network is none.
type Smurf struct {
	c        SmurfConfig
	report   *finding.Report
	asked    *table.Table[finding.Window]
	answered *table.Table[repliers]
}

type repliers struct {
	request int
	first   conversation.Ref
	addrs   [16]table.Addr
	n       int
}

// NewSmurf returns the detector.
func NewSmurf(c SmurfConfig, seed uint64, r *finding.Report) *Smurf {
	c = SmurfConfig{finding.Or(c.Requests, 20), finding.Or(c.Replies, 2), finding.Or(c.Size, 1024)}
	return &Smurf{c, r, table.New[finding.Window](c.Size, seed), table.New[repliers](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Smurf) Interest() finding.Interest { return finding.Requests | finding.Replies }

// Tick implements [finding.Detector].
func (*Smurf) Tick(time.Time, bool) {}

const smurfSpan = 10 * time.Second

// Observe implements [finding.Detector].
func (d *Smurf) Observe(s *conversation.Seen) {
	if s.Class != conversation.Echo || s.Header.Version != 4 {
		return
	}
	if s.Role == conversation.Request {
		d.request(s)
		return
	}
	if s.ToMany && !s.AskedAt.IsMulticast() {
		d.reply(s)
	}
}

func (d *Smurf) request(s *conversation.Seen) {
	if !s.IsBroadcast() {
		return
	}
	key := table.Pair(s.SrcAddr, s.DstAddr, 0)
	w, _ := d.asked.Put(&key)
	w.Add(s, smurfSpan)
	if w.N < d.c.Requests {
		return
	}
	if f := d.report.Found(s, finding.SmurfAttack, finding.Alarm, key); f != nil {
		if w.N == d.c.Requests {
			f.Begin(w.First, w.N-1)
		}
		f.Rate = max(f.Rate, rate(w, s.Time))
		f.SayAddr(finding.FactBroadcast, s.Header.Dst)
	}
}

// rate returns how many a second there were in a window so far, over a second at
// least.
func rate(w *finding.Window, now time.Time) float64 {
	return float64(w.N) / max(now.Sub(w.Start).Seconds(), 1)
}

func (d *Smurf) reply(s *conversation.Seen) {
	if near(s.Header.Dst, s.AskedAt) {
		return
	}
	key := table.Pair(s.DstAddr, table.AddrOf(s.AskedAt), 0)
	v, fresh := d.answered.Put(&key)
	if fresh || v.request != s.Request.Number {
		*v = repliers{request: s.Request.Number, first: conversation.Ref{Number: s.Number, Time: s.Time}}
	}
	if slices.Contains(v.addrs[:v.n], s.SrcAddr) || v.n == len(v.addrs) {
		return
	}
	v.addrs[v.n] = s.SrcAddr
	v.n++
	if v.n < d.c.Replies {
		return
	}
	f := d.report.Found(s, finding.SmurfAmplifier, finding.Alarm, key)
	if f == nil {
		return
	}
	if v.n == d.c.Replies {
		f.Begin(v.first, v.n-1)
	}
	f.From, f.To = s.AskedAt, s.Header.Dst
	for _, a := range v.addrs[:v.n] {
		f.Involve(a.Netip())
	}
	f.SayAddr(finding.FactBroadcast, s.AskedAt)
	f.SayNumber(finding.FactReplies, max(f.Number(finding.FactReplies), float64(v.n)))
}

// near reports whether an IPv4 address may be on the network whose broadcast
// address is that.
func near(a, broadcast netip.Addr) bool {
	if !a.Is4() || !broadcast.Is4() {
		return false
	}
	x, y := a.As4(), broadcast.As4()
	b := binary.BigEndian.Uint32(y[:])
	host := max(bits.TrailingZeros32(^b), 8) // bits of a host on that network, at most
	return (binary.BigEndian.Uint32(x[:])^b)>>host == 0
}
