// Package screen is the live view of sonde mtr: what is known, drawn, and keys
// turned into wishes. It knows neither terminal nor network.
package screen

import (
	"net/netip"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/mtr/field"
	"github.com/sonde-net/sonde/internal/cli/mtr/report"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtr"
)

// Snapshot is what a monitor knows at a moment. It is a message of the model,
// which does not change it.
type Snapshot struct {
	Now     time.Time
	Config  mtr.Config
	Size    int // octets of a probe, IP header included
	Round   int
	Paused  bool
	Reached bool
	Hops    []mtr.Hop
	Lanes   []mtr.Lane
	Changes []mtr.Event // of the way, the oldest first
	Paths   []mtr.Path  // that were taken
	Unsent  string      // why a probe could not be sent
	Note    string      // why the last wish was not granted
	Done    bool        // nothing more is coming
}

// Wish is what a key asks for.
type Wish struct {
	Reset  bool
	Toggle bool        // pause, or go on
	Change *mtr.Config // another configuration, of what can be changed
	Size   int         // of the whole packet; 0: as it is
}

// Mode is what is drawn of a hop.
type Mode uint8

// The modes, by mtr's numbers; the last is ours.
const (
	Numbers Mode = iota // columns, and a sparkline where there is room
	Chart               // the sparkline alone, as wide as there is room
	Digits              // likewise with mtr's characters
	Flows               // flows side by side
	modes
)

// Options are what a model is made of.
type Options struct {
	Title  string // of the program
	Here   string // name of this machine
	Host   string // as it was asked for
	Src    netip.Addr
	Dst    netip.Addr
	Fields []field.Field
	Look   report.Look
	Names  bool // names are shown
	Mode   Mode

	Who func(a netip.Addr) names.Who
	// Owner is asked when owners are shown; nil: nobody knows.
	Owner func(a netip.Addr) names.Owner
	// Do takes wishes. What cannot be granted is the Note of a later snapshot.
	Do func(Wish)

	Language language.Tag
	Colour   bool
	Plain    bool // no characters but those of ASCII
}

// Model is the view. Make one with [New].
type Model struct {
	o     Options
	s     Snapshot
	known bool // a snapshot has come
	width int
	high  int
	help  bool
	top   int // the first line of hops that is drawn
	ask   *prompt
	note  string // what went wrong with the last key
}

// New makes a model.
func New(o Options) Model { return Model{o: o, width: 80, high: 24} }

// Init implements [tea.Model].
func (m Model) Init() tea.Cmd { return nil }

// Update implements [tea.Model].
func (m Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.high = msg.Width, msg.Height
		m.scroll(0)
	case Snapshot:
		m.s, m.known = msg, true
		if msg.Note != "" {
			m.note = msg.Note
		}
		m.scroll(0)
		if msg.Done {
			return m, tea.Quit
		}
	case tea.KeyPressMsg:
		return m.key(msg)
	}
	return m, nil
}

// key takes a key.
func (m Model) key(k tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	name := k.String()
	switch {
	case name == "ctrl+c":
		return m, tea.Quit
	case name == "ctrl+z":
		return m, tea.Suspend
	case name == "ctrl+l":
		return m, tea.ClearScreen
	case m.ask != nil:
		m.typed(k)
		return m, nil
	case m.help:
		m.help = false
		return m, nil
	}
	m.note = ""
	if name == "q" || name == "esc" {
		return m, tea.Quit
	}
	if !m.shown(name) {
		m.wanted(name)
	}
	return m, nil
}

// shown takes keys that change what is shown.
func (m *Model) shown(name string) bool {
	switch name {
	case "?", "h":
		m.help = true
	case "d":
		m.o.Mode = (m.o.Mode + 1) % modes
		if m.o.Mode == Flows && len(m.s.Lanes) < 2 {
			m.o.Mode = Numbers
		}
		m.scroll(0)
	case "e":
		m.o.Look.MPLS = !m.o.Look.MPLS
	case "n":
		m.o.Names = !m.o.Names
	case "B":
		m.o.Look.IPs = !m.o.Look.IPs
	case "j":
		order := field.Other
		if letters(m.o.Fields) == field.Other {
			order = field.Default
		}
		m.order(order)
	case "y":
		m.o.Look.Info = m.o.Look.Info.Next()
	case "z":
		if m.o.Look.Info == report.ASN {
			m.o.Look.Info = report.NoInfo
		} else {
			m.o.Look.Info = report.ASN
		}
	case "O":
		m.o.Look.Owners = !m.o.Look.Owners
	case "+", "pgdown":
		m.scroll(max(1, m.room()/2))
	case "-", "pgup":
		m.scroll(-max(1, m.room()/2))
	case "down":
		m.scroll(1)
	case "up":
		m.scroll(-1)
	default:
		return false
	}
	return true
}

// wanted takes keys that change what is done.
func (m *Model) wanted(name string) {
	switch name {
	case "r":
		m.do(Wish{Reset: true})
	case "p", "space":
		m.do(Wish{Toggle: true})
	case "u":
		m.kind(probe.UDP)
	case "t":
		m.kind(probe.TCP)
	case "o", "s", "i", "c", "f", "m", "Q":
		m.begin(name)
	}
}

// kind changes between echo and another kind.
func (m *Model) kind(k probe.Kind) {
	if !m.known {
		return
	}
	c := m.s.Config
	if c.Kind == k {
		k = probe.Echo
	}
	c.Kind, c.Port, c.SrcPort = k, 0, 0
	m.do(Wish{Change: &c})
}

func (m *Model) do(w Wish) {
	if m.o.Do != nil {
		m.o.Do(w)
	}
}

func (m *Model) order(s string) {
	f, err := field.Parse(s)
	if err != nil {
		m.note = m.say().noField
		return
	}
	m.o.Fields = f
}

func letters(all []field.Field) string {
	b := make([]byte, len(all))
	for i := range all {
		b[i] = all[i].Letter
	}
	return string(b)
}

// scroll moves the lines of hops.
func (m *Model) scroll(by int) {
	m.top = max(0, min(m.top+by, len(m.body())-m.room()))
}

func (m *Model) say() *words { return speak(m.o.Language) }
