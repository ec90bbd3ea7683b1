package sweep

import (
	"golang.org/x/text/language"

	lang "github.com/sonde-net/sonde/internal/cli/language"
)

// words are what is said beside the results.
type words struct {
	twice, reserved, edges, excluded     string
	engine, refused                      string
	progress, left                       string
	summary, summaryErrors, routers      string
	dropped, forged, unsent              string
	goOn, interrupted                    string
	dry, dryKind, dryRate, dryBits, over string
	first                                string
	publicMany                           string
}

var english = words{
	twice:    "%d addresses were named more than once; each is asked once",
	reserved: "%d reserved addresses left out; --all asks them, too",
	edges:    "%d addresses of networks and broadcasts left out; --all asks them, too",
	excluded: "%d addresses excluded",
	engine:   "packets leave by: %s",
	refused:  "not by %s: %v",
	progress: "%5.1f %%  %.0f/s  %d asked  %d answered  %d errors  %d dropped", left: "  %v left",
	summary:       "%d asked in %s, %.0f a second, by %s: %d answered, %d not, %d errors, %d duplicates",
	summaryErrors: "", routers: "%d addresses on the paths",
	dropped:     "%d answers were lost here, for want of room: a lower --rate helps",
	forged:      "%d forged answers were refused",
	unsent:      "%d probes could not be sent",
	goOn:        "%d of %d positions done; go on with: --checkpoint %s --resume",
	interrupted: "interrupted",
	dry:         "%d addresses would be asked, %d of them public, %d probes",
	dryKind:     "by %s",
	dryRate:     "at %d packets a second: %v",
	dryBits:     "at %d bits a second",
	over:        "as fast as it goes",
	first:       "the first: %s",
	publicMany:  "%d public addresses: to ask more than %d takes --permitted, by which you say that you may",
}

var french = words{
	twice:    "%d adresses nommées plus d'une fois ; chacune est interrogée une fois",
	reserved: "%d adresses réservées écartées ; --all les interroge aussi",
	edges:    "%d adresses de réseau et de diffusion écartées ; --all les interroge aussi",
	excluded: "%d adresses exclues",
	engine:   "les paquets partent par : %s",
	refused:  "pas par %s : %v",
	progress: "%5.1f %%  %.0f/s  %d interrogées  %d réponses  %d erreurs  %d perdues ici", left: "  encore %v",
	summary: "%d interrogées en %s, %.0f par seconde, par %s : %d ont répondu, %d non, %d erreurs, %d doublons",
	routers: "%d adresses sur les chemins",
	dropped: "%d réponses perdues ici, faute de place : un --rate plus bas y remédie",
	forged:  "%d réponses contrefaites refusées",
	unsent:  "%d sondes n'ont pas pu partir",
	goOn:    "%d positions sur %d ; pour continuer : --checkpoint %s --resume", interrupted: "interrompu",
	dry:        "%d adresses seraient interrogées, dont %d publiques, %d sondes",
	dryKind:    "par %s",
	dryRate:    "à %d paquets par seconde : %v",
	dryBits:    "à %d bits par seconde",
	over:       "aussi vite que possible",
	first:      "les premières : %s",
	publicMany: "%d adresses publiques : pour en interroger plus de %d il faut --permitted, par quoi vous dites en avoir le droit",
}

func wordsOf(l language.Tag) *words {
	if l == lang.French {
		return &french
	}
	return &english
}
