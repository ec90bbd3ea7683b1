// Package place is the flags that say where a command measures from: --lab,
// --from, --seed, --virtual; without them from this machine. It also says which
// address of a host is measured, and opens what tells owners.
package place

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/vantage"
)

// Place is the flags.
type Place struct {
	Lab     string
	From    string
	Seed    uint64
	Virtual bool

	cmd    *cobra.Command
	system []string
}

// Flags adds the flags to a command. System names those of its flags that are about
// this machine, and do not go with --lab.
func (p *Place) Flags(cmd *cobra.Command, system ...string) {
	p.cmd, p.system = cmd, system
	f := cmd.Flags()
	f.StringVar(&p.Lab, "lab", "", "measure in a simulated network: a scenario's name or a topology file")
	f.StringVar(&p.From, "from", "", "with --lab: the host to measure from")
	f.Uint64Var(&p.Seed, "seed", 0, "with --lab: of everything random; 0: that of the file")
	f.BoolVar(&p.Virtual, "virtual", false, "with --lab: time jumps instead of passing")
	for name, by := range map[string]cobra.CompletionFunc{"lab": Topologies, "from": p.hosts} {
		if err := cmd.RegisterFlagCompletionFunc(name, by); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// Open opens the place: system opens this machine, for commands without --lab.
func (p *Place) Open(like vantage.Kind, system func() (vantage.Point, error)) (vantage.Point, error) {
	if p.Lab == "" {
		switch {
		case p.From != "":
			return nil, errors.New("--from goes with --lab")
		case p.Seed != 0:
			return nil, errors.New("--seed goes with --lab")
		case p.Virtual:
			return nil, errors.New("--virtual goes with --lab")
		}
		return system()
	}
	for _, name := range p.system {
		if p.cmd.Flags().Changed(name) {
			return nil, fmt.Errorf("--%s does not go with --lab", name)
		}
	}
	t, err := Load(p.Lab)
	if err != nil {
		return nil, err
	}
	return vantage.OpenLab(t, vantage.LabOptions{From: p.From, Like: like, Seed: p.Seed, Virtual: p.Virtual})
}

// Load reads the topology with this name: a file, or, when there is neither a
// dot nor a slash in it, a scenario that comes with the program.
func Load(name string) (*topology.Topology, error) {
	if isFile(name) {
		return topology.Load(name)
	}
	t, err := scenario.Load(name)
	if err != nil {
		return nil, fmt.Errorf("%w: sonde lab list tells all; a file is named with its path", err)
	}
	return t, nil
}

// Text returns the file that [Load] reads.
func Text(name string) (string, error) {
	if !isFile(name) {
		return scenario.Show(name)
	}
	b, err := os.ReadFile(name)
	return string(b), err
}

func isFile(name string) bool { return strings.ContainsAny(name, `./\`) }

// Topologies completes what [Load] reads: the name of a scenario, with its
// title in the language of the locale, or the path of a file.
func Topologies(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var out []cobra.Completion
	lang, _ := language.Of("") // only the flag can be wrong
	for _, t := range scenario.List() {
		if strings.HasPrefix(t.Name, begun) {
			out = append(out, cobra.CompletionWithDesc(t.Name, t.In(lang.String()).Title))
		}
	}
	return out, cobra.ShellCompDirectiveDefault
}

// hosts completes the name of a node of the topology that is named already.
func (p *Place) hosts(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var out []cobra.Completion
	if t, err := Load(p.Lab); err == nil {
		for i := range t.Nodes {
			out = append(out, t.Nodes[i].Name)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
