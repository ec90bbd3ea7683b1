package filter_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link/capture/filter"
	"github.com/sonde-net/sonde/link/capture/frame"
)

func parse(t testing.TB, s string) *filter.Filter {
	t.Helper()
	f, err := filter.Parse(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return f
}

// TestSyntaxErrors: where, and what.
func TestSyntaxErrors(t *testing.T) {
	for _, tt := range []struct {
		expression string
		column     int
		problem    string
	}{
		{"icmp and", 9, "expected a condition, not the end"},
		{"icmp icmp6", 6, `expected and, or, or the end, not "icmp6"`},
		{"icmp)", 5, `expected and, or, or the end, not ")"`},
		{"(icmp", 6, `expected ), not the end`},
		{"()", 2, `expected a condition, not ")"`},
		{"not", 4, "expected a condition, not the end"},
		{"and icmp", 1, `unknown word "and"; names of hosts and ports are not looked up`},
		{"icmp é", 6, `'é' has no meaning here`},
		{"«icmp»", 1, `'«' has no meaning here`},
		{"éicmp and $", 1, `'é' has no meaning here`},
		{"host example.com", 6, `host wants an address, not "example.com"`},
		{"host", 5, "host wants an address, not the end"},
		{"host 10.1", 6, `host wants an address, not "10.1"`},
		{"host 10.0.0.0/8", 14, "host takes no length of a prefix; net does"},
		{"host 10.0.0.0 mask 255.0.0.0", 15, `expected and, or, or the end, not "mask"`},
		{"host fe80::1%eth0", 13, `expected and, or, or the end, not "%"`},
		{"net nowhere", 5, `net wants a network, not "nowhere"`},
		{"net 10.0.0.1/8", 5, "the address has bits behind the prefix; the network is 10.0.0.0/8"},
		{"net 10.0.0.0/33", 14, `/ wants a number up to 32, not "33"`},
		{"net 2001:db8::/129", 16, `/ wants a number up to 128, not "129"`},
		{"net 10.0.0.0 mask 255.0.255.0", 19, "the mask has holes"},
		{"net 10.0.0.0 mask 8", 19, `mask wants a mask, not "8"`},
		{"net 256", 5, `net wants a network, not "256"`},
		{"net 1.2.3.4.5", 5, `net wants a network, not "1.2.3.4.5"`},
		{"ip host 2001:db8::1", 9, "ip has no address 2001:db8::1"},
		{"ip6 host 192.0.2.1", 10, "ip6 has no address 192.0.2.1"},
		{"icmp host 192.0.2.1", 1, "icmp has no host"},
		{"tcp net 10", 1, "tcp has no net"},
		{"ip port 80", 1, "ip has no port"},
		{"icmp portrange 1-2", 1, "icmp has no portrange"},
		{"port http", 6, `port wants a number up to 65535, not "http"`},
		{"port 65536", 6, `port wants a number up to 65535, not "65536"`},
		{"portrange 80", 11, `portrange wants two ports as 1-1023, not "80"`},
		{"portrange 1-65536", 11, `portrange wants two ports as 1-1023, not "1-65536"`},
		{"portrange 65536-1", 11, `portrange wants two ports as 1-1023, not "65536-1"`},
		{"tcp proto 6", 1, "proto goes with ip, ip6, or nothing"},
		{"src proto 6", 1, "proto goes with ip, ip6, or nothing"},
		{"ip proto 256", 10, `proto wants a number up to 255, not "256"`},
		{"src", 4, "host wants an address, not the end"},
		{"src or src 10.1.2.3", 5, `host wants an address, not "or"`},
		{"vlan 4096", 6, `vlan wants a number up to 4095, not "4096"`},
		{"less many", 6, `less wants a number up to 4294967295, not "many"`},
		{"greater", 8, "greater wants a number up to 4294967295, not the end"},
		{"ether host 02:00:00:00:00:01", 1, `"ether" is not supported here`},
		{"icmp and broadcast", 10, `"broadcast" is not supported here`},
		{"icmp[0]", 8, "expected a comparison, not the end"},
		{"icmp[0] = ", 11, "expected a number or octets of a packet, not the end"},
		{"icmp[0] = x", 11, `unknown word "x"; names of hosts and ports are not looked up`},
		{"icmp[0 = 1", 8, "expected ], not \"=\""},
		{"icmp[0:3] = 1", 8, "the size is 1, 2 or 4, not 3"},
		{"icmp[0:5] = 1", 8, `the size wants a number up to 4, not "5"`},
		{"icmp[] = 1", 6, `expected a number or octets of a packet, not "]"`},
		{"esp[0] = 1", 1, `unknown word "esp"; names of hosts and ports are not looked up`},
		{"icmp[0] / 0 = 1", 9, "division by zero"},
		{"icmp[0] % 0 = 1", 9, "division by zero"},
		{"icmp[0] << 32 = 1", 9, "shifted by more than 31 bits"},
		{"icmp[0] >> 32 = 1", 9, "shifted by more than 31 bits"},
		{"= 3", 1, `expected a condition, not "="`},
		{"80", 3, "expected a comparison, not the end"},
		{"010.1 = 1", 1, `host wants an address, not "010.1"`},
		{"icmp[0] = 08", 11, `unknown word "08"; names of hosts and ports are not looked up`},
		{"icmp[0] = 1_0", 11, `unknown word "1_0"; names of hosts and ports are not looked up`},
		{"icmp[0] = 0b1", 11, `unknown word "0b1"; names of hosts and ports are not looked up`},
		{"icmp[0] = 4294967296", 11, `unknown word "4294967296"; names of hosts and ports are not looked up`},
		{strings.Repeat("(", 16) + "icmp" + strings.Repeat(")", 16), 16, "more than 15 parentheses and brackets in each other"},
		{strings.Repeat("(", 16) + "1" + strings.Repeat(")", 16) + " = 1", 16, "more than 15 parentheses and brackets in each other"},
		{strings.Repeat("icmp[", 16) + "1" + strings.Repeat("]", 16) + " = 1", 81, "more than 15 parentheses and brackets in each other"},
		{strings.Repeat(" ", filter.MaxLen+1), 1, "the expression is longer than 65536 octets"},
	} {
		_, err := filter.Parse(tt.expression)
		var e *filter.SyntaxError
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", tt.expression, err)
			continue
		}
		if e.Column != tt.column || e.Problem != tt.problem || e.Expression != tt.expression {
			t.Errorf("%q: column %d: %s\nwant column %d: %s", tt.expression, e.Column, e.Problem, tt.column, tt.problem)
		}
	}
	_, err := filter.Parse("icmp[0] = ")
	if want := "filter: column 11: expected a number or octets of a packet, not the end"; err.Error() != want {
		t.Errorf("%v", err)
	}
}

