package ping

import (
	"time"

	"github.com/sonde-net/sonde/probe"
)

// sent takes note of a probe that was handed over.
func (s *Ping) sent(i int, h probe.Handle) {
	t := &s.targets[i]
	if t.interval > 0 {
		t.credit = s.allowed(t, s.now-t.last) - t.interval
	}
	t.last, t.Last, t.heard = s.now, s.at, false
	if t.Sent == 0 {
		t.Began = t.Last
	}
	t.Sent++
	t.window.put(t.Sent, h)
	if s.cfg.Sent {
		s.tell(Sent, i, t.Sent)
	}
}

// Hear implements [probe.Strategy].
func (s *Ping) Hear(now time.Time, e *probe.Event) {
	i := e.Target - s.cfg.First
	if i < 0 || i >= len(s.targets) || e.Kind == probe.Sent {
		return
	}
	s.clock(now)
	t := &s.targets[i]
	if t.done {
		return
	}
	n := int(e.Tag)
	if e.Kind != probe.Advice {
		t.window.take(n)
	}
	k := kindOf(e)
	if !s.cfg.Quiet || k == Error || k == Advice || k == Unsent {
		s.result(k, i, e)
	}
	switch k {
	case Reply, Late, Duplicate:
		s.reply(t, k, e)
	case Error:
		t.Errors++
		pipe := t.Pipe
		t.ack(n)
		if e.Claim.V6 {
			t.Pipe = pipe // iputils counts it for errors of IPv4 alone
		}
	case Unsent:
		t.Unsent++
	}
	s.goOn(i)
}

// kindOf says what a result tells that is made of an event.
func kindOf(e *probe.Event) Kind {
	switch e.Kind {
	case probe.Unsent:
		return Unsent
	case probe.Timeout:
		return Timeout
	case probe.Advice:
		return Advice
	}
	switch {
	case e.Claim.Present:
		return Error
	case e.Kind == probe.Duplicate:
		return Duplicate
	case e.Kind == probe.Late:
		return Late
	}
	return Reply
}

func (s *Ping) result(k Kind, i int, e *probe.Event) {
	r := s.results.put(k, i, int(e.Tag))
	r.Time, r.Probe, r.Seq = e.Time, e.Probe, e.Seq
	r.From, r.RTT, r.Stamp, r.SentBy, r.TTL, r.TOS, r.Size = e.From, e.RTT, e.Stamp, e.SentBy, e.TTL, e.TOS, e.Size
	r.Reordered, r.Truncated, r.Altered = e.Reordered, e.Truncated, e.Altered
	r.AlteredAt, r.Want, r.Got = e.AlteredAt, e.Want, e.Got
	r.Claim, r.Answer, r.Err, r.Why = e.Claim, e.Answer, e.Err, e.Why
	r.Claim.Ext = nil
	s.results.keep(e.Options)
}

// reply counts a reply.
func (s *Ping) reply(t *target, k Kind, e *probe.Event) {
	n := int(e.Tag)
	t.ack(n)
	t.RTT.Add(e.RTT)
	if t.Percentiles != nil {
		t.Percentiles.Add(e.RTT)
	}
	s.adapt(t)
	count := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	count(&t.Duplicates, k == Duplicate)
	count(&t.Received, k != Duplicate)
	count(&t.Late, k == Late)
	count(&t.Reordered, e.Reordered)
	count(&t.Truncated, e.Truncated)
	count(&t.Altered, e.Altered)
	t.heard = t.heard || n == t.Sent
}

// ack takes note that something has come back for a probe.
func (t *target) ack(n int) {
	t.Pipe = max(t.Pipe, t.Sent-n+1)
	t.acked = max(t.acked, n)
}

// goOn looks whether a target is done, and whether it can be asked sooner.
func (s *Ping) goOn(i int) {
	t := &s.targets[i]
	over := t.Received + t.Errors
	if s.cfg.Deadline == 0 {
		over += t.Unsent
	}
	switch {
	case s.cfg.Count > 0 && over >= s.cfg.Count, s.cfg.Deadline > 0 && t.Errors > 0:
		s.finish(i)
	case t.waiting:
	case t.interval == 0 && t.flying() < s.cfg.Preload:
		s.due.Put(int32(i), s.now)
	case s.cfg.Adaptive:
		s.due.Put(int32(i), s.now+max(0, s.wait(t)))
	}
}
