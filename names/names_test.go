package names_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sonde-net/sonde/names"
)

// zone is what the server of the test knows: by name and type, records as in a
// zone file, or else a response code.
type zone struct {
	records map[string][]string // "name. TYPE"
	rcode   map[string]int
	silent  int  // questions by UDP that are not answered
	cut     bool // answers by UDP are
	foreign bool // before the answer, one to another question, and one with another number

	mu    sync.Mutex
	asked []string
}

// log returns what was asked.
func (z *zone) log() []string {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.asked
}

func (z *zone) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	key := q.Question[0].Name + " " + dns.TypeToString[q.Question[0].Qtype]
	network := w.RemoteAddr().Network()
	z.mu.Lock()
	defer z.mu.Unlock()
	z.asked = append(z.asked, network+" "+key)
	if z.silent > 0 && network == "udp" {
		z.silent--
		return
	}
	m := new(dns.Msg).SetReply(q)
	m.Rcode = dns.RcodeNameError
	if r, ok := z.rcode[key]; ok {
		m.Rcode = r
	}
	for _, s := range z.records[key] {
		rr, err := dns.NewRR(s)
		if err != nil {
			panic(err)
		}
		m.Answer, m.Rcode = append(m.Answer, rr), dns.RcodeSuccess
	}
	if z.cut && network == "udp" {
		m.Answer, m.Truncated = nil, true
	}
	if z.foreign {
		other := m.Copy()
		other.Id++
		other.Answer, other.Rcode = nil, dns.RcodeServerFailure
		_ = w.WriteMsg(other)
		other.Id--
		other.Question[0].Name = "other.example."
		_ = w.WriteMsg(other)
		other.Question = m.Question
		other.Response = false
		_ = w.WriteMsg(other)
	}
	_ = w.WriteMsg(m)
}