// TestLimits: what is just allowed.
func TestLimits(t *testing.T) {
	for _, s := range []string{
		strings.Repeat("(", 15) + "icmp" + strings.Repeat(")", 15),
		strings.Repeat("icmp[", 15) + "1" + strings.Repeat("]", 15) + " = 1",
		strings.Repeat(" ", filter.MaxLen-4) + "icmp",
		"port 65535", "vlan 4095", "net 0.0.0.0/0", "icmp[0] << 31 = 1", "icmp[0] = 0xffffffff", "icmp[0] = 017",
		"not " + strings.Repeat("not ", 10_000) + "icmp",
		deep(16),
	} {
		f := parse(t, s)
		if _, err := f.Compile(frame.Ethernet); err != nil || f.String() != s {
			t.Errorf("%.60q: %v", s, err)
		}
	}
	if _, err := filter.Parse(deep(17)); err == nil || !strings.Contains(err.Error(), "nested too deep") {
		t.Errorf("%v", err)
	}
}

// deep takes n slots of scratch memory.
func deep(n int) string {
	s := "icmp[0]"
	for i := range n - 1 {
		if i%3 == 0 {
			s = "(icmp[0] + " + s + ")"
		} else {
			s = []string{"icmp[0] & ", "icmp[0] | "}[i%3-1] + s
		}
		if i%3 == 2 {
			s = "(" + s + ")"
		}
	}
	return "icmp[0] = " + s
}

