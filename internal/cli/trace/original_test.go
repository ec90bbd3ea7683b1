package trace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// twin runs what is called as traceroute, in a scenario.
func twin(t *testing.T, name, args string) (out, errs string, status int) {
	t.Helper()
	return run(t, append([]string{name}, strings.Fields(args)...)...)
}

// TestOriginalWords: the command line is read as the original does, and what is
// wrong is told in its words and with its exit status.
func TestOriginalWords(t *testing.T) {
	for args, want := range map[string]string{
		"-n":                              "Specify \"host\" missing argument.",
		"-Z 18.7.22.69":                   "Bad option `-Z' (argc 1)",
		"18.7.22.69 -n -5":                "Bad option `-5' (argc 3)",
		"-n=1 18.7.22.69":                 "Bad option `-=' (argc 1)",
		"--foo 18.7.22.69":                "Bad option `--foo' (argc 1)",
		"--que=1 18.7.22.69":              "Bad option `--que=1' (with arg `1') (argc 1)",
		"--mtu=3 18.7.22.69":              "Bad option `--mtu=3' (with arg `3') (argc 1)",
		"-ULn 18.7.22.69":                 "Bad option `-L' (argc 1)",
		"18.7.22.69 -i":                   "Option `-i' (argc 2) requires an argument: `-i device'",
		"-nq1 18.7.22.69":                 "Option `-q' (argc 1) requires an argument: `-q nqueries'",
		"--queries 1 18.7.22.69":          "Option `--queries' (argc 1) requires an argument: `--queries=nqueries'",
		"--sport":                         "Option `--sport' (argc 1) requires an argument: `--sport=num'",
		"-nqx 1 18.7.22.69":               "Option `-q' (argc 1) requires an argument: `-q nqueries'",
		"-nq x 18.7.22.69":                "Cannot handle `-q' option with arg `x' (argc 2)",
		"-qn 1 18.7.22.69":                "Cannot handle `-q' option with arg `n' (argc 1)",
		"18.7.22.69 -nq":                  "Option `-q' (argc 2) requires an argument: `-q nqueries'",
		"--port= 18.7.22.69":              "Cannot handle `--port' option with arg `' (argc 1)",
		"-p abc 18.7.22.69":               "Cannot handle `-p' option with arg `abc' (argc 2)",
		"-q=1 18.7.22.69":                 "Cannot handle `-q' option with arg `=1' (argc 1)",
		"-m 1x 18.7.22.69":                "Cannot handle `-m' option with arg `1x' (argc 2)",
		"--port=x 18.7.22.69":             "Cannot handle `--port' option with arg `x' (argc 1)",
		"-w a 18.7.22.69":                 "Cannot handle `-w' option with arg `a' (argc 2)",
		"-w 1, 18.7.22.69":                "Cannot handle `-w' option with arg `1,' (argc 2)",
		"-w ,2 18.7.22.69":                "Cannot handle `-w' option with arg `,2' (argc 2)",
		"-z a 18.7.22.69":                 "Cannot handle `-z' option with arg `a' (argc 2)",
		"-s foo 18.7.22.69":               "Cannot handle `-s' option with arg `foo' (argc 2)",
		"18.7.22.69 abc":                  "Cannot handle \"packetlen\" cmdline arg `abc' on position 2 (argc 2)",
		"18.7.22.69 40 x":                 "Extra arg `x' (position 3, argc 3)",
		"18.7.22.69 65001":                "too big packetlen 65001 specified",
		"18.7.22.69 -- -5":                "too big packetlen -5 specified",
		"-f 0 18.7.22.69":                 "first hop out of range",
		"-m 0 18.7.22.69":                 "first hop out of range",
		"-f 31 18.7.22.69":                "first hop out of range",
		"-m 256 18.7.22.69":               "max hops cannot be more than 255",
		"-q 0 18.7.22.69":                 "no more than 10 probes per hop",
		"-q 11 18.7.22.69":                "no more than 10 probes per hop",
		"-w -1 18.7.22.69":                "bad wait specifications `-1,0,0' used",
		"-w 1,2,-3 18.7.22.69":            "bad wait specifications `1,2,-3' used",
		"-z -1 18.7.22.69":                "bad sendtime `-1' specified",
		"-M bla 18.7.22.69":               "Unknown traceroute module bla",
		"-D 18.7.22.69":                   "traces by dccp are not supported: there are default, udp, udplite, icmp and tcp",
		"-P 89 18.7.22.69":                "traces by raw are not supported: there are default, udp, udplite, icmp and tcp",
		"-T -O sack 18.7.22.69":           "`sack': there is no such option of the method",
		"-g 1,2,3,4,5,6,7,8,9 18.7.22.69": "Too many gateways specified. No more than 8",
		"-s ::1 18.7.22.69":               "IP version mismatch in addresses specified",
		"-6 18.7.22.69":                   "18.7.22.69: Address family for hostname not supported\nCannot handle \"host\" cmdline arg `18.7.22.69' on position 1 (argc 2)",
		"-n nosuch":                       "nosuch: Name or service not known\nCannot handle \"host\" cmdline arg `nosuch' on position 1 (argc 2)",
	} {
		if !strings.HasSuffix(args, "-i") && !strings.HasSuffix(args, "-nq") && !strings.HasSuffix(args, "--sport") {
			args += " --lab=cmu-mit --virtual"
			args = strings.Replace(args, "-- -5 --lab=cmu-mit --virtual", "--lab=cmu-mit --virtual -- -5", 1)
		}
		out, errs, status := twin(t, "traceroute", args)
		if errs != want+"\n" || status != 2 || out != "" {
			t.Errorf("%s: status %d\n%s%s\nwant %s", args, status, out, errs, want)
		}
	}
}

