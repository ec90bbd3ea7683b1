package report_test

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sonde-net/sonde/internal/conform/report"
)

const module = "example.org/m"

// events writes events of go test -json: one a line, "action package test text",
// where text is the output or, for an attribute, the value.
func events(lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		f := strings.SplitN(l, " ", 4)
		for len(f) < 4 {
			f = append(f, "")
		}
		path := module + "/" + f[1]
		if f[1] == "." {
			path = module
		}
		text := `,"Output":"` + f[3] + `\n"`
		if f[0] == "attr" {
			text = `,"Key":"conform","Value":"` + f[3] + `"`
		}
		b.WriteString(`{"Action":"` + f[0] + `","Package":"` + path + `","Test":"` + f[2] + `"` + text + "}\n")
	}
	return b.String()
}

func collect(t *testing.T, stream string) (*report.Run, string) {
	t.Helper()
	var out strings.Builder
	run, err := report.Collect(strings.NewReader(stream), &out, module)
	if err != nil {
		t.Fatal(err)
	}
	return run, out.String()
}

func TestCollect(t *testing.T) {
	run, out := collect(t, events(
		"start a",
		"run a TestOne", "output a TestOne === RUN   TestOne", "attr a TestOne W-01",
		"run a TestOne/x", "attr a TestOne/x W-02", "output a TestOne/x     x_test.go:1: a note", "pass a TestOne/x",
		"pass a TestOne",
		"run a FuzzTwo", "attr a FuzzTwo W-01", "pass a FuzzTwo",
		"output a  PASS", "output a  ok  a 0.1s", "pass a",
		"start .", "attr . TestRoot E-17", "pass . TestRoot", "output .  PASS", "output .  ok  m 0.2s", "pass .",
		"start e", "output e  ?   e [no test files]", "skip e",
	))
	want := map[report.Claim]report.Outcome{
		{"W-01", report.Test{"a", "TestOne"}}:  report.Passed,
		{"W-02", report.Test{"a", "TestOne"}}:  report.Passed,
		{"W-01", report.Test{"a", "FuzzTwo"}}:  report.Passed,
		{"E-17", report.Test{".", "TestRoot"}}: report.Passed,
	}
	if !maps.Equal(run.Claims, want) {
		t.Errorf("claims %v", run.Claims)
	}
	if run.Failed || len(run.Skipped) != 0 || len(run.Skips) != 0 || len(run.Broken) != 0 {
		t.Errorf("%+v", run)
	}
	if want := "ok  a 0.1s\nok  m 0.2s\n?   e [no test files]\n"; out != want {
		t.Errorf("printed %q, want %q", out, want)
	}
}

func TestCollectFailure(t *testing.T) {
	run, out := collect(t, events(
		"attr a TestBad W-01", "output a TestBad === RUN   TestBad",
		"output a TestBad/x === RUN   TestBad/x", "attr a TestBad/x W-02",
		"output a TestBad/x     x_test.go:7: wrong", "output a TestBad/x --- FAIL: TestBad/x", "fail a TestBad/x",
		"attr a TestBad/y W-03", "output a TestBad/y     x_test.go:9: fine", "pass a TestBad/y",
		"output a TestBad --- FAIL: TestBad", "fail a TestBad",
		"attr a TestGood W-01", "output a TestGood     noise", "pass a TestGood",
		"output a  FAIL", "output a  FAIL a 0.1s", "fail a",
	))
	want := map[report.Claim]report.Outcome{
		{"W-01", report.Test{"a", "TestBad"}}:  report.Failed,
		{"W-02", report.Test{"a", "TestBad"}}:  report.Failed,
		{"W-03", report.Test{"a", "TestBad"}}:  report.Passed,
		{"W-01", report.Test{"a", "TestGood"}}: report.Passed,
	}
	if !maps.Equal(run.Claims, want) {
		t.Errorf("claims %v", run.Claims)
	}
	if !run.Failed || len(run.Broken) != 0 {
		t.Errorf("failed %v, broken %v", run.Failed, run.Broken)
	}
	if want := "    x_test.go:7: wrong\n--- FAIL: TestBad/x\n--- FAIL: TestBad\nFAIL\nFAIL a 0.1s\n"; out != want {
		t.Errorf("printed %q\nwant %q", out, want)
	}
}

