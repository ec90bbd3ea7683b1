package catalogue_test

import (
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/internal/conform"
)

// taught are the rows of the tables in which ICMP is taught in French, each with
// the facts that it has about its message. Where a table errs (a code that stands
// for another, a type that is another's), the row stands under the right one.
var taught = []struct {
	row   string // what the table calls it
	typ   uint8
	code  uint8
	facts []string // words of the explanation
}{
	// The first table.
	{"demande d'écho", 8, 0, []string{"ping", "datagramme", "destinataire", "restituer"}},
	{"réseau inaccessible", 3, 0, []string{"réseau", "n'est pas accessible"}},
	{"machine inaccessible", 3, 1, []string{"machine", "n'est pas accessible"}},
	{"protocole inaccessible", 3, 2, []string{"protocole", "n'est pas accessible"}},
	{"port inaccessible", 3, 3, []string{"port", "n'est pas accessible"}},
	{"fragmentation nécessaire", 3, 4, []string{"Fragmentation nécessaire", "impossible", "DF", "drapeau"}},
	{"routage échoué", 3, 5, []string{"routage a échoué"}},
	{"réseau inconnu", 3, 6, []string{"Réseau inconnu"}},
	{"machine inconnue", 3, 7, []string{"Machine inconnue"}},
	{"machine non connectée au réseau", 3, 8, []string{"non connectée au réseau", "inutilisé"}},
	{"communication avec le réseau interdite", 3, 9, []string{"Communication avec le réseau interdite"}},
	{"communication avec la machine interdite", 3, 10, []string{"Communication avec la machine interdite"}},
	{"réseau inaccessible pour ce service", 3, 11, []string{"Réseau inaccessible pour ce service"}},
	{"machine inaccessible pour ce service", 3, 12, []string{"Machine inaccessible pour ce service"}},
	{"communication interdite", 3, 13, []string{"Communication interdite", "filtrage"}}, // given as 3/11
	{"source quench", 4, 0, []string{"volume de données", "trop important", "sature", "réduire la vitesse", "routeur"}},
	{"redirection pour un hôte", 5, 1, []string{"pas optimale", "adresse du routeur", "table de routage", "intervertissent"}},         // given as 5/0
	{"redirection pour un hôte et un service donné", 5, 3, []string{"service donné", "pas optimale", "adresse du routeur", "code 1"}}, // given as 5/1
	{"redirection pour un réseau", 5, 0, []string{"réseau entier", "pas optimale", "adresse du routeur", "intervertissent"}},          // given as 5/2
	{"redirection pour un réseau et un service donné", 5, 2, []string{"réseau entier", "service donné", "adresse du routeur"}},        // given as 5/3
	{"durée de vie", 11, 0, []string{"durée de vie", "en-tête", "renvoie", "quel datagramme a été détruit"}},
	{"temps de ré-assemblage de fragment dépassé", 11, 1, []string{"temps de réassemblage des fragments d'un datagramme est dépassé"}},
	{"champ erroné", 12, 0, []string{"champ", "en-tête", "erroné", "position de l'erreur est retournée"}},
	{"timestamp request", 13, 0, []string{"demande à une autre", "heure système (universelle)"}},
	{"timestamp reply", 14, 0, []string{"machine réceptrice", "heure système", "machine émettrice", "temps de transfert", "type 17"}}, // also given as 17
	{"demande d'adresse réseau", 15, 0, []string{"demande au réseau une adresse IP"}},
	{"réponse d'adresse réseau", 16, 0, []string{"répond à la demande", "type 15"}},
	{"demande de masque de sous-réseau", 17, 0, []string{"demander au réseau un masque de sous-réseau"}},
	{"réponse de masque de sous-réseau", 18, 0, []string{"répond à la demande", "type 17"}},

	// The second table, where it says more.
	{"réponse d'écho", 0, 0, []string{"Réponse au message de type 8"}},
	{"priorité d'hôte violée", 3, 14, []string{"Priorité d'hôte violée"}},
	{"limite de priorité atteinte", 3, 15, []string{"Limite de priorité atteinte"}},
	{"extinction de la source", 4, 0, []string{"routeur de transit", "machine d'extrémité", "tampon", "processeur", "en silence", "TCP, UDP", "fenêtre"}},
	{"redirection", 5, 1, []string{"même réseau", "table de routage"}},
	{"en-tête erroné", 12, 0, []string{"erroné"}},
	{"demande heure", 13, 0, []string{"heure"}},
	{"réponse heure", 14, 0, []string{"heure"}},
	{"demande adresse IP", 15, 0, []string{"adresse IP"}},
	{"réponse adresse IP", 16, 0, []string{"adresse"}},
	{"demande masque sous-réseau", 17, 0, []string{"masque"}},
	{"réponse masque sous-réseau", 18, 0, []string{"masque"}},

	// The attacks that the tables' texts tell of.
	{"protocole inaccessible", 3, 2, []string{"Fernando Gont", "clore une connexion TCP"}},
	{"port inaccessible", 3, 3, []string{"Fernando Gont", "clore une connexion TCP"}},
	{"fragmentation nécessaire", 3, 4, []string{"MTU au minimum (68 octets)", "peu à peu", "ralentit"}},
	{"source quench", 4, 0, []string{"Répété", "ralentissait grandement le débit", "Déprécié"}},
	{"redirection", 5, 0, []string{"chemin détourné", "évite le pare-feu", "ignorer"}},
	{"ping", 8, 0, []string{"déni de service", "DDoS", "ne répondent pas"}},

	// The examples of the introduction, and the history of ping and traceroute.
	{"machine inaccessible", 3, 1, []string{"ARP", "réseau du destinataire"}},
	{"fragmentation nécessaire", 3, 4, []string{"MTU du prochain saut", "PMTUD", "réduit la taille et renvoie"}},
	{"durée de vie", 11, 0, []string{"diminue de un", "traceroute", "TTL 1, 2, 3", "astérisques", "topologie"}},
}

// TestTables: each row is found by the name that the table gives it, and the
// French explanation has its facts.
func TestTables(t *testing.T) {
	conform.Row(t, "A-02")
	for _, r := range taught {
		k := catalogue.Kind{Family: catalogue.ICMPv4, Type: r.typ, Code: r.code}
		found := false
		for _, m := range catalogue.Find(r.row) {
			found = found || m.Family == k.Family && m.Type == k.Type && (m.Whole || m.Code == k.Code)
		}
		if !found {
			t.Errorf("%s: not found as %v, but as %v", r.row, k, catalogue.Find(r.row))
		}
		text := catalogue.Of(k, language.French)
		all := strings.Join(append(append([]string{text.Means, text.Sender, text.Security}, text.Causes...), text.Checks...), " ")
		for _, f := range r.facts {
			if !strings.Contains(strings.ToLower(all), strings.ToLower(f)) {
				t.Errorf("%s (%v): nothing of %q:\n%s", r.row, k, f, all)
			}
		}
	}
}
