package sock

import (
	"time"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/probe"
)

type ledger struct{}

func (c *Conn) sendPlain(f *family, tx *probe.Transmit, payload []byte) (int, error) {
	return 0, f.denied
}
func (c *Conn) wrap(s *socket, port uint16)                             {}
func (c *Conn) fault(s *socket, i int, now time.Time, to link.Receiver) {}
