package mtu

import (
	"bytes"
	"context"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/probe/mtu"
)

// Say returns what is printed at the end.
func Say(l language.Tag, r mtu.Result) string {
	var b bytes.Buffer
	t := &text{w: &b, words: wordsIn(l), lang: l}
	t.end(context.Background(), &r)
	return b.String()
}
