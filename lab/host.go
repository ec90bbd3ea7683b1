package lab

import (
	"time"

	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/wire/ip"
)

// service is a UDP port with somebody behind it.
type service struct {
	socket *endpoint.UDP
	echo   bool
}

// upper makes the layer above a node: an endpoint with what the topology has
// listening, or what the options make.
func (n *Network) upper(t *topology.Node, h *Host, o Options) (stack.Upper, error) {
	if o.Upper != nil {
		if u := o.Upper(h); u != nil {
			h.ticker, _ = u.(endpoint.Ticker)
			return u, nil
		}
	}
	e, err := endpoint.New(endpoint.Config{
		Seed: n.diceFor("endpoint", t.Name).Uint64(), Credulous: t.Credulous,
	})
	if err != nil {
		return nil, err
	}
	h.TCP, err = tcpstub.New(tcpstub.Config{Seed: n.diceFor("tcp", t.Name).Uint64(), Credulous: t.Credulous})
	if err != nil {
		return nil, err
	}
	e.Handle(ip.ProtoTCP, h.TCP)
	for _, l := range t.Listen {
		if l.TCP != 0 {
			if err := h.TCP.Listen(l.TCP, int64(l.Rate)/8); err != nil {
				return nil, err
			}
			continue
		}
		s, err := e.Listen(l.UDP)
		if err != nil {
			return nil, err
		}
		h.services = append(h.services, service{s, l.Answer == "echo"})
	}
	h.Endpoint, h.ticker = e, e
	return e, nil
}

// privileged is where the ports of services end. What comes from one is not
// echoed, or two echo services would never stop.
const privileged = 1024

// work lets the layer above the node do what is due, and the services answer.
func (h *Host) work(now time.Time) {
	if h.ticker != nil {
		h.ticker.Tick(now)
	}
	for _, s := range h.services {
		for {
			d, ok := s.socket.Receive()
			if !ok {
				break
			}
			if s.echo && !d.Group && d.Src.Port() >= privileged {
				// What cannot be sent back is lost, as all of UDP may be.
				_ = s.socket.SendTo(now, d.Src, d.Payload, endpoint.Options{Src: d.Dst.Addr()})
			}
		}
		for ok := true; ok; {
			_, ok = s.socket.NextTrouble()
		}
	}
}

// deadline is when the host has something to do by itself.
func (h *Host) deadline() time.Time {
	t := h.Node.Deadline()
	if h.ticker == nil {
		return t
	}
	if u := h.ticker.Deadline(); t.IsZero() || !u.IsZero() && u.Before(t) {
		return u
	}
	return t
}
