package tcpstub

import (
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/quench"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// State is where a connection stands.
type State uint8

// The states. Only Established is a synchronised one (RFC 9293 §3.3.2).
const (
	SynSent State = iota
	SynReceived
	Established
	Aborted
)

var states = [...]string{"syn-sent", "syn-received", "established", "aborted"}

// String returns the state in a word.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return "unknown"
}

// Why a connection was aborted.
var (
	ErrReset   = errors.New("tcpstub: connection reset by peer")
	ErrTimeout = errors.New("tcpstub: nothing is acknowledged")
	ErrHard    = errors.New("tcpstub: hard ICMP error")
)

// Stats is what a connection has done.
type Stats struct {
	Segments uint64        // with data, sent
	Resent   uint64        // … of them again
	Octets   uint64        // of data, sent, again counting again
	Acked    uint64        // octets of data that the peer has
	Received uint64        // octets of data from the peer
	MSS      int           // octets of data in a segment
	Delay    time.Duration // between segments, since source quench has come

	Soft, Hard, TooBig, Slow int // errors that were recognised
}

// Conn is a connection. Positions in what it sends are counted from 0, and are
// sequence numbers less the first one of the data.
type Conn struct {
	s             *Stub
	local, remote netip.AddrPort
	state         State
	err           error
	stats         Stats

	rate    int64     // octets a second that there are to send
	began   time.Time // when it was established
	iss     uint32
	una     uint64 // all before is acknowledged
	next    uint64 // all before was sent, or is to be left out
	top     uint64 // all before was sent once
	rcvNext uint32

	mss     int
	pacer   *quench.Pacer
	wake    time.Time // when there is something to send; zero: something else has to happen first
	rto     time.Time // when the oldest in flight is sent again
	retries int
	same    int // acknowledgements of the same in a row
}

// Local returns this end.
func (c *Conn) Local() netip.AddrPort { return c.local }

// Remote returns the other end.
func (c *Conn) Remote() netip.AddrPort { return c.remote }

// State returns where the connection stands.
func (c *Conn) State() State { return c.state }

// Err returns why the connection was aborted: [ErrReset], [ErrTimeout] or
// [ErrHard]; nil: it was not.
func (c *Conn) Err() error { return c.err }

// Stats returns what the connection has done.
func (c *Conn) Stats() Stats {
	st := c.stats
	st.Acked, st.MSS, st.Delay = c.una, c.mss, c.pacer.Delay()
	return st
}

// Window returns the sequence numbers of what is in flight: from the oldest that
// is not acknowledged to the one behind the last that was sent. It is what a
// blind attacker has to guess.
func (c *Conn) Window() (una, next uint32) {
	if c.state == SynSent || c.state == SynReceived {
		return c.iss, c.iss + 1
	}
	return c.seq(c.una), c.seq(c.top)
}

func (c *Conn) seq(at uint64) uint32 { return c.iss + 1 + uint32(at) }

// inFlight reports whether SND.UNA =< seq < SND.NXT (RFC 5927 §4.1).
func (c *Conn) inFlight(seq uint32) bool {
	una, next := c.Window()
	return seq-una < next-una
}

func (c *Conn) abort(why error) { c.state, c.err = Aborted, why }

// segment sends a segment with the sequence number.
func (c *Conn) segment(now time.Time, f transport.TCPFlags, seq uint32, data []byte) error {
	return c.s.send(now, c.local.Addr(), c.remote.Addr(), transport.TCP{
		SrcPort: c.local.Port(), DstPort: c.remote.Port(), Seq: seq, Ack: c.rcvNext, Flags: f, Window: uint16(c.s.cfg.Window),
	}, data)
}

// troubled takes what the node says of a segment: too big is news about the path, the
// rest counts as a loss.
func (c *Conn) troubled(now time.Time, err error) {
	if err == nil {
		return
	}
	var big *stack.TooBigError
	if errors.As(err, &big) {
		c.shrink(now, big.MTU)
	}
}

// receive takes a segment with n octets of data.
func (c *Conn) receive(now time.Time, t *transport.TCP, n int) {
	switch {
	case t.Flags&transport.RST != 0:
		if c.state == SynSent && t.Flags&transport.ACK != 0 && t.Ack == c.iss+1 || c.state != SynSent && t.Seq == c.rcvNext {
			c.abort(ErrReset)
		}
		return
	case t.Flags&transport.ACK == 0:
		return
	case c.state == SynSent:
		if t.Flags&transport.SYN == 0 || t.Ack != c.iss+1 {
			return
		}
		c.rcvNext = t.Seq + 1
		c.establish(now)
		c.troubled(now, c.segment(now, transport.ACK, c.seq(0), nil))
	case c.state == SynReceived:
		if t.Flags&transport.SYN != 0 || t.Ack != c.iss+1 {
			return
		}
		c.establish(now)
	case t.Flags&transport.SYN != 0: // ours was lost on the way back
		c.troubled(now, c.segment(now, transport.ACK, c.seq(c.next), nil))
		return
	}
	c.acked(now, t.Ack, n)
	if n > 0 {
		if t.Seq == c.rcvNext {
			c.rcvNext += uint32(n)
			c.stats.Received += uint64(n)
		}
		c.troubled(now, c.segment(now, transport.ACK, c.seq(c.next), nil))
	}
	c.pump(now)
}

func (c *Conn) establish(now time.Time) {
	c.state, c.began, c.retries = Established, now, 0
}

