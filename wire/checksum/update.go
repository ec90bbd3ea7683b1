package checksum

// Update returns the checksum field that stood at check after one 16-bit word
// under it has changed from old to new: HC' = ~(~HC + ~m + m') of RFC 1624 §3,
// the form that gives 0x0000 where RFC 1141's gave 0xffff. It cannot see the
// other words: when all of them are zero and new is too, as in an empty echo
// reply, the checksum is 0xffff, and Update returns 0x0000.
func Update(check, old, new uint16) uint16 {
	return ^fold(uint64(^check) + uint64(^old) + uint64(new))
}

// Update32 is [Update] for two neighbouring words at an even offset, an IPv4
// address for one.
func Update32(check uint16, old, new uint32) uint16 {
	return ^fold(uint64(^check) + uint64(^old) + uint64(new))
}
