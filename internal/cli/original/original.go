// Package original is for commands that have the flags of a well-known program.
package original

import "github.com/spf13/pflag"

// Value is the value of such a flag, for pflag. What is wrong with it is kept
// until the command runs, so that the words of the original are all that is
// printed.
type Value struct {
	Called string             // in the help; "": the flag has none
	Take   func(string) error // an error says what is wrong, in the original's words
	Wrong  *error             // where the first of them is kept
}

var _ pflag.Value = (*Value)(nil)

// String implements [pflag.Value]: the help shows no default.
func (v *Value) String() string { return "" }

// Type is what stands behind the flag's name in the help.
func (v *Value) Type() string {
	if v.Called == "" {
		return "bool"
	}
	return v.Called
}

// Set implements [pflag.Value].
func (v *Value) Set(s string) error {
	if err := v.Take(s); err != nil && *v.Wrong == nil {
		*v.Wrong = err
	}
	return nil
}

// Add adds the flag under its names, "" for no letter. One without help is hidden:
// it is refused, and says why.
func (v *Value) Add(fs *pflag.FlagSet, name, letter, help string) {
	f := fs.VarPF(v, name, letter, help)
	f.Hidden = help == ""
	if v.Called == "" {
		f.NoOptDefVal = "true"
	}
}
