package finding

var french = catalogue{
	comma:      ",",
	severities: [...]string{"", "note", "avertissement", "alarme"},
	words: [numKinds]Words{
		EchoFlood: {
			"inondation d’écho",
			"Plus de demandes d’écho qu’aucune mesure n’en exige : elles prennent à la cible du débit et du temps de calcul, et ses réponses en prennent autant à celui dont l’adresse figure comme source, qui peut être usurpée.",
			"Limiter les demandes d’écho à la frontière et sur la cible (nft limit rate ; ce que limite sysctl net.ipv4.icmp_ratelimit, ce sont les erreurs, non les réponses d’écho, sauf si icmp_ratemask le dit) ; demander au fournisseur de filtrer les sources impossibles (BCP 38).",
		},
		SmurfAttack: {
			"attaque smurf : demandes d’écho à une adresse de diffusion",
			"Quelqu’un demande l’écho à des réseaux entiers au nom de celui dont l’adresse figure comme source : chaque machine qui répond grossit le flot de réponses qu’il reçoit.",
			"Qu’aucune passerelle ne relaie les diffusions dirigées (RFC 2644), et que les machines ignorent l’écho en diffusion (sysctl net.ipv4.icmp_echo_ignore_broadcasts=1).",
		},
		SmurfVictim: {
			"victime d’une attaque smurf",
			"Des réponses d’écho arrivent de nombreuses machines à une seule qui ne leur a rien demandé : quelqu’un envoie les demandes en son nom.",
			"Faire rejeter par le fournisseur les réponses d’écho vers cette adresse tant que cela dure, et prévenir les propriétaires des réseaux qui répondent.",
		},
		SmurfAmplifier: {
			"amplificateur smurf : un réseau qui répond à l’écho en diffusion venu de l’extérieur",
			"Une seule demande d’écho venue de l’extérieur vers l’adresse de diffusion de ce réseau fait répondre plusieurs machines. Il peut servir à multiplier une attaque contre d’autres.",
			"Désactiver les diffusions dirigées sur la passerelle de ce réseau (RFC 2644), et l’écho en diffusion sur ses machines.",
		},
		Sweep: {
			"balayage : une plage d’adresses est explorée",
			"Une machine interroge beaucoup d’adresses, dont beaucoup ne sont à personne. C’est ainsi qu’on cherche dans un réseau ce qui peut être attaqué ; une supervision mal tenue fait de même.",
			"Chercher à qui est cette machine. Venu de l’extérieur : limiter les demandes par préfixe à la frontière. De l’intérieur : la machine est peut-être infectée.",
		},
		UnsolicitedReplies: {
			"réponses que personne n’a demandées",
			"Des réponses arrivent sans demande : quelqu’un envoie des demandes au nom de cette machine (son adresse sert à en attaquer d’autres), un programme y fait passer des données, ou la capture ne voit qu’un sens.",
			"Vérifier que la capture voit les deux sens. Si oui, un filtre à états les rejette (ct state invalid), et il faut prévenir les réseaux qui les envoient.",
		},
		Reconnaissance: {
			"reconnaissance par des demandes peu usitées",
			"Les demandes d’horodatage, de masque, d’information ou d’écho étendu renseignent sur les horloges, les préfixes et les interfaces. Posées ensemble ou à beaucoup de machines, elles servent à savoir quels systèmes il y a.",
			"N’y répondre qu’aux réseaux d’administration : rejeter d’ailleurs les types 13, 15, 17 et 42 (ICMPv6 160).",
		},
		SuspiciousRedirect: {
			"redirection suspecte",
			"Une redirection demande à une machine de passer par une autre passerelle. Celle-ci n’arrive pas comme la passerelle de la machine l’enverrait : qui en forge une attire le trafic vers lui, en contournant le pare-feu.",
			"Que les machines ignorent les redirections (sysctl net.ipv4.conf.all.accept_redirects=0, net.ipv6.conf.all.accept_redirects=0), et retrouver l’émetteur par son adresse de liaison.",
		},
		RedirectFlood: {
			"inondation de redirections",
			"Une machine reçoit sans cesse des redirections. Ou bien quelqu’un les forge, ou bien elle les ignore et la passerelle renvoie chaque datagramme sur la liaison d’où il vient.",
			"Si la passerelle est authentique, corriger la route de la machine, ou désactiver les redirections sur la passerelle (sysctl net.ipv4.conf.all.send_redirects=0).",
		},
		BlindReset: {
			"tentative de couper des connexions TCP par ICMP",
			"Protocole ou port inaccessible prétend la fin d’une connexion TCP qui va bien, ou cite ce que personne n’a envoyé. Les systèmes qui le croient ferment la connexion (RFC 5927).",
			"Les systèmes actuels y voient un trouble passager (RFC 5927 §5). Mettre à jour ceux qui ne le font pas, et rejeter à la frontière les 3/2 et 3/3 sur des connexions TCP établies.",
		},
		MTULowered: {
			"annonce suspecte d’un petit MTU",
			"Un routeur prétend qu’une liaison du trajet n’accepte que de petits datagrammes, et l’annonce ne s’accorde pas avec ce qui fut envoyé. Crue, elle ralentit la connexion, ou produit des fragments qu’on peut attaquer.",
			"Fixer un plancher (sysctl net.ipv4.route.min_pmtu=552 ou plus) et laisser TCP trouver la taille (net.ipv4.tcp_mtu_probing=1) ; ne pas rejeter les 3/4 pour autant.",
		},
		SourceQuench: {
			"extinction de la source",
			"L’extinction de la source (source quench) demande à un émetteur de ralentir. Elle est obsolète depuis 2012 (RFC 6633) : elle vient aujourd’hui d’un matériel très ancien, ou de quelqu’un qui veut freiner la connexion.",
			"Rejeter le type 4 à la frontière. Si l’émetteur est à vous, le mettre à jour.",
		},
		RoutingLoop: {
			"boucle de routage",
			"Des routeurs font tourner en rond les datagrammes pour cette destination jusqu’à épuisement de leur durée de vie. Rien n’arrive, et les liaisons entre eux portent chaque datagramme plusieurs fois.",
			"Comparer les routes vers cette destination sur les routeurs nommés : le plus souvent, une route par défaut ramène ce qu’une route statique ou agrégée devrait rejeter (route nulle).",
		},
		MTUBlackHole: {
			"trou noir de MTU",
			"De grands datagrammes qu’on ne doit pas fragmenter disparaissent, les petits passent, et aucune annonce du MTU plus petit n’arrive ou l’émetteur n’en tient pas compte. Les connexions s’ouvrent, puis restent figées.",
			"Laisser passer 3/4 (ICMPv6 2/0) par tous les pare-feu du trajet ; sinon, limiter le MSS de TCP sur la liaison étroite, ou activer net.ipv4.tcp_mtu_probing=1.",
		},
		RateLimitedHop: {
			"routeur qui limite ses erreurs",
			"Ce routeur ne répond qu’à une partie des sondes qui s’arrêtent chez lui, alors que celles vers les sauts suivants reviennent toutes : il limite ses propres messages. La perte qu’une trace y montre n’en est pas une.",
			"Rien à faire : juger le trajet au dernier saut. Sonder plus lentement si les temps de ce saut importent.",
		},
		DuplicateAddress: {
			"une adresse, deux machines",
			"Deux machines de la liaison utilisent la même adresse IP. Les datagrammes atteignent tantôt l’une, tantôt l’autre ; les connexions se rompent sans régularité.",
			"Chercher les deux adresses de liaison dans les tables des commutateurs et en changer une ; penser à une adresse fixe dans une plage DHCP.",
		},
		Tunnel: {
			"tunnel dans des messages d’écho",
			"Les données de ces messages d’écho ne sont pas celles d’un ping : elles transportent autre chose, à travers le pare-feu.",
			"Trouver le programme sur la machine interne. À la frontière, limiter le débit et la taille de l’écho, ou ne le permettre qu’avec des machines connues.",
		},
		PingOfDeath: {
			"datagramme démesuré (ping de la mort)",
			"Des fragments font ensemble plus que les 65 535 octets qu’un datagramme peut avoir. Les systèmes des années 90 s’effondraient en les assemblant ; seule une attaque en produit.",
			"Les systèmes actuels les rejettent. Chercher quels appareils anciens ou embarqués sont accessibles, et rejeter les fragments qui leur sont adressés.",
		},
		OverlappingFragments: {
			"fragments qui se chevauchent",
			"Des fragments d’un même datagramme se chevauchent et disent autre chose des mêmes octets. Cela sert à passer les filtres qui ne regardent que le premier fragment.",
			"Que le pare-feu assemble les fragments avant de regarder (nft le fait s’il suit les connexions), et rejette ceux qui se chevauchent (RFC 5722).",
		},
		Teardrop: {
			"teardrop : un fragment à l’intérieur d’un autre",
			"Un fragment se trouve tout entier dans un précédent, ce qui donnait aux anciens systèmes une longueur négative et les faisait tomber.",
			"Les systèmes actuels rejettent le datagramme. Chercher quels appareils anciens sont accessibles, et rejeter les fragments qui leur sont adressés.",
		},
	},
	facts: [numFacts]string{
		FactSources: "%s sources y participent", FactTargets: "%s cibles interrogées", FactSilent: "%s d’entre elles n’ont pas répondu",
		FactReplies: "%s machines répondent à une demande", FactBroadcast: "demandé à %s", FactUnseen: "le datagramme cité n’a jamais été vu",
		FactOffLink: "la passerelle est sur un autre réseau", FactNotFirstHop: "l’émetteur n’est pas la passerelle que la machine utilise",
		FactForwarded: "il a passé un routeur, ce qu’une redirection ne fait jamais", FactNamesItself: "l’émetteur se nomme lui-même, ou nomme la machine",
		FactNotItsOwn: "le datagramme cité n’est pas de la machine avertie", FactGateway: "nouvelle passerelle %s",
		FactAlive: "%s datagrammes sont venus de l’autre côté après coup", FactOutOfWindow: "le numéro de séquence cité n’est pas en vol",
		FactNoConversation: "%s citations ne s’accordent à aucune conversation", FactQuoted: "au sujet de %s", FactMTU: "MTU annoncé : %s",
		FactTooLow: "moins que n’importe quelle liaison actuelle", FactFits: "le datagramme cité y tiendrait", FactNoDF: "le datagramme cité peut être fragmenté",
		FactNeverLarge: "aucun datagramme de plus de %s octets n’a été envoyé", FactSameDatagram: "un même datagramme a passé %s fois la même liaison",
		FactAlternating: "les mêmes routeurs répondent à tour de rôle", FactHopsLeft: "expiré, alors qu’il lui restait %s sauts en passant ici",
		FactRouters: "%s routeurs", FactRetransmitted: "envoyé %s fois en vain", FactLength: "%s octets disparaissent",
		FactPassed: "%s octets passent", FactIgnored: "l’émetteur connaît le MTU et n’en tient pas compte", FactShare: "%s %% des sondes ont reçu réponse",
		FactHop: "saut %s", FactMACs: "adresses de liaison %s", FactDAD: "son détenteur l’a défendue", FactMark: "marque de %s",
		FactInside: "%s datagrammes IP dans les données", FactAltered: "%s réponses dont les données ne sont pas celles de la demande",
		FactChanging: "les données de %s demandes diffèrent de la précédente", FactEntropy: "%s bits d’entropie par octet",
		FactEnd: "finit à l’octet %s", FactProtocol: "protocole %s", FactClasses: "demandé : %s", FactUnknowns: "%s interfaces demandées",
	},
}
