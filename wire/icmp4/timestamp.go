package icmp4

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/sonde-net/sonde/wire/option"
)

const timestampLen = 20 // octets

// Timestamp is a time as [TimestampMessage] carries it: milliseconds since
// midnight UT, or, where the top bit is set, anything else (RFC 792 p. 16). It
// is the stamp of the timestamp option too.
type Timestamp = option.Stamp

// TimestampOf returns the standard timestamp of t, what is less than a
// millisecond cut off.
func TimestampOf(t time.Time) Timestamp { return option.StampOf(t) }

// TimestampAt returns the standard timestamp of a time of day, d after midnight
// UT; see [option.StampAt].
func TimestampAt(d time.Duration) Timestamp { return option.StampAt(d) }

// NonStandard returns the timestamp of a host without a clock that knows
// midnight UT: the lower 31 bits of v, marked as what they are.
func NonStandard(v uint32) Timestamp { return option.NonStandard(v) }

// TimestampMessage is timestamp 13 and timestamp reply 14 (RFC 792 p. 16). The
// asker fills in Originate, the answerer Receive and Transmit.
type TimestampMessage struct {
	Reply     bool
	Code      Code // 0; kept as it came
	ID        uint16
	Seq       uint16
	Originate Timestamp // when the asker last touched the request
	Receive   Timestamp // when the answerer first touched it
	Transmit  Timestamp // when the answerer last touched the reply
	Trailing  []byte    // what stands behind; kept as it came

	zero
}

// ParseTimestampMessage reads a timestamp request or reply that fills b,
// checksum verified.
func ParseTimestampMessage(b []byte) (TimestampMessage, error) {
	return verified(b, DecodeTimestampMessage)
}

// DecodeTimestampMessage is [ParseTimestampMessage] without the checksum.
func DecodeTimestampMessage(b []byte) (TimestampMessage, error) {
	if err := check("icmp4.TimestampMessage", b, timestampLen, TypeTimestampRequest, TypeTimestampReply); err != nil {
		return TimestampMessage{}, err
	}
	return TimestampMessage{
		Reply:     Type(b[0]) == TypeTimestampReply,
		Code:      Code(b[1]),
		ID:        binary.BigEndian.Uint16(b[4:6]),
		Seq:       binary.BigEndian.Uint16(b[6:8]),
		Originate: Timestamp(binary.BigEndian.Uint32(b[8:12])),
		Receive:   Timestamp(binary.BigEndian.Uint32(b[12:16])),
		Transmit:  Timestamp(binary.BigEndian.Uint32(b[16:20])),
		Trailing:  b[timestampLen:],
		zero:      readZero(b),
	}, nil
}

// Kind implements [Message].
func (m TimestampMessage) Kind() Kind {
	if m.Reply {
		return Kind{TypeTimestampReply, m.Code}
	}
	return Kind{TypeTimestampRequest, m.Code}
}

// Len implements [Message].
func (m TimestampMessage) Len() int { return timestampLen + len(m.Trailing) }

// AppendBinary implements [Message].
func (m TimestampMessage) AppendBinary(b []byte) ([]byte, error) {
	if n := len(m.Trailing); n > MaxLen-timestampLen {
		return b, tooLong("icmp4.TimestampMessage", "Trailing", n, MaxLen-timestampLen)
	}
	start, k := len(b), m.Kind()
	b = append(b, byte(k.Type), byte(k.Code), 0, 0, byte(m.ID>>8), byte(m.ID), byte(m.Seq>>8), byte(m.Seq))
	b = binary.BigEndian.AppendUint32(b, uint32(m.Originate))
	b = binary.BigEndian.AppendUint32(b, uint32(m.Receive))
	b = binary.BigEndian.AppendUint32(b, uint32(m.Transmit))
	b = append(b, m.Trailing...)
	return m.zero.seal(b, start), nil
}

// String implements [Message].
func (m TimestampMessage) String() string {
	return fmt.Sprintf("%v, id %d, seq %d, originate %v, receive %v, transmit %v",
		m.Kind(), m.ID, m.Seq, m.Originate, m.Receive, m.Transmit)
}
