//go:build !amd64 || purego

package checksum

// Scalar runs f, for there is no vector unit here.
func Scalar(f func()) { f() }

// HasVector reports whether this machine takes the vector path at all.
func HasVector() bool { return false }
