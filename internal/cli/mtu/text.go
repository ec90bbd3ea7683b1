package mtu

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/naming"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
)

// text prints what is found as it is found.
type text struct {
	w     io.Writer
	host  string
	words *words
	lang  language.Tag
	names names.Source
}

// words are what is said, in one language.
type words struct {
	begin, size, hop, none, link, is, most, unknown string
	refused, reduced, sure, least                   string
	absent, wrong, otherError, holeThere, holeBack  string
	holeAny, holeBehind, notSent, outcome, largest  string
	holeAbove, holeAboveAny, some, fewer, exactly   string
	backIs, backAll, backCut, backLeast, backSilent string
	backUnknown, backUDP                            string
	outcomes                                        map[mtu.Outcome]string
	faults                                          map[mtu.Fault]string
}

var english = words{
	begin: "mtu to %s (%v), from %v\n", size: "%6d octets", outcome: "%s  %-10s %s",
	link: "The link here takes %d octets.\n", is: "The path MTU is %d octets%s.\n", sure: ", exactly", least: " at least", hop: "hop %d, ", some: "at least %d octets", fewer: "fewer octets", exactly: "%d octets",
	most:    "%v does not answer; the path MTU is %d octets at most, as routers say.\n",
	unknown: "%v does not answer: the path MTU is not known.\n", refused: "%s says why: %v.\n", notSent: "Nothing could be sent: %s.\n",
	reduced:      "From %d to %s at %s%s.\n",
	absent:       "From %d to %s at %s%s, which does not say the size (as before RFC 1191).\n",
	otherError:   "From %d to %s at %s%s, which says so with the wrong error: %v.\n",
	wrong:        "From %d to %s at %s%s, which says %d: %s.\n",
	holeThere:    "Black hole: what is larger vanishes without a word behind %s%s and before %s%s.\n",
	holeBack:     "Black hole on the way back, or a host that does not answer so much: datagrams of more than %d octets arrive, answers do not.\n",
	holeBehind:   "Black hole: what is larger gets to %s%s, and is not answered from behind it. It vanishes there, or its answer on the way back.\n",
	holeAbove:    "Black hole: datagrams of %d octets vanish without a word behind %s%s and before %s%s; who sends them does not hear what fits.\n",
	holeAboveAny: "Black hole: datagrams of %d octets vanish without a word; who sends them does not hear what fits.\n",
	holeAny:      "Black hole: what is larger vanishes without a word.\n", none: "here", largest: "  in fragments, the largest of %d octets",
	backIs:      "The way back takes %d octets, exactly: larger answers come in fragments.\n",
	backAll:     "The way back takes %d octets at least, as much as the link here.\n",
	backCut:     "The way back takes %d octets at least, and less than %d: such an answer comes in fragments.\n",
	backLeast:   "The way back takes %d octets at least.\n",
	backSilent:  "The way back takes %d octets at least. Whether it takes more is not known: larger echoes, in fragments, are not answered.\n",
	backUnknown: "What the way back takes is not known: the system does not tell how answers come.\n",
	backUDP:     "What the way back takes is not known: answers to UDP are small.\n",
	outcomes: map[mtu.Outcome]string{
		mtu.Passed: "passes", mtu.TooBig: "too big", mtu.Denied: "refused", mtu.Expired: "expires", mtu.Silent: "silence", mtu.Unsent: "not sent",
		mtu.Answered: "answered",
	},
	faults: map[mtu.Fault]string{
		mtu.NotLower: "no less than what it refuses", mtu.BelowLeast: "less than any link may have",
		mtu.TooLow: "less than what passes", mtu.TooHigh: "more than what passes",
	},
}

