package ping

import (
	"encoding/json"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/internal/cli/ping/wording"
	engine "github.com/sonde-net/sonde/probe/ping"
)

// lines prints results as JSON, one object a line.
type lines struct {
	*session
	enc *json.Encoder
}

func (l *lines) begin() { l.enc = json.NewEncoder(l.buf) }

// line is a result, and of whom.
type line struct {
	Host    string     `json:"host"`
	Address netip.Addr `json:"address"`
	Name    string     `json:"name,omitzero"` // of who answered
	Text    string     `json:"text,omitzero"` // what an error says, in the words of ping
	*engine.Result
}

func (l *lines) result(r *engine.Result) {
	h := &l.hosts[r.Target]
	h.count(r)
	if l.o.quiet || r.Kind == engine.Sent {
		return
	}
	x := line{Host: h.shown, Address: h.Who(), Result: r}
	if r.From.IsValid() && !h.numeric {
		x.Name = l.known(r.From)
	}
	if r.Claim.Present {
		x.Text = wording.Sentence(&r.Claim, r.Claim.Gateway.String())
	}
	l.encode(x)
}

func (l *lines) encode(x any) {
	if err := l.enc.Encode(x); err != nil && l.broken == nil {
		l.broken = err
	}
}

// summary is what came of one host.
type summary struct {
	Event      string        `json:"event"` // "summary"
	Host       string        `json:"host"`
	Address    netip.Addr    `json:"address"`
	Target     int           `json:"target"`
	Reached    bool          `json:"reached"`
	Sent       int           `json:"sent"`
	Received   int           `json:"received"`
	Duplicates int           `json:"duplicates"`
	Errors     int           `json:"errors"`
	Unsent     int           `json:"unsent"`
	Late       int           `json:"late"`
	Reordered  int           `json:"reordered"`
	Truncated  int           `json:"truncated"`
	Altered    int           `json:"altered"`
	Loss       float64       `json:"loss_percent"`
	Time       time.Duration `json:"time_ns"`
	Pipe       int           `json:"pipe"`
	Min        time.Duration `json:"rtt_min_ns,omitzero"`
	Avg        time.Duration `json:"rtt_avg_ns,omitzero"`
	Max        time.Duration `json:"rtt_max_ns,omitzero"`
	Mdev       time.Duration `json:"rtt_mdev_ns,omitzero"`
	EWMA       time.Duration `json:"rtt_ewma_ns,omitzero"`
	P50        time.Duration `json:"rtt_p50_ns,omitzero"`
	P90        time.Duration `json:"rtt_p90_ns,omitzero"`
	P99        time.Duration `json:"rtt_p99_ns,omitzero"`
}

func (l *lines) end() {
	for i := range l.hosts {
		h, st := &l.hosts[i], l.s.Stats(i)
		x := summary{
			Event: "summary", Host: h.shown, Address: h.Who(), Target: i, Reached: l.s.Reached(i),
			Sent: st.Sent, Received: st.Received, Duplicates: st.Duplicates, Errors: st.Errors + h.tooLong, Unsent: st.Unsent,
			Late: st.Late, Reordered: st.Reordered, Truncated: st.Truncated, Altered: st.Altered,
			Loss: st.Loss(), Time: st.Elapsed(), Pipe: st.Pipe,
			Min: st.RTT.Min(), Avg: st.RTT.Avg(), Max: st.RTT.Max(), Mdev: st.RTT.Mdev(), EWMA: st.RTT.EWMA(),
		}
		if p := st.Percentiles; p != nil {
			x.P50, x.P90, x.P99 = p.Percentile(50), p.Percentile(90), p.Percentile(99)
		}
		l.encode(x)
	}
}
