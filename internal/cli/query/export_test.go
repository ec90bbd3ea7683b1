package query

import (
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/query"
)

// Means returns what an extended echo reply is said to say.
func Means(l language.Tag, local bool, a probe.Answer) string {
	v := view{lang: l, say: speak(l), c: &query.Config{Local: local}}
	return v.extended(&a)
}
