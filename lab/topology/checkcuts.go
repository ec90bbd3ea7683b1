package topology

import "time"

// cuts checks that those of a link come one after the other, and that what
// comes again has an end before it does.
func (c *checker) cuts(l *Link) {
	var last time.Duration
	for i := range l.Cuts {
		x := &l.Cuts[i]
		switch {
		case i > 0 && x.From <= last:
			c.wrong(&x.From, x, "from: expected a time after %v, when the cut before ends", last)
		case x.To != 0 && x.To <= x.From:
			c.wrong(&x.To, x, "to: expected a time after from, %v", x.From)
		case i < len(l.Cuts)-1 && (x.To == 0 || x.Every != 0):
			c.wrong(x, l, "expected this cut to be the last: it has no end, or comes again")
		case x.Every != 0 && (x.To == 0 || x.Every <= x.To-x.From):
			c.wrong(&x.Every, x, "every: expected to, and more than it lasts, %v", x.To-x.From)
		}
		last = x.To
	}
}
