package mtu_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/cli/language"
	command "github.com/sonde-net/sonde/internal/cli/mtu"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
)

func run(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	return clitest.Run(t, "", append([]string{"sonde", "mtu"}, args...)...)
}

// TestReduction is the whole output where a router says what fits.
func TestReduction(t *testing.T) {
	out, errs, status := run(t, "--lab", "frag-needed", "--virtual", "203.0.113.50")
	want := `mtu to 203.0.113.50 (203.0.113.50), from 192.168.1.10
   100 octets  echo  passes     203.0.113.50  12.000 ms
 65535 octets  echo  not sent
  1500 octets  echo  too big    192.168.1.1  2.000 ms  mtu 1000
  1001 octets  echo  too big    192.168.1.1  2.000 ms  mtu 1000
  1500 octets  echo  expires    192.168.1.1  2.000 ms  ttl 1
  1000 octets  echo  passes     203.0.113.50  12.000 ms
  1001 octets  echo  answered   203.0.113.50  12.000 ms  in fragments, the largest of 996 octets
  1500 octets  echo  answered   203.0.113.50  12.000 ms  in fragments, the largest of 996 octets

The link here takes 1500 octets.
From 1500 to 1000 octets at hop 1, 192.168.1.1.
The path MTU is 1000 octets, exactly.
The way back takes 1000 octets, exactly: larger answers come in fragments.
`
	if status != 0 || errs != "" || out != want {
		t.Errorf("%d, %s\n%s", status, errs, out)
	}
}

// TestHole: what is said of a black hole, and in French.
func TestHole(t *testing.T) {
	out, _, status := run(t, "--lab", "pmtu-black-hole", "--virtual", "B")
	if status != 0 || !strings.HasSuffix(out, "\nBlack hole: what is larger vanishes without a word behind hop 1, 192.168.1.1 and before hop 2, 203.0.113.50.\nThe path MTU is 1000 octets, exactly.\nThe way back takes 1000 octets, exactly: larger answers come in fragments.\n") {
		t.Errorf("%d\n%s", status, out)
	}
	out, _, _ = run(t, "--lab", "pmtu-black-hole", "--virtual", "--lang", "fr", "B")
	if !strings.Contains(out, "Trou noir : ce qui est plus grand disparaît sans un mot (après : saut 1, 192.168.1.1 ; avant : saut 2, 203.0.113.50).\n") {
		t.Error(out)
	}
	// By echo alone, it may be on the way back as well.
	out, _, _ = run(t, "--lab", "pmtu-black-hole", "--virtual", "-I", "B")
	if !strings.Contains(out, "\nBlack hole: what is larger gets to hop 1, 192.168.1.1, and is not answered from behind it. It vanishes there, or its answer on the way back.\n") || strings.Contains(out, "udp") {
		t.Error(out)
	}
	// By UDP alone, who does not answer may have answered enough.
	out, _, _ = run(t, "--lab", "pmtu-black-hole", "--virtual", "-U", "B")
	if !strings.Contains(out, "\nBlack hole: what is larger vanishes without a word.\n") || !strings.Contains(out, " octets at least.\nWhat the way back takes is not known: answers to UDP are small.\n") || strings.Contains(out, "echo") {
		t.Error(out)
	}
}

// TestNobody: the exit status, and who says why.
func TestNobody(t *testing.T) {
	out, _, status := run(t, "--lab", "host-unreachable", "--virtual", "10.0.2.100")
	if status != 1 || !strings.Contains(out, "10.0.2.100 does not answer: the path MTU is not known.\n") || !strings.Contains(out, "says why: 3/1 Destination Unreachable: Host Unreachable.\n") {
		t.Errorf("%d\n%s", status, out)
	}
}

