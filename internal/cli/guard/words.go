package guard

import (
	"sync"

	"golang.org/x/text/language"

	flag "github.com/sonde-net/sonde/internal/cli/language"
)

// say returns a text in a language.
func say(tag language.Tag, key string) string {
	if tag == flag.French {
		return words()[key].fr
	}
	return words()[key].en
}

var words = sync.OnceValue(func() map[string]struct{ en, fr string } {
	return map[string]struct{ en, fr string }{
		"applied":     {"The rules are loaded. Keep them? Type yes within %v, or they are taken back: ", "Les règles sont chargées. Les garder ? Tapez oui sous %v, sinon elles seront retirées : "},
		"kept":        {"The rules are kept.", "Les règles sont gardées."},
		"rolled back": {"Not confirmed: what was there before is there again.", "Sans confirmation : ce qu'il y avait avant est rétabli."},
		"sure":        {"Apply them all the same? ", "Les appliquer quand même ? "},
		"no terminal": {"there is no terminal to ask; --yes applies them all the same", "il n'y a pas de terminal où demander ; --yes les applique quand même"},

		"breaks":   {"Breaks", "Casse"},
		"open":     {"Leaves open", "Laisse ouvert"},
		"settings": {"Kernel settings", "Réglages du noyau"},
		"high":     {"high", "grave"},
		"medium":   {"medium", "moyen"},
		"low":      {"low", "faible"},
		"in":       {"in", "entrant"},
		"through":  {"through", "traversant"},
		"out":      {"out", "sortant"},
		"perhaps":  {"perhaps, depending on: %s", "peut-être, selon : %s"},
		"skipped":  {"not looked at: %s", "non examiné : %s"},
		"nothing":  {"Nothing to object.", "Rien à redire."},
		"is":       {"is %s, should be %s", "vaut %s, devrait valoir %s"},
		"no rule":  {"no rule is about it", "aucune règle n'en parle"},
		"policy":   {"the policy of %s", "la politique de %s"},
		"checked":  {"%s: %s, %d rules; the kernel takes them", "%s : %s, %d règles ; le noyau les accepte"},

		"way.in":      {"in", "entrant"},
		"way.through": {"through", "traversant"},
		"way.out":     {"out", "sortant"},
		"from":        {" from %s", ", de %s"},
		"to":          {" to %s", ", vers %s"},
		"outside":     {"outside", "l'extérieur"},
		"inside":      {"inside", "l'intérieur"},
		"hops":        {", %v, hop limit %d", ", %v, limite de sauts %d"},
		"belongs":     {", of a conversation", ", d'une conversation"},
		"source":      {", from %v", ", depuis %v"},
		"leaked":      {"%v passed, and should not have", "%v est passé, et n'aurait pas dû"},
		"lost":        {"%v did not pass, and should have", "%v n'est pas passé, et aurait dû"},

		"passed":    {"%s: %d sent, %d passed", "%s : %d envoyés, %d passés"},
		"promised":  {"as promised", "comme promis"},
		"broken":    {"%d not as promised", "%d contraires à la promesse"},
		"tooMany":   {"and %d more", "et %d de plus"},
		"limit":     {"%s, %v, limit %v: %d sent at once, %d passed, %d to %d allowed", "%s, %v, limite %v : %d envoyés d'un coup, %d passés, %d à %d permis"},
		"allKept":   {"Every promise is kept.", "Toutes les promesses sont tenues."},
		"notKept":   {"Promises are broken.", "Des promesses ne sont pas tenues."},
		"noPromise": {"Nothing was promised; this is what passes.", "Rien n'était promis ; voici ce qui passe."},
	}
})
