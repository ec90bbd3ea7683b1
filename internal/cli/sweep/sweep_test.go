package sweep_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/internal/cli/sweep"
)

const network = `
links: {l0: {delay: 1ms}, l1: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: l0, address: 10.0.0.10/24}], routes: [{to: default, via: 10.0.0.1}]}
  r: {kind: gateway, interfaces: [{link: l0, address: 10.0.0.1/24}, {link: l1, address: 10.0.1.1/24}]}
  b: {interfaces: [{link: l1, address: 10.0.1.10/24}], routes: [{to: default, via: 10.0.1.1}]}
  c: {interfaces: [{link: l1, address: 10.0.1.11/24}], routes: [{to: default, via: 10.0.1.1}]}
`

// outcome is what a run of the command gave.
type outcome struct {
	out, errs string
	status    int
	err       error
}

func run(t *testing.T, in string, args ...string) outcome {
	t.Helper()
	cmd := sweep.New()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	var out, errs bytes.Buffer
	cmd.SetIn(strings.NewReader(in))
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SetArgs(append([]string{"--lang", "en"}, args...))
	code, err := status.Of(cmd.ExecuteContext(context.Background()))
	return outcome{out.String(), errs.String(), code, err}
}

func labFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "net.yaml")
	if err := os.WriteFile(name, []byte(network), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func lab(t *testing.T, args ...string) outcome {
	t.Helper()
	return run(t, "", append([]string{"--lab", labFile(t), "--virtual", "--seed", "7"}, args...)...)
}

// TestLab: what is printed, on the virtual clock.
func TestLab(t *testing.T) {
	for _, tt := range []struct {
		args, out, errs string
		status          int
	}{
		{
			"10.0.1.10-12",
			"10.0.1.11 4.000 ms ttl 63\n10.0.1.10 4.000 ms ttl 63\n",
			"sonde: sweep: packets leave by: laboratory\n" +
				"sonde: sweep: 3 asked in 3ms, 1000 a second, by laboratory: 2 answered, 1 not, 1 errors, 0 duplicates\n", 0,
		},
		{"-q --errors -w 5 10.0.1.99 10.0.7.1", "10.0.7.1 error 3/0 Destination Unreachable: Net Unreachable from 10.0.0.1 2.000 ms ttl 64\n10.0.1.99 error 3/1 Destination Unreachable: Host Unreachable from 10.0.0.1 3.002 s ttl 64\n", "", 1},
		{"-q --timestamp 10.0.1.10", "10.0.1.10 4.000 ms ttl 63\n", "", 0},
		{"-q --udp 53 10.0.1.10", "10.0.1.10 4.000 ms ttl 63 closed\n", "", 0},
		{"-q --csv 10.0.1.10", "time,result,target,from,rtt_ns,ttl,hop,type,code,mtu,closed,duplicate\n2026-01-01T00:00:00.004Z,reply,10.0.1.10,10.0.1.10,4000000,63,,,,,false,false\n", "", 0},
		{"-q --trace --max-hops 4 10.0.1.10", "10.0.1.10: 10.0.0.1 10.0.1.10\n", "", 0},
		{"-q --repeat 2 --duplicates 10.0.1.10", "10.0.1.10 4.000 ms ttl 63\n10.0.1.10 4.000 ms ttl 63 again\n", "", 0},
		{"-q 10.0.1.77", "", "", 1},
	} {
		o := lab(t, strings.Fields(tt.args)...)
		if tt.args[:2] == "-q" && strings.Contains(tt.args, "--errors") {
			// How long a gateway looks for a host is not of interest here.
			if strings.Count(o.out, " error ") != 2 || !strings.Contains(o.out, "10.0.1.99 error 3/1 Destination Unreachable: ") || o.status != tt.status {
				t.Errorf("%s: %d\n%s", tt.args, o.status, o.out)
			}
			continue
		}
		out := o.out
		if strings.Contains(tt.args, "--csv") { // the day of the laboratory
			_, rest, _ := strings.Cut(tt.out, "2026-01-01T00:00:00.004Z")
			if !strings.HasSuffix(out, rest) || !strings.HasPrefix(out, tt.out[:60]) {
				t.Errorf("%s: %s", tt.args, out)
			}
			continue
		}
		if strings.HasPrefix(tt.args, "10.0.1.10-12") { // in the order of the seed
			if len(out) != len(tt.out) {
				t.Errorf("%s:\n%s", tt.args, out)
			}
			out = tt.out
		}
		if out != tt.out || o.errs != tt.errs || o.status != tt.status || o.err != nil {
			t.Errorf("%s: status %d, %v\n%s%s", tt.args, o.status, o.err, o.out, o.errs)
		}
	}
}

// TestJSON: each line is an object; the last is the summary.
func TestJSON(t *testing.T) {
	o := lab(t, "--json", "--errors", "--trace", "--max-hops", "3", "--no-paths", "10.0.1.10")
	var all []map[string]any
	for line := range strings.Lines(o.out) {
		var x map[string]any
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, x)
	}
	if len(all) != 4 || all[3]["result"] != "summary" || all[3]["sent"] != 3.0 || all[3]["engine"] != "laboratory" || all[3]["position"] != all[3]["size"] {
		t.Fatalf("%v", all)
	}
	hops := map[float64]string{}
	for _, x := range all[:3] {
		hops[x["hop"].(float64)] = x["from"].(string) + " " + x["result"].(string)
	}
	if hops[1] != "10.0.0.1 error" || hops[2] != "10.0.1.10 reply" || hops[3] != "10.0.1.10 reply" {
		t.Errorf("%v", hops)
	}
	o = lab(t, "--json", "--trace", "--max-hops", "3", "10.0.1.10")
	if want := `{"result":"path","target":"10.0.1.10","reached":true,"hops":[{"ttl":1,"addr":"10.0.0.1","rtt_ns":2000000},{"ttl":2,"addr":"10.0.1.10","rtt_ns":4000000}]}` + "\n"; !strings.HasPrefix(o.out, want) {
		t.Error(o.out)
	}
}

