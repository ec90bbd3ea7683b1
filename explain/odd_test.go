package explain_test

import (
	"slices"
	"testing"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// TestOddValues: what stands in a sentence fits it, also when it is no value that
// anybody sends.
func TestOddValues(t *testing.T) {
	stamp := func(reply bool, originate, receive, transmit icmp4.Timestamp) []byte {
		return v4(router, host, 64, icmp4.TimestampMessage{Reply: reply, ID: 1, Seq: 2, Originate: originate, Receive: receive, Transmit: transmit})
	}
	state := func(s icmp4.NeighborState) []byte {
		return v4(router, host, 64, icmp4.ExtendedEchoReply{ID: 1, Seq: 2, State: s})
	}
	short := func(n int) []byte {
		return v4(router, host, 64, icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: udp(40, 3, false, 9)[:n]})
	}
	const noon, odd = 43_200_000, 1<<31 | 1
	for _, tt := range []struct {
		name   string
		octets []byte
		en, fr string
	}{
		{"asked", stamp(false, noon, 0, 0), "The question left at 12:00:00.000 universal time.", "La question est partie à 12:00:00.000 temps universel."},
		{"asked oddly", stamp(false, odd, 0, 0), "The time of the question: not in the standard form (top bit set).", "L'heure de la question : hors de la forme standard (bit haut à 1)."},
		{"received oddly", stamp(true, noon, odd, noon), "The time of its receipt: not in the standard form (top bit set); the time of the answer: 12:00:00.000 universal time.", "L'heure de sa réception : hors de la forme standard (bit haut à 1) ; l'heure de la réponse : 12:00:00.000 temps universel."},
		{"answered oddly", stamp(true, noon, noon, odd), "The time of its receipt: 12:00:00.000 universal time; the time of the answer: not in the standard form (top bit set).", "L'heure de sa réception : 12:00:00.000 temps universel ; l'heure de la réponse : hors de la forme standard (bit haut à 1)."},
		{"a state", state(icmp4.StateReachable), "The neighbour entry is in state reachable.", "L'entrée du voisin est dans l'état joignable."},
		{"no state", state(7), "The neighbour entry is in state 7.", "L'entrée du voisin est dans l'état 7."},
		{"one octet quoted", short(1), "Too little is quoted to tell.", "La citation est trop courte pour le dire."},
		{"19 octets quoted", short(19), "Too little is quoted to tell.", "La citation est trop courte pour le dire."},
		{"a header quoted", short(20), "UDP from 192.0.2.1 to 198.51.100.7.", "UDP de 192.0.2.1 vers 198.51.100.7."},
	} {
		for lang, want := range map[language.Tag]string{language.English: tt.en, language.French: tt.fr} {
			e, err := explain.Message(tt.octets, lang, explain.How{})
			if err != nil {
				t.Fatal(err)
			}
			if all := slices.Concat(e.Says, e.About); !slices.Contains(all, want) {
				t.Errorf("%s: no %q in %q", tt.name, want, all)
			}
		}
	}
}
