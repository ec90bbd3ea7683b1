// Package naming says in the language of a command what type and code an error
// has: in English as the registry does, "3/1 Destination Unreachable: Host
// Unreachable", in French with the names of the catalogue of explain.
package naming

import (
	"fmt"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/catalogue"
	lang "github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/probe"
)

// Claim says what an error claims; "": there is none.
func Claim(c *probe.Claim, l language.Tag) string {
	if !c.Present || l != lang.French {
		return c.String()
	}
	return fmt.Sprintf("%d/%d %s", c.Type, c.Code, Kind(c.V6, c.Type, c.Code))
}

// Kind is the French name of a type and code, without its number.
func Kind(six bool, typ, code uint8) string {
	k := catalogue.Kind{Family: catalogue.ICMPv4, Type: typ, Code: code}
	if six {
		k.Family = catalogue.ICMPv6
	}
	return catalogue.Of(k, lang.French).Title(lang.French)
}
