package names_test

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sonde-net/sonde/names"
)

// script answers one question by UDP with the messages that it makes of it.
func script(t *testing.T, answer func(q []byte) [][]byte) names.Server {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		b := make([]byte, 2048)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			for _, m := range answer(b[:n]) {
				_, _ = c.WriteTo(m, from)
			}
		}
	}()
	return names.Server{Addr: netip.MustParseAddrPort(c.LocalAddr().String()), Try: 5 * time.Second}
}

// reply makes an answer of a question: its identifier and section, flags and
// response code, and records as they stand in the message. 0xc00c is the name
// that was asked for.
func reply(q []byte, flags uint16, records ...[]byte) []byte {
	end := 12
	for q[end] != 0 {
		end += int(q[end]) + 1
	}
	m := slices.Clone(q[:end+5])
	binary.BigEndian.PutUint16(m[2:], flags)
	binary.BigEndian.PutUint16(m[6:], uint16(len(records)))
	binary.BigEndian.PutUint16(m[10:], 0) // its OPT is not repeated
	return append(m, slices.Concat(records...)...)
}

func record(t, class uint16, data string) []byte {
	r := binary.BigEndian.AppendUint16([]byte{0xc0, 12}, t)
	r = binary.BigEndian.AppendUint16(r, class)
	r = append(r, 0, 0, 0, 60)
	r = binary.BigEndian.AppendUint16(r, uint16(len(data)))
	return append(r, data...)
}

const ok = 0x8180 // a response, recursion desired and available, no error

// TestServerQuestion: what is asked, by another reader.
func TestServerQuestion(t *testing.T) {
	asked := make(chan dns.Msg, 10)
	s := script(t, func(q []byte) [][]byte {
		var m dns.Msg
		if err := m.Unpack(q); err != nil {
			t.Error(err)
		}
		asked <- m
		return [][]byte{reply(q, ok, record(dns.TypeTXT, dns.ClassINET, "\x01x"))}
	})
	for _, name := range []string{"x.example", "x.example."} {
		if _, err := s.LookupTXT(t.Context(), name); err != nil {
			t.Error(err)
		}
		got := <-asked
		opt := got.IsEdns0()
		if len(got.Question) != 1 || got.Question[0] != (dns.Question{Name: "x.example.", Qtype: dns.TypeTXT, Qclass: dns.ClassINET}) ||
			!got.RecursionDesired || got.Response || opt == nil || opt.UDPSize() != 1232 || opt.Do() {
			t.Errorf("%v", &got)
		}
	}
}

