package names

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Server is a [Resolver] that asks one DNS server, by UDP and, when the answer
// does not fit, by TCP. A name without records is [ErrUnknown].
type Server struct {
	Addr netip.AddrPort
	// Try is how long an answer by UDP is waited for before the question is
	// asked again; 0: 1 s. It is asked until the context ends, 4 times at most.
	Try time.Duration
}

const (
	tries = 4
	// payload is the largest answer that is asked for by UDP, in octets: what
	// passes every path unfragmented (DNS Flag Day 2020).
	payload = 1232
)

// LookupAddr implements [Resolver].
func (s Server) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	name, err := dns.ReverseAddr(addr)
	if err != nil {
		return nil, err
	}
	in, err := s.ask(ctx, name, dns.TypePTR)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, rr := range in.Answer {
		if p, ok := rr.(*dns.PTR); ok {
			out = append(out, p.Ptr)
		}
	}
	return some(out)
}

// LookupTXT implements [Resolver].
func (s Server) LookupTXT(ctx context.Context, name string) ([]string, error) {
	in, err := s.ask(ctx, dns.Fqdn(name), dns.TypeTXT)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, rr := range in.Answer {
		if t, ok := rr.(*dns.TXT); ok {
			out = append(out, unescape(strings.Join(t.Txt, "")))
		}
	}
	return some(out)
}

func some(s []string) ([]string, error) {
	if len(s) == 0 {
		return nil, ErrUnknown
	}
	return s, nil
}

// ask puts a question until it is answered.
func (s Server) ask(ctx context.Context, name string, t uint16) (*dns.Msg, error) {
	q := new(dns.Msg).SetQuestion(name, t)
	q.SetEdns0(payload, false)
	network := "udp"
	var err error
	for range tries {
		var in *dns.Msg
		in, err = s.exchange(ctx, network, q)
		var late net.Error
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &late) && late.Timeout():
			continue
		case err != nil:
			return nil, err
		case in.Truncated && network == "udp":
			network = "tcp"
			continue
		case in.Rcode == dns.RcodeSuccess:
			return in, nil
		case in.Rcode == dns.RcodeNameError:
			return nil, ErrUnknown
		}
		return nil, fmt.Errorf("%s answers %s", s.Addr, dns.RcodeToString[in.Rcode])
	}
	if err == nil {
		err = errors.New("the answer is cut, by TCP too")
	}
	return nil, err
}

// exchange sends the question once and waits for its answer. What answers
// another question is not heard.
func (s Server) exchange(ctx context.Context, network string, q *dns.Msg) (*dns.Msg, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, s.Addr.String())
	if err != nil {
		return nil, err
	}
	defer c.Close()
	try := s.Try
	if try <= 0 {
		try = time.Second
	}
	if network == "tcp" {
		try *= tries
	}
	if err := c.SetDeadline(time.Now().Add(try)); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	conn := &dns.Conn{Conn: c, UDPSize: payload}
	if err := conn.WriteMsg(q); err != nil {
		return nil, err
	}
	for {
		in, err := conn.ReadMsg()
		switch {
		case in != nil && in.Truncated && in.Id == q.Id:
			return in, nil // cut wherever it was cut
		case err != nil && in == nil:
			return nil, err
		case err == nil && in.Response && in.Id == q.Id && len(in.Question) == 1 &&
			strings.EqualFold(in.Question[0].Name, q.Question[0].Name) && in.Question[0].Qtype == q.Question[0].Qtype:
			return in, nil
		}
	}
}

// unescape undoes the escapes of RFC 1035 §5.1: \DDD is an octet, and behind
// any other backslash stands the character itself.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\' || i+1 == len(s):
			b.WriteByte(s[i])
		case i+3 < len(s) && digit(s[i+1]) && digit(s[i+2]) && digit(s[i+3]):
			b.WriteByte((s[i+1]-'0')*100 + (s[i+2]-'0')*10 + s[i+3] - '0')
			i += 3
		default:
			i++
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
