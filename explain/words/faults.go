package words

// faults are what is wrong with the octets, and why something is no message.
var faults = []sentence{
	{"r.1", "cut short by the capture or the quote", "coupé par la capture ou la citation"},
	{"r.2", "shorter than its type requires", "plus court que son type ne l'exige"},
	{"r.3", "checksum does not hold", "somme de contrôle fausse"},
	{"r.4", "unknown version", "version inconnue"},
	{"r.5", "length field contradicts the octets", "un champ de longueur contredit les octets"},
	{"r.6", "another type than the one asked for", "autre type que celui attendu"},
	{"r.7", "value not allowed here", "valeur interdite ici"},
	{"e.cut", "%[1]s octets are missing: the capture ends before the datagram does", "il manque %[1]s octets : la capture s'arrête avant le datagramme"},
	{"e.hsum", "the checksum of the IPv4 header is wrong", "la somme de contrôle de l'en-tête IPv4 est fausse"},
	{"e.first", "this is the first fragment of a larger datagram: the checksum cannot be verified", "c'est le premier fragment d'un datagramme plus grand : la somme de contrôle est invérifiable"},
	{"e.unused", "octets that must be zero are not", "des octets qui doivent être nuls ne le sont pas"},
	{"e.code", "the code is not registered for this type", "le code n'est pas enregistré pour ce type"},
	{"e.attr", "the length of the quote is %[1]s octets, more than the %[2]s that there are", "la longueur de la citation est de %[1]s octets, plus que les %[2]s présents"},
	{"e.ext", "the extension structure: %[1]s", "la structure d'extension : %[1]s"},
	{"e.option", "an option: %[1]s", "une option : %[1]s"},
	{"e.smallquote", "the quote has %[1]s octets behind the IP header, where at least 8 are required (RFC 792)", "la citation a %[1]s octets après l'en-tête IP, il en faut au moins 8 (RFC 792)"},

	{"n.empty", "there are no octets", "il n'y a aucun octet"},
	{"n.ethertype", "the frame carries EtherType %[1]s, not IPv4 or IPv6", "la trame porte l'EtherType %[1]s, ni IPv4 ni IPv6"},
	{"n.frame", "the frame ends inside its header", "la trame s'arrête dans son en-tête"},
	{"n.ip", "no IP header: %[1]s", "pas d'en-tête IP : %[1]s"},
	{"n.proto", "the packet carries %[1]s, not ICMP", "le paquet porte %[1]s, pas de l'ICMP"},
	{"n.later", "this is a later fragment (octet %[1]s on): the ICMP header stands in the first one", "c'est un fragment ultérieur (à partir de l'octet %[1]s) : l'en-tête ICMP est dans le premier"},
	{"n.short", "an ICMP message has at least %[1]s octets, there are %[2]s", "un message ICMP a au moins %[1]s octets, il y en a %[2]s"},
}
