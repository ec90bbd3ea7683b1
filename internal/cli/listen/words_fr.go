package listen

var french = words{
	colon:  " : ",
	octets: " octets", id: "id ", seq: " seq ", mtu: ", MTU ", gateway: ", par ", target: ", pour ",
	answers: "répond à ", answersToo: "répond aussi à ", duplicate: "répond encore à ", unsolicited: "aucune demande n’a été vue",
	repeated: "répète ", causedBy: ", paquet ", after: " après ", altered: ", avec d’autres données",
	about: "au sujet de ", notSeen: ", mais pas ce datagramme-là", unknown: ", d’une conversation inconnue", seenBefore: "le même que ",
	wrong: "faux : ", partOf: "fait partie de : ", fragments: "fragments dans les paquets ",
	faults: [6]string{"somme de l’en-tête", "somme de contrôle", "longueur", "trop court", "coupé par la capture", "pas IP"},

	datagrams: "datagrammes", messages: "messages ICMP", took: "en ", kernel: "perdus par le noyau", missed: "perdus auparavant par l’interface",
	kinds: "Types et codes", talkers: "Interlocuteurs", troubles: "Conversations en difficulté", pairs: "Demandes sans bonne réponse",
	times: "Temps de réponse", findings: "Constats", none: "aucun",
	sent: "envoyés", received: "reçus", asked: "demandés", replied: "répondus", unanswered: "sans réponse", errors: "erreurs",
	repeats: "répétés", duplicates: "doublons", strays: "non demandés", changed: "altérés",
	others: " et d’autres", min: "min", median: "médiane", p95: "95 %", max: "max",
	notIP: "pas IP", unknownLink: "d’un type de lien inconnu", fragmented: "fragments", cut: "coupés", malformed: "malformés",
	meaning: "Ce que c’est : ", counter: "Que faire : ", packets: "paquets", omitted: "de plus, non énumérés",
	rate: " par seconde", forgotten: "conversations oubliées faute de place", first: "première erreur au paquet ",
	comma: ',', semi: " ; ", packet: "paquet", datagram: "datagramme", message: "message ICMP",
}
