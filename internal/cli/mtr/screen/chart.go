package screen

import (
	"math"
	"strings"
	"time"

	"github.com/sonde-net/sonde/probe/mtr"
)

// The levels of a sparkline, and what stands for a probe that was lost.
var (
	blocks   = []rune("▁▂▃▄▅▆▇█")
	ascii    = []rune("_.-=+*#@")
	numerals = []rune(".123abc>")
)

const (
	lost      = '×'
	lostPlain = '?'
)

// scale is the times between which the levels are.
type scale struct{ low, high time.Duration }

// leastRatio is how far apart the ends of a scale are at least: what is less
// should look like nothing.
const leastRatio = 4

// scaleOf is one scale for all hops, so that they can be compared.
func scaleOf(hops []mtr.Hop) (s scale) {
	for i := range hops {
		for _, d := range hops[i].History {
			if d < 0 {
				continue
			}
			if s.low == 0 || d < s.low {
				s.low = max(d, 1)
			}
			s.high = max(s.high, d)
		}
	}
	s.high = max(s.high, s.low*leastRatio)
	return s
}

// level is where a time stands, of so many levels.
func (s scale) level(d time.Duration, levels int) int {
	if s.low <= 0 || d <= s.low {
		return 0
	}
	x := math.Log(float64(d)/float64(s.low)) / math.Log(float64(s.high)/float64(s.low))
	return min(int(x*float64(levels)), levels-1)
}

// spark is the last times of a hop, as many as go into so many columns, the
// newest on the right. What may still be answered is a gap.
func (m *Model) spark(h *mtr.Hop, s scale, columns int) string {
	levels, gone := blocks, lost
	switch {
	case m.o.Mode == Digits:
		levels, gone = numerals, lostPlain
	case m.o.Plain:
		levels, gone = ascii, lostPlain
	}
	past := h.History[max(0, len(h.History)-columns):]
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", columns-len(past)))
	for _, d := range past {
		switch {
		case d == mtr.Open:
			b.WriteByte(' ')
		case d < 0:
			b.WriteRune(gone)
		default:
			b.WriteRune(levels[s.level(d, len(levels))])
		}
	}
	return b.String()
}
