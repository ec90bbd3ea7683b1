// Package field is the columns of mtr(8): letters, titles, widths and values.
package field

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sonde-net/sonde/probe/mtr"
)

// Field is a column.
type Field struct {
	Letter byte
	Title  string
	Width  int    // with a space before it
	Help   string // in English, and in French
	Aide   string

	kind  kind
	count func(s *mtr.Stats) int
	time  func(s *mtr.Stats) time.Duration
}

type kind uint8

const (
	space kind = iota
	percent
	count
	millis
)

// Default is the order of the columns that nobody has said anything about, and
// Other what mtr changes to.
const (
	Default = "LS NABWV"
	Other   = "DR AGJMXI"
)

// All are the columns, as mtr lists them.
var All = []Field{
	{Letter: 'L', Title: "Loss%", Width: 6, kind: percent, Help: "loss", Aide: "pertes"},
	{Letter: 'D', Title: "Drop", Width: 5, kind: count, count: (*mtr.Stats).Lost, Help: "probes lost", Aide: "sondes perdues"},
	{Letter: 'R', Title: "Rcv", Width: 6, kind: count, count: func(s *mtr.Stats) int { return s.Received }, Help: "answers", Aide: "réponses"},
	{Letter: 'S', Title: "Snt", Width: 6, kind: count, count: func(s *mtr.Stats) int { return s.Sent }, Help: "probes sent", Aide: "sondes émises"},
	{Letter: 'N', Title: "Last", Width: 6, kind: millis, time: func(s *mtr.Stats) time.Duration { return s.Last }, Help: "newest time, ms", Aide: "dernier temps, ms"},
	{Letter: 'B', Title: "Best", Width: 6, kind: millis, time: func(s *mtr.Stats) time.Duration { return s.Best }, Help: "best time", Aide: "meilleur temps"},
	{Letter: 'A', Title: "Avg", Width: 6, kind: millis, time: (*mtr.Stats).Avg, Help: "average", Aide: "moyenne"},
	{Letter: 'W', Title: "Wrst", Width: 6, kind: millis, time: func(s *mtr.Stats) time.Duration { return s.Worst }, Help: "worst time", Aide: "pire temps"},
	{Letter: 'V', Title: "StDev", Width: 6, kind: millis, time: (*mtr.Stats).StDev, Help: "standard deviation", Aide: "écart type"},
	{Letter: 'G', Title: "Gmean", Width: 6, kind: millis, time: (*mtr.Stats).GMean, Help: "geometric mean", Aide: "moyenne géométrique"},
	{Letter: 'J', Title: "Jttr", Width: 5, kind: millis, time: func(s *mtr.Stats) time.Duration { return s.Jitter }, Help: "jitter of the last two", Aide: "gigue des deux derniers"},
	{Letter: 'M', Title: "Javg", Width: 5, kind: millis, time: (*mtr.Stats).JAvg, Help: "average jitter", Aide: "gigue moyenne"},
	{Letter: 'X', Title: "Jmax", Width: 5, kind: millis, time: func(s *mtr.Stats) time.Duration { return s.JMax }, Help: "worst jitter", Aide: "pire gigue"},
	{Letter: 'I', Title: "Jint", Width: 5, kind: millis, time: (*mtr.Stats).JInt, Help: "interarrival jitter", Aide: "gigue inter-arrivées (RFC 3550)"},
}

// blank is the space between columns, which may be asked for.
var blank = Field{Letter: ' ', Width: 1}

// Parse reads an order of columns: letters, and spaces between. The error names
// the letter that is none.
func Parse(s string) ([]Field, error) {
	var out []Field
letters:
	for i := range len(s) {
		if s[i] == ' ' || s[i] == '_' {
			out = append(out, blank)
			continue
		}
		for _, f := range All {
			if f.Letter == s[i] {
				out = append(out, f)
				continue letters
			}
		}
		return nil, fmt.Errorf("Unknown field identifier: %c", s[i]) // mtr's words
	}
	return out, nil
}

// Blank reports whether the field is but a space.
func (f *Field) Blank() bool { return f.kind == space }

// Head returns the title, as wide as the column.
func (f *Field) Head() string { return pad(f.Title, f.Width) }

// Cell returns the value, as wide as the column unless it does not fit at all.
func (f *Field) Cell(s *mtr.Stats) string {
	switch f.kind {
	case percent:
		return pad(strconv.FormatFloat(s.Loss(), 'f', 1, 64)+"%", f.Width)
	case count:
		return pad(strconv.Itoa(f.count(s)), f.Width)
	case millis:
		v := f.Float(s)
		for _, digits := range [...]int{1, 0} {
			if t := strconv.FormatFloat(v, 'f', digits, 64); len(t) < f.Width || digits == 0 {
				return pad(t, f.Width)
			}
		}
	}
	return pad("", f.Width)
}

// Integer reports whether the value is a number of probes.
func (f *Field) Integer() bool { return f.kind == count }

// Count returns a number of probes.
func (f *Field) Count(s *mtr.Stats) int {
	if f.kind != count {
		return 0
	}
	return f.count(s)
}

// Float returns the value: percents, or milliseconds in whole microseconds.
func (f *Field) Float(s *mtr.Stats) float64 {
	switch f.kind {
	case percent:
		return s.Loss()
	case count:
		return float64(f.count(s))
	case millis:
		return math.Round(float64(f.time(s))/float64(time.Microsecond)) / 1000
	}
	return 0
}

func pad(s string, width int) string { return strings.Repeat(" ", max(0, width-len(s))) + s }
