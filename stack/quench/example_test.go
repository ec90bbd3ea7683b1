package quench_test

import (
	"fmt"
	"time"

	"github.com/sonde-net/sonde/stack/quench"
)

func Example() {
	p, err := quench.New(quench.Config{})
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	fmt.Println("at first:", p.Delay())
	p.Quench(now)
	fmt.Printf("after source quench: %v, %.1f datagrams a second\n", p.Delay(), p.Rate())
	for range 30 {
		now = now.Add(time.Second)
		p.Allow(now)
	}
	fmt.Printf("30 s later: %v, %.1f datagrams a second\n", p.Delay(), p.Rate())
	// Output:
	// at first: 0s
	// after source quench: 75ms, 13.3 datagrams a second
	// 30 s later: 45ms, 22.2 datagrams a second
}
