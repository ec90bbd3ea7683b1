// Package scenario runs the steps of a topology file on the virtual clock, and
// tells what happens. It comes with scenarios that show every message of ICMP,
// every rule about them, and the attacks with and without what stops them.
//
//	t, err := scenario.Load("frag-needed")
//	r, err := scenario.Run(t, narration.NewText(os.Stdout, narration.TextOptions{}), scenario.Options{})
//
// The same file and seed give the same narration, to the octet.
//
// A scenario is a file NAME.yaml in this directory; docs/topology.md describes
// its keys. To add one, write the file with title, teaches, try and steps, all of
// it in French too (title_fr, say_fr, …), and a row in the test's table that proves
// its point; go test -update writes its narration to testdata. A run tells what
// the file says; t.In("fr") makes it French.
package scenario
