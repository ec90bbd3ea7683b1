package survey

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/naming"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe/survey"
	"github.com/sonde-net/sonde/wire/ip"
)

func probeTTL(n uint8) ip.TTL { return ip.TTL(n) }

// words are what is said, in one language.
type words struct {
	path, path1, open           string
	unreached, refused          string
	routers, router, pace, even string
	end                         string
	comma                       string
	lang                        language.Tag
}

var english = words{
	path: "%v  %d hops  %s ", path1: "%v  %d hop  %s ", open: "%v  more than %d hops  %s ", unreached: "%v  not reached ", refused: "  %v says: %v",
	routers: "routers:\n", router: "%2d  %s  asked %d, answered %d", pace: ", answers once in %s\n", even: "\n",
	end: "%d of %d reached, by %d routers, with %d probes in %s\n", comma: ".", lang: language.English,
}

var french = words{
	path: "%v  %d sauts  %s ", path1: "%v  %d saut  %s ", open: "%v  plus de %d sauts  %s ", unreached: "%v  pas atteint ", refused: "  %v dit : %v",
	routers: "routeurs :\n", router: "%2d  %s  interrogé %d fois, a répondu %d fois", pace: ", répond une fois en %s\n", even: "\n",
	end: "%d sur %d atteints, par %d routeurs, avec %d sondes en %s\n", comma: ",", lang: language.French,
}

func speak(l language.Tag) *words {
	if l == language.French {
		return &french
	}
	return &english
}

// report prints what was found.
type report struct {
	w           *bufio.Writer
	say         *words
	s           *survey.Survey
	took        time.Duration
	sent        uint64
	routersOnly bool
	who         map[netip.Addr]names.Who
}

func (w *words) millis(d time.Duration) string {
	return fmt.Sprintf("%d%s%03d ms", d.Microseconds()/1000, w.comma, d.Microseconds()%1000)
}

// print prints lines, and returns how many were reached.
func (r *report) print() (reached int, err error) {
	all := 0
	for p := range r.s.Paths() {
		all++
		if p.Reached {
			reached++
		}
		if !r.routersOnly {
			r.path(&p)
		}
	}
	if !r.routersOnly {
		fmt.Fprintln(r.w)
	}
	fmt.Fprint(r.w, r.say.routers)
	n := 0
	for x := range r.s.Routers() {
		n++
		fmt.Fprintf(r.w, r.say.router, x.TTL, r.name(x.Addr), x.Asked, x.Answered)
		if x.Pace > 0 {
			fmt.Fprintf(r.w, r.say.pace, x.Pace.Round(time.Millisecond))
		} else {
			fmt.Fprint(r.w, r.say.even)
		}
	}
	_, err = fmt.Fprintf(r.w, r.say.end, reached, all, n, r.sent, r.took.Round(time.Millisecond))
	return reached, err
}

// path prints the way to one target.
func (r *report) path(p *survey.Path) {
	switch {
	case p.Open:
		fmt.Fprintf(r.w, r.say.open, p.Target, len(p.Hops), r.say.millis(p.RTT))
	case p.Reached && len(p.Hops) == 0:
		fmt.Fprintf(r.w, r.say.path1, p.Target, 1, r.say.millis(p.RTT))
	case p.Reached:
		fmt.Fprintf(r.w, r.say.path, p.Target, len(p.Hops)+1, r.say.millis(p.RTT))
	default:
		fmt.Fprintf(r.w, r.say.unreached, p.Target)
	}
	for _, h := range p.Hops {
		mark := " "
		if h.Inferred {
			mark = " ~"
		}
		if h.Addr.IsValid() {
			fmt.Fprintf(r.w, "%s%v", mark, h.Addr)
		} else {
			fmt.Fprintf(r.w, "%s*", mark)
		}
	}
	if p.Claim.Present {
		fmt.Fprintf(r.w, r.say.refused, p.By, naming.Claim(&p.Claim, r.say.lang))
	}
	fmt.Fprintln(r.w)
}

func (r *report) name(a netip.Addr) string {
	if n := r.who[a].Name; n != "" && !strings.EqualFold(n, a.String()) {
		return fmt.Sprintf("%s (%v)", n, a)
	}
	return a.String()
}

// The lines of JSON: a path each, a router each, the end.
type (
	path struct {
		Event string `json:"event"` // "path"
		survey.Path
	}
	router struct {
		Event string `json:"event"` // "router"
		survey.Router
		Name string `json:"name,omitzero"`
	}
	end struct {
		Event   string        `json:"event"` // "end"
		Targets int           `json:"targets"`
		Reached int           `json:"reached"`
		Routers int           `json:"routers"`
		Probes  uint64        `json:"probes"`
		Took    time.Duration `json:"duration_ns"`
	}
)

// json prints JSON, and returns how many were reached.
func (r *report) json() (reached int, err error) {
	e := json.NewEncoder(r.w)
	x := end{Event: "end", Probes: r.sent, Took: r.took}
	for p := range r.s.Paths() {
		x.Targets++
		if p.Reached {
			x.Reached++
		}
		if p.Hops == nil {
			p.Hops = []survey.Hop{}
		}
		if !r.routersOnly {
			_ = e.Encode(path{"path", p}) // the writer keeps its error
		}
	}
	for y := range r.s.Routers() {
		x.Routers++
		_ = e.Encode(router{"router", y, r.who[y.Addr].Name})
	}
	return x.Reached, e.Encode(x)
}
