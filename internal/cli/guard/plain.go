package guard

import (
	"strings"
	"unicode"
)

// plain is a text of somebody's rules as a terminal may have it: what would
// control the terminal, or turn the text round, is replaced.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
