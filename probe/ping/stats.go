package ping

import (
	"log/slog"
	"time"

	"github.com/sonde-net/sonde/probe/stats"
)

// Stats is what has come of the probes to one target.
type Stats struct {
	Sent       int // handed over, those included that could not be sent
	Received   int // first replies, late ones included
	Duplicates int // further ones
	Errors     int
	Unsent     int // of those sent
	Late       int // of those received
	Reordered  int // likewise
	Truncated  int // of all replies
	Altered    int // likewise

	RTT stats.RTT // of all replies, duplicates included
	// Percentiles is a histogram of the same; nil without [Config.Percentiles].
	Percentiles *stats.Histogram
	Pipe        int // most probes that were on their way at once, 0 without a reply

	Began time.Time // when the first probe was handed over
	Last  time.Time // … and the latest
}

// Loss returns how much did not come back, in percent.
func (s *Stats) Loss() float64 { return stats.Loss(s.Sent, s.Received) }

// Elapsed returns the time from the first probe to the latest.
func (s *Stats) Elapsed() time.Duration { return s.Last.Sub(s.Began) }

// Gap returns the average time between two probes; 0 when there were not two.
func (s *Stats) Gap() time.Duration {
	if s.Sent < 2 {
		return 0
	}
	return s.Elapsed() / time.Duration(s.Sent-1)
}

// LogValue implements [slog.LogValuer].
func (s *Stats) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("sent", s.Sent), slog.Int("received", s.Received), slog.Int("duplicates", s.Duplicates),
		slog.Int("errors", s.Errors), slog.Float64("loss", s.Loss()), slog.Any("rtt", s.RTT))
}
