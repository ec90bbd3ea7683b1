package narration

import "strings"

// lanes draws the columns of the nodes. Where they are too many for a line,
// there are none, and arrows are words.
type lanes struct {
	names []string
	at    map[string]int // column of a node
	width int            // of a column; 0: no columns
}

// The widths of the drawing, in characters.
const (
	minLane  = 10
	maxLanes = 80
	tail     = 5 // behind the last column: room for an arrow to nobody
)

func newLanes(names []string) *lanes {
	l := &lanes{names: names, at: map[string]int{}, width: minLane}
	for i, n := range names {
		l.at[n] = i
		l.width = max(l.width, len(n)+2)
	}
	if l.width*len(names) > maxLanes || len(names) == 0 {
		l.width = 0
	}
	return l
}

// head is the names over their columns.
func (l *lanes) head() string {
	if l.width == 0 {
		return ""
	}
	b := []byte(strings.Repeat(" ", l.width*len(l.names)))
	for i, n := range l.names {
		copy(b[l.center(i):], n)
	}
	return strings.TrimRight(string(b), " ")
}

func (l *lanes) center(i int) int { return i * l.width }

// empty is the columns with nothing going on.
func (l *lanes) empty() []byte {
	b := []byte(strings.Repeat(" ", l.center(len(l.names)-1)+tail))
	for i := range l.names {
		b[l.center(i)] = '|'
	}
	return b
}

// mark draws something that happens in a node.
func (l *lanes) mark(node string) string {
	if l.width == 0 {
		return node
	}
	b := l.empty()
	if i, ok := l.at[node]; ok {
		b[l.center(i)] = '*'
	}
	return string(b)
}

// arrow draws a datagram from one to another; "": to nobody. A node with two
// interfaces to a link may get its own.
func (l *lanes) arrow(from, to string, arrives bool) string {
	i, known := l.at[from]
	j, known2 := l.at[to]
	if l.width == 0 || !known || to != "" && !known2 {
		return plain(from, to, arrives)
	}
	b := l.empty()
	a := l.center(i)
	if to == "" {
		copy(b[a+1:], "---x")
		return string(b)
	}
	z := l.center(j)
	if a == z {
		back := "<--"
		if !arrives {
			back = "---x"
		}
		copy(b[a+1:], back)
		return string(b)
	}
	for k := min(a, z) + 1; k < max(a, z); k++ {
		if b[k] == ' ' {
			b[k] = '-'
		}
	}
	head := z - 1
	tip := byte('>')
	if z < a {
		head, tip = z+1, '<'
	}
	if !arrives {
		head, tip = (a+z)/2, 'x'
		for k := range b {
			if b[k] == '-' && (a < z && k > head || a > z && k < head) {
				b[k] = ' '
			}
		}
	}
	b[head] = tip
	return string(b)
}

func plain(from, to string, arrives bool) string {
	switch {
	case to == "":
		return from + " --x"
	case !arrives:
		return from + " --x " + to
	}
	return from + " -> " + to
}
