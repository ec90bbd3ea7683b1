package policy_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

const whole = `# everything that there is
role: gateway
outside: [eth0, wan.7]
limits: {echo: 50/s burst 100, errors: 60/min}
others: close
services: [tcp/22, udp/53]
exceptions:
  - {allow: in, icmp: timestamp-request, from: 192.0.2.7, why: our clock monitor, limit: 5/s}
  - deny: [in, through]
    icmp6: [1/4, echo-request]
    to: [2001:db8::/32, 2001:db9::1]
    interface: eth0
    why: nobody's business
  - {allow: any, icmp: [3/0-15], icmp6: 160, why: x}
`

func TestParse(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	pre := netip.MustParsePrefix
	want := &policy.Policy{
		File: "p.yaml", Role: policy.Gateway, Outside: []string{"eth0", "wan.7"},
		Echo: policy.Limit{Packets: 50, Per: time.Second, Burst: 100}, Errors: policy.Limit{Packets: 60, Per: time.Minute, Burst: 60},
		Close: true, Services: []policy.Service{{Proto: "tcp", Port: 22}, {Proto: "udp", Port: 53}},
		Exceptions: []policy.Exception{
			{
				Allow: true, Where: []policy.Where{policy.In}, Kinds: []kind.Set{kind.Of(kind.V4, 13)}, From: []netip.Prefix{pre("192.0.2.7/32")},
				Limit: policy.Limit{Packets: 5, Per: time.Second, Burst: 5}, Why: "our clock monitor", Line: 8,
			},
			{
				Where: []policy.Where{policy.In, policy.Through},
				Kinds: []kind.Set{kind.Of(kind.V6, 1).With(kind.Range{From: 4, To: 4}), kind.Of(kind.V6, 128)},
				To:    []netip.Prefix{pre("2001:db8::/32"), pre("2001:db9::1/128")}, Interface: "eth0", Why: "nobody's business", Line: 9,
			},
			{
				Allow: true, Where: []policy.Where{policy.In, policy.Through, policy.Out},
				Kinds: []kind.Set{kind.Of(kind.V4, 3).With(kind.Range{From: 0, To: 15}), kind.Of(kind.V6, 160)}, Why: "x", Line: 14,
			},
		},
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("%+v\nwant\n%+v", p, want)
	}
}