func TestCollectSkip(t *testing.T) {
	run, _ := collect(t, events(
		"attr a TestNet W-01", "output a TestNet     net_test.go:3: needs root", "output a TestNet --- SKIP: TestNet (0.00s)", "skip a TestNet",
		"attr a TestHalf/x W-02", "pass a TestHalf/x",
		"attr a TestHalf/y W-02", "output a TestHalf/y --- SKIP: TestHalf/y (0.00s)", "skip a TestHalf/y",
		"pass a TestHalf",
		"output a  ok", "pass a",
	))
	want := map[report.Claim]report.Outcome{
		{"W-01", report.Test{"a", "TestNet"}}:  report.NotRun,
		{"W-02", report.Test{"a", "TestHalf"}}: report.Passed, // a part of it ran
	}
	if !maps.Equal(run.Claims, want) {
		t.Errorf("claims %v", run.Claims)
	}
	if len(run.Skipped) != 2 || !run.Skipped[report.Test{"a", "TestNet"}] || !run.Skipped[report.Test{"a", "TestHalf"}] {
		t.Errorf("skipped %v", run.Skipped)
	}
	if want := []string{"a TestNet: net_test.go:3: needs root", "a TestHalf/y: no reason given"}; !slices.Equal(run.Skips, want) {
		t.Errorf("skips %q", run.Skips)
	}
}

// A panic ends the package: the test that never ended failed.
func TestCollectPanic(t *testing.T) {
	run, out := collect(t, events(
		"attr a TestBoom W-01", "output a TestBoom panic: boom", "output a  FAIL a 0.1s", "fail a",
	))
	if run.Claims[report.Claim{"W-01", report.Test{"a", "TestBoom"}}] != report.Failed || !run.Failed {
		t.Errorf("%+v", run)
	}
	if out != "panic: boom\nFAIL a 0.1s\n" {
		t.Errorf("printed %q", out)
	}
}

func TestCollectBroken(t *testing.T) {
	run, out := collect(t, "make: some line\n"+
		`{"ImportPath":"m/a","Action":"build-output","Output":"a.go:1: syntax error\n"}`+"\n"+
		`{"ImportPath":"m/a","Action":"build-fail"}`+"\n"+
		events("start a", "output a  FAIL a [build failed]", "fail a", "run c TestX", "start b", "run b TestX"))
	want := []string{
		module + "/a: did not build, or ran no test",
		module + "/b: did not finish",
		module + "/c: did not finish",
	}
	if !slices.Equal(run.Broken, want) || !run.Failed {
		t.Errorf("failed %v, broken %q", run.Failed, run.Broken)
	}
	if want := "make: some line\na.go:1: syntax error\nFAIL a [build failed]\n"; out != want {
		t.Errorf("printed %q", out)
	}
}

func TestCollectNothing(t *testing.T) {
	for _, stream := range []string{"", "go: no such thing\n", events("start a")} {
		if run, _ := collect(t, stream); !slices.Equal(run.Broken, []string{"no package ran"}) {
			t.Errorf("%q: broken %q", stream, run.Broken)
		}
	}
}

func TestCollectReadError(t *testing.T) {
	if _, err := report.Collect(iotest.ErrReader(io.ErrClosedPipe), io.Discard, module); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}

// Other attributes than ours, and the last line without an end.
func TestCollectOtherAttr(t *testing.T) {
	run, out := collect(t, `{"Action":"attr","Package":"example.org/m/a","Test":"TestX","Key":"other","Value":"W-01"}`+"\n"+
		events("pass a TestX", "pass a")+"last")
	if len(run.Claims) != 0 || len(run.Broken) != 0 || out != "last" {
		t.Errorf("claims %v, printed %q", run.Claims, out)
	}
}
