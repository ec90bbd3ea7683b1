package listen

import "golang.org/x/text/language"

// words are those of the lines and the summary, in one language.
type words struct {
	colon, octets, id, seq, mtu, gateway, target string
	answers, answersToo, duplicate, unsolicited  string // number and time, or nothing
	repeated, causedBy, after, altered           string
	about, notSeen, unknown, seenBefore, wrong   string
	partOf, fragments                            string
	faults                                       [6]string

	datagrams, messages, took                      string
	kernel, missed                                 string
	kinds, talkers, troubles, pairs, times         string
	findings, none                                 string
	sent, received                                 string
	asked, replied, unanswered, errors             string
	repeats, duplicates, strays, changed           string
	others                                         string
	min, median, p95, max                          string
	notIP, unknownLink, fragmented, cut, malformed string
	meaning, counter, packets, omitted             string
	rate, forgotten, first                         string
	comma                                          byte
	semi, packet, datagram, message                string
}

var english = words{
	colon:  ": ",
	octets: " octets", id: "id ", seq: " seq ", mtu: ", MTU ", gateway: ", by ", target: ", for ",
	answers: "answers ", answersToo: "answers, too, ", duplicate: "answers again ", unsolicited: "no request was seen",
	repeated: "repeats ", causedBy: ", packet ", after: " after ", altered: ", with other data",
	about: "about ", notSeen: ", but no such datagram was seen", unknown: ", of an unknown conversation", seenBefore: "the same as ",
	wrong: "wrong: ", partOf: "part of: ", fragments: "fragments in packets ",
	faults: [6]string{"header checksum", "checksum", "length", "too short", "cut by the capture", "not IP"},

	datagrams: "datagrams", messages: "ICMP messages", took: "in ", kernel: "dropped by the kernel", missed: "lost by the interface before that",
	kinds: "Types and codes", talkers: "Talkers", troubles: "Conversations with trouble", pairs: "Requests without a good answer",
	times: "Response times", findings: "Findings", none: "none",
	sent: "sent", received: "received", asked: "asked", replied: "answered", unanswered: "unanswered", errors: "errors",
	repeats: "repeated", duplicates: "duplicates", strays: "not asked for", changed: "altered",
	others: " and others", min: "min", median: "median", p95: "95 %", max: "max",
	notIP: "not IP", unknownLink: "of a link type that is not known", fragmented: "fragments", cut: "cut", malformed: "malformed",
	meaning: "What it is: ", counter: "What to do: ", packets: "packets", omitted: "more, not listed",
	rate: " a second", forgotten: "conversations forgotten for want of room", first: "first error in packet ",
	comma: '.', semi: "; ", packet: "packet", datagram: "datagram", message: "ICMP message",
}

func wordsIn(lang language.Tag) *words {
	if base, _ := lang.Base(); base.String() == "fr" {
		return &french
	}
	return &english
}
