package listen

import (
	"net/netip"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/listen"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// message is a line of JSON about an ICMP message.
type message struct {
	Event     string     `json:"event"` // "message"
	Number    int        `json:"number"`
	Time      time.Time  `json:"time"`
	Interface int        `json:"interface"`
	Src       netip.Addr `json:"src"`
	Dst       netip.Addr `json:"dst"`
	Version   uint8      `json:"version"`
	TTL       ip.TTL     `json:"ttl"`
	Length    int        `json:"length"` // of the datagram, in octets
	Type      uint8      `json:"type"`
	Code      uint8      `json:"code"`
	Name      string     `json:"name"`

	Role      conversation.Role      `json:"role"`
	Class     conversation.Class     `json:"class,omitempty"`
	ID        *uint16                `json:"id,omitempty"`
	Seq       *uint16                `json:"seq,omitempty"`
	Data      *int                   `json:"data,omitempty"` // octets, of echo
	MTU       uint32                 `json:"mtu,omitempty"`
	Gateway   netip.Addr             `json:"gateway,omitzero"`
	Target    netip.Addr             `json:"target,omitzero"`
	Relation  *conversation.Relation `json:"relation,omitempty"`
	Request   int                    `json:"request,omitempty"`
	Took      *time.Duration         `json:"took_ns,omitempty"`
	Altered   bool                   `json:"altered,omitempty"`
	Quote     *quoted                `json:"quote,omitempty"`
	Faults    []string               `json:"faults,omitempty"`
	Fragments []int                  `json:"rebuilt_from,omitempty"` // packets that it came in
	Findings  []finding.Kind         `json:"part_of,omitempty"`
}

// quoted is the conversation that an error is about.
type quoted struct {
	Proto   string     `json:"proto"`
	Src     netip.Addr `json:"src"`
	Dst     netip.Addr `json:"dst"`
	SrcPort *uint16    `json:"src_port,omitempty"`
	DstPort *uint16    `json:"dst_port,omitempty"`
	Type    *uint8     `json:"type,omitempty"`
	Code    *uint8     `json:"code,omitempty"`
	ID      *uint16    `json:"id,omitempty"`
	Seq     *uint16    `json:"seq,omitempty"`
	Length  uint32     `json:"length,omitempty"`
	TTL     ip.TTL     `json:"ttl"`
	Seen    bool       `json:"seen"` // datagrams of it are in the capture
}

func messageOf(s *session, d *conversation.Seen) message {
	h := &d.Header
	k := catalogue.Kind{Family: catalogue.Family(h.Version), Type: d.Type, Code: d.Code}
	m := message{
		Event: "message", Number: d.Number, Time: d.Time.UTC(), Interface: d.Link, Src: h.Src, Dst: h.Dst,
		Version: h.Version, TTL: h.TTL, Length: d.TotalLen, Type: d.Type, Code: d.Code,
		Name: catalogue.Of(k, s.lang).Title(s.lang), Role: d.Role, Class: d.Class, MTU: d.MTU, Gateway: d.Gateway,
		Target: d.Target, Request: d.Request.Number, Altered: d.Altered, Fragments: s.l.Packets(),
		Findings: s.l.Touched(),
	}
	if h.Has(quote.ICMPID) {
		m.ID = &d.ID
	}
	if h.Has(quote.ICMPSeq) {
		m.Seq = &d.Seq
	}
	if n := d.MessageLen - 8; d.Class == conversation.Echo && n >= 0 {
		m.Data = &n
	}
	if d.Relation != conversation.Unrelated {
		m.Relation = &d.Relation
	}
	if d.Request.Known() {
		m.Took = &d.Took
	}
	if d.HasQuote {
		m.Quote = quoteOf(d)
	}
	for name := range d.Fault.Names {
		m.Faults = append(m.Faults, name)
	}
	return m
}

func quoteOf(d *conversation.Seen) *quoted {
	q := &d.Quote
	v := &quoted{Proto: q.Proto.String(), Src: q.Src, Dst: q.Dst, Length: q.TotalLen, TTL: q.TTL, Seen: d.Flow != nil}
	if q.Has(quote.Ports) {
		v.SrcPort, v.DstPort = &q.SrcPort, &q.DstPort
	}
	if q.Has(quote.ICMPType | quote.ICMPCode) {
		v.Type, v.Code = &q.ICMPType, &q.ICMPCode
	}
	if q.Has(quote.ICMPID) {
		v.ID = &q.ICMPID
	}
	if q.Has(quote.ICMPSeq) {
		v.Seq = &q.ICMPSeq
	}
	return v
}

// found is a line of JSON about a finding.
type found struct {
	Event     string           `json:"event"` // "finding"
	Kind      finding.Kind     `json:"kind"`
	Severity  finding.Severity `json:"severity"`
	Title     string           `json:"title"`
	Meaning   string           `json:"meaning"`
	Counter   string           `json:"counter"`
	Start     time.Time        `json:"start"`
	End       time.Time        `json:"end"`
	Count     uint64           `json:"count"`
	Packets   []int            `json:"packets"`
	Rate      float64          `json:"rate,omitempty"` // packets a second
	From      netip.Addr       `json:"from,omitzero"`
	To        netip.Addr       `json:"to,omitzero"`
	Addresses []netip.Addr     `json:"addresses,omitempty"`
	Evidence  []fact           `json:"evidence,omitempty"`
}

type fact struct {
	Name  finding.FactName `json:"name"`
	Value any              `json:"value,omitempty"`
	Text  string           `json:"text"`
}

func findingOf(f *finding.Finding, lang language.Tag) found {
	w := f.Kind.In(lang)
	v := found{
		Event: "finding", Kind: f.Kind, Severity: f.Severity, Title: w.Title, Meaning: w.Meaning, Counter: w.Counter,
		Start: f.Start.UTC(), End: f.End.UTC(), Count: f.Count, Packets: f.Packets, Rate: f.Rate, From: f.From, To: f.To,
		Addresses: f.Addresses,
	}
	for _, x := range f.Facts {
		e := fact{Name: x.Name, Text: x.In(lang)}
		switch {
		case x.Text != "":
			e.Value = x.Text
		case x.Addr.IsValid():
			e.Value = x.Addr
		case x.Number != 0:
			e.Value = x.Number
		}
		v.Evidence = append(v.Evidence, e)
	}
	return v
}

// summary is the last line of JSON.
type summary struct {
	Event      string    `json:"event"` // "summary"
	Packets    uint64    `json:"packets"`
	NotIP      uint64    `json:"not_ip"`
	Unknown    uint64    `json:"unknown_link"` // of a link type that is not known
	Datagrams  uint64    `json:"datagrams"`
	Octets     uint64    `json:"octets"`
	Messages   uint64    `json:"messages"`
	Shown      int       `json:"shown"`
	Fragments  uint64    `json:"fragments"`
	Rebuilt    uint64    `json:"rebuilt"`
	Cut        uint64    `json:"cut"`
	Malformed  uint64    `json:"malformed"`
	Dropped    uint64    `json:"dropped"` // by the kernel
	Missed     uint64    `json:"missed"`  // by the interface
	Unanswered uint64    `json:"unanswered"`
	Start      time.Time `json:"start,omitzero"`
	End        time.Time `json:"end,omitzero"`
	Kinds      []kind    `json:"kinds"`
	Talkers    []talker  `json:"talkers"`
	Pairs      []pair    `json:"pairs"`
	Troubles   []trouble `json:"troubles"`
	Times      []timing  `json:"times"`
	Findings   int       `json:"findings"`
	Omitted    uint64    `json:"findings_omitted,omitempty"`
	Forgotten  uint64    `json:"forgotten,omitempty"`
}

type kind struct {
	Version uint8  `json:"version"`
	Type    uint8  `json:"type"`
	Code    uint8  `json:"code"`
	Name    string `json:"name"`
	Count   uint64 `json:"count"`
}

type talker struct {
	Addr     netip.Addr `json:"addr"`
	Sent     uint64     `json:"sent"`
	Received uint64     `json:"received"`
	Octets   uint64     `json:"octets"`
}

type pair struct {
	Asker       netip.Addr         `json:"asker,omitzero"`
	Target      netip.Addr         `json:"target,omitzero"`
	Class       conversation.Class `json:"class"`
	Requests    uint64             `json:"requests"`
	Replies     uint64             `json:"replies"`
	Unanswered  uint64             `json:"unanswered"`
	Errors      uint64             `json:"errors"`
	Repeated    uint64             `json:"repeated"`
	Duplicates  uint64             `json:"duplicates"`
	Unsolicited uint64             `json:"unsolicited"`
	Altered     uint64             `json:"altered"`
	Min         time.Duration      `json:"min_ns"`
	Avg         time.Duration      `json:"avg_ns"`
	Max         time.Duration      `json:"max_ns"`
}

type trouble struct {
	Proto    string     `json:"proto"`
	Src      netip.Addr `json:"src"`
	SrcPort  uint16     `json:"src_port"`
	Dst      netip.Addr `json:"dst"`
	DstPort  uint16     `json:"dst_port"`
	Count    uint64     `json:"count"`
	Type     uint8      `json:"type"` // of the first error
	Code     uint8      `json:"code"`
	Reporter netip.Addr `json:"reporter"`
	First    int        `json:"first"`
	Others   bool       `json:"others"`
	Seen     bool       `json:"seen"`
}

type timing struct {
	Version uint8              `json:"version"`
	Class   conversation.Class `json:"class"`
	Count   int                `json:"count"`
	Min     time.Duration      `json:"min_ns"`
	Avg     time.Duration      `json:"avg_ns"`
	Median  time.Duration      `json:"median_ns"`
	P95     time.Duration      `json:"p95_ns"`
	Max     time.Duration      `json:"max_ns"`
}

func summaryOf(s *session, sum *listen.Summary) summary {
	v := summary{
		Event: "summary", Packets: sum.Frames.Read, NotIP: sum.Frames.NotIP, Unknown: sum.Frames.Unknown, Datagrams: sum.Datagrams, Octets: sum.Octets,
		Messages: sum.Messages, Shown: s.shown, Fragments: sum.Fragments, Rebuilt: sum.Frames.Rebuilt, Cut: sum.Cut + sum.Frames.Cut,
		Malformed: sum.Malformed, Dropped: s.lost.Dropped, Missed: s.lost.Missed, Unanswered: sum.Unanswered, Start: sum.First.UTC(), End: sum.Last.UTC(),
		Kinds: []kind{}, Talkers: []talker{}, Pairs: []pair{}, Troubles: []trouble{}, Times: []timing{},
		Findings: len(sum.Findings), Omitted: sum.Omitted, Forgotten: sum.Forgotten,
	}
	for _, k := range sum.Kinds {
		c := catalogue.Kind{Family: catalogue.Family(k.Version), Type: k.Type, Code: k.Code}
		v.Kinds = append(v.Kinds, kind{k.Version, k.Type, k.Code, catalogue.Of(c, s.lang).Title(s.lang), k.Count})
	}
	for _, t := range sum.Talkers {
		v.Talkers = append(v.Talkers, talker{t.Addr, t.Sent, t.Received, t.Octets})
	}
	for i := range sum.Pairs {
		p := &sum.Pairs[i]
		v.Pairs = append(v.Pairs, pair{
			p.Asker, p.Target, p.Class, p.Requests, p.Replies, p.Unanswered, p.Errors, p.Repeated, p.Duplicates,
			p.Unsolicited, p.Altered, p.Times.Min(), p.Times.Avg(), p.Times.Max(),
		})
	}
	for _, t := range sum.Troubles {
		v.Troubles = append(v.Troubles, trouble{
			t.Proto.String(), t.Src, t.Sport, t.Dst, t.Dport, t.Count, t.Type, t.Code, t.Reporter, t.First.Number, t.Others, t.Seen,
		})
	}
	for i := range sum.Timings {
		t := &sum.Timings[i]
		v.Times = append(v.Times, timing{
			t.Version, t.Class, t.Times.Count(), t.Times.Min(), t.Times.Avg(), percentile(t, 50),
			percentile(t, 95), t.Times.Max(),
		})
	}
	return v
}
