// Command gen reads registry.csv in the current directory and writes
// registry_gen.go beside it. Run it through go generate, which says by
// GOPACKAGE what the package is called.
package main

import (
	"fmt"
	"os"

	"github.com/sonde-net/sonde/internal/registry"
)

func main() {
	if err := run(os.Getenv("GOPACKAGE")); err != nil {
		fmt.Fprintln(os.Stderr, "gen: registry.csv:", err)
		os.Exit(1)
	}
}

func run(pkg string) error {
	text, err := os.ReadFile("registry.csv")
	if err != nil {
		return err
	}
	t, err := registry.Parse(string(text))
	if err != nil {
		return err
	}
	src, err := registry.Generate(pkg, t)
	if err != nil {
		return err
	}
	return os.WriteFile("registry_gen.go", src, 0o644)
}
