package cli

import "github.com/sonde-net/sonde/lab/topology"

// loadTopology reads the topology with this name: a file.
func loadTopology(name string) (*topology.Topology, error) { return topology.Load(name) }
