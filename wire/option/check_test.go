package option_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/option"
)

func TestCheck(t *testing.T) {
	conform.Row(t, "W-24")
	conform.Row(t, "W-20")
	for _, r := range []struct {
		name, hex string
		offset    int // 0: none
		reason    wire.Reason
	}{
		{"none", "", 0, 0},
		{"one of each", "07 07 04 00000000 83 07 04 00000000 44 08 05 00 00000000 94 04 0000 82 03 ab 00", 0, 0},
		{"unknown twice", "1e 02 1e 02", 0, 0},
		{"broken length", "01 07 01 04", 22, wire.Length},
		{"record route without pointer", "01 07 02 00", 22, wire.Length},
		{"record route with a low pointer", "01 07 07 03 00000000", 23, wire.Value},
		{"loose source route with a low pointer", "83 07 03 00000000 00", 22, wire.Value},
		{"strict source route with a low pointer", "89 07 00 00000000 00", 22, wire.Value},
		{"timestamp of an unknown form", "44 08 05 02 00000000", 23, wire.Value},
		{"timestamp without flag", "44 03 05 00", 21, wire.Length},
		{"router alert of six octets", "94 06 0000 0000", 21, wire.Length},
		{"record route twice", "07 07 04 00000000 07 07 04 00000000", 27, wire.Value},
		{"loose twice", "83 07 04 00000000 83 07 04 00000000", 27, wire.Value},
		{"loose and strict", "83 07 04 00000000 89 07 04 00000000", 27, wire.Value},
		{"timestamp twice", "44 08 05 00 00000000 01 44 08 05 00 00000000", 29, wire.Value},
		{"behind the end", "00 07 01 04", 0, 0},
	} {
		err := option.Check(wiretest.Octets(t, r.hex))
		if r.offset == 0 {
			if err != nil {
				t.Errorf("%s: %v", r.name, err)
			}
			continue
		}
		wiretest.WantParseError(t, r.name, err, r.offset, r.reason)
	}
}