// TestDefaults: what each role has when nothing is said.
func TestDefaults(t *testing.T) {
	for role, want := range map[policy.Role]string{
		policy.Host: "10/s burst 20, 100/s burst 200", policy.Server: "100/s burst 200, 1000/s burst 1000",
		policy.Gateway: "50/s burst 100, 500/s burst 500", policy.Closed: "50/s burst 100, 100/s burst 200",
	} {
		text := "role: " + string(role) + "\n"
		if role.Forwards() {
			text += "outside: eth0\n"
		}
		p, err := policy.Parse("p", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", role, err)
			continue
		}
		if got := p.Echo.String() + ", " + p.Errors.String(); got != want || p.Close {
			t.Errorf("%s: %s, want %s", role, got, want)
		}
	}
	p, err := policy.Parse("p", []byte("role: host\nlimits: {echo: none}\n"))
	if err != nil || !p.Echo.Zero() || p.Echo.String() != "none" || p.Errors.Zero() {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "p:1:1: expected a policy, found an empty file"},
		{"role: host\n---\nrole: host", "p:2:1: expected one document"},
		{"role: host\nrole: host", "p:2:1: expected YAML: mapping key \"role\" already defined at [1:1]"},
		{"- a", "p:1:1: policy: expected keys with values"},
		{"role: router", `p:1:7: role: expected one of host, public-server, gateway, closed-network, found "router"`},
		{"role: [host]", "p:1:7: role: expected one of host, public-server, gateway, closed-network"},
		{"others: leave", "p:1:1: policy: expected a role: one of host, public-server, gateway, closed-network"},
		{"role: gateway", "p:1:7: role: a gateway needs to know the interfaces to the outside, as in outside: [eth0]"},
		{"role: closed-network\noutside: []", "p:1:7: role: a closed-network needs to know the interfaces to the outside, as in outside: [eth0]"},
		{"role: host\noutside: eth0", "p:2:10: outside: a host forwards nothing; expected no such key"},
		{"role: gateway\noutside: 'eth0\"; flush ruleset'", `p:2:10: outside: expected the name of an interface, such as eth0, found "eth0\"; flush ruleset"`},
		{"role: gateway\noutside: abcdefghijklmnop", `p:2:10: outside: expected the name of an interface, such as eth0, found "abcdefghijklmnop"`},
		{"role: gateway\noutside: eth*", `p:2:10: outside: expected the name of an interface, such as eth0, found "eth*"`},
		{"rôle: host", `p:1:1: policy: unknown key "rôle", expected one of exceptions, limits, others, outside, role, services`},
		{"role: host\nlimits: {echo: 10}", `p:2:16: echo: expected a limit such as 10/s, 10/s burst 20, 60/min, or none, found "10"`},
		{"role: host\nlimits: {echo: 0/s}", `p:2:16: echo: expected a limit such as 10/s, 10/s burst 20, 60/min, or none, found "0/s"`},
		{"role: host\nlimits: {errors: 10/s burst 0}", `p:2:18: errors: expected a limit such as 10/s, 10/s burst 20, 60/min, or none, found "10/s burst 0"`},
		{"role: host\nlimits: {errors: 1000001/s}", `p:2:18: errors: expected a limit such as 10/s, 10/s burst 20, 60/min, or none, found "1000001/s"`},
		{"role: host\nlimits: {errors: 10/h}", `p:2:18: errors: expected a limit such as 10/s, 10/s burst 20, 60/min, or none, found "10/h"`},
		{"role: host\nlimits: {errors: 10/s bust 5}", `p:2:18: errors: expected a limit such as 10/s, 10/s burst 20, 60/min, or none, found "10/s bust 5"`},
		{"role: host\nlimits: {ping: 1/s}", `p:2:10: limits: unknown key "ping", expected one of echo, errors`},
		{"role: host\nothers: open", `p:2:9: others: expected leave or close, found "open"`},
		{"role: host\nservices: tcp/22", "p:2:11: services: expected others: close with it, without which all services stay as they are"},
		{"role: host\nothers: close\nservices: [tcp/0]", `p:3:12: services: expected a service such as tcp/22, found "tcp/0"`},
		{"role: host\nothers: close\nservices: [sctp/5]", `p:3:12: services: expected a service such as tcp/22, found "sctp/5"`},
		{"role: host\nexceptions:\n  - {icmp: 8, why: x}", "p:3:5: exceptions: expected either allow or deny, as in allow: in"},
		{"role: host\nexceptions:\n  - {allow: in, deny: in, icmp: 8, why: x}", "p:3:5: exceptions: expected either allow or deny, as in allow: in"},
		{"role: host\nexceptions:\n  - {allow: in, why: x}", "p:3:5: exceptions: expected kinds of messages, as in icmp: [3/4] or icmp6: [echo-request]"},
		{"role: host\nexceptions:\n  - {allow: in, icmp: 8}", "p:3:5: exceptions: expected a reason, as in why: our monitoring"},
		{"role: host\nexceptions:\n  - {deny: in, icmp: 8, limit: 1/s, why: x}", "p:3:5: exceptions: a limit goes with allow"},
		{"role: host\nexceptions:\n  - {deny: in, icmp: 8, from: '::/0', why: x}", "p:3:5: exceptions: no kind of message is of the family of the addresses"},
		{"role: host\nexceptions:\n  - {deny: through, icmp: 8, why: x}", "p:3:1: exceptions: a host forwards nothing; expected in or out"},
		{"role: host\nexceptions:\n  - {deny: up, icmp: 8, why: x}", `p:3:12: exceptions: expected one of in, through, out, or any, found "up"`},
		{"role: host\nexceptions:\n  - {deny: in, icmp: 3/4/5, why: x}", `p:3:22: icmp: expected a type with or without code, such as 13, 3/4, 3/0-15 or echo-request, found "3/4/5"`},
		{"role: host\nexceptions:\n  - {deny: in, icmp: 8, from: 10.0.0.1/8, why: x}", `p:3:31: from: expected an address or a network, such as 192.0.2.7 or 2001:db8::/32, found "10.0.0.1/8"`},
		{"role: host\nexceptions:\n  - {deny: in, icmp: 8, why: 'a\"b'}", `p:3:30: why: expected a reason, 80 octets of printed text at most, without quotation marks or backslashes, found "a\"b"`},
		{"role: host\nexceptions:\n  - {deny: in, icmp: 8, why: " + strings.Repeat("x", 81) + "}", "p:3:30: why: expected a reason, 80 octets of printed text at most, without quotation marks or backslashes, found \"" + strings.Repeat("x", 40) + `…"`},
		{"role: host\nexceptions: 5", "p:2:13: exceptions: expected keys with values"},
		{"role: &a host", "p:1:7: role: expected a plain value: anchors, aliases and tags are not read"},
		{"role: !!str host", "p:1:7: role: expected a plain value: anchors, aliases and tags are not read"},
		{"role: host\nlimits: &l {echo: 1/s}", "p:2:9: limits: expected a plain value: anchors, aliases and tags are not read"},
		{"role: host\nlimits: {echo: *l}", "p:2:16: echo: expected a plain value: anchors, aliases and tags are not read"},
		{"role: host\n\ufefflimits: {echo: 1/s}", `p:2:1: policy: unknown key "\ufefflimits", expected one of exceptions, limits, others, outside, role, services`},
		{"role: host\nx: 1\ny: 2", "p:2:1: policy: unknown key \"x\", expected one of exceptions, limits, others, outside, role, services\np:3:1: policy: unknown key \"y\", expected one of exceptions, limits, others, outside, role, services"},
		{strings.Repeat("[", 17), "p:1:17: expected brackets and lists nested 16 deep at most"},
		{"role: host\n#" + strings.Repeat("x", 64<<10), "p:1:1: expected a file of 64 KiB at most"},
	} {
		_, err := policy.Parse("p", []byte(tt.text))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%.60q:\n%v, want\n%s", tt.text, err, tt.want)
		}
		var one *policy.Error
		if !errors.As(err, &one) || one.File != "p" || one.Line < 1 || one.Col < 1 {
			t.Errorf("%.60q: %+v", tt.text, one)
		}
	}
}

