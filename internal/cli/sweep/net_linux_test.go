package sweep_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/campaign"
	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// TestIPv6: a prefix and a list, behind a router and beside us, by every kind of
// probe and every engine: what is said is what was on the wire.
func TestIPv6(t *testing.T) {
	conform.Row(t, "P-09")
	_, router, far := street(t)
	listen(t, router, 81)
	listen(t, far, 81)
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte("# some\nfd00:a::101 fd00:a::1ff, fd00:a::1fe-fd00:a::202\n\nfd00:a::140 # again\nfd00:b::1-fd00:b::3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, engine := range []string{"xdp", "packet", "raw"} {
		for _, kind := range []struct {
			flag   []string
			closed bool
		}{{[]string{"--echo"}, false}, {[]string{"--udp", "9"}, true}, {[]string{"--tcp", "80"}, true}, {[]string{"--tcp", "81"}, false}} {
			for _, x := range []struct {
				targets                []string
				sent, replies, refused int
				ttl                    int
			}{
				{[]string{"fd00:a::100/120", "-f", list}, 262, 259, 3, 63},
				{[]string{"fd00::2-fd00::9"}, 8, 8, 0, 64},
			} {
				neighbours := x.ttl == 64
				if neighbours && engine != "raw" {
					continue
				}
				name := fmt.Sprint(engine, kind.flag, x.targets)
				o := run(t, "", append(append([]string{"-q", "--json", "--errors", "--wait", "1", "--rate", "20000", "--engine", engine}, kind.flag...), x.targets...)...)
				rx, tx := counted(t, router)
				all, sum := parse(t, o.out)
				if o.err != nil || o.status != 0 || sum.Engine != engine || sum.Sent != x.sent || sum.Answered != x.replies || sum.Errors != x.refused || sum.Unsent+sum.Dropped+sum.Rest != 0 {
					t.Errorf("%s: status %d, %v, %+v\n%s", name, o.status, o.err, sum, o.errs)
				}
				if rx != sum.Sent || tx != sum.Answered+sum.Errors || len(all) != tx {
					t.Errorf("%s: %d and %d on the wire, %d lines, %+v", name, rx, tx, len(all), sum)
				}
				seen := map[string]bool{}
				for _, l := range all {
					switch {
					case seen[l.Target]:
						t.Errorf("%s: twice: %+v", name, l)
					case l.Result == "reply" && (l.From != l.Target || l.TTL != x.ttl || l.Closed != kind.closed):
						t.Errorf("%s: %+v", name, l)
					case l.Result == "error" && (!strings.HasPrefix(l.Target, "fd00:b::") || l.From != "fd00::2" || l.Type != 1 || l.Code != 0 || l.TTL != 64):
						t.Errorf("%s: %+v", name, l)
					}
					seen[l.Target] = true
				}
			}
		}
	}
	// Without a choice, the fastest that there is, and neighbours by the kernel.
	for target, want := range map[string]string{"fd00:a::/125": "xdp", "fd00::2-fd00::5": "raw"} {
		o := run(t, "", "--wait", "0.5", target)
		if !strings.Contains(o.errs, "packets leave by: "+want+"\n") || o.status != 0 {
			t.Errorf("%s: %d, %s", target, o.status, o.errs)
		}
	}
	// Neighbours that are not there: the kernel asks for them, and says so itself.
	counted(t, router)
	o := run(t, "", "-q", "--json", "--errors", "--wait", "5", "--rate", "2000", "fd00::2-fd00::1f")
	rx, tx := counted(t, router)
	all, sum := parse(t, o.out)
	if o.err != nil || sum.Sent+sum.Unsent != 30 || sum.Answered != 8 || rx != 8 || tx != 8 || len(all) != 8+sum.Errors {
		t.Errorf("%v, %+v, %d and %d on the wire\n%s", o.err, sum, rx, tx, o.out)
	}
	for _, l := range all {
		if l.Result == "error" && (l.From != "fd00::1" || l.Type != 1 || l.Code != 3) {
			t.Errorf("%+v", l)
		}
	}
}

// safe returns how many probes a checkpoint says were asked, and need not be again.
func safe(t *testing.T, file string) int {
	t.Helper()
	c, err := campaign.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return int(c.Counters.Sent)
}

