// Package report turns a run of the tests into docs/conformance.md: which test
// proves which row of docs/requirements.md, and whether it passed.
//
// [Collect] reads the events of go test -json. [Merge] joins them with the page
// as it stands, because a test that had to be skipped here (no root, no tool)
// says nothing about its rows: what the page says of it stays. [Page.Render]
// writes the page, [Compare] says what a new page lost against the old one.
package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sonde-net/sonde/internal/conform"
)

// Outcome is what a run says about one test and one row.
type Outcome uint8

// The outcomes, the better known the higher: of several subtests that name the
// same row, the highest counts.
const (
	NotRun Outcome = iota // skipped
	Passed
	Failed
)

// A Test is a test function: the subtests count as one with it.
type Test struct {
	Package string // relative to the module; "." at its root
	Name    string // "TestEcho", "FuzzParse"
}

// A Claim is a row that a test says it proves.
type Claim struct {
	ID   string
	Test Test
}

// A Run is what [Collect] learns from one run.
type Run struct {
	Claims  map[Claim]Outcome
	Skipped map[Test]bool // it, or a subtest of it, was skipped
	Skips   []string      // a line for each, with the reason, in order
	Failed  bool          // a test failed
	Broken  []string      // packages that did not build or did not finish
}

// event is a line of go test -json.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Key     string
	Value   string
}

// ends reports whether a test or a package ends with the event.
func (e event) ends() bool { return e.Action == "pass" || e.Action == "fail" || e.Action == "skip" }

// part is a test or a subtest while its package runs.
type part struct {
	claims []string
	output []string
	end    string // pass, fail, skip; empty: still running
}

// pkg is a package while it runs.
type pkg struct {
	parts  map[string]*part
	order  []line
	output []string
}

type line struct{ test, text string }

// Collect reads the events of go test -json of the module from r, and writes to
// w what go test prints without -json and without -v. Lines that are no events
// go to w as they are.
func Collect(r io.Reader, w io.Writer, module string) (*Run, error) {
	run := &Run{Claims: map[Claim]Outcome{}, Skipped: map[Test]bool{}}
	pkgs := map[string]*pkg{}
	ended := 0
	in := bufio.NewReader(r)
	for {
		text, err := in.ReadString('\n')
		if text != "" {
			var e event
			if !strings.HasPrefix(text, "{") || json.Unmarshal([]byte(text), &e) != nil {
				fmt.Fprint(w, text)
			} else {
				run.event(e, pkgs, w, module)
				if e.Test == "" && e.ends() {
					ended++
				}
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("conform: reading the test events: %w", err)
		}
	}
	if ended == 0 {
		run.Broken = append(run.Broken, "no package ran")
	}
	for _, name := range slices.Sorted(maps.Keys(pkgs)) {
		run.Broken = append(run.Broken, name+": did not finish")
	}
	return run, nil
}

func (run *Run) event(e event, pkgs map[string]*pkg, w io.Writer, module string) {
	switch e.Action {
	case "build-output":
		fmt.Fprint(w, e.Output)
		return
	case "build-fail", "start":
		return
	}
	p := pkgs[e.Package]
	if p == nil {
		p = &pkg{parts: map[string]*part{}}
		pkgs[e.Package] = p
	}
	if e.Test == "" {
		switch {
		case e.Action == "output":
			p.output = append(p.output, e.Output)
		case e.ends():
			run.packageEnd(e, p, w, module)
			delete(pkgs, e.Package)
		}
		return
	}
	t := p.parts[e.Test]
	if t == nil {
		t = &part{}
		p.parts[e.Test] = t
	}
	switch e.Action {
	case "attr":
		if e.Key == conform.AttrKey {
			t.claims = append(t.claims, e.Value)
		}
	case "output":
		if !strings.HasPrefix(e.Output, "=== ") {
			t.output = append(t.output, e.Output)
			p.order = append(p.order, line{e.Test, e.Output})
		}
	case "pass", "fail", "skip":
		t.end = e.Action
		if e.Action == "skip" {
			run.Skips = append(run.Skips, relative(e.Package, module)+" "+e.Test+": "+reason(t.output))
		}
	}
}

// relative returns the import path below the module's, "." for the module itself.
func relative(path, module string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// reason is the last line that a skipped test printed before it ended.
func reason(output []string) string {
	why := "no reason given"
	for _, s := range output {
		if s = strings.TrimSpace(s); s != "" && !strings.HasPrefix(s, "--- SKIP") {
			why = s
		}
	}
	return why
}

// packageEnd counts a package that has ended, and prints what go test prints.
func (run *Run) packageEnd(e event, p *pkg, w io.Writer, module string) {
	dir := relative(e.Package, module)
	failed := e.Action == "fail"
	if failed {
		run.Failed = true
		if len(p.parts) == 0 {
			run.Broken = append(run.Broken, e.Package+": did not build, or ran no test")
		}
	}
	for name, t := range p.parts {
		top, _, _ := strings.Cut(name, "/")
		test := Test{dir, top}
		if t.end == "skip" {
			run.Skipped[test] = true
		}
		for _, id := range t.claims {
			c := Claim{id, test}
			run.Claims[c] = max(run.Claims[c], t.outcome())
		}
	}
	if failed {
		for _, l := range p.order {
			if end := p.parts[l.test].end; end != "pass" && end != "skip" {
				fmt.Fprint(w, l.text)
			}
		}
	}
	if n := len(p.output); !failed && n > 1 {
		p.output = p.output[n-1:] // the closing line alone
	}
	fmt.Fprint(w, strings.Join(p.output, ""))
}

func (t *part) outcome() Outcome {
	switch t.end {
	case "pass":
		return Passed
	case "skip":
		return NotRun
	}
	return Failed // a test that never ended took its package with it
}
