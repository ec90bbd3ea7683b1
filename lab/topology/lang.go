package topology

import "slices"

// In returns the topology in a language, by its code: a copy whose title, texts
// and steps say in that language what the file has in it, and the rest as the
// file has it. There is "fr"; in any other language it is t.
//
// The copy shares with t all that is not said.
func (t *Topology) In(lang string) *Topology {
	if lang != "fr" {
		return t
	}
	out := *t
	out.Steps = slices.Clone(t.Steps)
	say(&out.Title, t.TitleFR)
	say(&out.Teaches, t.TeachesFR)
	say(&out.Try, t.TryFR)
	for i := range out.Steps {
		say(&out.Steps[i].Say, out.Steps[i].SayFR)
	}
	return &out
}

// say puts a translation, where there is one, in the place of a text.
func say(text *string, translation string) {
	if translation != "" {
		*text = translation
	}
}

// french refuses a translation of nothing.
func (c *checker) french(key string, text, translation *string) {
	if *text == "" && *translation != "" {
		c.wrong(translation, nil, "%s_fr: expected beside %s, which it says in French", key, key)
	}
}
