package rule

import (
	"github.com/sonde-net/sonde/diagnose/facts"
)

// What the rules of this file find.
const (
	LossSome     Kind = "loss" // too little of it to be placed, or nothing to place it by
	LossFirst    Kind = "loss from the first hop"
	LossBetween  Kind = "loss between" // behind one hop, and before or at another
	LossAtTarget Kind = "loss at the target"
	Limited      Kind = "limited hops" // gateways that do not answer all probes, and lose nothing
	Mute         Kind = "silent hops"  // … or none
	Doubled      Kind = "duplicates"
	Altered      Kind = "altered"
	Truncated    Kind = "truncated"
	Reordered    Kind = "reordered"
	HopLoss      Kind = "hop loss"      // evidence
	AlteredWhere Kind = "altered where" // evidence
)

// leastLost is how many probes have to be expected to be lost at a hop before
// anything is said of where they are.
const leastLost = 3

// Loss says how much is lost, and where that begins: behind the last hop that
// answers at least twice as well as the target does. What a hop loses beyond that
// is its own affair, since what is behind it answers. Where the way has changed meanwhile
// it cannot be placed.
func Loss(f *facts.Facts) []Finding {
	p := &f.Ping
	loss := p.Loss()
	if p.Received == 0 || loss <= 0 {
		return nil
	}
	d := Data{Addr: f.Dst, Percent: loss, Sent: p.Sent - p.Unsent, Got: p.Received}
	count := of(EchoCount, d)
	clean, bad := place(f.Path, loss)
	if len(f.Moved) > 0 { // hops were asked at other times than the target was
		clean, bad = nil, nil
	}
	e := []Evidence{count}
	for _, h := range []*facts.Hop{clean, bad} {
		if h != nil {
			e = append(e, of(HopLoss, Data{Hop: h.TTL, Addr: first(h), Sent: h.Sent, Got: h.Answered, Percent: h.Loss()}))
		}
	}
	switch {
	case clean == nil && bad == nil:
		return only(LossSome, Trouble, d, e...)
	case clean == nil:
		d.Hop, d.Addr = bad.TTL, first(bad)
		return only(LossFirst, Trouble, d, e...)
	case bad == nil:
		d.Hop, d.Other = clean.TTL, first(clean)
		return only(LossAtTarget, Trouble, d, e...)
	}
	d.Hop, d.Other, d.Last, d.Addr = clean.TTL, first(clean), bad.TTL, first(bad)
	return only(LossBetween, Trouble, d, e...)
}

// place returns the last gateway that loses clearly less than the target, and the
// next one that answers, which loses as much; nil: there is none.
func place(path []facts.Hop, loss float64) (clean, bad *facts.Hop) {
	n := len(path)
	if n == 0 || !path[n-1].Target {
		return nil, nil
	}
	for i := range path[:n-1] {
		h := &path[i]
		switch {
		case h.Answered == 0 || loss*float64(h.Sent) < leastLost*100:
		case h.Loss() < loss/2:
			clean, bad = h, nil
		case bad == nil && h.Loss() < likely*loss+10:
			bad = h
		}
	}
	return clean, bad
}

// likely is how many times the loss of the target a hop may have and still be
// taken to lose for the same reason, with ten percent allowed for chance.
const likely = 1.5

// A gateway limits its answers when so much more is lost of them than of what it
// passes on, and of so many probes at least.
const (
	limitShare  = 15.0
	limitProbes = 4
)

// Limits finds gateways that do not answer all probes, while what is behind them
// is answered: they limit how many errors they send, and lose nothing.
func Limits(f *facts.Facts) []Finding {
	if looping(f) {
		return nil
	}
	least := floor(f.Path, (*facts.Hop).Loss)
	var d Data
	var e []Evidence
	for i := range f.Path {
		h := &f.Path[i]
		if h.Target || h.Answered == 0 || h.Sent < limitProbes || i+1 == len(f.Path) {
			continue
		}
		if beyond := least[i+1]; h.Loss()-beyond >= limitShare {
			d.Hops = append(d.Hops, h.TTL)
			e = append(e, of(HopLoss, Data{Hop: h.TTL, Addr: first(h), Sent: h.Sent, Got: h.Answered, Percent: h.Loss()}))
		}
	}
	if len(e) == 0 {
		return nil
	}
	return only(Limited, Note, d, e...)
}

// SilentHops finds gateways that never answer, though somebody behind them does.
func SilentHops(f *facts.Facts) []Finding {
	var d Data
	if looping(f) {
		return nil
	}
	for i := range f.Path {
		if h := &f.Path[i]; h.Answered == 0 && h.Sent > 0 && i+1 < len(f.Path) {
			d.Hops = append(d.Hops, h.TTL)
		}
	}
	if len(d.Hops) == 0 {
		return nil
	}
	return only(Mute, Note, d)
}

// Duplicates finds replies that come more than once.
func Duplicates(f *facts.Facts) []Finding {
	p := &f.Ping
	if p.Duplicates == 0 {
		return nil
	}
	d := Data{Addr: f.Dst, Count: p.Duplicates, Got: p.Received, Sent: p.Sent - p.Unsent}
	return only(Doubled, Trouble, d, of(EchoCount, d))
}

// Damage finds replies with other data than was sent, or less.
func Damage(f *facts.Facts) (out []Finding) {
	p := &f.Ping
	if p.Altered > 0 {
		d := Data{Addr: f.Dst, Count: p.Altered, Got: p.Received, Size: p.AlteredAt}
		out = append(out, found(Altered, Trouble, d, of(AlteredWhere, d)))
	}
	if p.Truncated > 0 {
		out = append(out, found(Truncated, Trouble, Data{Addr: f.Dst, Count: p.Truncated, Got: p.Received}))
	}
	return out
}

// Order finds replies that overtake each other, and such as come late.
func Order(f *facts.Facts) []Finding {
	p := &f.Ping
	if p.Reordered == 0 {
		return nil
	}
	return only(Reordered, Trouble, Data{Addr: f.Dst, Count: p.Reordered, Got: p.Received})
}