// TestLinks: a filter serves several links, and passes nothing of an unknown
// one.
func TestLinks(t *testing.T) {
	f := parse(t, "icmp[0] = 8 and host 192.0.2.1")
	echo := v4(b4, a4, 1, ipHeader, []byte{8, 0, 0, 0, 0, 0, 0, 0})
	for range 2 {
		for _, link := range []frame.LinkType{frame.Null, frame.Loop, frame.Raw, frame.RawBSD, frame.RawOpenBSD, frame.IPv4, frame.PPPEther} {
			n := 0
			for _, p := range frames(link) {
				if f.Match(link, p.data, p.length) {
					n++
				}
			}
			if n == 0 {
				t.Errorf("%v: nothing passes", link)
			}
		}
		if f.Match(147, echo, len(echo)) {
			t.Error("a link that is not known")
		}
	}
	if _, err := f.Compile(147); !errors.Is(err, frame.ErrLinkType) {
		t.Error(err)
	}
	six := parse(t, "icmp6[0] = 128")
	for _, head := range [][]byte{{0, 0, 0, 10}, {24, 0, 0, 0}, {0, 0, 0, 28}, {30, 0, 0, 0}, {23, 0, 0, 0}} {
		b := append(head, v6(a6, b6, 58, []byte{128, 0, 0, 0, 0, 0, 0, 0})...)
		if !six.Match(frame.Null, b, len(b)) || f.Match(frame.Null, b, len(b)) {
			t.Errorf("family %x", head)
		}
	}
	if six.Match(frame.Null, []byte{7, 0, 0, 0, 0x60}, 5) || parse(t, "arp").Match(frame.Null, []byte{2, 0, 0, 0}, 4) || parse(t, "arp").Match(frame.Raw, []byte{0x45}, 1) {
		t.Error("neither")
	}
}

// TestVLAN: on cooked frames, and where there are none.
func TestVLAN(t *testing.T) {
	d := v4(b4, a4, 1, ipHeader, []byte{8, 0, 0, 0, 0, 0, 0, 0})
	one := append([]byte{0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0xf0, 9, 8, 0}, d...)
	two := append([]byte{0x81, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0xf0, 9, 8, 0}, d...)
	twice := append([]byte{0x88, 0xa8, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0xf0, 9, 0x81, 0, 0, 8, 8, 0}, d...)
	for _, tt := range []struct {
		link       frame.LinkType
		b          []byte
		expression string
		want       bool
	}{
		{frame.LinuxCooked, one, "vlan 9 and icmp", true},
		{frame.LinuxCooked, one, "vlan 8", false},
		{frame.LinuxCooked, one, "vlan and vlan", false},
		{frame.LinuxCooked, one, "icmp", false},
		{frame.Cooked2, two, "vlan 9 and icmp", true},
		{frame.Cooked2, two, "vlan 8", false},
		{frame.Cooked2, two, "vlan and vlan", false},
		{frame.Cooked2, twice, "vlan 9 and vlan 8 and src host 10.1.2.3", true},
		{frame.Raw, d, "vlan", false},
		{frame.Raw, d, "not vlan and icmp", true},
	} {
		f := parse(t, tt.expression)
		if f.Match(tt.link, tt.b, len(tt.b)) != tt.want || !f.VLAN() && tt.expression != "icmp" {
			t.Errorf("%v: %s: want %v", tt.link, tt.expression, tt.want)
		}
	}
}

// TestRepeated: an address alone, and words repeated, beyond what tcpdump takes.
func TestRepeated(t *testing.T) {
	d := v4(b4, a4, 1, ipHeader, nil)
	for _, tt := range []struct {
		expression string
		want       bool
	}{
		{"192.0.2.1", true},
		{"192.0.2.2", false},
		{"dst 192.0.2.1 and not 10.1.2.3", true},
		{"src 192.0.2.1", false},
		{"net 11/8 or 10/8", true},
		{"src net 192/8 or 11/8", false},
		{"ip proto 2 or 1", true},
		{"ip proto icmp", true},
		{"portrange 1-2 or 3-4", false},
	} {
		if got := parse(t, tt.expression).Match(frame.Raw, d, len(d)); got != tt.want {
			t.Errorf("%s: %v", tt.expression, got)
		}
	}
}

