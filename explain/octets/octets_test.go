package octets_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/explain/octets"
)

const echo = "4500001c0001000040017cde7f0000017f0000010800f7fd00010001"

// TestDecode: what people paste.
func TestDecode(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"digits", echo, echo},
		{"upper case", strings.ToUpper(echo), echo},
		{"spaces", "45 00 00 1c\n00 01\t00 00", "4500001c00010000"},
		{"colons", "08:00:f7:fd", "0800f7fd"},
		{"0x", "0x0800f7fd", "0800f7fd"},
		{"each 0x", "0x08, 0x00, 0xf7, 0xfd", "0800f7fd"},
		{"escapes", `\x08\x00\xf7\xfd`, "0800f7fd"},
		{"dashes and dots", "08-00.f7-fd;", "0800f7fd"},
		{"xxd", "00000000: 4500 001c 0001 0000 4001 7cde 7f00 0001  E.......@.......\n00000010: 7f00 0001 0800 f7fd 0001 0001            ............\n", echo},
		{"hexdump -C", "00000000  45 00 00 1c 00 01 00 00  40 01 7c de 7f 00 00 01  |E.......@.......|\n00000010  7f 00 00 01 08 00 f7 fd  00 01 00 01              |............|\n0000001c\n", echo},
		{"hexdump", "0000000 0045 1c00 0100 0000 0140 de7c 007f 0100\n0000010 007f 0100 0008 fdf7 0100 0100          \n000001c\n", echo},
		{"hexdump of an odd number", "0000000 0008 00f7\n0000003\n", "0800f7"},
		{"hexdump that repeats", "0000000 0101 0101 0101 0101 0101 0101 0101 0101\n*\n0000030\n", strings.Repeat("01", 48)},
		{"tcpdump -x", "12:00:00.000000 IP 127.0.0.1 > 127.0.0.1: ICMP echo request, id 1, seq 1, length 8\n\t0x0000:  4500 001c 0001 0000 4001 7cde 7f00 0001\n\t0x0010:  7f00 0001 0800 f7fd 0001 0001\n", echo},
		{"tcpdump -X", "\t0x0000:  4500 001c 0001 0000 4001 7cde 7f00 0001  E.......@.......\r\n\t0x0010:  7f00 0001 0800 f7fd 0001 0001            ............\r\n", echo},
		{"Wireshark", "0000   45 00 00 1c 00 01 00 00 40 01 7c de 7f 00 00 01   E.......@.......\n0010   7f 00 00 01 08 00 f7 fd 00 01 00 01               ............\n", echo},
		{"a wide space in the middle", "0000  45 00 00 1c 00 01 00 00  40 01 7c de 7f 00 00 01   E.......\n0010  7f 00 00 01 08 00 f7 fd  00 01 00 01               ab cd\n", echo},
		{"characters like digits", "00000000: 4500 001c  abcd\n", "4500001c"},
		{"bars among characters", "00000000: 4500 7c7c  E.||\n00000004: 2020 7c7c    ||\n00000008: 7c20  | |\n", "45007c7c20207c7c7c20"},
		{"text behind", "00000000: 4500 001c  E...\n1 packet captured\n", "4500001c"},
		{"repeats of hexdump -C", "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000020  01 02                                             |..|\n", strings.Repeat("00", 32) + "0102"},
		{"base64", "RQAAHAABAABAAXzefwAAAX8AAAEIAPf9AAEAAQ==", echo},
		{"base64 without padding", "RQAAHAABAABAAXzefwAAAX8AAAEIAPf9AAEAAQ", echo},
		{"base64 of URLs, in lines", "-_8A\n-_8B", "fbff00fbff01"},
	} {
		b, err := octets.Decode(tt.text)
		if got := hex.EncodeToString(b); err != nil || got != tt.want {
			t.Errorf("%s: %v\n got %s\nwant %s", tt.name, err, got, tt.want)
		}
	}
}

// TestErrors: where it is wrong, and why.
func TestErrors(t *testing.T) {
	long := strings.Repeat("00", octets.MaxLen)
	for _, tt := range []struct{ text, want string }{
		{"", "column 1: there are no octets"},
		{" \n", "column 1: there are no octets"},
		{"080", "column 4: half an octet: there are 3 hexadecimal digits"},
		{"08 0 00", "column 5: half an octet: an octet has two hexadecimal digits"},
		{"08 00\n0g 00", `line 2, column 2: 'g' is no hexadecimal digit`},
		{"08 é0", `column 4: 'é' is no hexadecimal digit`},
		{"00000000: 45zz", "column 13: no hexadecimal digits"},
		{"00000000: 450", "column 13: no hexadecimal digits"},
		{"00000000: 4500 001c\n00000010: 00", "line 2, column 1: the offset is 0x10, but 0x4 octets went before"},
		{"00000000: 4500 001c\n00000000: 00", "line 2, column 1: a second packet begins here: give one at a time"},
		{"x\n00000000: 4500\ny\n00000000: 00", "line 4, column 1: a second packet begins here: give one at a time"},
		{"00000000: 4500\n99999999: 00", "line 2, column 1: the offset is over the limit of 131072 octets"},
		{"00000000: 4500\n*\nx", "line 3, column 1: no line of a dump"},
		{"00000000: 4500\n*\n00000003: 00", "line 3, column 1: the repeated lines do not end at offset 0x3"},
		{long + "00", "column 262146: more than 131072 octets"},
	} {
		b, err := octets.Decode(tt.text)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%.40q: %d octets\n got %v\nwant %s", tt.text, len(b), err, tt.want)
		}
	}
	if b, err := octets.Decode(long); err != nil || len(b) != octets.MaxLen {
		t.Errorf("the limit itself: %d octets, %v", len(b), err)
	}
	for _, s := range []string{"", "a", "!", "====", "ab=c", "RQAAHAA", "RQAA HAAB", "RQAAHAABA", "RQAA!AAB"} {
		if b, ok := octets.Base64(s); ok {
			t.Errorf("%q is base64: %x", s, b)
		}
	}
}

// FuzzDecode: no text makes it panic, or more octets than the limit.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{echo, "0000000 0045\n*\n0000020\n", "00000000: 4500  E.\n*\n00000010: 00", "0x0000:  4500\n", "RQAA", "\\x08"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, err := octets.Decode(s)
		if (err == nil) != (len(b) > 0) && err != nil {
			t.Errorf("%d octets and %v", len(b), err)
		}
		if len(b) > octets.MaxLen {
			t.Errorf("%d octets", len(b))
		}
	})
}
