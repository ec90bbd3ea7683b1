package narration

import (
	"log/slog"
	"net/netip"
	"time"
)

// PingBegin, PingReply, PingError and PingEnd are the lines of a ping.
type (
	PingBegin struct {
		Moment
		To   netip.Addr
		Size int // octets of data
		Len  int // of the datagram, in octets
	}
	PingReply struct {
		Moment
		From netip.Addr
		Len  int // of the message, in octets
		Seq  uint16
		TTL  uint8
		RTT  time.Duration
		Dup  bool // another reply to the same request has come before
		Bad  bool // its data are not what was sent
	}
	PingError struct {
		Moment
		From netip.Addr // who says so; the zero Addr: the node itself, about its own sending
		Seq  uint16
		What string // in the words of the packages under wire
	}
	PingEnd struct {
		Moment
		To                          netip.Addr
		Sent, Received, Dup, Errors int
		Took                        time.Duration // from the first request to the last
		Min, Avg, Max, Mdev         time.Duration // of the round trips; zero: there was none
	}
)

// TraceBegin, TraceHop and TraceEnd are the lines of a trace.
type (
	TraceBegin struct {
		Moment
		To   netip.Addr
		Max  int // hops
		Size int // of the probes, in octets
	}
	TraceHop struct {
		Moment
		TTL    int
		Probes []TraceProbe
	}
	TraceEnd struct {
		Moment
		Hops    int      // up to the destination, or to where it ended
		Reached bool     // the destination has answered
		Owners  []string // of the addresses on the path, each once, in their order
	}
)

// TraceProbe is a probe of a trace, and what came back.
type TraceProbe struct {
	From        netip.Addr // the zero Addr: nobody answered in time
	Name, Owner string     // of From; "": not known
	RTT         time.Duration
	Mark        string   // what the answer says beside "here": !H, !F-1000; "": nothing
	Labels      []string // the MPLS label stack that the probe had
}

// QueryReply and QueryEnd are the lines of another query than echo.
type (
	QueryReply struct {
		Moment
		What string // as the file has it: timestamp, mask, …
		From netip.Addr
		Seq  uint16
		Text string // in the words of the packages under wire
		RTT  time.Duration
		// Offset is, of a timestamp reply in standard time, how far the other's
		// clock is ahead, give or take half the round trip.
		Offset    time.Duration
		HasOffset bool
	}
	QueryEnd struct {
		Moment
		What           string
		To             netip.Addr
		Sent, Received int
	}
)

// LogValue implements [slog.LogValuer].
func (p PingBegin) LogValue() slog.Value {
	return slog.GroupValue(slog.String("to", p.To.String()), slog.Int("size", p.Size), slog.Int("octets", p.Len))
}

// LogValue implements [slog.LogValuer].
func (p PingReply) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("from", p.From.String()), slog.Int("octets", p.Len), slog.Int("seq", int(p.Seq)),
		slog.Int("ttl", int(p.TTL)), duration("rtt", p.RTT), slog.Bool("duplicate", p.Dup), slog.Bool("bad", p.Bad),
	)
}

// LogValue implements [slog.LogValuer].
func (p PingError) LogValue() slog.Value {
	a := []slog.Attr{slog.Int("seq", int(p.Seq)), slog.String("text", p.What)}
	if p.From.IsValid() {
		a = append(a, slog.String("from", p.From.String()))
	}
	return slog.GroupValue(a...)
}

// LogValue implements [slog.LogValuer].
func (p PingEnd) LogValue() slog.Value {
	a := []slog.Attr{
		slog.String("to", p.To.String()), slog.Int("sent", p.Sent), slog.Int("received", p.Received),
		slog.Int("duplicates", p.Dup), slog.Int("errors", p.Errors), duration("took", p.Took),
	}
	if p.Received > 0 {
		a = append(a, duration("min", p.Min), duration("avg", p.Avg), duration("max", p.Max), duration("mdev", p.Mdev))
	}
	return slog.GroupValue(a...)
}

// LogValue implements [slog.LogValuer].
func (t TraceBegin) LogValue() slog.Value {
	return slog.GroupValue(slog.String("to", t.To.String()), slog.Int("max", t.Max), slog.Int("octets", t.Size))
}

// LogValue implements [slog.LogValuer].
func (t TraceHop) LogValue() slog.Value {
	probes := make([]map[string]any, len(t.Probes))
	for i, p := range t.Probes {
		m := map[string]any{}
		if p.From.IsValid() {
			m["from"], m["rtt_ms"] = p.From.String(), duration("", p.RTT).Value.Float64()
		}
		for k, s := range map[string]string{"name": p.Name, "owner": p.Owner, "mark": p.Mark} {
			if s != "" {
				m[k] = s
			}
		}
		if len(p.Labels) > 0 {
			m["labels"] = p.Labels
		}
		probes[i] = m
	}
	return slog.GroupValue(slog.Int("ttl", t.TTL), slog.Any("probes", probes))
}

// LogValue implements [slog.LogValuer].
func (t TraceEnd) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("hops", t.Hops), slog.Bool("reached", t.Reached), slog.Any("owners", t.Owners))
}

// LogValue implements [slog.LogValuer].
func (q QueryReply) LogValue() slog.Value {
	a := []slog.Attr{
		slog.String("what", q.What), slog.String("from", q.From.String()), slog.Int("seq", int(q.Seq)),
		slog.String("text", q.Text), duration("rtt", q.RTT),
	}
	if q.HasOffset {
		a = append(a, duration("offset", q.Offset))
	}
	return slog.GroupValue(a...)
}

// LogValue implements [slog.LogValuer].
func (q QueryEnd) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("what", q.What), slog.String("to", q.To.String()), slog.Int("sent", q.Sent), slog.Int("received", q.Received),
	)
}

// Kind implements [Item].
func (PingBegin) Kind() string { return "ping" }

// Kind implements [Item].
func (PingReply) Kind() string { return "reply" }

// Kind implements [Item].
func (PingError) Kind() string { return "ping-error" }

// Kind implements [Item].
func (PingEnd) Kind() string { return "ping-end" }

// Kind implements [Item].
func (TraceBegin) Kind() string { return "trace" }

// Kind implements [Item].
func (TraceHop) Kind() string { return "hop" }

// Kind implements [Item].
func (TraceEnd) Kind() string { return "trace-end" }

// Kind implements [Item].
func (QueryReply) Kind() string { return "query-reply" }

// Kind implements [Item].
func (QueryEnd) Kind() string { return "query-end" }
