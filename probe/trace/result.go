package trace

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// Status is what has become of a probe.
type Status uint8

// The statuses.
const (
	Unasked  Status = iota // not yet, or there was no need any more
	Waiting                // under way
	Answered               // From has answered
	Silent                 // nothing came in time
	Unsent                 // it could not be sent; Err says why
	numStatus
)

var statuses = [numStatus]string{"unasked", "waiting", "answered", "silent", "unsent"}

// String returns the status in a word.
func (s Status) String() string {
	if s < numStatus {
		return statuses[s]
	}
	return "status " + strconv.Itoa(int(s))
}

// MarshalText implements [encoding.TextMarshaler].
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Result is what is known of a probe. Fields that do not apply are zero.
type Result struct {
	TTL    ip.TTL `json:"ttl"`   // that it was sent with: the number of the hop
	Query  int    `json:"query"` // which of its hop's it is, from 1 on
	Status Status `json:"status"`

	From     netip.Addr    `json:"from,omitzero"` // who answered
	RTT      time.Duration `json:"rtt_ns,omitzero"`
	Stamp    probe.Stamp   `json:"stamp"`              // who took the time of the arrival
	ReplyTTL ip.TTL        `json:"reply_ttl,omitzero"` // of the answer; 0: it is not known
	ReplyTOS uint8         `json:"reply_tos,omitzero"`
	// Claim is what an error says. The octets of its extension are the result's own.
	Claim   probe.Claim        `json:"claim,omitzero"`
	Flags   transport.TCPFlags `json:"flags,omitzero"`   // TCP: of the answer, SYN and ACK or RST
	Reached bool               `json:"reached,omitzero"` // the destination itself has answered
	Guessed bool               `json:"guessed,omitzero"` // of several probes the oldest is taken to be meant
	Late    bool               `json:"late,omitzero"`    // after the longest wait
	// Shown is what an error quotes otherwise than it was sent, where the prober tells
	// of that ([probe.Config.Rewritten]); nil: nothing.
	Shown *probe.Shown `json:"shown,omitzero"`

	SrcPort uint16 `json:"src_port,omitzero"`
	DstPort uint16 `json:"dst_port,omitzero"`
	Size    int    `json:"size"`           // octets of the probe, the IP header included
	MTU     int    `json:"mtu,omitzero"`   // [Config.MTU]: what the size was lowered to for this probe
	Again   int    `json:"again,omitzero"` // how often it was asked again
	Err     error  `json:"-"`              // of unsent
	Why     string `json:"why,omitzero"`   // likewise, in words
}

// Final reports whether the trace ends with the hop: the destination has
// answered, or somebody says that it cannot be reached.
func (r *Result) Final() bool {
	return r.Status == Answered && (r.Reached && !r.transit() || r.Claim.Present && !r.transit())
}

// transit reports whether the answer is that of a gateway which dropped the
// probe at the end of its time to live.
func (r *Result) transit() bool { return r.Claim.Expired() }

// Mark returns what traceroute writes behind an answer that is not what one
// expects of a gateway or of the destination: "!H", "!F-1400", "!<13>"; "" for
// the others.
func (r *Result) Mark() string {
	c := &r.Claim
	switch {
	case !c.Present || r.transit():
		return ""
	case c.V6:
		return mark6(c)
	}
	return mark4(c)
}

var marks4 = map[icmp4.Code]string{
	icmp4.CodeNetUnreachable:      "!N",
	icmp4.CodeHostUnreachable:     "!H",
	icmp4.CodeProtocolUnreachable: "!P",
	icmp4.CodePortUnreachable:     "",
	icmp4.CodeSourceRouteFailed:   "!S",
	icmp4.CodeNetUnknown:          "!N",
	icmp4.CodeHostUnknown:         "!H",
	icmp4.CodeSourceIsolated:      "!N",
	icmp4.CodeNetProhibited:       "!X",
	icmp4.CodeHostProhibited:      "!X",
	icmp4.CodeNetTOS:              "!N",
	icmp4.CodeHostTOS:             "!H",
	icmp4.CodeAdminProhibited:     "!X",
	icmp4.CodeHostPrecedence:      "!V",
	icmp4.CodePrecedenceCutoff:    "!C",
}

