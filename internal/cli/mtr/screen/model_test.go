package screen_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/mtr/field"
	"github.com/sonde-net/sonde/internal/cli/mtr/report"
	"github.com/sonde-net/sonde/internal/cli/mtr/screen"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/wire/ip"
)

const ms = time.Millisecond

var (
	src = netip.MustParseAddr("10.0.0.1")
	dst = netip.MustParseAddr("10.0.9.9")
	at  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func hop(n int, who string, sent int, ds ...time.Duration) mtr.Hop {
	h := mtr.Hop{TTL: ip.TTL(n)}
	h.Sent = sent
	for _, d := range ds {
		h.History = append(h.History, d)
		if d >= 0 {
			h.Add(d)
		}
	}
	if who != "" {
		a := netip.MustParseAddr(who)
		h.Hosts = []mtr.Host{{Addr: a, Count: len(ds), Reached: a == dst, Claim: probe.Claim{Present: a != dst, Type: 11}}}
	}
	return h
}

// snapshot is a way of five hops: the second is limited and has two hosts, the
// third silent, the fifth the destination, which loses one in ten.
func snapshot() screen.Snapshot {
	s := screen.Snapshot{
		Now: at, Size: 64, Round: 10, Reached: true,
		Config: mtr.Config{Src: src, Dst: dst, Interval: time.Second, FirstTTL: 1, MaxTTL: 30, Port: 33434, Size: 36},
		Hops: []mtr.Hop{
			hop(1, "10.0.1.1", 10, ms, ms, 2*ms), hop(2, "10.0.2.1", 10, 4*ms, -1, -1, -1, 4*ms), hop(3, "", 10, -1, -1),
			hop(4, "10.0.4.1", 3, 8*ms, 8*ms, 8*ms), hop(5, "10.0.9.9", 10, 16*ms, 16*ms, 16*ms, 16*ms, 16*ms, 16*ms, 16*ms, 16*ms, 16*ms, -1),
		},
	}
	s.Hops[0].Sent = 3
	s.Hops[1].Limited = true
	s.Hops[1].Hosts = append(s.Hops[1].Hosts, mtr.Host{Addr: netip.MustParseAddr("10.0.2.2"), Count: 7, Claim: probe.Claim{Present: true, Type: 3, Code: 13}})
	return s
}

// stage is a model, and what it has wished for.
type stage struct {
	t      *testing.T
	m      tea.Model
	wishes []screen.Wish
}

func newStage(t *testing.T, change func(o *screen.Options)) *stage {
	s := &stage{t: t}
	f, err := field.Parse(field.Default)
	if err != nil {
		t.Fatal(err)
	}
	o := screen.Options{
		Title: "sonde mtr", Here: "here", Host: "far.example", Src: src, Dst: dst, Fields: f, Names: true, Look: report.Look{Info: report.NoInfo},
		Who: func(a netip.Addr) (w names.Who) {
			if a == dst {
				w.Name = "far.example"
			}
			return w
		},
		Owner: func(netip.Addr) names.Owner {
			return names.Owner{ASN: 64500, Organisation: "Example Ltd", Country: "FR", Prefix: netip.MustParsePrefix("10.0.0.0/8")}
		},
		Do: func(w screen.Wish) { s.wishes = append(s.wishes, w) },
	}
	if change != nil {
		change(&o)
	}
	s.m = screen.New(o)
	s.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	return s
}

func (s *stage) send(msg tea.Msg) tea.Cmd {
	m, cmd := s.m.Update(msg)
	s.m = m
	return cmd
}

// press presses keys, one by one: letters, or names in angle brackets.
func (s *stage) press(keys ...string) (cmd tea.Cmd) {
	for _, k := range keys {
		key := tea.Key{Code: rune(k[0]), Text: k}
		switch k {
		case "enter":
			key = tea.Key{Code: tea.KeyEnter}
		case "esc":
			key = tea.Key{Code: tea.KeyEscape}
		case "backspace":
			key = tea.Key{Code: tea.KeyBackspace}
		case "space":
			key = tea.Key{Code: tea.KeySpace, Text: " "}
		case "up":
			key = tea.Key{Code: tea.KeyUp}
		case "down":
			key = tea.Key{Code: tea.KeyDown}
		case "ctrl+c", "ctrl+z", "ctrl+l":
			key = tea.Key{Code: rune(k[5]), Mod: tea.ModCtrl}
		}
		cmd = s.send(tea.KeyPressMsg(key))
	}
	return cmd
}

func (s *stage) text() string {
	lines := strings.Split(ansi.Strip(s.m.View().Content), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func (s *stage) has(want ...string) {
	s.t.Helper()
	for _, w := range want {
		if !strings.Contains(s.text(), w) {
			s.t.Errorf("there is no %q in\n%s", w, s.text())
		}
	}
}

func (s *stage) hasNot(unwanted ...string) {
	s.t.Helper()
	for _, w := range unwanted {
		if strings.Contains(s.text(), w) {
			s.t.Errorf("there is %q in\n%s", w, s.text())
		}
	}
}

// TestScreen is the whole of one.
func TestScreen(t *testing.T) {
	s := newStage(t, nil)
	if !s.m.View().AltScreen {
		t.Error("it is not a screen of its own")
	}
	s.has("sonde mtr  here (10.0.0.1) → far.example (10.0.9.9)", "waiting for the first answer")
	s.send(snapshot())
	want := `sonde mtr  here (10.0.0.1) → far.example (10.0.9.9)                              2026-03-01 12:00:00
ICMP, 64 octets, every 1s · round 10
? help  display  reset  pause  order  names  quit

    Host             Loss%   Snt   Last   Avg  Best  Wrst StDev the last 36 probes
 1. 10.0.1.1          0.0%     3    2.0   1.3   1.0   2.0   0.6                                  ▁▁▃
 2. 10.0.2.1*        80.0%    10    4.0   4.0   4.0   4.0   0.0                                ▅×××▅
    10.0.2.2 (3/13)  7×
 3. ???             100.0%    10    0.0   0.0   0.0   0.0   0.0                                   ××
 4. 10.0.4.1          0.0%     3    8.0   8.0   8.0   8.0   0.0                                  ▇▇▇
 5. far.example      10.0%    10   16.0  16.0  16.0  16.0   0.0                           █████████×
hop 2: what it lost were answers that it did not write (rate limit); nothing is lost on the way t` + "her"
	if got := s.text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestKeys: what each key shows or wishes.
func TestKeys(t *testing.T) {
	s := newStage(t, nil)
	s.send(snapshot())
	s.press("h")
	s.has("quit; the screen stays", "any key goes back")
	s.press("q") // goes back
	s.hasNot("any key goes back")
	s.press("?")
	s.has("any key goes back")
	s.press("x", "n")
	s.has(" 5. 10.0.9.9 ")
	s.press("n", "B")
	s.has(" 5. far.example (10.0.9.9)")
	s.press("B", "e")
	s.has("10.0.1.1 (11/0)", "far.example (reply)")
	s.press("e", "j")
	s.has(" Drop   Rcv    Avg Gmean Jttr Javg Jmax Jint")
	s.press("j")
	s.has(" Loss%   Snt   Last")
	s.press("z")
	s.has("AS64500  10.0.1.1", " 3. AS???    ???")
	s.press("y")
	s.has("10.0.0.0/8         10.0.1.1")
	s.press("y")
	s.has("FR  10.0.1.1")
	s.press("y", "O")
	s.has("10.0.1.1 [Example Ltd]")
	s.press("z", "z", "O")
	s.has(" 1. 10.0.1.1  ")
	s.press("d")
	s.has("probes, from 1.0 ms to 16.0 ms")
	s.hasNot("Loss%")
	s.press("d")
	s.has("a???a", ">>>>>>>>>?")
	s.press("d") // there are no flows
	s.has("Loss%")
	if len(s.wishes) > 0 {
		t.Errorf("%+v", s.wishes)
	}
	s.press("r", "p", "space", "u", "t")
	if w := s.wishes; len(w) != 5 || !w[0].Reset || !w[1].Toggle || !w[2].Toggle || w[3].Change.Kind != probe.UDP || w[4].Change.Kind != probe.TCP || w[4].Change.Port != 0 {
		t.Errorf("%+v", s.wishes)
	}
	sn := snapshot()
	sn.Config.Kind, sn.Paused, sn.Config.Rounds, sn.Note, sn.Unsent = probe.UDP, true, 20, "not so", "no buffer space"
	s.send(sn)
	s.has("UDP:33434, 64 octets, every 1s · round 10/20   PAUSED", "not so", "not sent: no buffer space")
	s.press("u")
	s.hasNot("not so")
	if k := s.wishes[5].Change.Kind; k != probe.Echo {
		t.Error(k)
	}
}

// TestQuit: keys that end it, and that suspend it.
func TestQuit(t *testing.T) {
	s := newStage(t, nil)
	quits := func(cmd tea.Cmd) bool {
		if cmd == nil {
			return false
		}
		_, ok := cmd().(tea.QuitMsg)
		return ok
	}
	for _, k := range []string{"q", "esc", "ctrl+c"} {
		if !quits(s.press(k)) {
			t.Errorf("%s does not quit", k)
		}
	}
	if quits(s.press("o", "q")) || !quits(s.press("ctrl+c")) {
		t.Error("while something is asked, q is a letter, and control C is not")
	}
	s.press("esc")
	if _, ok := s.press("ctrl+z")().(tea.SuspendMsg); !ok {
		t.Error("control Z does not suspend")
	}
	if s.press("ctrl+l") == nil || s.press("x") != nil || s.m.Init() != nil {
		t.Error("control L draws anew, x does nothing")
	}
	sn := snapshot()
	sn.Done = true
	if !quits(s.send(sn)) {
		t.Error("the end does not quit")
	}
}

// TestPrompts: what is asked, typed, corrected, refused and wished.
func TestPrompts(t *testing.T) {
	s := newStage(t, nil)
	s.press("s")
	s.hasNot("Size of packets") // nothing is known yet
	s.send(snapshot())
	s.press("s")
	s.has("Size of packets in octets [64]: ")
	s.press("1", "2", "9", "backspace", "0", "enter")
	s.press("i", "0", ".", "5", "enter", "c", "7", "enter", "f", "2", "enter", "m", "9", "enter", "Q", "1", "6", "enter")
	if len(s.wishes) != 6 {
		t.Fatalf("%+v", s.wishes)
	}
	w := s.wishes
	if w[0].Size != 120 || w[1].Change.Interval != 500*ms || w[2].Change.Rounds != 7 || w[3].Change.FirstTTL != 2 || w[4].Change.MaxTTL != 9 || w[5].Change.TOS != 16 {
		t.Errorf("%+v", w)
	}
	for _, keys := range [][]string{{"s", "x"}, {"s", "0"}, {"s", "-", "1"}, {"f", "0"}, {"m", "2", "5", "6"}, {"Q", "2", "5", "6"}, {"c", "1", ".", "5"}, {"i", "1", "e", "9"}} {
		s.press(append(keys, "enter")...)
		s.has("is no number that goes here")
	}
	s.press("m", "2", "5", "5", "enter", "Q", "2", "5", "5", "enter", "i", "1", ",", "5", "enter")
	if w := s.wishes; len(w) != 9 || w[6].Change.MaxTTL != 255 || w[7].Change.TOS != 255 || w[8].Change.Interval != 1500*ms {
		t.Errorf("%+v", w)
	}
	s.press("i", "5", "esc", "i", "enter")
	if len(s.wishes) != 9 {
		t.Error("what was given up, or is empty, is no wish")
	}
	s.press("o")
	s.has("Fields [LS NABWV]: ", "  X  Jmax   worst jitter")
	s.press("l", "x", "enter")
	s.has("    Host             Loss% Jmax")
	s.press("o", "z", "enter")
	s.has("fields are letters of", "Loss% Jmax")
	s.press("o")
	for range 60 {
		s.press("L")
	}
	if n := strings.Count(s.text(), "LLLL"); n != 10 {
		t.Errorf("%d times four letters", n)
	}
	for range 70 {
		s.press("backspace")
	}
	s.has("]: ▏")
}

// TestSizes: whatever the window's size, no line is wider and there are no more
// lines than fit; and it never fails.
func TestSizes(t *testing.T) {
	s := newStage(t, func(o *screen.Options) { o.Colour = true })
	sn := snapshot()
	sn.Lanes = lanes()
	sn.Changes = []mtr.Event{{Kind: mtr.Changed, Time: at, TTL: 2, Was: src, Is: dst}}
	s.send(sn)
	for _, keys := range [][]string{nil, {"d"}, {"d"}, {"d"}, {"d", "e", "z"}, {"O"}, {"h"}, {"x", "o"}, {"esc", "+"}, {"-"}} {
		s.press(keys...)
		for _, w := range []int{1, 2, 5, 10, 20, 24, 40, 60, 79, 80, 81, 132, 400} {
			for _, h := range []int{1, 2, 5, 6, 8, 12, 24, 60} {
				s.send(tea.WindowSizeMsg{Width: w, Height: h})
				lines := strings.Split(s.m.View().Content, "\n")
				if len(lines) > h {
					t.Fatalf("%v: %d lines in %d", keys, len(lines), h)
				}
				for _, l := range lines {
					if n := ansi.StringWidth(l); n > w {
						t.Fatalf("%v, %d×%d: %d columns\n%s", keys, w, h, n, l)
					}
				}
			}
		}
	}
	// At 80 columns: numbers, and a little of the past.
	s = newStage(t, nil)
	s.send(snapshot())
	s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	s.has(" 5. far.example      10.0%    10   16.0  16.0  16.0  16.0   0.0       █████████×")
	s.send(tea.WindowSizeMsg{Width: 50, Height: 24})
	s.has("Host                  Loss%   Snt   Last   Avg")
	s.hasNot("Best")
}

// TestScroll: what does not fit is told of, and + and - go there.
func TestScroll(t *testing.T) {
	s := newStage(t, nil)
	sn := snapshot()
	sn.Hops = nil
	for i := range 30 {
		sn.Hops = append(sn.Hops, hop(i+1, fmt.Sprintf("10.1.0.%d", i+1), 1, ms))
	}
	s.send(sn)
	s.send(tea.WindowSizeMsg{Width: 80, Height: 15})
	s.has(" 9. 10.1.0.9", "+ 21 lines more: + -")
	s.hasNot("10.1.0.10")
	s.press("+")
	s.has(" 6. 10.1.0.6 ", "14. 10.1.0.14", "+ 16 lines more")
	s.hasNot(" 5. 10.1.0.5 ")
	s.press("down")
	s.has("15. 10.1.0.15")
	s.press("up", "-", "-")
	s.has(" 1. 10.1.0.1 ")
	s.press("+", "+", "+", "+", "+", "+", "+")
	s.has("21. 10.1.0.21", "30. 10.1.0.30")
	s.hasNot("more", "20. 10.1.0.20")
	s.send(tea.WindowSizeMsg{Width: 80, Height: 50})
	s.has(" 1. 10.1.0.1 ", "30. 10.1.0.30")
}

func lanes() (out []mtr.Lane) {
	for f := range 4 {
		l := mtr.Lane{Flow: f, Reached: true}
		for i, who := range []string{"10.0.1.1", fmt.Sprintf("10.0.2.%d", f%2+1), "10.0.9.9"} {
			stop := mtr.LaneStop{TTL: ip.TTL(i + 1), Addr: netip.MustParseAddr(who)}
			stop.Sent = 4
			for range 3 + i%2 {
				stop.Add(time.Duration((f+1)*(i+1)) * ms)
			}
			l.Hops = append(l.Hops, stop)
		}
		out = append(out, l)
	}
	return out
}

// TestFlows: the ways of the flows stand side by side.
func TestFlows(t *testing.T) {
	s := newStage(t, nil)
	sn := snapshot()
	sn.Lanes, sn.Config.Flows = lanes(), 4
	s.send(sn)
	s.has("round 10 · 4 flows · 2 ways")
	s.press("d", "d", "d")
	s.send(tea.WindowSizeMsg{Width: 72, Height: 24})
	want := `    flows 1,3                         flows 2,4
 1. 10.0.1.1             25.0%    2.0 10.0.1.1             25.0%    3.0
 2. 10.0.2.1              0.0%    4.0 10.0.2.2              0.0%    6.0
 3. far.example          25.0%    6.0 far.example          25.0%    9.0`
	s.has(want)
	s.send(tea.WindowSizeMsg{Width: 50, Height: 24})
	s.has("flows 1,3")
	s.hasNot("flows 2,4")
	s.press("d")
	s.has("Loss%")
}

// TestChanges: a way that has changed is said, the last three times.
func TestChanges(t *testing.T) {
	s := newStage(t, nil)
	sn := snapshot()
	for i := range 5 {
		sn.Changes = append(sn.Changes, mtr.Event{Kind: mtr.Changed, Time: at.Add(time.Duration(i) * time.Minute), TTL: 2, Was: src, Is: dst})
	}
	s.send(sn)
	s.has("12:02:00: the way has changed at hop 2: 10.0.0.1, now far.example", "12:04:00")
	s.hasNot("12:01:00")

	// The ways of before are below it.
	sn.Paths = []mtr.Path{{Hops: []netip.Addr{src, dst}, First: at, Last: at.Add(time.Minute), Rounds: 60, Stats: make([]mtr.Stats, 2)}}
	s.send(sn)
	s.has("from 12:00:00 to 12:01:00 the way was another (rounds: 60):", "  10.0.0.1 → far.example")
	s = newStage(t, func(o *screen.Options) { o.Plain = true })
	s.send(sn)
	s.has("  10.0.0.1 -> far.example")
}

// TestColours: only where they are wanted; what is limited is faint.
func TestColours(t *testing.T) {
	for _, colour := range []bool{false, true} {
		s := newStage(t, func(o *screen.Options) { o.Colour = colour })
		s.send(snapshot())
		out := s.m.View().Content
		if strings.Contains(out, "\x1b[3") != colour {
			t.Errorf("colours %v:\n%q", colour, out)
		}
		if !strings.Contains(out, "\x1b[2m 2. 10.0.2.1*") {
			t.Errorf("%q", out)
		}
	}
	s := newStage(t, func(o *screen.Options) { o.Colour = true })
	s.send(snapshot())
	for _, want := range []string{"\x1b[31m100.0%\x1b[m", "\x1b[33m 10.0%\x1b[m"} {
		if !strings.Contains(s.m.View().Content, want) {
			t.Errorf("there is no %q", want)
		}
	}
}

// TestPlain: a terminal that shows ASCII gets nothing else.
func TestPlain(t *testing.T) {
	s := newStage(t, func(o *screen.Options) { o.Plain = true })
	sn := snapshot()
	sn.Lanes = lanes()
	s.send(sn)
	for _, keys := range [][]string{nil, {"d"}, {"d"}, {"d"}, {"o"}} {
		s.press(keys...)
		for _, r := range s.text() {
			if r > 0x7e {
				t.Errorf("%v: %q in\n%s", keys, r, s.text())
				break
			}
		}
	}
}

// TestFrench: all of it.
func TestFrench(t *testing.T) {
	s := newStage(t, func(o *screen.Options) { o.Language = language.French })
	s.has("en attente de la première réponse")
	sn := snapshot()
	sn.Paused = true
	s.send(sn)
	s.has("ICMP, 64 octets, toutes les 1s · tour 10   PAUSE", "r à zéro", "Hôte", "les 36 dernières sondes", "saut 2 : ce qu'il a perdu, ce sont des réponses")
	s.press("h")
	s.has("quitter ; l'écran reste", "une touche pour revenir")
	s.press("x", "o")
	s.has("Colonnes [LS NABWV]", "écart type")
}

// TestFinal: what stays is all hops, whatever the window's height.
func TestFinal(t *testing.T) {
	s := newStage(t, nil)
	if f := s.m.(screen.Model).Final(); f != "" {
		t.Errorf("%q before anything is known", f)
	}
	s.send(snapshot())
	s.press("s")
	s.send(tea.WindowSizeMsg{Width: 100, Height: 3})
	f := ansi.Strip(s.m.(screen.Model).Final())
	if !strings.HasPrefix(f, "sonde mtr  here") || !strings.Contains(f, "\n 5. far.example") || !strings.HasSuffix(f, "\n") || strings.Contains(f, "help") || strings.Contains(f, "Size") {
		t.Error(f)
	}
}