// two is two hosts on a link.
const two = `
links: {lan: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: lan, address: 10.0.1.10/24}]}
  b: {interfaces: [{link: lan, address: 10.0.1.20/24}], limit: {off: true}, listen: [{tcp: 443}]}
`

// TestOriginalOptions: each option does something.
func TestOriginalOptions(t *testing.T) {
	const head = "traceroute to b (10.0.1.20), "
	path := filepath.Join(t.TempDir(), "two.yaml")
	if err := os.WriteFile(path, []byte(two), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"b":                         "30 hops max, 60 byte packets\n 1  10.0.1.20 (10.0.1.20)  2.000 ms  2.000 ms  2.000 ms\n",
		"-n b":                      "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms  2.000 ms  2.000 ms\n",
		"-nI b 100":                 "30 hops max, 100 byte packets\n 1  10.0.1.20  2.000 ms  2.000 ms  2.000 ms\n",
		"b -n -q1":                  "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms\n",
		"-n -- b 0x50":              "30 hops max, 80 byte packets\n 1  10.0.1.20  2.000 ms  2.000 ms  2.000 ms\n",
		"-n --queries=2 -m 9 b":     "9 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms  2.000 ms\n",
		"-n -f 3 -q 1 b":            "30 hops max, 60 byte packets\n 3  10.0.1.20  2.000 ms\n",
		"-n -T -q 1 b 500":          "30 hops max, 44 byte packets\n 1  10.0.1.20  2.000 ms\n",
		"-n -T -O info -q 1 b":      "30 hops max, 44 byte packets\n 1  10.0.1.20 <rst,ack>  2.000 ms\n",
		"-nq 1 b":                   "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms\n",
		"-O info -q 1 -nTp https b": "30 hops max, 44 byte packets\n 1  10.0.1.20 <syn,ack>  2.000 ms\n",
		"-O info -q 1 -nTp 442 b":   "30 hops max, 44 byte packets\n 1  10.0.1.20 <rst,ack>  2.000 ms\n",
		"-n -q 1 b 0":               "30 hops max, 28 byte packets\n 1  10.0.1.20  2.000 ms\n",
		"-n -UL -q 1 b":             "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms !P\n",
		"-n -U -q 1 b 10":           "30 hops max, 28 byte packets\n 1  10.0.1.20  2.000 ms\n",
		"-n -M icmp -O raw -q 1 b":  "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms\n",
		"-n --mtu -q 1 b":           "30 hops max, 65000 byte packets\n 1  10.0.1.20  2.000 ms F=1500\n",
		"-n -F -q 1 b 1501":         "30 hops max, 1501 byte packets\n 1  * !F-1500\n",
		"-n --sport=99 -q 1 b":      "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms\n",
		"-n -A -q 1 b":              "30 hops max, 60 byte packets\n 1  10.0.1.20 [*]  2.000 ms\n",
		"-n --back -q 1 b":          "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms\n",
		"-n --back -q 1 -f 2 b":     "30 hops max, 60 byte packets\n 2  10.0.1.20 '-1'  2.000 ms\n",
		"-n -N 0 -z 20 -q 2 b":      "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms  2.000 ms\n",
		"-n -N -5 -w 1/2/3 -q 2 b":  "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms  2.000 ms\n",
		"-n -4 -t 0x10 -d -r -e -l 9999999 -p 99999 --fwmark=1 -q 1 b": "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms\n",
		"-n -s 10.0.1.10 -i eth0 -q 1 b":                               "30 hops max, 60 byte packets\n 1  10.0.1.20  2.000 ms\n",
	} {
		out, errs, status := twin(t, "traceroute", "--virtual --lab="+path+" "+args)
		if out != head+want || status != 0 || errs != "" {
			t.Errorf("%s: status %d\n%s%s\nwant %s", args, status, out, errs, want)
		}
	}
}

// TestOriginalHelp: help, version, and other names.
func TestOriginalHelp(t *testing.T) {
	for _, args := range []string{"", "--help", "-T -O help x"} {
		out, errs, status := twin(t, "traceroute", args)
		if !strings.HasPrefix(out, "Usage:\n  traceroute [ -46") || errs != "" || status != 0 {
			t.Errorf("%s: status %d\n%s%s", args, status, out, errs)
		}
	}
	for _, args := range []string{"-V", "--version", "-nV"} {
		out, errs, status := twin(t, "traceroute.exe", args)
		if !strings.HasPrefix(out, "Modern traceroute for Linux, version 2.1.2\n") || errs != "" || status != 0 {
			t.Errorf("%s: status %d\n%s%s", args, status, out, errs)
		}
	}
	out, _, _ := twin(t, "tcptraceroute", "--lab=echo --from=a --virtual -n -q 1 b")
	if !strings.Contains(out, "44 byte packets") {
		t.Error(out)
	}
	_, errs, status := twin(t, "/bin/traceroute6", "--lab=cmu-mit 18.7.22.69")
	if !strings.HasPrefix(errs, "18.7.22.69: Address family for hostname not supported\n") || status != 2 {
		t.Error(status, errs)
	}
}
