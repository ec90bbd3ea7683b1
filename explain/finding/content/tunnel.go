package content

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
)

// TunnelConfig says what a tunnel is. Zeros stand for the values in brackets.
type TunnelConfig struct {
	Marks    int // messages with the mark of a known program within a minute [2]
	Inside   int // messages with an IP datagram as their data within a minute [3]
	Altered  int // replies with other data than the request, within a minute [10], and a third of all
	Changing int // requests whose data is not that of one of the four before, within a minute [50], and nine tenths of all
	Size     int // of the table of pairs of hosts [4096]
}

// Tunnel finds echo messages that carry something else.
//
// Ordinary pings repeat themselves: behind the first 24 octets, where some write
// the time or a cookie, their data is the same in every request, and the reply
// brings it back; several that run side by side have data of their own each. What a bad link has altered has a bad checksum, and is not
// looked at.
type Tunnel struct {
	c      TunnelConfig
	report *finding.Report
	pairs  *table.Table[exchange]
}

type exchange struct {
	finding.Window
	marks, inside, altered, changing, requests, replies int
	// last is the hashes of what the requests before had as their data, by
	// direction, the last first.
	last    [2][side]uint32
	entropy float32
	mark    string
}

// side is how many pings, each with data of its own, may run side by side
// between two hosts.
const side = 4

// NewTunnel returns the detector.
func NewTunnel(c TunnelConfig, seed uint64, r *finding.Report) *Tunnel {
	c = TunnelConfig{
		finding.Or(c.Marks, 2), finding.Or(c.Inside, 3), finding.Or(c.Altered, 10),
		finding.Or(c.Changing, 50), finding.Or(c.Size, 4096),
	}
	return &Tunnel{c, r, table.New[exchange](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Tunnel) Interest() finding.Interest { return finding.Requests | finding.Replies }

// Tick implements [finding.Detector].
func (*Tunnel) Tick(time.Time, bool) {}

// steady is where the data of an ordinary ping stops changing.
const steady = 24

// Observe implements [finding.Detector].
func (d *Tunnel) Observe(s *conversation.Seen) {
	if s.Class != conversation.Echo || s.Fault&^conversation.Cut != 0 || len(s.Message) < 8 ||
		s.Header.Dst.IsMulticast() || s.IsBroadcast() {
		return
	}
	a, b, dir := s.SrcAddr, s.DstAddr, 0
	if b.Less(a) {
		a, b, dir = b, a, 1
	}
	key := table.Pair(a, b, 0)
	v, _ := d.pairs.Put(&key)
	if v.Add(s, time.Minute) {
		*v = exchange{Window: v.Window, last: v.last, mark: v.mark}
	}
	v.look(s, dir)
	if v.marks >= d.c.Marks || v.inside >= d.c.Inside ||
		v.altered >= d.c.Altered && v.altered*3 >= v.replies ||
		v.changing >= d.c.Changing && v.changing*10 >= v.requests*9 {
		d.found(s, key, v)
	}
}

// look counts the signs in a message.
func (v *exchange) look(s *conversation.Seen, dir int) {
	data := s.Message[8:]
	if mark := markOf(s, data); mark != "" {
		v.marks++
		v.mark = mark
	}
	if s.Fault == 0 && (isIP(data) || len(data) > 4 && isIP(data[4:])) {
		v.inside++
	}
	if s.Role == conversation.Reply {
		v.replies++
		if s.Altered || s.Relation == conversation.Unsolicited && s.Request.Known() {
			v.altered++
			v.measure(data, v.altered)
		}
		return
	}
	v.requests++
	if len(data) <= steady+8 {
		return
	}
	h, last := fingerprint(data[steady:]), &v.last[dir]
	at := slices.Index(last[:], h)
	if at < 0 {
		at = side - 1
		if last[0] != 0 && s.Relation != conversation.Repeated {
			v.changing++
			v.measure(data, v.changing)
		}
	}
	copy(last[1:at+1], last[:at])
	last[0] = h
}

// measure takes the entropy of every eighth.
func (v *exchange) measure(data []byte, n int) {
	if n%8 == 1 && len(data) >= 64 {
		v.entropy = max(v.entropy, float32(entropy(data)))
	}
}

func (d *Tunnel) found(s *conversation.Seen, key table.Key, v *exchange) {
	known := d.report.Get(finding.Tunnel, key) != nil
	f := d.report.Found(s, finding.Tunnel, finding.Alarm, key)
	if f == nil {
		return
	}
	if !known {
		f.Begin(v.First, v.N-1)
		if s.Role == conversation.Reply {
			f.From, f.To = f.To, f.From
		}
	}
	f.Rate = max(f.Rate, float64(v.N)/max(s.Time.Sub(v.Start).Seconds(), 1))
	if v.marks > 0 {
		f.SayText(finding.FactMark, v.mark)
	}
	most(f, finding.FactInside, float64(v.inside))
	most(f, finding.FactAltered, float64(v.altered))
	most(f, finding.FactChanging, float64(v.changing))
	most(f, finding.FactEntropy, float64(v.entropy))
}

// most states a number where it is more than what was stated.
func most(f *finding.Finding, name finding.FactName, n float64) {
	if n > f.Number(name) {
		f.SayNumber(name, n)
	}
}

// markOf returns the program whose mark the data has; "": none that is known.
func markOf(s *conversation.Seen, data []byte) string {
	const lokiSeq = 0xf001
	if len(data) >= 4 {
		switch binary.BigEndian.Uint32(data) {
		case 0xd5200880:
			return "ptunnel"
		case 0xdeadc0de:
			return "ptunnel-ng"
		case 'h'<<24 | 'a'<<16 | 'n'<<8 | 'c', 'h'<<24 | 'a'<<16 | 'n'<<8 | 's':
			return "hans"
		case 'T'<<24 | 'U'<<16 | 'N'<<8 | 'L':
			return "icmptunnel"
		}
	}
	// Both sides of Loki use this number for all they send, in either order.
	if s.Seq == lokiSeq || s.Seq == lokiSeq&0xff<<8|lokiSeq>>8 {
		if len(data) == 56 && (data[0] == 0xb0 || data[0] == 0xb1 || data[0] == 0xa1 || data[0] == 0xb2) {
			return "loki"
		}
	}
	if s.Role == conversation.Request && isPrompt(data) {
		return "icmpsh"
	}
	return ""
}

// isPrompt reports whether the data is the greeting or the prompt of a Windows
// shell, which icmpsh passes on as it comes.
func isPrompt(data []byte) bool {
	const greeting = "Microsoft Windows [Version"
	if len(data) >= len(greeting) && string(data[:len(greeting)]) == greeting {
		return true
	}
	n := len(data)
	return n > 4 && n < 260 && data[n-1] == '>' && data[0] >= 'A' && data[0] <= 'Z' && data[1] == ':' && data[2] == '\\'
}
