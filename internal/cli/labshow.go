package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
)

func newLabList() *cobra.Command {
	asJSON, asked := false, ""
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the scenarios that come with sonde",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lang, err := language.Of(asked)
			if err != nil {
				return err
			}
			w := bufio.NewWriter(cmd.OutOrStdout())
			e := json.NewEncoder(w)
			for _, t := range scenario.List() {
				t = t.In(lang.String())
				if asJSON {
					_ = e.Encode(listed{t.Name, t.Title}) // the writer keeps its error
				} else {
					fmt.Fprintf(w, "%-22s %s\n", t.Name, t.Title)
				}
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	language.Flag(cmd, &asked)
	return cmd
}

// listed is a scenario as lab list --json prints it.
type listed struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

func newLabShow() *cobra.Command {
	file, asJSON, asked := false, false, ""
	cmd := &cobra.Command{
		Use:   "show NAME|FILE",
		Short: "Show what a scenario teaches, and what to type",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: completeTopology,
		RunE: func(cmd *cobra.Command, args []string) error {
			if file && asJSON {
				return errors.New("--file and --json: want one of them")
			}
			lang, err := language.Of(asked)
			if err != nil {
				return err
			}
			t, err := place.Load(args[0])
			if err != nil {
				return err
			}
			t = t.In(lang.String())
			switch {
			case file:
				text, err := place.Text(args[0])
				fmt.Fprint(cmd.OutOrStdout(), text)
				return err
			case asJSON:
				return json.NewEncoder(cmd.OutOrStdout()).Encode(shownOf(t))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s%s%s\n\n%s\n%s", t.Name, speak(lang).colon, t.Title, t.Teaches, indent(t.Try))
			return nil
		},
	}
	cmd.Flags().BoolVar(&file, "file", false, "print its topology file instead")
	language.Flag(cmd, &asked)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func indent(s string) string {
	var b strings.Builder
	for l := range strings.Lines(s) {
		b.WriteString("  " + l)
	}
	return b.String()
}

// shown is a scenario as lab show --json prints it.
type (
	shown struct {
		listed
		Teaches string      `json:"teaches"`
		Try     []string    `json:"try"` // what to type, a line each
		Nodes   []shownNode `json:"nodes"`
		Links   []shownLink `json:"links"`
		Steps   int         `json:"steps"`
	}
	shownNode struct {
		Name       string           `json:"name"`
		Kind       string           `json:"kind"`
		Interfaces []shownInterface `json:"interfaces"`
	}
	shownInterface struct {
		Name      string         `json:"name"`
		Link      string         `json:"link"`
		Addresses []netip.Prefix `json:"addresses"`
	}
	shownLink struct {
		Name  string        `json:"name"`
		Delay time.Duration `json:"delay_ns,omitzero"`
		MTU   int           `json:"mtu,omitzero"`
	}
)

func shownOf(t *topology.Topology) shown {
	x := shown{
		listed: listed{t.Name, t.Title}, Teaches: t.Teaches, Try: []string{}, Steps: len(t.Steps),
		Nodes: make([]shownNode, 0, len(t.Nodes)), Links: make([]shownLink, 0, len(t.Links)),
	}
	for l := range strings.Lines(t.Try) {
		x.Try = append(x.Try, strings.TrimRight(l, "\n"))
	}
	for i := range t.Nodes {
		n := &t.Nodes[i]
		s := shownNode{Name: n.Name, Kind: "host", Interfaces: []shownInterface{}}
		if n.Gateway() {
			s.Kind = "gateway"
		}
		for j := range n.Interfaces {
			f := &n.Interfaces[j]
			name := f.Name
			if name == "" {
				name = fmt.Sprintf("eth%d", j)
			}
			s.Interfaces = append(s.Interfaces, shownInterface{name, f.Link, f.Addrs()})
		}
		x.Nodes = append(x.Nodes, s)
	}
	for i := range t.Links {
		l := &t.Links[i]
		x.Links = append(x.Links, shownLink{l.Name, l.Delay, l.MTU})
	}
	return x
}
