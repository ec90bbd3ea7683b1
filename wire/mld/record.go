package mld

import (
	"encoding/binary"
	"fmt"
	"iter"
	"net/netip"
	"strconv"

	"github.com/sonde-net/sonde/wire"
)

// RecordType says what a record tells (RFC 3810 §5.2.12).
type RecordType uint8

// The record types.
const (
	ModeIsInclude       RecordType = 1 // state: listens to these sources
	ModeIsExclude       RecordType = 2 // state: listens to all but these sources
	ChangeToIncludeMode RecordType = 3 // from now on listens to these sources; without sources: leaves
	ChangeToExcludeMode RecordType = 4 // from now on listens to all but these sources
	AllowNewSources     RecordType = 5 // listens to these sources too
	BlockOldSources     RecordType = 6 // no longer listens to these sources
)

var recordNames = [...]string{
	ModeIsInclude:       "mode is include",
	ModeIsExclude:       "mode is exclude",
	ChangeToIncludeMode: "change to include mode",
	ChangeToExcludeMode: "change to exclude mode",
	AllowNewSources:     "allow new sources",
	BlockOldSources:     "block old sources",
}

// String returns the RFC's name of the type, its number where it has none.
func (t RecordType) String() string {
	if t == 0 || int(t) >= len(recordNames) {
		return "record type " + strconv.Itoa(int(t))
	}
	return recordNames[t]
}

// Record is one record of a report (RFC 3810 §5.2): what a listener wants to
// hear of one group.
type Record struct {
	Type  RecordType
	Group netip.Addr // the multicast address
	// Sources are 16 octets each; read them with [Addrs], build them with
	// [AppendAddrs].
	Sources []byte
	Aux     []byte // auxiliary data, whole words of 4 octets; nothing uses them
}

// The sizes of a record, in octets.
const (
	recordLen  = 20 // its fixed part
	maxSources = 65535 * AddrLen
	maxAux     = 255 * wordLen
	wordLen    = 4
)

// lenOf returns the length of the record at the beginning of b, 0 when b does
// not hold all of it.
func lenOf(b []byte) int {
	if len(b) < recordLen {
		return 0
	}
	n := recordLen + int(binary.BigEndian.Uint16(b[2:4]))*AddrLen + int(b[1])*wordLen
	if n > len(b) {
		return 0
	}
	return n
}

// Split returns how many octets the first n records of b take; false when b
// does not hold as many.
func Split(b []byte, n int) (int, bool) {
	at := 0
	for range n {
		l := lenOf(b[at:])
		if l == 0 {
			return 0, false
		}
		at += l
	}
	return at, true
}

// Count returns how many records fill b; false when b ends inside one.
func Count(b []byte) (int, bool) {
	n := 0
	for ; len(b) > 0; n++ {
		l := lenOf(b)
		if l == 0 {
			return n, false
		}
		b = b[l:]
	}
	return n, true
}

// Records yields the records that fill b. Octets that are no whole record end it
// with a [*wire.ParseError], [wire.Short], at the octet where they begin.
func Records(b []byte) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for at := 0; at < len(b); {
			n := lenOf(b[at:])
			if n == 0 {
				yield(Record{}, &wire.ParseError{Type: "mld.Record", Offset: at, Reason: wire.Short})
				return
			}
			if !yield(decode(b[at:at+n]), nil) {
				return
			}
			at += n
		}
	}
}

// decode reads the record that fills b, whose length is right.
func decode(b []byte) Record {
	aux := len(b) - int(b[1])*wordLen
	return Record{
		Type: RecordType(b[0]), Group: netip.AddrFrom16([AddrLen]byte(b[4:recordLen])),
		Sources: b[recordLen:aux:aux], Aux: b[aux:len(b):len(b)],
	}
}

// Len returns how many octets AppendBinary appends.
func (r Record) Len() int { return recordLen + len(r.Sources) + len(r.Aux) }

// AppendBinary appends the record to the records of a report. A Group that is
// not IPv6, Sources that are not whole addresses and Aux that is not whole words
// are a [*wire.FieldError].
func (r Record) AppendBinary(b []byte) ([]byte, error) {
	switch {
	case !r.Group.Is6():
		return b, &wire.FieldError{Type: "mld.Record", Field: "Group", Want: "an IPv6 address"}
	case len(r.Sources)%AddrLen != 0:
		return b, &wire.FieldError{Type: "mld.Record", Field: "Sources", Want: "whole addresses of 16 octets"}
	case len(r.Sources) > maxSources:
		return b, &wire.FieldError{Type: "mld.Record", Field: "Sources", Value: len(r.Sources), Limit: maxSources}
	case len(r.Aux)%wordLen != 0:
		return b, &wire.FieldError{Type: "mld.Record", Field: "Aux", Want: "whole words of 4 octets"}
	case len(r.Aux) > maxAux:
		return b, &wire.FieldError{Type: "mld.Record", Field: "Aux", Value: len(r.Aux), Limit: maxAux}
	}
	n, group := len(r.Sources)/AddrLen, r.Group.As16()
	b = append(b, byte(r.Type), byte(len(r.Aux)/wordLen), byte(n>>8), byte(n))
	b = append(b, group[:]...)
	b = append(b, r.Sources...)
	return append(b, r.Aux...), nil
}

// String returns the record on one line, for people.
func (r Record) String() string {
	return fmt.Sprintf("%v, group %v, %d sources", r.Type, r.Group, len(r.Sources)/AddrLen)
}
