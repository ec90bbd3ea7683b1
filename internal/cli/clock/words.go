package clock

import (
	"golang.org/x/text/language"

	lang "github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/offset"
)

// words are what is said, in one language.
type words struct {
	silence, known, agreed, drift, form, unknown, mute, refused string

	muteEcho string // mute, when echo with an option was asked for
	bare     string // replies came without the target's stamp; behind it one of fills
	fills    map[clock.Fill]string
	sides    map[clock.Side]string
	lopsided string
	denied   string // in place of a reply
	comma    string
	forms    map[offset.Form]string
	lang     language.Tag
}

var english = words{
	silence: "no answer", denied: "%5d  %v: %s\n", comma: ".",
	known:    "clock of %s (%v): %s ms ± %s ms, from %d of %d timestamps%s\n",
	agreed:   " that do not agree: the clock is being set, or drifts",
	drift:    "it gains %s ± %s parts of a million\n",
	form:     "its stamps are: %v\n",
	unknown:  "clock of %s (%v): not known, the stamps are: %v\n",
	mute:     "clock of %s (%v): no answer to %d timestamp requests\n",
	muteEcho: "clock of %s (%v): no answer to %d echo requests with a timestamp option, which many routers drop\n",
	refused:  "%v says why: %v\n",
	bare:     "clock of %s (%v): not known, %s\n",
	fills: map[clock.Fill]string{
		clock.Missing:  "the reply has no timestamp option",
		clock.Unfilled: "the host has not stamped the option",
		clock.Full:     "others have stamped the option, and left no room",
		clock.Altered:  "the option is not the one that was sent",
	},
	sides: map[clock.Side]string{clock.Unknown: "", clock.There: "there", clock.Back: "back"},
	forms: map[offset.Form]string{
		offset.Unreadable: "unreadable", offset.Standard: "standard", offset.NonStandard: "non-standard",
		offset.Swapped: "octets swapped", offset.Seconds: "seconds", offset.Contrary: "contrary",
	},
	lopsided: "on the way there %d stamp, on the way back %s: it looks like another way\n",
}

var french = words{
	silence: "pas de réponse", denied: "%5d  %v : %s\n", comma: ",",
	known:    "horloge de %s (%v) : %s ms ± %s ms, d'après %d horodatages sur %d%s\n",
	agreed:   " qui ne s'accordent pas : l'horloge est en train d'être réglée, ou dérive",
	drift:    "elle gagne %s ± %s millionièmes\n",
	form:     "ses horodatages sont : %v\n",
	unknown:  "horloge de %s (%v) : inconnue, les horodatages sont : %v\n",
	mute:     "horloge de %s (%v) : aucun de %d horodatages demandés n'est venu\n",
	muteEcho: "horloge de %s (%v) : aucune réponse à %d échos avec l'option d'horodatage, que bien des routeurs rejettent\n",
	refused:  "%v dit pourquoi : %v\n",
	bare:     "horloge de %s (%v) : inconnue, %s\n",
	fills: map[clock.Fill]string{
		clock.Missing:  "la réponse n'a pas d'option d'horodatage",
		clock.Unfilled: "l'hôte n'a pas horodaté l'option",
		clock.Full:     "d'autres ont horodaté l'option sans laisser de place",
		clock.Altered:  "l'option n'est pas celle qui est partie",
	},
	sides: map[clock.Side]string{clock.Unknown: "", clock.There: "aller", clock.Back: "retour"},
	forms: map[offset.Form]string{
		offset.Unreadable: "illisibles", offset.Standard: "conformes", offset.NonStandard: "non conformes",
		offset.Swapped: "aux octets inversés", offset.Seconds: "en secondes", offset.Contrary: "contradictoires",
	},
	lopsided: "à l'aller %d horodatent, au retour %s : le chemin semble être un autre\n",
}

// wordsIn returns the words of a language for a clock that is asked in that way.
func wordsIn(l language.Tag, by clock.Way) *words {
	say := english
	if l == lang.French {
		say = french
	}
	say.lang = l
	if by != clock.Messages {
		say.mute = say.muteEcho
	}
	return &say
}
