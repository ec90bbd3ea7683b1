// Command sonde is ICMP, whole: see sonde --help.
package main

import (
	"os"

	"github.com/sonde-net/sonde/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args)) }