// TestJSON: each probe a line, then the result.
func TestJSON(t *testing.T) {
	out, _, status := run(t, "--lab", "frag-needed", "--virtual", "--json", "203.0.113.50")
	all := strings.Split(strings.TrimSpace(out), "\n")
	if status != 0 || len(all) != 9 {
		t.Fatalf("%d\n%s", status, out)
	}
	var e struct {
		Event, Outcome string
		Size           int
	}
	if err := json.Unmarshal([]byte(all[2]), &e); err != nil || e.Event != "probe" || e.Outcome != "too big" || e.Size != 1500 {
		t.Errorf("%+v, %v", e, err)
	}
	var r struct {
		Event      string
		MTU        int
		Exact      bool
		Reductions []struct{ Hop, MTU int }
		Back       struct {
			MTU, Cut int
			Exact    bool
		}
	}
	if err := json.Unmarshal([]byte(all[8]), &r); err != nil || r.Event != "result" || r.MTU != 1000 || !r.Exact || len(r.Reductions) != 1 || r.Reductions[0].Hop != 1 || r.Back.MTU != 1000 || !r.Back.Exact || r.Back.Cut != 1001 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestRefused: what cannot be is one line, and exit status 2.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "accepts 1 arg"},
		{[]string{"-4", "-6", "x"}, "-4 and -6 do not go together"},
		{[]string{"-p", "0", "x"}, "--port 0"},
		{[]string{"-p", "65536", "x"}, "--port 65536"},
		{[]string{"--lab", "frag-needed", "-l", "99", "B"}, "Max"},
		{[]string{"--lab", "frag-needed", "--tries", "11", "B"}, "Tries"},
		{[]string{"--lab", "frag-needed", "nobody"}, "nobody: Name or service not known"},
		{[]string{"--lang", "de", "x"}, "--lang"},
	} {
		out, errs, status := run(t, c.args...)
		if status != 2 || out != "" || !strings.HasPrefix(errs, "sonde: mtu: ") || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.want) {
			t.Errorf("%q: %d, %q, %q", c.args, status, out, errs)
		}
	}
}

// TestBack: what is said of the way back.
func TestBack(t *testing.T) {
	back := &mtu.Hole{Size: 1401, Way: mtu.Back}
	for _, x := range []struct {
		r    mtu.Result
		want string
	}{
		{mtu.Result{Back: mtu.WayBack{MTU: 1500}}, "takes 1500 octets at least, as much as the link here."},
		{mtu.Result{Back: mtu.WayBack{MTU: 1499}}, "takes 1499 octets at least."},
		{mtu.Result{Back: mtu.WayBack{MTU: 1400, Silent: 1401}}, "Whether it takes more is not known: larger echoes, in fragments, are not answered."},
		{mtu.Result{Back: mtu.WayBack{MTU: 1400, Cut: 1401, Exact: true}}, "takes 1400 octets, exactly: larger answers come in fragments."},
		{mtu.Result{Back: mtu.WayBack{MTU: 1400, Cut: 1402}}, "takes 1400 octets at least, and less than 1402: such an answer comes in fragments."},
		{mtu.Result{Back: mtu.WayBack{MTU: 1400, Cut: 1400}}, "takes 1400 octets at least."},
		{mtu.Result{Back: mtu.WayBack{MTU: 1400, Silent: 1401, Exact: true}, Hole: back}, "datagrams of more than 1400 octets arrive, answers do not."},
		{mtu.Result{Back: mtu.WayBack{MTU: 1400, Silent: 1401, Exact: true}, Hole: back}, "takes 1400 octets at least.\n"},
		{mtu.Result{}, "the system does not tell how answers come."},
		{mtu.Result{Probe: probe.UDP}, "answers to UDP are small."},
	} {
		x.r.Answered, x.r.LinkMTU = true, 1500
		if out := command.Say(language.English, x.r); !strings.Contains(out, x.want) {
			t.Errorf("%+v: %s", x.r, out)
		}
		if fr := command.Say(language.French, x.r); strings.Contains(fr, "%!") || strings.Contains(fr, " the ") {
			t.Error(fr)
		}
	}
}

// TestWords: every outcome of every kind has words, in both languages.
func TestWords(t *testing.T) {
	claim := probe.Claim{Present: true, Type: 3, Code: 13}
	for f := mtu.None; f <= mtu.Refused; f++ {
		for _, answered := range []bool{true, false} {
			for _, h := range []*mtu.Hole{nil, {Way: mtu.Back}, {}, {Way: mtu.There, Before: 1}, {Way: mtu.There, After: 1, Before: 2}} {
				r := mtu.Result{Answered: answered, MTU: 1400, LinkMTU: 1500, Hole: h, Reductions: []mtu.Reduction{{Fault: f, Hop: 1, Before: 1500, MTU: 1400, Claim: claim}}}
				en, fr := command.Say(language.English, r), command.Say(language.French, r)
				if strings.Contains(en+fr, "%!") || en == fr || strings.Contains(fr, "Unreachable") || strings.Contains(en, "  ") || strings.Count(en, "\n") != strings.Count(fr, "\n") {
					t.Errorf("%v %v %+v:\n%s\n%s", f, answered, h, en, fr)
				}
			}
		}
	}
}
