// Package explain says in words what an ICMP message says: with its own numbers,
// who said it, about which conversation, whether it is in order, and what to do
// about it, in English and in French.
//
//	e, err := explain.Message(octets, language.French, explain.How{})
//	if err != nil {
//		return err // no ICMP message, and at which octet that shows
//	}
//	fmt.Println(e.Title, e.Text.Means, e.Says)
//
// The octets may be a message, an IP packet or an Ethernet frame that holds one.
// What the kinds mean in general is in package catalogue, the sentences are in
// package words, and package octets makes octets of what people paste.
//
// Nothing here trusts the octets: whatever they are, the result is an
// explanation or an error, and its size is bounded by theirs. What is wrong with
// a message is part of its explanation (Faults), because that is what one wants
// to know of it.
//
// # Adding a message
//
// Its texts go into package catalogue. Its fields are a line in package field;
// what it says with its own numbers, a case in
// says4.go or says6.go with sentences in package words. The tests take the
// captures of internal/golden, which have every message: each octet must be in
// exactly one field.
package explain
