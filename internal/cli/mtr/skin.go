package mtr

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/status"
)

// version is what -v prints: scripts look for the first line.
const version = "mtr 0.95\nby sonde, in its layout\n"

// Original is the binary called as mtr: args are the command line, that name
// first. It returns the exit status: 1 for arguments that are wrong, as the
// original has it, 2 when something else is.
func Original(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	o := newOptions()
	o.skin, o.cfg.Flows = true, 1
	var wrong error
	fs := pflag.NewFlagSet("mtr", pflag.ContinueOnError)
	fs.SortFlags = false
	fs.SetOutput(io.Discard)
	o.add(fs, &wrong, nil)
	help := fs.BoolP("help", "h", false, "print this")
	says := fs.BoolP("version", "v", false, "print the version")
	// Ours, to try the original's flags on a simulated network.
	fs.StringVar(&o.place.Lab, "lab", "", "measure in a simulated network: sonde mtr --help")
	fs.StringVar(&o.place.From, "from", "", "likewise")
	fs.Uint64Var(&o.place.Seed, "seed", 0, "likewise")
	fs.BoolVar(&o.place.Virtual, "virtual", false, "likewise")
	words := append(strings.Fields(os.Getenv("MTR_OPTIONS")), args[1:]...)
	err := fs.Parse(abbreviated(fs, words))
	switch {
	case errors.Is(err, pflag.ErrHelp), *help:
		fmt.Fprintf(out, "Usage:\n  mtr [options] hostname\n\n%s", fs.FlagUsages())
		return status.OK
	case err != nil:
		fmt.Fprintf(errs, "mtr: %v\n\nUsage:\n  mtr [options] hostname\n\n%s", err, fs.FlagUsages())
		return status.Nobody
	case *says:
		fmt.Fprint(out, version)
		return status.OK
	case wrong != nil:
		fmt.Fprintf(errs, "mtr: %v\n", wrong)
		return status.Nobody
	}
	hosts := fs.Args()
	if len(hosts) == 0 && o.file == "" {
		hosts = []string{"localhost"}
	}
	if err = o.operands(hosts, in); err == nil {
		o.lang, err = language.Of("")
	}
	if err == nil {
		err = o.all(ctx, streams{in, out, errs})
	}
	code, err := status.Of(err)
	if err != nil {
		fmt.Fprintf(errs, "mtr: %v\n", err)
	}
	return code
}

// abbreviated writes long options out that are abbreviated, as getopt_long(3)
// lets them be.
func abbreviated(fs *pflag.FlagSet, words []string) []string {
	out := make([]string, len(words))
	copy(out, words)
	for i, w := range out {
		if w == "--" {
			break
		}
		begun, ok := strings.CutPrefix(w, "--")
		if !ok {
			continue
		}
		name, v, has := strings.Cut(begun, "=")
		if fs.Lookup(name) != nil {
			continue
		}
		var found []string
		fs.VisitAll(func(f *pflag.Flag) {
			if strings.HasPrefix(f.Name, name) {
				found = append(found, f.Name)
			}
		})
		if len(found) != 1 {
			continue
		}
		out[i] = "--" + found[0]
		if has {
			out[i] += "=" + v
		}
	}
	return out
}