// TestRefused: one line each, before anything is asked.
func TestRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(file, []byte("10.0.0.1\n10.0.0.9-10.0.0.1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"":                                 "want targets: addresses, prefixes, ranges, or -f and a file",
		"-f " + file:                       file + `:2: "10.0.0.9-10.0.0.1": range ends before it begins`,
		"8.8.0.0/16":                       "65534 public addresses: to ask more than 256 takes --permitted, by which you say that you may",
		"127.0.0.1":                        "there is no address to ask",
		"--rate 1.5 10.0.0.1":              "--rate: want whole packets a second, up to 100000000",
		"--rate -1 10.0.0.1":               "--rate: want whole packets a second, up to 100000000",
		"--rate 5 --bandwidth 5k 10.0.0.1": "--rate and --bandwidth: want one of them",
		"--bandwidth 5x 10.0.0.1":          `--bandwidth: "5x" is none: want bits a second, like 500k, 10M or 1G`,
		"--shard 1/2 10.0.0.1":             "--shard goes with --seed: the parts belong together by it",
		"--shard 3/2 --seed 1 10.0.0.1":    `--shard: "3/2" is none: want I/N, like 1/4`,
		"--shard 0/2 --seed 1 10.0.0.1":    `--shard: "0/2" is none: want I/N, like 1/4`,
		"--udp 53 --tcp 80 10.0.0.1":       "--echo, --timestamp, --udp and --tcp: want one of them",
		"--trace --udp 53 10.0.0.1":        "--trace asks by echo",
		"--trace --max-hops 64 10.0.0.1":   "--max-hops: want 1 to 63",
		"--repeat 17 10.0.0.1":             "--repeat: want 1 to 16",
		"--json --csv 10.0.0.1":            "--json and --csv: want one of them",
		"--resume 10.0.0.1":                "--resume goes with --checkpoint",
		"--trace --checkpoint x 10.0.0.1":  "--checkpoint with --trace goes with --no-paths: paths are put together at the end, from one run",
		"10.0.0.9-10.0.0.1":                `target: "10.0.0.9-10.0.0.1": range ends before it begins`,
		"10.0.0.9-1":                       `target: "10.0.0.9-1": range ends before it begins`,
		"fd00::2-fd00::1":                  `target: "fd00::2-fd00::1": range ends before it begins`,
		"10.0.0.1-fd00::1":                 `target: "10.0.0.1-fd00::1": range begins in one family and ends in another`,
		"10.0.0.1-300":                     `target: "10.0.0.1-300": not an address, a prefix, or a range`,
		"10.0.0.1-":                        `target: "10.0.0.1-": not an address, a prefix, or a range`,
		"10.0.0.0/33":                      `target: "10.0.0.0/33": not an address, a prefix, or a range`,
		"10.0.256.0":                       `target: "10.0.256.0": not an address, a prefix, or a range`,
		"fe80::1%l0":                       `target: "fe80::1%l0": address with a zone`,
		"::/0":                             "target: ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff: more addresses than can be numbered: 2^40",
		"2000::/3":                         "target: 2000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff: more addresses than can be numbered: 2^40",
		"--virtual 10.0.0.1":               "--from and --virtual go with --lab",
		"--engine steam 10.0.0.1":          `--engine: "steam" is no engine: there are auto, xdp, packet and raw`,
		"--source x 10.0.0.1":              `--source: "x" is no address`,
		"--wait -1 10.0.0.1":               "--wait: want 0 to 3600 seconds",
		"--ttl 0 10.0.0.1":                 "--ttl: want 1 to 255",
		"--tcp 80 --payload x 10.0.0.1":    "--payload: there is no room for it with --tcp",
	} {
		o := run(t, "", strings.Fields(args)...)
		if o.status != 2 || o.err == nil || o.err.Error() != want || o.out != "" {
			t.Errorf("%s: status %d, %v", args, o.status, o.err)
		}
	}
}

