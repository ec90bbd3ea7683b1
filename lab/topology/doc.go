// Package topology is the file that describes a laboratory: links, nodes, their
// manners, names and owners of addresses, and what is to happen. It is YAML;
// docs/topology.md describes every key.
//
//	t, err := topology.Parse("triangle.yaml", text)
//
// The file is read strictly. A key that nobody knows, a value out of its range,
// a link that does not exist, an address that two nodes have, a next hop that is
// nobody's: each is an [Error] with file, line and column that says what was
// expected, and all of them are told at once ([Errors]). Anchors, aliases and
// tags are refused, so what is read is never larger than what was written.
//
// Parse is pure. [Load] reads a file.
package topology
