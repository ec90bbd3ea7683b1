package campaign

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sonde-net/sonde/probe/sweep/space"
)

// Targets are the addresses of a job. The zero Targets are empty.
type Targets struct {
	Set space.Set

	named    []space.Range // that are not in the set yet
	single   []uint32      // IPv4 addresses that were named by themselves
	edges    []space.Range // of the prefixes
	excluded []space.Range
	notes    Notes
}

// many is how many ranges at least are put into the set together: it is put in
// order as a whole each time.
const many = 1 << 16

// Notes say what became of what was named, in addresses.
type Notes struct {
	Addresses uint64 `json:"addresses"` // that are asked
	Public    uint64 `json:"public"`    // … of the internet
	Twice     uint64 `json:"twice"`     // named more than once
	Excluded  uint64 `json:"excluded"`  // left out as was asked for
	Reserved  uint64 `json:"reserved"`  // left out because nobody has them
	Edges     uint64 `json:"edges"`     // left out because they are those of a network and its broadcast
}

// MaxLine is the longest line of a file, in octets.
const MaxLine = 64 << 10

// Add adds what [space.Parse] reads; where is what the error begins with. The set
// is not whole before [Targets.Finish].
func (t *Targets) Add(text, where string) error {
	r, err := space.Parse(text)
	if err == nil {
		err = r.Check()
	}
	if err == nil && len(t.named) >= max(many, len(t.Set.Ranges())) {
		err = t.join()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	t.named = append(t.named, r)
	if r.First == r.Last && r.First.Is4() {
		t.single = append(t.single, number(r.First))
	}
	if strings.Contains(text, "/") {
		if p, err := netip.ParsePrefix(text); err == nil {
			t.edges = append(t.edges, space.Edges(p.Masked())...)
		}
	}
	return nil
}

// join puts what was named into the set.
func (t *Targets) join() error {
	already, err := t.Set.Add(t.named...)
	t.notes.Twice += already
	t.named = t.named[:0]
	return err
}

// number returns an IPv4 address as a number.
func number(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

// Exclude has what [space.Parse] reads left out, of any size.
func (t *Targets) Exclude(text, where string) error {
	r, err := space.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	t.excluded = append(t.excluded, r)
	return nil
}

// orderMark is the byte order mark that some programs begin a text with.
const orderMark = "\ufeff"

// Read hands the words of a file to add, each with its file and line: one or more
// on a line, # begins a comment.
func Read(r io.Reader, name string, add func(text, where string) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, MaxLine), MaxLine)
	n := 1
	for ; s.Scan(); n++ {
		text := s.Text()
		if n == 1 {
			text = strings.TrimPrefix(text, orderMark)
		}
		line, _, _ := strings.Cut(text, "#")
		for _, word := range strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(" \t\r,;", c) }) {
			if err := add(word, name+":"+strconv.Itoa(n)); err != nil {
				return err
			}
		}
	}
	if errors.Is(s.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("%s:%d: the line has more than %d octets", name, n, MaxLine)
	}
	return s.Err()
}

// ErrNone says that no address is left to ask.
var ErrNone = errors.New("there is no address to ask")

// Finish takes out what is left out: what was excluded, and unless all are wanted
// the addresses that nobody has ([space.Reserved]) and those of networks and their
// broadcasts ([space.Edges]), but for such as were named by themselves.
func (t *Targets) Finish(all bool) (Notes, error) {
	if err := t.join(); err != nil {
		return t.notes, err
	}
	n := &t.notes
	n.Excluded = t.Set.Remove(t.excluded...)
	if !all {
		n.Reserved = t.Set.Remove(space.Reserved()...)
		n.Edges = t.Set.Remove(t.unnamed()...)
	}
	t.named, t.single, t.edges, t.excluded = nil, nil, nil, nil
	n.Addresses, n.Public = t.Set.Len(), t.Set.Public()
	if n.Addresses == 0 {
		return *n, ErrNone
	}
	return *n, nil
}

// unnamed returns the edges that were not named by themselves.
func (t *Targets) unnamed() (out []space.Range) {
	slices.Sort(t.single)
	for _, r := range t.edges {
		if _, ok := slices.BinarySearch(t.single, number(r.First)); !ok {
			out = append(out, r)
		}
	}
	return out
}
