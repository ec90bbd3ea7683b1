// Package screen puts a text of lists on a screen that may be too small for it.
package screen

import (
	"bytes"
	"unicode/utf8"
)

// Fit returns a text of lists that fits on a screen: render makes it with so many
// lines of each. The last row stays free for the cursor.
func Fit(render func(top int) []byte, top, width, height int) []byte {
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