// TestWritten: a byte order mark, ends of lines of another system, and a mark of the
// end say nothing.
func TestWritten(t *testing.T) {
	for _, text := range []string{"\ufeffrole: host\n", "role: host\r\n", "role: host\n...\n", "# x\nrole: 'host'"} {
		if p, err := policy.Parse("p", []byte(text)); err != nil || p.Role != policy.Host {
			t.Errorf("%q: %+v, %v", text, p, err)
		}
	}
}

func TestLoad(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p.yaml")
	if _, err := policy.Load(name); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(name, []byte("role: host\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := policy.Load(name); err != nil || p.Role != policy.Host || p.File != name {
		t.Errorf("%+v, %v", p, err)
	}
	if err := os.Truncate(name, 1<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := policy.Load(name); err == nil || err.Error() != name+":1:1: expected a file of 64 KiB at most" {
		t.Error(err)
	}
}

// FuzzParse: whatever a file holds, there is a policy that is whole, or errors
// with places.
func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("role: host")
	f.Add("role: {a: [b, &c d]}\n- x")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := policy.Parse("p", []byte(text))
		if err != nil {
			var all policy.Errors
			if !errors.As(err, &all) || len(all) == 0 || len(all) > 20 || p != nil {
				t.Fatalf("%v", err)
			}
			return
		}
		if p.Role == "" || p.Role.Forwards() != (len(p.Outside) > 0) {
			t.Fatalf("%+v", p)
		}
		for _, e := range p.Exceptions {
			if len(e.Kinds) == 0 || len(e.Where) == 0 || e.Why == "" {
				t.Fatalf("%+v", e)
			}
		}
	})
}

