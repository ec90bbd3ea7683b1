package clock

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/sonde-net/sonde/internal/cli/naming"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/offset"
)

func (s *words) decimal(x float64, n int) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', n, 64), ".", s.comma, 1)
}

// millis is a time in milliseconds.
func (s *words) millis(d time.Duration) string {
	return s.decimal(float64(d)/float64(time.Millisecond), 3) //nolint:mnd // decimals
}

// signed is a time in milliseconds, with its sign.
func (s *words) signed(d time.Duration) string {
	if d < 0 {
		return s.millis(d)
	}
	return "+" + s.millis(d)
}

// end prints what it all comes to.
func (s *words) end(w io.Writer, host string, r *clock.Result) {
	stamps := r.Received
	if r.By != clock.Messages {
		stamps = r.Stamped
	}
	switch {
	case r.Received == 0:
		fmt.Fprintf(w, s.mute, host, r.Dst, r.Sent)
		if r.Claim.Present {
			fmt.Fprintf(w, s.refused, r.From, naming.Claim(&r.Claim, s.lang))
		}
		if r.Err != "" {
			fmt.Fprintln(w, r.Err)
		}
		return
	case stamps == 0:
		fmt.Fprintf(w, s.bare, host, r.Dst, s.fills[r.Fill])
	case !r.Known:
		fmt.Fprintf(w, s.unknown, host, r.Dst, s.forms[r.Form])
	default:
		agreed := ""
		if !r.Agreed {
			agreed = s.agreed
		}
		fmt.Fprintf(w, s.known, host, r.Dst, s.signed(r.Ahead), s.millis(r.Within), r.Read, r.Sent, agreed)
		if r.Form != offset.Standard {
			fmt.Fprintf(w, s.form, s.forms[r.Form])
		}
		if r.DriftKnown {
			fmt.Fprintf(w, s.drift, s.decimal(r.Drift, 1), s.decimal(r.DriftWithin, 1))
		}
	}
	s.hops(w, r)
}

// hops prints the clocks of those on the way, and what they say of it.
func (s *words) hops(w io.Writer, r *clock.Result) {
	for i := range r.Hops {
		h := &r.Hops[i]
		if h.Known {
			fmt.Fprintf(w, "%7s  %v  %s ± %s ms\n", s.sides[h.Side], h.Addr, s.signed(h.Ahead), s.millis(h.Within))
		} else {
			fmt.Fprintf(w, "%7s  %v  %s\n", s.sides[h.Side], h.Addr, s.forms[h.Form])
		}
	}
	if p := r.Path; p != nil && p.Asymmetric {
		back := strconv.Itoa(p.Back)
		if p.BackMost > p.Back {
			back += "–" + strconv.Itoa(p.BackMost)
		}
		fmt.Fprintf(w, s.lopsided, p.There, back)
	}
}
