//go:build amd64 && !purego

package checksum

// Scalar runs f without the vector unit.
func Scalar(f func()) {
	defer func(has bool) { hasAVX2 = has }(hasAVX2)
	hasAVX2 = false
	f()
}

// HasVector reports whether this machine takes the vector path at all.
func HasVector() bool { return hasAVX2 }

// SumLong returns how many octets of b the vector unit leaves to the rest.
func SumLong(b []byte) int {
	rest, _ := sumLong(b, 0)
	return len(rest)
}
