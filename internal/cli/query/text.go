package query

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain"
	lang "github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/naming"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// words are what is said, in one language.
type words struct {
	head, silence, unsent, further string
	mask, holes, noMask            string
	info                           string
	up, down, ipv4, ipv6, neither  string
	states                         [8]string
	codes                          map[uint8]string
	noCode                         string
	advertised, preference         string
	refused                        string
}

var english = words{
	head: "%v  %s ms  ", silence: "%v does not answer\n", unsent: "cannot ask: %s\n", further: "again: ",
	mask: "address mask %v: the network has %d bits, /%d\n", holes: "address mask %v, which is not contiguous: no mask of a prefix\n",
	noMask: "address mask 0.0.0.0: it does not know its own\n",
	info:   "information reply: the network is that of %v, as far as its own prefix says\n",
	up:     "the interface is active", down: "the interface is there, but not active",
	ipv4: "IPv4 runs on it", ipv6: "IPv6 runs on it", neither: "neither IPv4 nor IPv6 runs on it",
	states: [8]string{
		"state reserved", "its neighbour entry is incomplete", "its neighbour is reachable", "its neighbour entry is stale",
		"its neighbour entry is in delay", "its neighbour is being probed", "its neighbour has failed", "state unknown",
	},
	noCode: "code %d, which is not assigned",
	codes: map[uint8]string{
		1: "malformed query", 2: "no such interface", 3: "no such entry in its table of neighbours", 4: "several interfaces fit",
	},
	advertised: "router advertisement\n", preference: "%v: preference %d\n", refused: "%v\n",
}

var french = words{
	head: "%v  %s ms  ", silence: "%v ne répond pas\n", unsent: "impossible de demander : %s\n", further: "encore : ",
	mask: "masque de sous-réseau %v : le réseau a %d bits, /%d\n", holes: "masque de sous-réseau %v, à trous : ce n'est pas le masque d'un préfixe\n",
	noMask: "masque de sous-réseau 0.0.0.0 : il ne connaît pas le sien\n",
	info:   "réponse d'information : le réseau est celui de %v, selon son propre préfixe\n",
	up:     "l'interface est active", down: "l'interface existe, mais n'est pas active",
	ipv4: "IPv4 y est en service", ipv6: "IPv6 y est en service", neither: "ni IPv4 ni IPv6 n'y sont en service",
	states: [8]string{
		"état réservé", "son entrée de voisin est incomplète", "son voisin est joignable", "son entrée de voisin est périmée",
		"son entrée de voisin est en attente", "son voisin est en cours de sondage", "son voisin est défaillant", "état inconnu",
	},
	noCode: "code %d, qui n'est pas attribué",
	codes: map[uint8]string{
		1: "requête mal formée", 2: "pas de telle interface", 3: "pas d'entrée dans sa table de voisins", 4: "plusieurs interfaces conviennent",
	},
	advertised: "annonce de routeur\n", preference: "%v : préférence %d\n", refused: "%v\n",
}

func speak(l language.Tag) *words {
	if l == lang.French {
		return &french
	}
	return &english
}