// TestGone: an interface that vanishes in the middle ends the job with one line;
// when it is back the job goes on, asks nothing again but what was asked within the
// last second, and all are found.
func TestGone(t *testing.T) {
	here, router, _ := street(t)
	for _, engine := range []string{"xdp", "packet", "raw"} {
		dir := t.TempDir()
		results, file := filepath.Join(dir, "results"), filepath.Join(dir, "job")
		const all, rate = 1 << 13, 4000
		args := []string{"--all", "--wait", "0.5", "--engine", engine, "--rate", strconv.Itoa(rate), "--checkpoint", file, "-o", results, "10.1.0.0/19"}
		counted(t, router)
		j := begin(t, args...)
		for asked(t, router) < all/8 {
			if j.cmd.ProcessState != nil {
				break
			}
		}
		here.Sh("ip link del l0")
		status, errs := j.end()
		before, _ := counted(t, router)
		saved := safe(t, file)
		if status != 2 || !strings.Contains(errs, "go on with: --checkpoint "+file+" --resume\n") || !strings.HasSuffix(errs, " --resume\nsonde: sweep: ring: l0: the interface has gone, or is down\n") {
			t.Errorf("%s: status %d\n%s", engine, status, errs)
		}
		if o := run(t, "", append([]string{"--resume"}, args...)...); o.status != 2 || o.err == nil {
			t.Errorf("%s, and it is not back: %+v", engine, o)
		}
		cable(here, router)
		counted(t, router) // pings
		if o := run(t, "", append([]string{"--resume"}, args...)...); o.status != 0 {
			t.Errorf("%s: %+v", engine, o)
		}
		once(t, results, all)
		if rx, _ := counted(t, router); rx != all-saved || saved > before {
			t.Errorf("%s: %d asked, then %d, of which %d were safe", engine, before, rx-before, saved)
		}
	}
}

// TestQueue: a queue that is full delays a sweep, and nothing is lost for it.
func TestQueue(t *testing.T) {
	here, router, _ := street(t)
	for _, x := range []struct{ name, qdisc string }{
		{"tbf", "tbf rate 8mbit burst 2kb limit 3kb"}, // thirty packets
		{"pfifo", "handle 1: tbf rate 8mbit burst 2kb limit 100kb; ip link set l0 txqueuelen 2; tc qdisc replace dev l0 parent 1:1 pfifo limit 2"},
	} {
		here.Sh("tc qdisc replace dev l0 root %s", x.qdisc)
		// Batches that are whole, and such as are not: what there was no room for is not
		// mixed up with what comes behind it.
		for _, y := range []struct{ targets, rate string }{
			{"10.1.0.0/20", "0"}, {"fd00:a::/116", "0"}, {"10.1.0.0-10.1.15.77", "0"}, {"10.1.0.0-10.1.15.77", "20000"}, {"fd00:a::-fd00:a::f4d", "20000"},
		} {
			counted(t, router)
			o := run(t, "", "-q", "--json", "--all", "--engine", "raw", "--rate", y.rate, "--wait", "1", y.targets)
			_, sum := parse(t, o.out)
			rx, tx := counted(t, router)
			all := 1 << 12
			if strings.Contains(y.targets, "-") {
				all = 15<<8 + 78
			}
			if o.status != 0 || sum.Sent != all || sum.Answered != all || sum.Unsent+sum.Rest+sum.Dropped != 0 || rx != all || tx != all {
				t.Errorf("%s, %s at %s: %+v, %+v, %d and %d on the wire", x.name, y.targets, y.rate, o.err, sum, rx, tx)
			}
		}
		if dropped := here.Sh("tc -s qdisc show dev l0 | grep -o 'dropped [0-9]*' | head -1"); strings.TrimSpace(dropped) == "dropped 0" {
			t.Errorf("%s: the queue was never full", x.name)
		}
	}
}

// TestNoRoom: where there is no room to send for long the job ends, and what has not
// left is asked when it goes on, however long ago its turn was.
func TestNoRoom(t *testing.T) {
	here, router, _ := street(t)
	// Some packets leave, thirty find room, and of these none leaves for hours.
	here.Sh("tc qdisc replace dev l0 root tbf rate 8bit burst 2kb limit 3kb")
	dir := t.TempDir()
	results, file := filepath.Join(dir, "results"), filepath.Join(dir, "job")
	const all = 1 << 10
	args := []string{"--json", "--all", "--wait", "1", "--engine", "raw", "--rate", "0", "--checkpoint", file, "-o", results, "10.1.0.0/22"}
	o := run(t, "", args...)
	if o.status != 2 || o.err == nil || o.err.Error() != "ring: l0: no room to send for 10s: no buffer space available" {
		t.Fatalf("%+v", o)
	}
	here.Sh("tc qdisc change dev l0 root tbf rate 100mbit burst 20kb limit 300kb")
	if o = run(t, "", append(args, "--resume")...); o.status != 0 {
		t.Errorf("%+v", o)
	}
	b, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	lines, sum := parse(t, string(b))
	seen := map[string]bool{}
	for _, l := range lines {
		seen[l.Target] = true
	}
	if rx, _ := counted(t, router); len(seen) != all || len(lines) != all || sum.Answered != all || rx < all || rx > all+100 {
		t.Errorf("%d have answered, in %d lines; %d asked, %+v", len(seen), len(lines), rx, sum)
	}
}

