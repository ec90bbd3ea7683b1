// Package translated says where on a way probes begin to be seen otherwise than they
// were sent, in lines below the hops.
package translated

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/rewrite"
)

// words are what is said, in one language.
type words struct {
	at, colon                string
	behind, before           string
	translated, remarked     string
	src, dst, sport, dport   string
	id, ipid, unfit          string
	dscp, ecn, marked, noECN string
}

var english = words{
	at: "hop %d (%v) saw the probes with %s", colon: ": ", behind: "at hop %d or behind it", before: "before it",
	translated: "translated %s", remarked: "changed %s",
	src: "source %v", dst: "destination %v", sport: "source port %d", dport: "destination port %d",
	id: "another identifier", ipid: "another IP identification", unfit: "a checksum that does not fit that",
	dscp: "DSCP %d instead of %d", ecn: "ECN %d instead of %d", marked: "ECN 3, congestion experienced, instead of %d", noECN: "ECN 0, taken away, instead of %d",
}

var french = words{
	at: "le saut %d (%v) a vu les sondes avec %s", colon: " : ", behind: "au saut %d ou derrière lui", before: "avant lui",
	translated: "traduction %s", remarked: "changement %s",
	src: "la source %v", dst: "la destination %v", sport: "le port source %d", dport: "le port destination %d",
	id: "un autre identifiant", ipid: "une autre identification IP", unfit: "une somme de contrôle qui n'y correspond pas",
	dscp: "DSCP %d au lieu de %d", ecn: "ECN %d au lieu de %d", marked: "ECN 3, congestion rencontrée, au lieu de %d", noECN: "ECN 0, effacé, au lieu de %d",
}

func speak(l language.Tag) *words {
	if l == language.French {
		return &french
	}
	return &english
}

// Write writes a line for each change. Tos is the type of service of the probes as
// they were sent.
func Write(w io.Writer, l language.Tag, tos uint8, changes []rewrite.Change) {
	for _, s := range Lines(l, tos, changes) {
		fmt.Fprintln(w, s)
	}
}

// Lines are what [Write] writes.
func Lines(l language.Tag, tos uint8, changes []rewrite.Change) (out []string) {
	say := speak(l)
	for i := range changes {
		c := &changes[i]
		where := say.before
		if c.After > 0 {
			where = fmt.Sprintf(say.behind, c.After)
		}
		how := say.remarked
		if c.Translated() {
			how = say.translated
		}
		out = append(out, fmt.Sprintf(say.at+say.colon+how, c.TTL, c.From, say.list(&c.Seen, tos), where))
	}
	return out
}

// Short is what somebody has quoted otherwise than it was sent, for a place beside
// him; "": nothing, or it is not known.
func Short(l language.Tag, s *probe.Shown) string {
	if s == nil {
		return ""
	}
	x := *s
	x.TOS = false // what it was is not known here
	return speak(l).list(&rewrite.Seen{Shown: x}, 0)
}

// The type of service is DSCP and two bits of ECN, both set: congestion experienced
// (RFC 3168 §5).
const (
	ecn  = 3
	dscp = 2
)

// list is what is other.
func (say *words) list(s *rewrite.Seen, tos uint8) string {
	var all []string
	add := func(is bool, text string) {
		if is {
			all = append(all, text)
		}
	}
	add(s.Src.IsValid(), fmt.Sprintf(say.src, s.Src))
	add(s.SrcPort != 0, fmt.Sprintf(say.sport, s.SrcPort))
	add(s.Dst.IsValid(), fmt.Sprintf(say.dst, s.Dst))
	add(s.DstPort != 0, fmt.Sprintf(say.dport, s.DstPort))
	add(s.ID, say.id)
	add(s.IPID, say.ipid)
	add(s.Unfit, say.unfit)
	if s.TOS {
		was, is := tos&ecn, s.QuoteTOS&ecn
		add(tos>>dscp != s.QuoteTOS>>dscp, fmt.Sprintf(say.dscp, s.QuoteTOS>>dscp, tos>>dscp))
		switch {
		case was == is:
		case is == ecn:
			add(true, fmt.Sprintf(say.marked, was))
		case is == 0:
			add(true, fmt.Sprintf(say.noECN, was))
		default:
			add(true, fmt.Sprintf(say.ecn, is, was))
		}
	}
	return strings.Join(all, ", ")
}