func (v *view) millis(d time.Duration) string {
	s := fmt.Sprintf("%.3f", float64(d)/float64(time.Millisecond))
	if v.lang == lang.French {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// print prints what came of a request.
func (v *view) print(e *probe.Event) {
	switch e.Kind {
	case probe.Timeout:
		fmt.Fprintf(v.w, v.say.silence, v.c.Dst)
	case probe.Unsent:
		fmt.Fprintf(v.w, v.say.unsent, e.Why)
	case probe.Error, probe.Advice:
		fmt.Fprintf(v.w, v.say.head+v.say.refused, e.From, v.millis(e.RTT), naming.Claim(&e.Claim, v.lang))
	case probe.Reply, probe.Duplicate, probe.Late:
		fmt.Fprintf(v.w, v.say.head, e.From, v.millis(e.RTT))
		if e.Kind == probe.Duplicate && !v.c.Anyone {
			fmt.Fprint(v.w, v.say.further)
		}
		v.answer(e)
	}
}

// answer prints what a reply says.
func (v *view) answer(e *probe.Event) {
	switch e.Probe {
	case probe.Mask:
		n, ok := e.Answer.Mask.Bits()
		switch {
		case e.Answer.Mask == 0:
			fmt.Fprint(v.w, v.say.noMask)
		case ok:
			fmt.Fprintf(v.w, v.say.mask, e.Answer.Mask, n, n)
		default:
			fmt.Fprintf(v.w, v.say.holes, e.Answer.Mask)
		}
	case probe.Info:
		fmt.Fprintf(v.w, v.say.info, e.From)
	case probe.ExtEcho:
		fmt.Fprintln(v.w, v.extended(&e.Answer))
	case probe.Solicit:
		fmt.Fprint(v.w, v.say.advertised)
		for _, s := range v.says(e) {
			fmt.Fprintf(v.w, "    %s\n", s)
		}
		for _, r := range routers(e) {
			fmt.Fprintf(v.w, "    "+v.say.preference, r.Addr, r.Preference)
		}
	}
}

// extended says what an extended echo reply does.
func (v *view) extended(a *probe.Answer) string {
	if s, ok := v.say.codes[a.Code]; ok {
		return s
	}
	switch {
	case a.Code != 0: // the rest says nothing then (RFC 8335 §3)
		return fmt.Sprintf(v.say.noCode, a.Code)
	case !v.c.Local:
		return v.say.states[a.State&7]
	}
	all := []string{v.say.down}
	if a.Active {
		all[0] = v.say.up
	}
	switch {
	case a.IPv4 || a.IPv6:
		if a.IPv4 {
			all = append(all, v.say.ipv4)
		}
		if a.IPv6 {
			all = append(all, v.say.ipv6)
		}
	case a.Active:
		all = append(all, v.say.neither)
	}
	return strings.Join(all, ", ")
}

// says is what an advertisement says, in sentences.
func (v *view) says(e *probe.Event) []string {
	x, err := explain.Message(e.Message, v.lang, explain.How{Form: form(e.From), Src: e.From, Dst: v.c.Src})
	if err != nil {
		return nil
	}
	return x.Says
}

// router is an address of a router, and how much it is to be preferred.
type router struct {
	Addr       netip.Addr `json:"addr"`
	Preference int32      `json:"preference"`
}

// routers are those of an advertisement of IPv4.
func routers(e *probe.Event) (out []router) {
	if !e.From.Is4() {
		return nil
	}
	m, err := icmp4.DecodeRouterAdvertisement(e.Message)
	if err != nil {
		return nil
	}
	for r := range m.Routers() {
		out = append(out, router{r.Addr, r.Preference})
	}
	return out
}

func form(a netip.Addr) explain.Form {
	if a.Is4() {
		return explain.ICMPv4
	}
	return explain.ICMPv6
}

// line is what --json prints.
type line struct {
	probe.Event
	Bits  *int     `json:"mask_bits,omitzero"` // of an address mask
	State string   `json:"means,omitzero"`     // extended echo, in words
	Says  []string `json:"says,omitzero"`      // a router advertisement, in sentences
	// Routers are the addresses in an advertisement of IPv4.
	Routers []router `json:"routers,omitzero"`
}

func (v *view) line(e *probe.Event) line {
	x := line{Event: *e}
	if e.Kind != probe.Reply && e.Kind != probe.Duplicate {
		return x
	}
	switch e.Probe {
	case probe.Mask:
		if n, ok := e.Answer.Mask.Bits(); ok {
			x.Bits = &n
		}
	case probe.ExtEcho:
		x.State = v.extended(&e.Answer)
	case probe.Solicit:
		x.Says, x.Routers = v.says(e), routers(e)
	}
	return x
}
