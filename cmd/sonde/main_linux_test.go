package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestMain makes the test binary the command itself, for the benchmark.
func TestMain(m *testing.M) {
	if os.Getenv("SONDE_TEST_MAIN") != "" {
		main()
	}
	os.Exit(m.Run())
}

// TestWeight: every start pays for what every package in the program prepares, also
// a trace that takes three milliseconds. These were in, for next to nothing.
func TestWeight(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skip("go list:", err)
	}
	deps := strings.Fields(string(out))
	for _, heavy := range []string{"crypto/tls", "crypto/x509", "github.com/miekg/dns", "net/http", "testing"} {
		if slices.Contains(deps, heavy) {
			t.Errorf("%s is in the program", heavy)
		}
	}
}

// BenchmarkStart is a whole process that has next to nothing to do. The time is
// that on the processor.
func BenchmarkStart(b *testing.B) {
	for _, name := range []string{"sonde", "traceroute"} {
		b.Run("name="+name, func(b *testing.B) {
			var cpu, faults int64
			for b.Loop() {
				cmd := exec.Command("/proc/self/exe")
				cmd.Args = map[string][]string{"sonde": {name, "version"}, "traceroute": {name, "-V"}}[name]
				cmd.Env = append(os.Environ(), "SONDE_TEST_MAIN=1")
				if err := cmd.Run(); err != nil {
					b.Skip(err)
				}
				cpu += int64(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
				faults += cmd.ProcessState.SysUsage().(*syscall.Rusage).Minflt
			}
			b.ReportMetric(float64(cpu)/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(faults)/float64(b.N), "faults/op")
		})
	}
}
