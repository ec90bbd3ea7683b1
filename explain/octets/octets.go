// Package octets makes octets of what people paste: hexadecimal digits with
// spaces, colons, 0x or \x between them, the dumps of xxd, hexdump, tcpdump -x
// and Wireshark, and base64.
//
// It reads one packet. Text around a dump, such as the line that tcpdump prints
// before it, is left out; a second dump is an error, so that nobody takes one
// packet for another.
package octets

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// MaxLen is how many octets a text may hold: more than any packet has.
const MaxLen = 1 << 17

// An Error says where a text is not octets.
type Error struct {
	Line, Column int // counted from 1; Column counts characters
	Text         string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Line <= 1 {
		return fmt.Sprintf("column %d: %s", e.Column, e.Text)
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Text)
}

func fail(line, column int, format string, args ...any) error {
	return &Error{line, column, fmt.Sprintf(format, args...)}
}

// What is looked for is compiled when it is first looked for: most runs of the
// program never do.
var (
	// offset begins a line of a dump: "0x0000:  ", "00000000: ", "0000  ".
	offset = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*(?:0x)?([0-9a-fA-F]{4,16})(?::\s+|\s\s+|:?$)`) })
	// swapped is a line of hexdump without options: words of the host's order,
	// which is little-endian wherever this is run.
	swapped = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9a-f]{7})((?: [0-9a-f]{4})+)?\s*$`) })
	// base is what base64 may have, in its two alphabets.
	base = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9+/_-]+={0,2}$`) })
)

// Decode reads a text. The error is an [*Error].
func Decode(text string) ([]byte, error) {
	lines := strings.Split(text, "\n")
	if start, ok := begins(lines, swapped()); ok && strings.Contains(lines[start], " ") {
		return dump(lines[start:], start, swapped(), words)
	}
	if start, ok := begins(lines, offset()); ok {
		return dump(lines[start:], start, offset(), groups)
	}
	b, err := Hex(text)
	if err == nil {
		return b, nil
	}
	if raw, ok := Base64(text); ok {
		return raw, nil
	}
	return nil, err
}

// begins returns the first line that begins a dump: with an offset of 0, and
// something behind it.
func begins(lines []string, form *regexp.Regexp) (int, bool) {
	for i, l := range lines {
		l = strings.TrimRight(l, "\r ")
		m := form.FindStringSubmatch(l)
		if m != nil && strings.Trim(m[1], "0") == "" && len(l) > len(m[1])+2 {
			return i, true
		}
	}
	return 0, false
}

// dump reads the lines of a dump; first is the number of lines before it.
func dump(lines []string, first int, form *regexp.Regexp, read func(string) ([]byte, int)) ([]byte, error) {
	var out, last []byte
	again := false
	for i, l := range lines {
		n := first + i + 1
		l = strings.TrimRight(l, "\r ")
		m := form.FindStringSubmatchIndex(l)
		switch {
		case strings.TrimSpace(l) == "":
			continue
		case strings.TrimSpace(l) == "*" && len(last) > 0:
			again = true
			continue
		case m == nil && i > 0 && again, m == nil && i == 0:
			return nil, fail(n, 1, "no line of a dump")
		case m == nil:
			return rest(out, lines[i:], n, form)
		}
		at, err := strconv.ParseUint(l[m[2]:m[3]], 16, 64)
		if err != nil || at > MaxLen {
			return nil, fail(n, m[2]+1, "the offset is over the limit of %d octets", MaxLen)
		}
		if again {
			if at < uint64(len(out)) || (at-uint64(len(out)))%uint64(len(last)) != 0 {
				return nil, fail(n, m[2]+1, "the repeated lines do not end at offset %#x", at)
			}
			for uint64(len(out)) < at {
				out = append(out, last...)
			}
			again = false
		}
		body := len(l)
		if len(m) > 2 && form == offset() {
			body = m[1]
		} else if m[5] > 0 {
			body = m[4]
		}
		if at == uint64(len(out))-1 && body == len(l) && len(out) > 0 {
			return out[:at], nil // the last word of hexdump was filled up
		}
		if at == 0 && len(out) > 0 {
			return nil, fail(n, m[2]+1, "a second packet begins here: give one at a time")
		}
		if at != uint64(len(out)) {
			return nil, fail(n, m[2]+1, "the offset is %#x, but %#x octets went before", at, len(out))
		}
		b, bad := read(l[body:])
		if bad >= 0 {
			return nil, fail(n, body+bad+1, "no hexadecimal digits")
		}
		out, last = append(out, b...), b
		if len(out) > MaxLen {
			return nil, fail(n, 1, "more than %d octets", MaxLen)
		}
	}
	return out, nil
}

// rest looks at what follows a dump: other text, but no second dump.
func rest(out []byte, lines []string, n int, form *regexp.Regexp) ([]byte, error) {
	if i, ok := begins(lines, form); ok {
		return nil, fail(n+i, 1, "a second packet begins here: give one at a time")
	}
	return out, nil
}

// groups reads the groups of digits of a dump, up to the column of characters;
// bad is where there are none, or -1.
func groups(s string) (b []byte, bad int) {
	if i := strings.Index(s, "  |"); i >= 0 && pairs(strings.Join(strings.Fields(s[:i]), " ")) > 0 {
		s = s[:i] // hexdump -C
	} else if i := strings.Index(s, "  "); i >= 0 {
		head, tail := s[:i], s[i:]
		// Some write a wider space in the middle of sixteen pairs of digits.
		if pairs(head) == 8 {
			next := strings.TrimLeft(tail, " ")
			if j := strings.Index(next, "  "); j >= 0 {
				next = next[:j]
			}
			if n := pairs(next); len(tail)-len(strings.TrimLeft(tail, " ")) == 2 && n > 0 {
				head += " " + next
			}
		}
		s = head
	}
	for f := range strings.FieldsSeq(s) {
		for i := 0; i+1 < len(f); i += 2 {
			v, err := strconv.ParseUint(f[i:i+2], 16, 8)
			if err != nil {
				return b, strings.Index(s, f) + i
			}
			b = append(b, byte(v))
		}
		if len(f)%2 != 0 {
			return b, strings.Index(s, f) + len(f) - 1
		}
	}
	return b, -1
}

// pairs is how many pairs of digits fill s, separated by single spaces; 0 when
// anything else is in it.
func pairs(s string) int {
	n := 0
	for f := range strings.SplitSeq(s, " ") {
		if _, err := strconv.ParseUint(f, 16, 8); err != nil || len(f) != 2 {
			return 0
		}
		n++
	}
	return n
}

// words reads little-endian words of 16 bits.
func words(s string) (b []byte, bad int) {
	for f := range strings.FieldsSeq(s) {
		v, _ := strconv.ParseUint(f, 16, 16) // the form has checked it
		b = append(b, byte(v), byte(v>>8))
	}
	return b, -1
}

// Hex reads hexadecimal digits, two an octet, with spaces, line ends, colons,
// commas, dashes, dots, 0x and \x between the octets. The error is an [*Error].
func Hex(text string) ([]byte, error) {
	var b []byte
	half, digits := -1, 0
	line, column := 1, 0
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		column++
		v := digit(c)
		switch {
		case (c == '0' && half < 0 || c == '\\') && i+1 < len(runes) && (runes[i+1] == 'x' || runes[i+1] == 'X'):
			i++
			column++
		case v >= 0 && half < 0:
			half = v
			digits++
		case v >= 0:
			b = append(b, byte(half<<4|v))
			half = -1
			digits++
			if len(b) > MaxLen {
				return nil, fail(line, column, "more than %d octets", MaxLen)
			}
		case strings.ContainsRune(" \t\r\n:,-.;", c) && half < 0:
			if c == '\n' {
				line, column = line+1, 0
			}
		case strings.ContainsRune(" \t\r\n:,-.;", c):
			return nil, fail(line, column, "half an octet: an octet has two hexadecimal digits")
		default:
			return nil, fail(line, column, "%q is no hexadecimal digit", c)
		}
	}
	switch {
	case half >= 0:
		return nil, fail(line, column+1, "half an octet: there are %d hexadecimal digits", digits)
	case len(b) == 0:
		return nil, fail(1, 1, "there are no octets")
	}
	return b, nil
}

func digit(c rune) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// minBase64 is how many characters base64 must have at least: in fewer there is
// no message, but a word or a mistake.
const minBase64 = 8

// Base64 reads base64 of either alphabet, padded or not, in one or more lines
// without spaces in them.
func Base64(text string) ([]byte, bool) {
	fields := strings.Fields(text)
	s := strings.Join(fields, "")
	if len(s) < minBase64 || len(s) > 2*MaxLen || !base().MatchString(s) {
		return nil, false
	}
	if len(fields) != len(strings.Split(strings.TrimSpace(text), "\n")) {
		return nil, false
	}
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.DecodeString(s)
	return b, err == nil && len(b) > 0 && len(b) <= MaxLen
}
