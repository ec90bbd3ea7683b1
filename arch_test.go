package sonde_test

import (
	"os"
	"testing"
)

// house is the order of the packages, from the ground up; ARCHITECTURE.md says
// what each is for. A package imports what stands in a line above its own, and
// inside a tree ("/...") its own tree; packages in one line do not know each
// other. A package that no line names fails the test, so a new one is entered
// here first.
var house = []line{
	{floor: 1, pure: true, packages: []string{"wire"}},
	{floor: 1, pure: true, packages: []string{"wire/checksum"}},
	{floor: 1, pure: true, packages: []string{"wire/ip"}},
	{floor: 1, pure: true, packages: []string{"wire/option", "wire/transport"}},

	{floor: 2, pure: true, packages: []string{"wire/extension", "wire/mld"}},
	{floor: 2, pure: true, packages: []string{"wire/ndp"}},
	{floor: 2, pure: true, packages: []string{"wire/icmp4", "wire/icmp6"}},
	{floor: 2, pure: true, packages: []string{"wire/quote"}},

	{floor: 3, pure: true, packages: []string{"stack/...", "probe/..."}},

	{floor: 4, packages: []string{"link/..."}},
	{floor: 4, packages: []string{"drive"}},
	{floor: 4, packages: []string{"internal/yamlfile"}},
	{floor: 4, packages: []string{"lab/..."}},

	{floor: 5, packages: []string{"names"}},
	{floor: 5, packages: []string{"campaign", "vantage"}},
	{floor: 5, packages: []string{"diagnose/...", "explain/...", "guard/..."}},
	{floor: 5, packages: []string{"watch/..."}},

	{floor: 6, packages: []string{"internal/cli/..."}},
	{floor: 6, packages: []string{"cmd/sonde"}},

	// Beside the house: tests and generators use these, the product does not.
	{packages: []string{"internal/conform/..."}},
	{packages: []string{"internal/registry/..."}},
	{packages: []string{"internal/testnet"}},
	{packages: []string{"internal/golden"}}, // tests and captures, no code
	{packages: []string{"internal/wiretest"}},
}

// TestArchitecture holds the module to the house. It covers every file, those
// for other systems too, and not the modules below this one (bench, tools).
func TestArchitecture(t *testing.T) {
	faults, err := inspect(os.DirFS("."), "github.com/sonde-net/sonde", house)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}
