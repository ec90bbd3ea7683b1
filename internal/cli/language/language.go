// Package language is the flag --lang: which language a command speaks.
package language

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
)

// The languages.
var (
	English = language.English
	French  = language.French
)

// codes are the languages by their codes.
var codes = []struct {
	code string
	tag  language.Tag
}{{"en", English}, {"fr", French}}

// Flag adds the flag --lang to a command, its value in asked.
func Flag(cmd *cobra.Command, asked *string) {
	cmd.Flags().StringVar(asked, "lang", "", "language: en, fr; without it that of the locale")
	all := make([]string, len(codes))
	for i, c := range codes {
		all[i] = c.code
	}
	if err := cmd.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
}

// Of returns the language that is asked for, or that of the locale when none is;
// English, when the locale's is another.
func Of(asked string) (language.Tag, error) {
	if asked != "" {
		t, ok := find(asked)
		if !ok {
			return English, fmt.Errorf("--lang: %q is no language that this speaks: it speaks en, fr", asked)
		}
		return t, nil
	}
	for _, v := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if s := os.Getenv(v); s != "" {
			// language[_territory][.codeset][@modifier]
			if i := strings.IndexAny(s, "_.@"); i >= 0 {
				s = s[:i]
			}
			t, _ := find(s)
			return t, nil
		}
	}
	return English, nil
}

func find(code string) (language.Tag, bool) {
	for _, c := range codes {
		if c.code == code {
			return c.tag, true
		}
	}
	return English, false
}
