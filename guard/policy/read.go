package policy

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/internal/yamlfile"
)

// Units and bounds of a limit.
const (
	maxRate  = 1_000_000
	minBurst = 1
)

const (
	wantRole      = "one of host, public-server, gateway, closed-network"
	wantLimit     = "a limit such as 10/s, 10/s burst 20, 60/min, or none"
	wantInterface = "the name of an interface, such as eth0"
	wantPrefix    = "an address or a network, such as 192.0.2.7 or 2001:db8::/32"
	wantWhere     = "one of in, through, out"
	wantService   = "a service such as tcp/22"
	wantWhy       = "a reason, 80 octets of printed text at most, without quotation marks or backslashes"
)

func (r *reader) policy(root ast.Node, p *Policy) {
	var roleAt, outsideAt, servicesAt ast.Node
	var echo, errs *Limit
	r.keys(root, "policy", map[string]func(ast.Node){
		"role": func(n ast.Node) {
			roleAt = n
			r.one(n, "role", wantRole, func(s string) bool {
				p.Role = Role(s)
				return slices.Contains(Roles, p.Role)
			})
		},
		"outside": func(n ast.Node) {
			outsideAt = n
			r.each(n, "outside", func(n ast.Node) {
				r.one(n, "outside", wantInterface, func(s string) bool {
					p.Outside = append(p.Outside, s)
					return isInterface(s)
				})
			})
		},
		"limits": func(n ast.Node) {
			r.keys(n, "limits", map[string]func(ast.Node){
				"echo":   func(n ast.Node) { echo = r.limit(n, "echo") },
				"errors": func(n ast.Node) { errs = r.limit(n, "errors") },
			})
		},
		"exceptions": func(n ast.Node) {
			r.each(n, "exceptions", func(n ast.Node) { r.exception(n, p) })
		},
		"others": func(n ast.Node) {
			r.one(n, "others", "leave or close", func(s string) bool {
				p.Close = s == "close"
				return p.Close || s == "leave"
			})
		},
		"services": func(n ast.Node) {
			servicesAt = n
			r.each(n, "services", func(n ast.Node) { r.service(n, p) })
		},
	})
	if r.Failed() {
		return
	}
	switch {
	case roleAt == nil:
		r.fail(root, "policy: expected a role: %s", wantRole)
	case p.Role.Forwards() && len(p.Outside) == 0:
		r.fail(roleAt, "role: a %s needs to know the interfaces to the outside, as in outside: [eth0]", p.Role)
	case !p.Role.Forwards() && len(p.Outside) > 0:
		r.fail(outsideAt, "outside: a %s forwards nothing; expected no such key", p.Role)
	case !p.Close && len(p.Services) > 0:
		r.fail(servicesAt, "services: expected others: close with it, without which all services stay as they are")
	}
	for i := range p.Exceptions {
		if e := &p.Exceptions[i]; len(e.Where) == 0 {
			e.Where = []Where{In, Through, Out}
		} else if !p.Role.Forwards() && slices.Contains(e.Where, Through) {
			r.Fail(yamlfile.Pos{Line: e.Line, Col: 1}, "exceptions: a %s forwards nothing; expected in or out", p.Role)
		}
	}
	def := defaults[p.Role]
	p.Echo, p.Errors = def.echo, def.errors
	if echo != nil {
		p.Echo = *echo
	}
	if errs != nil {
		p.Errors = *errs
	}
}

