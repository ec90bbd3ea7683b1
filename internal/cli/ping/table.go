package ping

import (
	"strings"

	"github.com/sonde-net/sonde/internal/cli/ping/wording"
)

// table prints a line for each host, in the manner of fping.
func (c *classic) table() {
	wide := 0
	for i := range c.hosts {
		wide = max(wide, len(c.hosts[i].shown))
	}
	for i := range c.hosts {
		h, st := &c.hosts[i], c.s.Stats(i)
		loss := 0
		if st.Sent > 0 {
			loss = (st.Sent - st.Received) * 100 / st.Sent
		}
		c.printf("%s%s : xmt/rcv/%%loss = %d/%d/%d%%", h.shown, strings.Repeat(" ", wide-len(h.shown)), st.Sent, st.Received, loss)
		if st.Received > 0 {
			c.printf(", min/avg/max = %s/%s/%s", wording.Time(st.RTT.Min()), wording.Time(st.RTT.Avg()), wording.Time(st.RTT.Max()))
			if p := st.Percentiles; p != nil {
				c.printf(", p50/p90/p99 = %s/%s/%s", wording.Time(p.Percentile(50)), wording.Time(p.Percentile(90)), wording.Time(p.Percentile(99)))
			}
		}
		c.printf("\n")
	}
}
