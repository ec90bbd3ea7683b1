package topology

import (
	"reflect"
	"strings"
)

// A Key is one that a file may have, with what its tags say.
type Key struct{ Name, Min, Max, One string }

// Schema returns the keys of every part of a file, by the name of the type.
// What is inlined is a part of its own.
func Schema() map[string][]Key {
	out := map[string][]Key{}
	walk(reflect.TypeFor[Topology](), out)
	return out
}

func walk(t reflect.Type, out map[string][]Key) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || !strings.HasSuffix(t.PkgPath(), "lab/topology") || out[t.Name()] != nil || t.Name() == "Kind" {
		return
	}
	out[t.Name()] = []Key{}
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("yaml")
		if tag != "" && tag != ",inline" {
			out[t.Name()] = append(out[t.Name()], Key{tag, f.Tag.Get("min"), f.Tag.Get("max"), f.Tag.Get("one")})
		}
		if tag != "" {
			walk(f.Type, out)
		}
	}
}
