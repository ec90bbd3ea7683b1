package bench_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/bench"
)

func TestRatio(t *testing.T) {
	times := bench.Times{NS: map[string][]float64{
		"a": {2, 4, 9, 8, 10},
		"b": {4, 2, 3, 4, 5},
	}}
	median, best := times.Ratio("a", "b")
	if median != 2 || best != 1 {
		t.Errorf("median %v, best %v, want 2 and 1", median, best)
	}
	if median, best = times.Ratio("b", "a"); median != 0.5 || best != 1 {
		t.Errorf("the other way round: median %v, best %v, want 0.5 and 1", median, best)
	}
}

// TestMeasure counts who is run when: in turn, and each round the other way.
func TestMeasure(t *testing.T) {
	var order []string
	spent := 0
	run := func(name string) func(int) {
		return func(n int) {
			order = append(order, name)
			for range n {
				spent++
			}
		}
	}
	c := bench.Contest{Contestants: []bench.Contestant{{Name: "a", Run: run("a")}, {Name: "b", Run: run("b")}}}
	times := bench.Measure(c, bench.Effort{Rounds: 3, Slice: time.Microsecond})
	if len(times.NS["a"]) != 3 || len(times.NS["b"]) != 3 {
		t.Fatalf("rounds: %v", times.NS)
	}
	if spent == 0 {
		t.Error("nobody was asked to do anything")
	}
	got := order[len(order)-6:]
	for i, want := range []string{"a", "b", "b", "a", "a", "b"} {
		if got[i] != want {
			t.Fatalf("order %v", got)
		}
	}
}
