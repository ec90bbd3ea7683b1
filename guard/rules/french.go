package rules

import (
	"strings"
	"sync"
)

// exception is what the reason of an exception begins with.
const exception = "exception: "

// french are the comments in French. Each fits into what nft(8) takes.
var french = sync.OnceValue(func() map[string]string {
	return map[string]string{
		// The heading.
		"# ICMP firewall of a %s, by sonde guard.": "# Pare-feu ICMP, rôle %s, par sonde guard.",
		"# What is not ICMP is %s.":                "# Ce qui n'est pas ICMP est %s.",
		"left to other tables":                     "laissé à d'autres tables",
		"closed, but for the services":             "fermé, sauf pour les services",

		// Of every role.
		"the machine to itself":                            "la machine à elle-même",
		"asked for from inside":                            "demandé de l'intérieur",
		"from inside":                                      "de l'intérieur",
		"multicast listeners of IPv4 (RFC 3376)":           "auditeurs multicast d'IPv4 (RFC 3376)",
		"services":                                         "services",
		"closed: nobody inside has asked for it":           "fermé : personne à l'intérieur ne l'a demandé",
		"the rest of a datagram whose beginning is judged": "la suite d'un datagramme dont le début est jugé",
		"nobody is known to need it":                       "nul n'en a besoin, que l'on sache",
		"over the limit":                                   "au-delà de la limite",

		// Errors.
		"path MTU discovery stops without it (RFC 1191 §3)":                          "sans lui, plus de découverte du MTU du chemin (RFC 1191 §3)",
		"unreachable or prohibited: who asks need not wait (RFC 1122 §3.2.2.1)":      "inaccessible ou interdit : qui demande n'attend pas (RFC 1122 §3.2.2.1)",
		"time exceeded: traceroute, loops, lost fragments (RFC 1122 §3.2.2.4)":       "temps dépassé : traceroute, boucles, fragments perdus (RFC 1122 §3.2.2.4)",
		"parameter problem: a header is wrong (RFC 1122 §3.2.2.5)":                   "en-tête erroné (RFC 1122 §3.2.2.5)",
		"path MTU discovery stops without it (RFC 4890 §4.3.1, §4.4.1)":              "sans lui, plus de découverte du MTU du chemin (RFC 4890 §4.3.1, §4.4.1)",
		"unreachable: who asks need not wait (RFC 4890 §4.3.1, §4.4.1)":              "inaccessible : qui demande n'attend pas (RFC 4890 §4.3.1, §4.4.1)",
		"time exceeded: traceroute, loops, lost fragments (RFC 4890 §4.3.1, §4.3.2)": "temps dépassé : traceroute, boucles, fragments perdus (RFC 4890 §4.3.1, §4.3.2)",
		"parameter problem: unknown headers and options (RFC 4890 §4.3.1; RFC 8883)": "problème de paramètre : en-têtes et options inconnus (RFC 4890 §4.3.1 ; RFC 8883)",

		// Echo.
		"an answer to our own ping":                               "la réponse à notre propre ping",
		"ping, from inside only":                                  "ping, de l'intérieur seulement",
		"ping: a host answers (RFC 1122 §3.2.2.6; RFC 4443 §4.2)": "ping : une machine répond (RFC 1122 §3.2.2.6 ; RFC 4443 §4.2)",
		"ping: it is answered (RFC 1122 §3.2.2.6; RFC 4443 §4.2)": "ping : on y répond (RFC 1122 §3.2.2.6 ; RFC 4443 §4.2)",
		"an answer to a ping from inside":                         "la réponse à un ping de l'intérieur",
		"ping from inside":                                        "ping de l'intérieur",
		"ping between networks inside":                            "ping entre réseaux intérieurs",
		"ping (RFC 4890 §4.3.1)":                                  "ping (RFC 4890 §4.3.1)",
		"the answer to a ping (RFC 4890 §4.3.1)":                  "la réponse à un ping (RFC 4890 §4.3.1)",
		"our own ping":                                            "notre propre ping",
		"our answer to a ping that was let in":                    "notre réponse à un ping que nous avons admis",

		// The link.
		"hosts inside look for their router (RFC 4890 §4.4.1)":           "les machines de l'intérieur cherchent leur routeur (RFC 4890 §4.4.1)",
		"the router outside; inside there is no other (RFC 4890 §4.4.1)": "le routeur extérieur ; à l'intérieur il n'y en a pas d'autre (RFC 4890 §4.4.1)",
		"router discovery on the link (RFC 4890 §4.4.1)":                 "découverte des routeurs du lien (RFC 4890 §4.4.1)",
		"neighbour discovery on the link (RFC 4890 §4.4.1)":              "découverte des voisins du lien (RFC 4890 §4.4.1)",
		"secure neighbour discovery on the link (RFC 4890 §4.4.1)":       "découverte sécurisée des voisins du lien (RFC 4890 §4.4.1)",
		"multicast listeners on the link (RFC 4890 §4.4.1)":              "auditeurs multicast du lien (RFC 4890 §4.4.1)",
		"multicast routers on the link (RFC 4890 §4.4.1)":                "routeurs multicast du lien (RFC 4890 §4.4.1)",
		"mobile hosts and their home agents (RFC 4890 §4.3.2)":           "machines mobiles et leurs agents mères (RFC 4890 §4.3.2)",
		"we look for our router outside (RFC 4890 §4.4.1)":               "nous cherchons notre routeur à l'extérieur (RFC 4890 §4.4.1)",
		"we are the router inside (RFC 4890 §4.4.1)":                     "à l'intérieur, le routeur, c'est nous (RFC 4890 §4.4.1)",
		"we look for our router (RFC 4890 §4.4.1)":                       "nous cherchons notre routeur (RFC 4890 §4.4.1)",
		"a host advertises no router (RFC 4861 §6.1.2)":                  "une machine n'annonce pas de routeur (RFC 4861 §6.1.2)",

		// What is dropped for a reason of its own.
		"source quench slows senders down and is out of use (RFC 6633)":                         "l'extinction de la source ralentit, et est hors d'usage (RFC 6633)",
		"redirects lead traffic astray; routes belong in the routing table (RFC 1812 §5.2.7.2)": "les redirections détournent le trafic ; les routes sont affaire de table (RFC 1812 §5.2.7.2)",
		"router discovery without proof of who speaks (RFC 1256 §7)":                            "découverte de routeurs sans preuve de qui parle (RFC 1256 §7)",
		"tells the clock, and nobody needs it (RFC 792)":                                        "dit l'heure, et nul n'en a besoin (RFC 792)",
		"information and address mask are out of use (RFC 6918)":                                "information et masque d'adresse sont hors d'usage (RFC 6918)",
		"PROBE tells of interfaces; off unless wanted (RFC 8335 §8)":                            "PROBE renseigne sur les interfaces ; fermé sauf besoin (RFC 8335 §8)",
		"redirects lead traffic astray; an exception can allow them (RFC 4890 §4.4.4)":          "les redirections détournent le trafic ; une exception les permet (RFC 4890 §4.4.4)",
		"router renumbering is no message for strangers (RFC 4890 §4.3.5, §4.4.3)":              "la renumérotation n'est pas affaire d'inconnus (RFC 4890 §4.3.5, §4.4.3)",
		"node information tells names and addresses (RFC 4890 §4.3.5)":                          "l'information de nœud dit noms et adresses (RFC 4890 §4.3.5)",
		"experiments, and room for expansion (RFC 4890 §4.3.5, §4.4.5)":                         "expériences, et place pour l'avenir (RFC 4890 §4.3.5, §4.4.5)",

		"of the link, and not from it by its hop limit, side or code (RFC 4890 §4.3.3; RFC 4861 §6.1)": "message du lien, sans en venir, vu ses sauts, son côté ou son code (RFC 4890 §4.3.3 ; RFC 4861 §6.1)",
		"of the link, and not from it by its hop limit, side or code (RFC 4890 §4.3.3; RFC 2710 §3)":   "message du lien, sans en venir, vu ses sauts, son côté ou son code (RFC 4890 §4.3.3 ; RFC 2710 §3)",
		"messages of the link do not cross it (RFC 4890 §4.3.3; RFC 4861 §6.1)":                        "les messages du lien n'en sortent pas (RFC 4890 §4.3.3 ; RFC 4861 §6.1)",
		"messages of the link do not cross it (RFC 4890 §4.3.3; RFC 2710 §3)":                          "les messages du lien n'en sortent pas (RFC 4890 §4.3.3 ; RFC 2710 §3)",
	}
})

// say returns a comment in the language that is asked for. What the policy says is
// in the policy's own.
func (o TextOptions) say(english string) string {
	if !o.French {
		return english
	}
	if why, ok := strings.CutPrefix(english, exception); ok {
		return "exception : " + why
	}
	if s, ok := french()[english]; ok {
		return s
	}
	return english
}
