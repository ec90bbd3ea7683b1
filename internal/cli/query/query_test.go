package query_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/conform"
)

func run(t *testing.T, args string) (out, errs string, status int) {
	t.Helper()
	return clitest.Run(t, "", strings.Fields("sonde query "+args)...)
}

// TestLab asks in the laboratory, on the virtual clock.
func TestLab(t *testing.T) {
	conform.Row(t, "P-11")
	for _, x := range []struct {
		args, want string
		status     int
	}{
		{"mask --lab mask-information old", "10.0.0.2  2.000 ms  address mask 255.255.255.0: the network has 24 bits, /24\n", 0},
		{"mask --lab mask-information new", "10.0.0.3 does not answer\n", 1},
		{"mask --lab mask-information --lang fr -c 2 new", "10.0.0.3 ne répond pas\n10.0.0.3 ne répond pas\n", 1},
		{"info --lab mask-information --lang fr old", "10.0.0.2  2,000 ms  réponse d'information : le réseau est celui de 10.0.0.2, selon son propre préfixe\n", 0},
		{"router --lab router-discovery", `10.0.1.1  73.178 ms  router advertisement
    The router's addresses, good for 30m0s: 10.0.1.1.
    10.0.1.1: preference 10
10.0.1.2  166.900 ms  router advertisement
    The router's addresses, good for 30m0s: 10.0.1.2.
    10.0.1.2: preference 5
`, 0},
		{"router --lab mask-information", "224.0.0.2 does not answer\n", 1},
		{"probe --lab testdata/interfaces.yaml --from a --address 10.0.1.1 r", "10.0.0.2  2.000 ms  the interface is active, IPv4 runs on it\n", 0},
		{"probe --lab testdata/interfaces.yaml --from a --index 9 --lang fr r", "10.0.0.2  2,000 ms  pas de telle interface\n", 0},
		{"probe --lab testdata/interfaces.yaml --from a --name nosuch r", "10.0.0.2  2.000 ms  no such interface\n", 0},
		{"probe --lab testdata/interfaces.yaml --from a --index 1 quiet", "10.0.0.3 does not answer\n", 1},
	} {
		out, errs, status := run(t, strings.Replace(x.args, " ", " --virtual ", 1))
		if out != x.want || errs != "" || status != x.status {
			t.Errorf("%s: status %d\n%s%s", x.args, status, out, errs)
		}
	}
}

// TestJSON is an object a line.
func TestJSON(t *testing.T) {
	for args, want := range map[string]map[string]string{
		"mask --lab mask-information old":                                    {"event": `"reply"`, "mask_bits": "24", "from": `"10.0.0.2"`},
		"mask --lab mask-information new":                                    {"event": `"timeout"`},
		"info --lab mask-information old":                                    {"event": `"reply"`, "probe": `"info"`},
		"router --lab router-discovery -W 100ms":                             {"says": `["The router's addresses, good for 30m0s: 10.0.1.1."]`, "routers": `[{"addr":"10.0.1.1","preference":10}]`},
		"probe --lab testdata/interfaces.yaml --from a --address 10.0.1.1 r": {"means": `"the interface is active, IPv4 runs on it"`, "answer": `{"active":true,"ipv4":true}`},
	} {
		out, _, _ := run(t, strings.Replace(args, " ", " --json --virtual ", 1))
		var got map[string]json.RawMessage
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Errorf("%s: %v\n%s", args, err, out)
		}
		for k, v := range want {
			if string(got[k]) != v {
				t.Errorf("%s: %s is %s", args, k, got[k])
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for args, want := range map[string]string{
		"probe b":                                          "want one of --name, --index, --address: which interface is meant",
		"probe --name a --index 1 b":                       "want one of --name, --index, --address: which interface is meant",
		"probe --name a --remote b":                        "--remote goes with --address",
		"probe --index x b":                                "--index x: want a number",
		"probe --address x b":                              "--address x: want an address",
		"probe -4 -6 --index 1 b":                          "-4 and -6 do not go together",
		"router -6":                                        "-6 wants the link: -i INTERFACE",
		"router 10.0.0.1":                                  `"10.0.0.1" is no group: routers are asked all at once`,
		"mask --lab mask-information nobody9":              "nobody9: Name or service not known",
		"mask --lab mask-information -c -1 a":              "query.Config: field Count: want 1 to 65,536",
		"router --lab router-discovery -c 2 --interval 1s": "query.Config: field Interval: want no less than Timeout: of solicitations one is asked at a time",
	} {
		cmd, _, _ := strings.Cut(args, " ")
		if _, errs, status := run(t, args); errs != "sonde: query: "+cmd+": "+want+"\n" || status != 2 {
			t.Errorf("%s: status %d, %s", args, status, errs)
		}
	}
	out, _, status := run(t, "")
	if status != 0 || !strings.Contains(out, "\n  router      ") {
		t.Errorf("status %d\n%s", status, out)
	}
}
