package trace

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// parser reads a command line as the original does: short options stand alone
// or together; the argument of one that stands alone is behind it, or it is the
// next word, as it is for the last of several; that of a long one is behind "=".
type parser struct {
	args []string
	o    options
	f    original
	late error // what is wrong, but is told only when all has been read
}

// errArgument says that an argument is none of its option's.
var errArgument = errors.New("argument")

func (p *parser) wait(s string) (err error) {
	c := &p.o.trace
	c.Wait, c.Here, c.Near, err = parseWait(s)
	var bad *waitError
	if errors.As(err, &bad) {
		p.late = cmp.Or[error](p.late, bad)
		return nil
	}
	p.f.waitSaid = true
	return argument(err)
}

func (p *parser) gap(s string) error {
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return errArgument
	}
	d, err := parseGap(s)
	p.o.trace.Gap, p.late = d, cmp.Or(p.late, err)
	return nil
}

// port takes a port by its number, or by the name of a service.
func (p *parser) port(s string) error {
	n, err := strconv.ParseInt(s, 0, 32)
	if err != nil && s != "" {
		var named int
		if named, err = net.LookupPort("tcp", s); err != nil {
			named, err = net.LookupPort("udp", s)
		}
		n = int64(named)
	}
	p.o.trace.Port = uint16(n)
	return argument(err)
}

func argument(err error) error {
	if err != nil {
		return errArgument
	}
	return nil
}

func (p *parser) source(s string) error {
	if _, err := netip.ParseAddr(s); err != nil {
		return errArgument
	}
	p.o.source = s
	return nil
}

// parse reads the command line.
func (p *parser) parse() error {
	if len(p.args) == 1 {
		return errHelp
	}
	options := true
	for at := 1; at < len(p.args); at++ {
		a := p.args[at]
		var err error
		switch {
		case !options || len(a) < 2 || a[0] != '-':
			err = p.operand(a, at)
		case a == "--":
			options = false
		case a == "-UL":
			p.f.module = "udplite"
		case strings.HasPrefix(a, "--"):
			err = p.long(a, at)
		default:
			at, err = p.short(a, at)
		}
		if err != nil {
			return err
		}
	}
	if p.late != nil {
		return p.late
	}
	return p.finish()
}

// operand takes a word that is no option.
func (p *parser) operand(a string, at int) error {
	p.f.positions++
	switch p.f.positions {
	case 1:
		p.o.host, p.f.hostAt = a, at
	case 2:
		n, err := strconv.ParseInt(a, 0, 32)
		if err != nil {
			return fmt.Errorf("Cannot handle \"packetlen\" cmdline arg `%s' on position 2 (argc %d)", a, at)
		}
		if p.o.length = int(n); n == 0 {
			p.o.length = 1 // as short as it can be
		}
	default:
		return fmt.Errorf("Extra arg `%s' (position %d, argc %d)", a, p.f.positions, at)
	}
	return nil
}

func (p *parser) long(a string, at int) error {
	name, arg, has := strings.Cut(a[2:], "=")
	switch name {
	case "help":
		return errHelp
	case "version":
		return errVersion
	}
	i := slices.IndexFunc(table(), func(o option) bool { return o.long != "" && o.long == name })
	switch {
	case has && (i < 0 || table()[i].arg == ""):
		return fmt.Errorf("Bad option `%s' (with arg `%s') (argc %d)", a, arg, at)
	case i < 0:
		return fmt.Errorf("Bad option `%s' (argc %d)", a, at)
	case !has && table()[i].arg != "":
		return needs(a, a+"="+table()[i].arg, at)
	}
	return p.take(&table()[i], "--"+name, arg, at)
}

// short takes a word of short options, and returns which word was the last one
// that belongs to it.
func (p *parser) short(a string, at int) (int, error) {
	for i := 1; i < len(a); i++ {
		name := "-" + a[i:i+1]
		if a[i] == 'V' {
			return at, errVersion
		}
		k := slices.IndexFunc(table(), func(o option) bool { return o.short == a[i] })
		if k < 0 {
			return at, fmt.Errorf("Bad option `%s' (argc %d)", name, at)
		}
		o := &table()[k]
		switch {
		case o.arg == "":
			if err := o.set(p, ""); err != nil {
				return at, err
			}
		case i == 1 && len(a) > 2:
			return at, p.take(o, name, a[2:], at)
		case i < len(a)-1, at+1 == len(p.args):
			return at, needs(name, name+" "+o.arg, at)
		default:
			return at + 1, p.take(o, name, p.args[at+1], at+1)
		}
	}
	return at, nil
}

func needs(name, form string, at int) error {
	return fmt.Errorf("Option `%s' (argc %d) requires an argument: `%s'", name, at, form)
}

// take has an option take its argument, which stands in the word at.
func (p *parser) take(o *option, name, arg string, at int) error {
	err := o.set(p, arg)
	if errors.Is(err, errArgument) {
		return fmt.Errorf("Cannot handle `%s' option with arg `%s' (argc %d)", name, arg, at)
	}
	return err
}
