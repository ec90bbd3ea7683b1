package multipath

import "slices"

// plan decides what is to be asked next, when everything was answered: more of
// the hop under way, or the next one, or nothing.
func (m *Trace) plan() {
	switch {
	case m.more(), m.repeat(), m.origins():
	case m.end():
		m.done = true
	default:
		m.begin()
	}
}

// end reports whether nothing lies behind the hop under way.
func (m *Trace) end() bool {
	h := &m.hops[len(m.hops)-1]
	on, heard := false, false
	for i := range h.vertices {
		v := &h.vertices[i]
		on = on || !v.final
		heard = heard || v.Addr.IsValid()
	}
	m.silent++
	if heard {
		m.silent = 0
	}
	return !on || m.silent == m.cfg.Silent || h.ttl == m.cfg.MaxTTL
}

// group is a vertex of the hop before, or several of which flows do not tell.
type group struct {
	members []int // vertices of the hop before; none: the source
	known   int   // flows through it whose next vertex is known
	next    []int // those vertices
	free    []int // flows through it that were not sent farther
}

// groups returns through what the flows come to the hop under way.
func (m *Trace) groups() []group {
	h := len(m.hops) - 1
	var gs []group
	switch {
	case h == 0:
		gs = []group{{}}
	case m.blind > 0 && h >= m.blind:
		gs = []group{{}}
		for v := range m.hops[h-1].vertices {
			if !m.hops[h-1].final(v) {
				gs[0].members = append(gs[0].members, v)
			}
		}
	default:
		for v := range m.hops[h-1].vertices {
			if !m.hops[h-1].final(v) {
				gs = append(gs, group{members: []int{v}})
			}
		}
	}
	for f := range m.flows {
		from, known := m.from(h, f)
		if !known {
			continue
		}
		for i := range gs {
			g := &gs[i]
			if h > 0 && !slices.Contains(g.members, from) {
				continue
			}
			to := m.hops[h].vertex(f)
			if to < 0 {
				g.free = append(g.free, f)
				continue
			}
			g.known++
			if !slices.Contains(g.next, to) {
				g.next = append(g.next, to)
			}
		}
	}
	return gs
}

// need returns how many flows have to be known behind k next vertices.
func (m *Trace) need(k int) int {
	for k >= len(m.enough) {
		n := m.cfg.Flows + 1 // more than there are: how many more is not worth the work
		if known := len(m.enough); known == 0 || m.enough[known-1] <= m.cfg.Flows {
			n = enough(known, m.cfg.Confidence, m.cfg.Flows)
		}
		m.enough = append(m.enough, n)
	}
	return m.enough[k]
}

// more asks what is needed to be sure of the hop under way, and reports whether
// that is anything.
func (m *Trace) more() bool {
	h := len(m.hops) - 1
	gs := m.groups()
	missing := 0
	for i := range gs {
		g := &gs[i]
		want := m.need(max(len(g.next), 1)) - g.known
		if want <= 0 {
			m.sure(g)
			continue
		}
		for _, f := range g.free[:min(want, len(g.free))] {
			m.queue = append(m.queue, ask{hop: h, flow: f})
		}
		// Of new flows, one in as many comes through here as there are vertices.
		missing = max(missing, (want-len(g.free))*len(gs))
	}
	if len(m.queue) > 0 {
		return true
	}
	// The hop before tells which new flows come through which of its vertices, when
	// it has several.
	at := max(h-1, 0)
	if h > 0 && m.single(h-1) {
		at = h
	}
	for range min(missing, m.cfg.Flows-m.flows) {
		m.queue = append(m.queue, ask{hop: at, flow: m.flows})
		m.flows++
	}
	return len(m.queue) > 0
}

// sure notes that nothing was missed behind a group.
func (m *Trace) sure(g *group) {
	for _, v := range g.members {
		m.hops[len(m.hops)-2].vertices[v].Sure = true
	}
}

// repeat sends a flow again where ways have divided, to see whether it goes the
// same way each time, and reports whether there was anything to send.
func (m *Trace) repeat() bool {
	h := len(m.hops) - 1
	hop := &m.hops[h]
	if hop.again != 0 || m.blind > 0 {
		return false
	}
	hop.again = -1
	for _, g := range m.groups() {
		if len(g.next) < 2 {
			continue
		}
		for f := range m.flows {
			from, known := m.from(h, f)
			if !known || h > 0 && from != g.members[0] || hop.vertex(f) < 0 || !hop.vertices[hop.vertex(f)].Addr.IsValid() {
				continue
			}
			for range m.need(1) {
				m.queue = append(m.queue, ask{hop: h, flow: f, again: true})
			}
			break
		}
	}
	return len(m.queue) > 0
}

// origins asks by which way flows came to vertices to which no way is known:
// they were found by flows that were tried at their distance alone. It reports
// whether there was anything to ask.
func (m *Trace) origins() bool {
	for h := 1; h < len(m.hops); h++ {
		if m.single(h - 1) {
			continue
		}
		for v := range m.hops[h].vertices {
			if f, ok := m.strange(h, v); ok {
				m.queue = append(m.queue, ask{hop: h - 1, flow: f})
			}
		}
	}
	return len(m.queue) > 0
}

// strange returns a flow to a vertex, when of none to it is known where it comes
// from.
func (m *Trace) strange(h, v int) (f int, ok bool) {
	for i := range m.flows {
		if m.hops[h].vertex(i) != v {
			continue
		}
		if m.hops[h-1].vertex(i) >= 0 {
			return 0, false
		}
		f, ok = i, true
	}
	return f, ok
}
