package topology_test

import (
	"errors"
	"fmt"

	"github.com/sonde-net/sonde/lab/topology"
)

// Whatever is wrong in a file is told at once, each with its place.
func ExampleParse() {
	_, err := topology.Parse("mine.yaml", []byte(`links:
  lan: {dealy: 1ms}
nodes:
  a:
    interfaces: [{link: lan, address: 10.0.1.10}]
`))
	var all topology.Errors
	if errors.As(err, &all) {
		for _, e := range all {
			fmt.Println(e)
		}
	}
	// Output:
	// mine.yaml:2:9: unknown key "dealy", expected one of delay, jitter, spread, loss, duplicate, reorder, gap, corrupt, rate, queue, mtu, resolve, down, cuts, outside
	// mine.yaml:5:39: address: expected an address with the length of its network, such as 192.0.2.1/24, found "10.0.1.10"
}

// A file says in French what it has in French.
func ExampleTopology_In() {
	t, err := topology.Parse("mine.yaml", []byte("name: mine\ntitle: two hosts\ntitle_fr: deux hôtes\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.In("en").Title)
	fmt.Println(t.In("fr").Title)
	// Output:
	// two hosts
	// deux hôtes
}
