package listen

import (
	"bufio"
	"bytes"
	"os"

	"golang.org/x/term"

	"github.com/sonde-net/sonde/explain/listen"
	"github.com/sonde-net/sonde/internal/cli/listen/screen"
)

// home clears the screen, and begins at its top.
const home = "\x1b[H\x1b[J"

// draw puts the summary on the screen: on a terminal as much of it as there is
// room for, with shorter lists where it is small.
func (s *session) draw(sum *listen.Summary) {
	s.write([]byte(home))
	if f, ok := s.stdout.(*os.File); ok {
		if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 && height > 0 {
			s.write(screen.Fit(func(top int) []byte { return s.rendered(sum, top) }, s.o.top, width, height))
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
