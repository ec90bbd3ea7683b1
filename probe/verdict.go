package probe

import "github.com/sonde-net/sonde/probe/event"

// What a prober thinks of arrivals, and what it has counted, are told, too.
type (
	Verdict  = event.Verdict
	Counters = event.Counters
)

// The verdicts.
const (
	Credited    = event.Credited
	Unrelated   = event.Unrelated
	Malformed   = event.Malformed
	BadChecksum = event.BadChecksum
	NotInFlight = event.NotInFlight
	WrongTarget = event.WrongTarget
	WrongCode   = event.WrongCode
	WrongCookie = event.WrongCookie
	WrongQuote  = event.WrongQuote
	ShortQuote  = event.ShortQuote
	OffLink     = event.OffLink
)

// Verdicts returns all verdicts in their order.
func Verdicts() []Verdict { return event.Verdicts() }

// Counters returns the counters as they are.
func (p *Prober) Counters() Counters {
	c := p.counts
	c.Lost = p.events.Lost
	return c
}
