package names

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is the longest text that is taken from elsewhere, in octets: as long
// as a domain name may be.
const maxText = 255

// cleanText makes what somebody else wrote harmless to a terminal: one line,
// and in place of everything that is not printed (escape sequences, marks of
// text direction, octets that are no UTF-8) a question mark.
func cleanText(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
		for !utf8.ValidString(s) && len(s) > maxText-utf8.UTFMax {
			s = s[:len(s)-1]
		}
	}
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// cleanName is cleanText for a domain name: no dot behind it, and no space.
func cleanName(s string) string {
	s = strings.TrimSuffix(s, ".")
	return strings.ReplaceAll(cleanText(s), " ", "?")
}

// cleanCountry returns a code of two letters, and nothing for anything else.
func cleanCountry(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return ""
	}
	return s
}
