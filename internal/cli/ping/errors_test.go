package ping_test

import (
	"strings"
	"testing"
)

// TestRefused: what is wrong on the command line is told in the original's words,
// with exit status 2.
func TestRefused(t *testing.T) {
	const range9 = "out of range: 1 <= value <= 9223372036854775807"
	for args, want := range map[string]string{
		"":                         "usage error: Destination address required",
		"-c 0 b":                   "invalid argument: '0': " + range9,
		"-c -1 b":                  "invalid argument: '-1': " + range9,
		"-c x b":                   "invalid argument: 'x'",
		"-c 1x b":                  "invalid argument: '1x'",
		"-c 9223372036854775808 b": "invalid argument: '9223372036854775808': Numerical result out of range",
		"-s -1 b":                  "invalid argument: '-1': out of range: 0 <= value <= 2147483647",
		"-t 256 b":                 "invalid argument: '256': out of range: 0 <= value <= 255",
		"-t 0 b":                   "cannot set unicast time-to-live: Invalid argument",
		"-l 0 b":                   "invalid argument: '0': out of range: 1 <= value <= 65536",
		"-l 65537 b":               "invalid argument: '65537': out of range: 1 <= value <= 65536",
		"-e 65536 b":               "invalid argument: '65536': out of range: 0 <= value <= 65535",
		"-m -1 b":                  "invalid argument: '-1': out of range: 0 <= value <= 4294967295",
		"-S 0 b":                   "invalid argument: '0': out of range: 1 <= value <= 2147483647",
		"-w 2147483648 b":          "invalid argument: '2147483648': out of range: 0 <= value <= 2147483647",
		"-i -1 b":                  "bad timing interval: -1",
		"-i abc b":                 "bad timing interval: abc",
		"-i nan b":                 "bad timing interval: nan",
		"-i 2147484 b":             "bad timing interval: 2147484",
		"-W -1 b":                  "bad linger time: -1",
		"-W x b":                   "bad linger time: x",
		"-Q 256 b":                 "the decimal value of TOS bits must be in range 0-255: 256",
		"-Q 0x100 b":               "the decimal value of TOS bits must be in range 0-255: 256",
		"-Q x b":                   "bad TOS value: x",
		"-F 1048576 b":             "flow value is greater than 20 bits: 1048576",
		"-F 0xg b":                 "bad value for flowinfo: 0xg",
		"-M x b":                   "invalid -M argument: x",
		"-T x b":                   "invalid timestamp type: x",
		"-R -T tsonly b":           "only one of -T or -R may be used",
		"-T tsonly -R b":           "only one of -T or -R may be used",
		"-4 -6 b":                  "only one -4 or -6 option may be specified",
		"-p 0g1 b":                 "patterns must be specified as hex digits: g1",
		"-I fe80::g b":             "invalid source address: fe80::g",
		"-N name b":                "-N: node information queries (RFC 4620) are not implemented",
	} {
		for _, skin := range []bool{false, true} {
			line := append([]string{"sonde", "ping"}, strings.Fields(args)...)
			prefix := "sonde: ping: "
			if skin {
				line, prefix = line[1:], "ping: "
			}
			out, errs, status := runCtx(t.Context(), "", line...)
			if errs != prefix+want+"\n" || out != "" || status != 2 {
				t.Errorf("%v: status %d, %q\n got %swant %s%s", line, status, out, errs, prefix, want)
			}
		}
	}
}