// TestBounds: what is just allowed is allowed.
func TestBounds(t *testing.T) {
	list := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("8, ", n), ", ") + "]" }
	for text, ok := range map[string]bool{
		"role: host\n#" + strings.Repeat("x", 64<<10-len("role: host\n#")):                                          true,
		"role: host\n#" + strings.Repeat("x", 64<<10-len("role: host\n#")+1):                                        false,
		"role: gateway\noutside: abcdefghijklmno":                                                                   true,
		"role: gateway\noutside: \"a~b!\"":                                                                          true,
		"role: gateway\noutside: 'a b'":                                                                             false,
		"role: gateway\noutside: ..":                                                                                false,
		"role: gateway\noutside: é":                                                                                 false,
		"role: gateway\noutside: ''":                                                                                false,
		"role: host\nlimits: {echo: 1/s burst 1}":                                                                   true,
		"role: host\nlimits: {echo: 1000000/s burst 1000000}":                                                       true,
		"role: host\nlimits: {echo: 1/s burst 1000001}":                                                             false,
		"role: host\nlimits: {echo: +1/s}":                                                                          false,
		"role: host\nlimits: {echo: 1/second burst 2 x}":                                                            false,
		"role: host\nothers: close\nservices: [udp/65535]":                                                          true,
		"role: host\nothers: close\nservices: [udp/65536]":                                                          false,
		"role: host\nexceptions: [{deny: in, icmp: 8, why: " + strings.Repeat("x", 80) + "}]":                       true,
		"role: host\nexceptions: [{deny: in, icmp: 8, why: ' '}]":                                                   false,
		"role: host\nexceptions: [{deny: in, icmp: 8, why: \"a\\u202eb\"}]":                                         false,
		"role: host\nexceptions: [{deny: in, icmp: " + list(256) + ", why: x}]":                                     true,
		"role: host\nexceptions: [{deny: in, icmp: " + list(257) + ", why: x}]":                                     false,
		"role: host\nexceptions: [{deny: in, icmp6: 128, from: [2001:db8::1, fe80::/10], why: x}]":                  true,
		"role: host\nexceptions: [{deny: in, icmp6: 128, from: ['::ffff:10.0.0.1', 'fe80::1%eth0'], why: x}]":       false,
		"role: host\nexceptions: [{deny: in, icmp: 8, icmp6: 128, from: [192.0.2.1], to: ['2001:db8::1'], why: x}]": false,
		strings.Repeat("[", 16) + strings.Repeat("]", 16):                                                           false,
	} {
		_, err := policy.Parse("p", []byte(text))
		if (err == nil) != ok {
			t.Errorf("%.90q: %v", text, err)
		}
	}
	// Sixteen deep is read, and is no policy; seventeen deep is not read.
	for n, want := range map[int]string{16: "expected keys with values", 17: "16 deep at most"} {
		for _, nest := range [][2]string{{"[", "]"}, {"- ", ""}, {"{a: ", "}"}} {
			open := nest[0]
			_, err := policy.Parse("p", []byte(strings.Repeat(open, n)+"x"+strings.Repeat(nest[1], n)))
			if n == 17 != (err != nil && strings.Contains(err.Error(), want)) && n == 17 {
				t.Errorf("%d %q: %v", n, open, err)
			}
			if n == 16 && strings.Contains(err.Error(), "16 deep") {
				t.Errorf("%d %q: %v", n, open, err)
			}
		}
	}
	var all policy.Errors
	_, err := policy.Parse("p", []byte(strings.Repeat("x: 1\n", 1)+"role: host\noutside: ["+strings.TrimSuffix(strings.Repeat("'a b', ", 30), ", ")+"]\n"))
	if !errors.As(err, &all) || len(all) != 20 || len(all.Unwrap()) != 20 || all[0].Line != 1 || all[19].Line != 3 || all[1].Col >= all[2].Col {
		t.Errorf("%d errors: %v", len(all), err)
	}
}