func (r *reader) exception(n ast.Node, p *Policy) {
	e := Exception{}
	e.Line = yamlfile.At(n).Line
	decided, hasWhy := 0, false
	where := func(allow bool) func(ast.Node) {
		return func(n ast.Node) {
			e.Allow = allow
			decided++
			r.each(n, "exceptions", func(n ast.Node) {
				r.one(n, "exceptions", wantWhere+", or any", func(s string) bool {
					if s == "any" {
						return true
					}
					e.Where = append(e.Where, Where(s))
					return slices.Contains([]Where{In, Through, Out}, Where(s))
				})
			})
		}
	}
	kinds := func(f kind.Family) func(ast.Node) {
		return func(n ast.Node) {
			r.each(n, f.String(), func(n ast.Node) {
				r.one(n, f.String(), "a type with or without code, such as 13, 3/4, 3/0-15 or echo-request", func(s string) bool {
					set, ok := kind.Parse(f, s)
					e.Kinds = append(e.Kinds, set)
					return ok
				})
			})
		}
	}
	prefixes := func(what string, to *[]netip.Prefix) func(ast.Node) {
		return func(n ast.Node) {
			r.each(n, what, func(n ast.Node) {
				r.one(n, what, wantPrefix, func(s string) bool {
					pre, ok := prefix(s)
					*to = append(*to, pre)
					return ok
				})
			})
		}
	}
	ok := r.keys(n, "exceptions", map[string]func(ast.Node){
		"allow": where(true),
		"deny":  where(false),
		"icmp":  kinds(kind.V4),
		"icmp6": kinds(kind.V6),
		"from":  prefixes("from", &e.From),
		"to":    prefixes("to", &e.To),
		"interface": func(n ast.Node) {
			r.one(n, "interface", wantInterface, func(s string) bool {
				e.Interface = s
				return isInterface(s)
			})
		},
		"limit": func(n ast.Node) {
			if l := r.limit(n, "limit"); l != nil {
				e.Limit = *l
			}
		},
		"why": func(n ast.Node) {
			hasWhy = true
			r.one(n, "why", wantWhy, func(s string) bool {
				e.Why = s
				return isWhy(s)
			})
		},
	})
	switch {
	case !ok:
	case decided != 1:
		r.fail(n, "exceptions: expected either allow or deny, as in allow: in")
	case len(e.Kinds) == 0:
		r.fail(n, "exceptions: expected kinds of messages, as in icmp: [3/4] or icmp6: [echo-request]")
	case !hasWhy:
		r.fail(n, "exceptions: expected a reason, as in why: our monitoring")
	case !e.Allow && !e.Limit.Zero():
		r.fail(n, "exceptions: a limit goes with allow")
	case !fits(e):
		r.fail(n, "exceptions: no kind of message is of the family of the addresses")
	}
	p.Exceptions = append(p.Exceptions, e)
}

// fits reports whether the addresses of an exception leave any of its kinds.
func fits(e Exception) bool {
	return slices.ContainsFunc(e.Kinds, func(s kind.Set) bool {
		return Has(e.From, s.Family) && Has(e.To, s.Family)
	})
}

// Has reports whether some of the prefixes, or all addresses, are of a family.
func Has(ps []netip.Prefix, f kind.Family) bool {
	return len(ps) == 0 || slices.ContainsFunc(ps, func(p netip.Prefix) bool { return p.Addr().Is4() == (f == kind.V4) })
}

func (r *reader) service(n ast.Node, p *Policy) {
	r.one(n, "services", wantService, func(s string) bool {
		proto, port, _ := strings.Cut(s, "/")
		x, err := strconv.ParseUint(port, 10, 16)
		p.Services = append(p.Services, Service{proto, uint16(x)})
		return err == nil && x > 0 && (proto == "tcp" || proto == "udp")
	})
}

func (r *reader) limit(n ast.Node, what string) *Limit {
	var l Limit
	r.one(n, what, wantLimit, func(s string) (ok bool) {
		l, ok = parseLimit(s)
		return ok
	})
	return &l
}

// parseLimit reads "10/s", "10/s burst 20", "60/min" or "none". Without a burst
// it is the rate, 5 at least.
func parseLimit(s string) (Limit, bool) {
	if s == "none" {
		return Limit{}, true
	}
	w := strings.Fields(s)
	if len(w) != 1 && (len(w) != 3 || w[1] != "burst") {
		return Limit{}, false
	}
	n, unit, _ := strings.Cut(w[0], "/")
	per, known := map[string]time.Duration{"s": time.Second, "second": time.Second, "min": time.Minute, "minute": time.Minute}[unit]
	x, ok := bounded(n, 1, maxRate)
	l := Limit{x, per, max(x, 5)}
	if ok && len(w) == 3 {
		l.Burst, ok = bounded(w[2], minBurst, maxRate)
	}
	return l, ok && known
}

func bounded(s string, least, most int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= least && n <= most && s[0] != '+'
}

func prefix(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), a.Zone() == "" && !a.Is4In6()
	}
	p, err := netip.ParsePrefix(s)
	return p, err == nil && p == p.Masked() && !p.Addr().Is4In6()
}

// isInterface reports whether the kernel takes a name for that of an interface,
// and nft(8) takes it for nothing else.
func isInterface(s string) bool {
	const maxName = 15
	for _, r := range s {
		if r <= ' ' || r > '~' || strings.ContainsRune(`/"\*:%$`, r) {
			return false
		}
	}
	return s != "" && len(s) <= maxName && s != "." && s != ".."
}

func isWhy(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar || r == '"' || r == '\\' {
			return false
		}
	}
	return strings.TrimSpace(s) != "" && len(s) <= maxWhy
}