// TestDisk: a disk that fills up ends the job with one line, and what is on it is
// good: when there is room the job goes on, and nothing is lost.
func TestDisk(t *testing.T) {
	_, router, _ := street(t)
	sonde, dir := clitest.Binary(t, "sonde"), t.TempDir()
	const all, rate = 1 << 14, 8000
	// The disk is seen by this shell alone.
	out, status := testnet.Run(t, testnet.Need(t, "unshare"), "--mount", "sh", "-c", fmt.Sprintf(`
		mount -t tmpfs -o size=256k none %[1]s || exit 9
		sweep() { %[2]s sweep --lang en --all --rate %[3]d --checkpoint %[1]s/job -o %[1]s/results "$@" 10.1.0.0/18; echo "status $?"; }
		sweep 2>&1
		ls -A %[1]s
		cp %[1]s/job %[1]s.job
		mount -o remount,size=16m %[1]s || exit 9
		sweep --resume 2>&1
		cp %[1]s/results %[1]s.results`, dir, sonde, rate))
	if status == 9 {
		testnet.Missing(t, "tmpfs: "+out)
	}
	if status != 0 || !strings.Contains(out, "\nsonde: sweep: results: "+dir+"/results: no space left on device\nstatus 2\njob\nresults\n") ||
		!strings.Contains(out, "positions done; go on with: --checkpoint "+dir+"/job --resume\n") || !strings.HasSuffix(out, "\nstatus 0\n") {
		t.Errorf("status %d\n%s", status, out)
	}
	t.Cleanup(func() { _ = errors.Join(os.Remove(dir+".results"), os.Remove(dir+".job")) })
	once(t, dir+".results", all)
	_, first, _ := strings.Cut(out, "packets leave by: xdp\nsonde: sweep: ")
	before, saved := 0, safe(t, dir+".job")
	if _, err := fmt.Sscan(first, &before); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if rx, _ := counted(t, router); rx-before != all-saved || saved > before {
		t.Errorf("%d asked, then %d, of which %d were safe", before, rx-before, saved)
	}
	// Where nothing can be written from the beginning.
	out, status = testnet.Run(t, "sh", "-c", sonde+" sweep --lang en -q --wait 0.5 10.1.0.0/28 >/dev/full")
	if status != 2 || out != "sonde: sweep: results: standard output: no space left on device\n" {
		t.Errorf("status %d, %s", status, out)
	}
}

// TestOther: a checkpoint of another job is refused, and nobody is asked.
func TestOther(t *testing.T) {
	_, router, _ := street(t)
	dir := t.TempDir()
	file, results := filepath.Join(dir, "job"), filepath.Join(dir, "results")
	args := []string{"--wait", "0.1", "--checkpoint", file, "-o", results}
	if o := run(t, "", append(args, "--seed", "7", "10.1.0.0/28")...); o.status != 0 {
		t.Fatalf("%+v", o)
	}
	kept, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, router)
	for _, other := range []string{"10.1.0.0/27", "--udp 9 10.1.0.0/28", "--seed 8 10.1.0.0/28", "--seed 7 --shard 1/2 10.1.0.0/28", "--ttl 9 10.1.0.0/28", "--repeat 2 10.1.0.0/28", "10.1.0.1-10.1.0.7 10.1.0.8-10.1.0.13"} {
		o := run(t, "", append(append(args, "--resume"), strings.Fields(other)...)...)
		if o.status != 2 || o.err == nil || o.err.Error() != file+": the checkpoint is of another job: targets, kind, seed or shard differ" {
			t.Errorf("%s: %+v", other, o)
		}
	}
	// The same targets by other names are the same job.
	if o := run(t, "", append(args, "--resume", "10.1.0.1-10.1.0.7", "10.1.0.5-10.1.0.14")...); o.status != 2 || !strings.HasSuffix(o.err.Error(), "the job is done already") {
		t.Errorf("%+v", o)
	}
	now, err := os.ReadFile(results)
	if rx, _ := counted(t, router); err != nil || rx != 0 || !bytes.Equal(now, kept) {
		t.Errorf("%d asked, %v", rx, err)
	}
}
