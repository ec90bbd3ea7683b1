package campaign

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/sonde-net/sonde/probe/sweep/space"
)

// Targets are the addresses of a job. The zero Targets are empty.
type Targets struct {
	Set space.Set

	single, excluded space.Set     // what was named by itself, and is left out
	edges            []space.Range // of the prefixes
	notes            Notes
}

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
const MaxLine = 4096

// Add adds what [space.Parse] reads; where is what the error begins with.
func (t *Targets) Add(text, where string) error {
	r, err := space.Parse(text)
	var already uint64
	if err == nil {
		already, err = t.Set.Add(r)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	t.notes.Twice += already
	if r.First == r.Last {
		_, err = t.single.Add(r)
	}
	if p, perr := netip.ParsePrefix(text); perr == nil {
		t.edges = append(t.edges, space.Edges(p.Masked())...)
	}
	return err
}

// Exclude has what [space.Parse] reads left out.
func (t *Targets) Exclude(text, where string) error {
	if _, err := t.excluded.Parse(text); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	return nil
}

// Read hands the words of a file to add, each with its file and line: one or more
// on a line, # begins a comment.
func Read(r io.Reader, name string, add func(text, where string) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, MaxLine), MaxLine)
	n := 1
	for ; s.Scan(); n++ {
		line, _, _ := strings.Cut(s.Text(), "#")
		for _, word := range strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(" \t\r,;", c) }) {
			if err := add(word, fmt.Sprintf("%s:%d", name, n)); err != nil {
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
	n := &t.notes
	n.Excluded = t.Set.Remove(t.excluded.Ranges()...)
	if !all {
		n.Reserved = t.Set.Remove(space.Reserved()...)
		for _, r := range t.edges {
			if !t.single.Contains(r.First) {
				n.Edges += t.Set.Remove(r)
			}
		}
	}
	n.Addresses, n.Public = t.Set.Len(), t.Set.Public()
	if n.Addresses == 0 {
		return *n, ErrNone
	}
	return *n, nil
}
