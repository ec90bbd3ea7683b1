package ping

import (
	"log/slog"
	"net/netip"
	"strconv"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// Kind is what a [Result] tells.
type Kind uint8

// The kinds.
const (
	Sent        Kind = iota + 1 // a probe was handed over; only with [Config.Sent]
	Reply                       // the first reply
	Duplicate                   // another
	Late                        // the first reply, after [Config.Timeout]
	Error                       // an error, whose Claim says which
	Advice                      // a redirect or a source quench
	Outstanding                 // the last one has no reply yet; only with [Config.Outstanding]
	Timeout                     // nothing came in time
	Unsent                      // a probe could not be sent; Err says why
	numKinds
)

var kinds = [numKinds]string{
	"none", "sent", "reply", "duplicate", "late", "error", "advice", "outstanding", "timeout", "unsent",
}

// String returns the kind in a word.
func (k Kind) String() string {
	if k < numKinds {
		return kinds[k]
	}
	return "result " + strconv.Itoa(int(k))
}

// MarshalText implements [encoding.TextMarshaler].
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Result is something that happened. Fields that do not apply are zero. It is
// what commands print as JSON, too.
type Result struct {
	Kind   Kind       `json:"event"`
	Time   time.Time  `json:"time"`   // of the arrival by its stamp, else of the call
	Target int        `json:"target"` // which of [Config.Targets]
	Probe  probe.Kind `json:"probe"`
	N      int        `json:"n"`   // which of the target's probes, from 1 on
	Seq    uint16     `json:"seq"` // sequence number on the wire

	From    netip.Addr    `json:"from,omitzero"` // who answered
	RTT     time.Duration `json:"rtt_ns,omitzero"`
	Stamp   probe.Stamp   `json:"stamp"`               // who took the time of the arrival
	SentBy  probe.Stamp   `json:"sent_stamp"`          // … and of sending
	TTL     ip.TTL        `json:"ttl,omitzero"`        // of the arrival
	TOS     uint8         `json:"tos,omitzero"`        // of the arrival
	Size    int           `json:"size,omitzero"`       // of the arrival behind its IP header, in octets
	Options []byte        `json:"ip_options,omitzero"` // of the arrival, IPv4; good until the next call of Next

	Reordered bool  `json:"reordered,omitzero"` // a later probe was answered before
	Truncated bool  `json:"truncated,omitzero"` // there is less data than was sent
	Altered   bool  `json:"altered,omitzero"`   // there is other data than was sent, or more
	AlteredAt int   `json:"altered_at,omitzero"`
	Want      uint8 `json:"want,omitzero"` // the octet that was sent there
	Got       uint8 `json:"got,omitzero"`  // the octet that came

	Claim  probe.Claim  `json:"claim,omitzero"`  // of errors and advice
	Answer probe.Answer `json:"answer,omitzero"` // of replies but echo
	Err    error        `json:"-"`               // of unsent
	Why    string       `json:"why,omitzero"`    // likewise, in words
}

// LogValue implements [slog.LogValuer].
func (r Result) LogValue() slog.Value {
	a := []slog.Attr{slog.String("event", r.Kind.String()), slog.Int("target", r.Target), slog.Int("seq", int(r.Seq))}
	if r.From.IsValid() {
		a = append(a, slog.String("from", r.From.String()), slog.Duration("rtt", r.RTT), slog.String("stamp", r.Stamp.String()))
	}
	if r.Claim.Present {
		a = append(a, slog.String("claim", r.Claim.String()))
	}
	for _, f := range []struct {
		name string
		set  bool
	}{{"reordered", r.Reordered}, {"truncated", r.Truncated}, {"altered", r.Altered}} {
		if f.set {
			a = append(a, slog.Bool(f.name, true))
		}
	}
	if r.Err != nil {
		a = append(a, slog.String("error", r.Err.Error()))
	}
	return slog.GroupValue(a...)
}

// ring holds results until they are read, the oldest going first. It grows to
// its working size and then allocates nothing.
type ring struct {
	limit        int
	lost         uint64
	items        []kept
	first, count int
	lent         []byte
}

// kept is a result, and the octets that its options have in the ring.
type kept struct {
	Result
	options []byte
}

// put returns the place of the next result, which is zero but for what was given.
func (r *ring) put(k Kind, t, n int) *Result {
	if r.count >= r.limit {
		r.first = (r.first + 1) % len(r.items)
		r.count--
		r.lost++
	}
	if r.count == len(r.items) {
		r.grow()
	}
	x := &r.items[(r.first+r.count)%len(r.items)]
	r.count++
	x.Result = Result{Kind: k, Target: t, N: n, Seq: uint16(n)}
	x.options = x.options[:0]
	return &x.Result
}

// options keeps those of the result that was put last.
func (r *ring) keep(options []byte) {
	x := &r.items[(r.first+r.count-1)%len(r.items)]
	x.options = append(x.options, options...)
}

func (r *ring) grow() {
	const least = 16
	next := make([]kept, min(max(2*len(r.items), least), r.limit))
	for i := range r.count {
		next[i] = r.items[(r.first+i)%len(r.items)]
	}
	r.items, r.first = next, 0
}

func (r *ring) get() (Result, bool) {
	if r.count == 0 {
		return Result{}, false
	}
	x := &r.items[r.first]
	r.lent, x.options = x.options, r.lent
	out := x.Result
	if len(r.lent) > 0 {
		out.Options = r.lent
	}
	r.first = (r.first + 1) % len(r.items)
	r.count--
	return out, true
}
