package extension_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/wire/extension"
)

func TestRegistryDate(t *testing.T) {
	if _, err := time.Parse(time.DateOnly, extension.RegistryDate); err != nil {
		t.Error(err)
	}
}
