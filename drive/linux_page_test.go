//go:build linux

package drive_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
)

var update = flag.Bool("update", false, "write docs/linux-differences.md")

// TestLinuxPage holds docs/linux-differences.md to the tables; with -update it
// writes it.
func TestLinuxPage(t *testing.T) {
	path := filepath.Join(conform.Root(), "docs", "linux-differences.md")
	want := page()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/linux-differences.md is not what the tables say; go test ./drive -run TestLinuxPage -update writes it")
	}
}

// TestLinuxTables: the tables hold what they promise, without a kernel to ask.
func TestLinuxTables(t *testing.T) {
	all, seen := 0, map[string]bool{}
	for _, s := range situations() {
		for _, g := range s.groups {
			for _, st := range g.stimuli {
				all++
				name := s.name + "/" + g.name + "/" + st.name
				if seen[name] {
					t.Errorf("two stimuli are %q", name)
				}
				seen[name] = true
				if len(g.rows) > 0 && len(g.stimuli) == 0 {
					t.Errorf("%s/%s proves rows by nothing", s.name, g.name)
				}
			}
			wants := 0
			for _, st := range g.stimuli {
				if st.want != "" {
					wants++
				}
			}
			if len(g.rows) > 0 && wants == 0 {
				t.Errorf("%s/%s proves rows and wants nothing", s.name, g.name)
			}
		}
	}
	if all != stimuliInAll {
		t.Errorf("%d stimuli, the page says %d", all, stimuliInAll)
	}
	for _, d := range differences {
		if d.title == "" || d.kernel == "" || d.node == "" || d.decides == "" || len(d.aspects) == 0 || d.count == 0 {
			t.Errorf("%q is not complete", d.title)
		}
		hits := 0
		for name := range seen {
			if d.stimuli.MatchString(name) {
				hits++
			}
		}
		if hits < d.count {
			t.Errorf("%q: %d stimuli can show it, and %d do", d.title, hits, d.count)
		}
	}
}

func page() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Where the node and Linux differ

<!-- Written by go test ./drive -run TestLinuxPage -update; do not edit. -->

The same octets go to the Linux kernel and to a node of package stack, configured alike, and what comes back is compared (drive/linux_*_test.go). **%d stimuli; %d of them are answered alike in everything; the others differ as the table says, and in nothing else.** Measured on Linux %s. A difference that is not in the table fails the test, and so does a row that no stimulus shows any more.

`, stimuliInAll, stimuliEqual, measuredOn)
	b.WriteString(`## How

The kernel is in a network namespace of its own, with a TUN device for each interface; the test is at the other ends, so it is every neighbour at once. What is written to a TUN device is dealt with before the write returns. Behind each stimulus an echo request goes in by every interface: what has not come before its reply does not come, and no clock is asked. The node is given the same octets directly, and what it hands out is taken: that is all that ` + "`drive.Run`" + ` does over a link. A second test (TestLinuxOnTUN) gives the stimuli of hosts to a node that runs on a TUN device, and finds it no different.

Compared: how many datagrams leave and by which interface; source, destination, TTL, type of service, flags, offset, options; type, code and the rest of the header; the quote, octet by octet, and its length; data; fragments; silence. Not compared, but held to be right: checksums, and identifications, which must be one for all fragments of a datagram. The time of day in timestamps must be right within ten seconds.

A host has 10.0.1.10/24, fd00:1::10/64 and fe80::10/64, and a default route. A gateway has 10.0.1.1/24, fd00:1::1/64 and fe80::1/64 (MTU 1500), 10.0.2.1/24 (MTU 1000), 10.0.3.1/24 and fd00:3::1/64 (MTU 1280), a route by another gateway on each of two networks, and no default route, or one that is unreachable. Above the node is a transport that has UDP without a listener.

Left out, since it depends on the modules of the kernel: the protocols`)
	for i, p := range claimed {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, " %d", p)
	}
	b.WriteString(`; in IPv6 the extension headers too. The kernel's limits on redirects and on unreachable routes cannot be switched off, so each such stimulus has a source of its own.

## What is stimulated

| Situation | Group | Stimuli | Rows |
|---|---|---|---|
`)
	for _, s := range situations() {
		for _, g := range s.groups {
			fmt.Fprintf(&b, "| %s | %s | %d | %s |\n", s.name, g.name, len(g.stimuli), strings.Join(g.rows, " "))
		}
	}
	b.WriteString(`
## The differences

Stimuli: how many show it; some show several.

| What | Linux | The node | What decides | Stimuli |
|---|---|---|---|---|
`)
	for _, d := range differences {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %d |\n", d.title, d.kernel, d.node, d.decides, d.count)
	}
	b.WriteString(`
## Policy made comparable

Set in the namespace before the interfaces are made.

| Variable | Value | Why |
|---|---|---|
`)
	values := strings.NewReplacer("{forward}", "0, 1", "{sourceRoutes}", "0, 1", "{fragTime}", "3600, 1")
	for _, c := range sysctls {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.ReplaceAll(c.name, "/", "."), values.Replace(c.value), c.why)
	}
	b.WriteString(`
On the node the limiter lets everything pass, PROBE and redirects are on, and the rest is as it is by default.
`)
	return b.String()
}
