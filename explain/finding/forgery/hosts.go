package forgery

import (
	"fmt"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// hosts are those whose own datagrams the capture shows: what quotes something
// of theirs can be held to it.
type hosts struct{ seen *table.Table[struct{}] }

func newHosts(size int, seed uint64) hosts { return hosts{table.New[struct{}](size, seed)} }

// note takes down who has begun a flow of that protocol.
func (h hosts) note(s *conversation.Seen) {
	key := table.One(s.SrcAddr, uint64(s.Header.Proto))
	h.seen.Put(&key)
}

// talks reports whether the host was seen to send datagrams of the protocol.
func (h hosts) talks(a table.Addr, p ip.Proto) bool {
	key := table.One(a, uint64(p))
	return h.seen.Get(&key) != nil
}

// about says what a quote is of.
func about(q *quote.Quote) string {
	if q.Has(quote.Ports) {
		return fmt.Sprintf("%s %s:%d → %s:%d", q.Proto, q.Src, q.SrcPort, q.Dst, q.DstPort)
	}
	return fmt.Sprintf("%s %s → %s", q.Proto, q.Src, q.Dst)
}