// TestServerRecords: what is no record of the kind that was asked for, or cannot
// be read, is passed over; the octets of a name stand as in a zone file, those of
// a text as they are.
func TestServerRecords(t *testing.T) {
	a := record(dns.TypeA, dns.ClassINET, "\xc0\x00\x02\x01")
	dotted := record(dns.TypePTR, dns.ClassINET, "\x03a.b\x07example\x00")
	for _, tt := range []struct {
		what    string
		records [][]byte
		want    []string
		err     string
	}{
		{"escapes", [][]byte{record(dns.TypePTR, dns.ClassINET, "\x08\x1b \"'();\\\x02@~\x02\x7f\xff\x00")}, []string{`\027\ \"\'\(\)\;\\.\@~.\127\255.`}, ""},
		{"another type", [][]byte{a, record(dns.TypePTR, dns.ClassINET, "\x01b\x00")}, []string{"b."}, ""},
		{"another class", [][]byte{record(dns.TypePTR, dns.ClassCHAOS, "\x01a\x00"), record(dns.TypePTR, dns.ClassINET, "\x01b\x00")}, []string{"b."}, ""},
		{"a dot in a label", [][]byte{dotted, record(dns.TypePTR, dns.ClassINET, "\x01b\x00")}, []string{"b."}, ""},
		{"nothing that can be read", [][]byte{dotted}, nil, "names: unknown"},
		{"a record that is cut", [][]byte{record(dns.TypePTR, dns.ClassINET, "\x01b\x00"), {0xc0, 12, 0}}, nil, "what SERVER answers: Type: insufficient data for base length type"},
	} {
		s := script(t, func(q []byte) [][]byte { return [][]byte{reply(q, ok, tt.records...)} })
		got, err := s.LookupAddr(t.Context(), "192.0.2.1")
		if !slices.Equal(got, tt.want) || (err == nil) != (tt.err == "") || err != nil && err.Error() != strings.Replace(tt.err, "SERVER", s.Addr.String(), 1) {
			t.Errorf("%s: %q, %v", tt.what, got, err)
		}
	}
	s := script(t, func(q []byte) [][]byte {
		return [][]byte{reply(q, ok, record(dns.TypeTXT, dns.ClassINET, "\x02\\0\x02\xff\""))}
	})
	if got, err := s.LookupTXT(t.Context(), "x.example"); err != nil || !slices.Equal(got, []string{"\\0\xff\""}) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestServerDeaf: what is no answer to the question is not heard.
func TestServerDeaf(t *testing.T) {
	s := script(t, func(q []byte) [][]byte {
		good := reply(q, ok, record(dns.TypePTR, dns.ClassINET, "\x04good\x00"))
		bad := record(dns.TypePTR, dns.ClassINET, "\x03bad\x00")
		id, two, kind, name := reply(q, ok, bad), reply(q, ok, bad), reply(q, ok, bad), reply(q, ok, bad)
		id[1]++
		two[5] = 2
		kind[len(good)-len(record(dns.TypePTR, 1, "\x04good\x00"))-3]++ // the type asked for
		name[13]++
		return [][]byte{nil, good[:11], reply(q, ok&^0x8000, bad), id, two, kind, name, good}
	})
	if got, err := s.LookupAddr(t.Context(), "192.0.2.1"); err != nil || !slices.Equal(got, []string{"good."}) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestServerRefuses: the response code by its name.
func TestServerRefuses(t *testing.T) {
	for code, want := range map[uint16]string{1: "FORMERR", 5: "REFUSED", 10: "NOTZONE", 11: "RCODE11"} {
		s := script(t, func(q []byte) [][]byte { return [][]byte{reply(q, ok|code)} })
		if _, err := s.LookupAddr(t.Context(), "2001:db8::1"); err == nil || err.Error() != s.Addr.String()+" answers "+want {
			t.Error(err)
		}
	}
	if _, err := (names.Server{}).LookupTXT(t.Context(), strings.Repeat("a", 64)+".example"); err == nil {
		t.Error("a label of 64 octets is asked for")
	}
}

// TestServerStream: by TCP, a message in pieces is one message, and one that ends
// too early is none.
func TestServerStream(t *testing.T) {
	for _, whole := range []bool{true, false} {
		u, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", u.LocalAddr().String())
		if err != nil {
			t.Skip("the port is another's:", err)
		}
		go func() {
			b := make([]byte, 2048)
			n, from, err := u.ReadFrom(b)
			if err == nil {
				_, _ = u.WriteTo(reply(b[:n], ok|0x200), from)
			}
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			_, _ = io.ReadFull(c, b[:2])
			n, _ = io.ReadFull(c, b[:binary.BigEndian.Uint16(b)])
			m := reply(b[:n], ok, record(dns.TypePTR, dns.ClassINET, "\x04good\x00"))
			m = append([]byte{0, byte(len(m))}, m...)
			_, _ = c.Write(m[:1])
			_, _ = c.Write(m[1:20])
			if whole {
				_, _ = c.Write(m[20:])
			}
		}()
		s := names.Server{Addr: netip.MustParseAddrPort(u.LocalAddr().String()), Try: 5 * time.Second}
		got, err := s.LookupAddr(t.Context(), "192.0.2.1")
		if whole != (err == nil) || whole && !slices.Equal(got, []string{"good."}) {
			t.Errorf("whole %v: %q, %v", whole, got, err)
		}
		u.Close()
		l.Close()
	}
}

// TestServerCut: what is cut and is no answer is not heard; what is cut by TCP too
// is told.
func TestServerCut(t *testing.T) {
	const cut = 0x200
	s := script(t, func(q []byte) [][]byte {
		good := reply(q, ok, record(dns.TypePTR, dns.ClassINET, "\x04good\x00"))
		other := reply(q, ok|cut)
		other[13]++ // another name
		return [][]byte{reply(q, ok&^0x8000|cut), other, good}
	})
	if got, err := s.LookupAddr(t.Context(), "192.0.2.1"); err != nil || !slices.Equal(got, []string{"good."}) {
		t.Errorf("%q, %v", got, err)
	}

	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	l, err := net.Listen("tcp", u.LocalAddr().String())
	if err != nil {
		t.Skip("the port is another's:", err)
	}
	defer l.Close()
	go func() {
		b := make([]byte, 2048)
		n, from, err := u.ReadFrom(b)
		if err == nil { // cut in the middle of the question
			_, _ = u.WriteTo(reply(b[:n], ok|cut)[:15], from)
		}
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.ReadFull(c, b[:2])
		n, _ = io.ReadFull(c, b[:binary.BigEndian.Uint16(b)])
		m := reply(b[:n], ok|cut)
		_, _ = c.Write(append([]byte{0, byte(len(m))}, m...))
	}()
	s = names.Server{Addr: netip.MustParseAddrPort(u.LocalAddr().String()), Try: 5 * time.Second}
	if _, err := s.LookupAddr(t.Context(), "192.0.2.1"); err == nil || err.Error() != s.Addr.String()+" cuts its answer, by TCP too" {
		t.Error(err)
	}
}
