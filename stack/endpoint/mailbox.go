package endpoint

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/queue"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// Datagram is what a socket has received.
type Datagram struct {
	Time     time.Time
	Iface    int            // it came in by; [stack.Loopback]: from this node itself
	Src, Dst netip.AddrPort // ports 0 in ICMP
	TTL      ip.TTL
	TOS      uint8 // traffic class in IPv6
	Group    bool  // Dst is a broadcast or multicast address
	// Payload is the data of UDP, or the whole ICMP message. It is valid until
	// the next call of the endpoint or the node.
	Payload []byte
}

// Trouble is an ICMP error about something that a socket has sent, or the news
// that its way has changed.
type Trouble struct {
	Time       time.Time
	From       netip.Addr // who says so
	Type, Code uint8      // of the ICMP or ICMPv6 message
	Cause      report.Cause
	Severity   stack.Severity
	MTU        int    // of the path from now on, in octets: TooBig
	Pointer    uint32 // octet at fault: parameter problem
	// Quote is what it is about. Its Options and Payload are nil.
	Quote quote.Quote
}

// mailbox is what waits for one socket.
type mailbox struct {
	octets   queue.Queue
	waiting  ring[Datagram] // without their Payload, which is in octets
	troubles ring[Trouble]
	closed   bool
}

func (m *mailbox) open(c *Config) {
	m.octets.Limit = c.Octets
	m.waiting.limit, m.troubles.limit = c.Datagrams, c.Troubles
}

// put adds what has come, and says false when there is no room.
func (m *mailbox) put(d Datagram) bool {
	if m.waiting.count == m.waiting.limit || !m.octets.Push(d.Payload, queue.Tag{}) {
		return false
	}
	d.Payload = nil
	return m.waiting.put(d)
}

func (m *mailbox) receive() (Datagram, bool) {
	d, ok := m.waiting.get()
	if !ok {
		return d, false
	}
	d.Payload, _, _ = m.octets.Peek()
	m.octets.Pop()
	return d, true
}

// note keeps an error for the socket.
func (m *mailbox) note(now time.Time, t *stack.Trouble) {
	n := Trouble{
		Time: now, From: t.From, Type: t.Type, Code: t.Code, Cause: t.Cause, Severity: t.Severity,
		MTU: t.MTU, Pointer: t.Pointer, Quote: *t.Quote,
	}
	n.Quote.Options, n.Quote.Payload = nil, nil
	m.troubles.push(n)
}

func (m *mailbox) close() {
	*m = mailbox{closed: true}
}
