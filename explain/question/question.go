// Package question finds out what somebody wants explained: a type and code, a
// name, octets in one of the forms of package octets, or a packet of a capture.
package question

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/sonde-net/sonde/explain"
	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/explain/octets"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// A Question is what is to be explained: octets, or else one or more kinds.
type Question struct {
	Octets []byte
	How    explain.How
	// Matches are the kinds that are meant. More than one are candidates, among
	// which the asker has to choose.
	Matches []catalogue.Match
	// Other are those of the other family, of the same name.
	Other []catalogue.Match
}

// Options say how arguments are to be read. Its zero value finds out.
type Options struct {
	Family catalogue.Family // 0: by what is there, else IPv4
	Form   explain.Form     // of octets
}

// What is looked for is compiled when it is first looked for: most runs of the
// program never do.
var (
	family  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)^(?:icmp)?v?([46])$`) })
	numbers = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)^(?:(?:icmp)?v?([46]):)?(\d{1,3})(?:/(\d{1,3}))?$`)
	})
	hexlike = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)^[0-9a-fx\\:,.;\s-]+$`) })
)

// Of finds out what arguments mean, in this order: a file and the number of a
// packet in it; TYPE/CODE; hexadecimal digits; a name; base64. The one argument
// "-" is the text of in, as are no arguments.
func Of(args []string, in io.Reader, o Options) (Question, error) {
	if len(args) == 2 {
		if n, err := strconv.Atoi(args[1]); err == nil {
			if _, err := os.Stat(args[0]); err == nil {
				return packet(args[0], n)
			}
			if !family().MatchString(args[0]) && !strings.EqualFold(args[0], "icmp") && !hexlike().MatchString(args[0]) {
				return Question{}, fmt.Errorf("%s: %w", args[0], os.ErrNotExist)
			}
		}
	}
	if len(args) == 0 || len(args) == 1 && args[0] == "-" {
		return text(in, o)
	}
	if len(args) > 1 {
		if m := family().FindStringSubmatch(args[0]); m != nil {
			o.Family, args = catalogue.Family(m[1][0]-'0'), args[1:]
		} else if strings.EqualFold(args[0], "icmp") {
			o.Family, args = catalogue.ICMPv4, args[1:]
		}
	}
	return word(strings.Join(args, " "), o)
}

// word is what one argument means that is no file.
func word(s string, o Options) (Question, error) {
	if m := numbers().FindStringSubmatch(s); m != nil {
		return kind(m, o)
	}
	digits := strings.TrimSpace(s)
	if hexlike().MatchString(digits) && len(digits) >= 8 {
		b, err := octets.Hex(digits)
		return of(b, o), err
	}
	if q, ok := named(s, o); ok {
		return q, nil
	}
	if b, ok := octets.Base64(s); ok && !strings.Contains(s, " ") {
		return of(b, o), nil
	}
	if f, err := os.Stat(s); err == nil && !f.IsDir() {
		return Question{}, fmt.Errorf("%s is a file: which packet of it? (sonde explain FILE NUMBER, or sonde explain < FILE for a dump)", s)
	}
	return Question{}, fmt.Errorf("%q is no TYPE/CODE, no name of a message, and neither hexadecimal nor base64 (--list has all names)", s)
}

func of(b []byte, o Options) Question {
	form := o.Form
	if form == explain.Detect {
		switch o.Family {
		case catalogue.ICMPv6:
			form = explain.ICMPv6
		case catalogue.ICMPv4:
			form = explain.ICMPv4
		}
		if f := explain.FormOf(b); f != explain.ICMPv4 && f != explain.ICMPv6 {
			form = f // a packet says itself what it carries
		}
	}
	return Question{Octets: b, How: explain.How{Form: form}}
}

// kind reads the numbers of a type and a code.
func kind(m []string, o Options) (Question, error) {
	f := o.Family
	if m[1] != "" {
		f = catalogue.Family(m[1][0] - '0')
	}
	if f == 0 {
		f = catalogue.ICMPv4
	}
	typ, err := strconv.ParseUint(m[2], 10, 8)
	if err != nil {
		return Question{}, fmt.Errorf("type %s is over the limit of 255", m[2])
	}
	match := catalogue.Match{Kind: catalogue.Kind{Family: f, Type: uint8(typ)}, Whole: m[3] == ""}
	if m[3] != "" {
		code, err := strconv.ParseUint(m[3], 10, 8)
		if err != nil {
			return Question{}, fmt.Errorf("code %s is over the limit of 255", m[3])
		}
		match.Code = uint8(code)
	}
	return Question{Matches: []catalogue.Match{match}}, nil
}

// named looks a name up: in the family that is asked for, else in IPv4, and in
// IPv6 what IPv4 does not have.
func named(s string, o Options) (Question, bool) {
	var by [7][]catalogue.Match
	for _, m := range catalogue.Find(s) {
		by[m.Family] = append(by[m.Family], m)
	}
	first, second := catalogue.ICMPv4, catalogue.ICMPv6
	if o.Family == catalogue.ICMPv6 || o.Family == 0 && len(by[first]) == 0 {
		first, second = second, first
	}
	return Question{Matches: by[first], Other: by[second]}, len(by[first]) > 0
}

// limit is how much text is read.
const limit = 8 * octets.MaxLen

// text reads a dump or the like, or one of the words that an argument may be.
func text(in io.Reader, o Options) (Question, error) {
	b, err := io.ReadAll(io.LimitReader(in, limit+1))
	switch {
	case err != nil:
		return Question{}, err
	case len(b) > limit:
		return Question{}, fmt.Errorf("the text is over the limit of %d octets", limit)
	}
	s := strings.TrimRight(string(b), "\r\n")
	if !strings.Contains(s, "\n") && len(s) < 200 {
		if q, err := word(s, o); err == nil {
			return q, nil
		}
	}
	raw, err := octets.Decode(s)
	if err != nil {
		return Question{}, fmt.Errorf("standard input: %w", err)
	}
	return of(raw, o), nil
}

// packet reads packet n of a capture.
func packet(path string, n int) (Question, error) {
	if n < 1 {
		return Question{}, fmt.Errorf("packet %d: packets are counted from 1", n)
	}
	r, err := capture.Open(path)
	if err != nil {
		return Question{}, err
	}
	defer r.Close()
	last := 0
	for {
		p, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return Question{}, fmt.Errorf("%s has %d packets, not %d", path, last, n)
		case err != nil:
			return Question{}, fmt.Errorf("%s: %w", path, err)
		case p.Number == n:
			return framed(p)
		}
		last = p.Number
	}
}

// framed is the message of a captured packet: with its frame, where that is a
// form of explain, else from its datagram on.
func framed(p *capture.Packet) (Question, error) {
	if p.Link == frame.Ethernet && explain.FormOf(p.Data) == explain.Ethernet {
		return Question{Octets: append([]byte(nil), p.Data...), How: explain.How{Form: explain.Ethernet}}, nil
	}
	d, _, err := frame.Decode(p.Link, p.Data)
	if err != nil {
		return Question{}, fmt.Errorf("packet %d: %w", p.Number, err)
	}
	form := explain.IPv4
	if len(d) > 0 && d[0]>>4 == 6 {
		form = explain.IPv6
	}
	return Question{Octets: append([]byte(nil), d...), How: explain.How{Form: form}}, nil
}
