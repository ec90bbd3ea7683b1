//go:build !amd64 || purego

package checksum

import "math"

// vectorMin is longer than any slice: there is no vector unit to call.
const vectorMin = math.MaxInt

func sumLong(b []byte, acc uint64) ([]byte, uint64) { return b, acc }
