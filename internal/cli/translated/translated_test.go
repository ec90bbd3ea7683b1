package translated_test

import (
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/translated"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/rewrite"
	"github.com/sonde-net/sonde/wire/ip"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// change is one that 10.0.2.2 shows, three hops away.
func change(after ip.TTL, tos uint8, s probe.Shown) rewrite.Change {
	return rewrite.Change{After: after, Seen: rewrite.Seen{TTL: 3, From: addr("10.0.2.2"), QuoteTOS: tos, Shown: s}}
}

func TestWrite(t *testing.T) {
	out, in := addr("198.51.100.7"), addr("203.0.113.80")
	for _, c := range []struct {
		change rewrite.Change
		en, fr string
	}{
		{
			change(1, 0x48, probe.Shown{Src: out, Checksum: true}), "source 198.51.100.7: translated at hop 1 or behind it",
			"la source 198.51.100.7: traduction au saut 1 ou derrière lui",
		},
		{
			change(0, 0, probe.Shown{Src: out, SrcPort: 1024, Dst: in, DstPort: 53, Unfit: true}),
			"source 198.51.100.7, source port 1024, destination 203.0.113.80, destination port 53, a checksum that does not fit that: translated before it",
			"la source 198.51.100.7, le port source 1024, la destination 203.0.113.80, le port destination 53, une somme de contrôle qui n'y correspond pas: traduction avant lui",
		},
		{
			change(2, 0, probe.Shown{ID: true, IPID: true}), "another identifier, another IP identification: translated at hop 2 or behind it",
			"un autre identifiant, une autre identification IP: traduction au saut 2 ou derrière lui",
		},
		{
			change(2, 0x00, probe.Shown{TOS: true}), "DSCP 0 instead of 18, ECN 0, taken away, instead of 1: changed at hop 2 or behind it",
			"DSCP 0 au lieu de 18, ECN 0, effacé, au lieu de 1: changement au saut 2 ou derrière lui",
		},
		{
			change(2, 0x4b, probe.Shown{TOS: true}), "ECN 3, congestion experienced, instead of 1: changed at hop 2 or behind it",
			"ECN 3, congestion rencontrée, au lieu de 1: changement au saut 2 ou derrière lui",
		},
		{
			change(2, 0x22, probe.Shown{TOS: true}), "DSCP 8 instead of 18, ECN 2 instead of 1: changed at hop 2 or behind it",
			"DSCP 8 au lieu de 18, ECN 2 au lieu de 1: changement au saut 2 ou derrière lui",
		},
		{
			change(2, 0x01, probe.Shown{TOS: true, Src: out}), "source 198.51.100.7, DSCP 0 instead of 18: translated at hop 2 or behind it",
			"la source 198.51.100.7, DSCP 0 au lieu de 18: traduction au saut 2 ou derrière lui",
		},
	} {
		for l, want := range map[language.Tag]string{
			language.English: "hop 3 (10.0.2.2) saw the probes with " + c.en + "\n",
			language.French:  "le saut 3 (10.0.2.2) a vu les sondes avec " + strings.Replace(c.fr, ": ", " : ", 1) + "\n",
		} {
			var b strings.Builder
			translated.Write(&b, l, 0x49, []rewrite.Change{c.change})
			if b.String() != want {
				t.Errorf("%v: %q, want %q", l, b.String(), want)
			}
		}
	}
	var b strings.Builder
	if translated.Write(&b, language.English, 0, nil); b.Len() > 0 {
		t.Error(b.String())
	}
}

func TestShort(t *testing.T) {
	s := probe.Shown{Src: addr("198.51.100.7"), TOS: true}
	for l, want := range map[language.Tag]string{language.English: "source 198.51.100.7", language.French: "la source 198.51.100.7"} {
		if got := translated.Short(l, &s); got != want {
			t.Errorf("%v: %q", l, got)
		}
	}
	for _, s := range []*probe.Shown{nil, {}, {TOS: true}, {Checksum: true}} {
		if got := translated.Short(language.French, s); got != "" {
			t.Errorf("%+v: %q", s, got)
		}
	}
}
