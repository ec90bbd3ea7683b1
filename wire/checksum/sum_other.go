//go:build !amd64 || purego

package checksum

import "math/bits"

// vectorMin is beyond any slice: there is no vector unit to call.
const vectorMin = 1<<(bits.UintSize-1) - 1

func sumLong(b []byte, acc uint64) ([]byte, uint64) { return b, acc }
