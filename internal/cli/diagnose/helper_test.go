package diagnose_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clitest"
)

// run runs sonde diagnose and returns what it prints, and its exit status.
func run(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	return clitest.Run(t, "", append([]string{"sonde", "diagnose"}, args...)...)
}

// lines are the lines of JSON, by their event.
func lines(t *testing.T, out string) map[string][]map[string]any {
	t.Helper()
	all := map[string][]map[string]any{}
	d := json.NewDecoder(bytes.NewBufferString(out))
	for d.More() {
		var x map[string]any
		if err := d.Decode(&x); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		event, _ := x["event"].(string)
		all[event] = append(all[event], x)
	}
	return all
}
