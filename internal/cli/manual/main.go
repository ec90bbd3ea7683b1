// Command manual writes the manual pages of sonde, one for each command, from
// the same texts as the help:
//
//	go run ./internal/cli/manual DIR
//
// It is a program of its own, because what it needs for that would make each
// start of sonde itself longer.
package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/sonde-net/sonde/internal/cli"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run writes the pages into the directory that is the only argument, and returns
// the exit status.
func run(args []string, out, errs io.Writer) int {
	if len(args) != 1 {
		fmt.Fprintln(errs, "manual: expected one argument, the directory to write to")
		return 2
	}
	n, err := write(args[0])
	if err != nil {
		fmt.Fprintf(errs, "manual: %v\n", err)
		return 2
	}
	fmt.Fprintf(out, "%s: %d pages\n", args[0], n)
	return 0
}

// write writes the pages, and returns how many there are. The directory is made
// if it is not there.
func write(dir string) (int, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	root := cli.Command(cli.Streams{})
	root.DisableAutoGenTag = true
	// Pages of one source are the same whenever they are written.
	date := time.Unix(0, 0).UTC()
	if s := os.Getenv("SOURCE_DATE_EPOCH"); s != "" {
		var sec int64
		if _, err := fmt.Sscan(s, &sec); err != nil {
			return 0, fmt.Errorf("SOURCE_DATE_EPOCH: %q is no number of seconds", s)
		}
		date = time.Unix(sec, 0).UTC()
	}
	header := doc.GenManHeader{Section: "1", Source: "sonde", Manual: "sonde", Date: &date}
	return pages(root), doc.GenManTree(root, &header, dir)
}

// pages is how many pages there are of a command and those below it.
func pages(c *cobra.Command) int {
	n := 1
	for _, c := range c.Commands() {
		if c.IsAvailableCommand() && !c.IsAdditionalHelpTopicCommand() {
			n += pages(c)
		}
	}
	return n
}