// TestDryRun says what would be asked, and what is left out.
func TestDryRun(t *testing.T) {
	o := run(t, "8.8.8.0/24 # them\n", "--dry-run", "--seed", "3", "--rate", "10", "--exclude", "8.8.8.8", "-", "127.0.0.1", "8.8.8.9")
	want := "253 addresses would be asked, 253 of them public, 253 probes\nby echo\nat 10 packets a second: 25s\nthe first: "
	if !strings.HasPrefix(o.out, want) || o.status != 0 || strings.Contains(o.out, "8.8.8.8 ") {
		t.Errorf("%+v", o)
	}
	if want := "1 addresses were named more than once; each is asked once"; !strings.Contains(o.errs, want) ||
		!strings.Contains(o.errs, "1 reserved addresses left out") || !strings.Contains(o.errs, "2 addresses of networks") || !strings.Contains(o.errs, "1 addresses excluded") {
		t.Error(o.errs)
	}
	// Ranges that overlap are asked once, however they are named.
	over := run(t, "10.0.0.128-10.0.1.127 10.0.0.200", "--dry-run", "--all", "-", "10.0.0.0/24", "10.0.0.0/25", "10.0.0.130-140")
	if !strings.HasPrefix(over.out, "384 addresses would be asked, 0 of them public, 384 probes\n") || !strings.Contains(over.errs, ": 268 addresses were named more than once") {
		t.Errorf("%+v", over)
	}
	// All there is.
	if o := run(t, "", "--dry-run", "0.0.0.0/0"); !strings.HasPrefix(o.out, "3724540672 addresses would be asked, 3702258432 of them public") || !strings.Contains(o.out, "takes --permitted") {
		t.Errorf("%+v", o)
	}
	again := run(t, "8.8.8.0/24", "--dry-run", "--seed", "3", "--rate", "10", "--exclude", "8.8.8.8", "-", "127.0.0.1", "8.8.8.9")
	if again.out != o.out {
		t.Error("the order is another")
	}
}

