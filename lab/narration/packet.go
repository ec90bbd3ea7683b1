package narration

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// packet says in the language of the text what a datagram of IPv4 or IPv6 is,
// which the packages under wire say in English.
func (t *Text) packet(what string, six bool) string {
	if t.o.Lang != French {
		return what
	}
	name, rest := "", what
	var typ, code uint8
	if n, _ := fmt.Sscanf(what, "%d/%d ", &typ, &code); n == 2 {
		english := icmp4.Kind{Type: icmp4.Type(typ), Code: icmp4.Code(code)}.String()
		if six {
			english = icmp6.Kind{Type: icmp6.Type(typ), Code: icmp6.Code(code)}.String()
		}
		if after, ok := strings.CutPrefix(what, english); ok {
			name, rest = english, after
			if t.o.Name != nil {
				name = fmt.Sprintf("%d/%d %s", typ, code, t.o.Name(six, typ, code))
			}
		}
	}
	return name + fragmentFR().ReplaceAllString(packetFR.Replace(rest), "fragment $1 à $2, $3 octets")
}

var fragmentFR = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`fragment (\d+) at (\d+) of (\d+) octets`)
})

// packetFR are the words behind the name of a message, in French.
//
//nolint:misspell // half of it is French
var packetFR = strings.NewReplacer(
	", about ", ", au sujet de ", ", quotes ", ", cite ", ", gateway ", ", passerelle ", ", pointer ", ", pointeur ",
	", address ", ", adresse ", ", mask ", ", masque ", ", lifetime ", ", durée ", ", state ", ", état ", " preference ", " préférence ",
	", originate ", ", partie à ", ", receive ", ", reçue à ", ", transmit ", ", répondue à ",
	", local interface, extensions of ", ", interface locale, extensions de ",
	", remote interface, extensions of ", ", interface d'un voisin, extensions de ",
	" hops out, ", " sauts à l'aller, ", " hops back, ", " sauts au retour, ",
	", window ", ", fenêtre ", ", later fragment", ", fragment ultérieur",
)
