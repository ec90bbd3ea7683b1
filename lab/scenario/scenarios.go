package scenario

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/sonde-net/sonde/lab/topology"
)

//go:embed *.yaml
var files embed.FS

// ErrUnknown is what [Load] and [Show] say of a name that is no scenario's.
var ErrUnknown = errors.New("no such scenario")

// suffix is how the name of a topology file ends.
const suffix = ".yaml"

// List returns the scenarios that come with the package, by name.
func List() []*topology.Topology {
	names, err := fs.Glob(files, "*"+suffix)
	if err != nil {
		panic(err) // the pattern is a constant
	}
	out := make([]*topology.Topology, 0, len(names))
	for _, n := range names {
		t, err := Load(strings.TrimSuffix(n, suffix))
		if err != nil {
			panic(err) // a test reads them all
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *topology.Topology) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Load returns the scenario of that name. The error is [ErrUnknown].
func Load(name string) (*topology.Topology, error) {
	text, err := Show(name)
	if err != nil {
		return nil, err
	}
	return topology.Parse(name+suffix, []byte(text))
}

// Show returns the file of the scenario of that name. The error is
// [ErrUnknown].
func Show(name string) (string, error) {
	b, err := files.ReadFile(name + suffix)
	if err != nil {
		return "", fmt.Errorf("%q: %w", name, ErrUnknown)
	}
	return string(b), nil
}