// TestResume: what was written before counts, a line that was not finished is cut
// off, and the next run writes the rest.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	results, job := filepath.Join(dir, "results"), filepath.Join(dir, "job")
	for _, form := range []string{"", "--json", "--csv"} {
		_ = os.Remove(job)
		args := []string{"--checkpoint", job, "-o", results, "10.0.1.0/28"}
		if form != "" {
			args = append(args, form)
		}
		if o := lab(t, args...); o.status != 0 {
			t.Fatalf("%+v", o)
		}
		whole, _ := os.ReadFile(results)
		b, _ := os.ReadFile(job)
		// As if it had been killed in the middle of the last line.
		undone := bytes.Replace(b, []byte(`"done": true`), []byte(`"done": false`), 1)
		at := bytes.Index(undone, []byte(`"position": `))
		undone = append(append(append([]byte{}, undone[:at]...), `"position": 0,`...), undone[at+bytes.IndexByte(undone[at:], '\n'):]...)
		if err := os.WriteFile(job, undone, 0o600); err != nil {
			t.Fatal(err)
		}
		lines := bytes.SplitAfter(whole, []byte("\n"))
		kept := bytes.Join(lines[:2], nil)
		if err := os.WriteFile(results, append(bytes.Clone(kept), lines[2][:5]...), 0o600); err != nil {
			t.Fatal(err)
		}
		if o := lab(t, args...); o.status != 2 || !strings.Contains(o.err.Error(), "there is a checkpoint of a job that is not done") {
			t.Errorf("%+v", o)
		}
		if o := lab(t, append(args, "--resume")...); o.status != 0 {
			t.Fatalf("%+v", o)
		}
		now, _ := os.ReadFile(results)
		if !bytes.HasPrefix(now, kept) || bytes.Count(now, []byte("10.0.1.10")) == 0 {
			t.Errorf("%s: %s", form, now)
		}
		seen := map[string]int{}
		for line := range strings.Lines(string(now)) {
			for _, a := range []string{"10.0.1.1 ", "10.0.1.10 ", "10.0.1.11 ", "10.0.1.1,1", "10.0.1.10,1", "10.0.1.11,1", `"target":"10.0.1.1"`, `"target":"10.0.1.10"`, `"target":"10.0.1.11"`} {
				if strings.Contains(line, a) {
					seen[a]++
				}
			}
		}
		if len(seen) != 3 {
			t.Errorf("%s: %v", now, seen)
		}
		for a, n := range seen {
			if n != 1 {
				t.Errorf("%s: %s %d times", form, a, n)
			}
		}
		if o := lab(t, append(args, "--resume")...); o.status != 2 || !strings.Contains(o.err.Error(), "the job is done already") {
			t.Errorf("%+v", o)
		}
		if o := lab(t, "--checkpoint", job, "--resume", "10.0.1.0/27"); o.status != 2 || !strings.Contains(o.err.Error(), "is of another job") {
			t.Errorf("%+v", o)
		}
	}
}

// TestCheckpointFile: what is no checkpoint is not lost for one.
func TestCheckpointFile(t *testing.T) {
	job := filepath.Join(t.TempDir(), "job")
	for text, want := range map[string]string{
		"10.0.1.0/28\n":     job + ": the file is no checkpoint",
		`{"format": 9}`:     job + ": the checkpoint is of another version: 9, where this program has 1",
		"{\"format\":1,\"j": job + ": the file is no checkpoint",
	} {
		for _, resume := range []string{"-q", "--resume"} {
			if err := os.WriteFile(job, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			o := lab(t, "--checkpoint", job, resume, "10.0.1.0/28")
			if now, err := os.ReadFile(job); o.status != 2 || o.err == nil || o.err.Error() != want || err != nil || string(now) != text {
				t.Errorf("%s: %+v, %s, %v", resume, o, now, err)
			}
		}
	}
	for _, resume := range []string{"-q", "--resume"} {
		if o := lab(t, "--checkpoint", filepath.Dir(job), resume, "10.0.1.0/28"); o.status != 2 || o.err == nil || o.err.Error() != filepath.Dir(job)+": the file is no checkpoint" {
			t.Errorf("%+v", o)
		}
	}
	// There is nothing in an empty one.
	if err := os.WriteFile(job, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if o := lab(t, "--checkpoint", job, "10.0.1.0/28"); o.status != 0 {
		t.Errorf("%+v", o)
	}
	if o := lab(t, "--checkpoint", job, "-o", filepath.Dir(job)+"/./job", "10.0.1.0/28"); o.status != 2 || o.err.Error() != "--checkpoint and --output: want two files" {
		t.Errorf("%+v", o)
	}
}

// TestLong: a time that is longer than can be counted is a century.
func TestLong(t *testing.T) {
	if o := run(t, "", "--dry-run", "--rate", "1", "2001:4860::/88"); !strings.Contains(o.out, "\nat 1 packets a second: 876000h0m0s\n") {
		t.Errorf("%+v", o)
	}
}

// TestFull: a full disk is one line, and the checkpoint says where all is safe.
func TestFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	job := filepath.Join(t.TempDir(), "job")
	o := lab(t, "--checkpoint", job, "-o", "/dev/full", "10.0.1.0/28")
	if o.status != 2 || o.err == nil || o.err.Error() != "results: /dev/full: no space left on device" || !strings.Contains(o.errs, "0 of ") {
		t.Errorf("%+v", o)
	}
}

// TestFrench: the words that are no results are in the language that is asked for.
func TestFrench(t *testing.T) {
	o := lab(t, "--lang", "fr", "10.0.1.10")
	if !strings.Contains(o.errs, "1 interrogées en ") || !strings.Contains(o.errs, "1 ont répondu, 0 non") {
		t.Error(o.errs)
	}
}
