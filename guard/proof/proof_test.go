package proof_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/proof"
	"github.com/sonde-net/sonde/guard/rules"
)

func TestWay(t *testing.T) {
	for _, tt := range []struct {
		w    proof.Way
		want string
	}{
		{proof.Way{Where: policy.In, Family: kind.V4, HopLimit: 64}, "in, icmp, hop limit 64"},
		{proof.Way{Where: policy.Through, Family: kind.V6, In: rules.Outside, Out: rules.Inside, HopLimit: 255, Belongs: true}, "through from outside to inside, icmp6, hop limit 255, of a conversation"},
	} {
		if got := tt.w.String(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestResult(t *testing.T) {
	r := proof.Result{}
	if r.Kinds() != nil {
		t.Error(r.Kinds())
	}
	for c := range 256 {
		r.Passed = append(r.Passed, kind.Kind{Family: kind.V6, Type: 1, Code: uint8(c)})
	}
	for _, k := range [][2]uint8{{2, 0}, {3, 0}, {3, 1}, {3, 9}} {
		r.Passed = append(r.Passed, kind.Kind{Family: kind.V6, Type: k[0], Code: k[1]})
	}
	if got := strings.Join(r.Kinds(), " "); got != "1 2/0 3/0-1,9" {
		t.Error(got)
	}
	w := proof.Wrong{Kind: kind.Kind{Family: kind.V4, Type: 5}}
	if got := fmt.Sprint(w); got != "icmp 5/0 did not pass, and should have" {
		t.Error(got)
	}
	w.Passed = true
	if got := fmt.Sprint(w); got != "icmp 5/0 passed, and should not have" {
		t.Error(got)
	}
}

func TestReport(t *testing.T) {
	good := proof.Report{Results: []proof.Result{{}}, Limits: []proof.Limited{{Allowed: true}}}
	if !good.OK() {
		t.Error("not OK")
	}
	for _, bad := range []proof.Report{
		{Results: []proof.Result{{}, {Wrong: []proof.Wrong{{}}}}},
		{Limits: []proof.Limited{{Allowed: true}, {}}},
	} {
		if bad.OK() {
			t.Errorf("%+v is OK", bad)
		}
	}
}
