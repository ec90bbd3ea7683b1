//nolint:misspell // half of it is French
package audit

import (
	"sync"

	"golang.org/x/text/language"
)

// phrase is a text in all languages.
type phrase struct{ en, fr string }

// say returns a text in a language; English where the language is another than
// French.
func say(tag language.Tag, key string) string {
	p := words()[key]
	if tag == language.French {
		return p.fr
	}
	return p.en
}

// words are all texts of findings, by "id.title" and "id.text", and of risks.
var words = sync.OnceValue(func() map[string]phrase {
	return map[string]phrase{
		"pmtud.title": {"path MTU discovery", "découverte du MTU du chemin"},
		"pmtud.text": {
			"connections hang as soon as they send much: nobody hears that the packets are too big",
			"les connexions se figent dès qu'elles envoient beaucoup : personne n'apprend que les paquets sont trop gros",
		},
		"neighbours.title": {"IPv6 neighbour discovery", "découverte des voisins IPv6"},
		"neighbours.text": {
			"IPv6 does not work: nobody finds the link address of anyone",
			"IPv6 ne fonctionne pas : personne ne trouve l'adresse de lien de personne",
		},
		"dad.title": {"duplicate address detection", "détection des adresses en double"},
		"dad.text": {
			"who takes an address that this machine has never hears of it: he asks from the unspecified address (RFC 4862 §5.4)",
			"qui prend une adresse de cette machine ne l'apprend pas : il demande depuis l'adresse non spécifiée (RFC 4862 §5.4)",
		},
		"routers.title": {"IPv6 router discovery", "découverte des routeurs IPv6"},
		"routers.text": {
			"hosts find neither their router nor their prefix",
			"les hôtes ne trouvent ni leur routeur ni leur préfixe",
		},
		"listeners.title": {"multicast listener discovery", "découverte des auditeurs multicast"},
		"listeners.text": {
			"switches that listen in stop forwarding multicast, and with it neighbour discovery, after some minutes",
			"les commutateurs qui écoutent cessent de relayer le multicast, et avec lui la découverte des voisins, après quelques minutes",
		},
		"unreachable.title": {"destination unreachable", "destination inaccessible"},
		"unreachable.text": {
			"programs wait for a timeout instead of hearing at once that it is no use",
			"les programmes attendent un délai d'expiration au lieu d'apprendre aussitôt que c'est inutile",
		},
		"traceroute.title": {"traceroute", "traceroute"},
		"traceroute.text": {
			"traceroute sees only stars, and loops go unnoticed",
			"traceroute ne voit que des étoiles, et les boucles passent inaperçues",
		},
		"parameter.title": {"parameter problem", "problème de paramètre"},
		"parameter.text": {
			"who sends a header or an option that is not understood never hears of it",
			"qui envoie un en-tête ou une option incomprise ne l'apprend jamais",
		},
		"fragments.title": {"reassembly time exceeded", "réassemblage expiré"},
		"fragments.text": {
			"that fragments are lost stays unknown",
			"la perte de fragments reste inconnue",
		},
		"ping-out.title": {"ping to others", "ping vers les autres"},
		"ping-out.text": {
			"nobody on this machine can test whether others are there",
			"personne sur cette machine ne peut vérifier que les autres sont là",
		},
		"ping-in.title": {"ping from others", "ping depuis les autres"},
		"ping-in.text": {
			"others cannot test whether this machine is there; it is harder to find faults, and no secret",
			"les autres ne peuvent vérifier que cette machine est là ; les pannes sont plus dures à trouver, et ce n'est pas un secret",
		},
		"redirect.title": {"redirects", "redirections"},
		"redirect.text": {
			"whoever is believed to be the router can lead traffic through himself",
			"qui passe pour le routeur peut faire passer le trafic par lui",
		},
		"link.title": {"messages of the link, forwarded", "messages de lien relayés"},
		"link.text": {
			"neighbour and router discovery are of one link; across a gateway they are a forgery",
			"la découverte des voisins et des routeurs est propre à un lien ; à travers une passerelle, c'est une contrefaçon",
		},
		"router.title": {"IPv4 router advertisements", "annonces de routeur IPv4"},
		"router.text": {
			"anyone can offer himself as the default router of hosts that listen",
			"n'importe qui peut s'offrir comme routeur par défaut aux hôtes qui écoutent",
		},
		"router-far.title": {"IPv6 router advertisements from afar", "annonces de routeur IPv6 venues de loin"},
		"router-far.text": {
			"with a hop limit below 255 they are not from the link; the kernel refuses them, rules could already",
			"avec une limite de sauts sous 255, elles ne viennent pas du lien ; le noyau les refuse, les règles le pourraient déjà",
		},
		"renumbering.title": {"router renumbering", "renumérotation de routeurs"},
		"renumbering.text": {
			"it changes the addresses of routers and is no message for strangers",
			"elle change les adresses des routeurs et n'est pas un message pour des inconnus",
		},
		"quench.title": {"source quench", "extinction de la source"},
		"quench.text": {
			"out of use since RFC 6633; whoever sends it wants to slow somebody down",
			"hors d'usage depuis la RFC 6633 ; qui l'envoie veut ralentir quelqu'un",
		},
		"timestamp.title": {"timestamp requests", "demandes d'horodatage"},
		"timestamp.text": {
			"they tell the clock to anyone, and show that the machine is there where ping is filtered",
			"elles donnent l'heure de l'horloge à quiconque, et montrent la machine là où ping est filtré",
		},
		"deprecated.title": {"information and address mask requests", "demandes d'information et de masque"},
		"deprecated.text": {
			"out of use since RFC 6918; only scanners send them",
			"hors d'usage depuis la RFC 6918 ; seuls les scanners les envoient",
		},
		"probe.title": {"PROBE", "PROBE"},
		"probe.text": {
			"extended echo tells of interfaces, their names and their state (RFC 8335)",
			"l'écho étendu révèle les interfaces, leurs noms et leur état (RFC 8335)",
		},
		"node-information.title": {"node information queries", "requêtes d'information de nœud"},
		"node-information.text": {
			"they ask for names and all addresses of the machine (RFC 4890 §4.3.5)",
			"elles demandent les noms et toutes les adresses de la machine (RFC 4890 §4.3.5)",
		},
		"blind.title": {"errors about no conversation", "erreurs sans conversation"},
		"blind.text": {
			"a stranger can try to reset conversations blindly; only what quotes one need pass",
			"un inconnu peut tenter de couper des conversations à l'aveugle ; seul ce qui en cite une doit passer",
		},
		"unasked.title": {"replies that nobody asked for", "réponses que personne n'a demandées"},
		"unasked.text": {
			"tunnels and floods hide in echo replies",
			"tunnels et inondations se cachent dans les réponses d'écho",
		},
		"unknown.title": {"types that nobody has assigned", "types que personne n'a attribués"},
		"unknown.text": {
			"nothing needs them; tunnels use them",
			"rien n'en a besoin ; des tunnels s'en servent",
		},
		"flood.title": {"echo requests without a limit", "demandes d'écho sans limite"},
		"flood.text": {
			"each is answered, however many come; a rule with a limit is cheap",
			"chacune reçoit sa réponse, quel qu'en soit le nombre ; une règle avec limite coûte peu",
		},
		"risk.lockout": {
			"these rules would cut off the session that you work through",
			"ces règles couperaient la session par laquelle vous travaillez",
		},
		"risk.pmtud": {
			"with these rules path MTU discovery does not work",
			"avec ces règles, la découverte du MTU du chemin ne fonctionne pas",
		},
	}
})
