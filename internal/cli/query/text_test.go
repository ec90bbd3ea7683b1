package query_test

import (
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/language"
	command "github.com/sonde-net/sonde/internal/cli/query"
	"github.com/sonde-net/sonde/probe"
)

// TestMeans: each code, each state, in both languages; a code that is not assigned
// says nothing of the interface.
func TestMeans(t *testing.T) {
	for _, x := range []struct {
		local bool
		a     probe.Answer
		want  string
	}{
		{true, probe.Answer{Active: true, IPv4: true, IPv6: true}, "the interface is active, IPv4 runs on it, IPv6 runs on it"},
		{true, probe.Answer{Active: true}, "the interface is active, neither IPv4 nor IPv6 runs on it"},
		{true, probe.Answer{IPv6: true}, "the interface is there, but not active, IPv6 runs on it"},
		{true, probe.Answer{}, "the interface is there, but not active"},
		{false, probe.Answer{State: 2}, "its neighbour is reachable"},
		{false, probe.Answer{State: 7}, "state unknown"},
		{true, probe.Answer{Code: 1}, "malformed query"},
		{true, probe.Answer{Code: 2}, "no such interface"},
		{false, probe.Answer{Code: 3, State: 2}, "no such entry in its table of neighbours"},
		{true, probe.Answer{Code: 4, Active: true}, "several interfaces fit"},
		{true, probe.Answer{Code: 5, Active: true}, "code 5, which is not assigned"},
		{false, probe.Answer{Code: 255, State: 2}, "code 255, which is not assigned"},
	} {
		if got := command.Means(language.English, x.local, x.a); got != x.want {
			t.Errorf("%+v: %q", x, got)
		}
		if fr := command.Means(language.French, x.local, x.a); fr == x.want || fr == "" || strings.Contains(fr, "%") {
			t.Errorf("%+v: %q", x, fr)
		}
	}
}
