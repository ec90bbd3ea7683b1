package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
)

// loadTopology reads the topology with this name: a file, or, when there is
// neither a dot nor a slash in it, a scenario that comes with the program.
func loadTopology(name string) (*topology.Topology, error) {
	if isFile(name) {
		return topology.Load(name)
	}
	t, err := scenario.Load(name)
	if err != nil {
		return nil, fmt.Errorf("%w: sonde lab list tells all; a file is named with its path", err)
	}
	return t, nil
}

// topologyText returns the file that loadTopology reads.
func topologyText(name string) (string, error) {
	if !isFile(name) {
		return scenario.Show(name)
	}
	b, err := os.ReadFile(name)
	return string(b), err
}

func isFile(name string) bool { return strings.ContainsAny(name, `./\`) }