var french = words{
	begin: "mtu vers %s (%v), depuis %v\n", size: "%6d octets", outcome: "%s  %-12s %s",
	link: "Le lien d'ici prend %d octets.\n", is: "Le MTU du chemin est de %d octets%s.\n", sure: ", exactement", least: " au moins", hop: "saut %d, ", some: "au moins %d octets", fewer: "moins d'octets", exactly: "%d octets",
	most:    "%v ne répond pas ; le MTU du chemin est de %d octets au plus, à ce que disent les routeurs.\n",
	unknown: "%v ne répond pas : le MTU du chemin n'est pas connu.\n", refused: "%s dit pourquoi : %v.\n", notSent: "Rien n'a pu être envoyé : %s.\n",
	reduced:      "De %d à %s : %s%s.\n",
	absent:       "De %d à %s : %s%s, qui ne dit pas la taille (comme avant la RFC 1191).\n",
	otherError:   "De %d à %s : %s%s, qui le dit par la mauvaise erreur : %v.\n",
	wrong:        "De %d à %s : %s%s, qui dit %d : %s.\n",
	holeThere:    "Trou noir : ce qui est plus grand disparaît sans un mot (après : %s%s ; avant : %s%s).\n",
	holeBack:     "Trou noir au retour, ou hôte qui ne répond pas autant : les datagrammes de plus de %d octets arrivent, les réponses non.\n",
	holeBehind:   "Trou noir : ce qui est plus grand arrive jusqu'à %s%s et reste sans réponse d'au-delà. Il y disparaît, ou sa réponse disparaît au retour.\n",
	holeAbove:    "Trou noir : les datagrammes de %d octets disparaissent sans un mot (après : %s%s ; avant : %s%s) ; qui les envoie n'apprend pas ce qui passe.\n",
	holeAboveAny: "Trou noir : les datagrammes de %d octets disparaissent sans un mot ; qui les envoie n'apprend pas ce qui passe.\n",
	holeAny:      "Trou noir : ce qui est plus grand disparaît sans un mot.\n", none: "ici", largest: "  en fragments, le plus grand de %d octets",
	backIs:      "Le retour prend %d octets, exactement : les réponses plus grandes arrivent en fragments.\n",
	backAll:     "Le retour prend %d octets au moins, autant que le lien d'ici.\n",
	backCut:     "Le retour prend %d octets au moins, et moins de %d : une telle réponse arrive en fragments.\n",
	backLeast:   "Le retour prend %d octets au moins.\n",
	backSilent:  "Le retour prend %d octets au moins. On ne sait pas s'il prend plus : les échos plus grands, en fragments, restent sans réponse.\n",
	backUnknown: "Ce que prend le retour n'est pas connu : le système ne dit pas comment arrivent les réponses.\n",
	backUDP:     "Ce que prend le retour n'est pas connu : les réponses à UDP sont petites.\n",
	outcomes: map[mtu.Outcome]string{
		mtu.Passed: "passe", mtu.TooBig: "trop grand", mtu.Denied: "refusé", mtu.Expired: "expire", mtu.Silent: "silence", mtu.Unsent: "pas envoyé",
		mtu.Answered: "répondu",
	},
	faults: map[mtu.Fault]string{
		mtu.NotLower: "pas moins que ce qu'il refuse", mtu.BelowLeast: "moins qu'aucun lien ne peut avoir",
		mtu.TooLow: "moins que ce qui passe", mtu.TooHigh: "plus que ce qui passe",
	},
}

func wordsIn(l language.Tag) *words {
	if l == language.French {
		return &french
	}
	return &english
}

func (t *text) begin(c *mtu.Config) { fmt.Fprintf(t.w, t.words.begin, t.host, c.Dst, c.Src) }

// turn prints a line for each size.
func (t *text) turn(s *mtu.Strategy) {
	for e, ok := s.NextEvent(); ok; e, ok = s.NextEvent() {
		who := ""
		if e.From.IsValid() {
			who = fmt.Sprintf("%v  %.3f ms", e.From, float64(e.RTT)/float64(time.Millisecond))
		}
		if e.Outcome == mtu.TooBig {
			who += fmt.Sprintf("  mtu %d", e.Claim.MTU)
		}
		if e.Outcome == mtu.Denied {
			who += "  " + naming.Claim(&e.Claim, t.lang)
		}
		if e.Largest > 0 {
			who += fmt.Sprintf(t.words.largest, e.Largest)
		}
		if e.TTL < mtu.DefaultTTL {
			who += fmt.Sprintf("  ttl %d", e.TTL)
		}
		line := fmt.Sprintf(t.words.outcome, e.Probe, t.words.outcomes[e.Outcome], who)
		fmt.Fprintf(t.w, t.words.size+"  %s\n", e.Size, strings.TrimRight(line, " "))
	}
}

// name is an address with its name.
func (t *text) name(ctx context.Context, a netip.Addr) string {
	if t.names == nil || !a.IsValid() {
		return a.String()
	}
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if n, err := t.names.Name(ctx, a); err == nil && n != "" {
		return n + " (" + a.String() + ")"
	}
	return a.String()
}

func (t *text) at(hop int) string {
	if hop == 0 {
		return ""
	}
	return fmt.Sprintf(t.words.hop, hop)
}

