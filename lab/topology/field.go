package topology

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// field is a key of the file: what its struct tags say.
type field struct {
	name     string // the key
	index    []int  // of the struct field
	min, max string // in the words of the file; "": that of the type
	one      string // the words that are allowed, with commas
	form     string // what a prefix stands for: host, default
	key      string // of a list written as a mapping: the field that its keys go to
}

// fields returns the keys of a struct, those of inlined structs among them.
func fields(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get("yaml")
		switch {
		case tag == ",inline":
			for _, f := range fields(sf.Type) {
				f.index = append([]int{i}, f.index...)
				out = append(out, f)
			}
		case tag != "":
			out = append(out, field{
				name: tag, index: []int{i}, min: sf.Tag.Get("min"), max: sf.Tag.Get("max"),
				one: sf.Tag.Get("one"), form: sf.Tag.Get("form"), key: sf.Tag.Get("key"),
			})
		}
	}
	return out
}

func (f *field) is(form string) bool { return f != nil && f.form == form }

func (f *field) allows(word string) bool { return slices.Contains(strings.Split(f.one, ","), word) }

// bounds says what the limits are.
func (f *field) bounds() string {
	switch {
	case f.min != "" && f.max != "":
		return ", from " + f.min + " to " + f.max
	case f.min != "":
		return ", " + f.min + " at least"
	case f.max != "":
		return ", " + f.max + " at most"
	}
	return ""
}

func (f *field) int(s string, def int64) int64 {
	if x, err := strconv.ParseInt(s, 10, 64); err == nil {
		return x
	}
	return def
}

func (f *field) uint(s string, def uint64) uint64 {
	if x := f.int(s, -1); x >= 0 {
		return uint64(x)
	}
	return def
}

func (f *field) float(s string, def float64) float64 {
	if x, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(x) {
		return x
	}
	return def
}

func (f *field) duration(s string, def time.Duration) time.Duration {
	if x, err := time.ParseDuration(s); err == nil {
		return x
	}
	return def
}
