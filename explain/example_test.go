package explain_test

import (
	"fmt"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// What a message says, in both languages.
func ExampleMessage() {
	octets, err := icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400}.AppendBinary(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, lang := range []language.Tag{language.English, language.French} {
		e, err := explain.Message(octets, lang, explain.How{})
		if err != nil {
			fmt.Println(err) // no ICMP message, and at which octet that shows
			return
		}
		fmt.Println(e.Title)
		for _, s := range e.Says {
			fmt.Println("-", s)
		}
	}
	// Output:
	// Destination unreachable: Fragmentation needed and DF set
	// - The next link takes at most 1400 octets.
	// - The value is plausible: a round number, common for VPNs.
	// Destinataire inaccessible : Fragmentation nécessaire mais interdite (DF)
	// - Le lien suivant accepte au plus 1400 octets.
	// - La valeur est plausible : un nombre rond, courant pour les VPN.
}
