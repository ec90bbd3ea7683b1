// Command sonde is ICMP, whole: see sonde --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/sonde-net/sonde/internal/cli"
)

func main() {
	// The first signal ends the work in good order, a second one at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, os.Args, cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
