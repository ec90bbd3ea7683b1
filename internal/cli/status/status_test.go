package status_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/status"
)

func TestOf(t *testing.T) {
	plain := errors.New("it broke")
	for _, tt := range []struct {
		err  error
		code int
		said error
	}{
		{nil, 0, nil},
		{plain, 2, plain},
		{status.No, 1, nil},
		{fmt.Errorf("late: %w", status.No), 1, nil},
		{&status.Exit{Code: 4, Err: plain}, 4, plain},
	} {
		if code, said := status.Of(tt.err); code != tt.code || said != tt.said { //nolint:errorlint // the very one
			t.Errorf("%v: %d, %v", tt.err, code, said)
		}
	}
	if s := status.No.Error(); s != "exit status 1" {
		t.Error(s)
	}
	if e := (&status.Exit{Code: 2, Err: plain}); e.Error() != "it broke" || !errors.Is(e, plain) {
		t.Error(e)
	}
}