// TestRefusedInLab are those that only show when a network is there.
func TestRefusedInLab(t *testing.T) {
	l := lab(t, "")
	for args, want := range map[string]string{
		"nobody":                                      "nobody: Name or service not known",
		"-6 10.0.0.2":                                 "10.0.0.2: Address family for hostname not supported",
		"-s 65508 10.0.0.2":                           "invalid argument: '65508': out of range: 0 <= value <= 65507",
		"-s 65468 -R 10.0.0.2":                        "invalid argument: '65468': out of range: 0 <= value <= 65467",
		"-s 65528 fd00::2":                            "invalid argument: '65528': out of range: 0 <= value <= 65527",
		"-I eth9 10.0.0.2":                            "SO_BINDTODEVICE eth9: No such device",
		"-c 1 10.7.0.1":                               "connect: Stack: no route to host",
		"-c 1 255.255.255.255":                        "Do you want to ping broadcast? Then -b. If not, check your local firewall rules",
		"-T tsprespec 10.0.0.2":                       "-T tsprespec: no hop is named that is to stamp",
		"--via 10.0.0.2 fd00::2":                      "IPv6 has no source routes any more (RFC 5095)",
		"--via 10.0.0.2 10.0.0.2 10.0.0.1":            "--via leads to one host",
		"-R --via 10.0.0.1 10.0.0.2":                  "too many hops, or hops together with -R or -T",
		"-T tsprespec --via 1.1.1.1,2,3,4,5 10.0.0.2": "too many hops, or hops together with -R or -T",
		"--via 1,2,3,4,5,6,7,8,9,10 10.0.0.2":         "too many hops, or hops together with -R or -T",
		"-I fd00::1 10.0.0.2":                         "10.0.0.2: Address family for hostname not supported",
		"--file /nonexistent":                         "open /nonexistent: no such file or directory",
	} {
		out, errs, status := inLab(t, l, args)
		if errs != "sonde: ping: "+want+"\n" || out != "" || status != 2 {
			t.Errorf("%s: status %d, %q\n got %swant %s", args, status, out, errs, want)
		}
	}
	if _, errs, status := run(t, "", "ping", "--virtual", "b"); errs != "sonde: ping: --virtual goes with --lab\n" || status != 2 {
		t.Errorf("status %d, %q", status, errs)
	}
}

// TestSkin is how the binary reads its command line when it is called as ping.
func TestSkin(t *testing.T) {
	usage := func(args ...string) string {
		t.Helper()
		out, errs, status := runCtx(t.Context(), "", args...)
		if out != "" || status != 2 || !strings.Contains(errs, "\nUsage\n  ping [options] <destination>\n") {
			t.Errorf("%v: status %d, %q, %q", args, status, out, errs)
		}
		first, _, _ := strings.Cut(errs, "\n")
		return first
	}
	for _, tt := range [][2]string{
		{"-h", ""},
		{"-?", ""},
		{"-Z", "ping: invalid option -- 'Z'"},
		{"-qZ b", "ping: invalid option -- 'Z'"},
		{"--help", "ping: invalid option -- '-'"},
		{"-c", "ping: option requires an argument -- 'c'"},
		{"-qc", "ping: option requires an argument -- 'c'"},
		{"-R a b", ""},
		{"-T tsonly a b", ""},
		{"-T tsprespec a b c d e f", ""},
		{"a b c d e f g h i j k", ""},
	} {
		if got := usage(append([]string{"/usr/bin/ping"}, strings.Fields(tt[0])...)...); got != tt[1] && tt[1] != "" {
			t.Errorf("%s: %q, want %q", tt[0], got, tt[1])
		}
	}
	for args, want := range map[string]string{
		"ping -c0":       "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n",
		"ping -qc 0 b":   "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n",
		"ping b -i.x":    "ping: bad timing interval: .x\n",
		"ping4 -6 b":     "ping: only one -4 or -6 option may be specified\n",
		"ping6 -4 b":     "ping: only one -4 or -6 option may be specified\n",
		"ping6.exe -4 b": "ping: only one -4 or -6 option may be specified\n",
		"ping -c 1 -- ":  "ping: usage error: Destination address required\n",
	} {
		if out, errs, status := runCtx(t.Context(), "", strings.Fields(args)...); errs != want || out != "" || status != 2 {
			t.Errorf("%s: status %d, %q, %q", args, status, out, errs)
		}
	}
	for _, args := range []string{"ping -V", "ping -qV b", "sonde ping -V", "sonde ping --version"} {
		if out, errs, status := runCtx(t.Context(), "", strings.Fields(args)...); !strings.HasPrefix(out, "ping from sonde ") || errs != "" || status != 0 {
			t.Errorf("%s: status %d, %q, %q", args, status, out, errs)
		}
	}
	t.Setenv("POSIXLY_CORRECT", "1")
	if _, errs, status := runCtx(t.Context(), "", "ping", "-q", "-T", "tsonly", "a", "-c"); status != 2 || !strings.Contains(errs, "Usage") {
		t.Errorf("status %d, %q", status, errs)
	}
}