// end prints what it all comes to.
func (t *text) end(ctx context.Context, r *mtu.Result) {
	fmt.Fprintln(t.w)
	if r.Err != "" {
		fmt.Fprintf(t.w, t.words.notSent, r.Err)
		return
	}
	if r.LinkMTU > 0 { // nothing came of it before it was interrupted
		fmt.Fprintf(t.w, t.words.link, r.LinkMTU)
	}
	for i := range r.Reductions {
		x := &r.Reductions[i]
		at, who := t.at(x.Hop), t.name(ctx, x.Router)
		switch {
		case !r.Answered:
			fmt.Fprintf(t.w, t.words.refused, at+who, naming.Claim(&x.Claim, t.lang))
		case x.Fault == mtu.None:
			fmt.Fprintf(t.w, t.words.reduced, x.Before, t.behind(r, i), at, who)
		case x.Fault == mtu.Absent:
			fmt.Fprintf(t.w, t.words.absent, x.Before, t.behind(r, i), at, who)
		case x.Fault == mtu.Refused:
			fmt.Fprintf(t.w, t.words.otherError, x.Before, t.behind(r, i), at, who, naming.Claim(&x.Claim, t.lang))
		default:
			fmt.Fprintf(t.w, t.words.wrong, x.Before, t.behind(r, i), at, who, x.Said, t.words.faults[x.Fault])
		}
	}
	t.hole(ctx, r)
	switch {
	case r.Answered:
		sure := t.words.least
		if r.Exact {
			sure = t.words.sure
		}
		fmt.Fprintf(t.w, t.words.is, r.MTU, sure)
		t.back(r)
	case r.MTU > 0:
		fmt.Fprintf(t.w, t.words.most, r.Dst, r.MTU)
	default:
		fmt.Fprintf(t.w, t.words.unknown, r.Dst)
		if r.Refused.Present {
			fmt.Fprintf(t.w, t.words.refused, t.name(ctx, r.RefusedFrom), naming.Claim(&r.Refused, t.lang))
		}
	}
}

// behind is how many octets pass the router of a reduction. Where that was not
// found out, those passed it that reached the next.
func (t *text) behind(r *mtu.Result, i int) string {
	x := &r.Reductions[i]
	n := x.MTU
	if x.Fault == mtu.None {
		n = max(n, x.Said)
	}
	switch {
	case n > 0:
		return fmt.Sprintf(t.words.exactly, n)
	case i+1 < len(r.Reductions):
		return fmt.Sprintf(t.words.some, r.Reductions[i+1].Before)
	}
	return t.words.fewer
}

// back prints what is known of the way back.
func (t *text) back(r *mtu.Result) {
	w, b := t.words, &r.Back
	switch {
	case b.MTU == 0 && r.Probe == probe.UDP:
		fmt.Fprint(t.w, w.backUDP)
	case b.MTU == 0:
		fmt.Fprint(t.w, w.backUnknown)
	case b.Exact && b.Cut > 0:
		fmt.Fprintf(t.w, w.backIs, b.MTU)
	case b.Cut > b.MTU:
		fmt.Fprintf(t.w, w.backCut, b.MTU, b.Cut)
	case b.MTU >= r.LinkMTU:
		fmt.Fprintf(t.w, w.backAll, b.MTU)
	case b.Silent > 0 && r.Hole == nil:
		fmt.Fprintf(t.w, w.backSilent, b.MTU)
	default:
		fmt.Fprintf(t.w, w.backLeast, b.MTU)
	}
}

func (t *text) hole(ctx context.Context, r *mtu.Result) {
	h := r.Hole
	after, afterName := "", t.words.none
	if h != nil && h.After > 0 {
		after, afterName = t.at(h.After), t.name(ctx, h.AfterAddr)
	}
	switch {
	case h == nil:
	case h.Way == mtu.There && r.Answered && h.Size > r.MTU+1 && h.Before == 0:
		fmt.Fprintf(t.w, t.words.holeAboveAny, h.Size)
	case h.Way == mtu.There && r.Answered && h.Size > r.MTU+1:
		fmt.Fprintf(t.w, t.words.holeAbove, h.Size, after, afterName, t.at(h.Before), t.name(ctx, h.BeforeAddr))
	case h.Way == mtu.Back:
		fmt.Fprintf(t.w, t.words.holeBack, h.Size-1)
	case h.Way == mtu.Unknown && h.After > 0 && r.Probe == probe.Echo:
		fmt.Fprintf(t.w, t.words.holeBehind, t.at(h.After), t.name(ctx, h.AfterAddr))
	case h.Way != mtu.There || h.Before == 0:
		fmt.Fprint(t.w, t.words.holeAny)
	default:
		fmt.Fprintf(t.w, t.words.holeThere, after, afterName, t.at(h.Before), t.name(ctx, h.BeforeAddr))
	}
}