func mark4(c *probe.Claim) string {
	if icmp4.Type(c.Type) != icmp4.TypeDestUnreachable {
		return fmt.Sprintf("!<%d-%d>", c.Type, c.Code)
	}
	if icmp4.Code(c.Code) == icmp4.CodeFragNeeded {
		return fmt.Sprintf("!F-%d", c.MTU)
	}
	if m, ok := marks4[icmp4.Code(c.Code)]; ok {
		return m
	}
	return fmt.Sprintf("!<%d>", c.Code)
}

var marks6 = map[icmp6.Code]string{
	icmp6.CodeNoRoute:         "!N",
	icmp6.CodeProhibited:      "!X",
	icmp6.CodeBeyondScope:     "!H",
	icmp6.CodeAddrUnreachable: "!H",
	icmp6.CodePortUnreachable: "",
}

func mark6(c *probe.Claim) string {
	switch icmp6.Type(c.Type) {
	case icmp6.TypePacketTooBig:
		return fmt.Sprintf("!F-%d", c.MTU)
	case icmp6.TypeDestUnreachable:
		if m, ok := marks6[icmp6.Code(c.Code)]; ok {
			return m
		}
		return fmt.Sprintf("!<%d>", c.Code)
	}
	return fmt.Sprintf("!<%d-%d>", c.Type, c.Code)
}

// Back returns how many hops the answer has taken, when who answers sends with a
// time to live of 64, 128 or 255, as most do; 0: it is not known.
func (r *Result) Back() int {
	switch n := int(r.ReplyTTL); {
	case n == 0:
		return 0
	case n <= 64:
		return 65 - n
	case n <= 128:
		return 129 - n
	default:
		return 256 - n
	}
}

// LogValue implements [slog.LogValuer].
func (r Result) LogValue() slog.Value {
	a := []slog.Attr{slog.Int("ttl", int(r.TTL)), slog.Int("query", r.Query), slog.String("status", r.Status.String())}
	if r.From.IsValid() {
		a = append(a, slog.String("from", r.From.String()), slog.Duration("rtt", r.RTT), slog.String("stamp", r.Stamp.String()))
	}
	if r.Claim.Present {
		a = append(a, slog.String("claim", r.Claim.String()))
	}
	if r.Reached {
		a = append(a, slog.Bool("reached", true))
	}
	if r.MTU > 0 {
		a = append(a, slog.Int("mtu", r.MTU))
	}
	if r.Err != nil {
		a = append(a, slog.String("error", r.Err.Error()))
	}
	return slog.GroupValue(a...)
}

// Hop is the probes with one time to live.
type Hop struct {
	TTL    ip.TTL   `json:"ttl"`
	Probes []Result `json:"probes"`
}

// Addrs returns who has answered, each once, in the order of the probes.
func (h *Hop) Addrs() []netip.Addr {
	var out []netip.Addr
next:
	for i := range h.Probes {
		a := h.Probes[i].From
		if !a.IsValid() {
			continue
		}
		for _, b := range out {
			if a == b {
				continue next
			}
		}
		out = append(out, a)
	}
	return out
}

// Answered returns how many probes were answered.
func (h *Hop) Answered() (n int) {
	for i := range h.Probes {
		if h.Probes[i].Status == Answered {
			n++
		}
	}
	return n
}

// Reached reports whether the destination has answered.
func (h *Hop) Reached() bool {
	for i := range h.Probes {
		if r := &h.Probes[i]; r.Reached && r.Final() {
			return true
		}
	}
	return false
}

// longest returns the longest of the times, and whether there is one.
func (h *Hop) longest() (d time.Duration, ok bool) {
	for i := range h.Probes {
		if r := &h.Probes[i]; r.Status == Answered {
			d, ok = max(d, r.RTT), true
		}
	}
	return d, ok
}
