package multipath

import "github.com/sonde-net/sonde/probe/multipath"

// lane is how many columns a lane of the drawing takes: vertices of one hop stand
// in every other column, those of the next in the others, so that no line of one
// goes where one of the other does.
const lane = 2

// column is where the place-th vertex of a hop stands; odd says which columns the
// hop has.
func column(place int, odd bool) int {
	if odd {
		return place*lane + 1
	}
	return place * lane
}

// straight reports whether each vertex of a hop leads to the one at the same
// place of the next, and to no other: there is nothing to draw.
func straight(next [][]int, children int) bool {
	if len(next) != children {
		return false
	}
	for i, to := range next {
		if len(to) != 1 || to[0] != i {
			return false
		}
	}
	return true
}

// The ends of a line, as bits.
const (
	up = 1 << iota
	down
	left
	right
)

var glyphs = [16]rune{
	0: ' ', up: '╵', down: '╷', up | down: '│', left: '╴', up | left: '┘', down | left: '┐', up | down | left: '┤',
	right: '╶', up | right: '└', down | right: '┌', up | down | right: '├', left | right: '─', up | left | right: '┴',
	down | left | right: '┬', up | down | left | right: '┼',
}

// rails draws how the vertices of a hop lead to those of the next: next has, for
// each, the places of those in their hop. Each vertex that leads anywhere has a
// row. Lines that cross without meeting leave the one across interrupted.
func rails(next [][]int, odd bool, children int) (rows []string) {
	width := max(column(len(next)-1, odd), column(children-1, !odd)) + 1
	begun := make([]bool, children) // a line leads down to it already
	waits := make([]bool, len(next))
	for i, to := range next {
		waits[i] = len(to) > 0
	}
	for i, to := range next {
		if len(to) == 0 {
			continue
		}
		cells := make([]int, width)
		at := column(i, odd)
		lo, hi := at, at
		for _, c := range to {
			lo, hi = min(lo, column(c, !odd)), max(hi, column(c, !odd))
		}
		for x := lo; x <= hi; x++ {
			if x > lo {
				cells[x] |= left
			}
			if x < hi {
				cells[x] |= right
			}
		}
		waits[i] = false
		cells[at] |= up
		for _, c := range to {
			cells[column(c, !odd)] |= down
		}
		for _, c := range to {
			if begun[c] {
				cells[column(c, !odd)] |= up
			}
		}
		// What passes by.
		for c := range begun {
			if x := column(c, !odd); begun[c] && cells[x]&(up|down) == 0 {
				cells[x] = up | down
			}
		}
		for j := range waits {
			if waits[j] {
				cells[column(j, odd)] = up | down
			}
		}
		for _, c := range to {
			begun[c] = true
		}
		row := make([]rune, width)
		for x, c := range cells {
			row[x] = glyphs[c]
		}
		rows = append(rows, string(row))
	}
	return rows
}

// next returns to which places of the next hop the vertices of a hop lead.
func next(g *multipath.Graph, hop, after []int) [][]int {
	place := map[int]int{}
	for i, v := range after {
		place[v] = i
	}
	out := make([][]int, len(hop))
	for i, v := range hop {
		for _, e := range g.Next(v) {
			if to, ok := place[e.To]; ok {
				out[i] = append(out[i], to)
			}
		}
	}
	return out
}