// serve answers on loopback, by UDP and TCP, until the test ends.
func serve(t *testing.T, z *zone) names.Server {
	t.Helper()
	var pc net.PacketConn
	var l net.Listener
	var err error
	for range 20 { // until a port is free for both
		if pc, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		if l, err = net.Listen("tcp", pc.LocalAddr().String()); err == nil {
			break
		}
		pc.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dns.Server{{PacketConn: pc, Handler: z}, {Listener: l, Handler: z}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		ended := make(chan error, 1)
		go func() { ended <- s.ActivateAndServe() }()
		<-started
		t.Cleanup(func() {
			if err := s.Shutdown(); err != nil {
				t.Error(err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
	return names.Server{Addr: netip.MustParseAddrPort(pc.LocalAddr().String()), Try: 50 * time.Millisecond}
}

func TestDNS(t *testing.T) {
	const broken = `1.2.0.192.in-addr.arpa.`
	z := &zone{
		records: map[string][]string{
			"1.0.51.198.in-addr.arpa. PTR": {"1.0.51.198.in-addr.arpa. 60 IN PTR gw.example.net.", "1.0.51.198.in-addr.arpa. 60 IN PTR other.example.net."},
			"2.0.51.198.in-addr.arpa. PTR": {`2.0.51.198.in-addr.arpa. 60 IN PTR evil\027[2J\007\195\169.example.`},
			"3.0.51.198.in-addr.arpa. PTR": {
				"3.0.51.198.in-addr.arpa. 60 IN CNAME 3.0-7.0.51.198.in-addr.arpa.",
				"3.0-7.0.51.198.in-addr.arpa. 60 IN PTR behind.example.",
			},
			"4.0.51.198.in-addr.arpa. PTR": {"4.0.51.198.in-addr.arpa. 60 IN PTR ."},
			"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR": {
				"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 60 IN PTR six.example.",
			},
		},
		rcode: map[string]int{broken + " PTR": dns.RcodeServerFailure, "2.2.0.192.in-addr.arpa. PTR": dns.RcodeSuccess},
	}
	d := names.DNS{Resolver: serve(t, z)}
	for _, tt := range []struct{ addr, name, err string }{
		{"198.51.0.1", "gw.example.net", ""},
		{"::ffff:198.51.0.1", "gw.example.net", ""},
		{"198.51.0.2", `evil\027[2J\007\195\169.example`, ""},
		{"198.51.0.3", "behind.example", ""},
		{"198.51.0.4", "", "names: unknown"},
		{"2001:db8::1", "six.example", ""},
		{"198.51.0.99", "", "names: unknown"}, // no such name
		{"192.0.2.2", "", "names: unknown"},   // no such record
		{"192.0.2.1", "", "names: name of 192.0.2.1: " + d.Resolver.(names.Server).Addr.String() + " answers SERVFAIL"},
	} {
		name, err := d.Name(t.Context(), netip.MustParseAddr(tt.addr))
		if name != tt.name || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("%s: %q, %v, want %q, %s", tt.addr, name, err, tt.name, tt.err)
		}
		if (tt.err == "names: unknown") != errors.Is(err, names.ErrUnknown) {
			t.Errorf("%s: %v", tt.addr, err)
		}
	}
}

// TestServer: an answer that is lost is asked for again, one that is cut is
// fetched by TCP, and what answers another question is not heard.
func TestServer(t *testing.T) {
	const name = "1.0.51.198.in-addr.arpa. PTR"
	records := map[string][]string{name: {"1.0.51.198.in-addr.arpa. 60 IN PTR gw.example.net."}}
	u, tcp := "udp "+name, "tcp "+name
	for _, tt := range []struct {
		what  string
		z     *zone
		asked []string
		ok    bool
	}{
		{"at once", &zone{}, []string{u}, true},
		{"lost twice", &zone{silent: 2}, []string{u, u, u}, true},
		{"lost always", &zone{silent: 9}, []string{u, u, u, u}, false},
		{"cut", &zone{cut: true}, []string{u, tcp}, true},
		{"foreign", &zone{foreign: true}, []string{u}, true},
	} {
		tt.z.records = records
		s := serve(t, tt.z)
		got, err := names.DNS{Resolver: s}.Name(t.Context(), netip.MustParseAddr("198.51.0.1"))
		if (err == nil) != tt.ok || tt.ok && got != "gw.example.net" || strings.Join(tt.z.log(), ", ") != strings.Join(tt.asked, ", ") {
			t.Errorf("%s: %q, %v; asked %v", tt.what, got, err, tt.z.log())
		}
		if !tt.ok && errors.Is(err, names.ErrUnknown) {
			t.Errorf("%s: silence is taken for no", tt.what)
		}
	}
}

// TestServerCancel: a question ends with its context, whatever the server does.
func TestServerCancel(t *testing.T) {
	z := &zone{silent: 1 << 30}
	s := serve(t, z)
	s.Try = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := s.LookupTXT(ctx, "x.example"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := s.LookupAddr(t.Context(), "no address"); err == nil {
		t.Error("no address, and no error")
	}
}

// told is a resolver that says what it is told to.
type told struct {
	addr func(string) ([]string, error)
	txt  map[string][]string
	err  map[string]error
	log  []string
}

func (r *told) LookupAddr(_ context.Context, a string) ([]string, error) { return r.addr(a) }

func (r *told) LookupTXT(_ context.Context, name string) ([]string, error) {
	r.log = append(r.log, name)
	if e := r.err[name]; e != nil {
		return nil, e
	}
	if t := r.txt[name]; t != nil {
		return t, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// TestNameHarmless: whatever a resolver returns, nothing reaches a terminal that
// is not printed.
func TestNameHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"gw.example.":                   "gw.example",
		"\x1b[31mred\x1b[0m.example":    "?[31mred?[0m.example",
		"a\x9bb\u009bc.example":         "a?b?c.example",
		"new\nline\ttab space\x00":      "new?line?tab?space?",
		"right\u202eleft\u200b.example": "right?left?.example",
		"é.example":                     "é.example",
		"\xff\xfe.example":              "??.example",
		strings.Repeat("a", 300):        strings.Repeat("a", 255),
		strings.Repeat("a", 254) + "é":  strings.Repeat("a", 254),
		"":                              "",
		".":                             "",
	} {
		d := names.DNS{Resolver: &told{addr: func(string) ([]string, error) { return []string{in}, nil }}}
		got, err := d.Name(t.Context(), netip.MustParseAddr("192.0.2.1"))
		if got != want || (want == "") != errors.Is(err, names.ErrUnknown) {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
	// The first that has something to say.
	d := names.DNS{Resolver: &told{addr: func(a string) ([]string, error) {
		if a != "fe80::1" {
			t.Errorf("asked for %s", a)
		}
		return []string{"", "second.example."}, nil
	}}}
	if got, err := d.Name(t.Context(), netip.MustParseAddr("fe80::1%eth0")); got != "second.example" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestSystem: without a resolver it is the system's; here, with its questions
// led to loopback.
func TestSystem(t *testing.T) {
	s := serve(t, &zone{records: map[string][]string{
		"1.0.51.198.in-addr.arpa. PTR":         {"1.0.51.198.in-addr.arpa. 60 IN PTR gw.example.net."},
		"69.22.7.18.origin.asn.cymru.com. TXT": {`69.22.7.18.origin.asn.cymru.com. 60 IN TXT "3 | 18.0.0.0/8 | US | arin | 1994-01-01"`},
	}})
	system := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = system })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Addr.String())
	}}
	got, err := names.DNS{}.Name(t.Context(), netip.MustParseAddr("198.51.0.1"))
	if got != "gw.example.net" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err = (names.DNS{}).Name(t.Context(), netip.MustParseAddr("198.51.0.2")); !errors.Is(err, names.ErrUnknown) {
		t.Error(err)
	}
	o, err := new(names.Origin).Owner(t.Context(), netip.MustParseAddr("18.7.22.69"))
	if o.ASN != 3 || err != nil {
		t.Errorf("%+v, %v", o, err)
	}
}

// deaf is a connection to a server that never answers, whatever the deadline.
type deaf struct {
	net.Conn
	asked chan<- struct{}
	end   <-chan struct{}
}

func (c deaf) SetDeadline(time.Time) error { return nil }

func (c deaf) Close() error { return nil }

func (c deaf) Write(b []byte) (int, error) {
	c.asked <- struct{}{}
	return len(b), nil
}

func (c deaf) Read([]byte) (int, error) {
	<-c.end
	return 0, net.ErrClosed
}

// TestSystemDeaf: nobody who has stopped asking waits for the system's server.
func TestSystemDeaf(t *testing.T) {
	asked, end := make(chan struct{}, 100), make(chan struct{})
	system := net.DefaultResolver
	t.Cleanup(func() { close(end); net.DefaultResolver = system })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return deaf{asked: asked, end: end}, nil
	}}
	a := netip.MustParseAddr("198.51.100.1")
	for name, ask := range map[string]func(ctx context.Context) error{
		"name": func(ctx context.Context) error { _, err := names.DNS{}.Name(ctx, a); return err },
		"owner": func(ctx context.Context) error {
			_, err := new(names.Origin).Owner(ctx, netip.MustParseAddr("18.7.22.69"))
			return err
		},
		"book": func(ctx context.Context) error {
			b := names.New(names.Config{Source: names.DNS{}})
			b.Look(a)
			<-ctx.Done()
			b.Close()
			return ctx.Err()
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error, 1)
		go func() { got <- ask(ctx) }()
		<-asked
		cancel()
		select {
		case err := <-got:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s waits for the server", name)
		}
	}
}
