package screen

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sonde-net/sonde/wire/ip"
)

// prompt is a question on the screen, and what has been typed so far.
type prompt struct {
	key  string
	text string
}

// most is how much can be typed.
const most = 40

// begin asks for what belongs to a key.
func (m *Model) begin(key string) {
	if !m.known && key != "o" {
		return
	}
	m.ask = &prompt{key: key}
}

// was is what the asked for is now.
func (m *Model) was(key string) string {
	c := &m.s.Config
	switch key {
	case "o":
		return letters(m.o.Fields)
	case "s":
		return strconv.Itoa(m.s.Size)
	case "i":
		return strconv.FormatFloat(c.Interval.Seconds(), 'g', -1, 64)
	case "c":
		return strconv.Itoa(c.Rounds)
	case "f":
		return strconv.Itoa(int(c.FirstTTL))
	case "m":
		return strconv.Itoa(int(c.MaxTTL))
	}
	return strconv.Itoa(int(c.TOS))
}

// typed takes a key while something is asked.
func (m *Model) typed(k tea.KeyPressMsg) {
	a := *m.ask
	m.ask = &a
	switch name := k.String(); {
	case name == "esc":
		m.ask = nil
	case name == "enter":
		m.ask = nil
		if a.text != "" {
			m.answer(a.key, a.text)
		}
	case name == "backspace":
		if n := len(a.text); n > 0 {
			a.text = a.text[:n-1]
			m.ask = &a
		}
	case len(k.Text) == 1 && k.Text[0] >= ' ' && k.Text[0] < 0x7f && len(a.text) < most:
		a.text += k.Text
		m.ask = &a
	}
}

// answer takes what was typed.
func (m *Model) answer(key, text string) {
	if key == "o" {
		m.order(strings.ToUpper(text))
		return
	}
	c := m.s.Config
	v, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(text), ",", ".", 1), 64)
	if err != nil || math.IsNaN(v) || v < 0 || v > math.MaxUint16 || key != "i" && v != math.Trunc(v) {
		m.note = fmt.Sprintf(m.say().noNumber, text)
		return
	}
	n := int(v)
	w := Wish{Change: &c}
	switch key {
	case "s":
		w.Size = n
	case "i":
		c.Interval = max(time.Duration(v*float64(time.Second)), 1)
	case "c":
		c.Rounds = n
	case "f":
		c.FirstTTL = ttl(n)
	case "m":
		c.MaxTTL = ttl(n)
	case "Q":
		if n > math.MaxUint8 {
			m.note = fmt.Sprintf(m.say().noNumber, text)
			return
		}
		c.TOS = uint8(n)
	}
	if (key == "f" || key == "m") && (n < 1 || n > math.MaxUint8) || key == "s" && n == 0 {
		m.note = fmt.Sprintf(m.say().noNumber, text)
		return
	}
	m.do(w)
}

func ttl(n int) ip.TTL { return ip.TTL(min(max(n, 0), math.MaxUint8)) }
