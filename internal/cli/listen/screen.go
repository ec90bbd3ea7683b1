package listen

import (
	"bufio"
	"bytes"
	"os"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/sonde-net/sonde/explain/listen"
)

// home clears the screen, and begins at its top.
const home = "\x1b[H\x1b[J"

// draw puts the summary on the screen: on a terminal as much of it as there is
// room for, with shorter lists where it is small.
func (s *session) draw(sum *listen.Summary) {
	s.write([]byte(home))
	if f, ok := s.stdout.(*os.File); ok {
		if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 && height > 0 {
			s.write(fit(func(top int) []byte { return s.rendered(sum, top) }, s.o.top, width, height))
			return
		}
	}
	s.summary(sum, s.o.top)
}

// rendered returns the summary with so many lines of each list.
func (s *session) rendered(sum *listen.Summary, top int) []byte {
	if top != s.o.top {
		sum = shorter(sum, top)
	}
	var b bytes.Buffer
	out := s.out
	s.out = bufio.NewWriter(&b)
	s.summary(sum, top)
	_ = s.out.Flush() // a buffer takes everything
	s.out = out
	return b.Bytes()
}

// shorter returns the summary with at most most lines of each list but that of
// findings, which is cut where it is printed.
func shorter(sum *listen.Summary, most int) *listen.Summary {
	v := *sum
	v.Kinds = v.Kinds[:min(len(v.Kinds), most)]
	v.Talkers = v.Talkers[:min(len(v.Talkers), most)]
	v.Troubles = v.Troubles[:min(len(v.Troubles), most)]
	v.Pairs = v.Pairs[:min(len(v.Pairs), most)]
	return &v
}

// fit returns a text of lists that fits on a screen: render makes it with so many
// lines of each. The last row stays free for the cursor.
func fit(render func(top int) []byte, top, width, height int) []byte {
	if top <= 0 || top > height {
		top = height
	}
	text := render(top)
	for bytes.Count(text, []byte("\n")) >= height && top > 1 {
		top--
		text = render(top)
	}
	var b []byte
	rows := 0
	for line := range bytes.Lines(text) {
		if rows++; rows >= height {
			break
		}
		b = append(b, narrow(bytes.TrimSuffix(line, []byte("\n")), width)...)
		b = append(b, '\n')
	}
	return b
}

// narrow cuts a line to so many columns.
func narrow(line []byte, width int) []byte {
	if utf8.RuneCount(line) <= width {
		return line
	}
	end := 0
	for range width - 1 {
		_, n := utf8.DecodeRune(line[end:])
		end += n
	}
	return append(line[:end:end], "…"...)
}
