package words

import (
	"regexp"
	"strings"
	"sync"
	"time"
)

// names are the French names of what other registries than those of ICMP have: IP
// options, extension objects, options and states of neighbors, kinds of listening.
// Abbreviations and names of programs are the same in both languages and are not
// here.
//
//nolint:misspell // half of it is French
var names = sync.OnceValue(func() map[string]string {
	return map[string]string{
		// IPv4 options.
		"End of Options List": "fin de la liste d'options",
		"No Operation":        "sans effet",
		"Record Route":        "enregistrement de la route",
		"Time Stamp":          "horodatage",
		"Traceroute":          "traceroute (option)",
		"Security":            "sécurité",
		"Extended Security":   "sécurité étendue",
		"Commercial Security": "sécurité commerciale",
		"Loose Source Route":  "route source lâche",
		"Strict Source Route": "route source stricte",
		"Stream ID":           "identifiant de flux",
		"Router Alert":        "alerte de routeur",

		// IPv6 options.
		"Pad1":                       "bourrage d'un octet (Pad1)",
		"PadN":                       "bourrage (PadN)",
		"Tunnel Encapsulation Limit": "limite d'encapsulation en tunnel",
		"Jumbo Payload":              "charge utile géante (jumbo)",
		"Home Address":               "adresse mère",

		// Headers that name others.
		"IPv6-Route": "en-tête de routage (IPv6-Route)",
		"IPv6-Frag":  "en-tête de fragment (IPv6-Frag)",
		"IPv6-Opts":  "options de destination (IPv6-Opts)",
		"HOPOPT":     "options saut par saut (HOPOPT)",
		"IPv6-NoNxt": "rien ne suit (IPv6-NoNxt)",

		// Extension objects and their sub-types.
		"MPLS Label Stack Class":          "pile d'étiquettes MPLS",
		"Incoming MPLS Label Stack":       "pile d'étiquettes MPLS entrante",
		"Interface Information Object":    "renseignement sur une interface",
		"Interface Identification Object": "désignation d'une interface",
		"Identifies Interface by Name":    "désigne une interface par son nom",
		"Identifies Interface by Index":   "désigne une interface par son indice",
		"Identifies Interface by Address": "désigne une interface par son adresse",
		"Extended Information":            "renseignement étendu",
		"Pointer":                         "pointeur",
		"Node Identification Object":      "désignation d'un nœud",

		// Options of neighbor discovery.
		"Source Link-layer Address":             "adresse de liaison source",
		"Target Link-layer Address":             "adresse de liaison cible",
		"Prefix Information":                    "information de préfixe",
		"Redirected Header":                     "en-tête redirigé",
		"NBMA Shortcut Limit":                   "limite de raccourci NBMA",
		"Advertisement Interval":                "intervalle entre annonces",
		"Home Agent Information":                "information d'agent mère",
		"Source Address List":                   "liste d'adresses sources",
		"Target Address List":                   "liste d'adresses cibles",
		"CGA":                                   "adresse cryptographique (CGA)",
		"RSA Signature":                         "signature RSA",
		"Timestamp":                             "horodatage",
		"Nonce":                                 "nonce (valeur à usage unique)",
		"Trust Anchor":                          "ancre de confiance",
		"Certificate":                           "certificat",
		"IP Address/Prefix":                     "adresse ou préfixe IP",
		"New Router Prefix Information":         "information de préfixe du nouveau routeur",
		"Link-layer Address":                    "adresse de liaison",
		"Neighbor Advertisement Acknowledgment": "acquittement d'annonce de voisin",
		"PvD ID Router Advertisement":           "annonce de routeur d'un domaine (PvD ID)",
		"MAP":                                   "point d'ancrage de mobilité (MAP)",
		"Route Information":                     "information de route",
		"Recursive DNS Server":                  "serveur DNS récursif",
		"RA Flags Extension":                    "extension des drapeaux d'annonce",
		"Handover Key Request":                  "demande de clé de transfert",
		"Handover Key Reply":                    "réponse de clé de transfert",
		"Handover Assist Information":           "information d'aide au transfert",
		"Mobile Node Identifier":                "identifiant de nœud mobile",
		"DNS Search List":                       "liste de domaines de recherche DNS",
		"Proxy Signature":                       "signature de mandataire",
		"Address Registration":                  "enregistrement d'adresse",
		"6LoWPAN Context":                       "contexte 6LoWPAN",
		"Authoritative Border Router":           "routeur de bordure faisant autorité",
		"6LoWPAN Capability Indication":         "indication de capacités 6LoWPAN",
		"DHCP Captive-Portal":                   "portail captif",
		"PREF64":                                "préfixe NAT64 (PREF64)",
		"Crypto-ID Parameters":                  "paramètres Crypto-ID",
		"NDP Signature":                         "signature NDP",
		"Resource Directory Address":            "adresse d'annuaire de ressources",
		"Consistent Uptime":                     "temps de fonctionnement cohérent",
		"CARD Request":                          "demande CARD",
		"CARD Reply":                            "réponse CARD",
		"Encrypted DNS":                         "DNS chiffré",
		"RFC3692-style Experiment 1":            "expérience 1 (RFC 3692)",
		"RFC3692-style Experiment 2":            "expérience 2 (RFC 3692)",

		// Preferences, states of neighbors, kinds of listening.
		"medium": "moyenne", "high": "haute", "low": "basse", "reserved": "réservée",
		"none": "aucun", "incomplete": "incomplète", "reachable": "joignable", "stale": "périmée", "delay": "en attente",
		"probe": "en cours de sondage", "failed": "défaillante", "infinity": "sans fin",
		"mode is include":        "mode : inclure",
		"mode is exclude":        "mode : exclure",
		"change to include mode": "passage au mode inclure",
		"change to exclude mode": "passage au mode exclure",
		"allow new sources":      "nouvelles sources permises",
		"block old sources":      "anciennes sources bloquées",
		"incoming interface":     "interface d'entrée", "incoming sub-interface": "sous-interface d'entrée",
		"outgoing interface": "interface de sortie", "next hop": "saut suivant",
	}
})

