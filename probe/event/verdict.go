package event

import "strconv"

// Verdict is what a prober thinks of an arrival (P-01).
type Verdict uint8

// The verdicts. All but Credited are counted, and nothing else.
const (
	Credited    Verdict = iota // it is a reply to a probe, or an error about one; there is an event
	Unrelated                  // no identifier, port or quote of ours
	Malformed                  // no message, or an error that quotes nothing
	BadChecksum                // the checksum does not hold
	NotInFlight                // ours by identifier or port, and nothing in flight fits: number, source, checksum of a quote
	WrongTarget                // sent to another address than the probe came from, or from one that nobody has
	WrongCode                  // a reply with a code that replies do not have
	WrongCookie                // other data, originate timestamp or acknowledgment number than the probe had, or less of it
	WrongQuote                 // an error that quotes a header which is not the probe's
	ShortQuote                 // an error that does not quote enough to tell
	OffLink                    // a router advertisement that has come from beyond the link
	numVerdicts
)

var verdicts = [numVerdicts]string{
	"credited", "unrelated", "malformed", "bad checksum", "not in flight", "wrong target", "wrong code",
	"wrong cookie", "wrong quote", "short quote", "off link",
}

// String returns the verdict in words.
func (v Verdict) String() string {
	if v < numVerdicts {
		return verdicts[v]
	}
	return "verdict " + strconv.Itoa(int(v))
}

// Verdicts returns all verdicts in their order.
func Verdicts() []Verdict {
	out := make([]Verdict, numVerdicts)
	for i := range out {
		out[i] = Verdict(i)
	}
	return out
}

// Counters count what a prober has done. An arrival is counted under its
// verdict and, when it is credited, under what it was.
type Counters struct {
	Sent       uint64 // probes that have left
	Unsent     uint64 // … that could not
	Replies    uint64 // first replies in time
	Errors     uint64 // first errors in time
	Advice     uint64 // redirects and source quenches
	Late       uint64 // after the timeout
	Duplicates uint64 // after another
	Timeouts   uint64
	Rewritten  uint64 // errors that quote a probe under another header; they count as not credited, too
	Lost       uint64 // events that nobody read in time
	Arrivals   [numVerdicts]uint64
}
