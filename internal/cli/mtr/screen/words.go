package screen

import (
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/mtr/field"
)

// words are what the screen says.
type words struct {
	keys      string // letters between underscores are keys
	host      string
	status    string
	paused    string
	waiting   string
	flows     string
	flow      string
	last      string
	noField   string
	noNumber  string
	unsent    string
	scale     string
	more      string
	anyKey    string
	help      [][2]string
	questions map[string]string
}

var english = words{
	keys: "_?_ help  _d_isplay  _r_eset  _p_ause  _o_rder  _n_ames  _q_uit", host: "Host",
	status: "%s, %d octets, every %v · round %d", paused: " PAUSED ", waiting: "waiting for the first answer",
	flows: "%d flows · %d ways", flow: "flows %s", last: "the last %d probes",
	noField: "fields are letters of L D R S N B A W V G J M X I", noNumber: "%q is no number that goes here",
	unsent: "not sent: %s", scale: "from %v to %v", more: "+ %d lines more: + -", anyKey: "any key goes back",
	help: [][2]string{
		{"? h", "this help"},
		{"d", "display: numbers, chart, characters, flows"},
		{"e", "MPLS labels and ICMP types, on and off"},
		{"n", "names, on and off"},
		{"B", "addresses beside names"},
		{"o", "order of the fields"},
		{"j", "latency or jitter"},
		{"r", "reset: count anew"},
		{"p space", "pause, and go on"},
		{"u", "ICMP or UDP"},
		{"t", "ICMP or TCP"},
		{"s", "size of packets"},
		{"i", "interval"},
		{"c", "rounds"},
		{"f m", "first and last hop"},
		{"Q", "type of service"},
		{"z y", "AS number; prefix, country"},
		{"O", "owners"},
		{"+ -", "half a page down, up"},
		{"q", "quit; the screen stays"},
	},
	questions: map[string]string{
		"o": "Fields", "s": "Size of packets in octets", "i": "Interval in seconds", "c": "Rounds (0: without end)",
		"f": "First hop", "m": "Last hop", "Q": "Type of service (0 to 255)",
	},
}

var french = words{
	keys: "_?_ aide  _d_ affichage  _r_ à zéro  _p_ause  _o_rdre  _n_oms  _q_uitter", host: "Hôte",
	status: "%s, %d octets, toutes les %v · tour %d", paused: " PAUSE ", waiting: "en attente de la première réponse",
	flows: "%d flux · %d chemins", flow: "flux %s", last: "les %d dernières sondes",
	noField: "les colonnes sont des lettres parmi L D R S N B A W V G J M X I", noNumber: "%q n'est pas un nombre possible ici",
	unsent: "non émis : %s", scale: "de %v à %v", more: "+ %d lignes : + -", anyKey: "une touche pour revenir",
	help: [][2]string{
		{"? h", "cette aide"},
		{"d", "affichage : nombres, courbe, caractères, flux"},
		{"e", "étiquettes MPLS et types ICMP, oui ou non"},
		{"n", "noms, oui ou non"},
		{"B", "adresses à côté des noms"},
		{"o", "ordre des colonnes"},
		{"j", "latence ou gigue"},
		{"r", "remise à zéro"},
		{"p espace", "pause, et reprise"},
		{"u", "ICMP ou UDP"},
		{"t", "ICMP ou TCP"},
		{"s", "taille des paquets"},
		{"i", "intervalle"},
		{"c", "nombre de tours"},
		{"f m", "premier et dernier saut"},
		{"Q", "type de service"},
		{"z y", "numéro d'AS ; préfixe, pays"},
		{"O", "propriétaires"},
		{"+ -", "une demi-page plus bas, plus haut"},
		{"q", "quitter ; l'écran reste"},
	},
	questions: map[string]string{
		"o": "Colonnes", "s": "Taille des paquets en octets", "i": "Intervalle en secondes", "c": "Tours (0 : sans fin)",
		"f": "Premier saut", "m": "Dernier saut", "Q": "Type de service (0 à 255)",
	},
}

func speak(l language.Tag) *words {
	if l == language.French {
		return &french
	}
	return &english
}

// means is what a field is, in a few words.
func means(f *field.Field, l language.Tag) string {
	if l == language.French {
		return f.Aide
	}
	return f.Help
}
