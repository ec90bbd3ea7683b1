package clock

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

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
	switch {
	case r.Received == 0:
		fmt.Fprintf(w, s.mute, host, r.Dst, r.Sent)
		if r.Claim.Present {
			fmt.Fprintf(w, s.refused, r.From, r.Claim)
		}
		if r.Err != "" {
			fmt.Fprintln(w, r.Err)
		}
		return
	case !r.Known:
		fmt.Fprintf(w, s.unknown, host, r.Dst, r.Form)
		return
	}
	agreed := ""
	if !r.Agreed {
		agreed = s.agreed
	}
	fmt.Fprintf(w, s.known, host, r.Dst, s.signed(r.Ahead), s.millis(r.Within), r.Received, r.Sent, agreed)
	if r.Form != offset.Standard {
		fmt.Fprintf(w, s.form, r.Form)
	}
	if r.DriftKnown {
		fmt.Fprintf(w, s.drift, s.decimal(r.Drift, 1), s.decimal(r.DriftWithin, 1))
	}
}