// numbered are the words before a number that the registry has no name for.
var numbered = map[string]string{
	"Unassigned": "non attribué", "Reserved": "réservé", "Private Use": "usage privé",
	"state": "état", "role": "rôle", "record type": "type d'enregistrement", "protocol": "protocole", "c-type": "sous-type",
}

// Name returns the name that something of a registry has in this language, from
// its name there, which stays where this language has no other.
func (p Printer) Name(english string) string {
	if !p.french {
		return english
	}
	if fr, ok := names()[english]; ok {
		return fr
	}
	word, number := english, ""
	if i := strings.LastIndexByte(english, ' '); i > 0 && english[i+1:] != "" && strings.Trim(english[i+1:], "0123456789") == "" {
		word, number = english[:i], english[i:]
	}
	if fr, ok := numbered[word]; ok {
		return fr + number
	}
	return english
}

// lines are what the options, objects and records of the wire say of themselves,
// and what they say in French: $1 is what stands there, %1 its name, ~1 a time.
//
//nolint:misspell // half of it is French
var lines = sync.OnceValue(func() []line {
	return []line{
		{regexp.MustCompile(`^source link-layer address (.*)$`), "adresse de liaison source $1"},
		{regexp.MustCompile(`^target link-layer address (.*)$`), "adresse de liaison cible $1"},
		{regexp.MustCompile(`^prefix (\S+), flags (\S+), valid (\S+), preferred (\S+)$`), "préfixe $1, drapeaux %2, valable ~3, préféré ~4"},
		{regexp.MustCompile(`^redirected header, quotes (\d+) octets$`), "en-tête redirigé, cite $1 octets"},
		{regexp.MustCompile(`^mtu (\d+)$`), "MTU de $1"},
		{regexp.MustCompile(`^nonce (.*)$`), "valeur à usage unique $1"},
		{regexp.MustCompile(`^dns servers(.*), lifetime (\S+)$`), "serveurs DNS$1, durée ~2"},
		{regexp.MustCompile(`^dns search list(.*), lifetime (\S+)$`), "domaines de recherche DNS$1, durée ~2"},
		{regexp.MustCompile(`^route (\S+), preference (\S+), lifetime (\S+)$`), "route vers $1, préférence %2, durée ~3"},
		{regexp.MustCompile(`^nat64 prefix (\S+), lifetime (\S+)$`), "préfixe NAT64 $1, durée ~2"},
		{regexp.MustCompile(`^interface by name (".*")$`), "interface de nom $1"},
		{regexp.MustCompile(`^interface by index (\d+)$`), "interface d'indice $1"},
		{regexp.MustCompile(`^interface by address (\S*) of family (\d+)$`), "interface d'adresse $1 de la famille $2"},
		{regexp.MustCompile(`^interface by address (\S+)$`), "interface d'adresse $1"},
		{regexp.MustCompile(`^label (\d+), tc (\d+), ttl (\d+), bottom$`), "étiquette $1, classe de trafic $2, TTL $3, bas de la pile"},
		{regexp.MustCompile(`^label (\d+), tc (\d+), ttl (\d+)$`), "étiquette $1, classe de trafic $2, TTL $3"},
		{regexp.MustCompile(`^(incoming interface|incoming sub-interface|outgoing interface|next hop|role \d+): index (.*)$`), "%1 : indice $2"},
		{regexp.MustCompile(`^(incoming interface|incoming sub-interface|outgoing interface|next hop|role \d+): (.*)$`), "%1 : $2"},
		{regexp.MustCompile(`^pointer (\d+)$`), "pointeur $1"},
		{regexp.MustCompile(`^(.*), group (\S+), (\d+) sources$`), "%1, groupe $2, $3 sources"},
		{regexp.MustCompile(`^(.*): (c-type \d+|[A-Z].*), (\d+) octets$`), "%1 : %2, $3 octets"},
		{regexp.MustCompile(`^(.*), (\d+) octets$`), "%1, $2 octets"},
	}
})

