package sweep

import (
	encoding "encoding/json"
	"time"

	"github.com/sonde-net/sonde/campaign"
	"github.com/sonde-net/sonde/probe/sweep"
)

// summary is the last line of JSON.
type summary struct {
	Result   string        `json:"result"` // "summary"
	Engine   string        `json:"engine"`
	Seed     uint64        `json:"seed"`
	Position uint64        `json:"position"`
	Size     uint64        `json:"size"`
	Elapsed  time.Duration `json:"elapsed_ns"`
	Sending  time.Duration `json:"sending_ns"`
	Dropped  uint64        `json:"dropped"`
	sweep.Counters
}

func appendSummary(b []byte, j *campaign.Job, c *sweep.Counters, dropped uint64) []byte {
	x := summary{
		Result: "summary", Engine: j.Engine(), Seed: j.Seed(), Elapsed: j.Elapsed(), Sending: j.Sending(),
		Dropped: dropped, Counters: *c,
	}
	x.Position, x.Size = j.Position()
	line, err := encoding.Marshal(&x)
	if err != nil {
		panic(err) // it has nothing that could fail
	}
	return append(append(b, line...), '\n')
}
