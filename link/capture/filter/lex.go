package filter

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A SyntaxError says what is wrong with an expression, and where.
type SyntaxError struct {
	Expression string
	Column     int    // the first is 1, in characters
	Problem    string // "host wants an address, not \"example\""
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("filter: column %d: %s", e.Column, e.Problem)
}

// MaxLen is the longest expression that [Parse] takes, in octets.
const MaxLen = 64 << 10

// A token is a word or a sign.
type token struct {
	text string // "": the end
	at   int    // octet
	word bool
}

// signs are what is no word, the long ones first.
var signs = []string{
	"<<", ">>", "<=", ">=", "!=", "==", "&&", "||",
	"(", ")", "[", "]", "<", ">", "=", "!", "+", "-", "*", "/", "%", "&", "|", "^", ":",
}

// lex cuts an expression into tokens; the last one is empty. Between brackets a
// colon ends a word, elsewhere it is part of an address.
func lex(s string) ([]token, error) {
	var tokens []token
	depth := 0
next:
	for i := 0; i < len(s); {
		c := s[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			i++
			continue
		}
		n := 0
		for i+n < len(s) && inWord(s[i+n], depth > 0) {
			n++
		}
		if n > 0 && (c != '-' && (c != ':' || n > 1)) {
			tokens = append(tokens, token{s[i : i+n], i, true})
			i += n
			continue
		}
		for _, sign := range signs {
			if !strings.HasPrefix(s[i:], sign) {
				continue
			}
			switch sign {
			case "[":
				depth++
			case "]":
				depth--
			}
			tokens = append(tokens, token{sign, i, false})
			i += len(sign)
			continue next
		}
		r, _ := utf8.DecodeRuneInString(s[i:])
		return nil, fault(s, i, fmt.Sprintf("%q has no meaning here", r))
	}
	return append(tokens, token{at: len(s)}), nil
}

func inWord(c byte, bracket bool) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '.', c == '\\':
		return true
	case c == ':', c == '-':
		return !bracket
	}
	return false
}

// fault makes a SyntaxError about the octet at.
func fault(s string, at int, problem string) error {
	return &SyntaxError{Expression: s, Column: utf8.RuneCountInString(s[:at]) + 1, Problem: problem}
}
