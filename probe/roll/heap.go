package roll

// heap is what is to be done, in the order of time.
type heap struct {
	all   []due
	order uint64
}

func (h *heap) less(i, j int) bool {
	a, b := &h.all[i], &h.all[j]
	if a.at.Equal(b.at) {
		return a.order < b.order
	}
	return a.at.Before(b.at)
}

func (h *heap) put(d due) {
	h.order++
	d.order = h.order
	h.all = append(h.all, d)
	for i := len(h.all) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less(i, up) {
			return
		}
		h.all[i], h.all[up] = h.all[up], h.all[i]
		i = up
	}
}

// pop takes the first out.
func (h *heap) pop() due {
	first := h.all[0]
	n := len(h.all) - 1
	h.all[0] = h.all[n]
	h.all = h.all[:n]
	for i := 0; ; {
		least := i
		for _, c := range [...]int{2*i + 1, 2*i + 2} {
			if c < n && h.less(c, least) {
				least = c
			}
		}
		if least == i {
			return first
		}
		h.all[i], h.all[least] = h.all[least], h.all[i]
		i = least
	}
}
