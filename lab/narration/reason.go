package narration

import (
	"fmt"
	"strings"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/stack/mib"
)

// Reason says an error without the name of the package that it comes from.
func Reason(err error) string {
	s := err.Error()
	if before, after, ok := strings.Cut(s, ": "); ok && !strings.Contains(before, " ") {
		return after
	}
	return s
}

// reasonsFR are what nodes and connections say about themselves, in French.
var reasonsFR = map[string]string{
	Reason(stack.ErrNoRoute):   "pas de route vers la destination",
	Reason(stack.ErrNoSource):  "pas d'adresse de cette famille d'où envoyer",
	Reason(stack.ErrQueueFull): "la file de sortie est pleine",
	Reason(stack.ErrDown):      "l'interface est coupée",
	Reason(tcpstub.ErrReset):   "connexion réinitialisée par le pair",
	Reason(tcpstub.ErrTimeout): "rien n'est acquitté",
	Reason(tcpstub.ErrHard):    "erreur ICMP dure",
}

// reason says what [Reason] has said in the language; what has no words in it
// stays as it is.
func (l Lang) reason(s string) string {
	if l != French {
		return s
	}
	if fr, ok := reasonsFR[s]; ok {
		return fr
	}
	var size, mtu int
	if n, _ := fmt.Sscanf(s, "datagram of %d octets is over the path MTU of %d", &size, &mtu); n == 2 {
		return fmt.Sprintf("un datagramme de %d octets dépasse le MTU du chemin, %d", size, mtu)
	}
	for d := mib.None; d.Name() != ""; d++ {
		if s == d.String() {
			return l.drop(d)
		}
	}
	return s
}
