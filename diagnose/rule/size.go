package rule

import (
	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/probe/mtu"
)

// What the rules of this file find.
const (
	MTUFull      Kind = "mtu full"      // what the link here takes passes all the way
	MTUIs        Kind = "mtu"           // less does
	MTUReduced   Kind = "mtu reduced"   // where
	MTUSaid      Kind = "mtu said"      // so a gateway says; the target does not answer
	MTUUnknown   Kind = "mtu unknown"   // it does not answer to what would tell
	MTULossy     Kind = "mtu lossy"     // so much is lost that it cannot be told
	MTUAbsent    Kind = "mtu absent"    // a gateway does not say what passes
	MTUWrong     Kind = "mtu wrong"     // … or says what is not so
	MTURefused   Kind = "mtu refused"   // … or refuses what is large with another error
	HoleBetween  Kind = "hole between"  // large datagrams vanish on the way
	HoleBack     Kind = "hole back"     // … on the way back
	HoleAnywhere Kind = "hole anywhere" // … somewhere
	Passes       Kind = "passes"        // evidence
	Vanishes     Kind = "vanishes"      // evidence
	TooBigSays   Kind = "too big says"  // evidence: 3/4 or packet too big
	LargeReach   Kind = "large reach"   // evidence: large probes reach a hop
	LargeLost    Kind = "large lost"    // evidence: … and small ones a hop beyond
)

// MTU says how large datagrams may be, and where that gets less.
func MTU(f *facts.Facts) (out []Finding) {
	r := f.MTU
	switch {
	case r == nil || r.Err != "" || f.Interrupted:
		return nil
	case !r.Answered && len(r.Reductions) > 0:
		x := r.Reductions[len(r.Reductions)-1]
		if x.Fault != mtu.None {
			return nil
		}
		return only(MTUSaid, Note, Data{Size: x.Said, Hop: x.Hop, Addr: x.Router}, saysTooBig(&x))
	case !r.Answered && f.Reached():
		return only(MTUUnknown, Note, Data{Addr: f.Dst})
	case !r.Answered:
		return nil
	case lossy(f) && r.MTU < r.LinkMTU:
		return only(MTULossy, Note, Data{Percent: f.Ping.Loss()})
	}
	pass := of(Passes, Data{Size: r.MTU})
	if r.MTU >= r.LinkMTU {
		return only(MTUFull, Good, Data{Size: r.MTU}, pass)
	}
	out = append(out, found(MTUIs, Note, Data{Size: r.MTU, Before: r.LinkMTU}, pass))
	for i := range r.Reductions {
		out = append(out, reduced(&r.Reductions[i]))
	}
	return out
}

func reduced(x *mtu.Reduction) Finding {
	d := Data{Hop: x.Hop, Addr: x.Router, Before: x.Before, Size: x.MTU, Said: x.Said, Claim: &x.Claim}
	switch x.Fault {
	case mtu.None:
		return found(MTUReduced, Note, d, saysTooBig(x))
	case mtu.Absent:
		return found(MTUAbsent, Trouble, d, saysTooBig(x))
	case mtu.Refused:
		return found(MTURefused, Trouble, d, saysTooBig(x))
	}
	d.Text = x.Fault.String()
	return found(MTUWrong, Trouble, d, saysTooBig(x))
}

func saysTooBig(x *mtu.Reduction) Evidence {
	return of(TooBigSays, Data{Hop: x.Hop, Addr: x.Router, Before: x.Before, Said: x.Said, Claim: &x.Claim})
}

// muchLoss is how much may be lost, in percent, before silence says nothing any
// more of a size.
const muchLoss = 15

func lossy(f *facts.Facts) bool { return f.Ping.Loss() > muchLoss && f.Ping.Received > 0 }

// Hole finds a black hole.
func Hole(f *facts.Facts) []Finding {
	if f.MTU == nil || f.MTU.Hole == nil || lossy(f) {
		return nil
	}
	h := f.MTU.Hole
	d := Data{Size: h.Size, Before: h.Size - 1}
	e := []Evidence{of(Passes, Data{Size: h.Size - 1}), of(Vanishes, d)}
	switch {
	case h.Way == mtu.Back:
		return only(HoleBack, Trouble, d, e...)
	case h.Way != mtu.There || h.Before == 0:
		return only(HoleAnywhere, Trouble, d, e...)
	}
	d.Hop, d.Other, d.Last, d.Addr = h.After, h.AfterAddr, h.Before, h.BeforeAddr
	if h.After > 0 {
		e = append(e, of(LargeReach, d))
	}
	e = append(e, of(LargeLost, d))
	return only(HoleBetween, Trouble, d, e...)
}