// fastResend is how many acknowledgements of the same mean that a segment was
// lost (RFC 5681 §3.2).
const fastResend = 3

// acked takes an acknowledgement, which came with n octets of data.
func (c *Conn) acked(now time.Time, ack uint32, n int) {
	switch d := uint64(ack - c.seq(c.una)); {
	case d > c.top-c.una:
	case d > 0:
		c.una += d
		c.next = max(c.next, c.una)
		c.retries, c.same = 0, 0
		c.rto = now.Add(c.s.cfg.RTO)
	case n == 0 && c.top > c.una:
		if c.same++; c.same == fastResend {
			c.next = c.una
		}
	}
}

// produced is how many octets there have been to send by now.
func (c *Conn) produced(now time.Time) uint64 {
	d := now.Sub(c.began)
	if d <= 0 {
		return 0
	}
	return uint64(int64(d/time.Second)*c.rate + int64(d%time.Second)*c.rate/int64(time.Second))
}

// readyAt is when so many octets will have been produced.
func (c *Conn) readyAt(octets uint64) time.Time {
	whole, rest := octets/uint64(c.rate), octets%uint64(c.rate)
	ns := (rest*uint64(time.Second) + uint64(c.rate) - 1) / uint64(c.rate)
	return c.began.Add(time.Duration(whole)*time.Second + time.Duration(ns))
}

// burst is how many segments leave in one call, and pause how long a connection
// waits when the node takes no more.
const (
	burst = 64
	pause = 10 * time.Millisecond
)

// pump sends what there is to send and may be sent, and notes when there is
// more.
func (c *Conn) pump(now time.Time) {
	c.wake = time.Time{}
	if c.state != Established || c.rate == 0 && c.next == c.top {
		return
	}
	for range burst {
		n := c.mss
		if c.next < c.top {
			n = min(n, int(c.top-c.next))
		} else if c.produced(now) < c.next+uint64(n) {
			c.wake = c.readyAt(c.next + uint64(n))
			return
		}
		if c.next+uint64(n)-c.una > uint64(c.s.cfg.Window) && c.next > c.una {
			return // until something is acknowledged
		}
		if at := c.pacer.Next(now); at.After(now) {
			c.wake = at
			return
		}
		before := c.mss
		if err := c.segment(now, transport.ACK|transport.PSH, c.seq(c.next), c.s.data[:n]); err != nil {
			if c.troubled(now, err); c.mss < before {
				continue
			}
			c.wake = now.Add(pause)
			return
		}
		c.sent(now, n)
	}
	c.wake = now
}

// sent notes that n octets have left.
func (c *Conn) sent(now time.Time, n int) {
	c.pacer.Allow(now)
	if c.top == c.una {
		c.rto = now.Add(c.s.cfg.RTO)
	}
	c.stats.Segments++
	c.stats.Octets += uint64(n)
	if c.next < c.top {
		c.stats.Resent++
	}
	c.next += uint64(n)
	c.top = max(c.top, c.next)
}

// minMSS is the least that segments shrink to.
const minMSS = 8

// shrink makes segments fit a path MTU, and sends what is in flight again
// (RFC 1191 §6.4). It never makes them larger.
func (c *Conn) shrink(now time.Time, mtu int) {
	overhead := ip.MinHeaderLen4
	if c.remote.Addr().Is6() {
		overhead = ip.HeaderLen6
	}
	n := max(mtu-overhead-transport.TCPLen, minMSS)
	if n >= c.mss {
		return
	}
	c.mss = n
	c.next = c.una
	c.rto = now.Add(c.s.cfg.RTO)
}

// report takes an error that was recognised.
func (c *Conn) report(now time.Time, t *stack.Trouble) {
	switch t.Severity {
	case stack.Hard:
		c.stats.Hard++
		c.abort(ErrHard)
	case stack.TooBig:
		c.stats.TooBig++
		if t.MTU > 0 {
			c.shrink(now, t.MTU)
		}
	case stack.Slow:
		c.stats.Slow++
		c.pacer.Quench(now)
	case stack.Soft:
		c.stats.Soft++
	}
	c.pump(now)
}

// maxRTO is the longest that resending is put off.
const maxRTO = time.Minute

// waits reports whether something is in flight that may have to be sent again.
func (c *Conn) waits() bool {
	return c.state == SynSent || c.state == SynReceived || c.state == Established && c.top > c.una
}

// tick sends what is due, new or again.
func (c *Conn) tick(now time.Time) {
	if c.waits() && !now.Before(c.rto) {
		if c.retries++; c.retries > c.s.cfg.Retries {
			c.abort(ErrTimeout)
			return
		}
		c.rto = now.Add(min(c.s.cfg.RTO<<c.retries, maxRTO))
		switch c.state {
		case SynSent:
			c.troubled(now, c.segment(now, transport.SYN, c.iss, nil))
		case SynReceived:
			c.troubled(now, c.segment(now, transport.SYN|transport.ACK, c.iss, nil))
		default:
			c.next = c.una
		}
	}
	c.pump(now)
}

// deadline returns when tick is to be called; zero: never.
func (c *Conn) deadline() time.Time {
	switch {
	case c.state == Aborted:
		return time.Time{}
	case !c.waits():
		return c.wake
	case c.wake.IsZero() || c.rto.Before(c.wake):
		return c.rto
	}
	return c.wake
}
