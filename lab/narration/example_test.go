package narration_test

import (
	"fmt"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
)

// What is told can be kept as values: here, what the pings of a run came to.
func ExampleItems() {
	t, err := scenario.Load("echo-bad-link")
	if err != nil {
		fmt.Println(err)
		return
	}
	var all narration.Items
	if _, err := scenario.Run(t, &all, scenario.Options{}); err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range narration.Of[narration.PingEnd](all) {
		fmt.Println(p.To, p.Sent, "sent,", p.Received, "received,", p.Dup, "twice")
	}
	// Output:
	// 10.0.0.2 40 sent, 32 received, 6 twice
}
