package filter

import (
	"encoding/binary"
	"slices"
)

// Bounds of one walk: rule sets may jump in circles.
const (
	maxDepth   = 32
	maxSteps   = 1 << 18
	maxPerhaps = 32
)

// frame is a chain that is gone through, and the rule that is next.
type frame struct {
	chain *Chain
	next  int
}

// result is what becomes of a packet from some place on. Where it is not known
// whether a rule is about it, action is what becomes of it otherwise, and perhaps
// the rules by which it would be another.
type result struct {
	action  Action // Accept or Drop
	by      string
	ruled   bool // by a rule, not a policy
	perhaps []Why
}

// walk goes through one chain that netfilter calls, and those that it jumps to.
type walk struct {
	s     *Ruleset
	base  *Chain // that netfilter calls
	p     *Packet
	above bool // every limit
	steps int
	seen  map[string]result // of places where it is not known which way it goes on
	ids   map[*Chain]uint64
}

// policy is what becomes of what no rule decides about.
func (w *walk) policy() result {
	return result{action: w.base.Policy, by: "the policy of " + w.base.Name}
}

// notes are what may come before, the first of each action.
type notes [Drop + 1][]Why

func (n *notes) add(y Why) {
	if l := n[y.Action]; len(l) < maxPerhaps && !slices.Contains(l, y) {
		n[y.Action] = append(l, y)
	}
}

// before puts those that would be otherwise before a result.
func (n *notes) before(r result) result {
	for _, y := range r.perhaps {
		n.add(y)
	}
	r.perhaps = n[Accept+Drop-r.action]
	return r
}

// step is what a rule may do, and what that depends on; "": nothing.
type step struct {
	action  Action
	target  string
	because string
}

// steps of a rule for a packet: those that it perhaps does, and what it does
// otherwise.
func (r *Rule) does(p *Packet) (perhaps []step, certain step) {
	truth, because := r.matches(p)
	if truth == No {
		return nil, step{}
	}
	if len(r.Branches) == 0 {
		if truth == Perhaps {
			return []step{{r.Action, r.Target, because}}, step{}
		}
		return nil, step{action: r.Action, target: r.Target}
	}
	for _, b := range r.Branches {
		t := b.Match.Test(p)
		switch {
		case t == No:
		case t == Yes && truth == Yes:
			return perhaps, step{action: b.Action, target: b.Target}
		case truth == Yes:
			perhaps = append(perhaps, step{b.Action, b.Target, b.Match.Text})
		default:
			perhaps = append(perhaps, step{b.Action, b.Target, because})
		}
		if t == Yes {
			break
		}
	}
	return perhaps, step{}
}

// from follows the rules from a place on. The stack is the walk's to change.
func (w *walk) from(stack []frame) result {
	var notes notes // of rules that perhaps decide
	return notes.before(w.past(stack, &notes))
}

// past follows the rules up to where something decides, or may lead elsewhere.
func (w *walk) past(stack []frame, n *notes) result {
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.next >= len(top.chain.Rules) {
			stack = stack[:len(stack)-1]
			continue
		}
		if w.steps--; w.steps < 0 {
			return w.policy().either(top.chain.Name, "there are too many rules")
		}
		r := top.chain.Rules[top.next]
		top.next++
		if r.Limited && r.Over != w.above {
			continue
		}
		perhaps, certain := r.does(w.p)
		perhaps = slices.DeleteFunc(perhaps, func(s step) bool {
			decides := s.action == Accept || s.action == Drop
			if decides {
				n.add(Why{s.action, r.by(), s.because})
			}
			return decides || s.action == Continue
		})
		switch {
		case len(perhaps) > 0 || !w.known(certain, len(stack)):
			return w.fork(stack, r, perhaps, certain)
		case certain.action == Accept || certain.action == Drop:
			return result{action: certain.action, by: r.by(), ruled: true}
		}
		stack = w.take(stack, certain)
	}
	return w.policy()
}

// known reports whether a step leads anywhere that can be followed.
func (w *walk) known(s step, depth int) bool {
	if s.action != Jump && s.action != Goto {
		return true
	}
	return w.s.byName[s.target] != nil && (s.action == Goto || depth <= maxDepth)
}

// take does a step that decides nothing.
func (w *walk) take(stack []frame, s step) []frame {
	switch s.action {
	case Jump:
		return append(stack, frame{w.s.byName[s.target], 0})
	case Goto:
		stack[len(stack)-1] = frame{w.s.byName[s.target], 0}
	case Return:
		return stack[:len(stack)-1]
	}
	return stack
}

// fork follows what a rule does for certain, and notes what comes of all that it
// perhaps does.
func (w *walk) fork(stack []frame, r *Rule, perhaps []step, certain step) result {
	key := w.key(stack)
	if out, ok := w.seen[key]; ok {
		return out
	}
	var n notes
	main := w.follow(stack, r, certain)
	for _, s := range perhaps {
		taken := w.follow(stack, r, s)
		by := taken.by
		if !taken.ruled {
			by = r.by()
		}
		n.add(Why{taken.action, by, s.because})
		for _, y := range taken.perhaps {
			n.add(y)
		}
	}
	out := n.before(main)
	w.seen[key] = out
	return out
}

// follow does a step, and follows the rules behind it.
func (w *walk) follow(stack []frame, r *Rule, s step) result {
	if s.action == Accept || s.action == Drop {
		return result{action: s.action, by: r.by(), ruled: true}
	}
	stack = append(make([]frame, 0, len(stack)+1), stack...)
	if w.known(s, len(stack)) {
		return w.from(w.take(stack, s))
	}
	out := w.from(stack)
	if c := w.s.byName[s.target]; c != nil {
		return out.either(c.Name, "the rules go in circles")
	}
	return out.or(Why{Drop, r.by(), "chain " + s.target + " is missing"})
}

// or adds what may come before, unless it is the same.
func (r result) or(y Why) result {
	if y.Action != r.action {
		r.perhaps = append([]Why{y}, r.perhaps...)
	}
	return r
}

// either adds that it may be anything.
func (r result) either(by, because string) result {
	return r.or(Why{Drop, by, because}).or(Why{Accept, by, because})
}

// key names a place.
func (w *walk) key(stack []frame) string {
	var b []byte
	for _, f := range stack {
		id, ok := w.ids[f.chain]
		if !ok {
			id = uint64(len(w.ids))
			w.ids[f.chain] = id
		}
		b = binary.AppendUvarint(binary.AppendUvarint(b, id), uint64(f.next))
	}
	return string(b)
}
