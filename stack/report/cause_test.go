package report_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// TestCause: every cause has words, a rule that exists, and a message in one
// family at least, which reads back as a cause of the same message.
func TestCause(t *testing.T) {
	words := map[string]report.Cause{}
	for c := report.NoRoute; c <= report.TooManyHeaders; c++ {
		if other, twice := words[c.String()]; c.String() == "no cause" || twice {
			t.Errorf("cause %d is %q like %d", c, c.String(), other)
		}
		words[c.String()] = c
		conform.Row(t, c.Rule())
		k4, in4 := c.Kind4()
		k6, in6 := c.Kind6()
		if !in4 && !in6 {
			t.Errorf("%v: no message", c)
		}
		if in4 {
			if back, ok := report.Cause4(k4); !ok || back != c {
				t.Errorf("%v: %v reads back as %v", c, k4, back)
			}
		}
		if in6 {
			back, ok := report.Cause6(k6)
			if kk, _ := back.Kind6(); !ok || kk != k6 || back > c {
				t.Errorf("%v: %v reads back as %v", c, k6, back)
			}
		}
	}
	for _, c := range []report.Cause{0, report.TooManyHeaders + 1, 255} {
		_, in4 := c.Kind4()
		_, in6 := c.Kind6()
		if c.String() != "no cause" || c.Rule() != "" || in4 || in6 {
			t.Errorf("cause %d: %q", c, c.String())
		}
	}
}

func TestCauseOfKind(t *testing.T) {
	for k, want := range map[icmp4.Kind]report.Cause{
		{Type: 3, Code: 0}: report.NoRoute, {Type: 3, Code: 1}: report.HostUnreachable, {Type: 3, Code: 2}: report.ProtocolUnreachable,
		{Type: 3, Code: 3}: report.PortUnreachable, {Type: 3, Code: 4}: report.TooBig, {Type: 3, Code: 5}: report.SourceRouteFailed,
		{Type: 3, Code: 6}: report.NetUnknown, {Type: 3, Code: 7}: report.HostUnknown, {Type: 3, Code: 8}: report.NoRoute,
		{Type: 3, Code: 9}: report.NetProhibited, {Type: 3, Code: 10}: report.HostProhibited, {Type: 3, Code: 11}: report.NetTOS,
		{Type: 3, Code: 12}: report.HostTOS, {Type: 3, Code: 13}: report.AdminProhibited, {Type: 3, Code: 14}: report.HostPrecedence,
		{Type: 3, Code: 15}: report.PrecedenceCutoff, {Type: 3, Code: 16}: 0, {Type: 4}: report.Quench,
		{Type: 5, Code: 0}: report.RedirectHost, {Type: 5, Code: 1}: report.RedirectHost, {Type: 5, Code: 2}: report.RedirectTOSHost, {Type: 5, Code: 3}: report.RedirectTOSHost,
		{Type: 11, Code: 0}: report.TTLExceeded, {Type: 11, Code: 1}: report.ReassemblyTimeout,
		{Type: 12, Code: 0}: report.BadField, {Type: 12, Code: 1}: report.MissingOption, {Type: 12, Code: 2}: report.BadLength,
		{Type: 8}: 0, {Type: 0}: 0,
	} {
		if got, ok := report.Cause4(k); got != want || ok != (want != 0) {
			t.Errorf("%v: %v, %v, want %v", k, got, ok, want)
		}
	}
	for k, want := range map[icmp6.Kind]report.Cause{
		{Type: 1, Code: 0}: report.NoRoute, {Type: 1, Code: 1}: report.NetProhibited, {Type: 1, Code: 2}: report.BeyondScope,
		{Type: 1, Code: 3}: report.HostUnreachable, {Type: 1, Code: 4}: report.PortUnreachable, {Type: 1, Code: 5}: report.SourcePolicy,
		{Type: 1, Code: 6}: report.RejectRoute, {Type: 2, Code: 0}: report.TooBig, {Type: 2, Code: 9}: report.TooBig,
		{Type: 3, Code: 0}: report.TTLExceeded, {Type: 3, Code: 1}: report.ReassemblyTimeout, {Type: 4, Code: 0}: report.BadField,
		{Type: 4, Code: 1}: report.ProtocolUnreachable, {Type: 4, Code: 2}: report.BadOption, {Type: 4, Code: 3}: report.IncompleteChain,
		{Type: 128}: 0, {Type: 0}: 0, {Type: 1, Code: 200}: 0,
	} {
		if got, ok := report.Cause6(k); got != want || ok != (want != 0) {
			t.Errorf("%v: %v, %v, want %v", k, got, ok, want)
		}
	}
}
