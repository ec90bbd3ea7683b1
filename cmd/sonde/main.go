// Command sonde is ICMP, whole: see sonde --help.
package main

// How many processors a container may use is not looked up at the start, nor
// again and again: it takes several files, and little here runs side by side.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

import (
	"os"

	"github.com/sonde-net/sonde/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args)) }
