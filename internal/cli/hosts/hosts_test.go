package hosts_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/campaign"
	"github.com/sonde-net/sonde/internal/cli/hosts"
)

const list = "\ufeffone two # three\r\n\n# four\nfive,six\n"

// TestList: words of a file and of the standard input, comments and the mark of
// some editors left out.
func TestList(t *testing.T) {
	name := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(name, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"one", "two", "five", "six"}
	for _, file := range []string{name, "-"} {
		if got, err := hosts.List(strings.NewReader(list), file); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", file, got, err)
		}
	}
	if _, err := hosts.List(nil, name+"x"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	long := "one\n" + strings.Repeat("x", campaign.MaxLine+1)
	if _, err := hosts.List(strings.NewReader(long), "-"); err == nil || !strings.HasPrefix(err.Error(), "standard input:2: the line has more than ") {
		t.Error(err)
	}
}

// TestEach: a word comes with where it stands, and what add says ends it.
func TestEach(t *testing.T) {
	stop := errors.New("stop")
	var where []string
	err := hosts.Each(strings.NewReader(list), "-", func(word, at string) error {
		where = append(where, at+" "+word)
		if word == "five" {
			return stop
		}
		return nil
	})
	if want := []string{"standard input:1 one", "standard input:1 two", "standard input:4 five"}; !errors.Is(err, stop) || !slices.Equal(where, want) {
		t.Errorf("%q, %v", where, err)
	}
}
