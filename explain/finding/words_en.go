package finding

var english = catalogue{
	comma:      ".",
	severities: [...]string{"", "notice", "warning", "alarm"},
	words: [numKinds]Words{
		EchoFlood: {
			"echo flood",
			"More echo requests than any measurement needs: they take bandwidth and processor time from the target, and its replies take as much again from whoever stands in the source address, which may be forged.",
			"Limit echo requests at the border and on the target (nft limit rate; what sysctl net.ipv4.icmp_ratelimit limits is errors, not echo replies, unless icmp_ratemask says so); ask the provider to filter sources that can't come from there (BCP 38).",
		},
		SmurfAttack: {
			"smurf attack: echo requests to a broadcast address",
			"Somebody asks whole networks for echo, in the name of the one who stands in the source address: every host that answers adds to a flood of replies to it.",
			"Let no gateway forward directed broadcasts (RFC 2644), and let hosts ignore echo to broadcast addresses (sysctl net.ipv4.icmp_echo_ignore_broadcasts=1).",
		},
		SmurfVictim: {
			"victim of a smurf attack",
			"Echo replies come from many hosts to one that has not asked them: somebody sends the requests in its name.",
			"Have the provider drop echo replies to this address as long as it lasts, and tell the owners of the networks that answer.",
		},
		SmurfAmplifier: {
			"smurf amplifier: a network that answers broadcast echo from outside",
			"A single echo request from outside to the broadcast address of this network makes several hosts answer. It can be used to multiply an attack on others.",
			"Switch off directed broadcasts on the gateway of this network (RFC 2644), and echo to broadcast on its hosts.",
		},
		Sweep: {
			"sweep: a range of addresses is being searched",
			"One host asks many addresses, many of which nobody has. So are networks searched for what can be attacked; a badly kept monitoring does the same.",
			"Find out whose host it is. From outside: limit requests to each prefix at the border. From inside: the host may be infected.",
		},
		UnsolicitedReplies: {
			"replies that nobody asked for",
			"Replies arrive without a request: somebody sends requests in the name of this host (its address is used for an attack on others), a program passes data in them, or the capture sees one direction only.",
			"Check whether the capture sees both directions. If it does, a stateful filter drops these (ct state invalid), and the senders' networks should be told.",
		},
		Reconnaissance: {
			"reconnaissance by rarely used requests",
			"Timestamp, address mask, information or extended echo requests tell about clocks, prefixes and interfaces. Asked together or of many hosts, they serve to find out what systems there are.",
			"Answer them to management networks only: drop types 13, 15, 17 and 42 (ICMPv6 160) from elsewhere.",
		},
		SuspiciousRedirect: {
			"suspicious redirect",
			"A redirect asks a host to send by another gateway. This one does not come as the host's own gateway would send it: whoever forges one draws traffic to himself, past the firewall.",
			"Let hosts ignore redirects (sysctl net.ipv4.conf.all.accept_redirects=0, net.ipv6.conf.all.accept_redirects=0), and find the sender by its link address.",
		},
		RedirectFlood: {
			"flood of redirects",
			"One host is sent redirects all the time. Either somebody forges them, or the host ignores them and the gateway goes on sending every datagram back over the link it came from.",
			"If the gateway is genuine, correct the host's route, or switch off redirects on the gateway (sysctl net.ipv4.conf.all.send_redirects=0).",
		},
		BlindReset: {
			"attempt to cut TCP connections by ICMP",
			"Protocol or port unreachable claims the end of a TCP connection that is fine, or quotes something that nobody has sent. Systems that believe it close the connection (RFC 5927).",
			"Systems of today take these for passing trouble (RFC 5927 §5). Update what does not, and drop 3/2 and 3/3 about established TCP connections at the border.",
		},
		MTULowered: {
			"suspicious report of a small MTU",
			"A router claims that a link on the way takes only small datagrams, and the report does not fit what was sent. Believed, it makes the connection slow, or fragments that can be attacked.",
			"Set a floor (sysctl net.ipv4.route.min_pmtu=552 or more) and let TCP find the size by itself (net.ipv4.tcp_mtu_probing=1); don't drop 3/4 as such.",
		},
		SourceQuench: {
			"source quench",
			"Source quench asks a sender to slow down. It has been obsolete since 2012 (RFC 6633): today it comes from very old equipment or from somebody who wants to throttle the connection.",
			"Drop type 4 at the border. If the sender is your own equipment, update it.",
		},
		RoutingLoop: {
			"routing loop",
			"Routers send datagrams for this destination round in circles until their time to live is used up. Nothing arrives, and the links between them carry each datagram many times.",
			"Compare the routes to this destination on the routers named: usually a default route points back where a static or aggregate route should discard (null route).",
		},
		MTUBlackHole: {
			"MTU black hole",
			"Large datagrams that may not be fragmented vanish, small ones pass, and no report of the smaller MTU arrives or the sender does not heed it. Connections open and then hang.",
			"Let 3/4 (ICMPv6 2/0) pass through every firewall on the way; else clamp the MSS of TCP on the narrow link, or switch on net.ipv4.tcp_mtu_probing=1.",
		},
		RateLimitedHop: {
			"router that limits its errors",
			"This router answers only some of the probes that end at it, while those to the hops behind it all come back: it limits its own messages. The loss that a trace shows there is none.",
			"Nothing to do: judge the path by the last hop. Probe more slowly if the hop's own times matter.",
		},
		DuplicateAddress: {
			"one address, two hosts",
			"Two machines on the link use the same IP address. Datagrams reach now one, now the other; connections break without a pattern.",
			"Find both link addresses in the switches' tables and change one; look for a static address inside a DHCP range.",
		},
		Tunnel: {
			"tunnel in echo messages",
			"The data of these echo messages is not that of a ping: it carries something else, past the firewall.",
			"Find the program on the inner host. At the border, limit the rate and size of echo, or let echo go to and from known hosts only.",
		},
		PingOfDeath: {
			"oversized datagram (ping of death)",
			"Fragments add up to more than the 65,535 octets that a datagram can have. Systems of the nineties crashed when they put them together; nothing but an attack makes them.",
			"Systems of today discard them. Find out which old or embedded devices can be reached, and drop fragments to these.",
		},
		OverlappingFragments: {
			"overlapping fragments",
			"Fragments of one datagram overlap and say different things about the same octets. It serves to get past filters that look at the first fragment only.",
			"Let the firewall put fragments together before it looks (nft does where it tracks connections), and drop overlapping ones (RFC 5722).",
		},
		Teardrop: {
			"teardrop: a fragment inside of another",
			"A fragment lies wholly inside of one before it, which gave old systems a negative length and crashed them.",
			"Systems of today discard the datagram. Find out which old devices can be reached, and drop fragments to these.",
		},
	},
	facts: [numFacts]string{
		FactSources: "%s sources take part", FactTargets: "%s targets were asked", FactSilent: "%s of them did not answer",
		FactReplies: "%s hosts answer one request", FactBroadcast: "asked at %s", FactUnseen: "the quoted datagram was never seen",
		FactOffLink: "the gateway is on another network", FactNotFirstHop: "the sender is not the gateway that the host uses",
		FactForwarded: "it has passed a router, which a redirect never does", FactNamesItself: "the sender names itself, or the host",
		FactNotItsOwn: "the quoted datagram is not from the host that is told", FactGateway: "new gateway %s",
		FactAlive: "%s datagrams came from the other side afterwards", FactOutOfWindow: "the quoted sequence number is not in flight",
		FactNoConversation: "%s quotes fit no conversation", FactQuoted: "about %s", FactMTU: "MTU %s claimed",
		FactTooLow: "less than any link of today has", FactFits: "the quoted datagram would fit", FactNoDF: "the quoted datagram may be fragmented",
		FactNeverLarge: "no datagram of more than %s octets was sent", FactSameDatagram: "one datagram passed the same link %s times",
		FactAlternating: "the same routers report in turn", FactHopsLeft: "expired with %s hops to go when it passed here",
		FactRouters: "%s routers", FactRetransmitted: "sent %s times in vain", FactLength: "%s octets vanish",
		FactPassed: "%s octets pass", FactIgnored: "the sender was told the MTU and goes on", FactShare: "%s %% of the probes answered",
		FactHop: "hop %s", FactMACs: "link addresses %s", FactDAD: "its owner defended it", FactMark: "mark of %s",
		FactInside: "%s IP datagrams in the data", FactAltered: "%s replies with other data than the request",
		FactChanging: "data of %s requests differs from the one before", FactEntropy: "%s bits of entropy an octet",
		FactEnd: "ends at octet %s", FactProtocol: "protocol %s", FactClasses: "asked for: %s", FactUnknowns: "%s interfaces asked about",
	},
}
