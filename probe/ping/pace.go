package ping

import "time"

// idle is how long a flood waits for a reply before it goes on without.
const idle = int64(10 * time.Millisecond)

// graceOf is the part of an interval that a late probe may have made good.
const graceOf = 4

// flying is how many probes are behind the latest that anything came back for.
func (t *target) flying() int { return t.Sent - t.acked }

// wait returns how long the next probe to a target has to wait; no more than 0:
// it may leave.
func (s *Ping) wait(t *target) int64 {
	since := s.now - t.last
	if t.interval == 0 {
		if t.flying() < s.cfg.Preload {
			return 0
		}
		return idle - since
	}
	return t.interval - s.allowed(t, since)
}

// allowed is the credit of a target, with that of the time since the last probe.
func (s *Ping) allowed(t *target, since int64) int64 {
	return min(t.credit+since, t.interval*int64(s.cfg.Preload)+t.interval/graceOf)
}

// send hands over the probes to a target that may leave, and enters when there
// is something to do again.
func (s *Ping) send(i int) {
	t := &s.targets[i]
	for {
		if w := s.wait(t); w > 0 {
			s.due.Put(int32(i), s.now+w)
			return
		}
		if s.cfg.Outstanding && t.Sent > 0 && !t.heard {
			s.tell(Outstanding, i, t.Sent)
		}
		q := s.cfg.probe(i)
		q.Tag = uint64(t.Sent + 1)
		if len(q.Options) > 0 {
			s.options = s.cfg.passed(s.options, q.Src, s.at)
			q.Options = s.options
		}
		h, err := s.p.Send(s.at, &q)
		if err != nil { // the table is full
			s.slower(t)
			s.due.Put(int32(i), s.now+idle)
			return
		}
		s.sent(i, h)
		if s.cfg.Count > 0 && t.Sent >= s.cfg.Count && s.cfg.Deadline == 0 {
			s.await(i)
			return
		}
	}
}

func (s *Ping) tell(k Kind, i, n int) {
	r := s.results.put(k, i, n)
	r.Time, r.Probe = s.at, s.cfg.Kind
}

// await begins the waiting for what was asked last.
func (s *Ping) await(i int) {
	t := &s.targets[i]
	wait := int64(s.cfg.Wait)
	if t.Received > 0 {
		wait = max(longest*int64(t.RTT.Max()), t.interval)
	}
	t.waiting = true
	if wait < 0 {
		s.due.Remove(int32(i))
		return
	}
	t.exit = s.now + wait
	s.due.Put(int32(i), t.exit)
}

// longest is how many of the longest round-trip time are waited for.
const longest = 2

// adapt sets the interval by the round-trip time, in milliseconds.
func (s *Ping) adapt(t *target) {
	if !s.cfg.Adaptive {
		return
	}
	estimate := int64(t.RTT.EWMA())
	if estimate == 0 && t.RTT.Count() == 0 {
		estimate = t.interval
	}
	const ms = int64(time.Millisecond)
	t.interval = max((estimate+t.addend+ms/2)/ms*ms, int64(s.cfg.Least))
}

// slower takes note that there was no room to send.
func (s *Ping) slower(t *target) {
	t.addend += min(int64(t.RTT.EWMA()), int64(maxAddend))
	s.adapt(t)
}

// maxAddend is how much longer an interval becomes at a time.
const maxAddend = 50 * time.Millisecond
