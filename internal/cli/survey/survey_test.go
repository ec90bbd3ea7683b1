package survey_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clitest"
)

func run(t *testing.T, in, args string) (out, errs string, status int) {
	t.Helper()
	return clitest.Run(t, in, strings.Fields("sonde survey "+args)...)
}

// TestText is what is printed, on the virtual clock.
func TestText(t *testing.T) {
	for _, x := range []struct {
		in, args, want string
		status         int
	}{
		{"", "--lab ecmp-flow --virtual b", `
10.0.9.20  4 hops  8.000 ms  10.0.1.1 10.0.3.2 10.0.4.2

routers:
 3  10.0.4.2  asked 1, answered 1
 2  10.0.3.2  asked 1, answered 1
 1  10.0.1.1  asked 1, answered 1
1 of 1 reached, by 3 routers, with 5 probes in 28ms
`, 0},
		{"128.2.4.48 # the first\n18.7.22.69\n", "--lab cmu-mit --virtual -f - --routers --lang fr", `
routeurs :
`, 0},
		{"", "--lab net-unreachable --virtual --lang fr 10.9.9.9", `
10.9.9.9  pas atteint   10.0.1.1 dit : 3/0 Destinataire inaccessible : Réseau inaccessible

routeurs :
`, 1},
		{"", "--lab cmu-mit --virtual --lang fr 128.2.4.48", `
128.2.4.48  1 saut  0,355 ms`, 0},
		{"", "--lab cmu-mit --virtual -m 3 18.7.22.69", `
18.7.22.69  more than 3 hops  21.157 ms  128.2.4.48 128.2.255.186 128.2.255.250
`, 0},
		{"", "--lab cmu-mit --virtual -m 3 --json 18.7.22.69", `
{"event":"path","target":"18.7.22.69","reached":true,"rtt_ns":21157000,"hops":[{"addr":"128.2.4.48","rtt_ns":355000},{"addr":"128.2.255.186","rtt_ns":337000},{"addr":"128.2.255.250","rtt_ns":199384000}],"open":true}
`, 0},
		{"", "--lab host-unreachable --virtual --from a -n 10.0.2.0/30", `
`, 1},
	} {
		out, errs, status := run(t, x.in, x.args)
		if !strings.HasPrefix("\n"+out, x.want) || errs != "" || status != x.status {
			t.Errorf("%s: status %d\n%s%s", x.args, status, out, errs)
		}
	}
	out, _, _ := run(t, "", "--lab cmu-mit --virtual 18.7.22.69")
	if !strings.Contains(out, "\n 1  POD-C-CYH-VL4.GW.CMU.NET (128.2.4.48)  asked ") ||
		!strings.Contains(out, "18.7.22.69  10 hops  ") {
		t.Error(out)
	}
}

func TestRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "targets")
	if err := os.WriteFile(file, []byte("10.0.0.1\nnobody9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"":                           "want targets: names, addresses, prefixes, ranges, or -f and a file",
		"-m 0 10.0.0.1":              "--max-hops: want 1 to 255",
		"-r -1 10.0.0.1":             "--rate -1: want 0 or more",
		"-N 0 10.0.0.1":              "--parallel 0: want 1 to 1048576",
		"-N 1048577 10.0.0.1":        "--parallel 1048577: want 1 to 1048576",
		"--lab ecmp-flow -f " + file: file + ":2: nobody9: Name or service not known",
		"--lab ecmp-flow -f nosuch":  "open nosuch: no such file or directory",
		"--lab ecmp-flow 10.0.0.0/8": "16777216 targets: want at most 1048576",
		"--tries 11 10.0.0.1":        "--tries 11: want 1 to 10",
		"--tries 0 10.0.0.1":         "--tries 0: want 1 to 10",
		"--network 33 10.0.0.1":      "--network 33: want 1 to 32",
		"--network 0 10.0.0.1":       "--network 0: want 1 to 32",
		"--network6 129 10.0.0.1":    "--network6 129: want 1 to 128",
		"--network6 0 10.0.0.1":      "--network6 0: want 1 to 128",
		"--wait 0 10.0.0.1":          "--wait 0s: want more than 0, and an hour at most",
		"--wait 61m 10.0.0.1":        "--wait 1h1m0s: want more than 0, and an hour at most",
	} {
		if _, errs, status := run(t, "", args); !strings.HasPrefix(errs, "sonde: survey: ") || !strings.Contains(errs, want) || status != 2 {
			t.Errorf("%s: status %d, %s", args, status, errs)
		}
	}
}
