package names

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Server is a [Resolver] that asks one DNS server, by UDP and, when the answer
// does not fit, by TCP. A name without records is [ErrUnknown].
type Server struct {
	Addr netip.AddrPort
	// Try is how long an answer by UDP is waited for before the question is
	// asked again, and a quarter of what TCP has, its connection included; 0:
	// 1 s. It is asked until the context ends, 4 times at most.
	Try time.Duration
}

const (
	tries = 4
	// payload is the largest answer that is asked for by UDP, in octets: what
	// passes every path unfragmented (DNS Flag Day 2020).
	payload = 1232
)

// LookupAddr implements [Resolver]. Octets of a name that are no letters stand
// in it as RFC 1035 §5.1 has them, \DDD.
func (s Server) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return nil, err
	}
	var out []string
	err = s.ask(ctx, reverseName(a.Unmap()), dnsmessage.TypePTR, func(p *dnsmessage.Parser) error {
		r, err := p.PTRResource()
		if err == nil {
			out = append(out, escape(r.PTR.String()))
		}
		return err
	})
	return some(out, err)
}

// LookupTXT implements [Resolver].
func (s Server) LookupTXT(ctx context.Context, name string) ([]string, error) {
	var out []string
	err := s.ask(ctx, strings.TrimSuffix(name, ".")+".", dnsmessage.TypeTXT, func(p *dnsmessage.Parser) error {
		r, err := p.TXTResource()
		if err == nil {
			out = append(out, strings.Join(r.TXT, ""))
		}
		return err
	})
	return some(out, err)
}

func some(s []string, err error) ([]string, error) {
	if err == nil && len(s) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// reverseName is the name at which the name of an address stands.
func reverseName(a netip.Addr) string {
	if a.Is4() {
		return digits(a) + ".in-addr.arpa."
	}
	return digits(a) + ".ip6.arpa."
}

// ask puts a question until it is answered, and has read read each record of
// the type that was asked for. A record that cannot be read is passed over.
func (s Server) ask(ctx context.Context, name string, t dnsmessage.Type, read func(*dnsmessage.Parser) error) error {
	n, err := dnsmessage.NewName(name)
	if err != nil {
		return err
	}
	q, err := newQuery(dnsmessage.Question{Name: n, Type: t, Class: dnsmessage.ClassINET})
	if err != nil {
		return err
	}
	network := "udp"
	for range tries {
		var in dnsmessage.Header
		var p dnsmessage.Parser
		in, err = s.exchange(ctx, network, q, &p)
		var late net.Error
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &late) && late.Timeout():
			continue
		case err != nil:
			return err
		case in.Truncated && network == "udp":
			network = "tcp"
			continue
		case in.Truncated:
			return fmt.Errorf("%s cuts its answer, by TCP too", s.Addr)
		case in.RCode == dnsmessage.RCodeSuccess:
			if err := answers(&p, t, read); err != nil {
				return fmt.Errorf("what %s answers: %w", s.Addr, err)
			}
			return nil
		case in.RCode == dnsmessage.RCodeNameError:
			return ErrUnknown
		}
		return fmt.Errorf("%s answers %s", s.Addr, rcode(in.RCode))
	}
	if err == nil { // there was no more time for TCP
		err = fmt.Errorf("%s cuts its answer", s.Addr)
	}
	return err
}

// query is a question as it goes out.
type query struct {
	dnsmessage.Question
	id     uint16
	octets []byte
}

func newQuery(asked dnsmessage.Question) (*query, error) {
	q := &query{Question: asked, id: uint16(rand.Uint32())}
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: q.id, RecursionDesired: true},
		Questions: []dnsmessage.Question{asked},
	}
	var opt dnsmessage.ResourceHeader
	if err := opt.SetEDNS0(payload, dnsmessage.RCodeSuccess, false); err != nil {
		return nil, err
	}
	m.Additionals = []dnsmessage.Resource{{Header: opt, Body: &dnsmessage.OPTResource{}}}
	var err error
	q.octets, err = m.Pack()
	return q, err
}

// answers reads the records of a type.
func answers(p *dnsmessage.Parser, t dnsmessage.Type, read func(*dnsmessage.Parser) error) error {
	for {
		h, err := p.AnswerHeader()
		switch {
		case errors.Is(err, dnsmessage.ErrSectionDone):
			return nil
		case err != nil:
			return err
		case h.Type == t && h.Class == dnsmessage.ClassINET && read(p) == nil:
			continue
		}
		if err := p.SkipAnswer(); err != nil {
			return err
		}
	}
}

// exchange sends the question once and waits for its answer, whose records p
// reads. What answers another question, or is no answer, is not heard.
func (s Server) exchange(ctx context.Context, network string, q *query, p *dnsmessage.Parser) (dnsmessage.Header, error) {
	try := s.Try
	if try <= 0 {
		try = time.Second
	}
	if network == "tcp" {
		try *= tries
	}
	d := net.Dialer{Deadline: time.Now().Add(try)}
	c, err := d.DialContext(ctx, network, s.Addr.String())
	if err != nil {
		return dnsmessage.Header{}, err
	}
	defer c.Close()
	if err := c.SetDeadline(d.Deadline); err != nil {
		return dnsmessage.Header{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	write, read, b := c.Write, c.Read, make([]byte, payload)
	if network == "tcp" {
		write, read = prefixed(c)
		b = make([]byte, 1<<16)
	}
	if _, err := write(q.octets); err != nil {
		return dnsmessage.Header{}, err
	}
	for {
		n, err := read(b)
		if err != nil {
			return dnsmessage.Header{}, err
		}
		in, err := p.Start(b[:n])
		if err != nil || in.ID != q.id || !in.Response {
			continue
		}
		all, err := p.AllQuestions()
		switch {
		case in.Truncated && (err != nil || len(all) == 0): // cut wherever it was cut
			return in, nil
		case err == nil && len(all) == 1 && all[0].Type == q.Type && strings.EqualFold(all[0].Name.String(), q.Name.String()):
			return in, nil
		}
	}
}

// prefixed writes and reads messages with their length before them, as TCP
// carries them (RFC 1035 §4.2.2).
func prefixed(c net.Conn) (write, read func([]byte) (int, error)) {
	write = func(m []byte) (int, error) {
		return c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...))
	}
	read = func(b []byte) (int, error) {
		if _, err := io.ReadFull(c, b[:2]); err != nil {
			return 0, err
		}
		return io.ReadFull(c, b[:binary.BigEndian.Uint16(b)])
	}
	return write, read
}

// rcode is what a server answers, in the words of its registry.
func rcode(r dnsmessage.RCode) string {
	words := [...]string{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"}
	if int(r) < len(words) {
		return words[r]
	}
	return "RCODE" + strconv.Itoa(int(r))
}

// escape has what is not printed, and what means something in a zone file, as
// RFC 1035 §5.1 says.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03d`, c)
		case strings.IndexByte(` "'();@\`, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