// TestFar: jumps over more than 255 instructions.
func TestFar(t *testing.T) {
	var hosts []string
	for i := range 100 {
		hosts = append(hosts, "host 10.9.0."+string(rune('0'+i/10))+string(rune('0'+i%10)))
	}
	for i := range hosts {
		hosts[i] = strings.Replace(hosts[i], ".0.0", ".0.", 1)
	}
	all := strings.Join(hosts, " or ")
	d := v4(b4, a4, 1, ipHeader, nil)
	for _, tt := range []struct {
		expression string
		want       bool
	}{
		{all, false},
		{all + " or host 10.1.2.3", true},
		{"host 10.1.2.3 or " + all, true},
		{"host 10.1.2.3 and not (" + all + ")", true},
		{"icmp and (" + all + ")", false},
		{"not (icmp and (" + all + "))", true},
	} {
		f := parse(t, tt.expression)
		p, err := f.Compile(frame.Raw)
		if err != nil || len(p) < 256 {
			t.Fatalf("%d instructions, %v", len(p), err)
		}
		if p.Match(d, len(d)) != tt.want || !tt.want == vm(t, p, d) {
			t.Errorf("%.60s…: want %v", tt.expression, tt.want)
		}
	}
	long := strings.Repeat(all+" or ", 3) + all
	if _, err := parse(t, long).Compile(frame.Ethernet); !errors.Is(err, filter.ErrTooLong) {
		t.Errorf("%v", err)
	}
	if parse(t, long).Match(frame.Raw, d, len(d)) || !parse(t, long+" or dst host 192.0.2.1").Match(frame.Raw, d, len(d)) {
		t.Error("too long for the kernel, and wrong here")
	}
}

// vm runs a program in the machine of x/net.
func vm(t testing.TB, p filter.Program, data []byte) bool {
	raw := make([]bpf.RawInstruction, len(p))
	for i, s := range p {
		raw[i] = bpf.RawInstruction{Op: s.Op, Jt: s.Jt, Jf: s.Jf, K: s.K}
	}
	all, ok := bpf.Disassemble(raw)
	if !ok {
		t.Fatalf("not all are instructions: %v", all)
	}
	m, err := bpf.NewVM(all)
	if err != nil {
		t.Fatalf("%v: %v", err, all)
	}
	n, err := m.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return n > 0
}

// TestMachine runs programs here and in the machine of x/net.
func TestMachine(t *testing.T) {
	for _, link := range []frame.LinkType{frame.Ethernet, frame.Cooked2, frame.Raw} {
		all := frames(link)
		for _, e := range expressions {
			p, err := parse(t, e).Compile(link)
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(all); i += 7 {
				d := all[i].data
				if p.Match(d, len(d)) != vm(t, p, d) {
					t.Errorf("%v: %s: %x", link, e, d)
				}
			}
		}
	}
}

// TestMatchAllocates nothing.
func TestMatchAllocates(t *testing.T) {
	f := parse(t, "icmp[icmptype] = icmp-echo or icmp6 or port 53 or net 10.0.0.0/8")
	d := v4(b4, a4, 1, ipHeader, make([]byte, 64))
	f.Match(frame.Raw, d, len(d))
	wiretest.NoAllocs(t, "match", func() { f.Match(frame.Raw, d, len(d)) })
}

// FuzzParse: any expression: an error with its column, or a program that does
// here what it does in the machine of x/net.
func FuzzParse(f *testing.F) {
	for _, e := range append(expressions, vlans...) {
		f.Add(e)
	}
	var all []packet
	for i, p := range frames(frame.Ethernet) {
		if i%29 == 0 {
			all = append(all, p)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := filter.Parse(s)
		if err != nil {
			var e *filter.SyntaxError
			if !errors.As(err, &e) || e.Column < 1 || e.Column > len(s)+1 {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, link := range []frame.LinkType{frame.Ethernet, frame.Raw} {
			p, err := x.Compile(link)
			if err != nil {
				continue
			}
			for _, q := range all {
				if got := p.Match(q.data, len(q.data)); got != vm(t, p, q.data) {
					t.Fatalf("%v: %x: %v", link, q.data, got)
				}
			}
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	d := v4(b4, a4, 1, ipHeader, append([]byte{8, 0}, make([]byte, 62)...))
	for _, e := range []string{"icmp or icmp6", "icmp[icmptype] = icmp-echo", "host 192.0.2.1 and not port 53"} {
		f := parse(b, e)
		b.Run("filter="+strings.ReplaceAll(e, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.Match(frame.Raw, d, len(d))
			}
		})
	}
}