type line struct {
	english *regexp.Regexp
	french  string
}

// Line returns in this language what the line of an option, an object or a record
// says, which the packages of the wire write in English.
func (p Printer) Line(english string) string {
	if !p.french {
		return english
	}
	for _, l := range lines() {
		m := l.english.FindStringSubmatch(english)
		if m == nil {
			continue
		}
		var b strings.Builder
		for i := 0; i < len(l.french); i++ {
			c := l.french[i]
			if c != '$' && c != '%' && c != '~' {
				b.WriteByte(c)
				continue
			}
			i++
			v := m[l.french[i]-'0']
			switch c {
			case '%':
				v = p.Name(v)
			case '~':
				if d, err := time.ParseDuration(v); err == nil {
					v = p.Span(d)
				} else {
					v = p.Name(v)
				}
			}
			b.WriteString(v)
		}
		return b.String()
	}
	return p.Name(english)
}

// Span writes a time: in English as Go does, "26m40s", in French "26 min 40 s".
func (p Printer) Span(d time.Duration) string {
	s := d.String()
	switch {
	case !p.french:
		return s
	case d == 0:
		return "0 s"
	}
	var parts []string
	for s != "" {
		n := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '-' })
		unit := strings.IndexFunc(s[n:], func(r rune) bool { return r >= '0' && r <= '9' })
		if unit < 0 {
			unit = len(s) - n
		}
		number, of := s[:n], s[n:n+unit]
		s = s[n+unit:]
		if of == "m" {
			of = "min"
		}
		if number != "0" {
			parts = append(parts, strings.Replace(number, ".", ",", 1)+" "+of)
		}
	}
	return strings.Join(parts, " ")
}
