package catalogue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An entry is what a file says under one heading.
type entry struct {
	name                       string
	rfc, means, from, security string
	aliases, causes, checks    []string
}

// special are the headings that stand for types and codes without a text of
// their own.
var special = []string{"unassigned", "reserved", "code"}

// order is the order of the lines below a heading.
var order = []string{"rfc", "alias", "means", "from", "cause", "check", "security"}

// A Book is one file of texts: the entries by their headings, "3", "3/1",
// "unassigned".
type Book struct {
	entries map[string]*entry
	keys    []string // in the order of the file
}

// Keys returns the headings in the order of the file.
func (b *Book) Keys() []string { return slices.Clone(b.keys) }

// Read reads a file of texts. Whatever is not in the form that the package
// describes is an error with its line: an unknown line, one out of order, one
// that stands twice, a heading that stands twice, a code outside its type.
func Read(text string) (*Book, error) {
	r := reader{book: &Book{entries: map[string]*entry{}}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if err := r.line(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return r.book, r.end()
}

type reader struct {
	book *Book
	cur  *entry
	head string // the heading of cur
	typ  string // the type that cur belongs to
	last int    // the line of cur before, by its place in order
}

func (r *reader) line(s string) error {
	switch {
	case s == "" || strings.HasPrefix(s, "# "):
		return nil
	case strings.HasPrefix(s, "## "):
		return r.heading(s[3:], false)
	case strings.HasPrefix(s, "### "):
		return r.heading(s[4:], true)
	case strings.HasPrefix(s, "- ") && r.cur != nil:
		return r.item(s[2:])
	}
	return fmt.Errorf("%q is neither a heading nor one of its lines", s)
}

func (r *reader) heading(s string, code bool) error {
	if err := r.end(); err != nil {
		return err
	}
	key, name, _ := strings.Cut(s, " ")
	typ, _, isCode := strings.Cut(key, "/")
	switch {
	case name == "":
		return fmt.Errorf("%q has no name", key)
	case isCode != code:
		return fmt.Errorf("%q: a type has two signs, a code has three", key)
	case code && typ != r.typ:
		return fmt.Errorf("code %s does not stand below its type", key)
	case r.book.entries[key] != nil:
		return fmt.Errorf("%s stands twice", key)
	}
	if !slices.Contains(special, key) {
		for part := range strings.SplitSeq(key, "/") {
			if v, err := strconv.ParseUint(part, 10, 8); err != nil || strconv.FormatUint(v, 10) != part {
				return fmt.Errorf("%q is no number of a type or code", part)
			}
		}
	}
	r.cur, r.head, r.typ, r.last = &entry{name: name}, key, typ, -1
	r.book.entries[key] = r.cur
	r.book.keys = append(r.book.keys, key)
	return nil
}

func (r *reader) item(s string) error {
	what, text, _ := strings.Cut(s, ": ")
	i := slices.Index(order, what)
	several := what == "cause" || what == "check"
	switch {
	case i < 0:
		return fmt.Errorf("%q is none of %s", what, strings.Join(order, ", "))
	case text == "" || text != strings.TrimSpace(text):
		return fmt.Errorf("%s: no text, or spaces around it", what)
	case i < r.last || i == r.last && !several:
		return fmt.Errorf("%s stands twice or too late: the order is %s", what, strings.Join(order, ", "))
	}
	r.last = i
	switch what {
	case "rfc":
		r.cur.rfc = text
	case "alias":
		r.cur.aliases = strings.Split(text, ", ")
	case "means":
		r.cur.means = text
	case "from":
		r.cur.from = text
	case "cause":
		r.cur.causes = append(r.cur.causes, text)
	case "check":
		r.cur.checks = append(r.cur.checks, text)
	case "security":
		r.cur.security = text
	}
	return nil
}

// end checks that the entry that ends here has what it must have.
func (r *reader) end() error {
	e := r.cur
	if e == nil {
		return nil
	}
	if e.means == "" || len(e.causes) == 0 {
		return fmt.Errorf("%s ends without its means and cause", r.head)
	}
	own := !strings.Contains(r.head, "/") && r.head != "code"
	if own && (e.from == "" || len(e.checks) == 0 || e.security == "") {
		return fmt.Errorf("%s ends without its from, check and security", r.head)
	}
	return nil
}
