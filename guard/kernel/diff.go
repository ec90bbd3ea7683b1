package kernel

import "strings"

// Diff returns the lines that turn one text into another: what goes begins with
// "-", what comes with "+", and what stays with a space. Of what stays, only the
// lines that open a table or chain with a change in it are there, and "" says that
// nothing changes.
func Diff(before, after string) string {
	a, b := strings.Split(strings.TrimSpace(before), "\n"), strings.Split(strings.TrimSpace(after), "\n")
	// same[i][j] is the longest common sequence of a[i:] and b[j:].
	same := make([][]int, len(a)+1)
	for i := range same {
		same[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				same[i][j] = same[i+1][j+1] + 1
			} else {
				same[i][j] = max(same[i+1][j], same[i][j+1])
			}
		}
	}
	var out strings.Builder
	var open []string // that nobody has seen yet
	line := func(mark, l string) {
		if l == "" {
			return
		}
		for _, o := range open {
			out.WriteString("  " + o + "\n")
		}
		open = nil
		out.WriteString(mark + " " + l + "\n")
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			if strings.HasSuffix(a[i], "{") {
				if strings.HasPrefix(strings.TrimSpace(a[i]), "chain") && len(open) > 0 && strings.HasPrefix(strings.TrimSpace(open[len(open)-1]), "chain") {
					open = open[:len(open)-1]
				}
				open = append(open, a[i])
			}
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && same[i+1][j] >= same[i][j+1]:
			line("-", a[i])
			i++
		default:
			line("+", b[j])
			j++
		}
	}
	return out.String()
}
