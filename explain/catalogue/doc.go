// Package catalogue says what every registered ICMP message means, in English
// and in French: in one sentence; who sends it; the usual causes; what to check
// next; what it means for security; and where it is defined.
//
// The texts are the files text/FAMILY.LANGUAGE.md, which read as documents of
// their own. A type is a heading "## 3 Destination unreachable", a code below it
// a heading "### 3/1 Host unreachable", and each of them is a list:
//
//   - rfc: RFC 792 p. 4; RFC 1122 §3.2.2.1
//   - alias: other names, by which it is found, separated by commas
//   - means: what it says, in a sentence
//   - from: who sends it
//   - cause: a usual cause
//   - check: `a command` and what it tells
//   - security: what to think of
//
// The order is that one; alias may be missing, cause and check may stand several
// times. The line rfc stands in the English file alone, for it is the same in
// every language. A code has its own means and cause; what else it does not
// have, it has from its type. In checks, {target} stands for the destination in
// question, {who} for whoever sent the message.
//
// Three headings are no numbers: "unassigned", "reserved" and "code" say what
// there is to say of types and codes that the registry does not know.
//
// # Adding a message
//
// Enter it in registry.csv of wire/icmp4 or wire/icmp6 and run go generate, then
// write its text in both files of its family. The tests fail until every type
// and code has its own text in every language, and tell which part is missing.
package catalogue
