package listen_test

import (
	"bytes"
	"fmt"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/listen"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/link/capture"
)

// A capture is read: who answers whom after how long, and what there is to be
// found in it. Here the laboratory makes the capture; capture.Open reads a file.
func Example() {
	t, err := scenario.Load("attack-flood")
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if _, err := scenario.Run(t, new(narration.Items), scenario.Options{Capture: &file}); err != nil {
		fmt.Println(err)
		return
	}

	r, err := capture.NewReader(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	l, err := listen.New(listen.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	answered := 0
	for p, err := range r.All() {
		if err != nil {
			fmt.Println(err) // what came before it is good
			break
		}
		l.Packet(p, func(s *conversation.Seen) {
			if s.ICMP && s.Relation == conversation.Answers {
				answered++
			}
		})
	}
	l.Close()
	sum := l.Summary(10)
	fmt.Println(sum.Frames.Read, "packets,", answered, "requests answered")
	for _, f := range sum.Findings {
		fmt.Println(f.Kind.In(language.English).Title, "from", f.From, "to", f.To, "with", f.Count, "packets")
	}
	// Output:
	// 6090 packets, 1070 requests answered
	// echo flood from 10.0.0.7 to 10.0.0.1 with 1000 packets
	// echo flood from 10.0.0.7 to 10.0.0.2 with 1000 packets
}
