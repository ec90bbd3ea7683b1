package ask

import (
	"bytes"
	"math"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// What the zeros of a step stand for.
const (
	defaultData     = 56
	defaultTimeout  = time.Second
	defaultInterval = time.Second
)

// Pinger sends echo requests, and tells what ping tells.
type Pinger struct {
	p       *topology.Ping
	socket  *endpoint.ICMP
	opts    endpoint.Options
	to      netip.Addr // who is asked
	first   netip.Addr // where requests are sent
	id      uint16
	data    []byte
	probes  []probe
	next    time.Time
	end     narration.PingEnd
	rtts    []time.Duration
	waiting int // probes without an answer or an error
	told    []narration.Item
}

type probe struct {
	at      time.Time
	replies int
	failed  bool
}

// Ping makes a strategy of a step. Its requests have the identifier id.
func Ping(h *lab.Host, t *topology.Topology, p *topology.Ping, id uint16) (*Pinger, error) {
	to, _ := t.Addr(p.To)
	opts, first, err := Header(t, &p.Header, to)
	if err != nil {
		return nil, err
	}
	s, err := h.Endpoint.OpenICMP(nil)
	if err != nil {
		return nil, err
	}
	x := &Pinger{p: p, socket: s, opts: opts, to: to, first: first, id: id}
	x.data = make([]byte, or(p.Size, defaultData))
	for i := range x.data {
		x.data[i] = byte(i)
	}
	return x, nil
}

// Poll implements [Strategy].
func (x *Pinger) Poll(now time.Time) (told []narration.Item, next time.Time, done bool) {
	x.told = nil
	if len(x.probes) == 0 {
		header := ip.MinHeaderLen4 + len(x.opts.IPOptions)
		if x.to.Is6() {
			header = ip.HeaderLen6
		}
		x.tell(narration.PingBegin{Moment: narration.At(now), To: x.to, Size: len(x.data), Len: header + icmp4.HeaderLen + len(x.data)})
		x.next = now
	}
	messages(x.socket, x.answered)
	count, timeout := or(x.p.Count, 1), or(x.p.Timeout, defaultTimeout)
	for len(x.probes) < count && !now.Before(x.next) {
		x.send(now)
		x.next = now.Add(or(x.p.Interval, defaultInterval))
	}
	if len(x.probes) < count {
		return x.told, x.next, false
	}
	over := x.probes[count-1].at.Add(timeout)
	if x.waiting > 0 && now.Before(over) {
		return x.told, over, false
	}
	x.finish(now)
	return x.told, time.Time{}, true
}

func (x *Pinger) tell(i narration.Item) { x.told = append(x.told, i) }

func (x *Pinger) send(now time.Time) {
	seq := uint16(len(x.probes) + 1)
	var m []byte
	var err error
	if x.to.Is6() {
		m, err = icmp6.Echo{ID: x.id, Seq: seq, Data: x.data}.Append(nil, x.to, x.to) // the socket mends the checksum
	} else {
		m, err = icmp4.Echo{ID: x.id, Seq: seq, Data: x.data}.AppendBinary(nil)
	}
	if err == nil {
		err = x.socket.SendTo(now, x.first, m, x.opts)
	}
	x.probes = append(x.probes, probe{at: now, failed: err != nil})
	if err != nil {
		x.end.Errors++
		x.tell(narration.PingError{Moment: narration.At(now), Seq: seq, What: narration.Reason(err)})
		return
	}
	x.waiting++
}

// probe returns the probe with a sequence number, nil: there is none.
func (x *Pinger) probe(seq uint16) *probe {
	if i := int(seq) - 1; i >= 0 && i < len(x.probes) {
		return &x.probes[i]
	}
	return nil
}

// answered takes a message that may be about a probe.
func (x *Pinger) answered(a *answer) {
	switch m := a.four.(type) {
	case icmp4.Echo:
		if m.Reply && m.ID == x.id {
			x.reply(a, m.Seq, m.Data, m.Len())
		}
	case nil:
		if m, ok := a.six.(icmp6.Echo); ok && m.Reply && m.ID == x.id {
			x.reply(a, m.Seq, m.Data, m.Len())
		}
	}
	if q := &a.about; q.Version != 0 && q.Dst == x.first && q.ICMPID == x.id {
		if p := x.probe(q.ICMPSeq); p != nil {
			x.end.Errors++
			if !p.failed && p.replies == 0 && a.kind4.Type != icmp4.TypeRedirect && a.kind4.Type != icmp4.TypeSourceQuench {
				p.failed = true
				x.waiting--
			}
			x.tell(narration.PingError{Moment: narration.At(a.Time), From: a.Src.Addr(), Seq: q.ICMPSeq, What: a.text})
		}
	}
}

func (x *Pinger) reply(a *answer, seq uint16, data []byte, length int) {
	p := x.probe(seq)
	if p == nil {
		return
	}
	r := narration.PingReply{
		Moment: narration.At(a.Time), From: a.Src.Addr(), Len: length, Seq: seq, TTL: uint8(a.TTL),
		RTT: a.Time.Sub(p.at), Dup: p.replies > 0, Bad: !bytes.Equal(data, x.data),
	}
	p.replies++
	switch {
	case r.Dup:
		x.end.Dup++
	default:
		x.end.Received++
		x.rtts = append(x.rtts, r.RTT)
		if !p.failed {
			x.waiting--
		}
	}
	x.tell(r)
}

func (x *Pinger) finish(now time.Time) {
	x.socket.Close()
	x.end.Moment, x.end.To, x.end.Sent = narration.At(now), x.to, len(x.probes)
	x.end.Took = x.probes[len(x.probes)-1].at.Sub(x.probes[0].at)
	x.end.Min, x.end.Avg, x.end.Max, x.end.Mdev = summary(x.rtts)
	x.tell(x.end)
}

// summary is what ping says about round trips: in whole microseconds, mdev the
// standard deviation.
func summary(rtts []time.Duration) (least, avg, most, mdev time.Duration) {
	if len(rtts) == 0 {
		return
	}
	least = rtts[0]
	sum, squares := int64(0), int64(0)
	for _, r := range rtts {
		least, most = min(least, r), max(most, r)
		us := r.Microseconds()
		sum += us
		squares += us * us
	}
	n := int64(len(rtts))
	mean := sum / n
	root := int64(math.Sqrt(max(0, float64(squares)/float64(n)-float64(sum)/float64(n)*float64(sum)/float64(n))))
	return least, time.Duration(mean) * time.Microsecond, most, time.Duration(root) * time.Microsecond
}
