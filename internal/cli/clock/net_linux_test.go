package clock_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// offset is one of less than a millisecond: all namespaces have one clock, which
// stamps cut to milliseconds.
const offset = `[+-]0\.\d{3} ms ± 0\.\d{3} ms`

// TestKernel: the clock of a kernel behind a router, by each of the ways.
func TestKernel(t *testing.T) {
	conform.Row(t, "P-11")
	rooms := testnet.Chain(t, 1)
	testnet.Need(t, "nft")
	ask := func(status int, want string, args ...string) {
		t.Helper()
		out, errs, got := run(t, append([]string{"-q", "-c", "4", "-i", "7ms", "-W", "200ms"}, args...)...)
		if got != status || errs != "" || !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("%q: status %d\n%s%s", args, got, out, errs)
		}
	}
	const known = `^clock of \S+ \(\S+\): ` + offset + `, from 4 of 4 timestamps\n`
	for _, by := range []string{"icmp", "option", "option3"} {
		ask(0, known+"$", "--by", by, "10.0.1.2")
		ask(0, known+"$", "--by", by, "127.0.0.1")
	}
	ask(0, known+`  there  10\.0\.0\.2  [+-]0\.\d{3} ± 0\.\d{3} ms\n   back  10\.0\.1\.1  [+-]0\.\d{3} ± 0\.\d{3} ms\n$`, "--by", "hops", "10.0.1.2")
	ask(0, known+"$", "--by", "hops", "10.0.0.2")
	ask(0, known+"$", "--by", "hops", "127.0.0.1")

	// What becomes of the option on the way back.
	for _, x := range []struct{ change, en, fr string }{
		{"@nh,160,8 set 0x94", "the reply has no timestamp option", "la réponse n'a pas d'option d'horodatage"},
		{"@nh,176,8 set 13", "the host has not stamped the option", "l'hôte n'a pas horodaté l'option"},
		{"@nh,184,8 set 0", "the option is not the one that was sent", "l'option n'est pas celle qui est partie"},
	} {
		rooms[0].Sh("nft 'add table ip t; add chain ip t c { type filter hook prerouting priority -300; }; add rule ip t c ip saddr 10.0.1.2 %s'", x.change)
		ask(1, `^clock of 10\.0\.1\.2 \(10\.0\.1\.2\): not known, `+x.en+"\n$", "--by", "option", "10.0.1.2")
		ask(1, `^horloge de 10\.0\.1\.2 \(10\.0\.1\.2\) : inconnue, `+x.fr+"\n$", "--by", "option3", "--lang", "fr", "10.0.1.2")
		out, _, _ := run(t, "-c", "1", "--by", "option", "10.0.1.2")
		if !regexp.MustCompile(`^    1  10\.0\.1\.2  \d+\.\d{3} ms  ` + x.en + "\n").MatchString(out) {
			t.Error(out)
		}
		rooms[0].Sh("nft delete table ip t")
	}

	// A router that drops what has options: the other way remains.
	rooms[1].Sh("nft 'add table ip t; add chain ip t c { type filter hook forward priority 0; }; add rule ip t c ip hdrlength > 5 drop'")
	ask(1, `^clock of \S+ \(\S+\): no answer to 4 echo requests with a timestamp option, which many routers drop\n$`, "--by", "option", "10.0.1.2")
	ask(0, known+"$", "--by", "icmp", "10.0.1.2")
	rooms[1].Sh("nft delete table ip t")
	rooms[2].Sysctl("net/ipv4/icmp_echo_ignore_all", "1")
	ask(1, "no answer to 4 echo requests", "--by", "hops", "10.0.1.2")
}

// TestKernelFar: behind four routers an option has no room, unless it names who is
// to stamp.
func TestKernelFar(t *testing.T) {
	conform.Row(t, "P-11")
	testnet.Chain(t, 4)
	for _, lang := range []string{"en", "fr"} {
		out, _, status := run(t, "--lang", lang, "-q", "-c", "2", "-i", "7ms", "--by", "hops", "10.0.4.2")
		want := map[string]string{"en": "not known, others have stamped the option, and left no room\n", "fr": "inconnue, d'autres ont horodaté l'option sans laisser de place\n"}[lang]
		if status != 1 || !strings.Contains(out, want) || strings.Count(out, "\n") != 5 {
			t.Errorf("%d, %s", status, out)
		}
	}
	if out, _, status := run(t, "-q", "-c", "2", "-i", "7ms", "--by", "option", "10.0.4.2"); status != 0 {
		t.Error(out)
	}
}
