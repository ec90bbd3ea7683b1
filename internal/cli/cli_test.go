package cli_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli"
)

// mainEnv makes the test binary the command itself, for tests that need a
// process to signal.
const mainEnv = "SONDE_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(mainEnv) != "" {
		os.Exit(cli.Main(os.Args))
	}
	os.Setenv("LC_ALL", "C") // a test that wants another language says so
	os.Exit(m.Run())
}

// chain is a network with two gateways, the second of which has a narrow link.
const chain = `
name: chain
links:
  lan: {delay: 1ms, outside: [10.0.1.99/24]}
  mid: {delay: 2ms, mtu: 1000}
  far: {delay: 3ms}
nodes:
  r1:
    kind: gateway
    interfaces: [{link: lan, address: 10.0.1.1/24}, {link: mid, address: 10.0.2.1/24}]
    routes: [{to: 10.0.3.0/24, via: 10.0.2.2}]
  r2:
    kind: gateway
    interfaces: [{link: mid, address: 10.0.2.2/24}, {link: far, address: 10.0.3.1/24}]
    routes: [{to: default, via: 10.0.2.1}]
  b:
    interfaces: [{link: far, address: 10.0.3.10/24}]
    routes: [{to: default, via: 10.0.3.1}]
`

// run runs a command line and returns what it prints and its exit status.
func run(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	status = cli.Run(t.Context(), append([]string{"sonde"}, args...), cli.Streams{In: strings.NewReader(""), Out: &o, Err: &e})
	return o.String(), e.String(), status
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"host", "--help"}, {"lab"}, {"lab", "up", "--help"}} {
		out, errs, status := run(t, args...)
		if status != 0 || errs != "" || !strings.Contains(out, "Usage:") {
			t.Errorf("sonde %v: status %d, %q, %q", args, status, out, errs)
		}
	}
}

// TestRefused: bad arguments are one line that says what and where, and exit
// status 2.
func TestRefused(t *testing.T) {
	topology := t.TempDir() + "/lab.yaml"
	if err := os.WriteFile(topology, []byte(chain), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"nonsense"}, `sonde: unknown command "nonsense" for "sonde"`},
		{[]string{"host"}, "sonde: host: requires at least 1 arg(s), only received 0"},
		{[]string{"host", "--nonsense"}, "sonde: host: unknown flag: --nonsense"},
		{[]string{"host", "10.9.0.2"}, `sonde: host: "10.9.0.2" is no address with a prefix length, as 10.9.0.2/24 is`},
		{[]string{"host", "10.9.0.2/32"}, "sonde: host: 10.9.0.2/32 has no room for the kernel's address"},
		{[]string{"host", "--kernel", "10.8.0.1", "10.9.0.2/24"}, "sonde: host: --kernel: 10.8.0.1 is on none of the networks"},
		{[]string{"host", "--kernel", "x", "10.9.0.2/24"}, `sonde: host: --kernel: "x" is no address`},
		{[]string{"host", "--mtu", "10", "10.9.0.2/24"}, "sonde: host: stack: config: Interfaces[0].MTU: 10 is not between 68 and 65535"},
		{[]string{"host", "--tun", "a/b", "10.9.0.2/24"}, `sonde: host: tun: name "a/b": character '/' is not allowed`},
		{[]string{"lab", "up"}, "sonde: lab: up: accepts 1 arg(s), received 0"},
		{[]string{"lab", "up", topology, "--link", "moon"}, `sonde: lab: up: lab: there is no link "moon"; there are lan, mid, far`},
		{[]string{"lab", "up", topology, "--link", "mid"}, "sonde: lab: up: lab: the topology has no address for outsiders on link mid: give one"},
		{[]string{"lab", "up", topology, "--address", "x"}, `sonde: lab: up: --address: "x" is no address with a prefix length`},
		{[]string{"lab", "up", topology, "--address", "10.0.1.1/24"}, "sonde: lab: up: lab: port on lan: 10.0.1.1 is that of r1"},
		{[]string{"lab", "up", topology, "--pcap", t.TempDir() + "/x.pcapng", "--pcap-link", "moon"}, `sonde: lab: up: --pcap-link: there is no link "moon"`},
		{[]string{"lab", "up", topology, "--pcap", "/nowhere/x.pcapng"}, "sonde: lab: up: open /nowhere/x.pcapng: no such file or directory"},
	} {
		out, errs, status := run(t, c.args...)
		if status != 2 || out != "" || errs != c.want+"\n" {
			t.Errorf("sonde %v: status %d, out %q, error\n got %q\nwant %q", c.args, status, out, errs, c.want+"\n")
		}
	}
}

func TestVersion(t *testing.T) {
	if out, _, status := run(t, "version"); status != 0 || !strings.HasPrefix(out, "sonde ") {
		t.Errorf("status %d, %q", status, out)
	}
}
