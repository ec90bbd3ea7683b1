package survey_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// found is what --json prints.
type found struct {
	paths []struct {
		Target  string `json:"target"`
		Reached bool   `json:"reached"`
		Hops    []struct {
			Addr     string `json:"addr"`
			Inferred bool   `json:"inferred"`
		} `json:"hops"`
	}
	routers []struct {
		Addr  string        `json:"addr"`
		TTL   int           `json:"ttl"`
		Asked int           `json:"asked"`
		Pace  time.Duration `json:"pace_ns"`
	}
	end struct {
		Targets int           `json:"targets"`
		Reached int           `json:"reached"`
		Routers int           `json:"routers"`
		Probes  int           `json:"probes"`
		Took    time.Duration `json:"duration_ns"`
	}
}

func parse(t *testing.T, out string) (f found) {
	t.Helper()
	for line := range strings.Lines(out) {
		var e struct{ Event string }
		err := json.Unmarshal([]byte(line), &e)
		switch {
		case err != nil:
		case e.Event == "path":
			f.paths = append(f.paths, f.paths[:0:0]...)
			f.paths = append(f.paths, struct {
				Target  string `json:"target"`
				Reached bool   `json:"reached"`
				Hops    []struct {
					Addr     string `json:"addr"`
					Inferred bool   `json:"inferred"`
				} `json:"hops"`
			}{})
			err = json.Unmarshal([]byte(line), &f.paths[len(f.paths)-1])
		case e.Event == "router":
			f.routers = append(f.routers, struct {
				Addr  string        `json:"addr"`
				TTL   int           `json:"ttl"`
				Asked int           `json:"asked"`
				Pace  time.Duration `json:"pace_ns"`
			}{})
			err = json.Unmarshal([]byte(line), &f.routers[len(f.routers)-1])
		case e.Event == "end":
			err = json.Unmarshal([]byte(line), &f.end)
		default:
			err = fmt.Errorf("event %q", e.Event)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, line)
		}
	}
	return f
}

// TestKernel: two hundred targets behind eleven routers with the kernel's own
// limits: all complete, every router named, in less than three seconds.
func TestKernel(t *testing.T) {
	conform.Row(t, "P-08")
	chain(t, 11, ":")
	sonde := clitest.Binary(t, "sonde")
	begun := time.Now()
	out, status := testnet.Run(t, sonde, "survey", "-n", "--json", "10.9.0.1-10.9.0.200")
	took := time.Since(begun)
	f := parse(t, out)
	if status != 0 || took > 3*time.Second || f.end.Reached != 200 || f.end.Targets != 200 || len(f.paths) != 200 || len(f.routers) != 11 || f.end.Routers != 11 {
		t.Fatalf("status %d, %v, %+v", status, took, f.end)
	}
	for _, p := range f.paths {
		if !p.Reached || len(p.Hops) != 11 {
			t.Fatalf("%+v", p)
		}
		for i, h := range p.Hops {
			if h.Addr != fmt.Sprintf("10.0.%d.2", i) {
				t.Errorf("%+v", p)
			}
		}
	}
	for _, r := range f.routers {
		if r.Addr != fmt.Sprintf("10.0.%d.2", r.TTL-1) || r.Asked > 6 || r.Pace != 0 {
			t.Errorf("%+v", r)
		}
	}
	t.Logf("%v, %+v", took, f.end)
}

// TestManyNetworks: as many networks as a router cannot answer for at once.
func TestManyNetworks(t *testing.T) {
	chain(t, 5, "sysctl -qw net.ipv4.icmp_ratelimit=50")
	out, status := testnet.Run(t, clitest.Binary(t, "sonde"), "survey", "-n", "--json", "10.9.0.0/20")
	f := parse(t, out)
	if status != 0 || f.end.Reached != 4094 || len(f.routers) != 5 {
		t.Fatalf("status %d, %+v", status, f.end)
	}
	for _, p := range f.paths {
		for i, h := range p.Hops {
			if h.Addr != fmt.Sprintf("10.0.%d.2", i) || len(p.Hops) != 5 {
				t.Fatalf("%+v", p)
			}
		}
	}
	t.Logf("%+v %+v", f.end, f.routers)
}

// TestMany: very many targets, and memory that is bounded: less than 64 MiB, what the
// collector has not taken yet included.
func TestMany(t *testing.T) {
	chain(t, 11, "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=1000000 net.ipv4.icmp_msgs_burst=100000")
	prefix, all := "10.9.0.0/16", 65534
	if raced {
		prefix, all = "10.9.0.0/19", 8190
	}
	cmd := testnet.Command(t, clitest.Binary(t, "sonde"), "survey", "-n", "--json", "--routers", "-r", "0", prefix)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	f := parse(t, string(out))
	used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("no usage")
	}
	kib := used.Maxrss
	if f.end.Targets != all || f.end.Reached != all || len(f.routers) != 11 || kib > 64<<10 && !raced {
		t.Errorf("%+v, %d KiB", f.end, kib)
	}
	t.Logf("%d KiB, %+v", kib, f.end)
}
