package campaign_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sonde-net/sonde/campaign"
	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/link/ring"
	"github.com/sonde-net/sonde/probe/sweep"
	"github.com/sonde-net/sonde/probe/sweep/space"
)

// a is behind a gateway with two links of 1 ms; b has the whole of 10.0.1.0/28 but
// three.
const network = `
links: {l0: {delay: 1ms}, l1: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: l0, address: 10.0.0.10/24}], routes: [{to: default, via: 10.0.0.1}]}
  r: {kind: gateway, interfaces: [{link: l0, address: 10.0.0.1/24}, {link: l1, address: 10.0.1.1/24}]}
  b: {interfaces: [{link: l1, address: 10.0.1.10/24}], routes: [{to: default, via: 10.0.1.1}]}
  c: {interfaces: [{link: l1, address: 10.0.1.11/24}], routes: [{to: default, via: 10.0.1.1}]}
`

func place(t *testing.T) *campaign.Lab {
	t.Helper()
	top, err := topology.Parse("t.yaml", []byte(network))
	if err != nil {
		t.Fatal(err)
	}
	return &campaign.Lab{Topology: top, From: "a", Virtual: true}
}

func targets(t *testing.T, texts ...string) *campaign.Targets {
	t.Helper()
	x := new(campaign.Targets)
	for _, s := range texts {
		if err := x.Add(s, "test"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.Finish(true); err != nil {
		t.Fatal(err)
	}
	return x
}

func TestTargets(t *testing.T) {
	for _, tt := range []struct {
		name         string
		add, exclude []string
		all          bool
		want         campaign.Notes
	}{
		{"a prefix", []string{"10.0.0.0/24"}, nil, false, campaign.Notes{Addresses: 254, Edges: 2}},
		{"all of a prefix", []string{"10.0.0.0/24"}, nil, true, campaign.Notes{Addresses: 256}},
		{"an end that was named", []string{"10.0.0.0/24", "10.0.0.255"}, nil, false, campaign.Notes{Addresses: 255, Twice: 1, Edges: 1}},
		{"two hosts", []string{"10.0.0.0/31"}, nil, false, campaign.Notes{Addresses: 2}},
		{"not masked", []string{"10.0.0.7/24"}, nil, false, campaign.Notes{Addresses: 254, Edges: 2}},
		{"overlapping", []string{"10.0.0.1-10.0.0.9", "10.0.0.5-20"}, nil, false, campaign.Notes{Addresses: 20, Twice: 5}},
		{"excluded", []string{"10.0.0.1-10.0.0.9"}, []string{"10.0.0.3", "10.0.0.8/29"}, false, campaign.Notes{Addresses: 6, Excluded: 3}},
		{"excluded, all of IPv6", []string{"10.0.0.1", "2001:4860::/120"}, []string{"::/0"}, false, campaign.Notes{Addresses: 1, Excluded: 256}},
		{"ends inside of another", []string{"10.0.0.0/24", "10.0.0.0/25", "10.0.0.127"}, nil, false, campaign.Notes{Addresses: 254, Twice: 129, Edges: 2}},
		{"reserved", []string{"127.0.0.1", "10.0.0.1", "224.0.0.0/30"}, nil, false, campaign.Notes{Addresses: 1, Reserved: 5}},
		{"reserved, all the same", []string{"127.0.0.1"}, nil, true, campaign.Notes{Addresses: 1}},
		{"public", []string{"8.8.8.8", "10.0.0.1"}, nil, false, campaign.Notes{Addresses: 2, Public: 1}},
	} {
		x := new(campaign.Targets)
		for _, s := range tt.add {
			if err := x.Add(s, "here"); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range tt.exclude {
			if err := x.Exclude(s, "here"); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := x.Finish(tt.all); err != nil || n != tt.want {
			t.Errorf("%s: %+v, %v", tt.name, n, err)
		}
	}
	x := new(campaign.Targets)
	for text, want := range map[string]string{
		"10.0.0.9-10.0.0.1": "f:3: ", "10.0.0.1-::1": "f:3: ", "nobody": "f:3: ", "10.0.0.0/33": "f:3: ",
	} {
		if err := x.Add(text, "f:3"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
		if err := x.Exclude(text, "f:3"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, targets := range []*space.Set{nil, &x.Set} {
		if _, err := campaign.New(&campaign.Lab{}, campaign.Options{Sweep: sweep.Config{Targets: targets}}); !errors.Is(err, campaign.ErrNone) {
			t.Errorf("a job of nothing: %v", err)
		}
	}
	if _, err := x.Finish(false); !errors.Is(err, campaign.ErrNone) {
		t.Error(err)
	}
}

func TestRead(t *testing.T) {
	var got []string
	collect := func(text, where string) error {
		got = append(got, text+"@"+where)
		return nil
	}
	in := "\ufeff10.0.0.1 10.0.0.2,10.0.0.3 # two more\n\n# nothing\r\n\t10.0.0.4\r\n"
	if err := campaign.Read(strings.NewReader(in), "f", collect); err != nil {
		t.Fatal(err)
	}
	if want := "[10.0.0.1@f:1 10.0.0.2@f:1 10.0.0.3@f:1 10.0.0.4@f:4]"; fmt.Sprint(got) != want {
		t.Errorf("%v", got)
	}
	long := "10.0.0.1\n" + strings.Repeat("x", campaign.MaxLine+1)
	if err := campaign.Read(strings.NewReader(long), "f", collect); err == nil || !strings.HasPrefix(err.Error(), "f:2: ") {
		t.Error(err)
	}
	why := errors.New("no")
	if err := campaign.Read(strings.NewReader("a\nb\n"), "f", func(string, string) error { return why }); err != why { //nolint:errorlint // it is that one
		t.Error(err)
	}
}

// TestManyTargets: what is named is put in order in large parts, whatever their
// order was, and each is known by its number.
func TestManyTargets(t *testing.T) {
	x := new(campaign.Targets)
	const n = 150_000
	for i := range n {
		// Every other address, from the last one down; every third of them twice.
		a := netip.AddrFrom4([4]byte{10, byte((n - i) >> 15), byte((n - i) >> 7), byte((n - i) << 1)})
		for range 1 + (i%3)/2 {
			if err := x.Add(a.String(), "f"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := x.Add("10.0.0.0/24", "f"); err != nil {
		t.Fatal(err)
	}
	got, err := x.Finish(false)
	if want := (campaign.Notes{Addresses: n + 127, Twice: n/3 + 127, Edges: 2}); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if a := x.Set.At(x.Set.Len() - 1); a != netip.MustParseAddr("10.4.147.224") {
		t.Error(a)
	}
}

// job runs a job to its end, or until stop says so, and returns who has answered.
func job(t *testing.T, o campaign.Options, stop func(p campaign.Progress) bool) (*campaign.Job, map[netip.Addr]int, error) {
	t.Helper()
	got := map[netip.Addr]int{}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o.Each = func(r *sweep.Result) {
		if r.Kind == sweep.Reply {
			got[r.Target]++
		}
	}
	o.Progress = func(p campaign.Progress) {
		if stop != nil && stop(p) {
			cancel()
		}
	}
	j, err := campaign.New(place(t), o)
	if err != nil {
		return nil, got, err
	}
	return j, got, j.Run(ctx)
}

// TestJob: on the virtual clock, a job takes as long as it takes, and finds who is
// there.
func TestJob(t *testing.T) {
	x := targets(t, "10.0.1.0/26")
	j, got, err := job(t, campaign.Options{Sweep: sweep.Config{Targets: &x.Set, Seed: 5, Rate: 10, Wait: time.Second}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := j.Counters()
	if len(got) != 3 || c.Sent != 64 || c.Answered != 3 || !j.Finished() || j.Engine() != "laboratory" || j.Seed() != 5 {
		t.Errorf("%v %+v", got, c)
	}
	if j.Elapsed() < 7*time.Second || j.Elapsed() > 8*time.Second || j.Sent() != 64 || j.Sending() < 6*time.Second {
		t.Errorf("%v, sent for %v", j.Elapsed(), j.Sending())
	}
	if got[netip.MustParseAddr("10.0.1.10")] != 1 {
		t.Errorf("%v", got)
	}
}

// TestResume: a job that was interrupted goes on where it was, and nobody is asked
// twice; one that broke off asks again what was asked within a second.
func TestResume(t *testing.T) {
	x := targets(t, "10.0.1.0/24")
	file := filepath.Join(t.TempDir(), "job")
	o := campaign.Options{Sweep: sweep.Config{Targets: &x.Set, Seed: 5, Rate: 20, Wait: time.Second}, Checkpoint: file, Resume: true, Seeded: true}
	var before []byte
	n := 0
	j, first, err := job(t, o, func(p campaign.Progress) bool {
		if n++; n == 6 {
			before, _ = os.ReadFile(file)
			if p.Left == 0 || p.Size == 0 || p.Rate < 15 || p.Rate > 25 || p.Elapsed < 3*time.Second {
				t.Errorf("%+v", p)
			}
		}
		return n == 6
	})
	if err != nil || j.Finished() {
		t.Fatal(err)
	}
	at, size := j.Position()
	c, err := campaign.Load(file)
	if err != nil || c.Position != at || c.Size != size || c.Done || c.Seed != 5 || c.Counters.Sent != j.Sent() || j.Saved() != at {
		t.Fatalf("%+v, %v", c, err)
	}
	// The seed is that of the file.
	o.Sweep.Seed = 99
	k, second, err := job(t, o, nil)
	if err != nil || !k.Finished() {
		t.Fatal(err)
	}
	if got := k.Counters(); got.Sent != 256 || got.Answered != 3 || len(first)+len(second) != 3 {
		t.Errorf("%+v, %v, %v", got, first, second)
	}
	if _, _, err := job(t, o, nil); !errors.Is(err, campaign.ErrDone) {
		t.Error(err)
	}
	// As if the power had gone: the checkpoint is half a second behind, at most one.
	if err := os.WriteFile(file, before, 0o600); err != nil {
		t.Fatal(err)
	}
	old, err := campaign.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if twice := at - old.Position; twice < 10 || twice > 21 {
		t.Errorf("%d asked twice", twice)
	}
	var m *campaign.Job
	if m, second, err = job(t, o, nil); err != nil {
		t.Fatal(err)
	}
	both := map[netip.Addr]bool{}
	for _, who := range []map[netip.Addr]int{first, second} {
		for a := range who {
			both[a] = true
		}
	}
	if len(both) != 3 || m.Counters().Sent < 256 {
		t.Errorf("%v %+v", both, m.Counters())
	}
}

// TestOther: a checkpoint is of one job and no other.
func TestOther(t *testing.T) {
	x, y := targets(t, "10.0.1.0/28"), targets(t, "10.0.1.0/29")
	base := sweep.Config{Targets: &x.Set, Seed: 5, Rate: 100, Wait: time.Millisecond}
	file := filepath.Join(t.TempDir(), "job")
	c := campaign.Checkpoint{Format: campaign.Format, Job: campaign.Fingerprint(&base), Seed: 5, Position: 3, Size: 16}
	if err := c.Save(file); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*sweep.Config){
		"targets": func(c *sweep.Config) { c.Targets = &y.Set },
		"seed":    func(c *sweep.Config) { c.Seed = 6 },
		"kind":    func(c *sweep.Config) { c.Kind = sweep.Timestamp },
		"port":    func(c *sweep.Config) { c.Port = 80 },
		"shard":   func(c *sweep.Config) { c.Shards = 2 },
		"repeat":  func(c *sweep.Config) { c.Repeat = 2 },
		"payload": func(c *sweep.Config) { c.Payload = []byte("x") },
		"hops":    func(c *sweep.Config) { c.Hops = 4 },
	} {
		other := base
		change(&other)
		_, err := campaign.New(place(t), campaign.Options{Sweep: other, Checkpoint: file, Resume: true})
		if !errors.Is(err, campaign.ErrOther) {
			t.Errorf("%s: %v", name, err)
		}
	}
	base.Rate = 7
	j, err := campaign.New(place(t), campaign.Options{Sweep: base, Checkpoint: file, Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if at, _ := j.Position(); at != 3 {
		t.Errorf("at %d", at)
	}
	for _, text := range []string{"", "{", "{}", "null", "[1]", `{"format":"1"}`, `{"format":1}`, `{"format":1,"job":"x","position":9,"size":3}`, `{"format":1,"job":"x"`, strings.Repeat(" ", 1<<17)} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := campaign.New(place(t), campaign.Options{Sweep: base, Checkpoint: file, Resume: true}); !errors.Is(err, campaign.ErrBroken) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestLostRoom: where the checkpoint can no longer be written the job ends, and says
// so once.
func TestLostRoom(t *testing.T) {
	x := targets(t, "10.0.1.0/24")
	dir := filepath.Join(t.TempDir(), "dir")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "job")
	o := campaign.Options{Sweep: sweep.Config{Targets: &x.Set, Seed: 5, Rate: 20, Wait: time.Second}, Checkpoint: file}
	j, _, err := job(t, o, func(campaign.Progress) bool {
		_ = os.RemoveAll(dir)
		return false
	})
	if err == nil || err.Error() != "checkpoint: "+file+": no such file or directory" || !errors.Is(err, os.ErrNotExist) || j.Finished() {
		t.Errorf("%v", err)
	}
}

// TestVersion: a checkpoint of another version is said to be one.
func TestVersion(t *testing.T) {
	file := filepath.Join(t.TempDir(), "job")
	if err := os.WriteFile(file, []byte(`{"format": 2, "job": {"parts": []}, "position": "all"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := campaign.Load(file)
	if want := file + ": the checkpoint is of another version: 2, where this program has 1"; !errors.Is(err, campaign.ErrFormat) || err.Error() != want {
		t.Error(err)
	}
}

// TestNoFile: what is no file is neither read nor replaced.
func TestNoFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "job")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := campaign.Load(dir); !errors.Is(err, campaign.ErrBroken) {
		t.Error(err)
	}
	c := campaign.Checkpoint{Format: campaign.Format, Job: "x"}
	if err := c.Save(dir); err == nil || err.Error() != dir+": no regular file" {
		t.Error(err)
	}
	if all, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(all) != 1 || !all[0].IsDir() {
		t.Errorf("%v, %v", all, err)
	}
}

// TestFaults: what cannot be kept ends the job, and the checkpoint stays where all
// is safe.
func TestFaults(t *testing.T) {
	x := targets(t, "10.0.1.0/24")
	file := filepath.Join(t.TempDir(), "job")
	o := campaign.Options{Sweep: sweep.Config{Targets: &x.Set, Seed: 5, Rate: 20, Wait: time.Second}, Checkpoint: file}
	why := errors.New("full")
	n := 0
	o.Flush = func() error {
		if n++; n > 3 {
			return why
		}
		return nil
	}
	j, err := campaign.New(place(t), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Run(context.Background()); !errors.Is(err, why) {
		t.Fatal(err)
	}
	c, err := campaign.Load(file)
	if at, _ := j.Position(); err != nil || c.Done || c.Position >= at || j.Saved() != c.Position {
		t.Errorf("%+v, %v", c, err)
	}
	o.Checkpoint = filepath.Join(t.TempDir(), "no", "such", "directory")
	if j, err = campaign.New(place(t), o); err != nil {
		t.Fatal(err)
	}
	if err := j.Run(context.Background()); !errors.Is(err, os.ErrNotExist) || j.Sent() != 0 {
		t.Errorf("%v, %d", err, j.Sent())
	}
}

// keeper is a place whose link keeps what is more than so many datagrams, and breaks
// off after some time.
type keeper struct {
	*campaign.Lab
	most uint64
	stop time.Duration
}

var errKept = errors.New("no room")

func (k *keeper) Counters() ring.Counters {
	c := k.Lab.Counters()
	c.Sent = min(c.Sent, k.most)
	return c
}

func (k *keeper) Run(ctx context.Context, s *sweep.Sweep, turn drive.Turn) error {
	var end time.Time
	return k.Lab.Run(ctx, s, func(now time.Time, mu sync.Locker) error {
		if end.IsZero() {
			end = now.Add(k.stop)
		}
		if err := turn(now, mu); err != nil {
			return err
		}
		if !now.Before(end) {
			return errKept
		}
		return nil
	})
}

// TestKept: what the link has still kept is not behind the checkpoint, however long
// ago it was asked.
func TestKept(t *testing.T) {
	x := targets(t, "10.0.1.0/24")
	for _, tt := range []struct{ most, least, position uint64 }{
		{30, 19, 30}, // at 20 a second, half a second ago at most
		{5, 0, 5},
		{1000, 85, 92}, // of five seconds the last half one
	} {
		file := filepath.Join(t.TempDir(), "job")
		at := &keeper{place(t), tt.most, 5 * time.Second}
		j, err := campaign.New(at, campaign.Options{
			Sweep: sweep.Config{Targets: &x.Set, Seed: 5, Rate: 20, Wait: time.Second}, Checkpoint: file,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Run(context.Background()); !errors.Is(err, errKept) || j.Sent() < 100 {
			t.Fatalf("%v, %d", err, j.Sent())
		}
		if c, err := campaign.Load(file); err != nil || c.Counters.Sent > tt.position || c.Counters.Sent < tt.least || c.Position < c.Counters.Sent || j.Saved() != c.Position {
			t.Errorf("%d: %+v, %v", tt.most, c, err)
		}
	}
}

// TestSave: a file is whole, nobody else may read it, and nothing is left behind.
func TestSave(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "job")
	c := campaign.Checkpoint{Format: campaign.Format, Job: "x", Seed: 1 << 63, Position: 1, Size: 2}
	for range 2 {
		if err := c.Save(file); err != nil {
			t.Fatal(err)
		}
	}
	got, err := campaign.Load(file)
	if err != nil || got != c {
		t.Errorf("%+v, %v", got, err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if all, _ := os.ReadDir(dir); len(all) != 1 {
		t.Errorf("%v", all)
	}
	b, _ := os.ReadFile(file)
	if !bytes.HasSuffix(b, []byte("}\n")) {
		t.Errorf("%q", b)
	}
}

// TestAgain: who has answered in an earlier run counts once.
func TestAgain(t *testing.T) {
	x := targets(t, "10.0.1.0/28")
	j, err := campaign.New(place(t), campaign.Options{Sweep: sweep.Config{Targets: &x.Set, Seed: 5, Rate: 1000, Wait: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		j.Again(netip.MustParseAddr("10.0.1.10"))
	}
	j.Again(netip.MustParseAddr("10.9.9.9")) // not of it
	if err := j.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if c := j.Counters(); c.Answered != 3 || c.Duplicates != 1 {
		t.Errorf("%+v", c)
	}
}
