// Package conform ties tests to the rows of docs/requirements.md.
package conform

import "testing"

// Row says that t proves the row with this ID.
func Row(tb testing.TB, id string) {
	tb.Helper()
	tb.Logf("conform: %s", id)
}
