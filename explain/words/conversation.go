package words

// conversation are who said it, and about which conversation.
//
//nolint:misspell // half of it is French
var conversation = []sentence{
	{"w.unknown", "Who sent it is not known: there is no IP header around the message.", "On ne sait pas qui l'a envoyé : il n'y a pas d'en-tête IP autour du message."},
	{"w.target", "%[1]s says it to %[2]s; it is the destination itself.", "%[1]s le dit à %[2]s ; c'est le destinataire lui-même."},
	{"w.router", "%[1]s says it to %[2]s; it is not the destination (%[3]s) but a router or firewall on the way.", "%[1]s le dit à %[2]s ; ce n'est pas le destinataire (%[3]s) mais un routeur ou un pare-feu du chemin."},
	{"w.self", "%[1]s says it to itself: its own system could not send the datagram.", "%[1]s se le dit à lui-même : son propre système n'a pas pu envoyer le datagramme."},
	{"w.says", "%[1]s says it to %[2]s.", "%[1]s le dit à %[2]s."},
	{"w.asks", "%[1]s asks %[2]s.", "%[1]s interroge %[2]s."},
	{"w.answers", "%[1]s answers %[2]s.", "%[1]s répond à %[2]s."},
	{"w.tells", "%[1]s tells %[2]s.", "%[1]s l'annonce à %[2]s."},
	{"w.proxy", "As a rule only the destination itself can know that: here a firewall or an address translator speaks for it.", "En règle générale, seul le destinataire peut le savoir : ici un pare-feu ou un traducteur d'adresses parle pour lui."},
	{"w.other", "It is addressed to %[1]s, though %[2]s sent the quoted datagram: an address translator lies between, or it is forged.", "Il est adressé à %[1]s, alors que %[2]s a envoyé le datagramme cité : un traducteur d'adresses est entre les deux, ou c'est un faux."},
	{"w.ttl", "Its TTL is %[1]s: if it started with %[2]s, as is usual, %[3]s routers lie between.", "Son TTL est %[1]s : s'il est parti de %[2]s, comme d'usage, %[3]s routeurs sont entre les deux."},
	{"w.ttl.one", "Its TTL is %[1]s: if it started with %[2]s, as is usual, one router lies between.", "Son TTL est %[1]s : s'il est parti de %[2]s, comme d'usage, un routeur est entre les deux."},
	{"w.ttl.none", "Its TTL is %[1]s: it comes from the same network, or was captured at its source.", "Son TTL est %[1]s : il vient du même réseau, ou a été capturé à sa source."},
	{"w.onlink", "Its hop limit is 255, so it comes from the link itself.", "Sa limite de sauts est 255, il vient donc du lien même."},
	{"w.offlink", "Its hop limit is %[1]s, not 255: it may come from off the link, and every receiver must drop it (RFC 4861 §6.1, §7.1, §8.1).", "Sa limite de sauts est %[1]s et non 255 : il peut venir de hors du lien, et tout récepteur doit le jeter (RFC 4861 §6.1, §7.1, §8.1)."},
	{"w.mldhop", "Its hop limit is %[1]s, where multicast listener discovery must have 1.", "Sa limite de sauts est %[1]s, alors que la découverte d'auditeurs multicast doit avoir 1."},
	{"w.linklocal", "The source %[1]s is no link-local address, as this message must have.", "La source %[1]s n'est pas une adresse de lien local, comme ce message doit en avoir."},

	{"a.quote", "%[1]s from %[2]s to %[3]s.", "%[1]s de %[2]s vers %[3]s."},
	{"a.short", "Too little is quoted to tell.", "La citation est trop courte pour le dire."},
	{"a.icmp", "The quoted datagram is itself ICMP: %[1]s.", "Le datagramme cité est lui-même de l'ICMP : %[1]s."},
	{"a.icmp.error", "It is an error about an error, which nobody may send (RFC 1122 §3.2.2): a faulty system or a forgery.", "C'est une erreur au sujet d'une erreur, que personne n'a le droit d'envoyer (RFC 1122 §3.2.2) : un système fautif ou un faux."},
	{"a.icmp.id", "Identifier %[1]s, sequence number %[2]s: a ping or a trace of that number.", "Identifiant %[1]s, numéro de séquence %[2]s : un ping ou une trace de ce numéro."},
	{"a.id", "IP identification %[1]s, TTL %[2]s when it was quoted, %[3]s octets long.", "Identification IP %[1]s, TTL %[2]s au moment de la citation, longueur %[3]s octets."},
	{"a.hop", "Hop limit %[1]s when it was quoted, %[2]s octets long.", "Limite de sauts %[1]s au moment de la citation, longueur %[2]s octets."},
	{"a.tcp", "TCP sequence number %[1]s: it must lie within what the connection has in flight, or the message is forged.", "Numéro de séquence TCP %[1]s : il doit être dans ce que la connexion a en vol, sinon le message est un faux."},
	{"a.trace", "The destination port is in the range of traceroute (33434 and up): probably its probe.", "Le port de destination est dans la plage de traceroute (33434 et plus) : sans doute sa sonde."},
	{"a.service", "Port %[1]s is %[2]s.", "Le port %[1]s est celui de %[2]s."},
	{"a.fragment", "It is a fragment from octet %[1]s on: errors about later fragments are not allowed.", "C'est un fragment à partir de l'octet %[1]s : les erreurs au sujet de fragments ultérieurs sont interdites."},
	{"a.missing", "Not quoted: %[1]s.", "Absent de la citation : %[1]s."},
	{"a.none", "Nothing is quoted.", "Rien n'est cité."},
	{"a.unreadable", "The quote cannot be read: octet %[1]s: %[2]s.", "La citation est illisible : octet %[1]s : %[2]s."},
	{"a.direct", "It is part of the exchange between %[1]s and %[2]s.", "Il fait partie de l'échange entre %[1]s et %[2]s."},
	{"a.unknown", "The two sides are not known without an IP header.", "Les deux côtés sont inconnus sans en-tête IP."},

	{"miss.addrs", "addresses", "adresses"},
	{"miss.ports", "ports", "numéros de port"},
	{"miss.seq", "TCP sequence number", "numéro de séquence TCP"},
	{"miss.icmp", "type, identifier and sequence number", "type, identifiant et numéro de séquence"},
	{"miss.header", "the end of the IP header", "la fin de l'en-tête IP"},
	{"miss.payload", "%[1]s octets of the datagram's end", "%[1]s octets de la fin du datagramme"},
}
