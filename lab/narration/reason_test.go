package narration

import (
	"errors"
	"testing"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/stack/mib"
)

func TestReason(t *testing.T) {
	for in, want := range map[string]string{"stack: no route": "no route", "no route": "no route", "a b: c": "a b: c"} {
		if got := Reason(errors.New(in)); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// TestReasonIn: what a node says about itself has words in French, and none of
// them is lost in English.
func TestReasonIn(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{stack.ErrNoRoute, "pas de route vers la destination"},
		{stack.ErrNoSource, "pas d'adresse de cette famille d'où envoyer"},
		{stack.ErrQueueFull, "la file de sortie est pleine"},
		{stack.ErrDown, "l'interface est coupée"},
		{&stack.TooBigError{Len: 1500, MTU: 1000}, "un datagramme de 1500 octets dépasse le MTU du chemin, 1000"},
		{errors.New("stack: " + mib.NATFull.String()), "la table de traduction est pleine"},
		{tcpstub.ErrReset, "connexion réinitialisée par le pair"},
		{tcpstub.ErrTimeout, "rien n'est acquitté"},
		{tcpstub.ErrHard, "erreur ICMP dure"},
		{errors.New("lab: nothing of the kind"), "nothing of the kind"},
	} {
		s := Reason(tt.err)
		if got := French.reason(s); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
		if got := English.reason(s); got != s {
			t.Errorf("%v in English: %q", tt.err, got)
		}
	}
}
