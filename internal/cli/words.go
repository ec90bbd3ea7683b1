package cli

import "golang.org/x/text/language"

// words are what the commands of this package say themselves, in one language.
type words struct {
	colon string
	host  string // device, addresses, the kernel's addresses
	up    string // device, topology, the kernel's address, link, networks
	there string // a link that is there
}

var english = words{
	colon: ": ",
	host:  "%s: host %s, kernel %s\n",
	up:    "%s: %s: the kernel is %v on link %s, %d networks behind it\n",
	there: "%s is there\n",
}

var french = words{
	colon: " : ",
	host:  "%s : hôte %s, noyau %s\n",
	up:    "%s : %s : le noyau est %v sur le lien %s, réseaux derrière lui : %d\n",
	there: "%s est déjà là\n",
}

func speak(l language.Tag) *words {
	if l == language.French {
		return &french
	}
	return &english
}
