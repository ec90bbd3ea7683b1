package ping

import (
	"golang.org/x/text/language"

	lang "github.com/sonde-net/sonde/internal/cli/language"
)

// words are those of ours; the original's stay as they are.
type words struct {
	stamps      string // who took the times: of sending, of the arrival
	more        string // octets more than were sent
	percentiles string
	overflow    string
}

var english = words{
	stamps:      "(sent: %v, received: %v)",
	more:        "%d data bytes more than were sent",
	percentiles: "percentiles",
	overflow:    "%d packets did not fit into the receive buffer: they are not lost on the way",
}

var french = words{
	stamps:      "(émis : %v, reçu : %v)",
	more:        "%d octets de données de plus qu'émis",
	percentiles: "centiles",
	overflow:    "%d paquets n'ont pas tenu dans le tampon de réception : ils ne sont pas perdus en chemin",
}

// wordsOf are those of a language.
func wordsOf(t language.Tag) words {
	if t == lang.French {
		return french
	}
	return english
}
