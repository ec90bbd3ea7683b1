package cli

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/language"
)

func newInstallLinks() *cobra.Command {
	force, asked := false, ""
	cmd := &cobra.Command{
		Use:   "install-links DIR",
		Short: "Make links by which this binary is ping, traceroute and others",
		Long: `Install-links makes a link to this binary in the directory for each program
whose place it can take. Called by such a name, it takes the flags of the original
and prints its layout; docs/differences.md says where it differs.

A link that is there already stays. Anything else by one of the names is left
alone, and nothing is made then, unless --force says that it is to be replaced.`,
		Example: `  sonde install-links ~/bin
  PATH=~/bin:$PATH ping -c 3 localhost`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace what is there by the names")
	language.Flag(cmd, &asked)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		lang, err := language.Of(asked)
		if err != nil {
			return err
		}
		program, err := os.Executable()
		if err != nil {
			return err
		}
		if program, err = filepath.EvalSymlinks(program); err != nil {
			return err
		}
		return installLinks(cmd, speak(lang), program, args[0], force)
	}
	return cmd
}

// installLinks makes the links. It looks at all the places first, so that
// nothing is half done.
func installLinks(cmd *cobra.Command, say *words, program, dir string, force bool) error {
	if i, err := os.Stat(dir); err != nil {
		return err
	} else if !i.IsDir() {
		return fmt.Errorf("%s: not a directory", dir)
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(skins)) {
		path := filepath.Join(dir, name)
		_, err := os.Lstat(path)
		if to, _ := os.Readlink(path); to == program {
			fmt.Fprintf(cmd.OutOrStdout(), say.there, path)
			continue
		}
		if err == nil && !force {
			return fmt.Errorf("%s: there is something else by that name; --force replaces it", path)
		}
		missing = append(missing, path)
	}
	for _, path := range missing {
		// A link beside it that takes its place at once: there is always one.
		beside := path + ".new"
		if err := os.Symlink(program, beside); err != nil {
			return err
		}
		if err := os.Rename(beside, path); err != nil {
			os.Remove(beside)
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s -> %s\n", path, program)
	}
	return nil
}
